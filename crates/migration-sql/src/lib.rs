//! SQL migrations: a directory of them, in the layout of any tool of the field, becomes an upgraded database.
//!
//! ```
//! # #[cfg(feature = "sqlite")] {
//! use migration_sql::{DatabaseConnector, MigrationManager, MigrationSet, Script, SqlMigration};
//!
//! let up = Script::from_text("CREATE TABLE users (id INTEGER PRIMARY KEY)");
//! let down = Script::from_text("DROP TABLE users");
//! let mut manager = MigrationManager::new(DatabaseConnector::open("sqlite::memory:")?);
//! manager.use_set(MigrationSet::new(vec![SqlMigration::new("1_users", up, Some(down))])?);
//!
//! let report = manager.apply_pending_migrations()?;
//! assert!(report.results[0].is_success());
//! assert_eq!(manager.connector().execute("SELECT id FROM _migrations", &[])?.rows.len(), 1);
//! manager.rollback_migration("1_users", false)?;
//! # }
//! # Ok::<(), migration_sql::Error>(())
//! ```
//!
//! * [`MigrationSet`] reads a directory; [`MigrationManager`] plans, applies, rolls back and verifies; [`Plan`] is what
//!   would run and [`RunReport`] what did.
//! * [`DatabaseConnector`] is one connection, addressed by URL, with bound parameters and typed rows.
//! * [`MigrationManager::adopt`] takes over the history of another [`Tool`], [`MigrationManager::baseline`] does without one.
//! * [`Error`] says what is in effect wherever something ran.
//!
//! # What it refuses to do
//!
//! It does not guess: a file that doesn't parse, an edited migration, a half-finished one whose beginning was changed are
//! errors, and nothing is changed. It does not generate SQL from a schema. It knows nothing of callable steps, of records
//! and of lineage: those are other crates.
//!
//! # Features
//!
//! No backend is on by default; a URL for one that is missing is [`Error::FeatureMissing`].
//!
//! * `sqlite`: SQLite, compiled in.
//! * `postgres`: PostgreSQL, through the system's libpq.
//! * `postgres-bundled`: the same with libpq compiled in, for which OpenSSL's headers have to be there.
//! * `mysql`: MySQL and MariaDB, through the system's client library of either.
//! * `schema`: JSON Schema of the types that are printed as JSON; adds `schemars`.

mod adopt;
mod backend;
mod code;
mod connector;
mod dependents;
mod diesel_source;
mod dump;
mod environment;
mod error;
mod executor;
mod history;
mod hook;
mod identifier;
mod journal;
mod layout;
mod manager;
mod plan;
mod planner;
mod replaced;
mod report;
mod request;
mod rules;
mod set;
mod settings;
mod status;
mod tracking;
mod url;
mod value;

pub use adopt::{
    AdoptReport, AdoptRequest, AdoptedMigration, Adoption, BaselineMigration, BaselineReport, ForeignHistory,
    Tool, UnknownTool,
};
pub use backend::Capabilities;
pub use code::{StepContext, StepError};
pub use connector::{ConnectOptions, DatabaseConnector, MissingDatabase, ScriptOutput, wait_until_ready};
pub use dependents::{Dependents, Rehearsal, Rehearsed, SchemaDependent};
pub use dump::DumpOptions;
pub use error::{
    AdoptError, Blocker, ChangedMigration, DatabaseError, DatabaseErrorKind, Error, FailurePlace,
    ForeignChange, Result, RunFailure,
};
pub use hook::{
    Hook, HookCause, HookError, HookEvent, HookHandler, HookMigration, HookPoint, HookPolicy, PlannedHook,
};
pub use layout::{
    Conversion, ConvertError, Converted, Layout, LoadError, LoadOptions, Loss, LossKind, NewMigration,
    PlaceholderValue, Placeholders, UnknownLayout, UnknownLoss, convert, detect, detect_all, directories_for,
    write_new, write_new_among,
};
pub use manager::{MigrationManager, run_migrations};
pub use migration_model::SchemaObjectKind;
pub use plan::{Plan, PlannedMigration, PlannedStatement, Segment, StatementAction};
pub use report::{EffectState, Effects, MigrationEffect, MigrationInfo, MigrationState, Progress, RunReport};
pub use request::{CommitMode, Interrupt, OutOfOrder, Request, Target};
pub use set::{MigrationSet, Script, SqlMigration};
pub use settings::Settings;
pub use status::{Finding, FindingKind, Verification};
pub use url::{DatabaseUrl, UrlError};
pub use value::{QueryOutput, Value};
