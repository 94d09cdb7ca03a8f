//! Lines meant for a client and not for the server: `DELIMITER` of the mysql client, data behind `COPY` of psql.

use std::ops::Range;

use crate::error::{Fault, Stop};
use crate::facts::Client;
use crate::lexer::{Lexer, Raw};
use crate::{SplitErrorKind, TokenKind, scan};

/// The mysql client keeps no more bytes of a delimiter.
pub(crate) const LONGEST_DELIMITER: usize = 15;

/// What a `DELIMITER` command has set; nothing for the semicolon.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Delimiter {
    bytes: [u8; LONGEST_DELIMITER],
    length: u8,
    /// Whether it is a word like `go`.
    is_word: bool,
    /// Whether it may stand in a word and ends it there: `$$`.
    is_in_words: bool,
}

impl Delimiter {
    /// `None` for what the client takes for no delimiter.
    fn new(text: &str) -> Option<Self> {
        if text == ";" {
            return Some(Delimiter::default());
        }
        if text.is_empty() || text.contains('\\') {
            return None;
        }
        let mut bytes = [0; LONGEST_DELIMITER];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        let is_word = bytes[0].is_ascii_alphanumeric() || bytes[0] == b'_';
        let is_in_words = scan::is_word_byte(bytes[0]) && !is_word;
        Some(Delimiter { bytes, length: u8::try_from(text.len()).ok()?, is_word, is_in_words })
    }

    pub(crate) fn is_semicolon(&self) -> bool {
        self.length == 0
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Whether blanks must be looked at for it.
    pub(crate) fn is_blank(&self) -> bool {
        scan::is_blank(self.bytes[0])
    }

    /// Empty for the semicolon.
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len()]
    }
}

impl Lexer<'_> {
    /// Whether the delimiter of a `DELIMITER` command stands at `at`, where `first` stands.
    #[inline]
    pub(crate) fn at_delimiter(&self, first: u8, at: usize) -> bool {
        first == self.delimiter.bytes[0] && !self.delimiter.is_semicolon() && self.at_set_delimiter(at)
    }

    fn at_set_delimiter(&self, at: usize) -> bool {
        if !self.bytes[at..].starts_with(self.delimiter.as_bytes()) {
            return false;
        }
        // The client would also find `go` in `cargo`; what that breaks is never meant.
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| scan::is_word_byte(*byte));
        let end = at + self.delimiter.len();
        !(self.delimiter.is_word && (is_word(self.bytes[..at].last()) || is_word(self.bytes.get(end))))
    }

    /// The end of a word or number, cut where a delimiter begins in it: `END$$` is two tokens under `DELIMITER $$`.
    #[inline]
    pub(crate) fn uncut(&self, start: usize, end: usize) -> usize {
        if self.delimiter.is_in_words { self.cut(start, end) } else { end }
    }

    fn cut(&self, start: usize, end: usize) -> usize {
        let first = self.delimiter.bytes[0];
        let word = &self.bytes[start..end];
        let is_delimiter =
            |at: &usize| word[*at] == first && word[*at..].starts_with(self.delimiter.as_bytes());
        (1..word.len()).find(is_delimiter).map_or(end, |cut| start + cut)
    }

    /// Obeys the `DELIMITER` command whose word is at `start..end`, unless that word is a name in a statement.
    pub(crate) fn delimiter_command(
        &mut self,
        start: usize,
        end: usize,
    ) -> Result<Option<(TokenKind, usize)>, Stop> {
        // Asked first, for it is the cheap question: the rest of a line must not be read for every word in it.
        if !self.between && !self.is_first_in_line(start) {
            return Ok(None);
        }
        let line_end = scan::line_end(self.bytes, end);
        if line_end > self.certain {
            return Err(Stop::Starved);
        }
        let rest = self.text[end..line_end].trim();
        if !self.between && !looks_like_delimiter(rest) {
            return Ok(None);
        }
        let Some(delimiter) = Delimiter::new(argument(rest)) else {
            return Err(Fault { kind: SplitErrorKind::BadDelimiter, offset: start }.into());
        };
        if line_end <= self.first_nul {
            self.delimiter = delimiter;
            self.conditional = None;
        }
        Ok(Some((TokenKind::ClientCommand, line_end)))
    }

    /// Takes the rows behind a `COPY … FROM stdin` whose semicolon has just been read.
    pub(crate) fn copy_data(&mut self, statement: usize) -> Result<Range<usize>, Stop> {
        let start = loop {
            let line_end = scan::line_end(self.bytes, self.at);
            if line_end > self.certain {
                return Err(Stop::Starved);
            }
            let blank = scan::run(&self.bytes[..line_end], self.at, scan::is_blank);
            if blank == line_end {
                break (line_end + 1).min(self.bytes.len());
            }
            let before = self.at;
            match self.raw()? {
                Some(token) if matches!(token.kind, TokenKind::Blank | TokenKind::Comment) => {}
                _ => return Err(Fault { kind: SplitErrorKind::TextBeforeCopyData, offset: before }.into()),
            }
        };
        let mut line = start;
        while line < self.bytes.len() {
            let line_end = scan::line_end(self.bytes, line);
            if line_end > self.certain {
                return Err(Stop::Starved);
            }
            if matches!(&self.bytes[line..line_end], b"\\." | b"\\.\r") {
                if self.first_nul < line {
                    return Err(Fault { kind: SplitErrorKind::NulByte, offset: self.first_nul }.into());
                }
                self.at = line_end;
                return Ok(start..line);
            }
            line = line_end + 1;
        }
        if self.certain != usize::MAX {
            return Err(Stop::Starved);
        }
        Err(Fault { kind: SplitErrorKind::UnterminatedCopyData, offset: statement }.into())
    }

    /// The end of the line, if the statement that `first` begins is a `USE name` without delimiter: the mysql client
    /// sends such a line as it stands.
    pub(crate) fn undelimited_line(&self, first: Raw) -> Result<Option<usize>, Stop> {
        let is_use =
            first.kind == TokenKind::Word && self.bytes[first.start..first.end].eq_ignore_ascii_case(b"use");
        if self.facts.client != Client::Mysql || !is_use {
            return Ok(None);
        }
        let delimiter = if self.delimiter.is_semicolon() { b";" } else { self.delimiter.as_bytes() };
        // No further than to the delimiter: there may be many such statements in one line.
        let mut at = first.end;
        let line_end = loop {
            let found = memchr::memchr2(b'\n', delimiter[0], &self.bytes[at..]);
            at = found.map_or(self.bytes.len(), |length| at + length);
            if at >= self.certain {
                return Err(Stop::Starved);
            }
            match self.bytes.get(at) {
                None | Some(b'\n') => break at,
                _ if self.bytes[at..].starts_with(delimiter) => return Ok(None),
                _ => at += 1,
            }
        };
        Ok((!self.text[first.end..line_end].trim().is_empty()).then_some(line_end))
    }

    /// Refuses `source FILE`, which the mysql client obeys and no server knows.
    pub(crate) fn refuse_source(&self, first: Raw) -> Result<(), Stop> {
        let is_source = first.kind == TokenKind::Word
            && self.bytes[first.start..first.end].eq_ignore_ascii_case(b"source");
        if self.facts.client == Client::Mysql && is_source {
            return Err(Fault { kind: SplitErrorKind::ClientCommand, offset: first.start }.into());
        }
        Ok(())
    }

    /// Refuses a backslash command of an interactive client.
    pub(crate) fn backslash_command(start: usize) -> Result<(TokenKind, usize), Stop> {
        Err(Fault { kind: SplitErrorKind::ClientCommand, offset: start }.into())
    }

    fn is_first_in_line(&self, at: usize) -> bool {
        let before = self.bytes[..at].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
        before.is_none_or(|byte| *byte == b'\n')
    }
}

/// The delimiter in the rest of a `DELIMITER` line: quotes around it are dropped, what follows a blank is ignored.
fn argument(rest: &str) -> &str {
    match rest.chars().next() {
        Some(quote @ ('\'' | '"' | '`')) => rest[1..].split(quote).next().unwrap_or_default(),
        _ => rest.split_whitespace().next().unwrap_or_default(),
    }
}

/// Whether a line `delimiter …` inside a statement means the command (the client would always think so) and not a
/// column of that name.
fn looks_like_delimiter(rest: &str) -> bool {
    let symbols = rest.bytes().take_while(u8::is_ascii_punctuation).count();
    symbols > 0
        && symbols == rest.len()
        && rest.starts_with([';', '$', '/', '|', '&', '#', '@', '^', '~', '!', '%', ':'])
}
