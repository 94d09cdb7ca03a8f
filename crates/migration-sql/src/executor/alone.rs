//! A migration that takes more than one transaction, or one that can't be shared.

use std::time::Instant;

use migration_model::Checksum;
use migration_syntax::StatementKind;

use super::{Executor, Stop, failed, not_begun};
use crate::backend::InFlight;
use crate::error::{DatabaseError, DatabaseErrorKind, FailurePlace};
use crate::journal::{self, Intent, Journal};
use crate::plan::{PlannedStatement, Segment, StatementAction};
use crate::request::CommitMode;

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
        // What the script switched must not reach the next migration, nor the look at what is in effect.
        let anew = planned.changes_session || outcome.is_err();
        let reset = if anew { self.backend.reset_session() } else { Ok(()) };
        match (&outcome, reset) {
            (Ok(()), reset) => {
                self.finish(migration, started.elapsed());
                self.notify_committed(migration, migration + 1);
                // The session that is left is not one for another migration.
                if let Err(source) = reset
                    && migration + 1 < self.plan.migrations.len()
                {
                    return Err(not_begun(migration + 1, source));
                }
            }
            (Err(stop), reset) => {
                if let Err(source) = reset {
                    tracing::warn!(error = %source, "the session can't be made anew");
                }
                self.fail(stop, done, started.elapsed());
            }
        }
        outcome
    }

    /// Sets up the session as it was when a run was cut off, and finds out how far that got.
    fn resume(&mut self, migration: usize, done: &mut usize) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        // First of all: a statement in flight may mean another table after `USE` or `SET search_path`.
        for statement in planned.statements[..*done].iter().filter(|statement| statement.session) {
            self.run_statement(migration, statement)?;
        }
        if let Some(restore) = &planned.session_state {
            self.backend.batch(restore).map_err(|source| failed(migration, source))?;
        }
        let in_flight = planned.in_flight.and_then(|number| planned.statements.get(number - 1));
        let Some(statement) = in_flight.filter(|statement| statement.number == *done + 1) else {
            return Ok(());
        };
        let Noted::Of(fingerprint) = noted(statement.sent(), planned.fingerprint.as_deref()) else {
            return Err(Stop::Undecided { migration, statement: statement.number });
        };
        let found = self.backend.look_for(statement.sent(), fingerprint);
        let found = found.map_err(|source| failed(migration, source))?;
        let (id, number) = (&planned.id, statement.number);
        tracing::info!(migration = id, statement = number, ?found, "a statement was in flight");
        match found {
            InFlight::Done => *done = number,
            InFlight::NotDone => {}
            InFlight::Undecided => return Err(Stop::Undecided { migration, statement: number }),
        }
        Ok(())
    }

    fn run_segments(&mut self, migration: usize, started: Instant, done: &mut usize) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        let last = planned.statements.len();
        if *done == last {
            // All of it was in effect but for the row that says so.
            return self.in_transaction(migration, |this| this.record(migration, started.elapsed()));
        }
        let resumed = *done;
        for segment in planned.segments.iter().filter(|segment| segment.last > resumed) {
            self.check_stop(migration)?;
            if !segment.foreign_keys {
                self.backend.set_foreign_keys(false).map_err(|source| failed(migration, source))?;
            }
            let outcome = self.run_segment(migration, segment, started, done);
            if !segment.foreign_keys {
                let restored =
                    self.backend.set_foreign_keys(true).map_err(|source| failed(migration, source));
                outcome.and(restored)?;
            } else {
                outcome?;
            }
        }
        Ok(())
    }

    /// Runs what is still to do of a segment; the first `done` statements of the script are in effect.
    fn run_segment(
        &mut self,
        migration: usize,
        segment: &Segment,
        started: Instant,
        done: &mut usize,
    ) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        // An edit of what was still to come may have moved the border of a segment.
        let statements = &planned.statements[(*done).max(segment.first - 1)..segment.last];
        if !segment.transaction || self.escapes_transaction(migration, statements)? {
            for statement in statements {
                if statement.action == StatementAction::Execute {
                    self.run_by_itself(migration, statement, started)?;
                } else {
                    self.pass(migration, statement, started)?;
                }
                *done = statement.number;
            }
            return Ok(());
        }
        let checks = !segment.foreign_keys && planned.checks_foreign_keys;
        self.retrying(migration, |this| {
            this.in_transaction(migration, |this| {
                let before = if checks { this.violations(migration)? } else { Vec::new() };
                for statement in statements {
                    this.run_statement(migration, statement)?;
                }
                if checks {
                    this.check_foreign_keys(migration, &before)?;
                }
                this.note_done(migration, segment.last, started)
            })
        })?;
        *done = segment.last;
        Ok(())
    }

    /// Passes a statement by that is not sent.
    fn pass(&mut self, migration: usize, statement: &PlannedStatement, started: Instant) -> Result<(), Stop> {
        self.run_statement(migration, statement)?;
        if statement.number < self.plan.migrations[migration].statements.len() {
            return Ok(());
        }
        self.in_transaction(migration, |this| this.record(migration, started.elapsed()))
    }

    /// Whether some of a migration takes effect whatever becomes of its transaction, so that each statement is to be noted.
    pub(super) fn takes_effect_at_once(&mut self, migration: usize) -> Result<bool, Stop> {
        let capabilities = self.backend.capabilities();
        if capabilities.transactional_ddl || self.commit == CommitMode::Atomic {
            return Ok(false);
        }
        self.escapes_transaction(migration, &self.plan.migrations[migration].statements)
    }

    /// Whether some of these statements take effect at once, whatever transaction they stand in.
    fn escapes_transaction(
        &mut self,
        migration: usize,
        statements: &[PlannedStatement],
    ) -> Result<bool, Stop> {
        let script = &self.plan.migrations[migration].statements;
        let switches = script.iter().any(|statement| statement.kind == StatementKind::Use);
        let may_write = |kind: StatementKind| kind.writes_rows() || kind == StatementKind::Load;
        for statement in statements.iter().filter(|statement| may_write(statement.kind)) {
            let escapes = self.backend.escapes_transaction(statement.sent(), switches);
            if escapes.map_err(|source| failed(migration, source))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Runs a statement that takes effect by itself; where it can't simply be run twice, the journal knows of it beforehand.
    fn run_by_itself(
        &mut self,
        migration: usize,
        statement: &PlannedStatement,
        started: Instant,
    ) -> Result<(), Stop> {
        let before = statement.number - 1;
        let capabilities = self.backend.capabilities();
        let intent = capabilities.journals_intent;
        // What it does is not known; where it only writes rows, its transaction makes it one with its note.
        let opaque = !capabilities.transactional_ddl
            && matches!(
                statement.kind,
                StatementKind::Call | StatementKind::Do | StatementKind::Prepare | StatementKind::Set
            );
        self.retrying(migration, |this| {
            if !intent {
                return this.run_statement(migration, statement);
            }
            let fingerprint =
                this.backend.fingerprint(statement.sent()).map_err(|source| failed(migration, source))?;
            let signed = |fingerprint: Option<&str>| Intent {
                statement: statement.number,
                fingerprint: Some(note(statement.sent(), fingerprint)),
            };
            let intent = signed(fingerprint.as_deref());
            this.in_transaction(migration, |this| this.note_progress(migration, before, Some(&intent)))?;
            let outcome = if opaque {
                let committed =
                    signed(this.backend.fingerprint_once_committed(fingerprint.as_deref()).as_deref());
                this.in_transaction(migration, |this| {
                    this.note_progress(migration, before, Some(&committed))?;
                    this.run_statement(migration, statement)?;
                    this.note_done(migration, statement.number, started)
                })
            } else {
                this.run_statement(migration, statement)
            };
            outcome.inspect_err(|stop| this.settle(migration, statement, &intent, stop))
        })?;
        if opaque {
            return Ok(());
        }
        if intent && self.notes_intent_next(migration, statement.number) {
            // The next note says of this one, too, that it is done; until then it is in flight, and will be looked for.
            return Ok(());
        }
        self.in_transaction(migration, |this| this.note_done(migration, statement.number, started))
    }

    /// Whether the statement after this one runs by itself as well.
    fn notes_intent_next(&self, migration: usize, number: usize) -> bool {
        let planned = &self.plan.migrations[migration];
        planned.segments.iter().any(|segment| segment.first == number + 1 && !segment.transaction)
    }

    /// After a failure the database is there to be asked: what the statement left half done goes away, and it is in flight
    /// no more.
    fn settle(&mut self, migration: usize, statement: &PlannedStatement, intent: &Intent, stop: &Stop) {
        let before = statement.number - 1;
        let refused =
            matches!(stop, Stop::Failed { source, .. } if source.kind != DatabaseErrorKind::ConnectionLost);
        // What was noted in its transaction is there if it committed that.
        let stored = Journal::read(self.backend, &self.tracking.journal).ok().and_then(|journal| {
            let entry = journal.get(&self.plan.migrations[migration].id)?;
            entry.in_flight.clone()
        });
        let intent = stored.as_ref().unwrap_or(intent);
        let Noted::Of(fingerprint) = noted(statement.sent(), intent.fingerprint.as_deref()) else { return };
        let found = match self.backend.look_for(statement.sent(), fingerprint) {
            Ok(InFlight::Undecided) if refused && self.backend.refusal_is_whole(statement.sent()) => {
                Ok(InFlight::NotDone)
            }
            found => found,
        };
        // Of a repeatable one that begins again, what its earlier text did is in effect.
        let planned = &self.plan.migrations[migration];
        let begins_again = planned.repeatable && planned.replaces_entry;
        let settled = match found {
            Ok(InFlight::NotDone) if before == 0 && !begins_again => {
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

    fn in_transaction(
        &mut self,
        migration: usize,
        body: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let begin = self.backend.capabilities().begin;
        self.backend.batch(begin).map_err(|source| failed(migration, source))?;
        let outcome = body(self)
            .and_then(|()| self.backend.batch("COMMIT").map_err(|source| failed(migration, source)));
        match outcome {
            Ok(()) => self.tracking.committed(),
            Err(_) => self.undo_transaction(),
        }
        outcome
    }

    /// Notes that the first `number` statements are in effect: in the tracking table if these are all.
    fn note_done(&mut self, migration: usize, number: usize, started: Instant) -> Result<(), Stop> {
        if number == self.plan.migrations[migration].statements.len() {
            self.record(migration, started.elapsed())
        } else {
            self.note_progress(migration, number, None)
        }
    }

    fn note_progress(
        &mut self,
        migration: usize,
        done: usize,
        in_flight: Option<&Intent>,
    ) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        let noted = self.tracking.ensure(self.backend).and_then(|()| {
            let table = &self.tracking.journal.sql;
            journal::record(self.backend, table, planned, self.plan.direction, done, in_flight)
        });
        noted.map_err(|source| failed(migration, source))
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

/// What the journal notes of a statement in flight: which text it was, and the backend's fingerprint.
fn note(sql: &str, fingerprint: Option<&str>) -> String {
    format!("{TEXT}{} {}", Checksum::of_text(sql).short(), fingerprint.unwrap_or_default())
}

const TEXT: &str = "text ";

/// What was noted of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Noted<'a> {
    /// The fingerprint, of this very text.
    Of(Option<&'a str>),
    /// It was another text, which nobody has any more: what became of it can't be found out.
    OfAnother,
}

pub(crate) fn noted<'a>(sql: &str, noted: Option<&'a str>) -> Noted<'a> {
    match noted.and_then(|noted| noted.strip_prefix(TEXT)?.split_once(' ')) {
        Some((digest, fingerprint)) if digest == Checksum::of_text(sql).short() => {
            Noted::Of(Some(fingerprint))
        }
        Some(_) => Noted::OfAnother,
        None => Noted::Of(noted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_of_one_text() {
        let text = note("CREATE TABLE t (x int)", Some("committed -\nabc"));
        assert_eq!(noted("CREATE TABLE t (x int)", Some(&text)), Noted::Of(Some("committed -\nabc")));
        assert_eq!(noted("CREATE TABLE t (y int)", Some(&text)), Noted::OfAnother);
        assert_eq!(noted("SELECT 1", None), Noted::Of(None));
    }
}
