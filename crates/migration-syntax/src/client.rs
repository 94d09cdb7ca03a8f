//! Lines meant for a client and not for the server: `DELIMITER` of the mysql client, data behind `COPY` of psql.

use crate::error::Fault;
use crate::facts::Client;
use crate::lexer::{Lexer, Raw};
use crate::{SplitErrorKind, TokenKind, scan};

/// The mysql client keeps no more bytes of a delimiter.
const LONGEST_DELIMITER: usize = 15;

impl<'a> Lexer<'a> {
    /// Whether the delimiter of a `DELIMITER` command stands at `at`.
    pub(crate) fn at_delimiter(&self, at: usize) -> bool {
        if self.delimiter.is_empty() || !self.bytes[at..].starts_with(self.delimiter) {
            return false;
        }
        // The client would also find `go` in `cargo`; what that breaks is never meant.
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| scan::is_word_byte(*byte));
        let end = at + self.delimiter.len();
        !(self.delimiter_is_word() && (is_word(self.bytes[..at].last()) || is_word(self.bytes.get(end))))
    }

    /// The end of a word or number, cut where a delimiter begins in it: `END$$` is two tokens under `DELIMITER $$`.
    pub(crate) fn uncut(&self, start: usize, end: usize) -> usize {
        if self.delimiter.is_empty() || self.delimiter_is_word() {
            return end;
        }
        let word = &self.bytes[start..end];
        let is_delimiter = |at: &usize| word[*at..].starts_with(self.delimiter);
        (1..word.len()).find(is_delimiter).map_or(end, |cut| start + cut)
    }

    /// Obeys the `DELIMITER` command whose word is at `start..end`, unless that word is a name in a statement.
    pub(crate) fn delimiter_command(
        &mut self,
        start: usize,
        end: usize,
    ) -> Result<Option<(TokenKind, usize)>, Fault> {
        // Asked first, for it is the cheap question: the rest of a line must not be read for every word in it.
        if !self.between && !self.is_first_in_line(start) {
            return Ok(None);
        }
        let line_end = scan::line_end(self.bytes, end);
        let rest = self.text[end..line_end].trim();
        if !self.between && !looks_like_delimiter(rest) {
            return Ok(None);
        }
        let delimiter = argument(rest);
        if delimiter.is_empty() || delimiter.len() > LONGEST_DELIMITER || delimiter.contains('\\') {
            return Err(Fault { kind: SplitErrorKind::BadDelimiter, offset: start });
        }
        self.delimiter = if delimiter == ";" { b"" } else { delimiter.as_bytes() };
        self.conditional = None;
        Ok(Some((TokenKind::ClientCommand, line_end)))
    }

    /// Takes the rows behind a `COPY … FROM stdin` whose semicolon has just been read.
    pub(crate) fn copy_data(&mut self, statement: usize) -> Result<&'a str, Fault> {
        let start = loop {
            let line_end = scan::line_end(self.bytes, self.at);
            let blank = scan::run(&self.bytes[..line_end], self.at, scan::is_blank);
            if blank == line_end {
                break (line_end + 1).min(self.bytes.len());
            }
            let before = self.at;
            match self.raw()? {
                Some(token) if matches!(token.kind, TokenKind::Blank | TokenKind::Comment) => {}
                _ => return Err(Fault { kind: SplitErrorKind::TextBeforeCopyData, offset: before }),
            }
        };
        let mut line = start;
        while line < self.bytes.len() {
            let line_end = scan::line_end(self.bytes, line);
            if matches!(&self.bytes[line..line_end], b"\\." | b"\\.\r") {
                if self.first_nul < line {
                    return Err(Fault { kind: SplitErrorKind::NulByte, offset: self.first_nul });
                }
                self.at = line_end;
                return Ok(&self.text[start..line]);
            }
            line = line_end + 1;
        }
        Err(Fault { kind: SplitErrorKind::UnterminatedCopyData, offset: statement })
    }

    /// The end of the line, if the statement that `first` begins is a `USE name` without delimiter: the mysql client
    /// sends such a line as it stands.
    pub(crate) fn undelimited_line(&self, first: Raw) -> Option<usize> {
        let is_use =
            first.kind == TokenKind::Word && self.bytes[first.start..first.end].eq_ignore_ascii_case(b"use");
        if self.facts.client != Client::Mysql || !is_use {
            return None;
        }
        let line_end = scan::line_end(self.bytes, first.end);
        let rest = self.text[first.end..line_end].trim();
        let delimiter = if self.delimiter.is_empty() { b";" } else { self.delimiter };
        let is_delimited = rest.as_bytes().windows(delimiter.len()).any(|window| window == delimiter);
        (!rest.is_empty() && !is_delimited).then_some(line_end)
    }

    /// Refuses a backslash command of an interactive client.
    pub(crate) fn backslash_command(start: usize) -> Result<(TokenKind, usize), Fault> {
        Err(Fault { kind: SplitErrorKind::ClientCommand, offset: start })
    }

    fn delimiter_is_word(&self) -> bool {
        self.delimiter.first().is_some_and(|first| first.is_ascii_alphanumeric() || *first == b'_')
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
