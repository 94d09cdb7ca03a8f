//! What a database said no to, and what kind of refusal it is.

use migration_syntax::Dialect;
use thiserror::Error;

/// What a database said no to.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct DatabaseError {
    /// The database's own words.
    pub message: String,
    /// What kind of refusal it is.
    pub kind: DatabaseErrorKind,
    /// The SQLSTATE, where the database has one.
    pub sqlstate: Option<String>,
    /// Which backend spoke.
    pub dialect: Dialect,
    /// The character of the statement, from 1, that it is about, where the database says so.
    pub position: Option<usize>,
}

/// Kinds of refusal that are handled differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DatabaseErrorKind {
    /// Somebody else holds a lock.
    Busy,
    /// No room left on the disk.
    Full,
    /// The file or its directory can't be written.
    ReadOnly,
    /// The file holds something else than a database.
    NotADatabase,
    /// The file can't be opened.
    CantOpen,
    /// The file is damaged.
    Corrupt,
    /// The file system failed.
    Io,
    /// A constraint (foreign key, unique, check, not null) is violated.
    Constraint,
    /// The connection is gone.
    ConnectionLost,
    /// The user is not known, or may not do it.
    Denied,
    /// The server has no database of the name.
    NoDatabase,
    /// The server is too old.
    TooOld,
    /// Anything else, most often the statement itself.
    Statement,
}

impl DatabaseErrorKind {
    pub(super) fn code(self, otherwise: &'static str) -> &'static str {
        match self {
            Self::Busy => "database.locked",
            Self::Full => "database.full",
            Self::ReadOnly => "database.read_only",
            Self::NotADatabase => "database.not_a_database",
            Self::CantOpen => "database.cant_open",
            Self::Corrupt => "database.corrupt",
            Self::Io => "database.io",
            Self::ConnectionLost => "database.connection_lost",
            Self::Denied => "database.denied",
            Self::NoDatabase => "connect.database_missing",
            Self::TooOld => "connect.server_too_old",
            Self::Constraint | Self::Statement => otherwise,
        }
    }

    pub(super) fn connect_code(self) -> &'static str {
        match self {
            Self::ConnectionLost => "connect.refused",
            Self::Denied => "connect.denied",
            other => other.code("connect.refused"),
        }
    }
}
