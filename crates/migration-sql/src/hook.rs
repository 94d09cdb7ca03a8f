//! Hooks: what runs around a run and around each of its migrations.
//!
//! An observer only takes note; a hook is a part of the run. It is listed in the plan, it runs under the lock, and where it
//! fails, the run may fail with it.

use std::fmt;
use std::sync::Arc;

use migration_model::{MigrationDirection, MigrationResult};
use migration_syntax::split;
use serde::Serialize;

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::plan::{PlannedStatement, StatementAction};
use crate::report::Effects;
use crate::request::Interrupt;
use crate::rules::Role;

/// Why a hook did not manage to do its work.
pub type HookError = Box<dyn std::error::Error + Send + Sync>;

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum HookPoint {
    /// Once, before the first migration of a run that has something to do.
    BeforeRun,
    /// Once, after a run that did all that it was to do.
    AfterRun,
    /// Before each migration.
    BeforeMigration,
    /// After each migration that was done.
    AfterMigration,
    /// Once, after a run that was begun and did not come to its end.
    OnFailure,
}

impl HookPoint {
    /// All of them, in the order in which a run comes to them.
    pub const ALL: [Self; 5] =
        [Self::BeforeRun, Self::BeforeMigration, Self::AfterMigration, Self::AfterRun, Self::OnFailure];

    /// The point as it is written: `before-run` and so on.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BeforeRun => "before-run",
            Self::AfterRun => "after-run",
            Self::BeforeMigration => "before-migration",
            Self::AfterMigration => "after-migration",
            Self::OnFailure => "on-failure",
        }
    }

    /// What a failure there means unless the hook says otherwise: what was to come is not begun, what was done stands.
    #[must_use]
    pub fn default_policy(self) -> HookPolicy {
        match self {
            Self::BeforeRun | Self::BeforeMigration => HookPolicy::Fail,
            Self::AfterRun | Self::AfterMigration | Self::OnFailure => HookPolicy::Warn,
        }
    }
}

impl fmt::Display for HookPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the failure of a hook means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum HookPolicy {
    /// The run fails.
    Fail,
    /// The report has a warning.
    Warn,
}

/// What a hook is told.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct HookEvent<'a> {
    /// `migration/hook@1`: what the event looks like as JSON; the number changes when a program could break.
    pub schema: &'static str,
    /// Why it is called.
    pub when: HookPoint,
    /// Up or down.
    pub direction: MigrationDirection,
    /// The database's URL, its password masked.
    pub database: &'a str,
    /// The schema to work in, if one was named.
    pub work_schema: Option<&'a str>,
    /// The environment that was named.
    pub environment: Option<&'a str>,
    /// The ids of all migrations of the plan, in order.
    pub migrations: &'a [&'a str],
    /// The migration that it is about, before and after each.
    pub migration: Option<HookMigration<'a>>,
    /// What came of the migrations so far: after a migration of that one, after a run and a failure of all.
    pub results: &'a [MigrationResult],
    /// What is in effect, found by looking: after a run and after a failure.
    pub effects: Option<&'a Effects>,
    /// What went wrong, after a failure.
    pub error: Option<HookCause<'a>>,
}

/// The migration that a hook is about.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct HookMigration<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name for people.
    pub name: &'a str,
    /// How many statements it has.
    pub statements: usize,
}

/// What went wrong in a run.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct HookCause<'a> {
    /// The error's code, from the closed list.
    pub code: &'a str,
    /// What failed, with the cause.
    pub message: String,
}

/// Somebody who does something at a point of a run. A closure over the event is one.
///
/// It is called on the thread of the run and outside of any transaction, and holds the run up for as long as it takes; one
/// that takes long looks at the interrupt now and then.
pub trait HookHandler: Send + Sync {
    /// Does it.
    ///
    /// # Errors
    /// What an error means is for the hook's [policy](HookPolicy) to say.
    fn call(&self, event: &HookEvent<'_>, interrupt: &Interrupt) -> std::result::Result<(), HookError>;
}

impl<F> HookHandler for F
where
    F: Fn(&HookEvent<'_>, &Interrupt) -> std::result::Result<(), HookError> + Send + Sync,
{
    fn call(&self, event: &HookEvent<'_>, interrupt: &Interrupt) -> std::result::Result<(), HookError> {
        self(event, interrupt)
    }
}

/// Something that runs at a point of every run.
///
/// ```
/// use migration_sql::{Hook, HookEvent, HookPoint, HookPolicy, Interrupt};
///
/// let backup = |event: &HookEvent<'_>, _: &Interrupt| {
///     println!("{} migrations are about to run on {}", event.migrations.len(), event.database);
///     Ok(())
/// };
/// let hooks = [
///     Hook::call("backup", HookPoint::BeforeRun, backup),
///     Hook::sql("statistics", HookPoint::AfterRun, "ANALYZE").on_error(HookPolicy::Fail),
/// ];
/// assert_eq!(hooks[0].policy(), HookPolicy::Fail);
/// ```
#[derive(Debug, Clone)]
pub struct Hook {
    name: String,
    point: HookPoint,
    policy: HookPolicy,
    direction: Option<MigrationDirection>,
    action: Action,
}

#[derive(Debug, Clone)]
enum Action {
    Sql(String),
    Call { shown: String, handler: Handler },
}

/// A handler, compared by identity.
#[derive(Clone)]
pub(crate) struct Handler(pub(crate) Arc<dyn HookHandler>);

impl PartialEq for Handler {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handler")
    }
}

impl Hook {
    /// A hook that runs SQL in the session of the run: statements that could stand in a transaction with others.
    #[must_use]
    pub fn sql(name: impl Into<String>, point: HookPoint, sql: impl Into<String>) -> Self {
        Self::new(name.into(), point, Action::Sql(sql.into()))
    }

    /// A hook that calls somebody.
    #[must_use]
    pub fn call(name: impl Into<String>, point: HookPoint, handler: impl HookHandler + 'static) -> Self {
        let name = name.into();
        let action = Action::Call { shown: name.clone(), handler: Handler(Arc::new(handler)) };
        Self::new(name, point, action)
    }

    fn new(name: String, point: HookPoint, action: Action) -> Self {
        Self { name, point, policy: point.default_policy(), direction: None, action }
    }

    /// How a plan shows what is called; unless told, by the hook's name.
    #[must_use]
    pub fn shown_as(mut self, text: impl Into<String>) -> Self {
        if let Action::Call { shown, .. } = &mut self.action {
            *shown = text.into();
        }
        self
    }

    /// What its failure means. After a failure of the run it is a warning, whatever is said here.
    #[must_use]
    pub fn on_error(mut self, policy: HookPolicy) -> Self {
        if self.point != HookPoint::OnFailure {
            self.policy = policy;
        }
        self
    }

    /// Runs it on the way up or on the way down only.
    #[must_use]
    pub fn only(mut self, direction: MigrationDirection) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it runs.
    #[must_use]
    pub fn point(&self) -> HookPoint {
        self.point
    }

    /// What its failure means.
    #[must_use]
    pub fn policy(&self) -> HookPolicy {
        self.policy
    }

    /// The hook as a plan has it; `None` where it doesn't run in this direction.
    ///
    /// # Errors
    /// [`Error::HookInvalid`] for SQL that can't be split, and for a statement that would end the transaction that it stands
    /// in or can't stand in one.
    pub(crate) fn planned(
        &self,
        direction: MigrationDirection,
        backend: &dyn Backend,
    ) -> Result<Option<PlannedHook>> {
        if self.direction.is_some_and(|only| only != direction) {
            return Ok(None);
        }
        let (name, when, on_error) = (self.name.clone(), self.point, self.policy);
        Ok(Some(match &self.action {
            Action::Sql(text) => {
                let statements = statements(text, backend)
                    .map_err(|why| Error::HookInvalid { hook: name.clone(), why })?;
                PlannedHook { name, when, on_error, statements, call: None, handler: None }
            }
            Action::Call { shown, handler } => PlannedHook {
                name,
                when,
                on_error,
                statements: Vec::new(),
                call: Some(shown.clone()),
                handler: Some(handler.clone()),
            },
        }))
    }
}

fn statements(text: &str, backend: &dyn Backend) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    for statement in split(text, backend.dialect()).map_err(|error| error.to_string())? {
        let planned = PlannedStatement {
            number: texts.len() + 1,
            kind: statement.kind,
            sql: statement.text.to_owned(),
            line: statement.line,
            start: statement.start,
            action: StatementAction::Execute,
            session: false,
            copy_data: None,
            hidden: None,
            offset: 0,
        };
        let role = backend.rules().meaning(&planned).role;
        let fits = matches!(role, Role::Plain | Role::Opaque | Role::Savepoint | Role::Release);
        if !fits || statement.copy_data.is_some() {
            return Err(format!("its statement {} can't stand in a transaction with others", planned.number));
        }
        texts.push(planned.sql);
    }
    Ok(texts)
}

/// A hook of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedHook {
    /// Its name.
    pub name: String,
    /// When it runs.
    pub when: HookPoint,
    /// What its failure means.
    pub on_error: HookPolicy,
    /// The SQL that it runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<String>,
    /// What it calls, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    #[serde(skip)]
    pub(crate) handler: Option<Handler>,
}

impl PlannedHook {
    /// Whether it runs before or after each migration.
    pub(crate) fn is_per_migration(&self) -> bool {
        matches!(self.when, HookPoint::BeforeMigration | HookPoint::AfterMigration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failure_means_unless_told() {
        for point in HookPoint::ALL {
            let hook = Hook::sql("h", point, "SELECT 1");
            let before = point.as_str().starts_with("before");
            assert_eq!(hook.policy() == HookPolicy::Fail, before, "{point}");
            let told = hook.on_error(HookPolicy::Fail).policy();
            assert_eq!(told == HookPolicy::Warn, point == HookPoint::OnFailure, "{point}");
        }
    }
}
