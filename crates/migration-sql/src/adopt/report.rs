//! What is asked for when a history is taken over, and what it came to.

use serde::Serialize;

use super::Tool;

/// What is to be taken over, and how.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct AdoptRequest {
    /// Whose history; `None` finds it out from the tables that are there.
    pub from: Option<Tool>,
    /// The table that holds it, where that isn't the tool's usual one; on a server also `schema.table`.
    pub table: Option<String>,
    /// Go on though no file of the directory holds a migration that the table names, and pass it over.
    pub ignore_missing: bool,
    /// Make every check and say what would be recorded, and change nothing.
    pub dry_run: bool,
}

/// Another tool's history, brought together with the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdoptReport {
    /// Whose history it is.
    pub tool: Tool,
    /// The table that holds it. Nothing is written there.
    pub table: String,
    /// The migrations that are applied by it, in order.
    pub migrations: Vec<AdoptedMigration>,
    /// What the table names and no file of the directory holds; passed over as asked for.
    pub missing: Vec<String>,
    /// The migrations that are applied neither by that table nor by ours, in order.
    pub pending: Vec<String>,
    /// What a person should know though it is no error.
    pub warnings: Vec<String>,
    /// Whether it was only tried out: every check was made and nothing was changed.
    pub dry_run: bool,
}

impl AdoptReport {
    /// How many migrations are (or would be) recorded as applied.
    #[must_use]
    pub fn adopted(&self) -> usize {
        self.migrations.iter().filter(|migration| migration.status == Adoption::Adopted).count()
    }
}

/// A migration that another tool has applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdoptedMigration {
    /// Which.
    pub id: String,
    /// What became of it.
    pub status: Adoption,
    /// When that tool applied it (RFC 3339, UTC), where it says so.
    pub applied_at: Option<String>,
    /// How long that took in milliseconds, where the tool says so.
    pub execution_time_ms: Option<i64>,
    /// Whether the tool kept a checksum, which is that of the file.
    pub checksum_verified: bool,
}

/// What becomes of a migration that another tool has applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Adoption {
    /// It is recorded as applied.
    Adopted,
    /// It was before.
    AlreadyApplied,
}

/// The migrations that count as applied from now on without having been run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BaselineReport {
    /// The last of them.
    pub target: String,
    /// Everything up to it, in order.
    pub migrations: Vec<BaselineMigration>,
    /// What comes after it and is not applied, in order.
    pub pending: Vec<String>,
    /// What a person should know though it is no error.
    pub warnings: Vec<String>,
    /// Whether it was only tried out: every check was made and nothing was changed.
    pub dry_run: bool,
}

impl BaselineReport {
    /// How many migrations are (or would be) recorded as applied.
    #[must_use]
    pub fn adopted(&self) -> usize {
        self.migrations.iter().filter(|migration| migration.status == Adoption::Adopted).count()
    }
}

/// A migration up to a baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BaselineMigration {
    /// Which.
    pub id: String,
    /// What became of it.
    pub status: Adoption,
}

/// The history of another tool beside ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForeignHistory {
    /// Whose it is; `None` for a table that is named like a tool's and is somebody else's.
    pub tool: Option<Tool>,
    /// The table.
    pub table: String,
}
