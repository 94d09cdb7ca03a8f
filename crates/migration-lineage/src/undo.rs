//! Transactions that are rolled back: what there was when they began is there again.

use migration_syntax::{Dialect, Statement, StatementKind, tokens};

use crate::name::Ident;

/// What a statement does to the transaction that it stands in.
#[derive(Debug)]
enum Control {
    Begin,
    Savepoint(Ident),
    Release(Ident),
    RollbackTo(Ident),
    /// The transaction ends, and perhaps the next one begins at once.
    End {
        undone: bool,
        chain: bool,
    },
}

impl Control {
    /// None for a statement that is about no transaction, and for all of MySQL's: there every change of the schema commits what
    /// was before it, and rows alone are rolled back.
    fn of(statement: &Statement<'_>, dialect: Dialect) -> Option<Self> {
        use StatementKind as K;
        if dialect == Dialect::Mysql || !statement.kind.is_transaction_control() {
            return None;
        }
        let words = tokens(statement.text, dialect).map_while(Result::ok).filter(|token| !token.is_trivia());
        let words: Vec<_> = words.collect();
        let last = words.last()?;
        let is_plain = last.text == last.identifier();
        let name = || Ident::new(&last.identifier(), !is_plain, dialect);
        let chain =
            last.is_word("chain") && !words.iter().rev().nth(1).is_some_and(|before| before.is_word("no"));
        Some(match statement.kind {
            K::Begin => Self::Begin,
            K::Savepoint => Self::Savepoint(name()),
            K::Release => Self::Release(name()),
            K::RollbackTo => Self::RollbackTo(name()),
            K::Commit => Self::End { undone: false, chain },
            K::Rollback => Self::End { undone: true, chain },
            // A prepared transaction may be rolled back later, by whoever.
            K::PrepareTransaction => Self::End { undone: false, chain: false },
            _ => return None,
        })
    }
}

/// What there was at the beginning of a transaction that is open, and at each of its savepoints.
#[derive(Debug, Clone)]
pub(crate) struct Undo<T> {
    /// The savepoint's name; none for the beginning.
    marks: Vec<(Option<Ident>, T)>,
}

impl<T> Default for Undo<T> {
    fn default() -> Self {
        Self { marks: Vec::new() }
    }
}

impl<T: Clone> Undo<T> {
    /// Follows a statement; `now` is what there is before it. Gives what there is again behind one that rolls back.
    pub(crate) fn follow(
        &mut self,
        statement: &Statement<'_>,
        dialect: Dialect,
        now: impl FnOnce() -> T,
    ) -> Option<T> {
        let place = |marks: &[(Option<Ident>, T)], name: &Ident| {
            marks.iter().rposition(|(known, _)| known.as_ref() == Some(name))
        };
        match Control::of(statement, dialect)? {
            // Within a transaction another one can't begin.
            Control::Begin if !self.marks.is_empty() => None,
            Control::Begin => {
                self.marks.push((None, now()));
                None
            }
            Control::Savepoint(name) => {
                self.marks.push((Some(name), now()));
                None
            }
            Control::Release(name) => {
                let place = place(&self.marks, &name)?;
                self.marks.truncate(place);
                None
            }
            Control::RollbackTo(name) => {
                let place = place(&self.marks, &name)?;
                self.marks.truncate(place + 1);
                self.marks.last().map(|(_, then)| then.clone())
            }
            Control::End { undone, chain } => {
                let first = std::mem::take(&mut self.marks).into_iter().next();
                let before = first.map(|(_, then)| then).filter(|_| undone);
                if chain {
                    self.marks.push((None, before.clone().unwrap_or_else(now)));
                }
                before
            }
        }
    }

    /// At which of the statements that follow one has to remember what there is, as something goes back to it or may still do
    /// so: in a long history most transactions are committed, and to remember takes time.
    pub(crate) fn needed(&self, statements: &[Statement<'_>], dialect: Dialect) -> Needed {
        let mut needed = Needed::default();
        if statements.iter().all(|statement| !statement.kind.is_transaction_control()) {
            return needed;
        }
        let open = self.marks.iter().map(|(name, _)| (name.clone(), None));
        let mut ahead: Undo<Option<usize>> = Undo { marks: open.collect() };
        for statement in statements {
            let back = ahead.follow(statement, dialect, || Some(statement.start));
            needed.at.extend(back.flatten());
        }
        needed.at.extend(ahead.marks.iter().filter_map(|(_, start)| *start));
        needed.at.sort_unstable();
        needed
    }
}

/// The statements at which one has to remember what there is, by their first bytes.
#[derive(Debug, Default)]
pub(crate) struct Needed {
    at: Vec<usize>,
}

impl Needed {
    pub(crate) fn has(&self, statement: &Statement<'_>) -> bool {
        self.at.binary_search(&statement.start).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use migration_syntax::split;

    use super::*;

    fn needed(text: &str) -> String {
        let statements = split(text, Dialect::Sqlite).unwrap();
        let needed = Undo::<Option<usize>>::default().needed(&statements, Dialect::Sqlite);
        let texts = statements.iter().filter(|statement| needed.has(statement));
        texts.map(|statement| format!("{}@{} ", statement.text, statement.start)).collect()
    }

    #[test]
    fn nothing_is_remembered_for_what_is_committed() {
        assert_eq!(needed("BEGIN; SELECT 1; SAVEPOINT a; SELECT 2; RELEASE a; COMMIT; ROLLBACK"), "");
        assert_eq!(
            needed("BEGIN; COMMIT; BEGIN; SAVEPOINT a; SAVEPOINT b; ROLLBACK TO a; END"),
            "SAVEPOINT a@22 "
        );
        assert_eq!(needed("BEGIN; SAVEPOINT a; ROLLBACK; BEGIN; COMMIT; SAVEPOINT a; RELEASE a"), "BEGIN@0 ");
        // Nobody knows what comes then.
        assert_eq!(needed("BEGIN; COMMIT; BEGIN; SAVEPOINT a"), "BEGIN@15 SAVEPOINT a@22 ");
    }
}
