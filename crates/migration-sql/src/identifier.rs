//! Names of tables and columns in statements.

use migration_syntax::Dialect;

/// An identifier in the dialect's quotes.
pub(crate) fn quote(dialect: Dialect, identifier: &str) -> String {
    let mark = if dialect == Dialect::Mysql { '`' } else { '"' };
    let doubled = identifier.replace(mark, &format!("{mark}{mark}"));
    format!("{mark}{doubled}{mark}")
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
