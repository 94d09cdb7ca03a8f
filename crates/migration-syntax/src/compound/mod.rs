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

/// Whether a word of the text is one of those keywords.
pub(crate) fn is_any(text: &[u8], keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| is(text, keyword))
}
