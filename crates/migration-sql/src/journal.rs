//! The journal: how far a migration got that takes more than one transaction.
//!
//! A migration that is one transaction needs no journal: its statements and its history row commit together. Any other has
//! a row that says how far it is, written in each segment's own transaction where it has one. Where a statement runs outside
//! of a transaction and can't simply be run twice, the row says beforehand that it is in flight: after a crash the next run
//! looks whether it took effect. The row goes away with the commit that completes the migration, so whatever the table holds
//! is unfinished.

use std::collections::HashMap;

use migration_model::{Checksum, MigrationDirection};

use crate::backend::{Backend, refused};
use crate::error::{DatabaseError, Error, Result};
use crate::identifier::{parameter, parameters, quote};
use crate::plan::{PlannedMigration, PlannedStatement};
use crate::value::Value;

/// What the journal says: the furthest row of each migration.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    entries: HashMap<String, JournalEntry>,
}

/// How far a migration got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JournalEntry {
    pub(crate) direction: MigrationDirection,
    /// Statements from the first on that are in effect.
    pub(crate) statements_done: usize,
    pub(crate) statements_total: usize,
    /// Checksum of the text of those statements.
    pub(crate) checksum: Checksum,
    /// The number of the statement that was in flight: whether it took effect is to be found out.
    pub(crate) in_flight: Option<usize>,
}

impl Journal {
    pub(crate) fn get(&self, id: &str) -> Option<&JournalEntry> {
        self.entries.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &JournalEntry)> {
        self.entries.iter().map(|(id, entry)| (id.as_str(), entry))
    }

    #[cfg(test)]
    pub(crate) fn with(mut self, id: &str, entry: JournalEntry) -> Self {
        self.entries.insert(id.to_owned(), entry);
        self
    }

    /// Reads the whole table in one query; nothing when it does not exist.
    ///
    /// # Errors
    /// [`Error::Database`] when it can't be read, [`Error::ForeignTable`] for a row that makes no sense.
    pub(crate) fn read(backend: &mut dyn Backend, table: &str) -> Result<Self> {
        let what = format!("the table `{table}` can't be read");
        if !backend.table_exists(table).map_err(|e| refused(backend, &what, e))? {
            return Ok(Self::default());
        }
        let select = format!(
            "SELECT migration_id, direction, statements_done, statements_total, checksum, in_flight FROM {}",
            quote(backend.dialect(), table)
        );
        let output = backend.query(&select, &[]).map_err(|e| refused(backend, &what, e))?;
        let entries = output.rows.iter().map(|row| {
            // A row that can't be read must not be taken for none: it says that something is unfinished.
            entry(row).ok_or_else(|| Error::ForeignTable {
                table: table.to_owned(),
                why: format!("a row can't be read: {row:?}"),
            })
        });
        Ok(Self { entries: entries.collect::<Result<_>>()? })
    }
}

fn entry(row: &[Value]) -> Option<(String, JournalEntry)> {
    let [id, direction, done, total, checksum, in_flight] = row else { return None };
    let number = |value: &Value| value.as_i64().and_then(|n| usize::try_from(n).ok());
    let in_flight = match in_flight {
        Value::Null => None,
        value => Some(number(value).filter(|number| *number > 0)?),
    };
    let entry = JournalEntry {
        direction: direction.as_str()?.parse().ok()?,
        statements_done: number(done)?,
        statements_total: number(total)?,
        checksum: Checksum::from_stored(checksum.as_str()?),
        in_flight,
    };
    Some((id.as_str()?.to_owned(), entry))
}

/// Creates the table unless it exists.
pub(crate) fn create(backend: &mut dyn Backend, table: &str) -> Result<(), DatabaseError> {
    let table = quote(backend.dialect(), table);
    backend.batch(&format!(
        "CREATE TABLE IF NOT EXISTS {table} (migration_id VARCHAR(255) PRIMARY KEY NOT NULL, direction VARCHAR(4) NOT NULL, \
         statements_done INTEGER NOT NULL, statements_total INTEGER NOT NULL, checksum VARCHAR(64) NOT NULL, \
         in_flight INTEGER, recorded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)"
    ))
}

/// Notes that the first `done` statements of a migration are in effect, and which one is about to run if that has to be
/// known.
pub(crate) fn record(
    backend: &mut dyn Backend,
    table: &str,
    migration: &PlannedMigration,
    direction: MigrationDirection,
    done: usize,
    in_flight: Option<usize>,
) -> Result<(), DatabaseError> {
    create(backend, table)?;
    clear(backend, table, &migration.id)?;
    let number = |n: usize| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
    let values = [
        migration.id.as_str().into(),
        direction.as_str().into(),
        number(done),
        number(migration.statements.len()),
        prefix_checksum(&migration.statements[..done]).as_str().into(),
        in_flight.map_or(Value::Null, number),
    ];
    let insert = format!(
        "INSERT INTO {} (migration_id, direction, statements_done, statements_total, checksum, in_flight) VALUES ({})",
        quote(backend.dialect(), table),
        parameters(backend.capabilities(), values.len())
    );
    backend.query(&insert, &values).map(drop)
}

/// Removes what the journal says of a migration.
pub(crate) fn clear(backend: &mut dyn Backend, table: &str, id: &str) -> Result<(), DatabaseError> {
    let (table, id_is) = (quote(backend.dialect(), table), parameter(backend.capabilities(), 1));
    let delete = format!("DELETE FROM {table} WHERE migration_id = {id_is}");
    backend.query(&delete, &[id.into()]).map(drop)
}

/// As [`clear`], where there may be no journal.
pub(crate) fn forget(backend: &mut dyn Backend, table: &str, id: &str) -> Result<(), DatabaseError> {
    if backend.table_exists(table)? { clear(backend, table, id) } else { Ok(()) }
}

/// The checksum of statements whatever blanks and comments stand between them.
pub(crate) fn prefix_checksum(statements: &[PlannedStatement]) -> Checksum {
    let texts: Vec<&str> = statements.iter().map(|statement| statement.sql.as_str()).collect();
    Checksum::of_text(&texts.join("\n;\n"))
}
