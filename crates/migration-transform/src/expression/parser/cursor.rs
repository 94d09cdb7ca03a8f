//! The parser's place among the tokens, and what it says of one that it didn't expect.

use super::Parser;
use crate::expression::ExpressionError;
use crate::expression::token::Kind;

impl<'a> Parser<'a> {
    pub(super) fn kind(&self) -> &Kind<'a> {
        self.tokens.get(self.at).map_or(&Kind::End, |token| &token.kind)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.kind(), Kind::Word(found) if found.eq_ignore_ascii_case(word))
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.kind(), Kind::Sign(found) if *found == sign);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), ExpressionError> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    pub(super) fn unexpected(&self, wanted: &str) -> ExpressionError {
        let found = match self.kind() {
            Kind::Word(word) => format!("`{word}`"),
            Kind::Quoted(name) => format!("`\"{name}\"`"),
            Kind::Text(text) => format!("`'{text}'`"),
            Kind::Number(text) => format!("`{text}`"),
            Kind::Sign(sign) => format!("`{sign}`"),
            Kind::End => "the end".to_owned(),
        };
        self.wrong(&format!("{found} where {wanted} has to be"))
    }

    pub(super) fn wrong(&self, why: &str) -> ExpressionError {
        let start = self.tokens.get(self.at).map_or(self.text.len(), |token| token.start);
        ExpressionError::at(self.text, start, why)
    }

    pub(super) fn wrong_before(&self, why: String) -> ExpressionError {
        let start = self.tokens.get(self.at.wrapping_sub(1)).map_or(0, |token| token.start);
        ExpressionError::at(self.text, start, why)
    }
}
