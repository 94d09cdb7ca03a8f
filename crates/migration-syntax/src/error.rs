//! Why a text can't be cut into statements, and where the trouble began.

use crate::LineIndex;

/// A text that can't be cut into statements without guessing.
///
/// It names the place where the offending thing *began*: for a string that never ends, its opening quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at line {line}, column {column}")]
pub struct SplitError {
    kind: SplitErrorKind,
    offset: usize,
    line: usize,
    column: usize,
}

impl SplitError {
    pub(crate) fn new(text: &str, fault: Fault) -> Self {
        let (line, column) = LineIndex::new(&text[..text.floor_char_boundary(fault.offset)]).end();
        SplitError { kind: fault.kind, offset: fault.offset, line, column }
    }

    /// The same where the place is known already.
    pub(crate) fn at(fault: Fault, line: usize, column: usize) -> Self {
        SplitError { kind: fault.kind, offset: fault.offset, line, column }
    }

    /// The same fault at a byte of another text, for one that was found in what that text became.
    #[must_use]
    pub fn moved(&self, text: &str, offset: usize) -> Self {
        let offset = text.floor_char_boundary(offset);
        Self::new(text, Fault { kind: self.kind, offset })
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> SplitErrorKind {
        self.kind
    }

    /// Byte offset in the text where the offending thing began.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Line of [`offset`](Self::offset), from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Column of [`offset`](Self::offset), from 1, in Unicode scalar values.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

/// What is wrong with the text of a [`SplitError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SplitErrorKind {
    /// A string literal without its closing quote.
    #[error("unterminated string")]
    UnterminatedString,
    /// A quoted identifier without its closing quote.
    #[error("unterminated quoted identifier")]
    UnterminatedIdentifier,
    /// A `/*` comment without its `*/`, where the server does not accept that.
    #[error("unterminated comment")]
    UnterminatedComment,
    /// A `$tag$` string of PostgreSQL without its second `$tag$`.
    #[error("unterminated dollar-quoted string")]
    UnterminatedDollarQuote,
    /// The `BEGIN …` body of a trigger, routine or block without its `END`; the place is the statement's start.
    #[error("statement whose body never reaches its END")]
    UnterminatedBody,
    /// The rows after `COPY … FROM stdin` without the line `\.`; the place is the statement's start.
    #[error("COPY … FROM stdin whose data never reaches its `\\.` line")]
    UnterminatedCopyData,
    /// SQL on the line of a `COPY … FROM stdin` after its semicolon, where the data must begin on the next line.
    #[error("SQL between COPY … FROM stdin and its data")]
    TextBeforeCopyData,
    /// A backslash outside quotes, or `source` where a statement begins: a command for psql or the mysql client, such as one
    /// that includes another file, which no server understands.
    #[error("command of an interactive client")]
    ClientCommand,
    /// A `DELIMITER` command whose delimiter is missing, has a backslash or is longer than the client's 15 bytes.
    #[error("DELIMITER command without a usable delimiter")]
    BadDelimiter,
    /// A NUL byte, where the servers' clients stop reading without a word.
    #[error("NUL byte")]
    NulByte,
}

impl SplitErrorKind {
    /// Whether more text could mend it.
    pub(crate) fn is_unterminated(self) -> bool {
        use SplitErrorKind as K;
        matches!(
            self,
            K::UnterminatedString
                | K::UnterminatedIdentifier
                | K::UnterminatedComment
                | K::UnterminatedDollarQuote
                | K::UnterminatedBody
                | K::UnterminatedCopyData
        )
    }
}

/// A [`SplitError`] before its line and column are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) kind: SplitErrorKind,
    pub(crate) offset: usize,
}

/// Why reading stops.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stop {
    Fault(Fault),
    /// Only the text behind the window can tell what stands here; a whole text is never starved.
    Starved,
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}
