//! MySQL's events: what a server does by itself from time to time.

use migration_syntax::Statement;

use super::body::{self, Body};
use super::names;
use crate::catalogue::{Catalogue, Outs};
use crate::flow::Flow;
use crate::result::Findings;

/// `CREATE EVENT … DO body`, `ALTER EVENT … DO body`: what it will read and write; none if it is no event.
pub(super) fn define(
    statement: &Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Option<()> {
    let tokens = names::words(statement.text, catalogue.dialect());
    let is_head = |word: &str| ["trigger", "procedure", "function", "table", "view"].contains(&word);
    let head = tokens.iter().take_while(|token| !is_head(&token.text.to_ascii_lowercase()));
    let event = head.clone().position(|token| token.is_word("event"))?;
    let begins = tokens.iter().skip(event).find(|token| token.is_word("do"));
    let Some(begins) = begins else { return Some(()) };
    let body = Body {
        text: statement.text.get(begins.end..).unwrap_or_default(),
        offset: statement.start + begins.end,
        table: None,
        transitions: &[],
        when: &Flow::default(),
        arguments: &[],
        outs: &Outs::default(),
        answers: false,
        runs: false,
    };
    body::analyse(&body, catalogue, found);
    Some(())
}
