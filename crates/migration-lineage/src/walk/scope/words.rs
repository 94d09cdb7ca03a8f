//! Words that look like columns.

use migration_syntax::Dialect;
use sqlparser::ast;

/// Names that stand for a value and not for a column: bare keywords, and what SQLite takes for a string where no column
/// is called so.
pub(super) fn is_no_column(name: &ast::Ident, dialect: Dialect) -> bool {
    const VALUES: &[&str] = &[
        "default",
        "current_date",
        "current_time",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "current_user",
        "session_user",
        "user",
        "current_role",
        "current_catalog",
        "current_schema",
        "utc_date",
        "utc_time",
        "utc_timestamp",
        "sysdate",
        "true",
        "false",
        "null",
        "unknown",
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "maxvalue",
        "tg_op",
        "tg_table_name",
        "tg_argv",
        "tg_when",
        "tg_name",
        "tg_relid",
        "tg_table_schema",
        "found",
        "sqlstate",
        "sqlerrm",
        "ignore",
        "abort",
        "fail",
        "rollback",
    ];
    match name.quote_style {
        None => {
            name.value.starts_with('@') || VALUES.iter().any(|value| name.value.eq_ignore_ascii_case(value))
        }
        Some('"') => dialect != Dialect::Postgres,
        Some('\'') => true,
        Some(_) => false,
    }
}
