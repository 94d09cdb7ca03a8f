//! Why nothing was run.

use std::time::Duration;

use migration_model::message::{list, list_ids};
use migration_model::{GraphError, InvalidId, MigrationDirection};
use thiserror::Error;

use crate::journal::JournalError;
use crate::step_error::StepError;

/// What a run that comes to nothing returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a run was refused. **No step was called**; what fails once steps were called is told by the
/// [`MigrationResult`](migration_model::MigrationResult).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A migration has an impossible id.
    #[error("a migration can't be run")]
    Id {
        /// What is wrong with it.
        source: InvalidId,
    },
    /// Migrations can't be put into an order.
    #[error("the migrations can't be put into an order")]
    Migrations {
        /// Duplicates or a cycle.
        source: GraphError,
    },
    /// Steps of a migration have the same id.
    #[error("more than one step of `{migration}` has the id {}", list_ids(.steps))]
    DuplicateSteps {
        /// Of which migration.
        migration: String,
        /// The ids in question.
        steps: Vec<String>,
    },
    /// A step depends on one that its migration doesn't have.
    #[error("steps of `{migration}` depend on steps that it doesn't have: {}", pairs(.missing))]
    MissingSteps {
        /// Of which migration.
        migration: String,
        /// Pairs: a step, and an id that it depends on.
        missing: Vec<(String, String)>,
    },
    /// Steps of a migration depend on each other in a ring.
    #[error("the steps of `{migration}` depend on each other in a cycle: {}", list(.path, " -> "))]
    StepCycle {
        /// Of which migration.
        migration: String,
        /// Each depends on the next; the last is the first again.
        path: Vec<String>,
    },
    /// A migration depends on one that is neither run with it nor completed.
    #[error("migrations depend on others that are not completed: {}", pairs(.missing))]
    MissingDependencies {
        /// Pairs: a migration, and an id that it depends on.
        missing: Vec<(String, String)>,
    },
    /// A migration can't be rolled back, since others that are in effect depend on it.
    #[error("`{migration}` is needed by {}", list_ids(.by))]
    StillNeeded {
        /// Which migration.
        migration: String,
        /// Those that depend on it.
        by: Vec<String>,
    },
    /// A rollback would come to steps that can't be undone.
    #[error("steps of `{migration}` that are in effect can't be undone: {}", list_ids(.steps))]
    Irreversible {
        /// Of which migration.
        migration: String,
        /// Those steps.
        steps: Vec<String>,
    },
    /// Steps are in effect that the migration doesn't have any more.
    #[error("the journal has steps of `{migration}` in effect that it doesn't have any more: {}", list_ids(.steps))]
    UnknownSteps {
        /// Of which migration.
        migration: String,
        /// Those steps.
        steps: Vec<String>,
    },
    /// Steps were under way when a run was cut off, and nothing says how to find out whether they took effect.
    /// [`MigrationRunner::settle`](crate::MigrationRunner::settle) takes the answer.
    #[error("a run was cut off, and nobody knows whether steps took effect: {}", list(.steps.iter().map(UncertainStep::describe), ", "))]
    Uncertain {
        /// Those steps.
        steps: Vec<UncertainStep>,
    },
    /// The check whether an uncertain step took effect failed.
    #[error("can't find out whether the step `{step}` of `{migration}` took effect")]
    Probe {
        /// Of which migration.
        migration: String,
        /// Which step.
        step: String,
        /// What the check came to.
        source: StepError,
    },
    /// Another run was at work all the time.
    #[error("another run with the same journal is at work on {} or what it needs; waited for {waited:?}", list_ids(.migrations))]
    Locked {
        /// The migrations that were to be run.
        migrations: Vec<String>,
        /// For how long.
        waited: Duration,
    },
    /// The run was cancelled before it began.
    #[error("cancelled before it began")]
    Cancelled,
    /// There is no such step.
    #[error("`{migration}` has no uncertain step `{step}`")]
    NotUncertain {
        /// Of which migration.
        migration: String,
        /// Which step.
        step: String,
    },
    /// The journal could not be read or written.
    #[error("the journal {journal} is of no use")]
    Journal {
        /// Its name.
        journal: String,
        /// What is wrong with it.
        source: JournalError,
    },
}

/// A step of which nobody knows whether it is in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UncertainStep {
    /// Of which migration.
    pub migration: String,
    /// Which step.
    pub step: String,
    /// Whether it was being done or undone.
    pub direction: MigrationDirection,
}

impl UncertainStep {
    fn describe(&self) -> String {
        format!("`{}` of `{}` ({})", self.step, self.migration, self.direction)
    }
}

fn pairs(pairs: &[(String, String)]) -> String {
    list(pairs.iter().map(|(from, to)| format!("`{from}` on `{to}`")), ", ")
}
