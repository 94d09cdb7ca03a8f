//! Names and parameters in the statements that keep the books.

use migration_syntax::Dialect;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_cannot_break_out() {
        assert_eq!(quote(Dialect::Sqlite, "a\"b"), "\"a\"\"b\"");
        assert_eq!(quote(Dialect::Mysql, "a`b"), "`a``b`");
    }
}
