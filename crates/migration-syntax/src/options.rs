//! What must be known about a server to read SQL meant for it; nothing here is read from a server or a file.

use serde::{Deserialize, Serialize};

use crate::Dialect;

/// A [`Dialect`] and the server settings that change where a quoted thing ends.
///
/// A plain [`Dialect`] is accepted wherever options are, and stands for the server's defaults:
///
/// ```
/// use migration_syntax::{Dialect, SplitOptions, split};
///
/// let mut options = SplitOptions::new(Dialect::Mysql);
/// options.backslash_escapes = false; // sql_mode NO_BACKSLASH_ESCAPES
/// assert_eq!(split(r"SELECT 'C:\'; SELECT 2", options)?.len(), 2);
/// # Ok::<(), migration_syntax::SplitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SplitOptions {
    /// Whose rules the text follows.
    pub dialect: Dialect,
    /// MySQL: a backslash escapes the next character of a string. Off under `NO_BACKSLASH_ESCAPES`.
    pub backslash_escapes: bool,
    /// MySQL: `"…"` is an identifier and not a string. On under `ANSI_QUOTES`.
    pub ansi_quotes: bool,
    /// PostgreSQL: a backslash in a plain `'…'` is just a backslash. Off only on servers set up for old programs.
    pub standard_conforming_strings: bool,
}

impl SplitOptions {
    /// The defaults of the dialect's server.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        SplitOptions {
            dialect,
            backslash_escapes: true,
            ansi_quotes: false,
            standard_conforming_strings: true,
        }
    }
}

impl From<Dialect> for SplitOptions {
    fn from(dialect: Dialect) -> Self {
        SplitOptions::new(dialect)
    }
}
