//! What of the server's texts is not the schema: users, counters, the name of the database. Pure.
//!
//! The server prints names in backquotes, so that they are told apart from whatever an author wrote.

use std::collections::BTreeSet;
use std::ops::Range;

use migration_syntax::{Dialect, Token, TokenKind, tokens};

/// Without `DEFINER = user`: whoever restores the text is the definer then.
pub(super) fn without_definer(sql: &str) -> String {
    let tokens = significant(sql);
    let is_definer = |(place, token): (usize, &Token<'_>)| {
        token.is_word("definer") && tokens.get(place + 1).is_some_and(|token| token.text == "=")
    };
    let Some(start) = tokens.iter().take(8).enumerate().position(is_definer) else { return sql.to_owned() };
    let mut end = start + 3;
    // The host: in one token with its sign, or in another one.
    if let Some(sign) = tokens.get(end).filter(|token| token.text.starts_with('@')) {
        end += if sign.text == "@" { 2 } else { 1 };
    }
    cut(sql, Some(tokens[start].start..start_of(&tokens, end, sql)))
}

/// Without the next number of the counter of a table.
pub(super) fn without_counter(sql: &str) -> String {
    let tokens = significant(sql);
    let mut depth = 0_i32;
    for (place, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        let is_option = || tokens.get(place + 1).is_some_and(|token| token.text == "=");
        if depth == 0 && token.is_word("auto_increment") && is_option() {
            return cut(sql, Some(token.start..start_of(&tokens, place + 3, sql)));
        }
    }
    sql.to_owned()
}

/// Without the collations that columns have from their table. MySQL prints those without a character set, and takes them for
/// the columns' own when it reads them again.
pub(super) fn without_inherited_collations(sql: &str) -> String {
    let tokens = significant(sql);
    let mut depth = 0_i32;
    let mut gaps = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        let is_own =
            || place >= 3 && tokens[place - 3].is_word("character") && tokens[place - 2].is_word("set");
        if depth == 1 && place > 0 && token.is_word("collate") && !is_own() {
            let end = tokens.get(place + 1).map_or(sql.len(), |name| name.end);
            gaps.push(tokens[place - 1].end..end);
        }
    }
    cut(sql, gaps)
}

/// Without the moment of its creation as the start of an event.
pub(super) fn without_start(sql: &str) -> String {
    let tokens = significant(sql);
    let start =
        tokens.iter().take_while(|token| !token.is_word("do")).position(|token| token.is_word("starts"));
    start
        .map_or_else(|| sql.to_owned(), |at| cut(sql, Some(tokens[at].start..start_of(&tokens, at + 2, sql))))
}

/// A trigger without the name of the database in front of its own name and its table's. Whoever wrote it may have written
/// them in any way.
pub(super) fn unqualified_trigger(sql: &str, database: &str) -> String {
    let tokens = significant(sql);
    let head = tokens.iter().position(|token| token.is_word("each")).unwrap_or(0);
    let gaps: Vec<_> = tokens[..head]
        .windows(3)
        .filter(|three| three[1].text == "." && three[0].identifier().eq_ignore_ascii_case(database))
        .map(|three| three[0].start..three[2].start)
        .collect();
    cut(sql, gaps)
}

/// The text of a table or view without the name of its database, and the tables and views that stand in a `FROM` or `JOIN`.
///
/// In a view that names databases everywhere, two names are a table behind `FROM` or `JOIN`, a function before `(`, and
/// elsewhere the column of an alias; three are a column.
pub(super) fn unqualified(sql: &str, database: &str) -> (String, BTreeSet<String>) {
    let tokens = significant(sql);
    let mut gaps = Vec::new();
    let mut sources = BTreeSet::new();
    let mut place = 0;
    while place < tokens.len() {
        let length = chain(&tokens[place..]);
        if length == 0 {
            place += 1;
            continue;
        }
        let next = |ahead: usize| tokens.get(place + ahead);
        let is_source = length == 3 && follows_from(&tokens[..place]);
        let is_call = length == 3 && next(3).is_some_and(|token| token.text == "(");
        // The head of a view or what a table or one of its columns refers to.
        let is_name = length == 3 && follows_name(&tokens[..place]);
        if tokens[place].identifier() == database && (length > 3 || is_source || is_call || is_name) {
            gaps.push(tokens[place].start..tokens[place + 2].start);
            if is_source {
                sources.insert(tokens[place + 2].identifier().into_owned());
            }
        }
        place += length;
    }
    (cut(sql, gaps), sources)
}

/// A table without its foreign keys to these tables. The server prints each on a line.
pub(super) fn without_references(sql: &str, tables: &BTreeSet<String>) -> String {
    let refers = |line: &str| {
        let tokens = significant(line);
        let at = tokens.iter().position(|token| token.is_word("references"));
        let is_key = tokens.first().is_some_and(|token| token.is_word("constraint"));
        let name = at.filter(|_| is_key).and_then(|at| tokens.get(at + 1));
        name.is_some_and(|name| tables.contains(name.identifier().as_ref()))
    };
    let mut lines: Vec<&str> = Vec::new();
    for line in sql.split('\n').filter(|line| !refers(line)) {
        if let Some(last) = lines.last_mut().filter(|_| line.starts_with(')')) {
            *last = last.strip_suffix(',').unwrap_or(last);
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// How many tokens from the first on are quoted names with dots between them; 0 if there are no two such names.
fn chain(tokens: &[Token<'_>]) -> usize {
    let is_part = |(place, token): &(usize, &Token<'_>)| match place % 2 {
        0 => token.kind == TokenKind::QuotedIdentifier,
        _ => token.text == ".",
    };
    let length = tokens.iter().enumerate().take_while(is_part).count();
    if length < 3 { 0 } else { length - (length + 1) % 2 }
}

fn follows_from(before: &[Token<'_>]) -> bool {
    let last = before.iter().rev().find(|token| token.text != "(");
    last.is_some_and(|last| ["from", "join", "straight_join"].iter().any(|word| last.is_word(word)))
}

fn follows_name(before: &[Token<'_>]) -> bool {
    match before.last() {
        Some(last) if last.text == "(" => before.iter().rev().nth(1).is_some_and(takes_sequence),
        Some(last) => ["view", "table", "references"].iter().any(|word| last.is_word(word)),
        None => false,
    }
}

/// `nextval(…)` and its kin, in the default of a column.
fn takes_sequence(token: &Token<'_>) -> bool {
    ["nextval", "lastval", "setval"].iter().any(|word| token.is_word(word))
}

/// Without blanks and comments.
fn significant(sql: &str) -> Vec<Token<'_>> {
    tokens(sql, Dialect::Mysql).map_while(Result::ok).filter(|token| !token.is_trivia()).collect()
}

fn start_of(tokens: &[Token<'_>], place: usize, sql: &str) -> usize {
    tokens.get(place).map_or(sql.len(), |token| token.start)
}

/// The text without these ranges, which are in order.
fn cut(sql: &str, gaps: impl IntoIterator<Item = Range<usize>>) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut end = 0;
    for gap in gaps {
        text.push_str(&sql[end..gap.start]);
        end = gap.end;
    }
    text.push_str(&sql[end..]);
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests;
