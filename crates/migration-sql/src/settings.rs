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
            lock_retries: 0,
            fail_on_observer_error: false,
        }
    }
}
