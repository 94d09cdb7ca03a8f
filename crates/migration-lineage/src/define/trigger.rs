//! `CREATE TRIGGER` and `DROP TRIGGER`, by their words.

use migration_syntax::{Dialect, Token};

use super::{body, names};
use crate::catalogue::{Catalogue, Effects, Trigger};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow, Source};
use crate::name::{Ident, ObjectName};
use crate::result::Findings;

pub(super) fn create(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let tokens = names::words(statement.text, dialect);
    let Some(header) = header(&tokens, dialect) else {
        return Err(Fault::Syntax("the head of the trigger".to_owned()));
    };
    let table = catalogue.canonical(&header.table);
    let mut trigger = Trigger {
        name: header.name.last(),
        table: table.clone(),
        columns: header.columns,
        function: None,
        body: Effects::default(),
    };
    let rest = tokens.get(header.end..).unwrap_or_default();
    let when = condition(rest, &table, dialect);
    let executes = rest.iter().position(|token| token.is_word("execute"));
    let effects = match executes.filter(|_| dialect == Dialect::Postgres) {
        Some(at) => {
            trigger.function = names::name_at(rest, at + 2, dialect).map(|(name, _)| name);
            let function = trigger.function.as_ref();
            let known = function.and_then(|name| catalogue.routine(name));
            let mut effects = known.map(|routine| bound(&routine.body, &table)).unwrap_or_default();
            let decides = body::decided_by(when.iter());
            effects.writes.values_mut().for_each(|flow| flow.add_all(&decides));
            note(&effects, found);
            effects
        }
        None => {
            let offset = rest.first().map_or(statement.text.len(), |token| token.start);
            let text = statement.text.get(offset..).unwrap_or_default();
            body::analyse(text, statement.start + offset, Some(&table), &when, catalogue, found)
        }
    };
    trigger.body = effects;
    trigger.body.reads.extend(body::mentioned(&tokens, Some(&table), dialect));
    // What flows out of the table flows because its rows change.
    if !found.outputs.is_empty() {
        found.inputs.insert(table);
    }
    catalogue.put_trigger(trigger);
    Ok(())
}

struct Header {
    name: ObjectName,
    table: ObjectName,
    columns: Vec<Ident>,
    end: usize,
}

fn header(tokens: &[Token<'_>], dialect: Dialect) -> Option<Header> {
    let at = tokens.iter().position(|token| token.is_word("trigger"))?;
    let (name, at) = names::name_at(tokens, names::skip_guards(tokens, at + 1), dialect)?;
    let on = (at..tokens.len()).find(|at| tokens[*at].is_word("on"))?;
    let (table, end) = names::name_at(tokens, on + 1, dialect)?;
    let of = (at..on).find(|at| tokens[*at].is_word("of"));
    let columns = of.map_or(&[][..], |of| &tokens[of + 1..on]);
    let not_words =
        |token: &&Token<'_>| !["or", "insert", "update", "delete"].iter().any(|word| token.is_word(word));
    let columns = columns.iter().filter(not_words).filter_map(|token| names::ident(token, dialect)).collect();
    Some(Header { name, table, columns, end })
}

/// The columns in the condition of the trigger itself, which stands before what it does.
fn condition(tokens: &[Token<'_>], table: &ObjectName, dialect: Dialect) -> Vec<ColumnRef> {
    let behaves = |token: &Token<'_>| token.is_word("begin") || token.is_word("execute");
    let head = tokens.iter().position(behaves).map_or(tokens, |end| &tokens[..end]);
    let when = head.iter().position(|token| token.is_word("when"));
    when.map(|at| body::mentioned(&head[at..], Some(table), dialect)).unwrap_or_default()
}

/// What a function does when a trigger of that table calls it.
fn bound(effects: &Effects, table: &ObjectName) -> Effects {
    let column = |column: &ColumnRef| match &column.table {
        Some(row) if is_row(row) => ColumnRef::new(table, &column.name),
        _ => column.clone(),
    };
    let flow = |flow: &Flow| -> Flow {
        flow.iter().map(|source| Source { column: column(&source.column), ..source.clone() }).collect()
    };
    Effects {
        inputs: effects.inputs.iter().filter(|name| !is_row(name)).cloned().collect(),
        outputs: effects.outputs.clone(),
        reads: effects.reads.iter().map(column).collect(),
        writes: effects.writes.iter().map(|(target, sources)| (column(target), flow(sources))).collect(),
    }
}

/// The stand-ins for a row that no trigger has been given yet.
fn is_row(name: &ObjectName) -> bool {
    matches!(name.parts(), [only] if only.is("new") || only.is("old"))
}

fn note(effects: &Effects, found: &mut Findings) {
    found.inputs.extend(effects.inputs.iter().cloned());
    effects.outputs.iter().for_each(|table| found.output(table));
    for (target, flow) in &effects.writes {
        found.column(target.clone(), flow.clone());
    }
}

pub(super) fn drop(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let tokens = names::words(statement.text, dialect);
    let Some((name, at)) = names::name_at(&tokens, names::skip_guards(&tokens, 2), dialect) else {
        return Err(Fault::Syntax("the name of the trigger".to_owned()));
    };
    let on = tokens.get(at).filter(|token| token.is_word("on"));
    let table = on.and_then(|_| names::name_at(&tokens, at + 1, dialect)).map(|(table, _)| table);
    catalogue.drop_trigger(&name.last(), table.as_ref());
    Ok(())
}
