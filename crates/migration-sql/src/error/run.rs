//! How a run failed.

use std::path::PathBuf;

use thiserror::Error;

use super::{Blocker, DatabaseError};
use crate::report::RunReport;

/// How a run failed: where, why, and what is in effect. As an error it says what the database said.
#[derive(Debug, Error)]
#[error("{cause}")]
pub struct RunFailure {
    /// The migration that failed.
    pub migration: String,
    /// Where it failed.
    pub place: FailurePlace,
    /// What the database said.
    pub cause: DatabaseError,
    /// Who held the lock that was waited for, of a failure that was about one, as far as can be told.
    pub blocked_by: Vec<Blocker>,
    /// What ran and what is in effect.
    pub report: RunReport,
}

/// The place of a failure in the migration's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailurePlace {
    /// The file.
    pub path: Option<PathBuf>,
    /// The statement's number in its script, from 1; `None` when no statement is to blame but, say, the commit.
    pub statement: Option<usize>,
    /// The statement's text.
    pub sql: Option<String>,
    /// Byte span in the file of what is wrong: the word that the database named, else the whole statement.
    pub span: Option<std::ops::Range<usize>>,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
}
