//! Telling observers and the log what happens, and noting it in the results.

use std::time::Duration;

use migration_model::{Event, MigrationDirection, MigrationResult, MigrationStatus};

use super::{Executor, Stop, with_causes};

impl Executor<'_> {
    pub(super) fn start(&mut self, migration: usize) {
        let planned = &self.plan.migrations[migration];
        self.results[migration] = MigrationResult::new(&planned.id, planned.statements.len());
        self.results[migration].advance(MigrationStatus::Running, planned.resume_after);
        if self.announced.take() == Some(migration) {
            return;
        }
        self.notify(&Event::MigrationStarted {
            id: &planned.id,
            name: &planned.name,
            direction: self.plan.direction,
            statements: planned.statements.len(),
        });
    }

    pub(super) fn finish(&mut self, migration: usize, elapsed: Duration) {
        let status = match self.plan.direction {
            MigrationDirection::Up => MigrationStatus::Completed,
            MigrationDirection::Down => MigrationStatus::RolledBack,
        };
        let total = self.results[migration].steps_total;
        self.results[migration].advance(status, total);
        self.results[migration].duration = elapsed;
        let result = self.results[migration].clone();
        self.notify(&Event::MigrationFinished { result: &result });
    }

    /// Notes a failure in the result; `done` statements of it are in effect.
    pub(super) fn fail(&mut self, stop: &Stop, done: usize, elapsed: Duration) {
        let result = &mut self.results[stop.migration()];
        result.advance(MigrationStatus::Failed, done);
        result.duration = elapsed;
        result.error = Some(match stop {
            Stop::Failed { source, .. } => source.message.clone(),
            Stop::Interrupted { .. } => "interrupted".to_owned(),
            Stop::Undecided { statement, .. } => {
                format!("whether statement {statement} took effect can't be found out")
            }
            Stop::Observer { source, .. } => source.to_string(),
            Stop::Hook { stop, .. } => {
                format!("the hook `{}` failed: {}", stop.hook, with_causes(&*stop.source))
            }
        });
        let result = result.clone();
        self.notify(&Event::MigrationFinished { result: &result });
    }

    pub(super) fn notify(&mut self, event: &Event<'_>) {
        log(event);
        for observer in self.observers {
            if let Err(error) = observer.on_event(event) {
                tracing::warn!(%error, "an observer failed");
                if self.settings.fail_on_observer_error {
                    self.observer_error.get_or_insert(error);
                }
            }
        }
    }
}

/// Statements and commits at the level `debug`, migrations at `info`.
fn log(event: &Event<'_>) {
    match event {
        Event::StatementExecuted { migration, number, rows_affected, duration, .. } => {
            tracing::debug!(migration, number, rows_affected, ?duration, "statement executed");
        }
        Event::StatementFailed { migration, number, message, .. } => {
            tracing::debug!(migration, number, message, "statement failed");
        }
        Event::MigrationStarted { id, direction, statements, .. } => {
            tracing::info!(migration = id, %direction, statements, "migration started");
        }
        Event::MigrationFinished { result } => tracing::info!(
            migration = result.migration_id,
            status = %result.status,
            duration = ?result.duration,
            "migration finished"
        ),
        Event::Retrying { migration, number, of, pause, reason } => {
            tracing::info!(
                migration,
                number,
                of,
                ?pause,
                reason,
                "a lock is held by somebody else: trying again"
            );
        }
        Event::Committed { migrations } => tracing::debug!(?migrations, "committed"),
        _ => {}
    }
}
