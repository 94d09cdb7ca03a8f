//! The plan: which statements of which migrations would run, in which transactions. Computed by a pure function, shown
//! by `plan` and dry runs, and computed again under the lock by the run itself.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use migration_model::{Checksum, MigrationDirection};
use migration_syntax::StatementKind;
use serde::Serialize;

use crate::hook::PlannedHook;
use crate::journal::Rollback;
use crate::replaced::HIDDEN;
use crate::set::SqlMigration;

/// What a run would do, in order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// Up or down.
    pub direction: MigrationDirection,
    /// The migrations, in the order in which they would run.
    pub migrations: Vec<PlannedMigration>,
    /// What a person should know though it is no error.
    pub warnings: Vec<String>,
    /// What runs around it and around each migration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<PlannedHook>,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.migrations.is_empty()
    }

    /// How many statements would run.
    #[must_use]
    pub fn statement_count(&self) -> usize {
        self.migrations.iter().map(|m| m.statements.len() - m.resume_after).sum()
    }
}

/// One migration of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedMigration {
    /// Which.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The file of the script that would run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Checksum of its up script.
    pub checksum: Checksum,
    /// Whether a migration that comes after it in order is applied already.
    pub out_of_order: bool,
    /// Whether it runs again whenever it changes, after all others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeatable: bool,
    /// Whether it is applied already and runs again, as it changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub runs_again: bool,
    /// How many of its statements are in effect already, from a run that was cut off; they are not run again.
    pub resume_after: usize,
    /// The number of the statement that was in flight when that run was cut off: it is run again unless it turns out to have
    /// taken effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<usize>,
    /// The statements of the script, in order.
    pub statements: Vec<PlannedStatement>,
    /// The transactions that it takes, in order; together they cover all statements.
    pub segments: Vec<Segment>,
    /// What the statement in flight is about, as that was before it ran.
    #[serde(skip)]
    pub(crate) fingerprint: Option<String>,
    /// The statement that brings back what those in effect had left in the session.
    #[serde(skip)]
    pub(crate) session_state: Option<String>,
    /// What is kept to roll it back, of a migration that is applied.
    #[serde(skip)]
    pub(crate) rollback: Option<Rollback>,
    /// Whether the tracking table has a row of it already.
    #[serde(skip)]
    pub(crate) replaces_row: bool,
    /// Whether the journal has a row of it, as one that is unfinished.
    #[serde(skip)]
    pub(crate) replaces_entry: bool,
    /// Whether foreign keys are checked before a segment commits that ran without their enforcement.
    #[serde(skip)]
    pub(crate) checks_foreign_keys: bool,
    /// Whether it leaves a session behind that the next migration must not find.
    #[serde(skip)]
    pub(crate) changes_session: bool,
    /// Whether it brings in a constraint that is checked no earlier than on commit.
    #[serde(skip)]
    pub(crate) defers_constraints: bool,
}

impl PlannedMigration {
    /// What the tracking table needs to know of a migration that isn't run.
    pub(crate) fn without_statements(migration: &SqlMigration) -> Self {
        Self {
            fingerprint: None,
            session_state: None,
            rollback: migration.rollback(),
            replaces_row: true,
            replaces_entry: true,
            repeatable: migration.repeatable,
            runs_again: false,
            id: migration.id.clone(),
            name: migration.name.clone(),
            description: migration.description.clone(),
            path: migration.up.path.clone(),
            checksum: migration.checksum.clone(),
            out_of_order: false,
            resume_after: 0,
            in_flight: None,
            statements: Vec::new(),
            segments: Vec::new(),
            checks_foreign_keys: false,
            changes_session: false,
            defers_constraints: false,
        }
    }
}

/// One statement of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedStatement {
    /// Its number in the script, from 1.
    pub number: usize,
    /// What it is.
    pub kind: StatementKind,
    /// Its text. `***` stands for a value that is sent and shown nowhere.
    pub sql: String,
    /// The line of the file on which it begins, from 1.
    pub line: usize,
    /// The byte of the file at which it begins.
    pub start: usize,
    /// What is sent, where that is not what is shown.
    #[serde(skip)]
    pub(crate) hidden: Option<Hidden>,
    /// The byte of the script's text at which it begins; the file has names where the text has values.
    #[serde(skip)]
    pub(crate) offset: usize,
    /// How it is run.
    pub action: StatementAction,
    /// Whether it only sets up the session (attaches a database, throws a switch): run again when a migration that was
    /// cut off after it is resumed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub session: bool,
    /// The data behind `COPY … FROM stdin`.
    #[serde(skip)]
    pub(crate) copy_data: Option<Arc<str>>,
}

impl PlannedStatement {
    /// The text that is sent to the database.
    pub(crate) fn sent(&self) -> &str {
        self.hidden.as_ref().map_or(&self.sql, |hidden| &hidden.sql)
    }

    /// A text of the database's without the values that are shown nowhere. Of a single letter nobody could tell.
    pub(crate) fn without_secrets(&self, text: &mut String) {
        for secret in self.hidden.iter().flat_map(|hidden| &hidden.secrets).filter(|secret| secret.len() > 1)
        {
            *text = text.replace(secret.as_str(), HIDDEN);
        }
    }
}

/// A statement with values that are shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// What is sent.
    pub(crate) sql: String,
    /// The values.
    pub(crate) secrets: Vec<String>,
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// How a statement of a script is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StatementAction {
    /// As it stands.
    Execute,
    /// The script's own `BEGIN`: a savepoint in the migration's transaction.
    OpenBlock,
    /// The script's own `COMMIT`: the savepoint is released.
    CloseBlock,
    /// The script's own `ROLLBACK`: back to the savepoint.
    UndoBlock,
    /// A function of the program that runs the migrations: it is called, and `sql` is its label.
    Call,
    /// Not sent: a `BEGIN`, `COMMIT` or `LOCK TABLES` that could not mean anything here; a warning of the plan says why.
    Skipped,
    /// A switch that only works outside of a transaction (SQLite's `PRAGMA foreign_keys`): thrown before the transaction
    /// of the statements that it is meant for.
    Hoisted,
}

/// Consecutive statements of a migration that take effect together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Segment {
    /// Number of the first statement.
    pub first: usize,
    /// Number of the last statement.
    pub last: usize,
    /// Whether they run in one transaction; else each takes effect by itself, and the journal notes each.
    pub transaction: bool,
    /// Whether foreign keys are enforced while they run.
    pub foreign_keys: bool,
}
