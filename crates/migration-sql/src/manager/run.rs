//! Running a request: lock, look, plan, execute, look again.

use std::collections::BTreeMap;

use migration_model::{Event, MigrationDirection, MigrationResult, MigrationStatus};

use super::{MigrationManager, Prepared, State};
use crate::backend::{Capabilities, refused};
use crate::error::{DatabaseErrorKind, Error, Result, RunFailure, listed};
use crate::executor::{
    Executor, HookStop, Hooks, Moment, Savepoints, Stop, hooks_part_migrations, shares_transaction,
    with_causes,
};
use crate::history::{History, HistoryRow, RowState};
use crate::hook::HookCause;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::report::{EffectState, Effects, MigrationEffect, RunReport};
use crate::request::{CommitMode, Request};
use crate::tracking::Tracking;

impl MigrationManager {
    /// Applies or rolls back what a request asks for.
    ///
    /// The plan is made under a lock that keeps other runners out: several may be started at once, and each migration runs
    /// once.
    ///
    /// # Errors
    /// Whatever [`MigrationManager::plan`] refuses, [`Error::Locked`], and [`Error::Failed`], [`Error::Interrupted`] or
    /// [`Error::Observer`] with a report of what is in effect.
    pub fn run(&mut self, request: &Request) -> Result<RunReport> {
        let plan = self.plan(request)?;
        if request.dry_run {
            self.check_writable()?;
            return Ok(untouched(plan, true));
        }
        if request.direction == MigrationDirection::Up {
            // Whatever becomes of the run: whoever comes next is to know what this database is.
            self.claim_environment()?;
        }
        if plan.is_empty() {
            return Ok(untouched(plan, false));
        }

        // Whether another tool has a history here was looked at; our lock would keep it from nothing.
        let again = Request { ignore_foreign: true, ..request.clone() };
        self.exclusively(|this| {
            // Another runner may have been at work until now.
            let prepared = this.prepare(&again)?;
            if prepared.plan.is_empty() {
                return Ok(untouched(prepared.plan, false));
            }
            this.check_writable()?;
            this.execute(prepared, request)
        })
    }

    /// Keeps other runners out while `body` runs, so that several runs are one for everybody else.
    ///
    /// # Errors
    /// [`Error::Locked`] when another runner doesn't finish in time, and those of `body`.
    pub fn exclusively<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.exclusive {
            return body(self);
        }
        let history = Tracking::find(self.connector.backend(), &self.settings)?.history.sql;
        let observers = &self.observers;
        self.connector.backend().lock(&history, &mut |holder| {
            for observer in observers {
                if let Err(error) = observer.on_event(&Event::WaitingForLock { holder }) {
                    tracing::warn!(%error, "an observer failed");
                }
            }
        })?;
        self.exclusive = true;
        let outcome = body(self);
        self.exclusive = false;
        self.connector.backend().unlock();
        outcome
    }

    pub(super) fn check_writable(&mut self) -> Result<()> {
        let backend = self.connector.backend();
        backend.check_writable().map_err(|error| refused(backend, "the database can't be written", error))
    }

    fn execute(&mut self, prepared: Prepared, request: &Request) -> Result<RunReport> {
        let Prepared { plan, set, tracking } = prepared;
        let results =
            plan.migrations.iter().map(|m| MigrationResult::new(&m.id, m.statements.len())).collect();
        let hooks = Hooks {
            plan: &plan,
            database: self.connector.url().to_string(),
            work_schema: self.connector.schema.as_deref(),
            environment: self.settings.environment.as_deref(),
            interrupt: &self.interrupt,
            warnings: Vec::new(),
        };
        let mut executor = Executor {
            hooks,
            backend: self.connector.backend.as_mut(),
            set: set.as_ref().unwrap_or(&self.set),
            plan: &plan,
            settings: &self.settings,
            observers: &self.observers,
            interrupt: &self.interrupt,
            commit: request.commit,
            results,
            observer_error: None,
            savepoints: Savepoints::default(),
            tracking,
            committed: 0,
            announced: None,
        };
        let outcome = executor.run();
        let mut results = executor.results;
        let begun = outcome.as_ref().err().map_or(plan.migrations.len(), Stop::begun);
        let mut warnings = executor.hooks.warnings;
        let effects = self.look(&plan, begun);
        mend(&mut results, &effects, plan.direction);
        for observer in &self.observers {
            if let Err(error) = observer.on_event(&Event::RunFinished { results: &results }) {
                tracing::warn!(%error, "an observer failed");
            }
        }
        let mut report = RunReport {
            direction: plan.direction,
            results,
            effects,
            warnings: plan.warnings.clone(),
            dry_run: false,
        };
        report.warnings.append(&mut warnings);
        let outcome = match outcome {
            Ok(()) => match self.hooks_after(&plan, &mut report, None) {
                Ok(()) => return Ok(report),
                Err(HookStop { hook, when, source }) => {
                    Err(Error::Hook { hook, when, migration: None, source, report: Box::new(report) })
                }
            },
            Err(stop) => Err(self.error_of(stop, &plan, report)),
        };
        outcome.map_err(|mut error| {
            let cause = HookCause { code: error.code(), message: with_causes(&error) };
            if let Some(report) = error.report_mut() {
                let mut told = report.clone();
                // Whose failure counts for nothing: the run has failed already.
                _ = self.hooks_after(&plan, &mut told, Some(cause));
                report.warnings = told.warnings;
            }
            error
        })
    }

    /// Runs what comes after a run: on its failure, if there is a cause.
    fn hooks_after(
        &mut self,
        plan: &Plan,
        report: &mut RunReport,
        cause: Option<HookCause<'_>>,
    ) -> Result<(), HookStop> {
        let mut hooks = Hooks {
            plan,
            database: self.connector.url().to_string(),
            work_schema: self.connector.schema.as_deref(),
            environment: self.settings.environment.as_deref(),
            interrupt: &self.interrupt,
            warnings: Vec::new(),
        };
        let moment = match cause {
            None => Moment::after_run(&report.results, &report.effects),
            Some(cause) => Moment::on_failure(&report.results, &report.effects, cause),
        };
        let run = hooks.run(self.connector.backend.as_mut(), &moment);
        let mut warnings = hooks.warnings;
        report.warnings.append(&mut warnings);
        run
    }

    /// Why a run failed, for whoever asked for it.
    fn error_of(&mut self, stop: Stop, plan: &Plan, report: RunReport) -> Error {
        let stop_at = stop.migration();
        let migration = plan.migrations[stop_at].id.clone();
        match stop {
            Stop::Failed { place, mut source, .. } => {
                let blocked_by = match source.kind {
                    DatabaseErrorKind::Busy => self.connector.backend().blocked_by(place.sql.as_deref()),
                    _ => Vec::new(),
                };
                if let Some(holders) = listed(&blocked_by) {
                    source.message.push_str(&format!(" (by {holders})"));
                }
                let (place, cause) = (*place, *source);
                Error::Failed(Box::new(RunFailure { migration, place, cause, blocked_by, report }))
            }
            Stop::Undecided { statement, .. } => {
                let statements = &plan.migrations[stop_at].statements;
                let sql = statements.get(statement - 1).map(|s| s.sql.clone()).unwrap_or_default();
                Error::Undecided { id: migration, statement, sql, report: Box::new(report) }
            }
            Stop::Interrupted { .. } => Error::Interrupted { migration, report: Box::new(report) },
            Stop::Observer { source, .. } => Error::Observer { migration, source, report: Box::new(report) },
            Stop::Hook { of_run, stop: HookStop { hook, when, source }, .. } => {
                let migration = (!of_run).then_some(migration);
                Error::Hook { hook, when, migration, source, report: Box::new(report) }
            }
        }
    }

    /// Looks into the database for what is in effect. The first `begun` migrations of the plan were.
    fn look(&mut self, plan: &Plan, begun: usize) -> Effects {
        // The connection may be what was lost: a new one can still tell.
        let state = self.read_state().or_else(|_| {
            let backend = self.connector.backend();
            backend.reset_session().map_err(Error::database("no new connection"))?;
            self.read_state()
        });
        match state {
            Ok(State { history, journal, .. }) => effects(plan, begun, &history, &journal),
            Err(error) => {
                tracing::error!(%error, "the database can't be asked what is in effect");
                let unknown = plan.migrations.iter().map(|m| (m.id.clone(), MigrationEffect::Unknown));
                Effects { state: EffectState::Unknown, migrations: unknown.collect() }
            }
        }
    }
}

/// What is in effect of a plan, from what the database says.
fn effects(plan: &Plan, begun: usize, history: &History, journal: &Journal) -> Effects {
    let up = plan.direction == MigrationDirection::Up;
    let mut migrations = BTreeMap::new();
    let (mut complete, mut none) = (true, true);
    for (place, migration) in plan.migrations.iter().enumerate() {
        let row = history.get(&migration.id).filter(|row| row.state == RowState::Applied);
        // One that runs again was applied before: what counts is whether this text of it is.
        let is_this = |row: &HistoryRow| {
            !migration.runs_again || row.checksum.as_ref().is_some_and(|c| c.matches(&migration.checksum))
        };
        let applied = row.is_some_and(is_this);
        let begun = place < begun;
        let effect = match (journal.get(&migration.id), applied) {
            (Some(_), _) => MigrationEffect::Partial,
            (None, true) if up || begun => MigrationEffect::Applied,
            (None, false) if !up || begun => MigrationEffect::RolledBack,
            (None, _) => MigrationEffect::NotRun,
        };
        complete &= applied == up && effect != MigrationEffect::Partial;
        none &= applied != up && effect != MigrationEffect::Partial;
        migrations.insert(migration.id.clone(), effect);
    }
    let state = match (complete, none) {
        (true, _) => EffectState::Complete,
        (false, true) => EffectState::None,
        (false, false) => EffectState::Partial,
    };
    Effects { state, migrations }
}

/// Migrations may have been undone together with one that failed after them: their results follow what was found.
fn mend(results: &mut [MigrationResult], effects: &Effects, direction: MigrationDirection) {
    for result in results {
        let effect = effects.migrations.get(&result.migration_id);
        let undone = match direction {
            MigrationDirection::Up => effect == Some(&MigrationEffect::RolledBack),
            MigrationDirection::Down => effect == Some(&MigrationEffect::Applied),
        };
        if undone && matches!(result.status, MigrationStatus::Completed | MigrationStatus::RolledBack) {
            let status = match direction {
                MigrationDirection::Up => MigrationStatus::RolledBack,
                MigrationDirection::Down => MigrationStatus::Pending,
            };
            result.advance(status, 0);
        }
    }
}

/// The report of a run that did nothing.
fn untouched(plan: Plan, dry_run: bool) -> RunReport {
    let results = plan.migrations.iter().map(|m| MigrationResult::new(&m.id, m.statements.len()));
    let migrations = plan.migrations.iter().map(|m| (m.id.clone(), MigrationEffect::NotRun));
    RunReport {
        direction: plan.direction,
        results: results.collect(),
        effects: Effects { state: EffectState::None, migrations: migrations.collect() },
        warnings: plan.warnings,
        dry_run,
    }
}

/// All in one transaction is only possible where every migration can share one.
pub(super) fn check_atomic(plan: &Plan, request: &Request, capabilities: Capabilities) -> Result<()> {
    if request.commit == CommitMode::Atomic
        && plan.migrations.len() > 1
        && hooks_part_migrations(plan, capabilities.transactional_ddl)
    {
        let why = "a hook runs after it and outside of its transaction";
        return Err(not_atomic(&plan.migrations[0].id, why));
    }
    if request.commit != CommitMode::Atomic || plan.migrations.len() < 2 {
        return match plan.migrations.first() {
            Some(only) if request.commit == CommitMode::Atomic && only.segments.len() > 1 => {
                Err(not_atomic(&only.id, "it has statements that can't run in a transaction"))
            }
            _ => Ok(()),
        };
    }
    let Some(odd) = plan.migrations.iter().find(|migration| !shares_transaction(migration)) else {
        return Ok(());
    };
    let why = if odd.resume_after > 0 {
        "it was cut off and part of it is in effect"
    } else if odd.segments.len() > 1 || odd.segments.iter().any(|segment| !segment.transaction) {
        "it has statements that can't run in a transaction, or asks for several"
    } else if odd.segments.iter().any(|segment| !segment.foreign_keys) {
        "it switches foreign keys off, which only works outside of a transaction"
    } else {
        "it changes settings of the session"
    };
    Err(not_atomic(&odd.id, why))
}

fn not_atomic(id: &str, why: &str) -> Error {
    Error::NotAtomic { id: id.to_owned(), why: why.to_owned() }
}
