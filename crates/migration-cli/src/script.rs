//! The text that an error of a migration's SQL is about, with the place in the file that holds it.

use std::ops::Range;
use std::path::Path;

use migration_kit::model::MigrationDirection;
use migration_kit::sql::{MigrationSet, Script, SqlMigration};
use migration_kit::syntax::{Dialect, LineIndex, SplitError};

use crate::failure::SourceText;
use crate::json_place;

/// What was loaded, and by whose rules its texts are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'s> {
    pub(crate) set: &'s MigrationSet,
    pub(crate) dialect: Dialect,
}

/// A span of a migration's script in one direction.
pub(crate) fn source(
    known: Option<Known<'_>>,
    id: &str,
    direction: MigrationDirection,
    span: Range<usize>,
    label: &str,
) -> Option<SourceText> {
    let Known { set, dialect } = known?;
    let migration = set.get(id)?;
    let script = match direction {
        MigrationDirection::Up => &migration.up,
        MigrationDirection::Down => migration.down.as_ref()?,
    };
    Some(in_json(script, direction, dialect, &span, label).unwrap_or_else(|| {
        let name = script.path.as_deref().map_or_else(|| id.to_owned(), |path| path.display().to_string());
        SourceText::of_sql(&name, script.in_file(), dialect, span, label)
    }))
}

/// The place of a split error, which doesn't say in which direction's script it is.
pub(crate) fn split_source(
    known: Option<Known<'_>>,
    id: &str,
    path: Option<&Path>,
    error: &SplitError,
) -> Option<SourceText> {
    let migration = known?.set.get(id)?;
    let is_it = |direction: &MigrationDirection| {
        script(migration, *direction).is_some_and(|script| {
            script.path.as_deref() == path
                && error.offset() <= script.in_file().len()
                && LineIndex::new(script.in_file()).line_column(error.offset())
                    == (error.line(), error.column())
        })
    };
    let direction = [MigrationDirection::Up, MigrationDirection::Down].into_iter().find(is_it)?;
    source(known, id, direction, error.offset()..error.offset() + 1, &error.kind().to_string())
}

fn script(migration: &SqlMigration, direction: MigrationDirection) -> Option<&Script> {
    match direction {
        MigrationDirection::Up => Some(&migration.up),
        MigrationDirection::Down => migration.down.as_ref(),
    }
}

/// The same span in a JSON file, whose SQL is a string with escapes. The file is read again.
fn in_json(
    script: &Script,
    direction: MigrationDirection,
    dialect: Dialect,
    span: &Range<usize>,
    label: &str,
) -> Option<SourceText> {
    let path = script.path.as_deref().filter(|path| path.extension().is_some_and(|end| end == "json"))?;
    let file = std::fs::read_to_string(path).ok()?;
    let key = match direction {
        MigrationDirection::Up => "sql",
        MigrationDirection::Down => "rollback_sql",
    };
    let place = |offset| json_place::in_file(&file, key, offset);
    let span = place(span.start)?..place(span.end)?;
    Some(SourceText::of_sql(&path.display().to_string(), &file, dialect, span, label))
}
