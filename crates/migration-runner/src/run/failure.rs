//! Why a migration did not get where it should, once it had begun.

use migration_model::{MigrationResult, message};

use crate::journal::JournalError;
use crate::step_error::{StepError, chain};

/// What stood in the way.
pub(crate) enum Failure {
    /// A step failed, the first one that did.
    Step { step: String, error: StepError },
    /// The run was cancelled before all steps were called.
    Cancelled,
    /// The journal could not be written.
    Journal(JournalError),
    /// After the first failure, the journal could not be written either.
    AndJournal { first: Box<Failure>, error: JournalError },
    /// It was rolled back because of another one.
    Other { migration: String },
    /// A rollback stopped where it was told to.
    Irreversible { steps: Vec<String> },
}

impl Failure {
    /// Writes it into the result: what failed in one line with its immediate cause, and the causes of that.
    pub(crate) fn describe(&self, result: &mut MigrationResult) {
        if let Self::AndJournal { first, error } = self {
            first.describe(result);
            return add(result, "then", NO_JOURNAL.to_owned(), chain(error));
        }
        let (error, causes): (String, Vec<String>) = match self {
            Self::Step { step, error } => {
                result.failed_step = Some(step.clone());
                let what = match error {
                    StepError::Failed { source } => format!("failed: {source}"),
                    StepError::SaidNo => "said no".to_owned(),
                    StepError::Panicked { message } => format!("panicked: {message}"),
                    StepError::Irreversible => "can't be undone".to_owned(),
                    StepError::Cancelled => "was cancelled".to_owned(),
                    StepError::TimedOut { limit, .. } => format!("took longer than {limit:?}"),
                };
                let below = if matches!(error, StepError::Failed { .. }) { 2 } else { 1 };
                (format!("step `{step}` {what}"), chain(error).into_iter().skip(below).collect())
            }
            Self::Cancelled => ("cancelled".to_owned(), Vec::new()),
            Self::Journal(error) | Self::AndJournal { error, .. } => (NO_JOURNAL.to_owned(), chain(error)),
            Self::Other { migration } => (format!("`{migration}` failed"), Vec::new()),
            Self::Irreversible { steps } => (
                format!("the rollback stopped at what can't be undone: {}", message::list_ids(steps)),
                Vec::new(),
            ),
        };
        result.error = Some(error);
        result.causes = causes;
    }

    /// Adds it to a result that tells of another failure already: what more went wrong, and how.
    pub(crate) fn add_to(&self, result: &mut MigrationResult, what: &str) {
        let mut second = MigrationResult::new("", 0);
        self.describe(&mut second);
        add(result, what, second.error.unwrap_or_default(), second.causes);
    }
}

const NO_JOURNAL: &str = "the journal can't be written, so nobody will know of the last steps";

/// Adds what more went wrong to a result that tells of a failure.
fn add(result: &mut MigrationResult, what: &str, more: String, causes: Vec<String>) {
    if let Some(error) = &mut result.error {
        error.push_str(&format!("; {what}: {more}"));
    }
    result.causes.extend(causes);
}
