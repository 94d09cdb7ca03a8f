//! The tracking table: which migrations are applied.

use std::collections::HashMap;

use migration_model::Checksum;
use migration_model::message::clip;

use crate::backend::{Backend, refused};
use crate::error::{DatabaseError, Result};
use crate::identifier::{parameter, parameters};
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
        let output = backend.read_table(&table.sql).map_err(|e| refused(backend, &what, e))?;
        let column = |name: &str| output.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        if output.rows.is_empty() {
            return Ok(Self::default());
        }
        let foreign = |why: String| foreign(table, why);
        let id = column("id").ok_or_else(|| foreign("it has no column `id`".to_owned()))?;
        let columns = ["name", "description", "checksum", "applied_at", "status"].map(column);
        let milliseconds = column("execution_time_ms");
        let rows = output.rows.into_iter().map(|row| {
            let text = |place: Option<usize>| place.and_then(|place| row.get(place)).and_then(as_text);
            let [name, description, checksum, applied_at, status] = columns.map(text);
            let id = text(Some(id)).ok_or_else(|| foreign("a row has no id".to_owned()))?;
            let state = state(status.as_deref()).ok_or_else(|| {
                let status = status.as_deref().unwrap_or_default();
                foreign(format!("migration `{}` has the status {:?}", clip(&id), clip(status)))
            })?;
            Ok(HistoryRow {
                id,
                name,
                description,
                checksum: checksum.filter(|digits| !digits.is_empty()).map(Checksum::from_stored),
                applied_at: applied_at.map(|time| rfc3339(&time)),
                execution_time_ms: milliseconds.and_then(|place| row.get(place)).and_then(Value::as_i64),
                state,
            })
        });
        Ok(Self::new(rows.collect::<Result<_>>()?))
    }
}

/// What the texts mean that are in use for it; `None` for any other, which is not to be guessed.
fn state(status: Option<&str>) -> Option<RowState> {
    match status.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "applied" | "completed" | "success") => Some(RowState::Applied),
        Some("failed" | "error" | "running") => Some(RowState::Failed),
        Some("pending" | "rolled_back" | "reverted") => Some(RowState::NotApplied),
        Some(_) => None,
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `2024-05-01 12:00:00` (what `CURRENT_TIMESTAMP` writes, in UTC) and `2024-05-01T12:00:00.123` (what Python's `isoformat`
/// writes) as RFC 3339; any other text as it is.
fn rfc3339(time: &str) -> String {
    if let Ok(timestamp) = time.parse::<jiff::Timestamp>() {
        return timestamp.to_string();
    }
    time.parse::<jiff::civil::DateTime>().map_or_else(|_| time.to_owned(), |civil| format!("{civil}Z"))
}

/// Creates the table unless it exists. The columns are a contract: other programs read them. `table` here and below is the
/// name as it stands in a statement.
pub(crate) fn create(backend: &mut dyn Backend, table: &str) -> Result<(), DatabaseError> {
    backend.batch(&format!(
        "CREATE TABLE IF NOT EXISTS {table} (id VARCHAR(255) PRIMARY KEY NOT NULL, name VARCHAR(255) NOT NULL, \
         description TEXT, checksum VARCHAR(64), applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, \
         execution_time_ms INTEGER, status VARCHAR(50) DEFAULT 'applied')"
    ))
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
    let now = backend.capabilities().utc_now;
    let values = [
        Value::from(migration.id.as_str()),
        Value::from(migration.name.as_str()),
        Value::from(migration.description.clone()),
        Value::from(migration.checksum.as_str()),
        Value::from(execution_time_ms),
    ];
    let insert = format!(
        "INSERT INTO {table} (id, name, description, checksum, execution_time_ms, status, applied_at) \
         VALUES ({}, 'applied', {now})",
        parameters(backend.capabilities(), values.len())
    );
    backend.query(&insert, &values).map(drop)
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
        assert_eq!(rfc3339("2024-05-01 12:00:00"), "2024-05-01T12:00:00Z");
        assert_eq!(rfc3339("2024-05-01T12:00:00.25"), "2024-05-01T12:00:00.25Z");
        assert_eq!(rfc3339("2024-05-01T12:00:00+02:00"), "2024-05-01T10:00:00Z");
        assert_eq!(rfc3339("yesterday"), "yesterday");
    }
}
