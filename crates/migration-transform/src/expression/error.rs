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
