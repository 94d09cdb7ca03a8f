//! Callable migrations.

mod action;
mod cancel;
mod context;
mod error;
pub mod journal;
mod locks;
mod observers;
mod options;
mod outcome;
mod outline;
mod retry;
mod run;
mod runner;
mod schedule;
mod state;
mod step_error;
mod sync;

pub use action::{Action, AddCallables, IntoAction, IntoProbe, Probe};
pub use cancel::CancellationToken;
pub use context::StepContext;
pub use error::{Error, Result, UncertainStep};
pub use journal::{FileJournal, Journal, MemoryJournal};
pub use options::{OnFailure, OnIrreversible, RunOptions};
pub use outcome::{ProbeOutcome, StepOutcome};
pub use retry::Retry;
pub use runner::MigrationRunner;
pub use step_error::{Cancelled, MissingState, StepError};

pub use migration_model::{
    Event, MigrationDirection, MigrationResult, MigrationStatus, Observer, StepEffect, StepResult, StepStatus,
};

/// A migration whose steps are functions.
pub type Migration = migration_model::Migration<Action>;

/// A step that is a function, and the function that undoes it.
pub type MigrationStep = migration_model::MigrationStep<Action>;
