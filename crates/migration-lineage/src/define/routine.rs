//! `CREATE FUNCTION`, `CREATE PROCEDURE` and `DO`, by their words.

use migration_syntax::{Dialect, Token, TokenKind};

use super::{body, names};
use crate::catalogue::{Catalogue, Effects, Routine};
use crate::fault::Fault;
use crate::name::ObjectName;
use crate::result::Findings;

pub(super) fn create(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let tokens = names::words(statement.text, dialect);
    let is_kind = |token: &Token<'_>| {
        token.is_word("function") || token.is_word("procedure") || token.is_word("aggregate")
    };
    let head = tokens
        .iter()
        .position(is_kind)
        .and_then(|at| names::name_at(&tokens, names::skip_guards(&tokens, at + 1), dialect));
    let Some((name, at)) = head else {
        return Err(Fault::Syntax("the head of the function".to_owned()));
    };
    let body = analyse(statement, &tokens[at..], catalogue, found);
    let has = |first: &str, second: &str| {
        tokens.windows(2).any(|window| window[0].is_word(first) && window[1].is_word(second))
    };
    let textual = dialect != Dialect::Postgres || !has("begin", "atomic");
    catalogue.put_routine(Routine { name, body, textual, for_triggers: has("returns", "trigger") });
    Ok(())
}

/// A block that runs at once: what it reads and writes, it reads and writes now.
pub(super) fn block(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let tokens = names::words(statement.text, catalogue.dialect());
    analyse(statement, &tokens, catalogue, found);
    Ok(())
}

fn analyse(
    statement: &migration_syntax::Statement<'_>,
    tokens: &[Token<'_>],
    catalogue: &Catalogue,
    found: &mut Findings,
) -> Effects {
    let dialect = catalogue.dialect();
    if dialect == Dialect::Postgres && is_foreign(tokens) {
        return Effects::default();
    }
    let text = statement.text;
    let quoted =
        tokens.iter().rev().find(|token| token.kind == TokenKind::String && behind_as(tokens, token));
    let (body, offset) = match quoted.filter(|_| dialect == Dialect::Postgres) {
        Some(token) if token.text.starts_with('$') => {
            let tag = token.text[1..].find('$').map_or(0, |at| at + 2);
            let inner = token.text.get(tag..token.text.len().saturating_sub(tag)).unwrap_or_default();
            (inner.to_owned(), token.start + tag)
        }
        Some(token) => (token.identifier().into_owned(), token.start + 1),
        None => {
            let start = tokens.iter().find(|token| token.is_word("begin") || token.is_word("return"));
            let start = start.or(tokens.first()).map_or(text.len(), |token| token.start);
            (text.get(start..).unwrap_or_default().to_owned(), start)
        }
    };
    let mut inside = Findings::default();
    let effects = body::analyse(&body, statement.start + offset, None, &[], catalogue, &mut inside);
    let is_row = |name: &ObjectName| matches!(name.parts(), [only] if only.is("new") || only.is("old"));
    inside.inputs.retain(|name| !is_row(name));
    inside.outputs.retain(|name| !is_row(name));
    found.join(inside);
    effects
}

/// `AS $$…$$`, `DO $$…$$`, `DO LANGUAGE plpgsql $$…$$`.
fn behind_as(tokens: &[Token<'_>], token: &Token<'_>) -> bool {
    let before = tokens.iter().rev().find(|other| other.end <= token.start);
    before.is_none_or(|before| before.is_word("as") || before.is_word("do") || before.is_word("plpgsql"))
        || tokens.first().is_some_and(|first| first.is_word("do"))
}

/// Bodies in languages that are not SQL at all.
fn is_foreign(tokens: &[Token<'_>]) -> bool {
    let language = tokens.windows(2).find(|window| window[0].is_word("language"));
    language.is_some_and(|window| {
        let name = window[1].identifier().to_ascii_lowercase();
        !matches!(name.as_str(), "sql" | "plpgsql")
    })
}
