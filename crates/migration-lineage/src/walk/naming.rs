//! What a column is called that was given no name: by the rules of each engine, as a view or a new table shows it.

use migration_syntax::Dialect;
use sqlparser::ast::{self, Expr, SetExpr};

use crate::name::Ident;
use crate::secrets::mask_secrets;

/// The name of an unnamed item of a select list; none for PostgreSQL's `?column?`.
///
/// PostgreSQL takes the innermost column, function or type; SQLite and MySQL the text, which differs in blanks from what was
/// written here.
pub(crate) fn column_name(expr: &Expr, dialect: Dialect) -> Option<Ident> {
    match expr {
        Expr::Identifier(name) => Some(Ident::of(name, dialect)),
        Expr::CompoundIdentifier(parts) => parts.last().map(|name| Ident::of(name, dialect)),
        Expr::Nested(inner) if dialect != Dialect::Sqlite || is_column(inner) => column_name(inner, dialect),
        _ if dialect == Dialect::Postgres => postgres(expr),
        // MySQL calls a string by what it says.
        Expr::Value(value) if dialect == Dialect::Mysql && is_string(&value.value) => {
            value.value.clone().into_string().map(|text| Ident::new(&text, true, dialect))
        }
        _ => short_text(expr, dialect),
    }
}

fn is_column(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

fn is_string(value: &ast::Value) -> bool {
    matches!(value, ast::Value::SingleQuotedString(_) | ast::Value::DoubleQuotedString(_))
}

/// A chain of operators can be too deep to be written out, and is no name anyway.
fn short_text(expr: &Expr, dialect: Dialect) -> Option<Ident> {
    if let Expr::BinaryOp { left, .. } = expr {
        let mut next = left;
        for _ in 0..16 {
            let Expr::BinaryOp { left, .. } = &**next else {
                return Some(text_of(expr, dialect));
            };
            next = left;
        }
        return None;
    }
    Some(text_of(expr, dialect))
}

/// The text, but for secrets: names are shown to everybody.
fn text_of(expr: &Expr, dialect: Dialect) -> Ident {
    Ident::new(&mask_secrets(&expr.to_string(), dialect), true, dialect)
}

fn postgres(expr: &Expr) -> Option<Ident> {
    let own = |text: &str| Some(Ident::new(text, true, Dialect::Postgres));
    match expr {
        Expr::Function(function) => match function.name.0.last()? {
            ast::ObjectNamePart::Identifier(name) => Some(Ident::of(name, Dialect::Postgres)),
            ast::ObjectNamePart::Function(_) => None,
        },
        Expr::Cast { expr, data_type, .. } => inner(expr).or_else(|| own(&type_name(data_type))),
        Expr::Case { else_result, .. } => match else_result {
            Some(other) => inner(other).or_else(|| own("case")),
            None => own("case"),
        },
        Expr::Collate { expr, .. } => inner(expr),
        Expr::CompoundFieldAccess { root, access_chain } => access_chain
            .iter()
            .rev()
            .find_map(|access| match access {
                ast::AccessExpr::Dot(Expr::Identifier(name)) => Some(Ident::of(name, Dialect::Postgres)),
                _ => None,
            })
            .or_else(|| inner(root)),
        // `NOT EXISTS` is a negation, which has no name.
        Expr::Exists { negated: false, .. } => own("exists"),
        Expr::Array(_) => own("array"),
        Expr::Tuple(_) => own("row"),
        Expr::Interval(_) => own("interval"),
        Expr::TypedString(typed) => own(&type_name(&typed.data_type)),
        Expr::Subquery(query) => of_query(query),
        Expr::Value(value) => matches!(value.value, ast::Value::Boolean(_)).then(|| own("bool")).flatten(),
        _ => own(function_of(expr)?),
    }
}

/// The function that an expression with a syntax of its own calls.
///
/// Source: PostgreSQL's `gram.y`, `func_expr_common_subexpr`.
pub(super) fn function_of(expr: &Expr) -> Option<&'static str> {
    use ast::TrimWhereField as Side;
    Some(match expr {
        Expr::Extract { .. } => "extract",
        Expr::Substring { shorthand: true, .. } => "substr",
        Expr::Substring { .. } => "substring",
        Expr::Trim { trim_where: Some(Side::Leading), .. } => "ltrim",
        Expr::Trim { trim_where: Some(Side::Trailing), .. } => "rtrim",
        Expr::Trim { .. } => "btrim",
        Expr::Position { .. } => "position",
        Expr::Overlay { .. } => "overlay",
        Expr::Ceil { .. } => "ceil",
        Expr::Floor { .. } => "floor",
        Expr::AtTimeZone { .. } => "timezone",
        _ => return None,
    })
}

fn inner(expr: &Expr) -> Option<Ident> {
    match expr {
        Expr::Value(_) => None,
        _ => column_name(expr, Dialect::Postgres),
    }
}

fn of_query(query: &ast::Query) -> Option<Ident> {
    let mut body = &query.body;
    loop {
        match &**body {
            SetExpr::Query(query) => body = &query.body,
            SetExpr::SetOperation { left, .. } => body = left,
            SetExpr::Select(select) => {
                return match select.projection.first()? {
                    ast::SelectItem::UnnamedExpr(expr) => column_name(expr, Dialect::Postgres),
                    ast::SelectItem::ExprWithAlias { alias, .. } => Some(Ident::of(alias, Dialect::Postgres)),
                    _ => None,
                };
            }
            _ => return None,
        }
    }
}

/// The catalogue's name of a type that has several.
fn type_name(data_type: &ast::DataType) -> String {
    let text = data_type.to_string().to_lowercase();
    let base = text.split(['(', '[', ' ']).next().unwrap_or_default();
    let varies = text.contains(" varying");
    match base {
        "timestamp" if text.contains("with time zone") => "timestamptz",
        "time" if text.contains("with time zone") => "timetz",
        "character" | "char" | "nchar" if varies => "varchar",
        "bit" if varies => "varbit",
        "int" | "integer" => "int4",
        "bigint" => "int8",
        "smallint" => "int2",
        "decimal" | "dec" => "numeric",
        "boolean" => "bool",
        "double" | "float" => "float8",
        "real" => "float4",
        "character" | "char" | "nchar" => "bpchar",
        other => other,
    }
    .to_owned()
}
