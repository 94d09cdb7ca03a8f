//! Where a text is not of its language.

use thiserror::Error;

/// What is wrong with a text, and where.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {why}")]
pub(super) struct Misplaced {
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
    pub(super) why: String,
}

impl Misplaced {
    /// At a byte of the text.
    pub(super) fn new(text: &str, at: usize, why: impl Into<String>) -> Self {
        let before = &text[..text.floor_char_boundary(at)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            why: why.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters() {
        let told = |at| Misplaced::new("a\néé x", at, "no").to_string();
        assert_eq!(told(0), "line 1, column 1: no");
        assert_eq!(told(7), "line 2, column 4: no");
        assert_eq!(told(99), "line 2, column 5: no");
    }
}
