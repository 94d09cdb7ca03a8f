//! Why a run did not end well.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::error::Error;
use crate::reason::Reason;

/// Why a run over a stream of records did not end well. What is wrong with a record is no error, unless
/// [`Pipeline::strict`](crate::Pipeline::strict) makes it one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The chain can't be compiled.
    #[error(transparent)]
    Chain(#[from] Error),
    /// The input can't be opened or read.
    #[error("can't read {name}")]
    Input {
        /// The file, or `stdin`.
        name: String,
        /// Whether records had been read before.
        begun: bool,
        /// Why.
        source: io::Error,
    },
    /// The output, or the file of rejects, can't be created.
    #[error("can't create `{}`", .path.display())]
    NotCreated {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The output, or the file of rejects, can't be written to its end.
    #[error("can't write {name}")]
    Output {
        /// The file, or `stdout`.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// Whoever read the output has gone away.
    #[error("the reader of the output has gone away")]
    ReaderGone,
    /// There is a file already.
    #[error("`{}` exists", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Two of input, output, rejects and what the chain reads are one file.
    #[error("`{}` can't be {first} and {second} at once", .path.display())]
    SameFile {
        /// The file.
        path: PathBuf,
        /// What it is: `input`, `output`, `rejects`, `chain`, `table`, `key`.
        first: &'static str,
        /// What it is, too.
        second: &'static str,
    },
    /// Another run writes the same file.
    #[error("another run is writing `{}`", .path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A file's format can't be told.
    #[error("the format of `{}` is not known", .path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// This build can't read or write such files.
    #[error("`{}` needs the feature `{feature}`, which this build lacks", .path.display())]
    FeatureMissing {
        /// The file.
        path: PathBuf,
        /// What the build lacks.
        feature: &'static str,
    },
    /// The columns of a CSV can't be told.
    #[error("the columns of {name} are not known: {why}")]
    UnknownColumns {
        /// The file.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// What was asked for does not go together.
    #[error("{what}")]
    Unsupported {
        /// What, and why not.
        what: String,
    },
    /// With [`Pipeline::strict`](crate::Pipeline::strict): the first record that is not as it should be.
    #[error("record {record}, line {line}: {}{reason}", field.as_ref().map(|f| format!("`{f}`: ")).unwrap_or_default())]
    Strict {
        /// The record's number.
        record: u64,
        /// The line on which it begins.
        line: u64,
        /// Which field.
        field: Option<String>,
        /// What is wrong.
        reason: Reason,
        /// The value or record, shortened.
        text: String,
    },
    /// Somebody asked the run to stop.
    #[error("interrupted")]
    Interrupted,
}

impl RunError {
    /// The code for programs, from a closed list.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Chain(error) => error.code(),
            Self::Input { begun: false, .. } => "transform.input_unreadable",
            Self::Input { .. } => "transform.input_failed",
            Self::NotCreated { .. } => "transform.output_not_created",
            Self::Output { .. } | Self::ReaderGone => "transform.output_failed",
            Self::Exists { .. } => "transform.output_exists",
            Self::SameFile { .. } => "transform.same_file",
            Self::Busy { .. } => "transform.output_busy",
            Self::UnknownFormat { .. } => "transform.unknown_format",
            Self::FeatureMissing { .. } => "transform.feature_missing",
            Self::UnknownColumns { .. } => "transform.unknown_columns",
            Self::Unsupported { .. } => "transform.unsupported",
            Self::Strict { .. } => "transform.strict",
            Self::Interrupted => "run.interrupted",
        }
    }
}
