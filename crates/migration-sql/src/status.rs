//! Where every migration stands: directory, tracking table and journal put side by side. Pure functions.

use std::path::PathBuf;

use serde::Serialize;

use crate::history::{History, HistoryRow, RowState};
use crate::journal::Journal;
use crate::planner::late;
use crate::report::{MigrationInfo, MigrationState, Progress};
use crate::set::{MigrationSet, SqlMigration};

/// What `verify` found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verification {
    /// How many migrations were looked at: those in the directory and those in the database.
    pub checked: usize,
    /// What isn't as it should be.
    pub findings: Vec<Finding>,
}

impl Verification {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// A migration that isn't as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// Which.
    pub id: String,
    /// What is odd about it.
    pub kind: FindingKind,
    /// The same in words.
    pub message: String,
    /// Its file, if there is one.
    pub path: Option<PathBuf>,
}

/// What can be odd about a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Its file was edited after it was applied.
    Changed,
    /// It is applied and its file is gone.
    Missing,
    /// It is pending though a later one is applied.
    OutOfOrder,
    /// It was cut off.
    Partial,
    /// The tracking table says that it failed.
    Failed,
}

impl FindingKind {
    /// The kind as JSON writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::OutOfOrder => "out_of_order",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }
}

/// All migrations: those of the directory in their order, then those only the database knows, by id.
pub(crate) fn list(set: &MigrationSet, history: &History, journal: &Journal) -> Vec<MigrationInfo> {
    let late = late(set, history);
    let known = set.migrations().iter().map(|migration| {
        let row = history.get(&migration.id);
        let status = of(migration, history, journal);
        MigrationInfo {
            id: migration.id.clone(),
            name: migration.name.clone(),
            description: migration.description.clone(),
            status,
            applied_at: row.and_then(|row| row.applied_at.clone()),
            checksum: Some(migration.checksum.clone()),
            dependencies: migration.dependencies.clone(),
            execution_time_ms: row.and_then(|row| row.execution_time_ms),
            out_of_order: late.contains(&migration.id),
            repeatable: migration.repeatable,
            reversible: migration.down.is_some(),
            progress: progress(&migration.id, journal),
        }
    });
    let gone = |row: &&HistoryRow| set.get(&row.id).is_none() && row.state != RowState::NotApplied;
    let mut missing: Vec<&HistoryRow> = history.rows.iter().filter(gone).collect();
    missing.sort_by(|a, b| a.id.cmp(&b.id));
    let missing = missing.into_iter().map(|row| MigrationInfo {
        id: row.id.clone(),
        name: row.name.clone().unwrap_or_else(|| row.id.clone()),
        description: row.description.clone(),
        status: if row.state == RowState::Failed { MigrationState::Failed } else { MigrationState::Missing },
        applied_at: row.applied_at.clone(),
        checksum: row.checksum.clone(),
        dependencies: Vec::new(),
        execution_time_ms: row.execution_time_ms,
        out_of_order: false,
        repeatable: false,
        reversible: false,
        progress: progress(&row.id, journal),
    });
    known.chain(missing).collect()
}

/// Where a migration of the directory stands.
pub(crate) fn of(migration: &SqlMigration, history: &History, journal: &Journal) -> MigrationState {
    if journal.get(&migration.id).is_some() {
        return MigrationState::Partial;
    }
    match history.get(&migration.id) {
        None => MigrationState::Pending,
        Some(row) => match (row.state, &row.checksum) {
            (RowState::NotApplied, _) => MigrationState::Pending,
            (RowState::Failed, _) => MigrationState::Failed,
            (RowState::Applied, Some(applied)) if !applied.matches(&migration.checksum) => {
                if migration.repeatable { MigrationState::Outdated } else { MigrationState::Changed }
            }
            (RowState::Applied, _) => MigrationState::Applied,
        },
    }
}

fn progress(id: &str, journal: &Journal) -> Option<Progress> {
    journal.get(id).map(|entry| Progress {
        direction: entry.direction,
        statements_done: entry.statements_done,
        statements_total: entry.statements_total,
    })
}

/// What isn't as it should be.
pub(crate) fn verify(set: &MigrationSet, history: &History, journal: &Journal) -> Verification {
    let all = list(set, history, journal);
    let findings = all.iter().filter_map(|info| {
        let applied = info.applied_at.as_deref().map(|at| format!(" (applied {at})")).unwrap_or_default();
        let (kind, message) = match info.status {
            MigrationState::Changed => {
                (FindingKind::Changed, format!("was edited after being applied{applied}"))
            }
            MigrationState::Missing => {
                (FindingKind::Missing, format!("is applied, and its file is gone{applied}"))
            }
            MigrationState::Failed => {
                (FindingKind::Failed, "is marked as failed in the tracking table".to_owned())
            }
            MigrationState::Partial => {
                let progress = info.progress?;
                let done =
                    format!("{} of {} statements", progress.statements_done, progress.statements_total);
                (
                    FindingKind::Partial,
                    format!("was cut off on its way {}: {done} are done", progress.direction),
                )
            }
            MigrationState::Pending if info.out_of_order => {
                (FindingKind::OutOfOrder, "is pending though later ones are applied".to_owned())
            }
            // That a migration is pending is no finding, nor that a repeatable one will run again.
            MigrationState::Pending | MigrationState::Applied | MigrationState::Outdated => return None,
        };
        let path = set.get(&info.id).and_then(|migration| migration.up.path.clone());
        Some(Finding {
            id: info.id.clone(),
            kind,
            message: format!("migration `{}` {message}", info.id),
            path,
        })
    });
    Verification { checked: all.len(), findings: findings.collect() }
}
