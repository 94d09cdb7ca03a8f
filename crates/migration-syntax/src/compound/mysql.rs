//! MySQL and MariaDB: which statements have a body, and where it begins; what is in it, `body` knows.

use super::body::Body;
use super::{is, is_any};
use crate::TokenKind;

#[derive(Debug, Clone, Default)]
pub(crate) struct Tracker {
    state: State,
    body: Body,
    parentheses: usize,
    previous: Previous,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    /// Behind `BEGIN`: a transaction or a block.
    Begin,
    /// Behind any other first word: a colon would make it the label of a block.
    Label,
    /// Behind `CREATE` or `ALTER`, before it is known of what.
    Create,
    /// Behind `PROCEDURE` or `FUNCTION`, up to the end of the parameters.
    Parameters,
    /// Behind the parameters: `RETURNS …`, `DETERMINISTIC`, …, up to the body.
    Characteristics,
    /// Behind `TRIGGER`, up to `EACH ROW`.
    Trigger,
    /// Behind `EACH ROW`: the body, or `FOLLOWS name`.
    Row,
    /// Behind `FOLLOWS` or `PRECEDES`.
    Order,
    /// Behind `EVENT`, up to `DO`.
    Event,
    Body,
    /// A statement that the next semicolon ends.
    Plain,
}

/// What the token before was, as far as it decides what a word means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Previous {
    #[default]
    Other,
    /// A name or a type follows, whatever keyword it may look like.
    Naming,
    Each,
}

/// What MariaDB takes as a statement of its own; elsewhere in front of a statement these are errors.
const BLOCKS: &[&str] = &["if", "case", "loop", "while", "repeat", "for"];

/// Behind `CREATE` or `ALTER`: objects without a body.
const PLAIN_OBJECTS: &[&str] = &[
    "table",
    "index",
    "view",
    "database",
    "schema",
    "user",
    "role",
    "server",
    "sequence",
    "tablespace",
    "logfile",
    "resource",
    "undo",
    "instance",
    "package",
];

/// Keywords with which a body of a single statement begins, in which nothing can hold a semicolon.
const SIMPLE_STATEMENTS: &[&str] = &[
    "return", "set", "select", "insert", "update", "delete", "replace", "call", "do", "with", "values",
    "table", "signal", "execute", "prepare", "create", "alter", "drop", "truncate", "load", "start",
    "commit", "rollback",
];

impl Tracker {
    pub(crate) fn reset(&mut self) {
        let mut body = std::mem::take(&mut self.body);
        body.reset();
        *self = Tracker { body, ..Tracker::default() };
    }

    #[inline]
    pub(crate) fn token(&mut self, kind: TokenKind, text: &[u8]) {
        match self.state {
            State::Plain => {}
            State::Body => self.body.token(kind, text),
            _ => self.header(kind, text),
        }
    }

    pub(crate) fn ends(&mut self) -> bool {
        self.body.ends()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.body.is_open()
    }

    fn header(&mut self, kind: TokenKind, text: &[u8]) {
        match text {
            b"(" => self.parentheses += 1,
            b")" => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
        let is_name = kind != TokenKind::Word || self.previous == Previous::Naming;
        let word = if is_name { b"" } else { text };
        self.state = match self.state {
            State::Start if is(word, "begin") => State::Begin,
            State::Start if is_any(word, &["create", "alter"]) => State::Create,
            State::Start if is_any(word, BLOCKS) => self.enter(kind, text),
            State::Start => State::Label,
            State::Label if text == b":" => State::Body,
            State::Begin if is(word, "work") => State::Plain,
            State::Begin => {
                self.body.token(TokenKind::Word, b"begin");
                self.enter(kind, text)
            }
            State::Create if is_any(word, &["procedure", "function"]) => State::Parameters,
            State::Create if is(word, "trigger") => State::Trigger,
            State::Create if is(word, "event") => State::Event,
            State::Create if is_any(word, PLAIN_OBJECTS) => State::Plain,
            State::Parameters if text == b")" && self.parentheses == 0 => State::Characteristics,
            State::Characteristics if text == b":" => State::Body,
            State::Characteristics if is(word, "begin") || is_any(word, BLOCKS) => self.enter(kind, text),
            State::Characteristics if is_any(word, SIMPLE_STATEMENTS) => State::Plain,
            State::Trigger if self.previous == Previous::Each && is(word, "row") => State::Row,
            State::Row if is_any(word, &["follows", "precedes"]) => State::Order,
            State::Row => self.enter(kind, text),
            State::Order | State::Body => State::Body,
            State::Event if self.parentheses == 0 && is(word, "do") => State::Body,
            State::Create => State::Create,
            State::Parameters => State::Parameters,
            State::Characteristics => State::Characteristics,
            State::Trigger => State::Trigger,
            State::Event => State::Event,
            State::Label | State::Plain => State::Plain,
        };
        self.previous =
            if matches!(text, b"." | b"=" | b"@") || is_any(word, &["returns", "character", "char", "on"]) {
                Previous::Naming
            } else if is(word, "each") {
                Previous::Each
            } else {
                Previous::Other
            };
    }

    /// The body begins with this token.
    fn enter(&mut self, kind: TokenKind, text: &[u8]) -> State {
        self.body.token(kind, text);
        State::Body
    }
}
