//! How a backend runs scripts: which statements share a transaction. Pure functions that speak to no database.

use migration_syntax::SplitOptions;

use crate::Script;
use crate::error::Result;
use crate::plan::{PlannedStatement, Segment};

/// How a backend would run a script.
pub(crate) trait Rules {
    /// The dialect's way to split a script.
    fn split_options(&self) -> SplitOptions;

    /// What becomes of each statement (set in place), and which ones share a transaction.
    ///
    /// # Errors
    /// [`Error::TransactionControl`](crate::Error::TransactionControl).
    fn segment(
        &self,
        outline: &Outline<'_>,
        statements: &mut [PlannedStatement],
        warnings: &mut Vec<String>,
    ) -> Result<Execution>;
}

/// What the planner knows of a script when it asks how to run it.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    expect(dead_code, reason = "only a backend's rules read it")
)]
pub(crate) struct Outline<'a> {
    pub(crate) migration: &'a str,
    pub(crate) script: &'a Script,
    /// What its author asked for.
    pub(crate) run_in_transaction: bool,
}

/// How a script is run.
#[derive(Debug, Default)]
pub(crate) struct Execution {
    pub(crate) segments: Vec<Segment>,
    pub(crate) changes_session: bool,
    pub(crate) defers_constraints: bool,
}
