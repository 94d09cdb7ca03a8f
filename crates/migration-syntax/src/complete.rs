//! Whether a text ends where a statement ends: the question of a prompt that waits for more.

use crate::{Dialect, Lexer, SplitOptions, Splitter, TokenKind};

/// Whether the text ends behind a statement and its delimiter, blanks and comments aside.
///
/// For SQLite the answers are those of [`sqlite3_complete`](https://sqlite.org/c3ref/complete.html), which knows
/// less than the parser: it takes a `CREATE TRIGGER` without body for incomplete, and so a comment at the end
/// without its `*/`. Only a parameter in the Tcl form, `$a(;)`, a byte order mark and a vertical tab are read as the
/// parser reads them. For the other dialects: the text can be [`split`](crate::split), and its last token is a delimiter.
///
/// ```
/// use migration_syntax::{Dialect, is_complete};
///
/// assert!(is_complete("SELECT 1; -- done", Dialect::Sqlite));
/// assert!(!is_complete("SELECT ';", Dialect::Sqlite));
/// ```
pub fn is_complete(text: &str, options: impl Into<SplitOptions>) -> bool {
    let options = options.into();
    if options.dialect == Dialect::Sqlite {
        return is_complete_sqlite(text, options);
    }
    let mut splitter = Splitter::new(text, options);
    splitter.by_ref().all(|statement| statement.is_ok()) && splitter.is_delimited()
}

/// The states of `sqlite3_complete`, under its own names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Invalid,
    Start,
    Normal,
    Explain,
    Create,
    Trigger,
    Semi,
    End,
}

fn is_complete_sqlite(text: &str, options: SplitOptions) -> bool {
    let mut state = State::Invalid;
    for token in Lexer::new(text, options) {
        let Ok(token) = token else { return false };
        if token.kind == TokenKind::Comment && token.text.starts_with("/*") && !is_closed(token.text) {
            return false;
        }
        if token.is_trivia() {
            continue;
        }
        let is_semicolon = token.kind == TokenKind::Semicolon;
        state = match state {
            State::Trigger | State::Semi if is_semicolon => State::Semi,
            _ if is_semicolon => State::Start,
            State::Semi if token.is_word("end") => State::End,
            State::Trigger | State::Semi | State::End => State::Trigger,
            State::Invalid | State::Start if token.is_word("explain") => State::Explain,
            State::Invalid | State::Start | State::Explain if token.is_word("create") => State::Create,
            State::Explain
                if !["explain", "temp", "temporary", "trigger", "end"]
                    .iter()
                    .any(|word| token.is_word(word)) =>
            {
                State::Explain
            }
            State::Create if token.is_word("temp") || token.is_word("temporary") => State::Create,
            State::Create if token.is_word("trigger") => State::Trigger,
            State::Invalid | State::Start | State::Normal | State::Explain | State::Create => State::Normal,
        };
    }
    state == State::Start
}

/// Whether a block comment has its end: `/*/` has not.
fn is_closed(comment: &str) -> bool {
    comment.len() >= 4 && comment.ends_with("*/")
}
