//! The splitter: tokens in, statements out. What a semicolon means is asked of `compound`, what a statement does
//! of `classify`; here is only where each begins and ends.

use std::ops::Range;

use crate::classify::Classifier;
use crate::compound::Compound;
use crate::error::{Fault, Stop};
use crate::facts::Client;
use crate::lexer::Raw;
use crate::{Lexer, SplitError, SplitErrorKind, SplitOptions, Statement, StatementKind, TokenKind, scan};

/// All statements of a text, in order.
///
/// # Errors
///
/// The first thing that can't be cut without guessing: see [`SplitErrorKind`].
pub fn split(text: &str, options: impl Into<SplitOptions>) -> Result<Vec<Statement<'_>>, SplitError> {
    Splitter::new(text, options).collect()
}

/// An iterator over the [`Statement`]s of a text. It reads no further than it must, and ends after the first error.
///
/// A text that is not in memory is for [`StreamSplitter`](crate::StreamSplitter).
#[derive(Debug, Clone)]
pub struct Splitter<'a> {
    lexer: Lexer<'a>,
    compound: Compound,
    /// The statement in which a window ended.
    open: Option<Open>,
    /// The line that `counted` is in, from 1.
    line: usize,
    /// The offset up to which lines have been counted.
    counted: usize,
    /// Whether the text so far ends at a delimiter.
    delimited: bool,
}

/// The statement that is being read.
#[derive(Debug, Clone, Copy)]
struct Open {
    start: usize,
    end: usize,
    classifier: Classifier,
    /// Where the mysql client ends it for want of a delimiter: `USE name` is a line.
    line_end: Option<usize>,
}

/// Where a statement is: a [`Statement`] without its text.
#[derive(Debug, Clone)]
pub(crate) struct Cut {
    pub(crate) span: Range<usize>,
    kind: StatementKind,
    line: usize,
    copy_data: Option<Range<usize>>,
}

impl Cut {
    /// The statement, of the text that was cut, which begins at `base` of the file.
    pub(crate) fn of(self, text: &str, base: usize) -> Statement<'_> {
        Statement {
            kind: self.kind,
            start: base + self.span.start,
            end: base + self.span.end,
            line: self.line,
            copy_data: self.copy_data.map(|rows| &text[rows]),
            text: &text[self.span],
        }
    }
}

impl<'a> Splitter<'a> {
    /// A splitter at the start of the text.
    pub fn new(text: &'a str, options: impl Into<SplitOptions>) -> Self {
        let options = options.into();
        Splitter {
            lexer: Lexer::new(text, options),
            compound: Compound::new(options.dialect),
            open: None,
            line: 1,
            counted: 0,
            delimited: false,
        }
    }

    /// Whether a delimiter stands before the place that has been reached, blanks and comments aside.
    pub(crate) fn is_delimited(&self) -> bool {
        self.delimited
    }

    /// The next statement; after [`Stop::Starved`] it is still the next one, and what has been read of it is kept.
    pub(crate) fn cut(&mut self) -> Result<Option<Cut>, Stop> {
        let mut open = self.open.take();
        let cut = self.read(&mut open);
        if matches!(cut, Err(Stop::Starved)) {
            self.open = open;
        }
        cut
    }

    fn read(&mut self, open: &mut Option<Open>) -> Result<Option<Cut>, Stop> {
        let bytes = self.lexer.bytes;
        let may_be_block = self.lexer.facts.client == Client::Mysql;
        loop {
            self.lexer.skip_blanks();
            let between = self.lexer.between;
            let Some(token) = self.lexer.raw()? else { break };
            match token.kind {
                TokenKind::Blank | TokenKind::Comment => continue,
                TokenKind::Semicolon if !(self.compound.ends() && self.lexer.conditional.is_none()) => {
                    if let Some(open) = open {
                        open.end = token.end;
                    }
                    continue;
                }
                TokenKind::Semicolon | TokenKind::Delimiter | TokenKind::ClientCommand => {
                    self.delimited = true;
                    let Some(ended) = open else { continue };
                    let copy_data = if token.kind == TokenKind::Semicolon && self.compound.expects_data() {
                        Some(
                            self.lexer
                                .copy_data(ended.start)
                                .map_err(|stop| self.back(token, between, stop))?,
                        )
                    } else {
                        None
                    };
                    return Ok(Some(self.finish(*ended, copy_data)));
                }
                _ => {}
            }
            if let Some(ended) = *open
                && ended.line_end.is_some_and(|line_end| token.start >= line_end)
            {
                // The client has sent the line, and whatever was open in it is forgotten.
                self.lexer.at = token.start;
                self.lexer.conditional = None;
                return Ok(Some(self.finish(ended, None)));
            }
            let open = match open {
                Some(open) => open,
                None => {
                    self.lexer.refuse_source(token)?;
                    let line_end = self.lexer.undelimited_line(token);
                    let line_end = line_end.map_err(|stop| self.back(token, between, stop))?;
                    self.delimited = false;
                    let (start, end, classifier) = (token.start, token.end, Classifier::new());
                    open.insert(Open { start, end, classifier, line_end })
                }
            };
            open.end = token.end;
            if !matches!(token.kind, TokenKind::ConditionalStart | TokenKind::ConditionalEnd) {
                let text = &bytes[token.start..token.end];
                open.classifier.token(token.kind, text, may_be_block);
                self.compound.token(token.kind, text);
            }
        }
        match *open {
            Some(open) if self.compound.is_open() => {
                Err(Fault { kind: SplitErrorKind::UnterminatedBody, offset: open.start }.into())
            }
            Some(open) => Ok(Some(self.finish(open, None))),
            None => Ok(None),
        }
    }

    /// Goes back before a token for which the window does not reach.
    fn back(&mut self, token: Raw, between: bool, stop: Stop) -> Stop {
        self.lexer.at = token.start;
        self.lexer.between = between;
        stop
    }

    fn finish(&mut self, open: Open, copy_data: Option<Range<usize>>) -> Cut {
        self.compound.reset();
        self.count_lines(open.start);
        Cut { span: open.start..open.end, kind: open.classifier.kind(), line: self.line, copy_data }
    }

    /// Moves what has been read so far to a splitter of a text that is like the own one up to that place.
    pub(crate) fn take_over<'b>(
        &mut self,
        text: &'b str,
        first_nul: Option<usize>,
        is_whole: bool,
    ) -> Splitter<'b> {
        Splitter {
            lexer: self.lexer.over(text, first_nul, is_whole),
            compound: std::mem::take(&mut self.compound),
            open: self.open,
            line: self.line,
            counted: self.counted,
            delimited: self.delimited,
        }
    }

    /// The offset of the next token.
    pub(crate) fn at(&self) -> usize {
        self.lexer.at
    }

    /// How much of the beginning of the text will not be looked at again.
    pub(crate) fn passed(&self) -> usize {
        let kept = self.lexer.kept_from();
        self.open.map_or(kept, |open| kept.min(open.start))
    }

    /// Moves with a text that has lost its first `bytes`, which have [passed](Self::passed).
    pub(crate) fn drop_front(&mut self, bytes: usize) {
        if self.counted < bytes {
            self.count_lines(bytes);
        }
        self.counted -= bytes;
        self.lexer.at -= bytes;
        self.lexer.conditional = self.lexer.conditional.map(|at| at - bytes);
        if let Some(open) = &mut self.open {
            open.start -= bytes;
            open.end -= bytes;
            open.line_end = open.line_end.map(|at| at - bytes);
        }
    }

    fn count_lines(&mut self, up_to: usize) {
        self.line += scan::count(&self.lexer.bytes[self.counted..up_to], b'\n');
        self.counted = up_to;
    }
}

impl<'a> Iterator for Splitter<'a> {
    type Item = Result<Statement<'a>, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.lexer.text;
        match self.cut() {
            Ok(cut) => cut.map(|cut| Ok(cut.of(text, 0))),
            Err(stop) => {
                let error = self.lexer.fail(stop);
                error.map(Err)
            }
        }
    }
}
