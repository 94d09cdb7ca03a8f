//! Consecutive migrations that share a commit, each in a savepoint; but for the first, which is undone with everything.
//!
//! What is seen is the same as if each had committed by itself: one that fails is undone alone and those before it are
//! committed. Where that can't be had (the database ended the whole transaction, or the shared commit fails, say because
//! of a deferred constraint), everything is undone and the migrations run again one commit each.

use std::time::{Duration, Instant};

use migration_model::Event;

use super::{Executor, Stop, failed, not_begun, shares_transaction};
use crate::hook::HookPoint;
use crate::request::CommitMode;

/// A shared transaction is committed once it is this old, so that a crash loses little and others wait little.
const MAX_AGE: Duration = Duration::from_millis(500);

impl Executor<'_> {
    /// Runs migrations from `first` on in one transaction, as many as may share it. Returns the one after the last.
    pub(super) fn run_group(&mut self, first: usize, commit: CommitMode) -> Result<usize, Stop> {
        let started = Instant::now();
        let begin = self.backend.capabilities().begin;
        self.backend.batch(begin).map_err(|source| not_begun(first, source))?;

        let mut next = first;
        let may_go_on = |this: &Self, next: usize| match commit {
            CommitMode::Each => next == first,
            CommitMode::Grouped => {
                started.elapsed() < MAX_AGE
                    && this.backend.capabilities().group_commits
                    && !this.plan.migrations[next - 1].defers_constraints
            }
            CommitMode::Atomic => true,
        };
        while next < self.plan.migrations.len()
            && shares_transaction(&self.plan.migrations[next])
            && (next == first || may_go_on(self, next))
        {
            // Without one, a statement that commits on the quiet goes unnoticed where statements can do that.
            let savepoint = next > first || !self.backend.capabilities().transactional_ddl;
            if let Err(stop) = self.run_in_transaction(next, savepoint) {
                return self.end_group_after(first, stop, commit);
            }
            next += 1;
        }
        match self.backend.batch("COMMIT") {
            Ok(()) => {
                self.tracking.committed();
                self.notify_committed(first, next);
                Ok(next)
            }
            Err(source) => {
                self.undo_transaction();
                let stop = failed(next - 1, source);
                if next - first > 1 && commit == CommitMode::Grouped {
                    return self.run_each(first, next);
                }
                self.fail(&stop, 0, started.elapsed());
                Err(stop)
            }
        }
    }

    fn run_in_transaction(&mut self, migration: usize, savepoint: bool) -> Result<(), Stop> {
        let started = Instant::now();
        self.start(migration);
        let outcome = self.run_body(migration, savepoint, started);
        match outcome {
            Ok(()) => self.finish(migration, started.elapsed()),
            Err(ref stop) => self.fail(stop, 0, started.elapsed()),
        }
        outcome
    }

    fn run_body(&mut self, migration: usize, savepoint: bool, started: Instant) -> Result<(), Stop> {
        let database = |source| failed(migration, source);
        let name = self.savepoints.migration.clone();
        if savepoint {
            self.backend.batch(&format!("SAVEPOINT {name}")).map_err(database)?;
        }
        self.hooks_inside(HookPoint::BeforeMigration, migration)?;
        for statement in &self.plan.migrations[migration].statements {
            self.run_statement(migration, statement)?;
        }
        self.record(migration, started.elapsed())?;
        self.hooks_inside(HookPoint::AfterMigration, migration)?;
        if savepoint {
            self.backend.batch(&format!("RELEASE SAVEPOINT {name}")).map_err(database)
        } else {
            Ok(())
        }
    }

    /// A migration of the group failed: undo it, and keep those before it.
    fn end_group_after(&mut self, first: usize, stop: Stop, commit: CommitMode) -> Result<usize, Stop> {
        let failed_at = stop.migration();
        if failed_at == first || commit == CommitMode::Atomic {
            self.undo_transaction();
            return Err(stop);
        }
        let name = &self.savepoints.migration;
        let undone = self.backend.batch(&format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}"));
        if undone.and_then(|()| self.backend.batch("COMMIT")).is_ok() {
            self.tracking.undone();
            self.notify_committed(first, failed_at);
            return Err(stop);
        }
        self.undo_transaction();
        if matches!(stop, Stop::Failed { .. }) { self.run_each(first, failed_at + 1) } else { Err(stop) }
    }

    /// Runs migrations again that were undone together, one commit each.
    fn run_each(&mut self, first: usize, end: usize) -> Result<usize, Stop> {
        tracing::info!("a shared commit failed: running its migrations again one by one");
        self.begin_again(first, end - 1);
        for migration in first..end {
            self.run_group(migration, CommitMode::Each)?;
        }
        Ok(end)
    }

    /// Undoes whatever transaction is open. There may be none: some failures end it.
    pub(super) fn undo_transaction(&mut self) {
        if let Err(error) = self.backend.batch("ROLLBACK") {
            tracing::debug!(%error, "no transaction to roll back");
        }
        self.tracking.undone();
    }

    pub(super) fn notify_committed(&mut self, first: usize, end: usize) {
        let ids: Vec<&str> = self.plan.migrations[first..end].iter().map(|m| m.id.as_str()).collect();
        self.committed = end;
        if !ids.is_empty() {
            self.notify(&Event::Committed { migrations: &ids });
        }
    }
}
