//! SQLite: the body of a trigger, `CREATE [TEMP] TRIGGER … BEGIN …; …; END`.
//!
//! `END` and `BEGIN` may be names, but no statement of a body can begin with a name: `END` behind a semicolon is
//! always the end. SQLite's own `sqlite3_complete` rests on the same fact.

use super::{is, is_any};
use crate::TokenKind;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Tracker {
    /// Nothing seen yet.
    #[default]
    Start,
    /// Behind `EXPLAIN [QUERY PLAN]`.
    Explain,
    /// Behind `CREATE [TEMP]`.
    Create,
    /// Behind `CREATE TRIGGER`, before its body: a semicolon here is an error of the author's, and ends it.
    Header,
    /// In the body.
    Body,
    /// In the body, behind a semicolon.
    Between,
    /// Behind the `END` of the body.
    End,
    /// A statement that the next semicolon ends.
    Plain,
}

impl Tracker {
    #[inline]
    pub(crate) fn token(&mut self, kind: TokenKind, text: &[u8]) {
        if *self == Tracker::Plain {
            return;
        }
        let word = if kind == TokenKind::Word { text } else { b"" };
        *self = match *self {
            Tracker::Start if is(word, "explain") => Tracker::Explain,
            Tracker::Explain if is_any(word, &["query", "plan"]) => Tracker::Explain,
            Tracker::Start | Tracker::Explain if is(word, "create") => Tracker::Create,
            Tracker::Create if is_any(word, &["temp", "temporary"]) => Tracker::Create,
            Tracker::Create if is(word, "trigger") => Tracker::Header,
            Tracker::Start | Tracker::Explain | Tracker::Create | Tracker::Plain => Tracker::Plain,
            Tracker::Header if is(word, "begin") => Tracker::Body,
            Tracker::Header => Tracker::Header,
            Tracker::Between if is(word, "end") => Tracker::End,
            Tracker::Body | Tracker::Between | Tracker::End => Tracker::Body,
        };
    }

    pub(crate) fn ends(&mut self) -> bool {
        let in_body = matches!(self, Tracker::Body | Tracker::Between);
        if in_body {
            *self = Tracker::Between;
        }
        !in_body
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Tracker::Body | Tracker::Between)
    }
}
