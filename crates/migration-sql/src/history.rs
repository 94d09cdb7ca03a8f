//! The tracking table: which migrations are applied.

use std::collections::HashMap;

use migration_model::Checksum;
use migration_model::message::clip;
use migration_syntax::Dialect;

use crate::backend::{Backend, Capabilities, refused};
use crate::error::{DatabaseError, Result};
use crate::identifier::{Bound, parameter, parameters};
use crate::plan::PlannedMigration;
use crate::tracking::{Table, foreign};
use crate::value::Value;

/// What the tracking table says.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    pub(crate) rows: Vec<HistoryRow>,
    index: HashMap<String, usize>,
}

/// One row of the tracking table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HistoryRow {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) applied_at: Option<String>,
    pub(crate) execution_time_ms: Option<i64>,
    pub(crate) state: RowState,
}

/// The `status` column. This tool writes only `applied`; other programs write more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RowState {
    #[default]
    Applied,
    Failed,
    /// The row only says that there is such a migration.
    NotApplied,
}

impl History {
    pub(crate) fn new(rows: Vec<HistoryRow>) -> Self {
        let index = rows.iter().enumerate().map(|(place, row)| (row.id.clone(), place)).collect();
        Self { rows, index }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&HistoryRow> {
        self.index.get(id).map(|&place| &self.rows[place])
    }

    pub(crate) fn is_applied(&self, id: &str) -> bool {
        self.get(id).is_some_and(|row| row.state == RowState::Applied)
    }

    /// Reads the whole table in one query; nothing when it does not exist.
    ///
    /// # Errors
    /// `Error::ForeignTable` for a table without an `id` column, a row without an id and a status that nobody knows;
    /// `Error::Database` when it can't be read.
    pub(crate) fn read(backend: &mut dyn Backend, table: &Table) -> Result<Self> {
        if !table.exists {
            return Ok(Self::default());
        }
        let what = format!("the table `{}` can't be read", table.name);
        let output = backend.read_table(&table.sql).map_err(|e| refused(backend, &what, e))?.with_texts();
        let column = |name: &str| output.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        if output.rows.is_empty() {
            return Ok(Self::default());
        }
        let foreign = |why: String| foreign(table, why);
        let id = Some(column("id").ok_or_else(|| foreign("it has no column `id`".to_owned()))?);
        let columns = ["name", "description", "checksum", "applied_at", "status"].map(column);
        let milliseconds = column("execution_time_ms");
        let rows = output.rows.into_iter().map(|mut row| {
            let mut text =
                |place: Option<usize>| place.and_then(|place| row.get_mut(place)).and_then(take_text);
            let [name, description, checksum, applied_at, status] = columns.map(&mut text);
            let id = text(id).ok_or_else(|| foreign("a row has no id".to_owned()))?;
            let state = state(status.as_deref()).ok_or_else(|| {
                let status = status.as_deref().unwrap_or_default();
                foreign(format!("migration `{}` has the status {:?}", clip(&id), clip(status)))
            })?;
            Ok(HistoryRow {
                id,
                name,
                description,
                checksum: checksum.filter(|digits| !digits.is_empty()).map(Checksum::from_stored),
                applied_at: applied_at.map(rfc3339),
                execution_time_ms: milliseconds.and_then(|place| row.get(place)).and_then(Value::as_i64),
                state,
            })
        });
        Ok(Self::new(rows.collect::<Result<_>>()?))
    }
}

/// What the texts mean that are in use for it; `None` for any other, which is not to be guessed.
fn state(status: Option<&str>) -> Option<RowState> {
    if status == Some("applied") {
        return Some(RowState::Applied);
    }
    match status.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "applied" | "completed" | "success") => Some(RowState::Applied),
        Some("failed" | "error" | "running") => Some(RowState::Failed),
        Some("pending" | "rolled_back" | "reverted") => Some(RowState::NotApplied),
        Some(_) => None,
    }
}

/// The text of a value, which is not needed again.
fn take_text(value: &mut Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(std::mem::take(text)),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `2024-05-01 12:00:00` (what `CURRENT_TIMESTAMP` writes, in UTC) and `2024-05-01T12:00:00.123` (what Python's `isoformat`
/// writes) as RFC 3339; any other text as it is.
fn rfc3339(mut time: String) -> String {
    if is_plain(&time) && time.parse::<jiff::civil::DateTime>().is_ok() {
        time.replace_range(10..11, "T");
        time.push('Z');
        return time;
    }
    if let Ok(timestamp) = time.parse::<jiff::Timestamp>() {
        return timestamp.to_string();
    }
    time.parse::<jiff::civil::DateTime>().map_or_else(|_| time.to_owned(), |civil| format!("{civil}Z"))
}

/// Whether it is written like `2024-05-01 12:00:00`, up to the last second of a minute: no leap second.
fn is_plain(time: &str) -> bool {
    let bytes = time.as_bytes();
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    bytes.len() == 19
        && [4, 7].iter().all(|&place| bytes[place] == b'-')
        && [13, 16].iter().all(|&place| bytes[place] == b':')
        && matches!(bytes[10], b' ' | b'T')
        && [0..4, 5..7, 8..10, 11..13, 14..16, 17..19].into_iter().all(|range| digits(&bytes[range]))
        && bytes[17] < b'6'
}

/// What the column `name` takes. The id says which migration it is, so the end of a longer name is not missed.
const NAME_LENGTH: usize = 255;

/// The statement that creates the table unless it exists. The columns are a contract: other programs read them. `table` here
/// and below is the name as it stands in a statement.
pub(crate) fn creation(table: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (id VARCHAR(255) PRIMARY KEY NOT NULL, name VARCHAR(255) NOT NULL, \
         description TEXT, checksum VARCHAR(64), applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, \
         execution_time_ms INTEGER, status VARCHAR(50) DEFAULT 'applied')"
    )
}

/// Notes that a migration is applied.
pub(crate) fn insert(
    backend: &mut dyn Backend,
    table: &str,
    migration: &PlannedMigration,
    execution_time_ms: Option<i64>,
) -> Result<(), DatabaseError> {
    if migration.replaces_row {
        // A row of another program may say `pending` or `rolled_back`: it makes way.
        delete(backend, table, &migration.id)?;
    }
    let time = execution_time_ms.map_or_else(|| "NULL".to_owned(), |time| time.to_string());
    insertion(backend.capabilities(), table, migration, &time).run(backend)
}

/// The same of one that somebody else applied: then, if it is known when (RFC 3339, UTC). The session has to be in UTC.
pub(crate) fn insert_at(
    backend: &mut dyn Backend,
    table: &str,
    migration: &PlannedMigration,
    applied_at: Option<&str>,
    execution_time_ms: Option<i64>,
) -> Result<(), DatabaseError> {
    delete(backend, table, &migration.id)?;
    let time = execution_time_ms.map_or_else(|| "NULL".to_owned(), |time| time.to_string());
    // As a literal, which takes the type of its column everywhere; what isn't a time is none. MySQL's keeps whole seconds, and
    // would round.
    let format =
        if backend.dialect() == Dialect::Mysql { "'%Y-%m-%d %H:%M:%S'" } else { "'%Y-%m-%d %H:%M:%S%.f'" };
    let at = applied_at.and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let at = at.map_or_else(|| "NULL".to_owned(), |at| at.strftime(format).to_string());
    insertion_at(backend.capabilities(), table, migration, &time, &at).run(backend)
}

/// The statement that notes that a migration is applied which has no row yet. `execution_time_ms` is an expression.
pub(crate) fn insertion(
    capabilities: Capabilities,
    table: &str,
    migration: &PlannedMigration,
    execution_time_ms: &str,
) -> Bound {
    insertion_at(capabilities, table, migration, execution_time_ms, capabilities.utc_now)
}

/// `applied_at` is an expression, too.
fn insertion_at(
    capabilities: Capabilities,
    table: &str,
    migration: &PlannedMigration,
    execution_time_ms: &str,
    applied_at: &str,
) -> Bound {
    let values = vec![
        Value::from(migration.id.as_str()),
        Value::Text(migration.name.chars().take(NAME_LENGTH).collect()),
        Value::from(migration.description.clone()),
        Value::from(migration.checksum.as_str()),
    ];
    let sql = format!(
        "INSERT INTO {table} (id, name, description, checksum, execution_time_ms, status, applied_at) \
         VALUES ({}, {execution_time_ms}, 'applied', {applied_at})",
        parameters(capabilities, values.len())
    );
    Bound { sql, values }
}

/// Notes that a migration is no longer applied.
pub(crate) fn delete(backend: &mut dyn Backend, table: &str, id: &str) -> Result<(), DatabaseError> {
    let id_is = parameter(backend.capabilities(), 1);
    backend.query(&format!("DELETE FROM {table} WHERE id = {id_is}"), &[id.into()]).map(drop)
}

/// Takes over the checksum that a file has now.
pub(crate) fn update_checksum(
    backend: &mut dyn Backend,
    table: &str,
    id: &str,
    checksum: &Checksum,
) -> Result<(), DatabaseError> {
    let [new, id_is] = [1, 2].map(|n| parameter(backend.capabilities(), n));
    let update = format!("UPDATE {table} SET checksum = {new} WHERE id = {id_is}");
    backend.query(&update, &[checksum.as_str().into(), id.into()]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_other_writers() {
        for (stored, shown) in [
            ("2024-05-01 12:00:00", "2024-05-01T12:00:00Z"),
            ("2024-05-01T12:00:00", "2024-05-01T12:00:00Z"),
            ("2024-05-01T12:00:00.25", "2024-05-01T12:00:00.25Z"),
            ("2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00Z"),
            ("2024-05-01 23:59:60", "2024-05-01T23:59:59Z"),
            ("2024-02-30 12:00:00", "2024-02-30 12:00:00"),
            ("2024-05-01 25:00:00", "2024-05-01 25:00:00"),
            ("20240501T120000.123", "2024-05-01T12:00:00.123Z"),
            ("yesterday", "yesterday"),
            ("", ""),
        ] {
            assert_eq!(rfc3339(stored.to_owned()), shown);
        }
    }
}
