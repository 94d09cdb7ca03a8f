//! Cuts a script into segments: statements that share a transaction. What a statement means is for the backend to say;
//! what follows from it is the same for all.

use super::{Execution, Meaning, Outline, Role, Rules};
use crate::error::{Error, Result};
use crate::plan::{PlannedStatement, Segment, StatementAction};

/// Decides how each statement is run (in place) and which of them share a transaction.
///
/// # Errors
/// [`Error::TransactionControl`] for a `BEGIN` in a transaction or without an end, and for an end without a `BEGIN`.
pub(crate) fn cut(
    outline: &Outline<'_>,
    statements: &mut [PlannedStatement],
    warnings: &mut Vec<String>,
    rules: &dyn Rules,
) -> Result<Execution> {
    let mut cutter = Cutter { whole: outline.run_in_transaction, foreign_keys: true, ..Cutter::default() };
    let mut execution = Execution::default();
    // The script's own transaction.
    let mut block: Option<Block> = None;
    let misplaced = |line, what| {
        let (id, path) = (outline.migration.to_owned(), outline.script.path.clone());
        Err(Error::TransactionControl { id, path, line, what })
    };

    let meanings: Vec<Meaning> = statements.iter().map(|statement| rules.meaning(statement)).collect();
    for (place, statement) in statements.iter_mut().enumerate() {
        let Meaning { role, session, leaves_traces, defers, .. } = meanings[place];
        statement.session = session;
        execution.changes_session |= session || leaves_traces;
        execution.defers_constraints |= defers;
        let number = statement.number;
        match role {
            Role::Begin if block.is_some() => {
                return misplaced(statement.line, "BEGIN stands inside a transaction that is still open");
            }
            Role::Begin => {
                let rest = &meanings[place + 1..];
                let broken = rules.commits_implicitly() && is_broken(rest);
                let merged = !broken && cutter.is_at_beginning() && is_set_up(rest);
                block = Some(Block { line: statement.line, broken, merged });
                if broken {
                    statement.action = StatementAction::Skipped;
                    cutter.skip(number);
                    continue;
                }
                if merged {
                    statement.action = StatementAction::Skipped;
                    cutter.open_block(number);
                    continue;
                }
                statement.action = StatementAction::OpenBlock;
                cutter.open_block(number);
            }
            // Without effect, or the end of what `autocommit = 0` began: each segment is committed anyway.
            Role::Commit if block.is_none() && rules.commits_implicitly() => {
                statement.action = StatementAction::Skipped;
                cutter.skip(number);
            }
            Role::Commit | Role::Rollback if block.is_none() => {
                return misplaced(statement.line, "the transaction that ends here was never begun");
            }
            Role::Commit | Role::Rollback if block.is_some_and(|block| block.broken) => {
                block = None;
                statement.action = StatementAction::Skipped;
                cutter.skip(number);
            }
            Role::Commit | Role::Rollback => {
                statement.action = if block.is_some_and(|block| block.merged) {
                    StatementAction::Skipped
                } else if role == Role::Commit {
                    StatementAction::CloseBlock
                } else {
                    StatementAction::UndoBlock
                };
                block = None;
                cutter.close_block(number);
            }
            Role::Savepoint => cutter.savepoint(number, block.is_some_and(|block| !block.broken), 1),
            Role::Release => cutter.savepoint(number, block.is_some_and(|block| !block.broken), -1),
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
            Role::Skip(why) => {
                let (id, line) = (outline.migration, statement.line);
                warnings.push(format!("migration `{id}`, line {line}: {why}"));
                statement.action = StatementAction::Skipped;
                cutter.skip(number);
            }
            Role::Alone => {
                if let Some(Block { line: begun, broken: true, .. }) = block {
                    let (id, line) = (outline.migration, statement.line);
                    warnings.push(format!(
                        "migration `{id}`, line {line}: this statement commits the transaction that began on line {begun}"
                    ));
                }
                // Inside the script's own transaction it can't be helped: SQLite says so when it runs.
                if block.is_none_or(|block| block.broken) {
                    cutter.alone(number);
                } else {
                    cutter.plain(number, true);
                }
            }
            Role::Opaque if block.is_none() && !outline.run_in_transaction => cutter.alone(number),
            Role::Plain | Role::Opaque => cutter.plain(number, block.is_some_and(|block| !block.broken)),
        }
    }
    if let Some(Block { line, broken: false, .. }) = block {
        return misplaced(line, "the transaction that begins here is never ended");
    }
    execution.segments = cutter.finish();
    Ok(execution)
}

/// The script's own transaction.
#[derive(Debug, Clone, Copy)]
struct Block {
    /// The line that began it.
    line: usize,
    /// Whether a statement in it commits it: then it is none.
    broken: bool,
    /// Whether the segment's own transaction stands for it, and no savepoint.
    merged: bool,
}

/// Whether a statement commits the transaction before its end.
fn is_broken(rest: &[Meaning]) -> bool {
    let ends = |role: Role| matches!(role, Role::Begin | Role::Commit | Role::Rollback);
    rest.iter().take_while(|meaning| !ends(meaning.role)).any(|meaning| meaning.role == Role::Alone)
}

/// Whether a block begins with what a server takes only at the beginning of a transaction, and never behind a savepoint
/// (`SET TRANSACTION`), and is committed: what undoes it has to find a savepoint.
fn is_set_up(rest: &[Meaning]) -> bool {
    let ends = |role: &Role| matches!(role, Role::Begin | Role::Commit | Role::Rollback);
    rest.first().is_some_and(|meaning| meaning.opens_transaction)
        && rest.iter().map(|meaning| meaning.role).find(ends) == Some(Role::Commit)
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

    /// Whether nothing that does something would stand before the next block in its segment.
    fn is_at_beginning(&self) -> bool {
        !self.whole || self.open.as_ref().is_none_or(|open| !open.effective)
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

    /// One that is not sent belongs to whatever stands beside it.
    fn skip(&mut self, number: usize) {
        self.extend(number);
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
