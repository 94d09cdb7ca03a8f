//! The schema of a SQLite database as SQL text.

use crate::backend::Backend;
use crate::dump::DumpOptions;
use crate::error::DatabaseError;
use crate::value::Value;

/// Everything that `sqlite_schema` has a text for, but what SQLite makes by itself: its own `sqlite_…` tables and the
/// shadow tables of virtual tables, which come back with those (<https://www.sqlite.org/schematab.html>).
///
/// Sorted by kind, so that the text can be run (a trigger after its table), then by name, so that two databases with one
/// schema give one text whatever way they came to it.
pub(super) fn dump(backend: &mut dyn Backend, options: &DumpOptions) -> Result<String, DatabaseError> {
    let without: Vec<Value> = options.without.iter().map(|table| Value::from(table.as_str())).collect();
    let places = vec!["?"; without.len()].join(", ");
    let select = format!(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow') \
         AND tbl_name NOT IN ({places}) \
         ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, name"
    );
    let mut text = String::new();
    let output = backend.query(&select, &without)?;
    for sql in output.rows.iter().filter_map(|row| row.first()?.as_str()) {
        text.push_str(sql.trim_end());
        // A trigger's text may end in its last comment: the semicolon must not become part of it.
        text.push_str(if ends_in_line_comment(sql) { "\n;\n" } else { ";\n" });
    }
    Ok(text)
}

fn ends_in_line_comment(sql: &str) -> bool {
    sql.lines().next_back().is_some_and(|line| line.contains("--"))
}
