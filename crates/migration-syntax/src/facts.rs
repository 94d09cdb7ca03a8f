//! What the lexer must know about a dialect, as data: the lexer branches on these facts and never on a name.

use crate::{Dialect, SplitOptions};

/// The lexical facts of one dialect under one set of options.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// What `"…"` is.
    pub(crate) double_quote: Quoted,
    /// `` `…` `` is an identifier.
    pub(crate) backtick: bool,
    /// `[…]` is an identifier.
    pub(crate) bracket: bool,
    /// A backslash escapes in `'…'`, and in `"…"` where that is a string.
    pub(crate) backslash: bool,
    /// One letter directly before a quote that makes it another kind of string.
    pub(crate) prefixes: &'static [(u8, Prefixed)],
    /// `U&'…'` and `U&"…"`.
    pub(crate) unicode_prefix: bool,
    /// `$tag$ … $tag$` is a string; a word may then contain `$` but a number may not.
    pub(crate) dollar_quotes: bool,
    /// How a parameter is written.
    pub(crate) parameters: Parameters,
    /// Whether `--` needs a blank or control character behind it to start a comment.
    pub(crate) dashes_need_blank: bool,
    /// `#` starts a comment.
    pub(crate) hash_comments: bool,
    /// A line comment also ends at a carriage return.
    pub(crate) comment_ends_at_return: bool,
    /// `/* /* */ */` is one comment.
    pub(crate) nested_comments: bool,
    /// A `/*` comment may end with the text.
    pub(crate) open_comments: bool,
    /// `/*! … */` and `/*M! … */` are code.
    pub(crate) conditional_comments: bool,
    /// A byte order mark counts as a blank everywhere and not only at the start.
    pub(crate) mark_anywhere: bool,
    /// A vertical tab may start a run of blanks (it may always continue one).
    pub(crate) vertical_tab: bool,
    /// What a client does with some lines instead of sending them.
    pub(crate) client: Client,
}

/// What a pair of quotes holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoted {
    Identifier,
    String,
}

/// How the string behind a one-letter prefix is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefixed {
    /// `E'…'`: backslashes escape, and so they do where the literal goes on in a later line.
    Escape,
    /// `N'…'`: like a string without prefix.
    Plain,
    /// `B'…'`, `X'…'`: digits up to the next quote.
    Digits,
}

/// How the parameters of a prepared statement are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameters {
    /// `?`, `?1`, `:a`, `@a`, `#a` and `$a::b(c)`: see `sqlite3GetToken` in SQLite's `tokenize.c`.
    Sqlite,
    /// `$1`.
    Dollar,
    /// `?`, and the variables `@a` and `@@a`.
    Mysql,
}

/// The client whose commands may stand between statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    /// None: a backslash is left to the server to refuse.
    None,
    /// psql: backslash commands, which are refused.
    Psql,
    /// The mysql client: `DELIMITER` is obeyed, backslash commands except the literal `\N` are refused, and so is `source`.
    Mysql,
}

impl Facts {
    pub(crate) fn new(options: SplitOptions) -> Self {
        match options.dialect {
            Dialect::Sqlite => SQLITE,
            Dialect::Postgres => Facts { backslash: !options.standard_conforming_strings, ..POSTGRES },
            Dialect::Mysql => Facts {
                backslash: options.backslash_escapes,
                double_quote: if options.ansi_quotes { Quoted::Identifier } else { Quoted::String },
                ..MYSQL
            },
        }
    }

    pub(crate) fn prefix(&self, letter: u8) -> Option<Prefixed> {
        self.prefixes.iter().find(|(prefix, _)| prefix.eq_ignore_ascii_case(&letter)).map(|(_, how)| *how)
    }
}

/// <https://sqlite.org/lang_expr.html>, <https://sqlite.org/lang_comment.html>, and `tokenize.c`.
const SQLITE: Facts = Facts {
    double_quote: Quoted::Identifier,
    backtick: true,
    bracket: true,
    backslash: false,
    prefixes: &[(b'x', Prefixed::Digits)],
    unicode_prefix: false,
    dollar_quotes: false,
    parameters: Parameters::Sqlite,
    dashes_need_blank: false,
    hash_comments: false,
    comment_ends_at_return: false,
    nested_comments: false,
    open_comments: true,
    conditional_comments: false,
    mark_anywhere: true,
    vertical_tab: false,
    client: Client::None,
};

/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html>, and `scan.l`.
const POSTGRES: Facts = Facts {
    double_quote: Quoted::Identifier,
    backtick: false,
    bracket: false,
    backslash: false,
    prefixes: &[
        (b'e', Prefixed::Escape),
        (b'n', Prefixed::Plain),
        (b'b', Prefixed::Digits),
        (b'x', Prefixed::Digits),
    ],
    unicode_prefix: true,
    dollar_quotes: true,
    parameters: Parameters::Dollar,
    dashes_need_blank: false,
    hash_comments: false,
    comment_ends_at_return: true,
    nested_comments: true,
    open_comments: false,
    conditional_comments: false,
    mark_anywhere: false,
    vertical_tab: true,
    client: Client::Psql,
};

/// <https://dev.mysql.com/doc/refman/en/language-structure.html>, `sql_lex.cc`, and the mysql client.
const MYSQL: Facts = Facts {
    double_quote: Quoted::String,
    backtick: true,
    bracket: false,
    backslash: true,
    prefixes: &[(b'n', Prefixed::Plain), (b'b', Prefixed::Digits), (b'x', Prefixed::Digits)],
    unicode_prefix: false,
    dollar_quotes: false,
    parameters: Parameters::Mysql,
    dashes_need_blank: true,
    hash_comments: true,
    comment_ends_at_return: false,
    nested_comments: false,
    open_comments: false,
    conditional_comments: true,
    mark_anywhere: false,
    vertical_tab: true,
    client: Client::Mysql,
};
