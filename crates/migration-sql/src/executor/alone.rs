//! A migration that takes more than one transaction, or one that can't be shared.

use std::time::Instant;

use super::{Executor, Stop, failed};
use crate::backend::InFlight;
use crate::error::{DatabaseError, DatabaseErrorKind, FailurePlace};
use crate::journal;
use crate::plan::{PlannedStatement, Segment};

impl Executor<'_> {
    /// Runs one migration segment by segment. Every segment but the last leaves a note in the journal; the last one writes
    /// the history row.
    pub(super) fn run_alone(&mut self, migration: usize) -> Result<(), Stop> {
        let started = Instant::now();
        let planned = &self.plan.migrations[migration];
        self.start(migration);
        let mut done = planned.resume_after;
        let outcome =
            self.resume(migration, &mut done).and_then(|()| self.run_segments(migration, started, &mut done));
        if planned.changes_session || outcome.is_err() {
            // What the script switched must not reach the next migration, nor the look at what is in effect.
            if let Err(source) = self.backend.reset_session() {
                tracing::warn!(error = %source, "the session can't be made anew");
            }
        }
        match outcome {
            Ok(()) => {
                self.finish(migration, started.elapsed());
                self.notify_committed(migration, migration + 1);
            }
            Err(ref stop) => self.fail(stop, done, started.elapsed()),
        }
        outcome
    }

    /// Finds out how far a run got that was cut off, and sets up the session as it was then.
    fn resume(&mut self, migration: usize, done: &mut usize) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        let in_flight = planned.in_flight.and_then(|number| planned.statements.get(number - 1));
        if let Some(statement) = in_flight.filter(|statement| statement.number == *done + 1) {
            let found = self.backend.look_for(&statement.sql).map_err(|source| failed(migration, source))?;
            tracing::info!(
                migration = planned.id,
                statement = statement.number,
                ?found,
                "a statement was in flight"
            );
            match found {
                InFlight::Done => *done = statement.number,
                InFlight::NotDone => {}
                InFlight::Undecided => {
                    return Err(Stop::Undecided { migration, statement: statement.number });
                }
            }
        }
        for statement in planned.statements[..*done].iter().filter(|statement| statement.session) {
            self.run_statement(migration, statement)?;
        }
        Ok(())
    }

    fn run_segments(&mut self, migration: usize, started: Instant, done: &mut usize) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        let last = planned.statements.len();
        if *done == last {
            // All of it was in effect but for the row that says so.
            return self.in_transaction(migration, |this| this.complete(migration, started));
        }
        let resumed = *done;
        for segment in planned.segments.iter().filter(|segment| segment.last > resumed) {
            self.check_stop(migration)?;
            if !segment.foreign_keys {
                self.backend.set_foreign_keys(false).map_err(|source| failed(migration, source))?;
            }
            let outcome = self.run_segment(migration, segment, *done, started);
            if !segment.foreign_keys {
                let restored =
                    self.backend.set_foreign_keys(true).map_err(|source| failed(migration, source));
                outcome.and(restored)?;
            } else {
                outcome?;
            }
            *done = segment.last;
        }
        Ok(())
    }

    /// Runs what is still to do of a segment; the first `done` statements of the script are in effect.
    fn run_segment(
        &mut self,
        migration: usize,
        segment: &Segment,
        done: usize,
        started: Instant,
    ) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        // An edit of what was still to come may have moved the border of a segment.
        let statements = &planned.statements[done.max(segment.first - 1)..segment.last];
        let note = |this: &mut Self| {
            if segment.last == planned.statements.len() {
                this.complete(migration, started)
            } else {
                this.note_progress(migration, segment.last, None)
            }
        };
        if !segment.transaction {
            for statement in statements {
                self.run_by_itself(migration, statement)?;
            }
            return self.in_transaction(migration, note);
        }
        let checks = !segment.foreign_keys && planned.checks_foreign_keys;
        self.in_transaction(migration, |this| {
            let before = if checks { this.violations(migration)? } else { Vec::new() };
            for statement in statements {
                this.run_statement(migration, statement)?;
            }
            if checks {
                this.check_foreign_keys(migration, &before)?;
            }
            note(this)
        })
    }

    /// Runs a statement outside of a transaction; where it can't simply be run twice, the journal knows of it beforehand.
    fn run_by_itself(&mut self, migration: usize, statement: &PlannedStatement) -> Result<(), Stop> {
        if !self.backend.capabilities().journals_intent {
            return self.run_statement(migration, statement);
        }
        let before = statement.number - 1;
        self.in_transaction(migration, |this| this.note_progress(migration, before, Some(statement.number)))?;
        let outcome = self.run_statement(migration, statement);
        if outcome.is_err() {
            // The server is there to be asked: what the statement left half done goes away, and it is in flight no more.
            let settled = match self.backend.look_for(&statement.sql) {
                Ok(InFlight::NotDone) if before == 0 => {
                    self.in_transaction(migration, |this| this.clear_journal(migration))
                }
                Ok(InFlight::NotDone) => {
                    self.in_transaction(migration, |this| this.note_progress(migration, before, None))
                }
                Ok(InFlight::Done | InFlight::Undecided) => Ok(()),
                Err(source) => Err(failed(migration, source)),
            };
            if let Err(stop) = settled {
                tracing::debug!(?stop, "what became of the statement is left for the next run to find out");
            }
        }
        outcome
    }

    fn in_transaction(
        &mut self,
        migration: usize,
        body: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let begin = self.backend.capabilities().begin;
        self.backend.batch(begin).map_err(|source| failed(migration, source))?;
        let outcome = body(self)
            .and_then(|()| self.backend.batch("COMMIT").map_err(|source| failed(migration, source)));
        if outcome.is_err() {
            self.undo_transaction();
        }
        outcome
    }

    fn complete(&mut self, migration: usize, started: Instant) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        let whole = planned.segments.len() <= 1 && planned.segments.iter().all(|segment| segment.transaction);
        if !whole || planned.resume_after > 0 {
            self.clear_journal(migration)?;
        }
        self.record(migration, started.elapsed())
    }

    fn note_progress(&mut self, migration: usize, done: usize, in_flight: Option<usize>) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        let table = &self.settings.journal_table;
        journal::record(self.backend, table, planned, self.plan.direction, done, in_flight)
            .map_err(|source| failed(migration, source))
    }

    fn violations(&mut self, migration: usize) -> Result<Vec<(String, u64)>, Stop> {
        self.backend.foreign_key_violations().map_err(|source| failed(migration, source))
    }

    /// Rows that break a foreign key may have been there before; more of them may not come from a script that switched
    /// their enforcement off (step 10 of <https://www.sqlite.org/lang_altertable.html#otheralter>).
    fn check_foreign_keys(&mut self, migration: usize, before: &[(String, u64)]) -> Result<(), Stop> {
        let after = self.violations(migration)?;
        let earlier =
            |constraint: &str| before.iter().filter(|(c, _)| c == constraint).map(|(_, n)| n).sum::<u64>();
        let count =
            |constraint: &str| after.iter().filter(|(c, _)| c == constraint).map(|(_, n)| n).sum::<u64>();
        let Some((constraint, _)) = after.iter().find(|(c, _)| count(c) > earlier(c)) else { return Ok(()) };
        let message = format!(
            "FOREIGN KEY constraint failed: rows of {constraint} without a parent: {} after this migration, {} before it",
            count(constraint),
            earlier(constraint)
        );
        let (kind, dialect) = (DatabaseErrorKind::Constraint, self.backend.dialect());
        let source = DatabaseError { message, kind, sqlstate: None, dialect, position: None };
        // No statement is to blame, but the file is.
        let path = self.plan.migrations[migration].path.clone();
        let place = Box::new(FailurePlace { path, ..FailurePlace::default() });
        Err(Stop::Failed { migration, begun: true, place, source: Box::new(source) })
    }
}
