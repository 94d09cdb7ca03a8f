//! Why there is no chain.

use std::path::PathBuf;

use thiserror::Error;

use crate::expression::ExpressionError;
use crate::path::InvalidPath;

/// The result of making a chain.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no chain. What is wrong with a record is no error: it is counted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The chain's file can't be read.
    #[error("`{}` can't be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file's extension is none that a chain's file has.
    #[error("`{}` is no chain: its name ends with none of .toml, .json, .yaml, .yml", .path.display())]
    UnknownLanguage {
        /// The file.
        path: PathBuf,
    },
    /// The file's language is not built in.
    #[error("`{}` can't be read by this program: it is built without the feature `{feature}`", .path.display())]
    NotBuiltIn {
        /// The file.
        path: PathBuf,
        /// The feature of this crate that is missing.
        feature: &'static str,
    },
    /// The text is not of its language.
    #[error("the chain is no {language}")]
    Syntax {
        /// `TOML`, `JSON` or `YAML`.
        language: &'static str,
        /// What is wrong, and in which line and column.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A step is not as it has to be.
    #[error("step {step}: {why}")]
    Step {
        /// Its number, from 1.
        step: usize,
        /// What is wrong, with the field.
        why: String,
    },
    /// Something beside the steps is not as it has to be.
    #[error("the chain: {why}")]
    Spec {
        /// What is wrong.
        why: String,
    },
    /// A text is no expression.
    #[error("no expression")]
    Expression {
        /// Where, and why.
        #[from]
        source: ExpressionError,
    },
    /// A text is no path of a field.
    #[error("no path")]
    Path {
        /// Which, and why.
        #[from]
        source: InvalidPath,
    },
    /// A file that a step names can't be read.
    #[error("step {step}: `{}` can't be read", .path.display())]
    File {
        /// The step's number, from 1.
        step: usize,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table that a step looks values up in is none, or not as the step needs it.
    #[error("step {step}: `lookup`: `{}`: {why}", .path.display())]
    Table {
        /// The step's number, from 1.
        step: usize,
        /// The file.
        path: PathBuf,
        /// What is wrong, and in which line if it is one.
        why: String,
    },
}

impl Error {
    /// The code for programs: whether the chain or a file that it names is to be mended.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::File { .. } | Self::Table { .. } => "transform.table_unreadable",
            _ => "transform.invalid_spec",
        }
    }
}
