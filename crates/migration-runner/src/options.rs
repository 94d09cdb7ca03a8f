//! How a run is to be done.

use std::time::Duration;

use crate::cancel::CancellationToken;

/// How a run is to be done. All is off by default: one thread, a failure stops the run and nothing is undone.
///
/// ```
/// use migration_runner::{OnFailure, RunOptions};
///
/// let options = RunOptions::new().threads(4).on_failure(OnFailure::RollBack);
/// # let _ = options;
/// ```
#[derive(Debug, Clone)]
pub struct RunOptions {
    pub(crate) threads: usize,
    pub(crate) on_failure: OnFailure,
    pub(crate) on_irreversible: OnIrreversible,
    pub(crate) cancellation: CancellationToken,
    pub(crate) lock_timeout: Duration,
}

/// What happens to the steps that were completed when another one fails on the way up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnFailure {
    /// They stay in effect; the next run goes on behind them.
    #[default]
    Stop,
    /// Those of this run are undone in reverse, in all migrations of the run. A rollback that fails stops there.
    RollBack,
}

/// What a rollback does about a step that is in effect and can't be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnIrreversible {
    /// It undoes nothing at all.
    #[default]
    Refuse,
    /// It undoes what comes after that step in the order of the migration; the step and all before it stay in effect.
    StopThere,
}

impl RunOptions {
    /// The default.
    #[must_use]
    pub fn new() -> Self {
        Self {
            threads: 1,
            on_failure: OnFailure::default(),
            on_irreversible: OnIrreversible::default(),
            cancellation: CancellationToken::new(),
            lock_timeout: Duration::from_secs(60),
        }
    }

    /// Runs up to so many steps of a migration at the same time; 0 counts as 1. With more than one, only the dependencies
    /// between steps say which goes first, not their order in the migration. Migrations run one after the other.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// What happens when a step fails on the way up.
    #[must_use]
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// What a rollback does about steps that can't be undone.
    #[must_use]
    pub fn on_irreversible(mut self, on_irreversible: OnIrreversible) -> Self {
        self.on_irreversible = on_irreversible;
        self
    }

    /// What stops the run. The rollback after a failure, or after being stopped, is not stopped by it.
    #[must_use]
    pub fn cancellation(mut self, token: &CancellationToken) -> Self {
        self.cancellation = token.clone();
        self
    }

    /// How long to wait for other runs with the same journal; 60 s unless told otherwise.
    #[must_use]
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = timeout;
        self
    }
}

impl Default for RunOptions {
    fn default() -> Self {
        Self::new()
    }
}
