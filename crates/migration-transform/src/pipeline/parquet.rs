//! Parquet files as ends of a run, or the error of a build that has none.

use std::io::Write;
use std::path::Path;

use migration_model::RecordSource;

use super::compression::Compression;
use super::error::RunError;
use super::ledger::Sink;
use super::{Input, Shard};
use crate::spec::ParquetOptions;

/// A file as a source of records; of a part some of its row groups.
///
/// # Errors
/// If it can't be read, or is no file.
pub(crate) fn input<'a>(input: Input<'a>, shard: Option<Shard>) -> Result<Input<'a>, RunError> {
    let unsupported = |what| Err(RunError::Unsupported { what });
    match input {
        Input::File(path) if Compression::of(&path).is_some() => {
            unsupported(format!("`{}`: Parquet compresses itself", path.display()))
        }
        Input::File(path) => reader(&path, shard).map(Input::Source),
        Input::Reader(name, _) => {
            unsupported(format!("Parquet is read from its end, which {name} doesn't have: name a file"))
        }
        source @ Input::Source(_) => Ok(source),
    }
}

#[cfg(feature = "parquet")]
fn reader<'a>(path: &Path, shard: Option<Shard>) -> Result<Box<dyn RecordSource + 'a>, RunError> {
    let unreadable = |source| RunError::Input { name: path.display().to_string(), begun: false, source };
    Ok(Box::new(crate::parquet::Reader::open(path, shard).map_err(unreadable)?))
}

/// Whether this build can do it.
///
/// # Errors
/// If not.
#[cfg(feature = "parquet")]
pub(crate) fn is_there(_: &Path) -> Result<(), RunError> {
    Ok(())
}

/// A file, or a stream, as a sink of records.
///
/// # Errors
/// If nothing can be written.
#[cfg(feature = "parquet")]
pub(crate) fn writer<'a>(
    name: String,
    to: Box<dyn Write + Send + 'a>,
    options: &ParquetOptions,
) -> Result<Sink<'a>, RunError> {
    Ok(Sink::Columns(Box::new(crate::parquet::Writer::new(name, to, options)?)))
}

#[cfg(not(feature = "parquet"))]
fn reader<'a>(path: &Path, _: Option<Shard>) -> Result<Box<dyn RecordSource + 'a>, RunError> {
    Err(missing(path))
}

/// Whether this build can do it.
///
/// # Errors
/// If not.
#[cfg(not(feature = "parquet"))]
pub(crate) fn is_there(path: &Path) -> Result<(), RunError> {
    Err(missing(path))
}

/// A file, or a stream, as a sink of records.
///
/// # Errors
/// Always: this build can't.
#[cfg(not(feature = "parquet"))]
pub(crate) fn writer<'a>(
    name: String,
    _: Box<dyn Write + Send + 'a>,
    _: &ParquetOptions,
) -> Result<Sink<'a>, RunError> {
    Err(missing(Path::new(name.trim_matches('`'))))
}

#[cfg(not(feature = "parquet"))]
fn missing(path: &Path) -> RunError {
    RunError::FeatureMissing { path: path.to_owned(), feature: "parquet" }
}
