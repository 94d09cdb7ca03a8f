//! One step, called as often as it takes, on whatever thread.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use migration_model::{Event, MigrationDirection, MigrationStep};
use tracing::Span;

use super::watch::Watch;
use crate::action::{Action, Probe};
use crate::cancel::CancellationToken;
use crate::context::StepContext;
use crate::observers::Observers;
use crate::state::States;
use crate::step_error::{Cancelled, StepError};

/// What all steps of a run have in common.
pub(crate) struct Env<'r> {
    pub(crate) states: &'r States,
    pub(crate) observers: &'r Observers,
    /// Stops the run.
    pub(crate) cancellation: &'r CancellationToken,
    /// What steps get that the run's cancellation doesn't concern; nobody throws it.
    pub(crate) never: CancellationToken,
    /// The run is to end: steps that failed are not tried again.
    pub(crate) stopping: AtomicBool,
    /// Looks at the clock, if any step has a limit.
    pub(crate) watch: Option<Watch>,
}

/// A step to be called.
pub(crate) struct Job<'m> {
    pub(crate) node: usize,
    pub(crate) migration: &'m str,
    pub(crate) step: &'m MigrationStep<Action>,
    pub(crate) direction: MigrationDirection,
    /// The run's cancellation doesn't concern it.
    pub(crate) shielded: bool,
    /// The migration's span.
    pub(crate) span: Span,
}

/// What came of it.
pub(crate) struct Done {
    pub(crate) node: usize,
    pub(crate) result: Result<(), StepError>,
    pub(crate) attempts: u32,
    pub(crate) overran: bool,
    pub(crate) started_at: SystemTime,
    pub(crate) duration: Duration,
}

/// How long a pause goes on before somebody looks whether it is still of use.
const LOOK: Duration = Duration::from_millis(20);

impl Env<'_> {
    pub(crate) fn cancellation(&self, shielded: bool) -> &CancellationToken {
        if shielded { &self.never } else { self.cancellation }
    }

    /// Waits; returns whether it makes sense to try again.
    fn pause(&self, delay: Duration, shielded: bool) -> bool {
        let started = Instant::now();
        loop {
            if self.stopping.load(Ordering::Acquire) {
                return false;
            }
            let Some(left) = delay.checked_sub(started.elapsed()).filter(|left| !left.is_zero()) else {
                return true;
            };
            if self.cancellation(shielded).wait(left.min(LOOK)) {
                return false;
            }
        }
    }
}

/// Calls a step. Whatever it does, this returns: also when a subscriber of `tracing` panics, or what the step panicked with
/// does when it is dropped.
pub(crate) fn perform(env: &Env<'_>, job: &Job<'_>) -> Done {
    let mut done = Done {
        node: job.node,
        result: Ok(()),
        attempts: 0,
        overran: false,
        started_at: SystemTime::now(),
        duration: Duration::ZERO,
    };
    let started = Instant::now();
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| attempts(env, job, &mut done))) {
        done.result = Err(StepError::Panicked { message: panic_message(payload.as_ref()) });
        std::mem::forget(payload);
    }
    done.duration = started.elapsed();
    done
}

fn attempts(env: &Env<'_>, job: &Job<'_>, done: &mut Done) {
    let span = tracing::info_span!(
        parent: &job.span,
        "step",
        migration = job.migration,
        step = job.step.id,
        direction = job.direction.as_str()
    );
    let _inside = span.enter();
    let action = match job.direction {
        MigrationDirection::Up => Some(&job.step.up),
        MigrationDirection::Down => job.step.down.as_ref(),
    };
    let Some(action) = action else {
        done.result = Err(StepError::Irreversible);
        return;
    };
    loop {
        done.attempts += 1;
        done.result = call(env, job, action, &span, done);
        let Err(error) = &done.result else { return };
        let Some(delay) = delay(action, done.attempts, error) else { return };
        let (migration, step) = (job.migration, job.step.id.as_str());
        let event = Event::StepRetrying { migration, step, attempt: done.attempts, delay, error };
        env.observers.tell(&event);
        if !env.pause(delay, job.shielded) {
            return;
        }
    }
}

/// How long to wait before the next attempt; `None` if there is none.
fn delay(action: &Action, attempt: u32, error: &StepError) -> Option<Duration> {
    let may = !matches!(error, StepError::Panicked { .. } | StepError::Cancelled);
    let retry = action.retry.as_ref().filter(|retry| may && retry.goes_on(attempt, error.own()))?;
    Some(retry.delay(attempt))
}

fn call(
    env: &Env<'_>,
    job: &Job<'_>,
    action: &Action,
    span: &Span,
    done: &mut Done,
) -> Result<(), StepError> {
    let cancellation = env.cancellation(job.shielded);
    let deadline = action.timeout.and_then(|limit| Instant::now().checked_add(limit));
    let (migration, step) = (job.migration, job.step.id.as_str());
    let context = StepContext {
        migration,
        step,
        direction: job.direction,
        attempt: done.attempts,
        cancellation,
        deadline,
        states: env.states,
        observers: env.observers,
        span,
    };
    let watched = match (&env.watch, deadline, action.timeout) {
        (Some(watch), Some(deadline), Some(limit)) => Some(watch.start(deadline, limit, migration, step)),
        _ => None,
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| (action.call)(&context)));
    let overran = context.overran();
    done.overran |= overran;
    if let Some(watched) = watched {
        watched.end(overran, env.observers);
    }
    let error = match outcome {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error,
        Err(payload) => return Err(StepError::Panicked { message: panic_message(payload.as_ref()) }),
    };
    Err(match (stopped_as_asked(&error), action.timeout) {
        (true, _) if cancellation.is_cancelled() => StepError::Cancelled,
        (stopped, Some(limit)) if overran => StepError::TimedOut {
            limit,
            source: match error {
                _ if stopped => None,
                StepError::Failed { source } => Some(source),
                other => Some(Box::new(other)),
            },
        },
        _ => error,
    })
}

fn stopped_as_asked(error: &StepError) -> bool {
    matches!(error, StepError::Failed { source } if source.is::<Cancelled>())
}

/// Calls the check whether a step is in effect.
pub(crate) fn probe(
    env: &Env<'_>,
    migration: &str,
    step: &str,
    direction: MigrationDirection,
    check: &Probe,
) -> Result<bool, StepError> {
    let span = tracing::info_span!("probe", migration, step);
    let _inside = span.enter();
    let context = StepContext {
        migration,
        step,
        direction,
        attempt: 1,
        cancellation: env.cancellation,
        deadline: None,
        states: env.states,
        observers: env.observers,
        span: &span,
    };
    catch_unwind(AssertUnwindSafe(|| (check.0)(&context)))
        .unwrap_or_else(|payload| Err(StepError::Panicked { message: panic_message(payload.as_ref()) }))
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "with something that is no text".to_owned())
}
