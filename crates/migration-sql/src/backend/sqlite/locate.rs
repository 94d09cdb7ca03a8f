//! The place in a statement that one of SQLite's messages is about.
//!
//! SQLite knows it (`sqlite3_error_offset`) and diesel doesn't pass it on: the message names a word, and the word is looked
//! for in the statement.

use std::ops::Range;

use migration_syntax::{Dialect, Token, TokenKind, tokens};

/// Messages that name an identifier, with what stands before and after it.
const NAMED: &[(&str, &str)] = &[
    ("no such column: ", ""),
    ("no such table: ", ""),
    ("no such function: ", ""),
    ("no such index: ", ""),
    ("no such view: ", ""),
    ("no such trigger: ", ""),
    ("no such module: ", ""),
    ("no such collation sequence: ", ""),
    ("no such window: ", ""),
    ("ambiguous column name: ", ""),
    ("duplicate column name: ", ""),
    ("duplicate WITH table name: ", ""),
    ("unknown database ", ""),
    ("has no column named ", ""),
    ("wrong number of arguments to function ", "()"),
    ("misuse of aggregate: ", "()"),
    ("misuse of aggregate function ", "()"),
    ("misuse of window function ", "()"),
    ("there is already another table or index with this name: ", ""),
    ("object name reserved for internal use: ", ""),
    ("use DROP VIEW to delete view ", ""),
    ("use DROP TABLE to delete table ", ""),
];

/// Byte span in `sql` of what `message` is about. `compile` compiles a text without running it and returns SQLite's message.
pub(super) fn locate(
    sql: &str,
    message: &str,
    mut compile: impl FnMut(&str) -> Option<String>,
) -> Option<Range<usize>> {
    if message == "incomplete input" {
        let last = significant(sql).last()?;
        return Some(last.start..last.end);
    }
    if let Some(word) = between(message, "near \"", "\": syntax error") {
        let places: Vec<_> = significant(sql).filter(|token| token.text == word).collect();
        // A text that ends before the mistake is only incomplete: the first end that isn't shows the place.
        let explain = |end: usize| format!("EXPLAIN {}", &sql[..end]);
        let is_it = |token: &&Token<'_>| {
            places.len() == 1 || compile(&explain(token.end)).as_deref() == Some(message)
        };
        return places.iter().find(is_it).map(|token| token.start..token.end);
    }
    if let Some(word) = between(message, "unrecognized token: \"", "\"") {
        let start = sql.find(word)?;
        return Some(start..start + word.len());
    }
    let named = NAMED.iter().find_map(|(before, after)| {
        let name = message.split_once(before)?.1;
        Some(name.strip_suffix(after).unwrap_or(name))
    });
    let existing = || {
        let (before, _) = message.split_once(" already exists")?;
        before.rsplit_once(' ').map(|(_, name)| name)
    };
    let name = named.or_else(existing)?;
    // `main.users.name`: the last part is the one that is missing, unless only the whole stands there.
    let candidates = [name.rsplit('.').next().unwrap_or(name), name];
    candidates.into_iter().find_map(|name| {
        let name = name.trim_matches('"');
        let found = |token: &Token<'_>| {
            matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier)
                && token.identifier().eq_ignore_ascii_case(name)
        };
        significant(sql).find(found).map(|token| token.start..token.end)
    })
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

fn significant(sql: &str) -> impl Iterator<Item = Token<'_>> {
    tokens(sql, Dialect::Sqlite).map_while(Result::ok).filter(|token| !token.is_trivia())
}

#[cfg(test)]
mod tests;
