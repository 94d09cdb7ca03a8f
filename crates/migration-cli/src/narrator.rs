//! A run as it happens: a line for each migration once it is durable, and a progress bar on a terminal.

use std::collections::HashSet;
use std::io::{IsTerminal, stderr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use migration_kit::model::{Event, MigrationDirection, MigrationResult, Observer, ObserverError};
use migration_kit::sql::MigrationManager;

use crate::context::Context;
use crate::explain::done_word;
use crate::screen::{self, View, count};
use crate::style::{DIM, GOOD, STRONG, paint};

/// A run that is over before this has no bar.
const BAR_AFTER: Duration = Duration::from_millis(400);

/// The observer that tells people.
#[derive(Debug)]
pub(crate) struct Narrator {
    view: View,
    /// Of which tenant it tells.
    tenant: Option<String>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    direction: MigrationDirection,
    bar: ProgressBar,
    /// Finished and not durable yet.
    waiting: Vec<MigrationResult>,
}

impl Narrator {
    /// One for everything that this manager will run.
    pub(crate) fn watch(manager: &mut MigrationManager, context: &Context) -> Arc<Self> {
        let state =
            State { direction: MigrationDirection::Up, bar: ProgressBar::hidden(), waiting: Vec::new() };
        let (view, tenant) = (context.view, context.tenant.clone());
        let narrator = Arc::new(Self { view, tenant, state: Arc::new(Mutex::new(state)) });
        manager.observe(narrator.clone());
        narrator
    }

    /// Takes the bar away and tells the rest, as the report has it.
    pub(crate) fn finish(&self, results: &[MigrationResult]) {
        let mut state = lock(&self.state);
        let untold: HashSet<String> = state.waiting.drain(..).map(|result| result.migration_id).collect();
        for result in
            results.iter().filter(|result| result.is_success() && untold.contains(&result.migration_id))
        {
            self.tell(&state, result);
        }
        state.bar.finish_and_clear();
    }

    fn tell(&self, state: &State, result: &MigrationResult) {
        if self.view.json || self.view.quiet {
            return;
        }
        let tenant = self.tenant.as_ref().map(|name| format!("{}: ", screen::printable(name)));
        let line = format!(
            "{}{} {} {}\n",
            tenant.unwrap_or_default(),
            paint(GOOD, format_args!("{:>11}", done_word(state.direction))),
            paint(STRONG, &result.migration_id),
            paint(
                DIM,
                format_args!(
                    " {}, {}",
                    milliseconds(result.duration),
                    count(result.steps_completed, "statement")
                )
            ),
        );
        state.bar.suspend(|| screen::out(&line));
    }

    fn start_bar(&self, statements: usize) -> ProgressBar {
        if self.view.json || self.view.quiet || self.tenant.is_some() || !stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(statements as u64), ProgressDrawTarget::hidden());
        if let Ok(style) =
            ProgressStyle::with_template("{bar:24} {pos}/{len} statements {elapsed} {wide_msg}")
        {
            bar.set_style(style);
        }
        let (late, state) = (bar.clone(), Arc::clone(&self.state));
        std::thread::spawn(move || {
            std::thread::sleep(BAR_AFTER);
            // Under the lock, so that no bar comes up behind the back of `finish`.
            let _state = lock(&state);
            if !late.is_finished() {
                late.set_draw_target(ProgressDrawTarget::stderr());
                late.enable_steady_tick(Duration::from_millis(100));
            }
        });
        bar
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Narrator {
    fn on_event(&self, event: &Event<'_>) -> Result<(), ObserverError> {
        let mut state = lock(&self.state);
        match event {
            Event::RunStarted { direction, statements, .. } => {
                state.direction = *direction;
                state.bar = self.start_bar(*statements);
            }
            Event::WaitingForLock { holder } if !self.view.quiet => {
                let holder = holder.map(|holder| format!(", held by {holder}")).unwrap_or_default();
                state.bar.suspend(|| screen::err(&format!("waiting for the lock{holder}")));
            }
            Event::Retrying { migration, number, of, pause, reason } if !self.view.quiet => {
                let text = format!(
                    "{}: {reason}; trying again in {} ({number} of {of})",
                    screen::one_line(migration),
                    milliseconds(*pause)
                );
                state.bar.suspend(|| screen::err(&text));
            }
            Event::MigrationStarted { id, .. } => state.bar.set_message(screen::one_line(id)),
            Event::StatementExecuted { .. } => state.bar.inc(1),
            Event::MigrationFinished { result } if result.is_success() => {
                state.waiting.push((*result).clone());
            }
            Event::Committed { migrations } => {
                let migrations: HashSet<&str> = migrations.iter().copied().collect();
                let (durable, waiting): (Vec<_>, Vec<_>) = state
                    .waiting
                    .drain(..)
                    .partition(|result| migrations.contains(result.migration_id.as_str()));
                state.waiting = waiting;
                for result in &durable {
                    self.tell(&state, result);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// A duration for people.
pub(crate) fn milliseconds(duration: Duration) -> String {
    match duration.as_secs_f64() {
        seconds if seconds >= 10.0 => format!("{seconds:.1} s"),
        seconds => format!("{:.0} ms", seconds * 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(milliseconds(Duration::from_micros(12_400)), "12 ms");
        assert_eq!(milliseconds(Duration::from_secs(75)), "75.0 s");
    }
}
