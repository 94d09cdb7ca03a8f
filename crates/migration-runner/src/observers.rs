//! Telling everybody who wants to know.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use migration_model::{Event, Observer};

use crate::step_error::in_one_line;

/// The observers of a runner; `tracing` is always one of them.
#[derive(Clone, Default)]
pub(crate) struct Observers {
    observers: Vec<Arc<dyn Observer>>,
}

impl Observers {
    pub(crate) fn add(&mut self, observer: Arc<dyn Observer>) {
        self.observers.push(observer);
    }

    /// An observer that fails or panics is logged and changes nothing.
    pub(crate) fn tell(&self, event: &Event<'_>) {
        log(event);
        for observer in &self.observers {
            match catch_unwind(AssertUnwindSafe(|| observer.on_event(event))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(error = in_one_line(&*error), "an observer failed"),
                Err(_) => tracing::warn!("an observer panicked"),
            }
        }
    }
}

/// Migrations at the level `info`, steps at `debug`, what went wrong at `warn`. Which migration or step it is about is
/// said by the spans.
fn log(event: &Event<'_>) {
    match event {
        Event::WaitingForLock { .. } => tracing::info!("waiting for another run"),
        Event::MigrationStarted { statements, .. } => tracing::info!(steps = statements, "migration started"),
        Event::StepStarted { step, direction, .. } => tracing::debug!(step, %direction, "step started"),
        Event::StepFinished { step, duration, .. } => tracing::debug!(step, ?duration, "step finished"),
        Event::StepRolledBack { step, duration, .. } => tracing::debug!(step, ?duration, "step rolled back"),
        Event::StepRetrying { step, attempt, delay, error, .. } => {
            tracing::warn!(step, attempt, ?delay, error = in_one_line(*error), "step is tried again");
        }
        Event::StepOverran { step, limit, .. } => tracing::warn!(step, ?limit, "step takes too long"),
        Event::StepFailed { step, direction, error, .. } => {
            tracing::warn!(step, %direction, error = in_one_line(*error), "step failed");
        }
        Event::StepUncertain { migration, step, direction } => {
            tracing::warn!(migration, step, %direction, "nobody knows whether the step took effect");
        }
        Event::MigrationFinished { result } => {
            tracing::info!(status = %result.status, duration = ?result.duration, "migration finished");
        }
        _ => {}
    }
}
