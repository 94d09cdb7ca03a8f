//! The journal: how far a migration got that takes more than one transaction, and how to roll back one whose file is gone.
//!
//! A migration that is one transaction needs no note on its way: its statements and its history row commit together. Any
//! other has a row that says how far it is, written in each segment's own transaction where it has one. Where a statement
//! runs outside of a transaction and can't simply be run twice, the row says beforehand that it is in flight, with a
//! fingerprint of what it is about: after a crash the next run looks whether it took effect.
//!
//! The commit that completes a migration makes the row one that says `applied` and keeps the down part; where there is
//! nothing to keep, the row goes away. So whatever the table holds as `partial` is unfinished.

use std::collections::HashMap;
use std::sync::Arc;

use migration_model::{Checksum, MigrationDirection};
use serde::{Deserialize, Serialize};

use crate::backend::{Backend, Capabilities, refused};
use crate::error::{DatabaseError, DatabaseErrorKind, Result};
use crate::history::HistoryRow;
use crate::identifier::{Bound, parameter, parameters};
use crate::plan::{PlannedMigration, PlannedStatement};
use crate::set::{Script, SqlMigration};
use crate::tracking::{Table, foreign};
use crate::value::Value;

/// What the journal says of unfinished migrations.
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
    /// The statement that was in flight: whether it took effect is to be found out.
    pub(crate) in_flight: Option<Intent>,
    /// The statement that brings back what those that are done left in the session; see [`Backend::keep_session`].
    pub(crate) session: Option<String>,
}

/// A statement that is about to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// Its number in the script, from 1.
    pub(crate) statement: usize,
    /// What it is about, as that was before; see [`Backend::fingerprint`].
    pub(crate) fingerprint: Option<String>,
}

/// A down part as it is kept for the day when the file is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rollback {
    pub(crate) sql: Arc<str>,
    pub(crate) details: RollbackDetails,
}

/// What else is needed to roll back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RollbackDetails {
    pub(crate) run_in_transaction: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) dependencies: Vec<String>,
}

impl Rollback {
    /// The migration as far as the database knows it: only its way down can be run.
    pub(crate) fn migration(self, row: &HistoryRow, checksum: Checksum) -> SqlMigration {
        let down = Script::from_text(self.sql);
        let mut migration = SqlMigration::new(&row.id, Script::from_text(""), Some(down));
        migration.name = row.name.clone().unwrap_or_else(|| row.id.clone());
        migration.description = row.description.clone();
        migration.dependencies = self.details.dependencies;
        migration.run_in_transaction = self.details.run_in_transaction;
        migration.checksum = checksum;
        migration
    }
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

    /// Reads what is unfinished in one query; nothing when there is no such table.
    ///
    /// # Errors
    /// `Error::Database` when it can't be read, `Error::ForeignTable` for a row that makes no sense.
    pub(crate) fn read(backend: &mut dyn Backend, table: &Table) -> Result<Self> {
        if !table.exists {
            return Ok(Self::default());
        }
        let what = format!("the table `{}` can't be read", table.name);
        let select = format!(
            "SELECT migration_id, direction, statements_done, statements_total, checksum, in_flight, fingerprint, state, details \
             FROM {} WHERE state <> 'applied'",
            table.sql
        );
        let output = backend.query(&select, &[]).map_err(|error| match error.kind {
            DatabaseErrorKind::Statement => foreign(table, error.message),
            _ => refused(backend, &what, error),
        })?;
        let output = output.with_texts();
        let entries = output.rows.iter().map(|row| {
            // A row that can't be read must not be taken for none: it says that something is unfinished.
            entry(row).ok_or_else(|| foreign(table, format!("a row can't be read: {row:?}")))
        });
        Ok(Self { entries: entries.collect::<Result<_>>()? })
    }
}

fn entry(row: &[Value]) -> Option<(String, JournalEntry)> {
    let [id, direction, done, total, checksum, in_flight, fingerprint, state, details] = row else {
        return None;
    };
    let number = |value: &Value| value.as_i64().and_then(|n| usize::try_from(n).ok());
    let in_flight = match in_flight {
        Value::Null => None,
        value => Some(Intent {
            statement: number(value).filter(|number| *number > 0)?,
            fingerprint: fingerprint.as_str().map(str::to_owned),
        }),
    };
    let entry = JournalEntry {
        direction: direction.as_str()?.parse().ok()?,
        statements_done: number(done)?,
        statements_total: number(total)?,
        checksum: Checksum::from_stored(checksum.as_str()?),
        in_flight,
        session: details.as_str().map(str::to_owned),
    };
    (state.as_str() == Some("partial")).then_some(())?;
    Some((id.as_str()?.to_owned(), entry))
}

/// The down parts that are kept for some migrations, by their ids; of all others nothing is said.
///
/// # Errors
/// `Error::Database` when the table can't be read, `Error::ForeignTable` for a row that makes no sense.
pub(crate) fn read_rollbacks(
    backend: &mut dyn Backend,
    table: &Table,
    ids: &[&str],
) -> Result<HashMap<String, (Checksum, Rollback)>> {
    let mut rollbacks = HashMap::new();
    if !table.exists {
        return Ok(rollbacks);
    }
    let what = format!("the table `{}` can't be read", table.name);
    let select = format!(
        "SELECT checksum, rollback_sql, details FROM {} WHERE state = 'applied' AND migration_id = {}",
        table.sql,
        parameter(backend.capabilities(), 1)
    );
    for id in ids {
        let output = backend.query(&select, &[(*id).into()]).map_err(|e| refused(backend, &what, e))?;
        let output = output.with_texts();
        let Some([checksum, sql, details]) = output.rows.first().map(Vec::as_slice) else { continue };
        let parts = || {
            let details = serde_json::from_str(details.as_str()?).ok()?;
            let rollback = Rollback { sql: sql.as_str()?.into(), details };
            Some((Checksum::from_stored(checksum.as_str()?), rollback))
        };
        let kept = parts().ok_or_else(|| {
            foreign(table, format!("what it keeps to roll back migration `{id}` can't be read"))
        })?;
        rollbacks.insert((*id).to_owned(), kept);
    }
    Ok(rollbacks)
}

/// The statement that creates the table unless it exists. `table` here and below is the name as it stands in a statement.
pub(crate) fn creation(capabilities: Capabilities, table: &str) -> String {
    let long_text = capabilities.long_text;
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (migration_id VARCHAR(255) PRIMARY KEY NOT NULL, state VARCHAR(8) NOT NULL, \
         direction VARCHAR(4) NOT NULL, statements_done INTEGER NOT NULL, statements_total INTEGER NOT NULL, \
         checksum VARCHAR(64) NOT NULL, in_flight INTEGER, fingerprint {long_text}, rollback_sql {long_text}, \
         details {long_text}, recorded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)"
    )
}

/// Notes that the first `done` statements of a migration are in effect, and which one is about to run if that has to be
/// known.
pub(crate) fn record(
    backend: &mut dyn Backend,
    table: &str,
    migration: &PlannedMigration,
    direction: MigrationDirection,
    done: usize,
    in_flight: Option<&Intent>,
) -> Result<(), DatabaseError> {
    let session = backend.keep_session(&migration.statements[..done])?;
    let checksum = prefix_checksum(&migration.statements[..done]);
    let values = [
        migration.id.as_str().into(),
        "partial".into(),
        direction.as_str().into(),
        number(done),
        number(migration.statements.len()),
        checksum.as_str().into(),
        in_flight.map_or(Value::Null, |intent| number(intent.statement)),
        in_flight.and_then(|intent| intent.fingerprint.clone()).into(),
        Value::Null,
        session.into(),
    ];
    putting(backend.capabilities(), table, values).run(backend)
}

/// The statement that notes that a migration is applied, and keeps its down part.
pub(crate) fn keeping_rollback(
    capabilities: Capabilities,
    table: &str,
    migration: &PlannedMigration,
    rollback: &Rollback,
) -> Bound {
    let all = number(migration.statements.len());
    let values = [
        migration.id.as_str().into(),
        "applied".into(),
        MigrationDirection::Up.as_str().into(),
        all.clone(),
        all,
        // Of the whole file, as in the tracking table: who finds another one there knows that this is stale.
        migration.checksum.as_str().into(),
        Value::Null,
        Value::Null,
        Value::Text(rollback.sql.to_string()),
        serde_json::to_string(&rollback.details).ok().into(),
    ];
    putting(capabilities, table, values)
}

const COLUMNS: [&str; 10] = [
    "migration_id",
    "state",
    "direction",
    "statements_done",
    "statements_total",
    "checksum",
    "in_flight",
    "fingerprint",
    "rollback_sql",
    "details",
];

/// Writes a row, in the place of the migration's earlier one.
fn putting(capabilities: Capabilities, table: &str, values: [Value; 10]) -> Bound {
    let (verb, end) = if capabilities.replaces_into {
        ("REPLACE", String::new())
    } else {
        let changes: Vec<_> = COLUMNS[1..].iter().map(|name| format!("{name} = excluded.{name}")).collect();
        ("INSERT", format!(" ON CONFLICT (migration_id) DO UPDATE SET {}", changes.join(", ")))
    };
    let sql = format!(
        "{verb} INTO {table} ({}) VALUES ({}){end}",
        COLUMNS.join(", "),
        parameters(capabilities, values.len())
    );
    Bound { sql, values: values.into() }
}

fn number(n: usize) -> Value {
    Value::Integer(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Removes what the journal says of a migration.
pub(crate) fn clear(backend: &mut dyn Backend, table: &str, id: &str) -> Result<(), DatabaseError> {
    let id_is = parameter(backend.capabilities(), 1);
    backend.query(&format!("DELETE FROM {table} WHERE migration_id = {id_is}"), &[id.into()]).map(drop)
}

/// The checksum of statements whatever blanks and comments stand between them.
pub(crate) fn prefix_checksum(statements: &[PlannedStatement]) -> Checksum {
    let texts: Vec<&str> = statements.iter().map(PlannedStatement::sent).collect();
    Checksum::of_text(&texts.join("\n;\n"))
}
