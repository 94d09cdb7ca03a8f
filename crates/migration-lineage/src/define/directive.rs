//! Directives of clients and of the session. `DELIMITER` stands in texts for databases whose own client has no such thing: tools
//! have it that send scripts of all databases in the same way. What stands behind it is a statement like any other.

use migration_syntax::{Dialect, Statement, StatementKind, split};

use super::names;
use crate::catalogue::Catalogue;

/// SQLite's `PRAGMA legacy_alter_table`, which decides on what a rename does; other pragmas move nothing.
pub(super) fn pragma(text: &str, catalogue: &mut Catalogue) {
    let tokens = names::words(text, Dialect::Sqlite);
    let Some(at) = tokens.iter().position(|token| token.is_word("legacy_alter_table")) else { return };
    let Some(value) = tokens.get(at + 2) else { return };
    let value = value.identifier().to_ascii_lowercase();
    catalogue.session.renames_alone = ["on", "true", "yes", "1"].contains(&&*value);
}

/// The statements that are left without directives and the delimiters that they set; none if there are none in it.
pub(super) fn without<'t>(
    statement: &Statement<'t>,
    catalogue: &mut Catalogue,
) -> Option<Vec<Statement<'t>>> {
    if statement.kind != StatementKind::Other || catalogue.dialect() == Dialect::Mysql {
        return None;
    }
    let mut text = statement.text;
    loop {
        let rest = text.trim_start();
        let delimiter = catalogue.session.delimiter.as_deref();
        if let Some(rest) = delimiter.and_then(|delimiter| rest.strip_prefix(delimiter)) {
            text = rest;
            continue;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        if !word.eq_ignore_ascii_case("delimiter") {
            text = rest;
            break;
        }
        let (line, rest) = behind.split_once('\n').unwrap_or((behind, ""));
        catalogue.session.delimiter = Some(line.trim().to_owned()).filter(|delimiter| !delimiter.is_empty());
        text = rest;
    }
    if text.len() == statement.text.len() {
        return None;
    }
    let before = statement.start + statement.text.len() - text.len();
    let mut statements = split(text, catalogue.dialect()).ok()?;
    for inner in &mut statements {
        inner.start += before;
        inner.end += before;
    }
    Some(statements)
}
