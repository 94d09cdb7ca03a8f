//! A body's statement as the database's own language has it: `PERFORM` is a `SELECT`, and `INTO` names variables.

use migration_syntax::{Dialect, Token, TokenKind};

use super::blocks::Words;
use crate::define::names;

/// A statement without what only a body can have, and the variables that it gives its result to.
#[derive(Debug)]
pub(super) struct Cleaned<'t> {
    pub(super) text: String,
    pub(super) into: Vec<Words<'t>>,
}

/// Cleans the words of a statement. Comments between them go as well.
pub(super) fn clean<'t>(words: Words<'t>, dialect: Dialect) -> Cleaned<'t> {
    let mut cleaned = Cleaned { text: String::new(), into: Vec::new() };
    let mut rest = words;
    if rest.first().is_some_and(|token| token.is_word("perform")) {
        cleaned.text.push_str("SELECT");
        rest = &rest[1..];
    }
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(token) = rest.get(at) {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let of_insert = at > 0 && is_verb(&rest[at - 1]);
        if token.is_word("into") && depth == 0 && !of_insert {
            let (into, end) = variables(rest, at + 1, dialect);
            cleaned.into = into;
            at = end;
            continue;
        }
        push(&mut cleaned.text, token, at.checked_sub(1).and_then(|before| rest.get(before)));
        at += 1;
    }
    cleaned
}

/// Words as a text again.
pub(crate) fn join(words: &[Token<'_>]) -> String {
    let mut text = String::new();
    for (at, token) in words.iter().enumerate() {
        push(&mut text, token, at.checked_sub(1).and_then(|before| words.get(before)));
    }
    text
}

/// The marks of MySQL's conditional comments go: what is in them is code.
fn push(text: &mut String, token: &Token<'_>, before: Option<&Token<'_>>) {
    if matches!(token.kind, TokenKind::ConditionalStart | TokenKind::ConditionalEnd) {
        return;
    }
    if before.is_none_or(|before| before.end != token.start) {
        text.push(' ');
    }
    text.push_str(token.text);
}

/// Words that `INTO` and the name of a table can follow.
fn is_verb(token: &Token<'_>) -> bool {
    const VERBS: &[&str] = &[
        "insert",
        "replace",
        "merge",
        "ignore",
        "low_priority",
        "delayed",
        "high_priority",
        "abort",
        "fail",
        "rollback",
    ];
    VERBS.iter().any(|verb| token.is_word(verb))
}

/// A list of variables, and where it ends.
pub(super) fn variables<'t>(words: Words<'t>, mut at: usize, dialect: Dialect) -> (Vec<Words<'t>>, usize) {
    if words.get(at).is_some_and(|token| token.is_word("strict")) {
        at += 1;
    }
    let mut found = Vec::new();
    loop {
        let end = match names::name_at(words, at, dialect) {
            Some((_, end)) => end,
            None => at + 1,
        };
        let end = end.min(words.len());
        found.push(words.get(at..end).unwrap_or_default());
        if words.get(end).is_none_or(|token| token.text != ",") {
            return (found, end);
        }
        at = end + 1;
    }
}

/// At the commas outside of brackets.
pub(crate) fn split_list<'t>(words: &'t [Token<'t>]) -> Vec<&'t [Token<'t>]> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for (at, token) in words.iter().enumerate() {
        match token.text {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                parts.push(&words[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if start < words.len() {
        parts.push(&words[start..]);
    }
    parts
}
