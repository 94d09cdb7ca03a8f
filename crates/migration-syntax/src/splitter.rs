//! The splitter: tokens in, statements out. What a semicolon means is asked of `compound`, what a statement does
//! of `classify`; here is only where each begins and ends.

use crate::classify::Classifier;
use crate::compound::Compound;
use crate::error::Fault;
use crate::facts::Client;
use crate::lexer::Raw;
use crate::{Lexer, SplitError, SplitErrorKind, SplitOptions, Statement, TokenKind};

/// All statements of a text, in order.
///
/// # Errors
///
/// The first thing that can't be cut without guessing: see [`SplitErrorKind`].
pub fn split(text: &str, options: impl Into<SplitOptions>) -> Result<Vec<Statement<'_>>, SplitError> {
    Splitter::new(text, options).collect()
}

/// An iterator over the [`Statement`]s of a text. It reads no further than it must, and ends after the first error.
#[derive(Debug, Clone)]
pub struct Splitter<'a> {
    lexer: Lexer<'a>,
    compound: Compound,
    /// The line that `counted` is in, from 1.
    line: usize,
    /// The offset up to which lines have been counted.
    counted: usize,
    /// Whether the text so far ends at a delimiter.
    delimited: bool,
}

/// The statement that is being read.
struct Open {
    start: usize,
    end: usize,
    classifier: Classifier,
    /// Where the mysql client ends it for want of a delimiter: `USE name` is a line.
    line_end: Option<usize>,
}

impl<'a> Splitter<'a> {
    /// A splitter at the start of the text.
    pub fn new(text: &'a str, options: impl Into<SplitOptions>) -> Self {
        let options = options.into();
        Splitter {
            lexer: Lexer::new(text, options),
            compound: Compound::new(options.dialect),
            line: 1,
            counted: 0,
            delimited: false,
        }
    }

    /// Whether a delimiter stands before the place that has been reached, blanks and comments aside.
    pub(crate) fn is_delimited(&self) -> bool {
        self.delimited
    }

    fn statement(&mut self) -> Result<Option<Statement<'a>>, Fault> {
        let bytes = self.lexer.bytes;
        let may_be_block = self.lexer.facts.client == Client::Mysql;
        let mut open: Option<Open> = None;
        while let Some(token) = self.lexer.raw()? {
            match token.kind {
                TokenKind::Blank | TokenKind::Comment => continue,
                TokenKind::Semicolon if !(self.compound.ends() && self.lexer.conditional.is_none()) => {
                    if let Some(open) = &mut open {
                        open.end = token.end;
                    }
                    continue;
                }
                TokenKind::Semicolon | TokenKind::Delimiter | TokenKind::ClientCommand => {
                    self.delimited = true;
                    match open.take() {
                        Some(open) => {
                            return self.finish(&open, token.kind == TokenKind::Semicolon).map(Some);
                        }
                        None => continue,
                    }
                }
                _ => {}
            }
            if let Some(ended) =
                open.take_if(|open| open.line_end.is_some_and(|line_end| token.start >= line_end))
            {
                self.lexer.at = token.start;
                return self.finish(&ended, false).map(Some);
            }
            self.delimited = false;
            let open = open.get_or_insert_with(|| self.open(token));
            open.end = token.end;
            if !matches!(token.kind, TokenKind::ConditionalStart | TokenKind::ConditionalEnd) {
                let text = &bytes[token.start..token.end];
                open.classifier.token(token.kind, text, may_be_block);
                self.compound.token(token.kind, text);
            }
        }
        match open {
            Some(open) if self.compound.is_open() => {
                Err(Fault { kind: SplitErrorKind::UnterminatedBody, offset: open.start })
            }
            Some(open) => self.finish(&open, false).map(Some),
            None => Ok(None),
        }
    }

    fn open(&self, first: Raw) -> Open {
        Open {
            start: first.start,
            end: first.end,
            classifier: Classifier::new(),
            line_end: self.lexer.undelimited_line(first),
        }
    }

    fn finish(&mut self, open: &Open, at_semicolon: bool) -> Result<Statement<'a>, Fault> {
        let copy_data = if at_semicolon && self.compound.expects_data() {
            Some(self.lexer.copy_data(open.start)?)
        } else {
            None
        };
        self.compound.reset();
        let passed = &self.lexer.bytes[self.counted..open.start];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.counted = open.start;
        Ok(Statement {
            text: &self.lexer.text[open.start..open.end],
            kind: open.classifier.kind(),
            start: open.start,
            end: open.end,
            line: self.line,
            copy_data,
        })
    }
}

impl<'a> Iterator for Splitter<'a> {
    type Item = Result<Statement<'a>, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.statement().map_err(|fault| self.lexer.fail(fault)).transpose()
    }
}
