//! Why a text is no expression.

use thiserror::Error;

/// Why a text is no expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("column {column}: {why}")]
pub struct ExpressionError {
    /// Number of the character at which it begins, from 1.
    pub column: usize,
    /// What is wrong there.
    pub why: String,
}

impl ExpressionError {
    /// At a byte of the text.
    pub(super) fn at(text: &str, byte: usize, why: impl Into<String>) -> Self {
        Self { column: text[..byte.min(text.len())].chars().count() + 1, why: why.into() }
    }
}
