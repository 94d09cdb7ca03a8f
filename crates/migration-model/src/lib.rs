//! The vocabulary that every crate of the workspace shares: what a migration is, how migrations depend on each other,
//! what a run of one came to, and the events that observers see.
//!
//! This crate does no I/O, knows no database and no file format, and starts no thread.
//!
//! ```
//! use migration_model::{DependencyGraph, Migration, MigrationStep};
//!
//! let users = Migration::new("001_users").with_step(MigrationStep::new("001_users", "CREATE TABLE users (id INTEGER)"));
//! let posts = Migration::<&str>::new("000_posts").with_dependency("001_users");
//!
//! let graph = DependencyGraph::new([
//!     (posts.id.as_str(), posts.dependencies.as_slice()),
//!     (users.id.as_str(), users.dependencies.as_slice()),
//! ])?;
//! assert_eq!(graph.order(), ["001_users", "000_posts"]); // a dependency goes first, then the smaller id
//! # Ok::<(), migration_model::GraphError>(())
//! ```
//!
//! * [`Migration`], [`MigrationStep`], [`MigrationDirection`]: what can be run.
//! * [`MigrationStatus`], [`MigrationResult`], [`StepResult`]: what came of it.
//! * [`DependencyGraph`]: a deterministic order, or an error that names the migrations in the way.
//! * [`Checksum`]: SHA-256 of a migration's text.
//! * [`Event`], [`Observer`]: the one stream that progress, logs and lineage listen to; [`Observable`] is whatever they can watch.
//! * [`SchemaObjectKind`]: what a thing in a schema is.
//! * [`DataUse`], [`RecordFlow`]: what a function declares that it reads and writes, and where the fields of records come from.
//! * [`RecordSource`], [`RecordSink`]: whatever has or takes records, such as a table.

mod checksum;
mod data_use;
mod event;
mod graph;
mod id;
pub mod message;
mod migration;
mod observable;
mod record_flow;
mod records;
mod result;
mod schema_object;
mod step_result;
pub mod time;

pub use checksum::Checksum;
pub use data_use::DataUse;
pub use event::{Event, Observer, ObserverError};
pub use graph::{DependencyGraph, GraphError};
pub use id::{InvalidId, MAX_ID_BYTES, check_id};
pub use migration::{Migration, MigrationDirection, MigrationStep};
pub use observable::{Observable, observe};
pub use record_flow::{FieldFlow, FieldSource, FlowKind, OpaqueStep, RecordFlow};
pub use records::{RecordSink, RecordSource, RejectedRecord};
pub use result::{MigrationResult, MigrationStatus};
pub use schema_object::SchemaObjectKind;
pub use step_result::{StepEffect, StepResult, StepStatus};
