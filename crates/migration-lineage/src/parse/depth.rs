//! How deep a statement's tree can become, told from its tokens before anything calls itself on it.
//!
//! Two things make a tree deep: brackets inside brackets, on which the parser calls itself and counts; and chains
//! (`a + b + c`, `x UNION y UNION z`, `a::text::text`), which it reads in a loop but which come out as one node inside the
//! other, so that even freeing the tree calls itself as often.

use std::thread;

use migration_syntax::{Dialect, Token, TokenKind, tokens};

use crate::fault::Fault;

/// What is on the stack for a link of a chain, in bytes: what writing a tree out takes, which takes the most.
const PER_LINK: usize = if cfg!(debug_assertions) { 48 * 1024 } else { 12 * 1024 };

/// What is on the stack for a pair of brackets, in bytes: a sub-query in `FROM`, being parsed, takes the most.
const PER_BRACKET: usize = if cfg!(debug_assertions) { 640 * 1024 } else { 192 * 1024 };

/// How much any thread has to spare.
const INLINE: usize = 768 * 1024;

/// Beyond these, nothing makes the stack larger: the parser stops before.
const MOST_BRACKETS: usize = 200;

/// Words on which the parser calls itself as on a bracket, though none closes.
const OPENERS: &[&str] = &[
    "case", "begin", "if", "while", "not", "explain", "prepare", "select", "with", "exists", "prior",
    "interval", "declare", "loop", "for", "any", "all", "array", "struct", "map", "lateral", "describe",
    "desc", "cache",
];

/// Words between two operands: what stands behind one of them is an operand's beginning and no link of its own.
const INFIX: &[&str] = &[
    "and", "or", "xor", "is", "like", "ilike", "rlike", "regexp", "glob", "match", "similar", "between",
    "div", "mod", "in", "collate",
];

/// Bounds of a statement's tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Depth {
    /// How many brackets are open at once, and other things on which the parser calls itself, at most.
    pub(crate) brackets: usize,
    /// How long a chain of operators can be, at most.
    pub(crate) chain: usize,
}

impl Depth {
    /// Counts. A text that can't be cut into tokens counts up to there.
    pub(crate) fn of(text: &str, dialect: Dialect) -> Self {
        let mut levels = vec![Level::default()];
        let (mut brackets, mut chain, mut openers) = (0, 0, 0);
        let mut signs = 0usize;
        let mut awaits_operand = false;
        for token in tokens(text, dialect).map_while(Result::ok).filter(|token| !token.is_trivia()) {
            openers += usize::from(token.kind == TokenKind::Word && is_one_of(token.text, OPENERS));
            signs = if token.kind == TokenKind::Punctuation { signs + 1 } else { 0 };
            openers += usize::from(signs > 1);
            let is_operand = std::mem::replace(&mut awaits_operand, begins_operand(&token));
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
                        level.longest = level.longest.max(level.links);
                        level.links = 0;
                    }
                }
                (kind, text) => {
                    if let Some(level) = levels.last_mut() {
                        if kind == TokenKind::Word
                            && is_one_of(text, &["union", "intersect", "except", "minus"])
                        {
                            level.sets += 1;
                            level.longest = level.longest.max(level.links);
                            level.links = 0;
                        }
                        // SQLite's `a::b` is one parameter to our lexer, and a cast to the parser.
                        let inside = if kind == TokenKind::Parameter { text.len() / 2 } else { 0 };
                        // The parts of a name stand side by side.
                        let is_link = text != "." && (!is_operand || kind == TokenKind::Punctuation);
                        level.links += usize::from(is_link) + inside;
                    }
                }
            }
            if let Some(level) = levels.last() {
                chain = chain.max(level.depth());
            }
        }
        let open: usize = levels.iter().map(Level::depth).sum();
        Depth { brackets: brackets + openers, chain: chain.max(open) }
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

/// Whether an operand has to come next.
fn begins_operand(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::Punctuation => !matches!(token.text, "(" | ")" | "[" | "]" | "," | ";"),
        TokenKind::Word => is_one_of(token.text, INFIX),
        _ => false,
    }
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// What stands between two brackets.
#[derive(Debug, Default)]
struct Level {
    /// Since the last comma.
    links: usize,
    /// Before that.
    longest: usize,
    /// Set operations, which commas do not end.
    sets: usize,
    /// Of the brackets inside.
    inner: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.links.max(self.longest) + self.sets + self.inner
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
        let condition = format!("SELECT 1 WHERE {}", ["a.b = 1"; 1000].join(" AND "));
        assert!((1000..4000).contains(&of(&condition).chain), "{:?}", of(&condition));
        let postfix = format!("SELECT a{}", " IS NULL".repeat(1000));
        assert!(of(&postfix).chain >= 1000);
        let union = ["SELECT a, b FROM t"; 1000].join(" UNION ");
        assert!(of(&union).chain >= 999);
        let nested = format!("SELECT {}1{}", "(".repeat(70), ")".repeat(70));
        assert!(of(&nested).brackets >= 70);
    }
}
