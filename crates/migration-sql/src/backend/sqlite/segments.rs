//! Which statements of a script can share a transaction on SQLite.
//!
//! Nearly all of it can, DDL included, and so a script is one transaction unless its author says otherwise. The exceptions:
//! * `VACUUM`, `ATTACH`, `DETACH` and some pragmas fail inside a transaction: each runs by itself.
//! * `PRAGMA foreign_keys` does nothing inside a transaction (<https://www.sqlite.org/pragma.html#pragma_foreign_keys>),
//!   and a table rebuild that relies on it would delete the rows of child tables by cascade. It is hoisted: thrown before
//!   the transaction of the statements that follow it.
//! * The script's own `BEGIN … COMMIT` becomes a savepoint in the migration's transaction.

use migration_syntax::{Dialect, SplitOptions, StatementKind, Token, tokens};

use crate::plan::PlannedStatement;
use crate::rules::{Meaning, Role, Rules};

/// Pragmas that fail or do nothing inside a transaction when they are given a value.
const ALONE: &[&str] = &["journal_mode", "synchronous", "temp_store", "wal_checkpoint", "locking_mode"];

/// Pragmas whose value is kept in the file: nothing of the session.
const PERSISTENT: &[&str] = &[
    "application_id",
    "auto_vacuum",
    "encoding",
    "foreign_key_check",
    "incremental_vacuum",
    "integrity_check",
    "journal_mode",
    "optimize",
    "page_size",
    "quick_check",
    "schema_version",
    "user_version",
    "wal_checkpoint",
];

/// SQLite's way to run scripts.
pub(super) struct SqliteRules;

impl Rules for SqliteRules {
    fn split_options(&self) -> SplitOptions {
        Dialect::Sqlite.into()
    }

    fn meaning(&self, statement: &PlannedStatement) -> Meaning {
        meaning(statement)
    }
}

fn meaning(statement: &PlannedStatement) -> Meaning {
    let (role, session) = role(statement);
    let is_ddl = statement.kind.is_ddl();
    Meaning {
        role,
        session,
        leaves_traces: creates_temporary(statement),
        defers: is_ddl && significant(statement.sent()).any(|token| token.is_word("deferred")),
    }
}

/// The role of a statement, and whether it only sets up the session.
fn role(statement: &PlannedStatement) -> (Role, bool) {
    match statement.kind {
        StatementKind::Begin => (Role::Begin, false),
        StatementKind::Commit => (Role::Commit, false),
        StatementKind::Rollback => (Role::Rollback, false),
        StatementKind::Savepoint => (Role::Savepoint, false),
        StatementKind::Release => (Role::Release, false),
        StatementKind::Vacuum => (Role::Alone, false),
        StatementKind::Attach | StatementKind::Detach => (Role::Alone, true),
        StatementKind::Pragma => pragma(statement.sent()),
        _ => (Role::Plain, false),
    }
}

/// `PRAGMA [schema.]name [= value | (value)]` (<https://www.sqlite.org/syntax/pragma-stmt.html>).
fn pragma(sql: &str) -> (Role, bool) {
    let words: Vec<Token<'_>> = significant(sql).skip(1).collect();
    let after_schema = if words.get(1).is_some_and(|token| token.text == ".") { 2 } else { 0 };
    let Some(name) = words.get(after_schema).map(|token| token.identifier().to_ascii_lowercase()) else {
        return (Role::Plain, false);
    };
    let value: String = words.iter().skip(after_schema + 2).map(|token| token.identifier()).collect();
    let value = value.trim_end_matches(')').trim_matches('\'').to_ascii_lowercase();
    let sets = !value.is_empty();
    match name.as_str() {
        "foreign_keys" if sets => (Role::ForeignKeys(is_true(&value)), false),
        name if ALONE.contains(&name) => (Role::Alone, sets && !PERSISTENT.contains(&name)),
        name => (Role::Plain, sets && !PERSISTENT.contains(&name)),
    }
}

/// What SQLite takes for true: see `sqlite3GetBoolean`; anything unknown is false.
fn is_true(value: &str) -> bool {
    matches!(value, "on" | "yes" | "true" | "extra" | "full")
        || value.parse::<i64>().is_ok_and(|number| number != 0)
}

fn creates_temporary(statement: &PlannedStatement) -> bool {
    let temporary = |token: &Token<'_>| token.is_word("temp") || token.is_word("temporary");
    statement.kind.is_ddl() && significant(statement.sent()).nth(1).is_some_and(|token| temporary(&token))
}

fn significant(sql: &str) -> impl Iterator<Item = Token<'_>> {
    tokens(sql, Dialect::Sqlite).map_while(Result::ok).filter(|token| !token.is_trivia())
}

#[cfg(test)]
mod tests;
