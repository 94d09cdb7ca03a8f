//! Which statements of a script can share a transaction on SQLite.
//!
//! Nearly all of it can, DDL included, and so a script is one transaction unless its author says otherwise. The exceptions:
//! * `VACUUM`, `ATTACH`, `DETACH` and some pragmas fail inside a transaction: each runs by itself.
//! * `PRAGMA foreign_keys` does nothing inside a transaction (<https://www.sqlite.org/pragma.html#pragma_foreign_keys>),
//!   and a table rebuild that relies on it would delete the rows of child tables by cascade. It is hoisted: thrown before
//!   the transaction of the statements that follow it.
//! * The script's own `BEGIN … COMMIT` becomes a savepoint in the migration's transaction.

use migration_syntax::{Dialect, SplitOptions, StatementKind, Token, tokens};

use crate::error::{Error, Result};
use crate::plan::{PlannedStatement, Segment, StatementAction};
use crate::rules::{Execution, Outline, Rules};

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

/// What a statement means for the transaction that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Begin,
    Commit,
    Rollback,
    Savepoint,
    Release,
    ForeignKeys(bool),
    Alone,
    Plain,
}

/// SQLite's way to run scripts.
pub(super) struct SqliteRules;

impl Rules for SqliteRules {
    fn split_options(&self) -> SplitOptions {
        Dialect::Sqlite.into()
    }

    fn segment(
        &self,
        outline: &Outline<'_>,
        statements: &mut [PlannedStatement],
        warnings: &mut Vec<String>,
    ) -> Result<Execution> {
        segment(outline, statements, warnings)
    }
}

/// Decides how each statement is run (in place) and which of them share a transaction.
///
/// # Errors
/// [`Error::TransactionControl`] for a `BEGIN` in a transaction or without an end, and for an end without a `BEGIN`.
fn segment(
    outline: &Outline<'_>,
    statements: &mut [PlannedStatement],
    warnings: &mut Vec<String>,
) -> Result<Execution> {
    let mut cutter = Cutter { whole: outline.run_in_transaction, foreign_keys: true, ..Cutter::default() };
    let mut changes_session = false;
    let mut defers_constraints = false;
    // The script's own transaction: the line that began it.
    let mut block: Option<usize> = None;

    for statement in statements.iter_mut() {
        let (role, session) = role(statement);
        statement.session = session;
        changes_session |= session || creates_temporary(statement);
        defers_constraints |=
            statement.kind.is_ddl() && significant(&statement.sql).any(|t| t.is_word("deferred"));
        let misplaced = |line, what| {
            let (id, path) = (outline.migration.to_owned(), outline.script.path.clone());
            Err(Error::TransactionControl { id, path, line, what })
        };
        let number = statement.number;
        match role {
            Role::Begin if block.is_some() => {
                return misplaced(statement.line, "BEGIN stands inside a transaction that is still open");
            }
            Role::Begin => {
                block = Some(statement.line);
                statement.action = StatementAction::OpenBlock;
                cutter.open_block(number);
            }
            Role::Commit | Role::Rollback if block.is_none() => {
                return misplaced(statement.line, "the transaction that ends here was never begun");
            }
            Role::Commit | Role::Rollback => {
                block = None;
                statement.action = if role == Role::Commit {
                    StatementAction::CloseBlock
                } else {
                    StatementAction::UndoBlock
                };
                cutter.close_block(number);
            }
            Role::Savepoint => cutter.savepoint(number, block.is_some(), 1),
            Role::Release => cutter.savepoint(number, block.is_some(), -1),
            Role::ForeignKeys(on) => {
                if cutter.switch_foreign_keys(number, on, block.is_some()) {
                    statement.action = StatementAction::Hoisted;
                } else {
                    warnings.push(format!(
                        "migration `{}`, line {}: PRAGMA foreign_keys has no effect inside a transaction",
                        outline.migration, statement.line
                    ));
                    cutter.plain(number, true);
                }
            }
            // Inside the script's own transaction it can't be helped: SQLite says so when it runs.
            Role::Alone if block.is_none() => cutter.alone(number),
            Role::Alone | Role::Plain => cutter.plain(number, block.is_some()),
        }
    }
    if let Some(line) = block {
        let (id, path) = (outline.migration.to_owned(), outline.script.path.clone());
        return Err(Error::TransactionControl {
            id,
            path,
            line,
            what: "the transaction that begins here is never ended",
        });
    }
    Ok(Execution { segments: cutter.finish(), changes_session, defers_constraints })
}

/// Cuts the run of statements into segments.
#[derive(Default)]
struct Cutter {
    /// Whether all that can stand in one transaction shall.
    whole: bool,
    /// Whether foreign keys are enforced for the next statement.
    foreign_keys: bool,
    done: Vec<Segment>,
    open: Option<Open>,
    /// Savepoints that are open outside of a block.
    depth: i32,
}

struct Open {
    segment: Segment,
    /// Whether a statement is in it that does something.
    effective: bool,
}

impl Cutter {
    fn extend(&mut self, number: usize) -> &mut Open {
        let foreign_keys = self.foreign_keys;
        let open = self.open.get_or_insert(Open {
            segment: Segment { first: number, last: number, transaction: true, foreign_keys },
            effective: false,
        });
        open.segment.last = number;
        open
    }

    fn close(&mut self) {
        self.done.extend(self.open.take().map(|open| open.segment));
    }

    fn close_if_effective(&mut self) {
        if self.open.as_ref().is_some_and(|open| open.effective) {
            self.close();
        }
    }

    fn open_block(&mut self, number: usize) {
        if !self.whole {
            self.close_if_effective();
        }
        self.extend(number);
    }

    fn close_block(&mut self, number: usize) {
        self.extend(number).effective = true;
        if !self.whole {
            self.close();
        }
    }

    fn plain(&mut self, number: usize, in_block: bool) {
        self.extend(number).effective = true;
        if !self.whole && !in_block && self.depth == 0 {
            self.close();
        }
    }

    fn savepoint(&mut self, number: usize, in_block: bool, change: i32) {
        if !in_block {
            self.depth = (self.depth + change).max(0);
        }
        self.plain(number, in_block);
    }

    fn alone(&mut self, number: usize) {
        self.close_if_effective();
        let open = self.extend(number);
        open.segment.transaction = false;
        self.close();
    }

    /// Returns whether the switch can be thrown before a transaction.
    fn switch_foreign_keys(&mut self, number: usize, on: bool, in_block: bool) -> bool {
        let effective = self.open.as_ref().is_some_and(|open| open.effective);
        if effective && in_block && on != self.foreign_keys {
            return false;
        }
        if effective && on != self.foreign_keys {
            self.close();
        }
        self.foreign_keys = on;
        let open = self.extend(number);
        if !open.effective {
            open.segment.foreign_keys = on;
        }
        true
    }

    fn finish(mut self) -> Vec<Segment> {
        match (self.open.take(), self.done.last_mut()) {
            // Switches after the last statement that does something need no transaction of their own.
            (Some(open), Some(last)) if !open.effective => last.last = open.segment.last,
            (open, _) => self.done.extend(open.map(|open| open.segment)),
        }
        self.done
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
        StatementKind::Pragma => pragma(&statement.sql),
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
    statement.kind.is_ddl() && significant(&statement.sql).nth(1).is_some_and(|token| temporary(&token))
}

fn significant(sql: &str) -> impl Iterator<Item = Token<'_>> {
    tokens(sql, Dialect::Sqlite).map_while(std::result::Result::ok).filter(|token| !token.is_trivia())
}

#[cfg(test)]
mod tests;
