//! Every way in which this crate's work can fail.

mod adopt;
mod blocker;
mod database;
mod run;

use std::path::PathBuf;
use std::time::Duration;

use migration_model::Checksum;
use migration_model::message::list_ids;
use migration_syntax::{Dialect, SplitError};
use thiserror::Error;

pub use self::adopt::{AdoptError, ForeignChange};
pub use self::blocker::Blocker;
pub(crate) use self::blocker::listed;
pub use self::database::{DatabaseError, DatabaseErrorKind};
pub use self::run::{FailurePlace, RunFailure};
use crate::hook::{HookError, HookPoint};
use crate::layout::LoadError;
use crate::report::RunReport;
use crate::url::UrlError;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done. What took effect is stated by [`Error::report`] wherever something ran.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The database URL is none.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The directory of migrations can't be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Another tool's history, or a baseline, can't be taken for granted.
    #[error(transparent)]
    Adopt(#[from] AdoptError),
    /// This build has no support for the backend.
    #[error("this build can't talk to {dialect}: it was compiled without the feature `{feature}`")]
    FeatureMissing {
        /// The backend that the URL asks for.
        dialect: Dialect,
        /// The cargo feature that has it.
        feature: &'static str,
    },
    /// No connection.
    #[error("can't connect to {url}")]
    Connect {
        /// The URL with its password masked.
        url: String,
        /// What the database said.
        #[source]
        source: DatabaseError,
    },
    /// There is no database where one is needed.
    #[error("there is no database at {}", path.display())]
    DatabaseMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The server has no database of this name.
    #[error("the server has no database `{name}`")]
    NoSuchDatabase {
        /// The name.
        name: String,
        /// The words of a command of the database's own client that creates it; they hold no password.
        create: Vec<String>,
        /// What the database said.
        #[source]
        source: DatabaseError,
    },
    /// The database has no schema of this name.
    #[error("the database has no schema `{name}`")]
    NoSuchSchema {
        /// The name.
        name: String,
    },
    /// A database that has no schemas was asked for one.
    #[error("{dialect} has no schemas{}", if .name.is_empty() { String::new() } else { format!(": `{name}` can't be one") })]
    SchemasUnsupported {
        /// Whose SQL it is.
        dialect: Dialect,
        /// The name that was given, if one was.
        name: String,
    },
    /// The database is marked as that of another environment than the one that was named.
    #[error("the database is marked as `{marked}`, {}", named.as_ref().map_or_else(
        || "and no environment was named".to_owned(), |named| format!("and the environment named is `{named}`")))]
    OtherEnvironment {
        /// What the marker says.
        marked: String,
        /// What was named.
        named: Option<String>,
    },
    /// A script can't be split into statements.
    #[error("migration `{migration}` can't be split into statements")]
    Split {
        /// Whose script.
        migration: String,
        /// The file, if it stands in one.
        path: Option<PathBuf>,
        /// What is wrong, and where.
        #[source]
        source: SplitError,
    },
    /// The database refused something outside of a migration's own statements.
    #[error("{what}")]
    Database {
        /// What was being done.
        what: String,
        /// What the database said.
        #[source]
        source: DatabaseError,
    },
    /// Somebody else held the database, or another runner the lock, for longer than the time to wait.
    #[error("the database is locked{}; gave up after {waited:?}", holder.as_ref().map(|h| format!(" by {h}")).unwrap_or_default())]
    Locked {
        /// Who, as far as can be told.
        holder: Option<String>,
        /// How long was waited.
        waited: Duration,
    },
    /// No migration is meant by this text.
    #[error("there is no migration `{id}`{}", similar.as_ref().map(|s| format!("; did you mean `{s}`?")).unwrap_or_default())]
    UnknownMigration {
        /// The text.
        id: String,
        /// The id most like it.
        similar: Option<String>,
    },
    /// Applied migrations are not what they were when they were applied.
    #[error("{}", drift_message(.changed))]
    Changed {
        /// Which, and how.
        changed: Vec<ChangedMigration>,
    },
    /// Files of applied migrations are gone.
    #[error("{} applied, and no file of the directory holds {}: {}",
        if .ids.len() == 1 { "a migration is" } else { "migrations are" },
        if .ids.len() == 1 { "it" } else { "them" }, list_ids(.ids))]
    MissingFiles {
        /// Which.
        ids: Vec<String>,
        /// Pairs of a missing id and a pending one whose file has the same content: probably renamed.
        renamed: Vec<(String, String)>,
    },
    /// Pending migrations come before one that is applied, and the request says not to apply such.
    #[error("{} out of order: {} before `{newest}`, which is applied",
        if .ids.len() == 1 { "a pending migration is" } else { "pending migrations are" }, come(.ids))]
    OutOfOrder {
        /// Which, in their order.
        ids: Vec<String>,
        /// The last in order of those that are applied.
        newest: String,
    },
    /// A migration can't be applied before others.
    #[error("migration `{id}` needs {} to be applied first", list_ids(.needs))]
    DependencyNotApplied {
        /// Which.
        id: String,
        /// What it needs.
        needs: Vec<String>,
    },
    /// A migration can't be rolled back before others.
    #[error("migration `{id}` can't be rolled back while {} on it", depend(.dependents))]
    DependentApplied {
        /// Which.
        id: String,
        /// What needs it and is applied.
        dependents: Vec<String>,
    },
    /// A migration is applied already.
    #[error("migration `{id}` is applied already")]
    AlreadyApplied {
        /// Which.
        id: String,
    },
    /// A migration isn't applied.
    #[error("migration `{id}` is not applied")]
    NotApplied {
        /// Which.
        id: String,
    },
    /// Migrations that have no down part would have to be rolled back.
    #[error("{} no down part and can't be rolled back: {}",
        if .ids.len() == 1 { "a migration has" } else { "migrations have" }, list_ids(.ids))]
    Irreversible {
        /// Which.
        ids: Vec<String>,
    },
    /// A migration was cut off, and its part that took effect has been edited since.
    #[error("migration `{id}` was cut off after {done} statements, and those have been edited since")]
    PartialChanged {
        /// Which.
        id: String,
        /// Statements that are in effect.
        done: usize,
    },
    /// A migration was cut off while a statement ran outside of a transaction, and whether that took effect can't be seen.
    #[error(
        "migration `{id}` was cut off at its statement {statement}, and whether that took effect can't be found out"
    )]
    Undecided {
        /// Which.
        id: String,
        /// The statement's number.
        statement: usize,
        /// Its text.
        sql: String,
        /// What ran and what is in effect.
        report: Box<RunReport>,
    },
    /// A migration was cut off on its way in the other direction.
    #[error(
        "migration `{id}` was cut off on its way {was_going}, {done} of {total} statements done: finish that first"
    )]
    PartialOtherWay {
        /// Which.
        id: String,
        /// `up` or `down`.
        was_going: &'static str,
        /// Statements that are in effect.
        done: usize,
        /// Statements that it has.
        total: usize,
    },
    /// A row of the tracking table that another program wrote says that the migration failed.
    #[error("the table `{table}` says that migration `{id}` failed; what of it is in effect is not known")]
    RowFailed {
        /// Which.
        id: String,
        /// The tracking table.
        table: String,
    },
    /// A script opens or ends transactions in a way that doesn't add up.
    #[error("migration `{id}`, line {line}: {what}")]
    TransactionControl {
        /// Which.
        id: String,
        /// The file.
        path: Option<PathBuf>,
        /// The line of the statement.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// All in one transaction was asked for, and a migration can't take part.
    #[error("migration `{id}` can't share a transaction with the others: {why}")]
    NotAtomic {
        /// Which.
        id: String,
        /// What keeps it from doing so.
        why: String,
    },
    /// A tracking table isn't one.
    #[error("the table `{table}` is no tracking table: {why}")]
    ForeignTable {
        /// The table.
        table: String,
        /// What is odd about it.
        why: String,
    },
    /// A table name that can't be one.
    #[error("{name:?} can't be the name of a tracking table")]
    TableName {
        /// The name.
        name: String,
    },
    /// A step in Rust wants to run a statement that would end its migration's transaction.
    #[error("a step can't run this statement, as its transaction is the migration's: {sql}")]
    InStep {
        /// The statement.
        sql: String,
    },
    /// More than one statement where one is expected.
    #[error("expected one statement, found {found}")]
    NotOneStatement {
        /// How many there are.
        found: usize,
    },
    /// As many values as a statement takes were not given.
    #[error("the statement takes {expected} parameters, {given} were given")]
    ParameterCount {
        /// How many it takes.
        expected: usize,
        /// How many were given.
        given: usize,
    },
    /// A text given to a connector can't be split into statements.
    #[error("the SQL text can't be split into statements")]
    SplitText(#[source] SplitError),
    /// A source of Diesel's can't be taken over.
    #[error("the diesel source can't be taken over")]
    DieselSource(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A migration failed.
    #[error("migration `{}` failed", .0.migration)]
    Failed(#[source] Box<RunFailure>),
    /// An observer failed, and the settings say that this stops the run.
    #[error("an observer failed during migration `{migration}`")]
    Observer {
        /// The migration that was not finished.
        migration: String,
        /// The observer's own words.
        #[source]
        source: migration_model::ObserverError,
        /// What ran and what is in effect.
        report: Box<RunReport>,
    },
    /// A hook can't be run as it is.
    #[error("the hook `{hook}` can't be run: {why}")]
    HookInvalid {
        /// Its name.
        hook: String,
        /// What is wrong with it.
        why: String,
    },
    /// A hook failed, and its policy is that the run fails then.
    #[error("the hook `{hook}` failed, {when}{}", migration.as_ref().map(|id| format!(" `{id}`")).unwrap_or_default())]
    Hook {
        /// Its name.
        hook: String,
        /// When it ran.
        when: HookPoint,
        /// The migration before or after which it ran.
        migration: Option<String>,
        /// Its own words, or the database's.
        #[source]
        source: HookError,
        /// What ran and what is in effect.
        report: Box<RunReport>,
    },
    /// The run was asked to stop.
    #[error("interrupted before migration `{migration}` was done")]
    Interrupted {
        /// The migration that was not finished, or not begun.
        migration: String,
        /// What ran and what is in effect.
        report: Box<RunReport>,
    },
}

/// An applied migration whose file is another one now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedMigration {
    /// Which.
    pub id: String,
    /// What the table has.
    pub applied: Checksum,
    /// What the file has.
    pub file: Checksum,
    /// The file.
    pub path: Option<PathBuf>,
    /// When it was applied.
    pub applied_at: Option<String>,
}

fn come(ids: &[String]) -> String {
    format!("{} {}", list_ids(ids), if ids.len() == 1 { "comes" } else { "come" })
}

fn depend(ids: &[String]) -> String {
    format!("{} {}", list_ids(ids), if ids.len() == 1 { "depends" } else { "depend" })
}

fn drift_message(changed: &[ChangedMigration]) -> String {
    let ids: Vec<String> = changed.iter().map(|c| c.id.clone()).collect();
    let (noun, verb) = if ids.len() == 1 { ("migration", "was") } else { ("migrations", "were") };
    format!("{noun} {} {verb} edited after being applied", list_ids(&ids))
}

impl Error {
    /// What kind of error it is, from a closed list that `docs/errors.md` explains.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url(_) => "url.invalid",
            Self::Load(error) => error.code(),
            Self::Adopt(error) => error.code(),
            Self::FeatureMissing { .. } => "connect.feature_missing",
            Self::Connect { source, .. } => source.kind.connect_code(),
            Self::DatabaseMissing { .. } | Self::NoSuchDatabase { .. } => "connect.database_missing",
            Self::NoSuchSchema { .. } => "connect.schema_missing",
            Self::SchemasUnsupported { .. } => "usage.no_schemas",
            Self::OtherEnvironment { .. } => "environment.mismatch",
            Self::Split { .. } | Self::SplitText(_) => "split.unterminated",
            Self::Database { source, .. } => source.kind.code("database.refused"),
            Self::Locked { .. } => "database.locked",
            Self::UnknownMigration { .. } => "plan.unknown_migration",
            Self::Changed { .. } => "history.changed",
            Self::MissingFiles { .. } => "history.missing_file",
            Self::OutOfOrder { .. } => "plan.out_of_order",
            Self::DependencyNotApplied { .. } => "plan.dependency_not_applied",
            Self::DependentApplied { .. } => "plan.dependent_applied",
            Self::AlreadyApplied { .. } => "plan.already_applied",
            Self::NotApplied { .. } => "plan.not_applied",
            Self::Irreversible { .. } => "plan.irreversible",
            Self::PartialChanged { .. } => "plan.partial_changed",
            Self::Undecided { .. } => "run.undecided",
            Self::PartialOtherWay { .. } => "plan.partial_other_way",
            Self::RowFailed { .. } => "history.failed_row",
            Self::TransactionControl { .. } => "plan.transaction_control",
            Self::NotAtomic { .. } => "plan.not_atomic",
            Self::ForeignTable { .. } => "history.foreign_table",
            Self::TableName { .. } => "usage.table_name",
            Self::InStep { .. } => "usage.in_step",
            Self::NotOneStatement { .. } => "usage.not_one_statement",
            Self::DieselSource(_) => "load.diesel_source",
            Self::ParameterCount { .. } => "usage.parameter_count",
            // A script that does what its user may not do.
            Self::Failed(failure)
                if failure.cause.kind == DatabaseErrorKind::Denied && failure.place.statement.is_some() =>
            {
                "apply.statement_failed"
            }
            Self::Failed(failure) => failure.cause.kind.code("apply.statement_failed"),
            Self::Observer { .. } => "run.observer_failed",
            Self::HookInvalid { .. } => "hook.invalid",
            Self::Hook { .. } => "hook.failed",
            Self::Interrupted { .. } => "run.interrupted",
        }
    }

    /// What ran and what is in effect, for an error of a run.
    #[must_use]
    pub fn report(&self) -> Option<&RunReport> {
        match self {
            Self::Failed(failure) => Some(&failure.report),
            Self::Interrupted { report, .. }
            | Self::Observer { report, .. }
            | Self::Undecided { report, .. }
            | Self::Hook { report, .. } => Some(report),
            _ => None,
        }
    }

    /// The same, to add to it.
    pub(crate) fn report_mut(&mut self) -> Option<&mut RunReport> {
        match self {
            Self::Failed(failure) => Some(&mut failure.report),
            Self::Interrupted { report, .. }
            | Self::Observer { report, .. }
            | Self::Undecided { report, .. }
            | Self::Hook { report, .. } => Some(report),
            _ => None,
        }
    }

    pub(crate) fn database(what: impl Into<String>) -> impl FnOnce(DatabaseError) -> Self {
        move |source| Self::Database { what: what.into(), source }
    }
}
