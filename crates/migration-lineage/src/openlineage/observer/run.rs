//! What an observer keeps of what it is told: of a run, and of each of its migrations.

use std::collections::BTreeMap;

use migration_model::{Event, MigrationDirection, MigrationResult, MigrationStatus};

use crate::openlineage::with_causes;

/// An event of a run of migrations, to be kept: what there is to say of it to others.
#[derive(Debug)]
pub(super) enum Told {
    RunStarted(MigrationDirection),
    Started(String),
    Executed { id: String, number: usize, sql: String, rows: u64 },
    Failed { id: String, sql: String, message: String },
    StepFailed { id: String, message: String },
    Finished(Outcome),
    Committed(Vec<String>),
    RunFinished(Vec<Outcome>),
}

/// What came of a migration.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) id: String,
    pub(super) status: MigrationStatus,
    /// How many of its statements are in effect.
    pub(super) effective: usize,
    pub(super) error: Option<String>,
}

/// A migration of a run.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) id: String,
    pub(super) run_id: String,
    /// Its statements by their numbers, with the rows that the database counted: one that runs again after a retry takes the
    /// place of the first.
    pub(super) statements: BTreeMap<usize, (String, u64)>,
    /// The statement that failed, and what was said of it.
    pub(super) failure: Option<(String, String)>,
    pub(super) outcome: Option<Outcome>,
    /// Whether its end was told.
    pub(super) is_over: bool,
}

impl Told {
    pub(super) fn of(event: &Event<'_>) -> Option<Self> {
        Some(match event {
            Event::RunStarted { direction, .. } => Self::RunStarted(*direction),
            Event::MigrationStarted { id, .. } => Self::Started((*id).to_owned()),
            Event::StatementExecuted { migration, number, sql, rows_affected, .. } => Self::Executed {
                id: (*migration).to_owned(),
                number: *number,
                sql: (*sql).to_owned(),
                rows: *rows_affected,
            },
            Event::StatementFailed { migration, sql, message, .. } => Self::Failed {
                id: (*migration).to_owned(),
                sql: (*sql).to_owned(),
                message: (*message).to_owned(),
            },
            Event::StepFailed { migration, step, error, .. } => Self::StepFailed {
                id: (*migration).to_owned(),
                message: format!("step `{step}`: {}", with_causes(*error)),
            },
            Event::MigrationFinished { result } => Self::Finished(Outcome::of(result)),
            Event::Committed { migrations } => {
                Self::Committed(migrations.iter().map(|id| (*id).to_owned()).collect())
            }
            Event::RunFinished { results } => Self::RunFinished(results.iter().map(Outcome::of).collect()),
            _ => return None,
        })
    }

    /// How many bytes of statements it holds.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Executed { sql, .. } | Self::Failed { sql, .. } => sql.len(),
            _ => 0,
        }
    }
}

impl Outcome {
    fn of(result: &MigrationResult) -> Self {
        let error = result.error.as_ref().map(|error| {
            let causes: String = result.causes.iter().map(|cause| format!(": {cause}")).collect();
            error.clone() + &causes
        });
        Self {
            id: result.migration_id.clone(),
            status: result.status,
            effective: result.steps_completed,
            error,
        }
    }

    /// Whether it did what the run wanted.
    pub(super) fn is_success(&self, direction: MigrationDirection) -> bool {
        let wanted = match direction {
            MigrationDirection::Up => MigrationStatus::Completed,
            MigrationDirection::Down => MigrationStatus::RolledBack,
        };
        self.error.is_none() && self.status == wanted
    }

    /// Whether somebody ended the run.
    pub(super) fn is_interrupted(&self) -> bool {
        self.error.as_ref().is_none_or(|error| error == "interrupted" || error.starts_with("cancelled"))
            && self.status != MigrationStatus::RolledBack
    }
}

impl Unit {
    pub(super) fn new(id: String, run_id: String) -> Self {
        Self { id, run_id, statements: BTreeMap::new(), failure: None, outcome: None, is_over: false }
    }

    /// Why it didn't do what the run wanted.
    pub(super) fn why(&self, outcome: &Outcome) -> String {
        match (&outcome.error, &self.failure) {
            (Some(error), _) => error.clone(),
            (None, Some((_, message))) => message.clone(),
            (None, None) => format!("{}: nothing of it is in effect", outcome.status),
        }
    }

    /// How many bytes of statements it holds.
    pub(super) fn bytes(&self) -> usize {
        let executed: usize = self.statements.values().map(|(sql, _)| sql.len()).sum();
        executed + self.failure.as_ref().map_or(0, |(sql, _)| sql.len())
    }
}
