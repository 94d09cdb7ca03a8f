//! Names and parameters in the statements that keep the books.

use std::collections::HashSet;

use migration_syntax::{Dialect, TokenKind, tokens};

use crate::backend::{Backend, Capabilities};
use crate::error::DatabaseError;
use crate::value::Value;

/// An identifier in the dialect's quotes.
pub(crate) fn quote(dialect: Dialect, identifier: &str) -> String {
    let mark = if dialect == Dialect::Mysql { '`' } else { '"' };
    let doubled = identifier.replace(mark, &format!("{mark}{mark}"));
    format!("{mark}{doubled}{mark}")
}

/// The `n`-th parameter of a statement, from 1: `?` or `$1`.
pub(crate) fn parameter(capabilities: Capabilities, n: usize) -> String {
    if capabilities.numbered_parameters { format!("${n}") } else { "?".to_owned() }
}

/// The first `count` parameters of a statement: `?, ?` or `$1, $2`.
pub(crate) fn parameters(capabilities: Capabilities, count: usize) -> String {
    (1..=count).map(|n| parameter(capabilities, n)).collect::<Vec<_>>().join(", ")
}

/// A statement with the values of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bound {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

impl Bound {
    pub(crate) fn run(&self, backend: &mut dyn Backend) -> Result<(), DatabaseError> {
        backend.query(&self.sql, &self.values).map(drop)
    }

    /// The statement with its values written into it, in the dialect of PostgreSQL; `None` for a value that can't be.
    ///
    /// Texts are written as `E'…'`, which means the same whatever `standard_conforming_strings` is
    /// (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE>).
    pub(crate) fn inlined(&self) -> Option<String> {
        let mut text = String::new();
        for token in tokens(&self.sql, Dialect::Postgres) {
            let token = token.ok()?;
            if token.kind != TokenKind::Parameter {
                text.push_str(token.text);
                continue;
            }
            let number: usize = token.text.strip_prefix('$')?.parse().ok()?;
            match self.values.get(number.checked_sub(1)?)? {
                Value::Null => text.push_str("NULL"),
                Value::Integer(number) => text.push_str(&number.to_string()),
                Value::Text(value) if !value.contains('\0') => {
                    let escaped = value.replace('\\', "\\\\").replace('\'', "''");
                    text.push_str(&format!("E'{escaped}'"));
                }
                _ => return None,
            }
        }
        Some(text)
    }
}

/// The names that stand in a statement, with the names of what they are in, each once; some keywords are among them. At most
/// forty.
#[cfg_attr(
    not(any(feature = "postgres", feature = "mysql")),
    expect(dead_code, reason = "servers are asked about them")
)]
pub(crate) fn names_in(sql: &str, dialect: Dialect) -> Vec<String> {
    const MOST: usize = 40;
    let mut names: Vec<String> = Vec::new();
    let mut name = String::new();
    let mut after_dot = true;
    for token in tokens(sql, dialect).map_while(Result::ok).filter(|token| !token.is_trivia()) {
        let is_name = matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier);
        let dot = token.text == "." && !name.is_empty();
        if !(dot || is_name && after_dot) {
            names.push(std::mem::take(&mut name));
        }
        if dot || is_name {
            name.push_str(token.text);
        }
        after_dot = dot || !is_name;
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names.truncate(MOST);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_written_into_a_statement() {
        let bound =
            |values: &[Value]| Bound { sql: "VALUES ($1, $2, '$1')".to_owned(), values: values.to_vec() };
        let text = Value::from(r"it's a \ $1");
        assert_eq!(bound(&[text, Value::Null]).inlined().unwrap(), r"VALUES (E'it''s a \\ $1', NULL, '$1')");
        assert_eq!(bound(&[Value::Integer(-7), Value::Float(0.5)]).inlined(), None);
        assert_eq!(bound(&[Value::Null]).inlined(), None);
    }

    #[test]
    fn names_of_a_statement() {
        let sql = "ALTER TABLE a . \"B c\" ADD x int DEFAULT 'y' /* z */; ";
        assert_eq!(
            names_in(sql, Dialect::Postgres),
            ["ALTER", "TABLE", "a.\"B c\"", "ADD", "x", "int", "DEFAULT"]
        );
    }

    #[test]
    fn identifiers_cannot_break_out() {
        assert_eq!(quote(Dialect::Sqlite, "a\"b"), "\"a\"\"b\"");
        assert_eq!(quote(Dialect::Mysql, "a`b"), "`a``b`");
    }
}
