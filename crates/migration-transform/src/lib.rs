//! Transformations of records: fields renamed, converted, computed and dropped, records filtered, by a chain of steps that
//! is data (TOML, JSON, YAML, or built in Rust) or functions.
//!
//! ```
//! use migration_transform::{DataMigrator, Record, Spec};
//!
//! let chain = Spec::from_json(r#"{"step": [
//!     {"rename": {"customer_id": "id"}},
//!     {"convert": {"age": "int"}},
//!     {"keep-where": "age >= 18"},
//!     {"set": {"name": "first || ' ' || last"}}
//! ]}"#)?;
//! let migrator = DataMigrator::new(chain)?;
//!
//! let read = |line| Record::from_json(line).unwrap();
//! let migrated = migrator.migrate(vec![
//!     read(r#"{"customer_id": 1.0, "age": " 42 ", "first": "Ada", "last": "Lovelace"}"#),
//!     read(r#"{"customer_id": 2, "age": "17"}"#),
//! ]);
//! let lines: Vec<String> = migrated.records.iter().map(Record::to_json).collect();
//! assert_eq!(lines, [r#"{"id":1.0,"age":42,"first":"Ada","last":"Lovelace","name":"Ada Lovelace"}"#]);
//! assert_eq!(migrated.filtered, 1);
//! # Ok::<(), migration_transform::Error>(())
//! ```
//!
//! * [`Spec`], [`Step`], [`Chain`]: what is to happen; [`Expression`] computes.
//! * [`DataMigrator`]: does it to records in memory, on all cores. [`DataTransformer`]: one's own step, or a function.
//! * [`Pipeline`], [`Input`], [`Output`]: a stream from files, pipes and any `RecordSource` to any `RecordSink`, in bounded
//!   memory; [`DataMigrator::run`] is the short form.
//! * [`Engine`]: does it to bytes, a [`Chunk`] at a time, without making values of what no step touches.
//! * [`Record`], [`Value`], [`Path`]: a JSON object that loses nothing: order, duplicate names, digits, escapes.
//! * [`Warnings`], [`Reason`]: what went on although something was odd, and what didn't.
//!
//! What a chain means, byte by byte, is in `docs/transform.md`. **No value ends a run**: what can't be converted or computed
//! stays as it was and is counted, unless the chain says otherwise.
//!
//! # What it doesn't do
//!
//! * It opens no database and no network connection. Files are read where a chain names them (tables, keys).
//! * It sees one record at a time: nothing is sorted, grouped or joined but with a table that fits into memory.
//! * It doesn't guess types. A text is no number until a step makes it one.
//!
//! # Features
//!
//! * `toml` (on): chains from TOML; adds the `toml` crate.
//! * `yaml` (off): chains from YAML; adds `granit-parser`.
//! * `gzip`, `zstd` (off): compressed files; add `flate2`, and `zstd` with its C library.
//! * `parquet` (off): Parquet files; adds the `parquet` crate with about twenty others.
//! * `schema` (off): JSON Schema of a chain's file; adds `schemars`.

mod buffer;
mod chain;
mod chunk;
mod convert;
mod engine;
mod error;
mod expression;
mod flow;
mod guard;
mod json;
mod migrator;
#[cfg(feature = "parquet")]
mod parquet;
mod path;
mod pipeline;
mod reason;
pub mod spec;
mod transformer;
mod value;
mod warnings;
mod watchers;

pub use buffer::Buffer;
pub use chain::{Chain, Stage};
pub use chunk::{Chunk, CsvDialect, CsvLayout, Format, Made, Reject};
pub use engine::{Engine, MAX_RECORD, Validate, Worker};
pub use error::{Error, Result};
pub use expression::{Expression, ExpressionError};
pub use guard::catches_panics;
pub use migrator::{DataMigrator, Migrated, Rejected};
pub use path::{InvalidPath, Path};
pub use pipeline::{
    FileFormat, Input, Output, Pipeline, Records, RejectCount, Report, RunError, Sample, SampleOutcome, Shard,
};
pub use reason::Reason;
pub use spec::{Spec, Step};
pub use transformer::{
    CompositeTransformer, DataTransformer, FieldRenameTransformer, FieldTypeTransformer, IntoVerdict, Notes,
    Verdict,
};
pub use value::{Field, MAX_DEPTH, Number, Record, Value, Verbatim};
pub use warnings::{EXAMPLES, Place, WarningCount, WarningExample, Warnings};
