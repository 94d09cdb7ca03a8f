//! Migrations of databases and data, as a library: one name for the crates of this workspace.
//!
//! This crate holds no logic. Each part can be depended on by itself: [`model`], [`syntax`], [`sql`], and
//! [`runner`], whose migrations are functions; with the features of these names also `transform`, for records, and `lineage`.
//!
//! # Features
//!
//! * `sqlite` (on): the SQLite backend, with SQLite itself compiled in.
//! * `postgres` (off): the PostgreSQL backend, with the system's libpq.
//! * `postgres-bundled` (off): the same with libpq compiled in, for which OpenSSL's headers have to be there.
//! * `mysql` (off): the backend for MySQL and MariaDB, with the system's client library of either.
//! * `transform` (off): transformations of records, with chains from TOML and YAML; adds `rayon` among others.
//! * `transform-compression` (off): the same for files compressed by gzip or Zstandard, of which it compiles the C library.
//! * `lineage` (off): lineage of SQL statements, with the grammar that it takes.
//! * `lineage-postgres-grammar` (off): the same with PostgreSQL's own grammar, for which libclang has to be there.
//! * `openlineage` (off): lineage with events for OpenLineage, to a file or to the console.
//! * `openlineage-http` (off): the same over HTTP; adds a client with TLS.
//! * `schema` (off): JSON Schema of the types that are printed as JSON; adds the `schemars` crate.

#[cfg(feature = "lineage")]
pub use migration_lineage as lineage;
pub use migration_model as model;
pub use migration_runner as runner;
pub use migration_sql as sql;
pub use migration_syntax as syntax;
#[cfg(feature = "transform")]
pub use migration_transform as transform;

pub use migration_model::{
    Checksum, DependencyGraph, Event, Migration, MigrationDirection, MigrationResult, MigrationStatus,
    MigrationStep, Observable, Observer, observe,
};
pub use migration_runner::MigrationRunner;
pub use migration_sql::{DatabaseConnector, MigrationManager, MigrationSet, run_migrations};
pub use migration_syntax::Dialect;
#[cfg(feature = "transform")]
pub use migration_transform::{
    CompositeTransformer, DataMigrator, DataTransformer, FieldRenameTransformer, FieldTypeTransformer,
    Pipeline,
};
