//! Migrations that leave traces.

use std::sync::{Arc, Mutex};

use migration_runner::{Action, Event, Migration, MigrationStep, Observer, StepContext};

/// What happened, in order: `+a` for a step that was done, `-a` for one that was undone.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, entry: impl Into<String>) {
        self.0.lock().unwrap().push(entry.into());
    }

    /// All of it, and an end to it.
    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
    }

    /// A step that leaves a trace in both directions.
    pub(crate) fn step(&self, id: &str) -> MigrationStep {
        MigrationStep::new(id, self.action("+")).with_down(self.action("-"))
    }

    /// One that fails on the way up.
    pub(crate) fn failing(&self, id: &str) -> MigrationStep {
        let up = Action::new(|| Err::<(), _>(std::io::Error::other("boom")));
        MigrationStep::new(id, up).with_down(self.action("-"))
    }

    pub(crate) fn action(&self, sign: &'static str) -> Action {
        let log = self.clone();
        Action::with_context(move |context| log.push(format!("{sign}{}", context.step())))
    }

    /// Steps by their ids; one that ends in `!` fails.
    pub(crate) fn migration(&self, id: &str, steps: &str) -> Migration {
        let mut migration = Migration::new(id);
        for id in steps.split_whitespace() {
            migration.add_step(match id.strip_suffix('!') {
                Some(id) => self.failing(id),
                None => self.step(id),
            });
        }
        migration
    }

    /// An observer that writes down events in one word each.
    pub(crate) fn observer(&self) -> Arc<dyn Observer> {
        let log = self.clone();
        Arc::new(move |event: &Event<'_>| log.push(describe(event)))
    }
}

pub(crate) fn describe(event: &Event<'_>) -> String {
    match event {
        Event::RunStarted { direction, migrations, statements } => {
            format!("run:{direction}:{migrations}:{statements}")
        }
        Event::WaitingForLock { .. } => "waiting".to_owned(),
        Event::MigrationStarted { id, .. } => format!("begin:{id}"),
        Event::StepStarted { step, direction, .. } => format!("start:{step}:{direction}"),
        Event::StepProgress { step, done, total, .. } => {
            format!("progress:{step}:{done}/{}", total.unwrap_or(0))
        }
        Event::StepRetrying { step, attempt, error, .. } => format!("retry:{step}:{attempt}:{error}"),
        Event::StepOverran { step, .. } => format!("overran:{step}"),
        Event::StepFinished { step, .. } => format!("done:{step}"),
        Event::StepRolledBack { step, .. } => format!("undone:{step}"),
        Event::StepFailed { step, direction, .. } => format!("failed:{step}:{direction}"),
        Event::StepUncertain { step, direction, .. } => format!("uncertain:{step}:{direction}"),
        Event::MigrationFinished { result } => format!("end:{}:{}", result.migration_id, result.status),
        Event::RunFinished { results } => format!("over:{}", results.len()),
        _ => "something else".to_owned(),
    }
}

/// A step of the closure given, which can be undone.
pub(crate) fn step<R: migration_runner::StepOutcome>(
    id: &str,
    up: impl Fn(&StepContext<'_>) -> R + Send + Sync + 'static,
) -> MigrationStep {
    MigrationStep::new(id, Action::with_context(up)).with_down(Action::new(|| true))
}
