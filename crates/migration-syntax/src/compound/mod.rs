//! Semicolons inside statements: bodies of triggers and routines, blocks, parentheses.
//!
//! One tracker per dialect, each with the same two questions: does this semicolon end the statement, and does
//! the statement stop in the middle if the text ends here? They follow keywords only as far as that needs; what
//! the server would refuse anyway may be cut in any place.

mod body;
mod mysql;
mod postgres;
mod sqlite;

use crate::{Dialect, TokenKind};

/// The tracker of one statement at a time.
#[derive(Debug, Clone)]
pub(crate) enum Compound {
    Sqlite(sqlite::Tracker),
    Postgres(postgres::Tracker),
    Mysql(mysql::Tracker),
}

impl Default for Compound {
    fn default() -> Self {
        Compound::Sqlite(sqlite::Tracker::default())
    }
}

impl Compound {
    pub(crate) fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sqlite => Compound::Sqlite(sqlite::Tracker::default()),
            Dialect::Postgres => Compound::Postgres(postgres::Tracker::default()),
            Dialect::Mysql => Compound::Mysql(mysql::Tracker::default()),
        }
    }

    /// Forgets the statement that has ended.
    pub(crate) fn reset(&mut self) {
        match self {
            Compound::Sqlite(tracker) => *tracker = sqlite::Tracker::default(),
            Compound::Postgres(tracker) => *tracker = postgres::Tracker::default(),
            Compound::Mysql(tracker) => tracker.reset(),
        }
    }

    /// Takes the next token of the statement: neither blank nor comment nor semicolon.
    #[inline]
    pub(crate) fn token(&mut self, kind: TokenKind, text: &[u8]) {
        match self {
            Compound::Sqlite(tracker) => tracker.token(kind, text),
            Compound::Postgres(tracker) => tracker.token(kind, text),
            Compound::Mysql(tracker) => tracker.token(kind, text),
        }
    }

    /// Takes a semicolon: whether it ends the statement.
    pub(crate) fn ends(&mut self) -> bool {
        match self {
            Compound::Sqlite(tracker) => tracker.ends(),
            Compound::Postgres(tracker) => tracker.ends(),
            Compound::Mysql(tracker) => tracker.ends(),
        }
    }

    /// Whether rows follow the statement, as they do behind PostgreSQL's `COPY … FROM stdin`.
    pub(crate) fn expects_data(&self) -> bool {
        matches!(self, Compound::Postgres(tracker) if tracker.expects_data())
    }

    /// Whether a body has begun and not ended.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Compound::Sqlite(tracker) => tracker.is_open(),
            Compound::Postgres(tracker) => tracker.is_open(),
            Compound::Mysql(tracker) => tracker.is_open(),
        }
    }
}

/// Whether a word of the text is that keyword.
pub(crate) fn is(text: &[u8], keyword: &str) -> bool {
    text.eq_ignore_ascii_case(keyword.as_bytes())
}

/// A list of keywords that is asked for almost every word: most are not on it, and that is soon known.
#[derive(Debug)]
pub(crate) struct Keywords {
    list: &'static [&'static str],
    /// By the lowest five bits of the first letter: a bit for each length.
    lengths: [u32; 32],
}

impl Keywords {
    pub(crate) const fn new(list: &'static [&'static str]) -> Self {
        let mut lengths = [0; 32];
        let mut n = 0;
        while n < list.len() {
            lengths[(list[n].as_bytes()[0] & 31) as usize] |= 1 << list[n].len();
            n += 1;
        }
        Keywords { list, lengths }
    }

    /// Whether a word of the text is one of them.
    pub(crate) fn contains(&self, text: &[u8]) -> bool {
        let Some(first) = text.first() else { return false };
        let letter = first & 31;
        let is_possible = text.len() < 32 && self.lengths[usize::from(letter)] & (1 << text.len()) != 0;
        is_possible && self.list.iter().any(|word| word.as_bytes()[0] & 31 == letter && is(text, word))
    }
}

/// Whether a word of the text is one of those keywords.
pub(crate) fn is_any(text: &[u8], keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| is(text, keyword))
}
