//! The lexer: one for all dialects, steered by [`Facts`]. It knows what a token is and where it ends; it does not
//! know what a statement is, beyond the delimiter that the mysql client would see.

use crate::client::Delimiter;
use crate::error::{Fault, Stop};
use crate::facts::{Client, Facts, Parameters, Prefixed, Quoted};
use crate::{SplitError, SplitErrorKind, SplitOptions, Token, TokenKind, scan};

/// The tokens of a text, blanks and comments included: their spans follow each other without a gap.
///
/// The data lines behind `COPY … FROM stdin` are no SQL; only [`Splitter`](crate::Splitter) knows where they are.
pub fn tokens(text: &str, options: impl Into<SplitOptions>) -> Lexer<'_> {
    Lexer::new(text, options)
}

/// An iterator over the [`Token`]s of a text. It ends after the first error.
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    pub(crate) text: &'a str,
    pub(crate) bytes: &'a [u8],
    pub(crate) facts: Facts,
    /// Where the next token begins.
    pub(crate) at: usize,
    /// What `DELIMITER` has set; empty for the semicolon.
    pub(crate) delimiter: Delimiter,
    /// Where the conditional comment began that is still open.
    pub(crate) conditional: Option<usize>,
    /// Whether no token of a statement has been seen since the last delimiter.
    pub(crate) between: bool,
    pub(crate) first_nul: usize,
    /// A token that ends up to here is the same whatever may follow the text: no end of a whole text, but of a window.
    pub(crate) certain: usize,
}

/// A token without its text: what the splitter needs, in two machine words and a byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of the text.
    pub fn new(text: &'a str, options: impl Into<SplitOptions>) -> Self {
        Lexer {
            text,
            bytes: text.as_bytes(),
            facts: Facts::new(options.into()),
            at: 0,
            delimiter: Delimiter::default(),
            conditional: None,
            between: true,
            first_nul: scan::find(text.as_bytes(), 0, 0).unwrap_or(usize::MAX),
            certain: usize::MAX,
        }
    }

    /// The next token; `None` at the end of the text. After [`Stop::Starved`] it is still the next one.
    #[inline]
    pub(crate) fn raw(&mut self) -> Result<Option<Raw>, Stop> {
        let start = self.at;
        let Some(&first) = self.bytes.get(start) else { return self.end() };
        let conditional = self.conditional;
        let found = if self.at_delimiter(first, start) {
            self.conditional = None;
            Ok((TokenKind::Delimiter, start + self.delimiter.len()))
        } else {
            self.token(first, start)
        };
        let (kind, end) = match found {
            Ok((kind, end)) if end <= self.first_nul && end <= self.certain => (kind, end),
            _ => {
                let stop = self.stop(start, found);
                if matches!(stop, Stop::Starved) {
                    self.conditional = conditional;
                }
                return Err(stop);
            }
        };
        self.at = end;
        match kind {
            TokenKind::Blank | TokenKind::Comment => {}
            TokenKind::Semicolon => self.between = self.delimiter.is_semicolon(),
            TokenKind::Delimiter | TokenKind::ClientCommand => self.between = true,
            _ => self.between = false,
        }
        Ok(Some(Raw { kind, start, end }))
    }

    /// Passes blanks that the next token would be: it needs no token for that.
    #[inline]
    pub(crate) fn skip_blanks(&mut self) {
        let Some(&first) = self.bytes.get(self.at) else { return };
        // A vertical tab begins no blanks everywhere, and a delimiter may even be one.
        if first > b' ' || first == 0x0B || !scan::is_blank(first) || self.delimiter.is_blank() {
            return;
        }
        let end = scan::run(self.bytes, self.at + 1, scan::is_blank);
        if end <= self.certain {
            self.at = end;
        }
    }

    #[cold]
    fn end(&mut self) -> Result<Option<Raw>, Stop> {
        if self.certain != usize::MAX {
            return Err(Stop::Starved);
        }
        match self.conditional.take() {
            Some(offset) => Err(Fault { kind: SplitErrorKind::UnterminatedComment, offset }.into()),
            None => Ok(None),
        }
    }

    /// Ends the lexer; `None` where the text has just ended.
    pub(crate) fn fail(&mut self, stop: Stop) -> Option<SplitError> {
        self.at = self.bytes.len();
        self.conditional = None;
        match stop {
            Stop::Fault(fault) => Some(SplitError::new(self.text, fault)),
            Stop::Starved => None,
        }
    }

    /// The kind and end of the token that begins at `start`, where no delimiter stands.
    fn token(&mut self, first: u8, start: usize) -> Result<(TokenKind, usize), Stop> {
        let next = self.bytes.get(start + 1).copied();
        let one = |kind| Ok((kind, start + 1));
        match first {
            b' ' | b'\t' | b'\n' | 0x0C | b'\r' => {
                Ok((TokenKind::Blank, scan::run(self.bytes, start, scan::is_blank)))
            }
            0x0B if self.facts.vertical_tab => {
                Ok((TokenKind::Blank, scan::run(self.bytes, start, scan::is_blank)))
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => match self.plain_word(start) {
                Some(end) => Ok((TokenKind::Word, end)),
                None => self.word(first, start),
            },
            0x80.. => self.word(first, start),
            b'$' => self.dollar(start),
            b'0'..=b'9' => Ok((TokenKind::Number, self.number_end(start))),
            b'.' if next.is_some_and(|next| next.is_ascii_digit()) && !self.is_qualified(start) => {
                Ok((TokenKind::Number, self.number_end(start)))
            }
            b';' => one(TokenKind::Semicolon),
            b'\'' => self.string(start, start, self.facts.backslash),
            b'"' if self.facts.double_quote == Quoted::String => {
                self.string(start, start, self.facts.backslash)
            }
            b'"' => self.identifier(start, start),
            b'`' if self.facts.backtick => self.identifier(start, start),
            b'[' if self.facts.bracket => match scan::find(self.bytes, start, b']') {
                Some(close) => Ok((TokenKind::QuotedIdentifier, close + 1)),
                None => Err(Fault { kind: SplitErrorKind::UnterminatedIdentifier, offset: start }.into()),
            },
            b'-' if next == Some(b'-') && self.dashes_start_comment(start) => Ok(self.line_comment(start)),
            b'#' if self.facts.hash_comments => Ok(self.line_comment(start)),
            b'/' if next == Some(b'*') => self.block_comment(start),
            b'*' if next == Some(b'/') && self.conditional.is_some() => {
                self.conditional = None;
                Ok((TokenKind::ConditionalEnd, start + 2))
            }
            b'?' | b':' | b'@' | b'#' => Ok(self.parameter(first, start)),
            b'\\' if self.facts.client == Client::Psql => Self::backslash_command(start),
            b'\\' if self.facts.client == Client::Mysql && next != Some(b'N') => {
                Self::backslash_command(start)
            }
            _ => one(TokenKind::Punctuation),
        }
    }

    /// The end of a word that is nothing else, as most are: no prefix of a string, and no command.
    #[inline]
    fn plain_word(&self, start: usize) -> Option<usize> {
        let end = scan::run(self.bytes, start + 1, scan::is_word_byte);
        let is_plain =
            end > start + 1 && (end - start != DELIMITER.len() || self.facts.client != Client::Mysql);
        is_plain.then(|| self.uncut(start, end))
    }

    fn word(&mut self, first: u8, start: usize) -> Result<(TokenKind, usize), Stop> {
        if first == 0xEF && (start == 0 || self.facts.mark_anywhere) && self.bytes[start..].starts_with(MARK)
        {
            return Ok((TokenKind::Blank, start + MARK.len()));
        }
        match self.bytes.get(start + 1) {
            Some(b'\'') => match self.facts.prefix(first) {
                Some(Prefixed::Escape) => return self.escape_string(start),
                Some(Prefixed::Plain) => return self.string(start, start + 1, self.facts.backslash),
                Some(Prefixed::Digits) => {
                    let close = scan::find(self.bytes, start + 2, b'\'');
                    return self.closed(TokenKind::String, close.map(|close| close + 1), start);
                }
                None => {}
            },
            Some(b'&') if self.facts.unicode_prefix && matches!(first, b'u' | b'U') => {
                match self.bytes.get(start + 2) {
                    Some(b'\'') => return self.string(start, start + 2, false),
                    Some(b'"') => return self.identifier(start, start + 2),
                    _ => {}
                }
            }
            _ => {}
        }
        let end = self.uncut(start, scan::run(self.bytes, start, scan::is_word_byte));
        if self.facts.client == Client::Mysql
            && end - start == DELIMITER.len()
            && self.bytes[start..end].eq_ignore_ascii_case(DELIMITER)
            && let Some(command) = self.delimiter_command(start, end)?
        {
            return Ok(command);
        }
        Ok((TokenKind::Word, end))
    }

    fn dollar(&mut self, start: usize) -> Result<(TokenKind, usize), Stop> {
        if self.facts.parameters == Parameters::Mysql {
            return self.word(b'$', start);
        }
        if self.facts.parameters == Parameters::Sqlite {
            return Ok(self.parameter(b'$', start));
        }
        let name_end = scan::tag_name(self.bytes, start + 1);
        if name_end > self.certain {
            return Err(Stop::Starved);
        }
        let next = self.bytes.get(start + 1);
        if self.bytes.get(name_end) == Some(&b'$') && next.is_some_and(|next| !next.is_ascii_digit()) {
            let inside = name_end + 1;
            return match scan::find_all(self.bytes, inside, &self.bytes[start..inside]) {
                Some(close) => Ok((TokenKind::String, close + (inside - start))),
                None => Err(Fault { kind: SplitErrorKind::UnterminatedDollarQuote, offset: start }.into()),
            };
        }
        let end = scan::digits(self.bytes, start + 1);
        let kind = if end > start + 1 { TokenKind::Parameter } else { TokenKind::Punctuation };
        Ok((kind, end))
    }

    fn parameter(&self, first: u8, start: usize) -> (TokenKind, usize) {
        let end = match (self.facts.parameters, first) {
            (Parameters::Sqlite, b'?') => return (TokenKind::Parameter, scan::digits(self.bytes, start + 1)),
            (Parameters::Sqlite, _) => scan::sqlite_parameter(self.bytes, start),
            (Parameters::Mysql, b'?') => return (TokenKind::Parameter, start + 1),
            (Parameters::Mysql, b'@') => {
                let name = scan::run(self.bytes, start, |byte| byte == b'@');
                self.uncut(start, scan::run(self.bytes, name, scan::is_word_byte))
            }
            _ => start + 1,
        };
        (if end > start + 1 { TokenKind::Parameter } else { TokenKind::Punctuation }, end)
    }

    /// A string from `start` whose quote is at `open`.
    fn string(&self, start: usize, open: usize, backslash: bool) -> Result<(TokenKind, usize), Stop> {
        let end = scan::quoted(self.bytes, open + 1, self.bytes[open], backslash);
        self.closed(TokenKind::String, end, start)
    }

    fn identifier(&self, start: usize, open: usize) -> Result<(TokenKind, usize), Stop> {
        let end = scan::quoted(self.bytes, open + 1, self.bytes[open], false);
        self.closed(TokenKind::QuotedIdentifier, end, start)
    }

    /// `E'…'`, with the parts of it in later lines: they escape like the first, though they have no `E`.
    fn escape_string(&self, start: usize) -> Result<(TokenKind, usize), Stop> {
        let mut open = start + 1;
        loop {
            let (kind, end) = self.string(start, open, true)?;
            match self.continuation(end)? {
                Some(next) => open = next,
                None => return Ok((kind, end)),
            }
        }
    }

    /// The quote at which a literal that has ended at `at` goes on: behind blanks and comments with a line end.
    fn continuation(&self, mut at: usize) -> Result<Option<usize>, Stop> {
        let mut in_new_line = false;
        loop {
            let blanks = scan::run(self.bytes, at, scan::is_blank);
            in_new_line |= self.bytes[at..blanks].iter().any(|byte| matches!(byte, b'\n' | b'\r'));
            at = blanks;
            if at >= self.certain {
                return Err(Stop::Starved);
            }
            match self.bytes.get(at) {
                Some(b'-') if self.bytes.get(at + 1) == Some(&b'-') => at = self.line_comment(at).1,
                Some(b'\'') if in_new_line => return Ok(Some(at)),
                _ => return Ok(None),
            }
        }
    }

    fn closed(&self, kind: TokenKind, end: Option<usize>, start: usize) -> Result<(TokenKind, usize), Stop> {
        let unterminated = match kind {
            TokenKind::String => SplitErrorKind::UnterminatedString,
            _ => SplitErrorKind::UnterminatedIdentifier,
        };
        end.map(|end| (kind, end)).ok_or(Stop::Fault(Fault { kind: unterminated, offset: start }))
    }

    /// Whether the `--` at `start` begins a comment. For MySQL's server it may not (`1--1` is a sum), but the client
    /// drops such a line if no statement has begun, as none can begin so.
    fn dashes_start_comment(&self, start: usize) -> bool {
        !self.facts.dashes_need_blank
            || self.between
            || self.bytes.get(start + 2).is_none_or(|next| next.is_ascii_control() || *next == b' ')
    }

    fn line_comment(&self, start: usize) -> (TokenKind, usize) {
        let end = if self.facts.comment_ends_at_return {
            scan::run(self.bytes, start, |byte| !matches!(byte, b'\n' | b'\r'))
        } else {
            scan::line_end(self.bytes, start)
        };
        (TokenKind::Comment, end)
    }

    fn block_comment(&mut self, start: usize) -> Result<(TokenKind, usize), Stop> {
        if self.facts.conditional_comments
            && let Some(end) = scan::conditional_start(self.bytes, start)
        {
            self.conditional.get_or_insert(start);
            return Ok((TokenKind::ConditionalStart, end));
        }
        let open = start + 2;
        match scan::block_comment(self.bytes, open, self.facts.nested_comments) {
            Some(end) => Ok((TokenKind::Comment, end)),
            // SQLite takes a comment that the text ends in, but `/*` as the very last bytes is a syntax error.
            None if self.facts.open_comments && open < self.bytes.len() => {
                Ok((TokenKind::Comment, self.bytes.len()))
            }
            None => Err(Fault { kind: SplitErrorKind::UnterminatedComment, offset: start }.into()),
        }
    }

    fn number_end(&self, start: usize) -> usize {
        self.uncut(start, scan::number(self.bytes, start, !self.facts.dollar_quotes))
    }

    /// Whether the dot at `at` stands behind a name or a dot, so that it begins no number.
    fn is_qualified(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| {
            matches!(self.bytes[before], b'"' | b'`' | b']' | b')' | b'.')
                || scan::is_word_byte(self.bytes[before])
        })
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Result<Token<'a>, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.raw() {
            Ok(raw) => raw
                .map(|Raw { kind, start, end }| Ok(Token { kind, text: &self.text[start..end], start, end })),
            Err(stop) => self.fail(stop).map(Err),
        }
    }
}

const MARK: &[u8] = "\u{feff}".as_bytes();
const DELIMITER: &[u8] = b"delimiter";
