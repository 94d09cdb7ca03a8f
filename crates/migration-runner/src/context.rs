//! What a step gets to know while it runs.

use std::any::Any;
use std::fmt;
use std::time::{Duration, Instant};

use migration_model::{Event, MigrationDirection};
use tracing::Span;

use crate::cancel::CancellationToken;
use crate::observers::Observers;
use crate::state::States;
use crate::step_error::{Cancelled, MissingState};

/// One call of a step: which it is, whether it shall stop, and what it shares with others.
pub struct StepContext<'a> {
    pub(crate) migration: &'a str,
    pub(crate) step: &'a str,
    pub(crate) direction: MigrationDirection,
    pub(crate) attempt: u32,
    pub(crate) cancellation: &'a CancellationToken,
    pub(crate) deadline: Option<Instant>,
    pub(crate) states: &'a States,
    pub(crate) observers: &'a Observers,
    pub(crate) span: &'a Span,
}

impl StepContext<'_> {
    /// The id of the migration.
    #[must_use]
    pub fn migration(&self) -> &str {
        self.migration
    }

    /// The id of the step.
    #[must_use]
    pub fn step(&self) -> &str {
        self.step
    }

    /// Whether the step is done or undone.
    #[must_use]
    pub fn direction(&self) -> MigrationDirection {
        self.direction
    }

    /// Which attempt of this run this is, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether the step shall stop: the run was cancelled, or the step's time is over.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled() || self.overran()
    }

    /// The same for `?`.
    ///
    /// # Errors
    /// [`Cancelled`] if the step shall stop.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    /// Sleeps, but not on when the step shall stop.
    ///
    /// # Errors
    /// [`Cancelled`] if the step shall stop before the time is over.
    pub fn sleep(&self, duration: Duration) -> Result<(), Cancelled> {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let cut_short = left.is_some_and(|left| left < duration);
        if self.cancellation.wait(left.map_or(duration, |left| left.min(duration))) || cut_short {
            return Err(Cancelled);
        }
        Ok(())
    }

    /// When the step's time is over, if it has a limit.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The switch that cancels the run, to hand it on; it knows nothing of the step's deadline.
    #[must_use]
    pub fn cancellation(&self) -> &CancellationToken {
        self.cancellation
    }

    /// Tells observers how far the step is, in units of its own: rows, bytes, files.
    pub fn progress(&self, done: u64, total: Option<u64>) {
        let (migration, step) = (self.migration, self.step);
        self.observers.tell(&Event::StepProgress { migration, step, done, total });
    }

    /// The value of a type that the runner was given
    /// ([`MigrationRunner::with_state`](crate::MigrationRunner::with_state)). What steps change has a lock in it.
    ///
    /// # Errors
    /// [`MissingState`] if there is none of that type.
    pub fn state<T: Any + Send + Sync>(&self) -> Result<&T, MissingState> {
        self.states.get()
    }

    /// The `tracing` span of the step; it is entered on the step's own thread, and to be handed on to others.
    #[must_use]
    pub fn span(&self) -> &Span {
        self.span
    }

    pub(crate) fn overran(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl fmt::Debug for StepContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepContext")
            .field("migration", &self.migration)
            .field("step", &self.step)
            .field("direction", &self.direction)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
