//! What a run came to, what is in effect after it, and where every migration stands.

use std::collections::BTreeMap;

use migration_model::{Checksum, MigrationDirection, MigrationResult};
use serde::Serialize;

/// What a finished run of migrations came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunReport {
    /// Up or down.
    pub direction: MigrationDirection,
    /// One entry for every migration of the plan, in the order in which they ran (or would have).
    pub results: Vec<MigrationResult>,
    /// What is in effect, found by looking into the database after the run.
    pub effects: Effects,
    /// What a person should know though it is no error.
    pub warnings: Vec<String>,
    /// Whether it was only tried out: every check was made and nothing was changed.
    pub dry_run: bool,
}

/// What is in effect after a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Effects {
    /// All together.
    pub state: EffectState,
    /// Every migration of the plan.
    pub migrations: BTreeMap<String, MigrationEffect>,
}

/// How much of what was asked for is in effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// Nothing: the database is as it was.
    None,
    /// Some migrations, or some statements of one.
    Partial,
    /// Everything.
    Complete,
    /// The database could not be asked.
    Unknown,
}

/// Where a migration of the plan stands in the database after the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MigrationEffect {
    /// All of it is in effect.
    Applied,
    /// None of it is in effect any more: it was undone, by a rollback that was asked for or because it failed. Of a
    /// repeatable migration that ran again: what it did the last time still is.
    RolledBack,
    /// Some of its statements are in effect; the journal knows how far it got.
    Partial,
    /// It was never begun.
    NotRun,
    /// The database could not be asked.
    Unknown,
}

/// Where a migration stands: the directory and the database taken together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MigrationInfo {
    /// The migration.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Where it stands.
    pub status: MigrationState,
    /// When it was applied (RFC 3339, UTC, where the row's time can be read as one; else as the row has it).
    pub applied_at: Option<String>,
    /// Checksum of its file; of its row where the file is gone.
    pub checksum: Option<Checksum>,
    /// Ids that must be applied before it.
    pub dependencies: Vec<String>,
    /// How long it took to apply, in milliseconds.
    pub execution_time_ms: Option<i64>,
    /// Whether a migration that comes after it in order is applied already while this one is not.
    pub out_of_order: bool,
    /// Whether it runs again whenever it changes, after all others.
    pub repeatable: bool,
    /// Whether it can be rolled back.
    pub reversible: bool,
    /// For [`MigrationState::Partial`]: how many statements are in effect, of how many.
    pub progress: Option<Progress>,
}

/// How far a migration got that was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// In which direction it was going.
    pub direction: MigrationDirection,
    /// Statements that are in effect.
    pub statements_done: usize,
    /// Statements that it has.
    pub statements_total: usize,
}

/// Where a migration stands: the directory and the database taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MigrationState {
    /// In the directory and not in the database.
    Pending,
    /// In both, and the same.
    Applied,
    /// Begun and cut off: some of its statements are in effect.
    Partial,
    /// The table says that it failed (rows that other programs wrote).
    Failed,
    /// Applied, and its file is another one since.
    Changed,
    /// Repeatable, and its file is another one since it ran: it runs again.
    Outdated,
    /// Applied, and its file is gone.
    Missing,
}

impl MigrationState {
    /// The state as JSON writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Changed => "changed",
            Self::Outdated => "outdated",
            Self::Missing => "missing",
        }
    }

    /// Whether the database holds all that the migration did; of one that is [`Outdated`](Self::Outdated), what it did the
    /// last time.
    #[must_use]
    pub fn is_applied(self) -> bool {
        matches!(self, Self::Applied | Self::Changed | Self::Outdated | Self::Missing)
    }

    /// Whether the next run up has something to do for it. That of one that is [`Outdated`](Self::Outdated) is applied all
    /// the same.
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Pending | Self::Partial | Self::Outdated)
    }
}
