//! Values that a text tells of: a row that has the name of a setting in another column, a text that values are put into.

use migration_syntax::TokenKind;

use super::statement::{Scan, is_any, is_end};
use super::words;

/// Functions that put values into a text.
const JOINING: &[&str] = &["format", "printf", "concat", "concat_ws"];

/// How many tokens a bracket may be away from what is in it.
const FAR: usize = 200;

impl Scan<'_, '_> {
    /// Whether a string at `at` is the name of a secret.
    pub(super) fn is_name_of_a_secret(&self, at: usize) -> bool {
        let token = self.get(at);
        let name = token.identifier();
        token.kind == TokenKind::String
            && !name.contains(char::is_whitespace)
            && !name.contains(['=', ','])
            && words::is_secret(&name)
    }

    /// Hides what an `UPDATE` at `at` sets where the rows are chosen by the name of a secret: `SET value = '…' WHERE name =
    /// 'smtp_password'`.
    pub(super) fn update(&mut self, at: usize) {
        let (mut set, mut condition, mut depth) = (None, None, 0);
        let mut is_chosen = false;
        for place in at + 1..self.code.len() {
            let token = *self.get(place);
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if is_end(&token) || depth < 0 {
                break;
            }
            if depth == 0 && token.is_word("SET") && set.is_none() {
                set = Some(place);
            } else if depth == 0 && token.is_word("WHERE") {
                condition = Some(place);
            }
            is_chosen |= condition.is_some() && self.is_name_of_a_secret(place);
        }
        let (Some(set), Some(condition), true) = (set, condition, is_chosen) else { return };
        for place in set..condition {
            if matches!(self.get(place).kind, TokenKind::String | TokenKind::Number) {
                self.hide(place);
            }
        }
    }

    /// Hides what stands in a row of `VALUES` behind the name of a secret at `at`; where nothing does, what stands before it.
    pub(super) fn row(&mut self, at: usize) {
        if !self.is_name_of_a_secret(at) {
            return;
        }
        let Some(open) = self.opening(at) else { return };
        let before = open.checked_sub(1).map(|before| *self.get(before));
        if !before.is_some_and(|before| before.text == "," || is_any(&before, &["VALUES", "VALUE", "ROW"])) {
            return;
        }
        let mut depth = 0;
        for place in at + 1..self.code.len() {
            let token = *self.get(place);
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth < 0 || is_end(&token) {
                break;
            }
            if token.kind == TokenKind::String {
                self.hide(place);
            }
        }
        if self.is_punctuation(at + 1, ")") {
            let strings = (open..at).filter(|place| self.get(*place).kind == TokenKind::String);
            for place in strings.collect::<Vec<_>>() {
                self.hide(place);
            }
        }
    }

    /// The bracket that what stands at `at` is in.
    fn opening(&self, at: usize) -> Option<usize> {
        let mut depth = 0;
        for place in (at.saturating_sub(FAR)..at).rev() {
            let token = self.get(place);
            match token.text {
                ")" => depth += 1,
                "(" if depth == 0 => return Some(place),
                "(" => depth -= 1,
                _ => {}
            }
            if is_end(token) {
                break;
            }
        }
        None
    }

    /// Hides what is put into a text at `at` that is about a secret: `format('… PASSWORD %L', '…')`, `'… PASSWORD ' || '…'`,
    /// `EXECUTE '… password = $1' USING '…'`.
    pub(super) fn put_into(&mut self, at: usize) {
        let token = *self.get(at);
        if token.kind != TokenKind::String {
            return;
        }
        // What a text before it is put together with is hidden already.
        if self.is_hidden(at) || !words::mentions_a_secret(&token.identifier()) {
            return;
        }
        let is_joined = ["|", "+"].iter().any(|text| self.is_punctuation(at + 1, text));
        let is_filled = self.is(at + 1, "USING") || self.is(at + 1, "INTO");
        let is_argument = || {
            let function = self.opening(at).and_then(|open| self.peek(open.checked_sub(1)?));
            self.is_punctuation(at + 1, ",") && function.is_some_and(|function| is_any(function, JOINING))
        };
        if !(is_joined || is_filled || is_argument()) {
            return;
        }
        let mut depth = 0;
        for place in at + 1..self.code.len() {
            let token = *self.get(place);
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if is_end(&token) || depth < 0 || is_any(&token, &["FROM", "WHERE"]) {
                return;
            }
            if token.kind == TokenKind::String {
                self.hide(place);
            }
        }
    }
}
