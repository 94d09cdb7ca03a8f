//! How deep a statement's tree can become, told from its tokens before anything calls itself on it.
//!
//! Two things make a tree deep: brackets inside brackets, on which the parser calls itself and counts; and chains
//! (`a + b + c`, `x UNION y UNION z`, `a::text::text`), which it reads in a loop but which come out as one node inside the
//! other, so that even freeing the tree calls itself as often.

use std::thread;

use migration_syntax::{Dialect, TokenKind, tokens};

use crate::fault::Fault;

/// What is on the stack for a node of a chain, in bytes: measured without optimization, and doubled.
const PER_LINK: usize = 2 * 1024;

/// What is on the stack for a pair of brackets, in bytes, likewise.
const PER_BRACKET: usize = 128 * 1024;

/// How much any thread has to spare.
const INLINE: usize = 768 * 1024;

/// No bracket makes the stack larger than this: the parser stops before.
const MOST_BRACKETS: usize = 200;

/// Bounds of a statement's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Depth {
    /// How many brackets are open at once, at most.
    pub(crate) brackets: usize,
    /// How long a chain of operators can be, at most.
    pub(crate) chain: usize,
}

impl Depth {
    /// Counts. A text that can't be cut into tokens counts up to there.
    pub(crate) fn of(text: &str, dialect: Dialect) -> Self {
        let mut levels = vec![Level::default()];
        let (mut brackets, mut chain) = (0, 0);
        for token in tokens(text, dialect).map_while(Result::ok).filter(|token| !token.is_trivia()) {
            match (token.kind, token.text) {
                (_, "(" | "[") => {
                    levels.push(Level::default());
                    brackets = brackets.max(levels.len() - 1);
                }
                (_, ")" | "]") if levels.len() > 1 => {
                    let closed = levels.pop().map_or(0, |level| level.depth());
                    if let Some(level) = levels.last_mut() {
                        level.inner = level.inner.max(closed + 1);
                        level.links += 1;
                    }
                }
                (_, ",") => {
                    if let Some(level) = levels.last_mut() {
                        level.links = 0;
                    }
                }
                (TokenKind::Punctuation, _) => {
                    if let Some(level) = levels.last_mut() {
                        level.links += 1;
                    }
                }
                (TokenKind::Word, word) => {
                    if let Some(level) = levels.last_mut() {
                        level.links += 1;
                        let is_set = ["union", "intersect", "except", "minus"]
                            .iter()
                            .any(|set| word.eq_ignore_ascii_case(set));
                        level.sets += usize::from(is_set);
                    }
                }
                _ => {}
            }
            if let Some(level) = levels.last() {
                chain = chain.max(level.depth());
            }
        }
        let open: usize = levels.iter().map(Level::depth).sum();
        Depth { brackets, chain: chain.max(open) }
    }

    /// Runs it here if the stack will do, else on a thread with one that does.
    ///
    /// # Errors
    /// The system starts no thread.
    pub(crate) fn with_stack<T: Send>(self, run: impl FnOnce() -> T + Send) -> Result<T, Fault> {
        let need = self.brackets.min(MOST_BRACKETS) * PER_BRACKET + self.chain * PER_LINK;
        if need <= INLINE {
            return Ok(run());
        }
        thread::scope(|scope| {
            let builder = thread::Builder::new().stack_size(need + 2 * INLINE);
            let thread = builder.spawn_scoped(scope, run).map_err(|_| Fault::NoThread)?;
            thread.join().map_err(|_| Fault::TooLarge)
        })
    }
}

/// What stands between two brackets.
#[derive(Debug, Default)]
struct Level {
    /// Since the last comma.
    links: usize,
    /// Set operations, which commas do not end.
    sets: usize,
    /// Of the brackets inside.
    inner: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.links + self.sets + self.inner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_not_deep_and_chains_are() {
        let of = |text: &str| Depth::of(text, Dialect::Postgres);
        let list = format!("SELECT {}", ["f(a, -1)"; 1000].join(", "));
        assert!(of(&list).chain < 10, "{:?}", of(&list));
        let chain = format!("SELECT {}", ["a"; 1000].join(" + "));
        assert!(of(&chain).chain >= 1000);
        let union = ["SELECT a, b FROM t"; 1000].join(" UNION ");
        assert!(of(&union).chain >= 999);
        let nested = format!("SELECT {}1{}", "(".repeat(70), ")".repeat(70));
        assert_eq!(of(&nested).brackets, 70);
    }
}
