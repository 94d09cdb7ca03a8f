//! The texts that an expression can come to, where that can be told: strings joined, chosen from, formatted.
//!
//! A text that is run as a statement is worth reading if every text that it can be is known.

use std::collections::BTreeSet;

use migration_syntax::Dialect;
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query, SelectItem,
    SetExpr, UnaryOperator, Value,
};

/// All that a value can be; none if that can't be told.
pub(crate) type Texts = Option<BTreeSet<String>>;

/// More than these are not followed.
const MOST: usize = 32;

/// Stands for MySQL's current database as long as none was named.
const OWN_DATABASE: char = '\u{e000}';

/// A text in which names in the current database are without it.
pub(super) fn in_own_database(text: &str) -> String {
    let quoted = format!("`{OWN_DATABASE}`.");
    text.replace(&quoted, "").replace(&format!("{OWN_DATABASE}."), "")
}

/// How deep an expression is looked into.
const DEEPEST: usize = 40;

/// Longer texts are not put together.
const LONGEST: usize = 1 << 20;

/// What names stand for while texts are put together.
pub(super) struct Known<'a> {
    pub(super) dialect: Dialect,
    /// What a variable can be; the outer one is none for a name that is none.
    pub(super) variable: &'a dyn Fn(&str) -> Option<Texts>,
    /// What everything that a variable can be begins with.
    pub(super) begins: &'a dyn Fn(&str) -> Option<String>,
    /// The schema in which a session makes things.
    pub(super) schema: Option<String>,
}

/// The only text there is.
pub(super) fn one(text: impl Into<String>) -> Texts {
    Some(BTreeSet::from([text.into()]))
}

/// Either of both.
pub(super) fn either(a: Texts, b: Texts) -> Texts {
    let mut all = a?;
    all.extend(b?);
    (all.len() <= MOST).then_some(all)
}

impl Known<'_> {
    /// What an expression can come to.
    pub(super) fn value(&self, expr: &Expr) -> Texts {
        self.expr(expr, DEEPEST)
    }

    /// What a query with one value can give.
    pub(super) fn query(&self, query: &Query) -> Texts {
        self.of_query(query, DEEPEST)
    }

    /// Whether a condition holds, where that depends on nothing but texts that are known.
    pub(super) fn truth(&self, query: &Query) -> Option<bool> {
        let SetExpr::Select(select) = &*query.body else { return None };
        let [SelectItem::UnnamedExpr(expr)] = select.projection.as_slice() else { return None };
        self.holds(expr, DEEPEST)
    }

    fn holds(&self, expr: &Expr, depth: usize) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        let only = |expr: &Expr| {
            let mut texts = self.expr(expr, depth)?.into_iter();
            texts.next().filter(|_| texts.next().is_none())
        };
        match expr {
            Expr::Nested(inner) => self.holds(inner, depth),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => self.holds(expr, depth).map(|holds| !holds),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                match (self.holds(left, depth), self.holds(right, depth)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
                match (self.holds(left, depth), self.holds(right, depth)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                }
            }
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => Some(only(left)? == only(right)?),
            Expr::BinaryOp { left, op: BinaryOperator::NotEq, right } => Some(only(left)? != only(right)?),
            other => match only(other)?.as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
        }
    }

    /// What everything that a query with one value can give begins with.
    pub(super) fn beginning(&self, query: &Query) -> Option<String> {
        let mut query = query;
        for _ in 0..DEEPEST {
            match &*query.body {
                SetExpr::Query(inner) => query = inner,
                SetExpr::Select(select) => {
                    let [SelectItem::UnnamedExpr(expr)] = select.projection.as_slice() else { return None };
                    return self.beginning_of(expr, DEEPEST);
                }
                _ => return None,
            }
        }
        None
    }

    fn beginning_of(&self, expr: &Expr, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        if let Some(texts) = self.expr(expr, depth) {
            let mut texts = texts.into_iter();
            return texts.next().filter(|_| texts.next().is_none());
        }
        match expr {
            Expr::Identifier(name) => (self.begins)(&name.value),
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => self.beginning_of(inner, depth),
            Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => {
                let first = self.beginning_of(left, depth)?;
                let is_whole = self.expr(left, depth).is_some();
                let second = is_whole.then(|| self.beginning_of(right, depth)).flatten();
                Some(first + &second.unwrap_or_default())
            }
            Expr::Function(function) => {
                let name = function.name.0.last()?.as_ident()?.value.to_ascii_lowercase();
                let FunctionArguments::List(list) = &function.args else { return None };
                let [FunctionArg::Unnamed(FunctionArgExpr::Expr(first)), ..] = list.args.as_slice() else {
                    return None;
                };
                match name.as_str() {
                    "concat" => self.beginning_of(first, depth),
                    "format" => self.beginning_of(first, depth).map(|text| {
                        let end = text.find('%').unwrap_or(text.len());
                        text[..end].to_owned()
                    }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn of_query(&self, query: &Query, depth: usize) -> Texts {
        let depth = depth.checked_sub(1)?;
        let select = match &*query.body {
            SetExpr::Select(select) => select,
            SetExpr::Query(query) => return self.of_query(query, depth),
            _ => return None,
        };
        match select.projection.as_slice() {
            [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] => {
                self.expr(expr, depth)
            }
            _ => None,
        }
    }

    fn expr(&self, expr: &Expr, depth: usize) -> Texts {
        let depth = depth.checked_sub(1)?;
        match expr {
            Expr::Value(value) => match &value.value {
                Value::Null => Some(BTreeSet::new()),
                Value::Boolean(value) => one(value.to_string()),
                Value::Number(number, _) => one(number.clone()),
                Value::Placeholder(name) => (self.variable)(name)?,
                value => one(value.clone().into_string()?),
            },
            Expr::Identifier(name) => (self.variable)(&name.value)?,
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } | Expr::Collate { expr: inner, .. } => {
                self.expr(inner, depth)
            }
            Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => {
                joined(&self.expr(left, depth)?, &self.expr(right, depth)?)
            }
            Expr::Case { conditions, else_result, .. } => {
                let mut all = Some(BTreeSet::new());
                for branch in conditions {
                    all = either(all, self.expr(&branch.result, depth));
                }
                match else_result {
                    Some(other) => either(all, self.expr(other, depth)),
                    None => all,
                }
            }
            Expr::Subquery(query) => self.of_query(query, depth),
            Expr::Function(function) => self.function(function, depth),
            _ => None,
        }
    }

    fn function(&self, function: &Function, depth: usize) -> Texts {
        let name = function.name.0.last()?.as_ident()?.value.to_ascii_lowercase();
        let FunctionArguments::List(list) = &function.args else {
            return (name == "current_schema").then(|| one(self.schema.clone()?)).flatten();
        };
        let args: Vec<&Expr> = list
            .args
            .iter()
            .map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            })
            .collect::<Option<_>>()?;
        match (name.as_str(), args.as_slice()) {
            ("concat", args) => {
                let mut all = BTreeSet::from([String::new()]);
                for arg in args {
                    let next = self.expr(arg, depth)?;
                    // PostgreSQL's leaves out what is null.
                    all = if next.is_empty() { all } else { joined(&all, &next)? };
                }
                Some(all)
            }
            ("if" | "iif", [_, then, otherwise]) => {
                either(self.expr(then, depth), self.expr(otherwise, depth))
            }
            ("coalesce" | "ifnull", args) => {
                args.iter().try_fold(BTreeSet::new(), |all, arg| either(Some(all), self.expr(arg, depth)))
            }
            ("quote_ident", [name]) => {
                Some(self.expr(name, depth)?.iter().map(|name| quoted_name(name)).collect())
            }
            ("quote_literal" | "quote", [value]) => {
                Some(self.expr(value, depth)?.iter().map(|value| literal(value)).collect())
            }
            ("current_schema", []) => one(self.schema.clone()?),
            ("database" | "schema", []) if self.dialect == Dialect::Mysql => {
                one(self.schema.clone().unwrap_or_else(|| OWN_DATABASE.to_string()))
            }
            ("format", [template, args @ ..]) if self.dialect == Dialect::Postgres => {
                let mut all = BTreeSet::new();
                for template in self.expr(template, depth)? {
                    all.extend(self.format(&template, args, depth)?);
                }
                (all.len() <= MOST).then_some(all)
            }
            _ => None,
        }
    }

    /// PostgreSQL's `format`. A value that isn't known can stand as the expression that it is.
    fn format(&self, template: &str, args: &[&Expr], depth: usize) -> Texts {
        let mut all = BTreeSet::from([String::new()]);
        let mut rest = template;
        let mut next = 0;
        while let Some(at) = rest.find('%') {
            all = joined(&all, &one(&rest[..at])?)?;
            let spec = &rest[at + 1..];
            let digits = spec.find(|c: char| !c.is_ascii_digit()).unwrap_or(spec.len());
            let (position, spec) = match spec[digits..].strip_prefix('$') {
                Some(after) if digits > 0 => (spec[..digits].parse::<usize>().ok()?.checked_sub(1), after),
                _ => (None, spec),
            };
            let kind = spec.chars().next()?;
            rest = &spec[kind.len_utf8()..];
            if kind == '%' {
                all = joined(&all, &one("%")?)?;
                continue;
            }
            let position = position.unwrap_or(next);
            next = position + 1;
            let arg = args.get(position)?;
            let value = self.expr(arg, depth);
            let texts: BTreeSet<String> = match (kind, value) {
                ('I', value) => value?.iter().map(|name| quoted_name(name)).collect(),
                ('L', Some(value)) => value.iter().map(|value| literal(value)).collect(),
                ('L', None) => one(format!("({arg})"))?,
                ('s', value) => value?,
                _ => return None,
            };
            all = joined(&all, &texts)?;
        }
        joined(&all, &one(rest)?)
    }
}

/// Every text with every other behind it.
fn joined(first: &BTreeSet<String>, second: &BTreeSet<String>) -> Texts {
    let within = first.len() * second.len() <= MOST
        && first.iter().chain(second).map(String::len).max().unwrap_or_default() <= LONGEST;
    within.then(|| first.iter().flat_map(|a| second.iter().map(move |b| format!("{a}{b}"))).collect())
}

/// A name, in quotes if it needs them.
fn quoted_name(name: &str) -> String {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
