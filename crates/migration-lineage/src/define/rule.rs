//! PostgreSQL's rules: what is done besides a change of a table, or instead of it.

use migration_syntax::{Statement, Token};

use super::body::{self, Body};
use super::names;
use crate::catalogue::{Catalogue, Outs};
use crate::fault::Fault;
use crate::result::Findings;

/// Whether it is `CREATE [OR REPLACE] RULE`.
pub(super) fn is_create(statement: &Statement<'_>) -> bool {
    let tokens = names::words(statement.text, migration_syntax::Dialect::Postgres);
    let replaces = tokens.get(1).is_some_and(|token| token.is_word("or"));
    tokens.get(if replaces { 3 } else { 1 }).is_some_and(|token| token.is_word("rule"))
}

/// `CREATE RULE name AS ON event TO table WHERE condition DO INSTEAD command`: what its commands read and write.
pub(super) fn create(
    statement: &Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let tokens = names::words(statement.text, dialect);
    let unknown = || Fault::Syntax("the head of the rule".to_owned());
    let next = |from: usize, word: &str| (from..tokens.len()).find(|at| tokens[*at].is_word(word));
    let to = next(0, "to").ok_or_else(unknown)?;
    let (table, end) = names::name_at(&tokens, to + 1, dialect).ok_or_else(unknown)?;
    let table = catalogue.canonical(&table);
    let does = next(end, "do").ok_or_else(unknown)?;
    let condition = match tokens.get(end) {
        Some(token) if token.is_word("where") => tokens.get(end + 1..does).unwrap_or_default(),
        _ => &[],
    };
    let when = body::condition(condition, statement.start, &table, catalogue, found);
    let how = ["also", "instead"].iter().any(|word| next(does, word) == Some(does + 1));
    let commands = without_brackets(tokens.get(does + 1 + usize::from(how)..).unwrap_or_default());
    let (Some(first), Some(last)) = (commands.first(), commands.last()) else { return Ok(()) };
    if first.is_word("nothing") {
        return Ok(());
    }
    let body = Body {
        text: statement.text.get(first.start..last.end).unwrap_or_default(),
        offset: statement.start + first.start,
        table: Some(&table),
        transitions: &[],
        when: &when,
        arguments: &[],
        outs: &Outs::default(),
        answers: false,
        runs: false,
    };
    body::analyse(&body, catalogue, found);
    if !found.outputs.is_empty() {
        found.inputs.insert(table);
    }
    Ok(())
}

/// The commands of a list in brackets.
fn without_brackets<'t>(tokens: &'t [Token<'t>]) -> &'t [Token<'t>] {
    let all = match tokens {
        [all @ .., end] if end.text == ";" => all,
        all => all,
    };
    match all {
        [open, inner @ .., close] if open.text == "(" && close.text == ")" => inner,
        all => all,
    }
}
