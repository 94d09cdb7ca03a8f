//! Clauses of queries that the parser doesn't know, and what a change gives back.

use migration_syntax::{Dialect, Token, TokenKind};

use super::{Statement, words};

/// SQLite: `ISNULL` and `NOTNULL`, which the parser takes for another name of the value.
pub(super) fn null_test(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    if dialect != Dialect::Sqlite || rest.get(1).is_some_and(|next| next.text == "(") {
        return None;
    }
    match rest.first() {
        Some(token) if token.is_word("isnull") => Some((1, "IS NULL".to_owned())),
        Some(token) if token.is_word("notnull") => Some((1, "IS NOT NULL".to_owned())),
        _ => None,
    }
}

/// SQLite: `IN` a table, or what a function gives.
pub(super) fn in_table(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let is_name = |token: &Token<'_>| matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier);
    if dialect != Dialect::Sqlite || !words(rest, &["in"]) || !rest.get(1).is_some_and(is_name) {
        return None;
    }
    let mut end = 2;
    while rest.get(end).is_some_and(|token| token.text == ".") {
        end += 2;
    }
    if rest.get(end).is_some_and(|token| token.text == "(") {
        end += rest[end..].iter().position(|token| token.text == ")")? + 1;
    }
    let name: Vec<_> = rest.get(1..end)?.iter().map(|token| token.text).collect();
    Some((end, format!("IN (SELECT * FROM {})", name.join(" "))))
}

/// MySQL: an older way to lock the rows that are read.
pub(super) fn shared_lock(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    (dialect == Dialect::Mysql && words(rest, &["lock", "in", "share", "mode"])).then(|| (4, String::new()))
}

/// MySQL: a file that a query's rows go to.
pub(super) fn outfile(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let is_file = words(rest, &["into", "outfile"]) || words(rest, &["into", "dumpfile"]);
    if dialect != Dialect::Mysql || !is_file {
        return None;
    }
    let options =
        ["fields", "columns", "lines", "terminated", "starting", "optionally", "enclosed", "escaped", "by"];
    let mut end = 3;
    while let Some(token) = rest.get(end) {
        end += match token {
            _ if words(&rest[end..], &["character", "set"]) => 3,
            _ if token.is_word("charset") => 2,
            token if token.kind == TokenKind::String => 1,
            token if options.iter().any(|option| token.is_word(option)) => 1,
            _ => break,
        };
    }
    Some((end.min(rest.len()), String::new()))
}

/// PostgreSQL 18: other names for the rows that `RETURNING` calls `old` and `new`, which then say so themselves.
pub(super) fn returning_names(
    rest: &[Token<'_>],
    _: &Statement,
    dialect: Dialect,
) -> Option<(usize, String)> {
    if dialect != Dialect::Postgres || !words(rest, &["returning", "with", "("]) {
        return None;
    }
    let close = rest.iter().position(|token| token.text == ")")?;
    let parts: Vec<_> = rest.get(3..close)?.split(|token| token.text == ",").collect();
    let named = |part: &&[Token<'_>]| match part {
        [row, _, name] => Some((row.text.to_owned(), name.identifier().into_owned())),
        _ => None,
    };
    let names: Vec<_> = parts.iter().map(named).collect::<Option<_>>()?;
    let mut output = "RETURNING ".to_owned();
    let mut depth = 0usize;
    for (at, token) in rest.iter().enumerate().skip(close + 1) {
        match token.text {
            "(" => depth += 1,
            // The clause ends with the query that it stands in.
            ")" if depth == 0 => return Some((at, output)),
            ")" => depth -= 1,
            _ => {}
        }
        let is_qualifier = rest.get(at + 1).is_some_and(|next| next.text == ".") && rest[at - 1].text != ".";
        let is_meant = |name: &str| is_qualifier && name.eq_ignore_ascii_case(&token.identifier());
        let meant = names.iter().find(|(_, name)| is_meant(name));
        output.push_str(meant.map_or(token.text, |(row, _)| row));
        // An operator's characters stay together.
        if rest.get(at + 1).is_some_and(|next| next.start > token.end) {
            output.push(' ');
        }
    }
    Some((rest.len(), output))
}
