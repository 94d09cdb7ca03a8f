//! One statement of a file.

use serde::Serialize;

use crate::StatementKind;

/// One statement, as the server would be sent it.
///
/// Blanks and comments around it do not belong to it, nor does the semicolon or other delimiter that ends it;
/// comments inside do. A statement of nothing but blanks and comments does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Statement<'a> {
    /// The slice of the file from [`start`](Self::start) to [`end`](Self::end).
    pub text: &'a str,
    /// What the statement does, by its leading keywords.
    pub kind: StatementKind,
    /// Byte offset in the file of the first byte.
    pub start: usize,
    /// Byte offset in the file behind the last byte.
    pub end: usize,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// PostgreSQL: the rows that follow a `COPY … FROM stdin`, with their line ends and without the line `\.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_data: Option<&'a str>,
}
