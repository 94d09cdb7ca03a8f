//! Calls of functions, and values that are written as words.

use pg_query::NodeEnum;
use pg_query::protobuf::{CoercionForm, FuncCall, Node, SqlValueFunction, SqlValueFunctionOp, WindowDef};
use sqlparser::ast::{
    BinaryOperator, DateTimeField, DuplicateTreatment, Expr, ExtractSyntax, Function, FunctionArg,
    FunctionArgExpr, FunctionArgOperator, FunctionArgumentClause, FunctionArgumentList, FunctionArguments,
    Ident, ObjectName, Query, Value, WindowType,
};

use super::operator::{Rank, beside};
use super::{Beyond, Lower, Lowered, inner, kind, names};

impl Lower<'_> {
    pub(super) fn call(&self, call: &FuncCall) -> Lowered<Expr> {
        if call.funcformat == CoercionForm::CoerceSqlSyntax as i32
            && let Some(special) = self.special(call)?
        {
            return Ok(special);
        }
        let mut args = Vec::with_capacity(call.args.len());
        for (index, node) in call.args.iter().enumerate() {
            let is_variadic = call.func_variadic && index + 1 == call.args.len();
            args.push(self.argument(node, is_variadic)?);
        }
        if call.agg_star {
            args.push(FunctionArg::Unnamed(FunctionArgExpr::Wildcard));
        }
        let order = self.sort(&call.agg_order)?;
        let (within_group, clauses) = match (call.agg_within_group, order.is_empty()) {
            (true, _) => (order, Vec::new()),
            (false, true) => (Vec::new(), Vec::new()),
            (false, false) => (Vec::new(), vec![FunctionArgumentClause::OrderBy(order)]),
        };
        let duplicate_treatment = call.agg_distinct.then_some(DuplicateTreatment::Distinct);
        let args = FunctionArguments::List(FunctionArgumentList { duplicate_treatment, args, clauses });
        let mut function = named(self.function_name(call)?, args);
        function.within_group = within_group;
        function.filter = self.maybe(call.agg_filter.as_deref())?.map(Box::new);
        function.over = call.over.as_deref().map(|window| self.over(window)).transpose()?;
        Ok(Expr::Function(function))
    }

    /// What has a syntax of its own is in a schema that nobody wrote.
    fn function_name(&self, call: &FuncCall) -> Lowered<ObjectName> {
        let is_syntax = call.funcformat == CoercionForm::CoerceSqlSyntax as i32;
        match call.funcname.as_slice() {
            [_, name] if is_syntax => names::object(std::slice::from_ref(name)),
            name => names::object(name),
        }
    }

    fn argument(&self, node: &Node, is_variadic: bool) -> Lowered<FunctionArg> {
        let (name, value) = match kind(node)? {
            NodeEnum::NamedArgExpr(argument) => {
                (Some(names::ident(&argument.name)), self.expr_in(&argument.arg)?)
            }
            other => (None, self.expr_of(other)?),
        };
        let value = match value {
            Expr::QualifiedWildcard(name, _) => FunctionArgExpr::QualifiedWildcard(name),
            Expr::Wildcard(_) => FunctionArgExpr::Wildcard,
            value if is_variadic => {
                let value = Box::new(value);
                FunctionArgExpr::Expr(Expr::Prefixed { prefix: names::word("VARIADIC"), value })
            }
            value => FunctionArgExpr::Expr(value),
        };
        let operator = FunctionArgOperator::RightArrow;
        Ok(match name {
            Some(name) => FunctionArg::Named { name, arg: value, operator },
            None => FunctionArg::Unnamed(value),
        })
    }

    /// `OVER name` is a window of which nothing but the name is given.
    fn over(&self, window: &WindowDef) -> Lowered<WindowType> {
        match names::ident_or_none(&window.name) {
            Some(name) => Ok(WindowType::NamedWindow(name)),
            None => self.window(window).map(WindowType::WindowSpec),
        }
    }

    /// `EXTRACT(…)`, `AT TIME ZONE` and the like, as they are written.
    fn special(&self, call: &FuncCall) -> Lowered<Option<Expr>> {
        let Some(name) = call.funcname.last() else { return Ok(None) };
        Ok(match (names::string(name)?, call.args.as_slice()) {
            ("timezone", [zone, value]) => Some(Expr::AtTimeZone {
                timestamp: beside(self.expr(value)?, Rank::Zone),
                time_zone: beside(self.expr(zone)?, Rank::Collate),
            }),
            ("extract", [field, value]) => {
                let field = self.expr(field)?;
                let Expr::Value(field) = field else { return Ok(None) };
                let Value::SingleQuotedString(field) = field.value else { return Ok(None) };
                let field = DateTimeField::Custom(Ident::new(field));
                let expr = Box::new(self.expr(value)?);
                Some(Expr::Extract { field, syntax: ExtractSyntax::From, expr })
            }
            ("position", [whole, part]) => {
                let part = beside(self.expr(part)?, Rank::Other);
                Some(Expr::Position { expr: part, r#in: beside(self.expr(whole)?, Rank::Other) })
            }
            ("overlaps", [a, b, c, d]) => {
                let pair = |first, second| -> Lowered<_> {
                    Ok(Box::new(Expr::Tuple(vec![self.expr(first)?, self.expr(second)?])))
                };
                let (left, right) = (pair(a, b)?, pair(c, d)?);
                Some(Expr::BinaryOp { left, op: BinaryOperator::Overlaps, right })
            }
            _ => None,
        })
    }

    /// The arguments of something that is written in a syntax of its own, as those of a function.
    pub(super) fn of_parts(&self, name: &str, parts: &[&Option<Box<Node>>]) -> Lowered<Expr> {
        let present = parts.iter().filter(|part| part.is_some());
        let args = present.map(|part| self.expr_of(inner(part)?)).collect::<Lowered<_>>()?;
        Ok(plain(name, args))
    }
}

/// A call of a function that PostgreSQL's grammar knows.
pub(super) fn plain(name: &str, args: Vec<Expr>) -> Expr {
    keyword(name, args)
}

/// A call that is written with a keyword.
pub(super) fn keyword(name: &str, args: Vec<Expr>) -> Expr {
    let args = args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect();
    let list = FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() };
    Expr::Function(named(ObjectName::from(vec![names::word(name)]), FunctionArguments::List(list)))
}

/// `ARRAY(SELECT …)`.
pub(super) fn of_query(name: &str, query: Box<Query>) -> Expr {
    let name = ObjectName::from(vec![names::word(name)]);
    Expr::Function(named(name, FunctionArguments::Subquery(query)))
}

/// `CURRENT_TIMESTAMP` and the like.
pub(super) fn value(value: &SqlValueFunction) -> Lowered<Expr> {
    use SqlValueFunctionOp as S;
    let (name, precise) = match SqlValueFunctionOp::try_from(value.op) {
        Ok(S::SvfopCurrentDate) => ("CURRENT_DATE", false),
        Ok(S::SvfopCurrentTime) => ("CURRENT_TIME", false),
        Ok(S::SvfopCurrentTimeN) => ("CURRENT_TIME", true),
        Ok(S::SvfopCurrentTimestamp) => ("CURRENT_TIMESTAMP", false),
        Ok(S::SvfopCurrentTimestampN) => ("CURRENT_TIMESTAMP", true),
        Ok(S::SvfopLocaltime) => ("LOCALTIME", false),
        Ok(S::SvfopLocaltimeN) => ("LOCALTIME", true),
        Ok(S::SvfopLocaltimestamp) => ("LOCALTIMESTAMP", false),
        Ok(S::SvfopLocaltimestampN) => ("LOCALTIMESTAMP", true),
        Ok(S::SvfopCurrentRole) => ("CURRENT_ROLE", false),
        Ok(S::SvfopCurrentUser) => ("CURRENT_USER", false),
        Ok(S::SvfopUser) => ("USER", false),
        Ok(S::SvfopSessionUser) => ("SESSION_USER", false),
        Ok(S::SvfopCurrentCatalog) => ("CURRENT_CATALOG", false),
        Ok(S::SvfopCurrentSchema) => ("CURRENT_SCHEMA", false),
        _ => return Err(Beyond("a value that is written as a word")),
    };
    if precise {
        let digits = Value::Number(value.typmod.to_string(), false);
        return Ok(keyword(name, vec![Expr::Value(digits.into())]));
    }
    Ok(Expr::Function(named(ObjectName::from(vec![names::word(name)]), FunctionArguments::None)))
}

fn named(name: ObjectName, args: FunctionArguments) -> Function {
    Function {
        name,
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args,
        within_group: Vec::new(),
        filter: None,
        null_treatment: None,
        over: None,
    }
}
