//! A migration in one message.
//!
//! Where the database takes several statements at once and a migration is one transaction in which no rows have to be counted,
//! all of it is sent together: begin, statements, books, commit. One answer comes back, which doesn't tell which statement
//! failed. But then nothing is in effect, so the migration runs again, statement by statement, and fails at its place.

use std::time::{Duration, Instant};

use migration_model::{Event, MigrationDirection};

use super::{Executor, Stop, failed};
use crate::error::DatabaseErrorKind;
use crate::plan::{PlannedMigration, StatementAction};
use crate::request::CommitMode;
use crate::{history, journal};

impl Executor<'_> {
    /// Whether a migration can be sent as one message.
    pub(super) fn goes_whole(&self, migration: usize, commit: CommitMode) -> bool {
        let planned = &self.plan.migrations[migration];
        self.backend.capabilities().sends_whole
            && commit != CommitMode::Atomic
            && self.plan.direction == MigrationDirection::Up
            && !planned.replaces_row
            && !self.has_hooks_inside()
            && !planned.replaces_entry
            && planned.statements.iter().all(|statement| {
                statement.action == StatementAction::Execute
                    && statement.copy_data.is_none()
                    && !statement.kind.writes_rows()
            })
    }

    /// Runs one migration. Returns whether it is done; else nothing of it is in effect, and it has to be run again.
    pub(super) fn run_whole(&mut self, migration: usize) -> Result<bool, Stop> {
        let started = Instant::now();
        let planned = &self.plan.migrations[migration];
        let Some(message) = self.message(planned) else { return Ok(false) };
        self.start(migration);
        let outcome = self.backend.batch(&message);
        let elapsed = started.elapsed();
        match outcome {
            Ok(()) => {
                self.tracking.made();
                self.tell_statements(migration, elapsed);
                self.finish(migration, elapsed);
                self.notify_committed(migration, migration + 1);
                Ok(true)
            }
            Err(source) if source.kind == DatabaseErrorKind::ConnectionLost => {
                // The commit may have arrived: what is in effect is for the look afterwards to find out.
                let stop = failed(migration, source);
                self.fail(&stop, 0, elapsed);
                Err(stop)
            }
            Err(mut source) => {
                for statement in &planned.statements {
                    statement.without_secrets(&mut source.message);
                }
                tracing::debug!(migration = planned.id, error = %source, "running it again statement by statement");
                self.undo_transaction();
                self.announced = Some(migration);
                Ok(false)
            }
        }
    }

    fn message(&self, planned: &PlannedMigration) -> Option<String> {
        let capabilities = self.backend.capabilities();
        let (history, journal) = (&self.tracking.history.sql, &self.tracking.journal.sql);
        let mut parts = vec![capabilities.begin.to_owned()];
        parts.extend(planned.statements.iter().map(|statement| statement.sent().to_owned()));
        parts.extend(self.tracking.creations(capabilities));
        parts.push(history::insertion(capabilities, history, planned, capabilities.since_message).inlined()?);
        if let Some(rollback) = &planned.rollback {
            parts.push(journal::keeping_rollback(capabilities, journal, planned, rollback).inlined()?);
        }
        parts.push("COMMIT".to_owned());
        Some(parts.join(";\n"))
    }

    /// Tells of the statements after the fact; each has its share of the time.
    fn tell_statements(&mut self, migration: usize, elapsed: Duration) {
        let planned = &self.plan.migrations[migration];
        let share = elapsed / u32::try_from(planned.statements.len().max(1)).unwrap_or(u32::MAX);
        for statement in &planned.statements {
            self.results[migration].statements_executed += 1;
            self.notify(&Event::StatementExecuted {
                migration: &planned.id,
                number: statement.number,
                sql: &statement.sql,
                rows_affected: 0,
                duration: share,
            });
        }
    }
}
