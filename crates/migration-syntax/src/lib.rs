//! SQL text without a database: where one statement ends and the next begins, exactly as the servers say.
//!
//! ```
//! use migration_syntax::{Dialect, StatementKind, split};
//!
//! let text = "CREATE TABLE t (note TEXT DEFAULT ';'); -- one; statement\nINSERT INTO t VALUES ('it''s');";
//! let statements = split(text, Dialect::Sqlite)?;
//!
//! assert_eq!(statements.len(), 2);
//! assert_eq!(statements[0].text, "CREATE TABLE t (note TEXT DEFAULT ';')");
//! assert_eq!(statements[1].kind, StatementKind::Insert);
//! assert_eq!((statements[1].start, statements[1].line), (58, 2));
//! # Ok::<(), migration_syntax::SplitError>(())
//! ```
//!
//! * [`split`] and [`Splitter`] cut a file into [`Statement`]s with their byte span, line and [`StatementKind`].
//! * [`StreamSplitter`] does the same with what is read piece by piece, in memory for one statement.
//! * [`tokens`] and [`Lexer`] give the [`Token`]s below that, whose spans cover the text without a gap.
//! * [`SplitOptions`] holds a [`Dialect`] and the server settings that change where a quote ends.
//! * [`LineIndex`] turns a byte offset into line and column; [`is_complete`] is the question that a prompt asks.
//!
//! # What it refuses to do
//!
//! It does not check grammar: `SELEKT 1;` is a statement, and the database will say what is wrong with it. It runs
//! nothing, opens no file, knows no schema and rewrites no text. It does not guess either: a quote, comment or
//! body that never ends is a [`SplitError`] at the place where it began, and so is a command that only an
//! interactive client understands (`\connect`). MySQL's `DELIMITER` is the exception: files are full of it.
//!
//! # Limits
//!
//! * A `SET` inside the file that changes the rules of quoting (`sql_mode`, `standard_conforming_strings`) is not
//!   followed: give the setting in [`SplitOptions`].
//! * A NUL byte is refused in every dialect, since the servers' own clients would silently stop reading there.
//! * MariaDB's `sql_mode=ORACLE` (packages, `AS` bodies) is understood only with `DELIMITER`.

mod classify;
mod client;
mod complete;
mod compound;
mod dialect;
mod error;
mod facts;
mod kind;
mod lexer;
mod line_index;
mod options;
mod scan;
mod splitter;
mod statement;
mod stream;
mod token;
mod window;

#[cfg(test)]
mod tests;

pub use complete::is_complete;
pub use dialect::{Dialect, ParseDialectError};
pub use error::{SplitError, SplitErrorKind};
pub use kind::StatementKind;
pub use lexer::{Lexer, tokens};
pub use line_index::LineIndex;
pub use options::SplitOptions;
pub use splitter::{Splitter, split};
pub use statement::Statement;
pub use stream::{StreamError, StreamSplitter};
pub use token::{Token, TokenKind};
