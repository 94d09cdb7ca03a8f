//! Why a step did not do what it should.

use std::error::Error;
use std::time::Duration;

use thiserror::Error;

/// Any error of a step's own.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Why a call of a step failed. Observers get it with [`Event::StepFailed`](migration_model::Event::StepFailed).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StepError {
    /// It returned `false`.
    #[error("the step said no")]
    SaidNo,
    /// It returned an error, which is the source.
    #[error("the step failed")]
    Failed {
        /// What it returned.
        source: BoxError,
    },
    /// It panicked. With `panic = "abort"` the process ends instead.
    #[error("the step panicked: {message}")]
    Panicked {
        /// What it panicked with, if that was a text.
        message: String,
    },
    /// It was to be undone and has no `down`. Runs find that out beforehand.
    #[error("the step can't be undone")]
    Irreversible,
    /// It stopped because the run was cancelled.
    #[error("the step was cancelled")]
    Cancelled,
    /// It failed after it had taken longer than it may.
    #[error("the step took longer than {limit:?}")]
    TimedOut {
        /// How long it may take.
        limit: Duration,
        /// What it returned, unless it just stopped as it was asked to.
        source: Option<BoxError>,
    },
}

impl StepError {
    /// The error that the step itself returned, or else this one.
    pub(crate) fn own(&self) -> &(dyn Error + 'static) {
        match self {
            Self::Failed { source } | Self::TimedOut { source: Some(source), .. } => source.as_ref(),
            other => other,
        }
    }
}

/// A step was asked to stop, by [`StepContext::check`](crate::StepContext::check) or while it slept. A step returns it, and
/// its failure is then told as what it was: a cancellation or an overrun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("asked to stop")]
pub struct Cancelled;

/// What a step wants to share is not there: nobody gave the runner a value of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the runner was given no value of the type `{type_name}`")]
pub struct MissingState {
    /// The type, as the compiler calls it.
    pub type_name: &'static str,
}

/// An error with its causes, outermost first.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    texts
}

/// An error with its causes in one line of text.
pub(crate) fn in_one_line(error: &(dyn Error + 'static)) -> String {
    chain(error).join(": ")
}
