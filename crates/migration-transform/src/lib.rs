//! Transformations of records: fields renamed, converted, computed and dropped, records filtered, by a chain of steps that
//! is data (TOML, JSON, YAML, or built in Rust) or functions.
//!
//! This crate opens no database. What a value can't be converted to never ends a run: the value stays and is counted.

mod chain;
mod chunk;
mod convert;
mod engine;
mod error;
mod expression;
mod json;
mod migrator;
mod path;
mod pipeline;
mod reason;
pub mod spec;
mod transformer;
mod value;
mod warnings;

pub use chain::{Chain, Stage};
pub use chunk::{Chunk, CsvDialect, CsvLayout, Format, Made, Reject};
pub use engine::{Engine, MAX_RECORD, Validate, Worker};
pub use error::{Error, Result};
pub use expression::{Expression, ExpressionError};
pub use migrator::{DataMigrator, Migrated, Rejected};
pub use path::{InvalidPath, Path};
pub use pipeline::{
    FileFormat, Input, Output, Pipeline, RejectCount, Report, RunError, Sample, SampleOutcome, Shard,
};
pub use reason::Reason;
pub use spec::{Spec, Step};
pub use transformer::{
    CompositeTransformer, DataTransformer, FieldRenameTransformer, FieldTypeTransformer, IntoVerdict, Notes,
    Verdict,
};
pub use value::{Field, MAX_DEPTH, Number, Record, Value, Verbatim};
pub use warnings::{EXAMPLES, Place, WarningCount, WarningExample, Warnings};
