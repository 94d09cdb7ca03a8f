//! What a manager is told once.

use crate::layout::Layout;

/// What a manager is told once.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The layout of the directory; `None` finds it out from the files.
    pub layout: Option<Layout>,
    /// The table that says what is applied.
    pub history_table: String,
    /// The table that says how far an unfinished migration got.
    pub journal_table: String,
    /// The table that says which environment the database is.
    pub environment_table: String,
    /// The schema in which these tables stand (on MySQL the database); `None`: the one that is worked in.
    pub history_schema: Option<String>,
    /// Which environment the database is meant to be. A database that is marked as another one is refused, and so is one
    /// that is marked where this is `None`.
    pub environment: Option<String>,
    /// How often a transaction is tried again, after a pause, that failed because somebody else held a lock for too long.
    pub lock_retries: u32,
    /// Whether a run stops when an observer fails.
    pub fail_on_observer_error: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            layout: None,
            history_table: "_migrations".to_owned(),
            journal_table: "_migration_journal".to_owned(),
            environment_table: "_migration_environment".to_owned(),
            history_schema: None,
            environment: None,
            lock_retries: 0,
            fail_on_observer_error: false,
        }
    }
}
