//! Definitions of columns. SQLite's: a type is any number of words, and commas between a table's constraints may be missing.
//! PostgreSQL's, as dumps write them.

use migration_syntax::{Dialect, Token};

use super::alter::split;
use super::{Statement, words as are_words};

/// PostgreSQL: the sequence behind `AS IDENTITY`, with its name and how it counts.
pub(super) fn identity(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    if dialect != Dialect::Postgres || !are_words(rest, &["as", "identity", "("]) {
        return None;
    }
    let close = rest.iter().position(|token| token.text == ")")?;
    Some((close + 1, "AS IDENTITY".to_owned()))
}

/// PostgreSQL: a view's column gets another name as a table's does.
pub(super) fn renamed_view(
    rest: &[Token<'_>],
    statement: &Statement,
    dialect: Dialect,
) -> Option<(usize, String)> {
    let skip = if are_words(rest, &["materialized", "view"]) { 2 } else { 1 };
    let is_view = statement.first == "alter" && (skip == 2 || are_words(rest, &["view"]));
    let is = dialect == Dialect::Postgres && is_view && rest.iter().any(|token| token.is_word("rename"));
    is.then(|| (skip, "TABLE".to_owned()))
}

/// PostgreSQL: a table's row is `t` as well as `t.*` where it is cast to a type.
pub(super) fn row_cast(rest: &[Token<'_>], _: &Statement, dialect: Dialect) -> Option<(usize, String)> {
    let is = dialect == Dialect::Postgres && are_words(rest, &[".", "*"]);
    rest.get(2).filter(|next| is && next.text.starts_with(':')).map(|_| (2, String::new()))
}

/// Words that end the type of a column.
const AFTER_TYPE: &[&str] = &[
    "constraint",
    "primary",
    "not",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "generated",
    "as",
    "on",
];

/// Words that a constraint of a table begins with.
const CONSTRAINTS: &[&str] = &["constraint", "primary", "unique", "check", "foreign"];

/// `CREATE TABLE` or `ALTER TABLE … ADD` with every type in one word and every comma. None if it is neither.
pub(super) fn plain(words: &[&str]) -> Option<String> {
    if is(words, 0, "alter") {
        let add = words.iter().position(|word| word.eq_ignore_ascii_case("add"))? + 1;
        let start = add + usize::from(is(words, add, "column"));
        let (head, column) = words.split_at_checked(start)?;
        return Some(format!("{} {}", head.join(" "), definition(column)));
    }
    if is(words, 0, "create") && is(words, 1, "virtual") {
        return virtual_table(words);
    }
    let is_table =
        is(words, 0, "create") && words.iter().take(3).any(|word| word.eq_ignore_ascii_case("table"));
    let open = words.iter().position(|word| *word == "(").filter(|_| is_table)?;
    if words[..open].iter().any(|word| word.eq_ignore_ascii_case("as")) {
        return None;
    }
    let close = words.iter().rposition(|word| *word == ")").filter(|close| *close > open)?;
    let parts: Vec<String> =
        split(&words[open + 1..close]).into_iter().flat_map(constraints_apart).map(definition).collect();
    // `STRICT` and `WITHOUT ROWID` say how rows are kept.
    let is_option = |word: &&&str| is_one_of(word, &["strict", "without", "rowid", ","]);
    let rest: Vec<_> = words[close + 1..].iter().filter(|word| !is_option(word)).copied().collect();
    Some(format!("{} ( {} ) {}", words[..open].join(" "), parts.join(" , "), rest.join(" ")))
}

/// A virtual table with the names of its columns, and without what else its module is told: `content=users`, `UNINDEXED`.
fn virtual_table(words: &[&str]) -> Option<String> {
    let open = words.iter().position(|word| *word == "(")?;
    let close = words.iter().rposition(|word| *word == ")").filter(|close| *close > open)?;
    let parts = split(&words[open + 1..close]);
    let columns: Vec<_> =
        parts.iter().filter(|part| !part.contains(&"=")).filter_map(|part| part.first().copied()).collect();
    match columns.as_slice() {
        [] => Some(words[..open].join(" ")),
        columns => Some(format!("{} ( {} )", words[..open].join(" "), columns.join(" , "))),
    }
}

fn is(words: &[&str], at: usize, expected: &str) -> bool {
    words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(expected))
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Constraints of a table that no comma stands between.
fn constraints_apart<'a, 'b>(words: &'a [&'b str]) -> Vec<&'a [&'b str]> {
    if !words.first().is_some_and(|word| is_one_of(word, CONSTRAINTS)) {
        return vec![words];
    }
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for (at, word) in words.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            // `CONSTRAINT name CHECK` is one.
            word if depth == 0 && is_one_of(word, CONSTRAINTS) => {
                let named = at >= start + 2 && is(words, at - 2, "constraint");
                if at > start && !named {
                    parts.push(&words[start..at]);
                    start = at;
                }
            }
            _ => {}
        }
    }
    parts.push(&words[start..]);
    parts
}

/// A column with its type in one word.
fn definition(words: &[&str]) -> String {
    let is_column = !words.first().is_some_and(|word| is_one_of(word, CONSTRAINTS));
    let rest = words.get(1..).unwrap_or_default();
    let end = rest.iter().position(|word| *word == "(" || is_one_of(word, AFTER_TYPE)).unwrap_or(rest.len());
    if !is_column || end < 2 {
        return words.join(" ");
    }
    let kind = rest[..end].join(" ").replace('"', "");
    format!("{} \"{kind}\" {}", words[0], rest[end..].join(" "))
}
