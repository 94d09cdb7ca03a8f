//! Names and parameters in the statements that keep the books.

use std::collections::HashSet;

use migration_syntax::{Dialect, TokenKind, tokens};

use crate::backend::Capabilities;

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
