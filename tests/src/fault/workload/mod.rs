//! The histories that are disturbed: rich in what can go wrong when it runs twice, in part, or not at all.
//!
//! Statements that change rows give another result when they run once more: `n = n + 1`, `INSERT … SELECT` of what is
//! there. `witness` is a table outside of the history, on which the way down leaves its traces; it is emptied after each
//! run. Sequences and other counters that no rollback brings back are not part of it: burnt numbers are no fault.

mod mariadb;
mod postgres;
mod sqlite;

pub(super) use mariadb::MARIADB;
pub(super) use postgres::POSTGRES;
pub(super) use sqlite::SQLITE;

/// One history for one kind of database.
#[derive(Debug)]
pub(super) struct Workload {
    /// Files, a line `//- path` before each.
    pub(super) files: &'static str,
    /// Makes the witness, before anything else.
    pub(super) witness: &'static str,
    /// Makes the witness what it was.
    pub(super) reset: &'static str,
    /// Migrations of which it may be that nobody can tell how far they got: the error says so, and names the one question.
    pub(super) undecidable: &'static [&'static str],
}
