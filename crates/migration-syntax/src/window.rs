//! A lexer over a window of a text: what it can be sure of, what it must still see, and how it moves on.

use crate::client::LONGEST_DELIMITER;
use crate::error::{Fault, Stop};
use crate::{Lexer, SplitErrorKind, TokenKind};

/// So far behind the end of a token its first bytes are looked at, at the most: the longest delimiter and one byte.
/// What looks further says so by [`Stop::Starved`].
const LOOKAHEAD: usize = LONGEST_DELIMITER + 1;

impl Lexer<'_> {
    /// The same lexer, in the same place of another text that is like its own up to there.
    pub(crate) fn over<'b>(&self, text: &'b str, first_nul: Option<usize>, is_whole: bool) -> Lexer<'b> {
        Lexer {
            text,
            bytes: text.as_bytes(),
            facts: self.facts,
            at: self.at,
            delimiter: self.delimiter,
            conditional: self.conditional,
            between: self.between,
            first_nul: first_nul.unwrap_or(usize::MAX),
            certain: if is_whole { usize::MAX } else { text.len().saturating_sub(LOOKAHEAD) },
        }
    }

    /// From here on the text is still needed: what stands before the next token decides what some tokens are, blanks
    /// and one byte before them.
    pub(crate) fn kept_from(&self) -> usize {
        let before = &self.bytes[..self.at];
        let last = before.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(0);
        let last = self.text.floor_char_boundary(last);
        self.conditional.map_or(last, |conditional| conditional.min(last))
    }

    /// Why there is no token at `start`, where `found` is none or ends too late.
    #[cold]
    pub(crate) fn stop(&self, start: usize, found: Result<(TokenKind, usize), Stop>) -> Stop {
        let is_window = self.certain != usize::MAX;
        match found {
            Ok((_, end)) if end > self.certain => Stop::Starved,
            Ok(_) => Fault { kind: SplitErrorKind::NulByte, offset: self.first_nul }.into(),
            Err(Stop::Fault(fault)) if is_window && fault.kind.is_unterminated() => Stop::Starved,
            Err(_) if start >= self.certain => Stop::Starved,
            Err(stop) => stop,
        }
    }
}
