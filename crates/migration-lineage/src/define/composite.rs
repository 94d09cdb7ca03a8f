//! PostgreSQL's composite types: `CREATE TYPE name AS (…)`, and what changes them.

use migration_syntax::{Dialect, Token};

use super::{body, names};
use crate::catalogue::Catalogue;
use crate::name::Ident;

/// `CREATE TYPE name AS (field type, …)`; other types have no fields.
pub(super) fn create(text: &str, catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    if dialect != Dialect::Postgres {
        return;
    }
    let tokens = names::words(text, dialect);
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is_word(word));
    let Some((name, at)) = names::name_at(&tokens, 2, dialect).filter(|_| is(1, "type")) else { return };
    if !is(at, "as") || tokens.get(at + 1).is_none_or(|token| token.text != "(") {
        return;
    }
    let end = tokens.iter().rposition(|token| token.text == ")").unwrap_or(tokens.len());
    let fields = tokens.get(at + 2..end).unwrap_or_default();
    let field = |words: &&[Token<'_>]| names::ident(words.first()?, dialect);
    catalogue.put_composite(&name, body::split_list(fields).iter().filter_map(field).collect());
}

/// `DROP TYPE a, b`.
pub(super) fn drop(tokens: &[Token<'_>], catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    let mut at = names::skip_guards(tokens, 2);
    while let Some((name, end)) = names::name_at(tokens, at, dialect) {
        catalogue.change_composite(&name, |_| None);
        if tokens.get(end).is_none_or(|token| token.text != ",") {
            return;
        }
        at = end + 1;
    }
}

/// `ALTER TYPE name ADD | DROP | RENAME ATTRIBUTE …`, `RENAME TO`, `SET SCHEMA`.
pub(super) fn alter(tokens: &[Token<'_>], catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    let Some((name, at)) = names::name_at(tokens, 2, dialect) else { return };
    for action in body::split_list(tokens.get(at..).unwrap_or_default()) {
        let is = |at: usize, word: &str| action.get(at).is_some_and(|token| token.is_word(word));
        let ident = |at: usize| action.get(at).and_then(|token| names::ident(token, dialect));
        let of_attribute = is(1, "attribute");
        let at = names::skip_guards(action, 2);
        let (first, third): (Option<Ident>, Option<Ident>) = (ident(at), ident(at + 2));
        let moved = ident(2).filter(|_| !of_attribute);
        let to_schema = is(0, "set") && is(1, "schema");
        let renamed = is(0, "rename") && is(1, "to");
        catalogue.change_composite(&name, |mut fields| {
            if let Some(to) = moved.filter(|_| to_schema || renamed) {
                let new = if renamed {
                    name.with_last(to)
                } else {
                    crate::name::ObjectName::from_parts(&[to, name.last()])
                };
                return Some((new, fields));
            }
            if let Some(first) = first.filter(|_| of_attribute) {
                if is(0, "add") {
                    fields.push(first);
                } else if is(0, "drop") {
                    fields.retain(|field| *field != first);
                } else if is(0, "rename") {
                    let to = third?;
                    fields.iter_mut().filter(|field| **field == first).for_each(|field| *field = to.clone());
                }
            }
            Some((name.clone(), fields))
        });
    }
}
