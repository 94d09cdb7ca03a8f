//! Values that belong to names in another list: `(id, password) VALUES (1, '…')`, `SET (a, secret) = (…)`, `WITH x (password) AS (…)`;
//! and those whose own name stands behind them: `'…' AS password`.

use migration_syntax::{Token, TokenKind};

use super::statement::{Scan, is_any, is_end};
use super::words;

/// How far behind `INSERT` its list of columns may begin: behind words and the parts of a name.
const TO_COLUMNS: usize = 12;

/// What a value may stand behind in a list of what is selected.
const BEFORE_ITEMS: &[&str] = &["SELECT", "DISTINCT", "ALL", "RETURNING", "VALUES", "SET"];

/// Behind these stands no value, but what is called by a name of its own.
const BEFORE_SOURCES: &[&str] =
    &["FROM", "JOIN", "LATERAL", "INTO", "WITH", "TABLE", "VIEW", "USING", "UPDATE"];

/// A bracket, or what is in none.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    /// Whether the brackets in it are rows.
    has_rows: bool,
    /// Whether its values belong to columns by their places.
    is_list: bool,
    column: usize,
}

impl Scan<'_, '_> {
    /// Hides the values of an `INSERT` at `at` for columns that are secret by their name.
    pub(super) fn insert(&mut self, at: usize) {
        let end = self.code.len().min(at + TO_COLUMNS);
        let Some(open) = (at + 1..end).find(|at| self.is_punctuation(*at, "(")) else { return };
        if let Some((secret, close)) = self.columns(open) {
            self.hide_by_place(close + 1, &secret, Frame::default());
        }
    }

    /// Hides what belongs to the names in the brackets that open at `open`, if they are such.
    pub(super) fn names(&mut self, open: usize) {
        let Some((secret, close)) = self.columns(open) else { return };
        let rows = Frame { has_rows: true, ..Frame::default() };
        let mut next = close + 1;
        if self.is_punctuation(next, "=") {
            next += 1 + usize::from(self.is(next + 1, "ROW"));
            if self.is_punctuation(next, "(") {
                self.hide_by_place(next, &secret, rows);
            }
        } else if self.is(next, "IN") || (self.is(next, "NOT") && self.is(next + 1, "IN")) {
            next += 1 + usize::from(self.is(next, "NOT"));
            if self.is_punctuation(next, "(") {
                self.hide_by_place(next + 1, &secret, rows);
            }
        } else if self.is(next, "AS") {
            while ["AS", "NOT", "MATERIALIZED"].iter().any(|word| self.is(next, word)) {
                next += 1;
            }
            if self.is_punctuation(next, "(") {
                self.hide_by_place(next + 1, &secret, Frame::default());
            } else if ["SELECT", "VALUES", "WITH"].iter().any(|word| self.is(next, word)) {
                self.hide_by_place(next, &secret, Frame::default());
            }
        } else if let Some(source) = self.derived(open) {
            self.hide_by_place(source, &secret, Frame::default());
        }
    }

    /// For each name in the brackets that open at `open` whether it is that of a secret, and where they close. None if there is
    /// something else in them, or no secret.
    fn columns(&self, open: usize) -> Option<(Vec<bool>, usize)> {
        let mut secret = vec![false];
        let mut place = open + 1;
        let mut is_name_before = false;
        loop {
            let token = self.peek(place)?;
            match token.text {
                ")" => break,
                "," => secret.push(false),
                "." => {}
                // A name and a type, or an expression.
                _ if is_name_before => return None,
                _ if matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier) => {
                    if let Some(last) = secret.last_mut() {
                        *last = words::is_secret(&token.identifier());
                    }
                }
                _ => return None,
            }
            is_name_before = ![",", "."].contains(&token.text);
            place += 1;
        }
        secret.contains(&true).then_some((secret, place))
    }

    /// Where the inside of the derived table begins whose names are in the brackets at `open`: `(VALUES …) AS t (…)`.
    fn derived(&self, open: usize) -> Option<usize> {
        let name = open.checked_sub(1)?;
        let close = name.checked_sub(if self.is(name.checked_sub(1)?, "AS") { 2 } else { 1 })?;
        if !self.is_punctuation(close, ")") {
            return None;
        }
        let mut depth = 0;
        for place in (0..=close).rev() {
            match self.get(place).text {
                ")" => depth += 1,
                "(" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(place + 1);
            }
        }
        None
    }

    /// Hides values from `from` on that stand where a column is secret: in rows of `VALUES`, and in what is selected.
    fn hide_by_place(&mut self, from: usize, secret: &[bool], outside: Frame) {
        let mut frames = vec![outside];
        for place in from..self.code.len() {
            let token = *self.get(place);
            let is_inside = frames.iter().any(|frame| frame.is_list);
            let depth = frames.len();
            let Some(frame) = frames.last_mut() else { return };
            let is_conflict =
                token.is_word("ON") && ["CONFLICT", "DUPLICATE"].iter().any(|word| self.is(place + 1, word));
            if is_end(&token) || (depth == 1 && (is_conflict || token.is_word("RETURNING"))) {
                return;
            }
            if is_any(&token, &["VALUES", "VALUE"]) {
                frame.has_rows = true;
            } else if token.is_word("SELECT") && (frame.is_list || !is_inside) {
                (frame.is_list, frame.column) = (true, 0);
            } else if is_any(&token, &["FROM", "WHERE", "RETURNING", "UNION", "INTERSECT", "EXCEPT"]) {
                frame.is_list = false;
            }
            match token.text {
                "(" => {
                    let is_list = frame.has_rows && !is_inside;
                    frames.push(Frame { is_list, ..Frame::default() });
                }
                ")" => {
                    frames.pop();
                    if frames.len() == 1 && outside.has_rows && !self.is_punctuation(place + 1, ",") {
                        return;
                    }
                }
                "," if frame.is_list => frame.column += 1,
                _ => {}
            }
            let is_value = matches!(token.kind, TokenKind::String | TokenKind::Number);
            let is_secret = |frame: &Frame| frame.is_list && secret.get(frame.column) == Some(&true);
            if is_value && frames.iter().any(is_secret) {
                self.hide(place);
            }
        }
    }

    /// Whether an item of a list has ended before `at`.
    fn ends_item(&self, at: usize) -> bool {
        let ends =
            |token: &Token<'_>| [",", ")"].contains(&token.text) || is_end(token) || token.is_word("FROM");
        self.peek(at).is_none_or(ends)
    }

    /// Hides the value in front of a name: at `at` stands `AS`, or the value itself.
    pub(super) fn before_its_name(&mut self, at: usize) {
        let is_alias = self.is(at, "AS");
        let Some(name) = self.peek(at + 1) else { return };
        let is_secret = match name.kind {
            TokenKind::Word | TokenKind::QuotedIdentifier => {
                (is_alias || self.ends_item(at + 2)) && words::is_secret(&name.identifier())
            }
            // MySQL's and SQLite's names may be in such quotes.
            TokenKind::String => is_alias && self.is_name_of_a_secret(at + 1),
            _ => false,
        };
        if !is_secret {
            return;
        }
        if !is_alias {
            self.hide(at);
            return;
        }
        let (mut depth, mut begin) = (0, None);
        for place in (0..at).rev() {
            let token = self.get(place);
            if is_end(token) || (depth == 0 && is_any(token, BEFORE_SOURCES)) {
                return;
            }
            match token.text {
                ")" => depth += 1,
                "(" => depth -= 1,
                _ => {}
            }
            if depth < 0 || (depth == 0 && (token.text == "," || is_any(token, BEFORE_ITEMS))) {
                begin = Some(place + 1);
                break;
            }
        }
        for place in begin.unwrap_or(at)..at {
            let kind = self.get(place).kind;
            if kind == TokenKind::String || (kind == TokenKind::Number && place + 1 == at) {
                self.hide(place);
            }
        }
    }
}
