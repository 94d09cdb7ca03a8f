//! PostgreSQL: parentheses (`CREATE RULE … DO (…; …)`), rows behind `COPY … FROM stdin`, and the bodies of SQL routines, `BEGIN ATOMIC …; END`.
//!
//! `CASE` and `END` are reserved words, so that they are names only behind `AS` or a dot.

use super::{is, is_any};
use crate::TokenKind;

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tracker {
    parentheses: usize,
    state: State,
    previous: Previous,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    /// Behind `CREATE [OR [REPLACE]]`.
    Create,
    /// Behind `CREATE FUNCTION` or `CREATE PROCEDURE`.
    Routine,
    /// In a body; so many `END`s are missing.
    Body(usize),
    /// Behind `COPY`.
    Copy,
    /// Behind `COPY … FROM`.
    CopyFrom,
    /// Behind `COPY … FROM stdin`.
    CopyStdin,
    Plain,
}

/// What the token before was, as far as it decides what a word means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Previous {
    #[default]
    Other,
    /// `AS` or a dot: a name follows.
    Naming,
    Begin,
}

impl Tracker {
    #[inline]
    pub(crate) fn token(&mut self, kind: TokenKind, text: &[u8]) {
        if kind == TokenKind::Punctuation {
            match text {
                b"(" => self.parentheses += 1,
                b")" => self.parentheses = self.parentheses.saturating_sub(1),
                _ => {}
            }
        }
        if self.state != State::Plain {
            self.keyword(kind, text);
        }
    }

    fn keyword(&mut self, kind: TokenKind, text: &[u8]) {
        let is_name = kind != TokenKind::Word || self.previous == Previous::Naming;
        let word = if is_name { b"" } else { text };
        self.state = match self.state {
            State::Start if is(word, "create") => State::Create,
            State::Create if is_any(word, &["or", "replace"]) => State::Create,
            State::Create if is_any(word, &["function", "procedure"]) => State::Routine,
            State::Start if is(word, "copy") => State::Copy,
            State::Copy if self.parentheses == 0 && is(word, "from") => State::CopyFrom,
            State::Copy => State::Copy,
            // The server takes either word for the client's end of the connection.
            State::CopyFrom if is_any(word, &["stdin", "stdout"]) => State::CopyStdin,
            State::CopyStdin => State::CopyStdin,
            State::Start | State::Create | State::CopyFrom | State::Plain => State::Plain,
            State::Routine if self.begins_body(word) => State::Body(1),
            State::Routine => State::Routine,
            State::Body(depth) if is(word, "case") => State::Body(depth + 1),
            State::Body(1) if is(word, "end") => State::Plain,
            State::Body(depth) if is(word, "end") => State::Body(depth - 1),
            State::Body(depth) => State::Body(depth),
        };
        self.previous = if is(word, "as") || text == b"." {
            Previous::Naming
        } else if is(word, "begin") {
            Previous::Begin
        } else {
            Previous::Other
        };
    }

    fn begins_body(&self, word: &[u8]) -> bool {
        self.parentheses == 0 && self.previous == Previous::Begin && is(word, "atomic")
    }

    pub(crate) fn ends(&mut self) -> bool {
        self.previous = Previous::Other;
        self.parentheses == 0 && !self.is_open()
    }

    /// Whether rows follow the statement.
    pub(crate) fn expects_data(&self) -> bool {
        self.state == State::CopyStdin
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Body(_))
    }
}
