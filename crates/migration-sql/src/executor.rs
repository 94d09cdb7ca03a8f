//! The executor: runs a plan statement by statement, in the transactions that the plan states.

mod alone;
mod group;
mod hooks;
mod place;
mod retry;
mod tell;
mod whole;

pub(crate) use alone::{Noted, noted};

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use migration_model::{Event, MigrationDirection, MigrationResult, Observer, ObserverError};

pub(crate) use self::hooks::{HookStop, Hooks, Moment, hooks_part_migrations, with_causes};
use crate::backend::Backend;
use crate::code::Code;
use crate::error::{DatabaseError, FailurePlace};
use crate::hook::HookPoint;
use crate::plan::{Plan, PlannedMigration, PlannedStatement, StatementAction};
use crate::request::{CommitMode, Interrupt};
use crate::set::{MigrationSet, Script};
use crate::settings::Settings;
use crate::tracking::Tracking;
use crate::{history, journal};

/// Runs one plan.
pub(crate) struct Executor<'a> {
    pub(crate) hooks: Hooks<'a>,
    pub(crate) backend: &'a mut dyn Backend,
    pub(crate) set: &'a MigrationSet,
    pub(crate) plan: &'a Plan,
    pub(crate) settings: &'a Settings,
    pub(crate) observers: &'a [Arc<dyn Observer>],
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) commit: CommitMode,
    /// One for each migration of the plan.
    pub(crate) results: Vec<MigrationResult>,
    pub(crate) observer_error: Option<ObserverError>,
    pub(crate) savepoints: Savepoints,
    pub(crate) tracking: Tracking,
    /// The first migration of the plan that is not committed.
    pub(crate) committed: usize,
    /// The migration that begins again and that observers were told of.
    pub(crate) announced: Option<usize>,
}

/// The names of the executor's savepoints: new ones in every run, so that no script can name them.
pub(crate) struct Savepoints {
    /// One migration in a shared transaction.
    migration: String,
    /// A script's own `BEGIN … COMMIT`.
    block: String,
    /// A hook in the transaction of a migration.
    hook: String,
}

impl Default for Savepoints {
    fn default() -> Self {
        let random = RandomState::new().hash_one(std::process::id());
        let named = |what: &str| format!("{what}_{random:016x}");
        Self { migration: named("migration"), block: named("block"), hook: named("hook") }
    }
}

/// Why a run ended before its plan did.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The database refused.
    Failed { migration: usize, begun: bool, place: Box<FailurePlace>, source: Box<DatabaseError> },
    /// It was asked to stop.
    Interrupted { migration: usize },
    /// Whether a statement that was cut off took effect can't be found out.
    Undecided { migration: usize, statement: usize },
    /// An observer failed, and that counts.
    Observer { migration: usize, source: ObserverError },
    /// A hook failed, and that counts: one of the run or one of the migration.
    Hook { migration: usize, begun: bool, of_run: bool, stop: HookStop },
}

impl Stop {
    /// The place in the plan of the migration that was under way or would have been next.
    pub(crate) fn migration(&self) -> usize {
        match self {
            Self::Failed { migration, .. }
            | Self::Interrupted { migration }
            | Self::Undecided { migration, .. }
            | Self::Observer { migration, .. }
            | Self::Hook { migration, .. } => *migration,
        }
    }
}

impl Stop {
    /// How many migrations of the plan were begun.
    pub(crate) fn begun(&self) -> usize {
        match self {
            Self::Failed { migration, begun: false, .. } | Self::Hook { migration, begun: false, .. } => {
                *migration
            }
            _ => self.migration() + 1,
        }
    }
}

impl Executor<'_> {
    /// Runs the plan to its end or to the first failure. What is in effect afterwards is for the caller to look up.
    pub(crate) fn run(&mut self) -> Result<(), Stop> {
        self.notify(&Event::RunStarted {
            direction: self.plan.direction,
            migrations: self.plan.migrations.len(),
            statements: self.plan.statement_count(),
        });
        if !self.backend.capabilities().transactional_ddl {
            // Where they can't be made in a transaction they must not be made in the middle of one.
            self.tracking.ensure(self.backend).map_err(|source| not_begun(0, source))?;
            self.tracking.committed();
        }
        self.hooks_before_run()?;
        let mut next = 0;
        let mut tries = 0;
        // The migration that is about to run, once what comes before it has.
        let mut prepared = None;
        while next < self.plan.migrations.len() {
            self.check_stop(next)?;
            let alone =
                !shares_transaction(&self.plan.migrations[next]) || self.takes_effect_at_once(next)?;
            let inside = !alone && self.sql_goes_inside();
            if prepared != Some(next) {
                self.hooks_outside(HookPoint::BeforeMigration, next, inside)?;
                prepared = Some(next);
            }
            if alone {
                self.run_alone(next)?;
                self.hooks_outside(HookPoint::AfterMigration, next, inside)?;
                next += 1;
                continue;
            }
            let commit = self.commit_mode(next)?;
            if self.goes_whole(next, commit) && self.run_whole(next)? {
                self.hooks_outside(HookPoint::AfterMigration, next, inside)?;
                (next, tries) = (next + 1, 0);
                continue;
            }
            match self.run_group(next, commit) {
                Ok(end) => {
                    // Where something runs outside, each is a group of its own.
                    for done in next..end {
                        self.hooks_outside(HookPoint::AfterMigration, done, inside)?;
                    }
                    (next, tries) = (end, 0);
                }
                Err(stop) => {
                    // Those before it may have been committed: they are not what is tried again.
                    if next < self.committed {
                        (next, tries) = (self.committed, 0);
                    }
                    if !self.may_retry(&stop, tries) {
                        return Err(stop);
                    }
                    tries += 1;
                    self.pause(&stop, tries)?;
                    self.begin_again(next, stop.migration());
                }
            }
        }
        Ok(())
    }

    /// Forgets what came of migrations that were undone.
    fn begin_again(&mut self, first: usize, last: usize) {
        for migration in first..=last {
            let planned = &self.plan.migrations[migration];
            self.results[migration] = MigrationResult::new(&planned.id, planned.statements.len());
        }
    }

    /// How the migrations from this one on are committed. A shared commit must fail for no reason that only concerns one.
    fn commit_mode(&mut self, migration: usize) -> Result<CommitMode, Stop> {
        if self.commit == CommitMode::Grouped && self.hooks_part_migrations() {
            return Ok(CommitMode::Each);
        }
        let defers = self.commit == CommitMode::Grouped
            && self.backend.defers_constraints().map_err(|source| not_begun(migration, source))?;
        Ok(if defers { CommitMode::Each } else { self.commit })
    }

    /// Runs one statement of a migration; its effect is part of whatever transaction is open.
    fn run_statement(&mut self, migration: usize, statement: &PlannedStatement) -> Result<(), Stop> {
        self.check_stop(migration)?;
        let planned = &self.plan.migrations[migration];
        let start = Instant::now();
        let block = &self.savepoints.block;
        let outcome = match statement.action {
            StatementAction::Hoisted | StatementAction::Skipped => Ok(0),
            StatementAction::Call => match self.code(&planned.id) {
                Some(code) => code.call(self.backend, self.interrupt),
                None => Ok(0),
            },
            StatementAction::OpenBlock => self.backend.execute(&format!("SAVEPOINT {block}"), false),
            StatementAction::CloseBlock => self.backend.execute(&format!("RELEASE SAVEPOINT {block}"), false),
            StatementAction::UndoBlock => self
                .backend
                .batch(&format!("ROLLBACK TO SAVEPOINT {block}; RELEASE SAVEPOINT {block}"))
                .map(|()| 0),
            StatementAction::Execute => match &statement.copy_data {
                Some(data) => self.backend.copy_in(statement.sent(), data),
                None => self.backend.execute(statement.sent(), statement.kind.writes_rows()),
            },
        };
        match outcome {
            Ok(rows_affected) => {
                let result = &mut self.results[migration];
                result.statements_executed += u64::from(statement.action != StatementAction::Skipped);
                result.rows_affected += rows_affected;
                self.notify(&Event::StatementExecuted {
                    migration: &planned.id,
                    number: statement.number,
                    sql: &statement.sql,
                    rows_affected,
                    duration: start.elapsed(),
                });
                Ok(())
            }
            Err(mut source) => {
                // The place first: what the database names may be a value.
                let place = Box::new(self.place(planned, statement, &source));
                statement.without_secrets(&mut source.message);
                self.notify(&Event::StatementFailed {
                    migration: &planned.id,
                    number: statement.number,
                    sql: &statement.sql,
                    message: &source.message,
                });
                Err(Stop::Failed { migration, begun: true, place, source: Box::new(source) })
            }
        }
    }

    /// Writes down that a migration is done, in the transaction that is open.
    fn record(&mut self, migration: usize, elapsed: Duration) -> Result<(), Stop> {
        let planned = &self.plan.migrations[migration];
        let milliseconds = i64::try_from(elapsed.as_millis()).ok();
        // One transaction for the planner may have turned out to be several, for the storage engines of its tables.
        let is_partial = !is_one_transaction(planned)
            || planned.replaces_entry
            || !self.backend.capabilities().transactional_ddl;
        let recorded = self.tracking.ensure(self.backend).and_then(|()| {
            let (history, journal) = (&self.tracking.history.sql, &self.tracking.journal.sql);
            match (self.plan.direction, &planned.rollback) {
                (MigrationDirection::Up, rollback) => {
                    history::insert(self.backend, history, planned, milliseconds)?;
                    match rollback {
                        Some(rollback) => {
                            let capabilities = self.backend.capabilities();
                            journal::keeping_rollback(capabilities, journal, planned, rollback)
                                .run(self.backend)
                        }
                        None if is_partial => journal::clear(self.backend, journal, &planned.id),
                        None => Ok(()),
                    }
                }
                (MigrationDirection::Down, _) => {
                    history::delete(self.backend, history, &planned.id)?;
                    journal::clear(self.backend, journal, &planned.id)
                }
            }
        });
        recorded.map_err(|source| failed(migration, source))
    }

    fn clear_journal(&mut self, migration: usize) -> Result<(), Stop> {
        let id = &self.plan.migrations[migration].id;
        self.tracking
            .ensure(self.backend)
            .and_then(|()| journal::clear(self.backend, &self.tracking.journal.sql, id))
            .map_err(|source| failed(migration, source))
    }

    fn check_stop(&mut self, migration: usize) -> Result<(), Stop> {
        if let Some(source) = self.observer_error.take() {
            return Err(Stop::Observer { migration, source });
        }
        if self.interrupt.is_triggered() { Err(Stop::Interrupted { migration }) } else { Ok(()) }
    }

    /// The script of a migration in the direction of the plan.
    fn script(&self, id: &str) -> Option<&Script> {
        let migration = self.set.get(id)?;
        match self.plan.direction {
            MigrationDirection::Up => Some(&migration.up),
            MigrationDirection::Down => migration.down.as_ref(),
        }
    }

    fn code(&self, id: &str) -> Option<Code> {
        self.script(id)?.code.clone()
    }
}

/// A failure of a migration that is no single statement's.
fn failed(migration: usize, source: DatabaseError) -> Stop {
    Stop::Failed { migration, begun: true, place: Box::default(), source: Box::new(source) }
}

/// A failure before anything of a migration ran.
fn not_begun(migration: usize, source: DatabaseError) -> Stop {
    Stop::Failed { migration, begun: false, place: Box::default(), source: Box::new(source) }
}

/// Whether all of it takes effect with one commit.
fn is_one_transaction(planned: &PlannedMigration) -> bool {
    planned.segments.len() <= 1 && planned.segments.iter().all(|segment| segment.transaction)
}

/// Whether a migration can share a transaction with its neighbours: it is one transaction itself, needs no switch thrown
/// outside of it, and leaves the session as it found it.
pub(crate) fn shares_transaction(planned: &PlannedMigration) -> bool {
    !planned.changes_session
        && planned.resume_after == 0
        && planned.in_flight.is_none()
        && is_one_transaction(planned)
        && planned.segments.iter().all(|segment| segment.foreign_keys)
}
