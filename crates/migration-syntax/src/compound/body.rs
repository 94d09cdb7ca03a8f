//! The body of a stored program of MySQL or MariaDB: which blocks are open.
//!
//! `BEGIN` and `END` are no reserved words and `IF` and `REPEAT` are functions too. What tells them apart is the
//! place, so that this keeps track of where a statement of the body may begin.

use super::{Keywords, is, is_any};
use crate::TokenKind;

#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    /// What is open, outermost first.
    blocks: Vec<Block>,
    state: State,
    previous: Previous,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Begin,
    If,
    Loop,
    Repeat,
    /// A `REPEAT` behind its `UNTIL`.
    Until,
    /// A `WHILE` or `FOR` before its `DO`.
    WhileHead,
    While,
    CaseStatement,
    CaseExpression,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// A statement may begin here.
    #[default]
    Statement,
    /// Behind the first word of a statement: a colon would make it a label.
    Label,
    /// In a statement.
    Inside,
    Declare,
    /// In `DECLARE … HANDLER`, before `FOR`.
    Handler,
    /// In `DECLARE … HANDLER FOR`, where a condition is expected.
    Condition,
    /// Behind a condition of a handler: a comma, or the handler's statement.
    Handled,
    /// Behind the `END` of a block: `END IF`, `END label`.
    End,
}

/// What the token before was, as far as it decides what a word means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Previous {
    #[default]
    Operand,
    /// An operand stands here, so that `END` is a name.
    Operator,
    /// A name stands here.
    Naming,
}

/// Keywords behind which an operand stands.
static OPERATORS: Keywords = Keywords::new(&[
    "select", "distinct", "from", "join", "where", "on", "by", "having", "limit", "set", "into", "values",
    "update", "case", "when", "then", "else", "and", "or", "xor", "not", "in", "is", "like", "regexp",
    "rlike", "between", "div", "mod", "interval", "binary", "return", "call", "if", "elseif", "while",
    "until", "as",
]);

impl Body {
    pub(crate) fn reset(&mut self) {
        self.blocks.clear();
        self.state = State::default();
        self.previous = Previous::default();
    }

    /// Takes a semicolon: whether it ends the whole statement.
    pub(crate) fn ends(&mut self) -> bool {
        self.state = State::Statement;
        self.previous = Previous::Operator;
        self.blocks.is_empty()
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.blocks.is_empty()
    }

    pub(crate) fn token(&mut self, kind: TokenKind, text: &[u8]) {
        let is_name = kind != TokenKind::Word || self.previous == Previous::Naming;
        let word = if is_name { b"" } else { text };
        self.state = match self.state {
            State::Statement => self.statement(kind, word),
            State::Label if text == b":" => State::Statement,
            State::Label | State::Inside => self.inside(word),
            State::Declare if is(word, "handler") => State::Handler,
            State::Declare if is_any(word, &["default", "cursor", "condition"]) => State::Inside,
            State::Declare => State::Declare,
            State::Handler if is(word, "for") => State::Condition,
            State::Handler => State::Handler,
            State::Condition if is_any(word, &["sqlstate", "value", "not"]) => State::Condition,
            State::Condition => State::Handled,
            State::Handled if text == b"," => State::Condition,
            State::Handled => self.statement(kind, word),
            State::End => State::End,
        };
        self.previous = match kind {
            TokenKind::Punctuation if text == b"." || text == b"@" => Previous::Naming,
            TokenKind::Punctuation if text != b")" => Previous::Operator,
            TokenKind::Word if OPERATORS.contains(word) => Previous::Operator,
            _ => Previous::Operand,
        };
    }

    /// Takes a token with which a statement of the body may begin.
    fn statement(&mut self, kind: TokenKind, word: &[u8]) -> State {
        if is(word, "begin") {
            self.open(Block::Begin, State::Statement)
        } else if is(word, "if") {
            self.open(Block::If, State::Inside)
        } else if is(word, "case") {
            self.open(Block::CaseStatement, State::Inside)
        } else if is(word, "loop") {
            self.open(Block::Loop, State::Statement)
        } else if is(word, "repeat") {
            self.open(Block::Repeat, State::Statement)
        } else if is_any(word, &["while", "for"]) {
            self.open(Block::WhileHead, State::Inside)
        } else if is(word, "end") {
            self.blocks.pop();
            State::End
        } else if is_any(word, &["else", "not", "atomic"]) {
            // MariaDB writes a block outside a routine `BEGIN NOT ATOMIC`.
            State::Statement
        } else if is(word, "until") {
            self.replace(Block::Repeat, Block::Until);
            State::Inside
        } else if is_any(word, &["elseif", "when"]) {
            State::Inside
        } else if is(word, "declare") {
            State::Declare
        } else if matches!(kind, TokenKind::Word | TokenKind::QuotedIdentifier) {
            State::Label
        } else {
            State::Inside
        }
    }

    /// Takes a token within a statement of the body.
    fn inside(&mut self, word: &[u8]) -> State {
        let innermost = self.blocks.last().copied();
        if is(word, "case") {
            self.open(Block::CaseExpression, State::Inside)
        } else if is(word, "end") && self.previous == Previous::Operand {
            match innermost {
                Some(Block::CaseExpression) => {
                    self.blocks.pop();
                    State::Inside
                }
                Some(Block::Until) => {
                    self.blocks.pop();
                    State::End
                }
                _ => State::Inside,
            }
        } else if is(word, "then") && matches!(innermost, Some(Block::If | Block::CaseStatement)) {
            State::Statement
        } else if is(word, "do") && innermost == Some(Block::WhileHead) {
            self.replace(Block::WhileHead, Block::While);
            State::Statement
        } else {
            State::Inside
        }
    }

    fn open(&mut self, block: Block, state: State) -> State {
        self.blocks.push(block);
        state
    }

    fn replace(&mut self, from: Block, to: Block) {
        if let Some(innermost) = self.blocks.last_mut().filter(|block| **block == from) {
            *innermost = to;
        }
    }
}
