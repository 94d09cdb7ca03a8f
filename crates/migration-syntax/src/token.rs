//! Tokens: what a [`Lexer`](crate::Lexer) cuts a text into; what they mean together is not known here.

use std::borrow::Cow;

/// A piece of SQL text, as the server's own lexer would see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// The text itself, quotes included.
    pub text: &'a str,
    /// Byte offset of its first byte.
    pub start: usize,
    /// Byte offset behind its last byte.
    pub end: usize,
}

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// A keyword or an unquoted identifier.
    Word,
    /// An identifier in `"…"`, `` `…` `` or `[…]`.
    QuotedIdentifier,
    /// A string or blob literal, its prefix or dollar tags included.
    String,
    /// A number.
    Number,
    /// A parameter (`?`, `$1`, `:name`), or a variable of MySQL (`@name`).
    Parameter,
    /// One character of anything else: `(`, `,`, or a part of an operator.
    Punctuation,
    /// A semicolon.
    Semicolon,
    /// The delimiter that a `DELIMITER` command has set.
    Delimiter,
    /// A whole line with a `DELIMITER` command.
    ClientCommand,
    /// `/*!`, `/*!50003` or `/*M!100100`: MySQL reads what follows as code.
    ConditionalStart,
    /// The `*/` of a conditional comment.
    ConditionalEnd,
    /// A comment.
    Comment,
    /// Blanks, line ends, a byte order mark.
    Blank,
}

impl Token<'_> {
    /// Whether this is that keyword, in any case, and unquoted.
    #[must_use]
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether the server ignores this token: a blank or a comment.
    #[must_use]
    pub fn is_trivia(&self) -> bool {
        matches!(self.kind, TokenKind::Comment | TokenKind::Blank)
    }

    /// The name without its quotes and with doubled quotes made single; of an unquoted token its text as it stands.
    ///
    /// Strings are unquoted as well, since SQLite takes them for names. Case is not folded, and the escapes of
    /// PostgreSQL's `U&"…"` and `E'…'` are not decoded.
    #[must_use]
    pub fn identifier(&self) -> Cow<'_, str> {
        if !matches!(self.kind, TokenKind::QuotedIdentifier | TokenKind::String) {
            return Cow::Borrowed(self.text);
        }
        let Some(open) = self.text.find(['"', '`', '[', '\'']) else { return Cow::Borrowed(self.text) };
        let inner = self.text.get(open + 1..self.text.len() - 1).unwrap_or_default();
        let quote = &self.text[open..=open];
        if quote != "[" && inner.contains(quote) {
            Cow::Owned(inner.replace(&quote.repeat(2), quote))
        } else {
            Cow::Borrowed(inner)
        }
    }
}
