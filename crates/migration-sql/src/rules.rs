//! How a backend runs scripts: which statements share a transaction. Pure functions that speak to no database.

mod cut;

use migration_syntax::SplitOptions;

pub(crate) use cut::cut;

use crate::Script;
use crate::plan::{PlannedStatement, Segment};

/// How a backend runs scripts.
pub(crate) trait Rules {
    /// The dialect's way to split a script.
    fn split_options(&self) -> SplitOptions;

    /// What a statement means for the transaction that it stands in.
    fn meaning(&self, statement: &PlannedStatement) -> Meaning;

    /// Whether what can't run inside a transaction ends it with a commit, and is not refused.
    fn commits_implicitly(&self) -> bool {
        false
    }
}

/// What a statement means for the transaction that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres", feature = "mysql")),
    expect(dead_code, reason = "a backend's rules say so")
)]
pub(crate) enum Role {
    /// The script's own transaction begins.
    Begin,
    /// It ends.
    Commit,
    /// It ends, undone.
    Rollback,
    /// A savepoint of the script.
    Savepoint,
    /// A savepoint of the script is released.
    Release,
    /// The enforcement of foreign keys is switched, which only works outside of a transaction.
    #[cfg_attr(
        all(any(feature = "postgres", feature = "mysql"), not(feature = "sqlite")),
        expect(dead_code, reason = "only SQLite has such a switch")
    )]
    ForeignKeys(bool),
    /// It is not sent, for this reason.
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "only MySQL has such statements"))]
    Skip(&'static str),
    /// It may end the transaction that it stands in: it runs outside of one where its author asked for none.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "only PostgreSQL's procedures do"))]
    Opaque,
    /// It can't run inside a transaction.
    Alone,
    /// It can run in a transaction with others.
    Plain,
}

/// What a statement means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meaning {
    pub(crate) role: Role,
    /// It only sets up the session: it is run again when a migration that was cut off after it is resumed.
    pub(crate) session: bool,
    /// It leaves something in the session that the next migration must not find.
    pub(crate) leaves_traces: bool,
    /// It brings in a constraint that is checked no earlier than on commit.
    pub(crate) defers: bool,
    /// The server takes it only at the beginning of a transaction, and not behind a savepoint.
    pub(crate) opens_transaction: bool,
}

impl From<Role> for Meaning {
    fn from(role: Role) -> Self {
        Self { role, session: false, leaves_traces: false, defers: false, opens_transaction: false }
    }
}

/// What the planner knows of a script when it asks how to run it.
#[derive(Debug, Clone, Copy)]
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
