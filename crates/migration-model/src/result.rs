//! What came of running a migration.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::time::{optional, seconds};
use crate::{StepEffect, StepResult};

/// Where a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MigrationStatus {
    /// Not begun.
    Pending,
    /// Under way.
    Running,
    /// Every step took effect.
    Completed,
    /// A step failed; [`MigrationResult::steps_completed`] says how many took effect and still do.
    Failed,
    /// What it had done is undone.
    RolledBack,
}

impl MigrationStatus {
    /// The status as JSON writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
        }
    }

    /// Whether nothing more will happen to it in this run.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::RolledBack)
    }
}

impl fmt::Display for MigrationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The outcome of running one migration in one direction; serializes to the JSON that `up` and `down` print.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MigrationResult {
    /// Which migration.
    pub migration_id: String,
    /// Where it stands now.
    pub status: MigrationStatus,
    /// Steps that are where the run wanted them: in effect on the way up, undone on the way down. Those that an earlier
    /// run brought there count, those that this run undid again don't. For SQL a step is a statement.
    pub steps_completed: usize,
    /// Steps that there are to do.
    pub steps_total: usize,
    /// Wall-clock time of this run of it; in JSON `duration_seconds`.
    #[serde(rename = "duration_seconds", with = "seconds")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub duration: Duration,
    /// SQL statements that the database executed without an error, effective or undone.
    pub statements_executed: u64,
    /// Rows that those statements inserted, changed or deleted, as the database counts them.
    pub rows_affected: u64,
    /// Why it failed.
    pub error: Option<String>,
    /// What caused [`error`](Self::error), and what caused that, and so on; left out of JSON where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// The id of the step that failed, where steps have ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_step: Option<String>,
    /// When it began, where that was noted; in JSON as RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub started_at: Option<SystemTime>,
    /// When it ended, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub finished_at: Option<SystemTime>,
    /// What happened to each step, in the order in which they go up; empty where that is not told step by step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepResult>,
    /// `steps_completed / steps_total`, from 0.0 to 1.0; an empty migration is at 1.0 once it is completed.
    progress: f64,
}

impl MigrationResult {
    /// The state before anything ran.
    pub fn new(migration_id: impl Into<String>, steps_total: usize) -> Self {
        Self {
            migration_id: migration_id.into(),
            status: MigrationStatus::Pending,
            steps_completed: 0,
            steps_total,
            duration: Duration::ZERO,
            statements_executed: 0,
            rows_affected: 0,
            error: None,
            causes: Vec::new(),
            failed_step: None,
            started_at: None,
            finished_at: None,
            steps: Vec::new(),
            progress: 0.0,
        }
    }

    /// How far it got, from 0.0 to 1.0.
    #[must_use]
    pub fn progress(&self) -> f64 {
        self.progress
    }

    /// Records where it stands, and with it the progress.
    pub fn advance(&mut self, status: MigrationStatus, steps_completed: usize) {
        self.status = status;
        self.steps_completed = steps_completed.min(self.steps_total);
        self.progress = match (self.steps_total, status) {
            (0, MigrationStatus::Completed | MigrationStatus::RolledBack) => 1.0,
            (0, _) => 0.0,
            (total, _) => self.steps_completed as f64 / total as f64,
        };
    }

    /// Whether it did what it was asked to.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.error.is_none()
            && matches!(self.status, MigrationStatus::Completed | MigrationStatus::RolledBack)
    }

    /// The ids of the steps that are in effect, or may be, now that the run is over; of those that are told one by one.
    pub fn in_effect(&self) -> impl Iterator<Item = &str> {
        let there = self.steps.iter().filter(|step| step.effect != StepEffect::NotInEffect);
        there.map(|step| step.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_follows_the_steps() {
        let mut result = MigrationResult::new("001", 4);
        assert_eq!(result.progress(), 0.0);
        result.advance(MigrationStatus::Running, 1);
        assert_eq!(result.progress(), 0.25);
        result.advance(MigrationStatus::Completed, 9);
        assert_eq!((result.steps_completed, result.progress()), (4, 1.0));
    }

    #[test]
    fn an_empty_migration_ends_at_one() {
        let mut result = MigrationResult::new("001", 0);
        result.advance(MigrationStatus::Failed, 0);
        assert_eq!(result.progress(), 0.0);
        result.advance(MigrationStatus::Completed, 0);
        assert_eq!(result.progress(), 1.0);
    }

    #[test]
    fn json_has_the_names_of_the_contract() {
        let mut result = MigrationResult::new("001", 2);
        result.advance(MigrationStatus::RolledBack, 2);
        result.duration = Duration::from_millis(1500);
        let json = serde_json::to_value(&result).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "migration_id": "001", "status": "rolled_back", "steps_completed": 2, "steps_total": 2,
                "progress": 1.0, "duration_seconds": 1.5, "statements_executed": 0, "rows_affected": 0, "error": null,
            })
        );
        assert_eq!(serde_json::from_value::<MigrationResult>(json).unwrap(), result);
    }
}
