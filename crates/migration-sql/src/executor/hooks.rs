//! Running the hooks of a plan.
//!
//! Those around a run, and those that call somebody, run outside of all transactions; SQL in one of its own. SQL before and
//! after a migration is a part of the migration's transaction where the database can undo everything and the migration is
//! one transaction: then it takes effect with it or not at all.

use std::panic::{AssertUnwindSafe, catch_unwind};

use migration_model::MigrationResult;

use super::{Executor, Stop};
use crate::backend::Backend;
use crate::error::DatabaseError;
use crate::hook::{HookCause, HookError, HookEvent, HookMigration, HookPoint, HookPolicy, PlannedHook};
use crate::plan::Plan;
use crate::report::Effects;
use crate::request::Interrupt;

/// The hooks of one run.
pub(crate) struct Hooks<'a> {
    pub(crate) plan: &'a Plan,
    /// The URL, masked.
    pub(crate) database: String,
    pub(crate) work_schema: Option<&'a str>,
    pub(crate) environment: Option<&'a str>,
    pub(crate) interrupt: &'a Interrupt,
    /// What failed without failing the run.
    pub(crate) warnings: Vec<String>,
}

/// A point of a run, with what is known there.
#[derive(Clone)]
pub(crate) struct Moment<'a> {
    when: HookPoint,
    migration: Option<usize>,
    results: &'a [MigrationResult],
    effects: Option<&'a Effects>,
    error: Option<HookCause<'a>>,
}

impl<'a> Moment<'a> {
    pub(crate) fn before_run() -> Self {
        Self { when: HookPoint::BeforeRun, migration: None, results: &[], effects: None, error: None }
    }

    pub(crate) fn after_run(results: &'a [MigrationResult], effects: &'a Effects) -> Self {
        Self { when: HookPoint::AfterRun, results, effects: Some(effects), ..Self::before_run() }
    }

    pub(crate) fn on_failure(
        results: &'a [MigrationResult],
        effects: &'a Effects,
        error: HookCause<'a>,
    ) -> Self {
        Self { when: HookPoint::OnFailure, error: Some(error), ..Self::after_run(results, effects) }
    }
}

/// A hook that failed, and whose policy is that this counts.
#[derive(Debug)]
pub(crate) struct HookStop {
    pub(crate) hook: String,
    pub(crate) when: HookPoint,
    pub(crate) source: HookError,
}

/// Where SQL runs.
#[derive(Debug, Clone, Copy)]
enum Place<'a> {
    /// In a transaction of its own.
    Own,
    /// In the one that is open, in a savepoint of this name.
    Open(&'a str),
}

impl<'a> Hooks<'a> {
    fn at(&self, when: HookPoint) -> impl Iterator<Item = &'a PlannedHook> + use<'a> {
        self.plan.hooks.iter().filter(move |hook| hook.when == when)
    }

    /// Runs what is to be run at a point outside of all transactions.
    pub(crate) fn run(&mut self, backend: &mut dyn Backend, moment: &Moment<'_>) -> Result<(), HookStop> {
        for hook in self.at(moment.when) {
            self.run_one(hook, backend, moment, Place::Own)?;
        }
        Ok(())
    }

    fn run_one(
        &mut self,
        hook: &PlannedHook,
        backend: &mut dyn Backend,
        moment: &Moment<'_>,
        place: Place<'_>,
    ) -> Result<(), HookStop> {
        tracing::info!(hook = hook.name, when = %hook.when, "hook started");
        let mut undone = true;
        let outcome = match &hook.handler {
            Some(handler) => self.event(moment, |event| {
                let called = AssertUnwindSafe(|| handler.0.call(event, self.interrupt));
                catch_unwind(called).unwrap_or_else(|_| Err("the hook panicked".into()))
            }),
            None => run_sql(hook, backend, place, &mut undone).map_err(HookError::from),
        };
        let Err(source) = outcome else { return Ok(()) };
        // What can't be undone has taken the migration's transaction with it: no run goes on from there.
        if hook.on_error == HookPolicy::Warn && undone {
            let warning =
                format!("the hook `{}` ({}) failed: {}", hook.name, hook.when, with_causes(&*source));
            tracing::debug!("{warning}");
            self.warnings.push(warning);
            return Ok(());
        }
        Err(HookStop { hook: hook.name.clone(), when: hook.when, source })
    }

    fn event<T>(&self, moment: &Moment<'_>, body: impl FnOnce(&HookEvent<'_>) -> T) -> T {
        let migrations: Vec<&str> = self.plan.migrations.iter().map(|m| m.id.as_str()).collect();
        let migration = moment.migration.and_then(|place| self.plan.migrations.get(place));
        body(&HookEvent {
            schema: "migration/hook@1",
            when: moment.when,
            direction: self.plan.direction,
            database: &self.database,
            work_schema: self.work_schema,
            environment: self.environment,
            migrations: &migrations,
            migration: migration.map(|migration| HookMigration {
                id: &migration.id,
                name: &migration.name,
                statements: migration.statements.len(),
            }),
            results: moment.results,
            effects: moment.effects,
            error: moment.error.clone(),
        })
    }
}

impl Executor<'_> {
    /// Before the first migration.
    pub(super) fn hooks_before_run(&mut self) -> Result<(), Stop> {
        let run = self.hooks.run(self.backend, &Moment::before_run());
        run.map_err(|stop| self.stopped(Stop::Hook { migration: 0, begun: false, of_run: true, stop }))
    }

    /// The failure of a hook that was told to stop is no failure of the hook.
    fn stopped(&self, stop: Stop) -> Stop {
        match stop {
            Stop::Hook { migration, .. } if self.interrupt.is_triggered() => Stop::Interrupted { migration },
            stop => stop,
        }
    }

    /// What runs around a migration and outside of its transaction. `inside` is whether it has one that SQL can stand in.
    pub(super) fn hooks_outside(
        &mut self,
        when: HookPoint,
        migration: usize,
        inside: bool,
    ) -> Result<(), Stop> {
        let begun = when == HookPoint::AfterMigration;
        let results = if begun { &self.results[migration..=migration] } else { &[] };
        let moment = Moment { when, migration: Some(migration), results, ..Moment::before_run() };
        for hook in self.hooks.at(when).filter(|hook| hook.handler.is_some() || !inside) {
            let run = self.hooks.run_one(hook, self.backend, &moment, Place::Own);
            run.map_err(|stop| self.stopped(Stop::Hook { migration, begun, of_run: false, stop }))?;
        }
        Ok(())
    }

    /// SQL around a migration, in the transaction that is open.
    pub(super) fn hooks_inside(&mut self, when: HookPoint, migration: usize) -> Result<(), Stop> {
        let moment = Moment { when, migration: Some(migration), ..Moment::before_run() };
        if !self.sql_goes_inside() {
            return Ok(());
        }
        for hook in self.hooks.at(when).filter(|hook| hook.handler.is_none()) {
            let place = Place::Open(&self.savepoints.hook);
            let run = self.hooks.run_one(hook, self.backend, &moment, place);
            run.map_err(|stop| self.stopped(Stop::Hook { migration, begun: true, of_run: false, stop }))?;
        }
        Ok(())
    }

    /// Whether SQL can be undone together with a migration.
    pub(super) fn sql_goes_inside(&self) -> bool {
        self.backend.capabilities().transactional_ddl
    }

    /// Whether something runs between two migrations that can't stand in a transaction of both.
    pub(super) fn hooks_part_migrations(&self) -> bool {
        hooks_part_migrations(self.plan, self.sql_goes_inside())
    }

    /// Whether there is SQL that belongs into the transaction of each migration.
    pub(super) fn has_hooks_inside(&self) -> bool {
        self.sql_goes_inside()
            && self.plan.hooks.iter().any(|hook| hook.is_per_migration() && hook.handler.is_none())
    }
}

/// Whether a hook of the plan runs between two migrations and in the transaction of neither.
pub(crate) fn hooks_part_migrations(plan: &Plan, sql_goes_inside: bool) -> bool {
    plan.hooks.iter().any(|hook| hook.is_per_migration() && (hook.handler.is_some() || !sql_goes_inside))
}

/// Runs the statements of a hook, all or none; `undone` becomes false where the latter can't be had.
fn run_sql(
    hook: &PlannedHook,
    backend: &mut dyn Backend,
    place: Place<'_>,
    undone: &mut bool,
) -> Result<(), DatabaseError> {
    let (open, close, undo) = match place {
        Place::Own => (backend.capabilities().begin.to_owned(), "COMMIT".to_owned(), "ROLLBACK".to_owned()),
        Place::Open(name) => (
            format!("SAVEPOINT {name}"),
            format!("RELEASE SAVEPOINT {name}"),
            format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}"),
        ),
    };
    backend.batch(&open)?;
    let run = hook.statements.iter().try_for_each(|sql| backend.execute(sql, false).map(|_| ()));
    run.and_then(|()| backend.batch(&close)).inspect_err(|_| {
        if let Err(error) = backend.batch(&undo) {
            tracing::debug!(%error, "nothing of the hook to undo");
            *undone = matches!(place, Place::Own);
        }
    })
}

/// An error with its causes, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
