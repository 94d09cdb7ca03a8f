//! Why a statement, or a part of one, is not analysed.

/// Why something is not analysed. It ends up as a reason in the result, since an analysis goes on with the next statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// Neither the parser nor we read it.
    #[error("not understood: {0}")]
    Syntax(String),
    /// Deeper than any stack should have to go.
    #[error("nested too deeply")]
    TooDeep,
    /// More work than a statement should make.
    #[error("too large to be analysed")]
    TooLarge,
    /// Parsed, but nothing is known about it.
    #[error("not analysed: {0}")]
    Unsupported(&'static str),
    /// What has been said of it already.
    #[error("{0}")]
    Told(String),
    /// No thread could be started for it.
    #[error("no thread to analyse it on")]
    NoThread,
}
