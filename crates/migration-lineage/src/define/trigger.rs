//! `CREATE TRIGGER` and `DROP TRIGGER`, by their words.

use migration_syntax::{Dialect, Token};

use super::body::{self, Body};
use super::names;
use crate::catalogue::{Catalogue, Effects, Outs, Trigger};
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
    let rest = tokens.get(header.end..).unwrap_or_default();
    let asked = condition(rest);
    let when = body::condition(asked, statement.start, &table, catalogue, found);
    let asks_for = body::mentioned(asked, &table, dialect).into_iter().map(|column| column.name).collect();
    let mut trigger = Trigger {
        name: header.name.last(),
        table: table.clone(),
        columns: header.columns,
        function: None,
        body: Effects::default(),
        when,
        asks_for,
        transitions: transitions(rest, dialect),
    };
    let executes = rest.iter().position(|token| token.is_word("execute"));
    match executes.filter(|_| dialect == Dialect::Postgres) {
        Some(at) => {
            trigger.function = names::name_at(rest, at + 2, dialect).map(|(name, _)| name);
            trigger.body = called(&trigger, catalogue, true);
            note(&trigger.body, &table, found);
        }
        None => {
            let at =
                rest.iter().position(|token| token.is_word("begin")).filter(|_| dialect == Dialect::Sqlite);
            let offset = rest.get(at.unwrap_or_default()).map_or(statement.text.len(), |token| token.start);
            let body = Body {
                text: statement.text.get(offset..).unwrap_or_default(),
                offset: statement.start + offset,
                table: Some(&table),
                transitions: &[],
                when: &trigger.when,
                arguments: &[],
                outs: &Outs::default(),
                answers: false,
                runs: false,
            };
            trigger.body = body::analyse(&body, catalogue, found);
        }
    }
    if dialect != Dialect::Postgres {
        // PostgreSQL keeps what its condition reads, and the text of a function has no part in that.
        trigger.body.reads.extend(body::mentioned(&tokens, &table, dialect));
    }
    // What flows out of the table flows because its rows change.
    if !found.outputs.is_empty() {
        found.inputs.insert(table);
    }
    catalogue.put_trigger(trigger);
    Ok(())
}

/// The triggers of a table that has another name now do what their functions do with its rows.
pub(super) fn rebind_on(catalogue: &mut Catalogue, table: &ObjectName) {
    let on: Vec<(usize, Trigger)> = catalogue
        .triggers()
        .iter()
        .enumerate()
        .filter(|(_, trigger)| trigger.table == *table && trigger.function.is_some())
        .map(|(at, trigger)| (at, trigger.clone()))
        .take(MOST_REBOUND)
        .collect();
    for (at, trigger) in on {
        let known = trigger.function.as_ref().map(|name| catalogue.routines_named(name)).unwrap_or_default();
        if known.is_empty() {
            continue;
        }
        let body = called(&trigger, catalogue, true);
        put_body(catalogue, at, body);
    }
}

/// How many triggers of one function are gone through each with its own table when the function is replaced.
const MOST_REBOUND: usize = 256;

/// The triggers that call a function do what it does now.
pub(super) fn rebind(catalogue: &mut Catalogue, function: &ObjectName, found: &mut Findings) {
    let calls = |trigger: &Trigger| {
        let named = trigger.function.as_ref().map(|name| catalogue.routines_named(name));
        let meant = catalogue.routines_named(function);
        !meant.is_empty() && named.is_some_and(|named| std::ptr::eq(named, meant))
    };
    let calling: Vec<(usize, Trigger)> = catalogue
        .triggers()
        .iter()
        .enumerate()
        .filter(|(_, trigger)| calls(trigger))
        .map(|(at, trigger)| (at, trigger.clone()))
        .collect();
    for (nth, (at, trigger)) in calling.into_iter().enumerate() {
        let body = called(&trigger, catalogue, nth < MOST_REBOUND);
        note(&body, &trigger.table, found);
        put_body(catalogue, at, body);
    }
}

/// Tables have other columns than before: what triggers do with their rows as a whole, they do with new ones as well.
pub(super) fn follow_columns(catalogue: &mut Catalogue, found: &mut Findings) {
    let takes_rows = |trigger: &&Trigger| {
        let named = trigger.function.as_ref().map(|name| catalogue.routines_named(name)).unwrap_or_default();
        let mut flows =
            named.iter().filter(|known| known.for_triggers).flat_map(|known| known.body.writes.values());
        flows.any(|flow| flow.iter().any(|source| source.column.name.is_star()))
    };
    let taking: Vec<(usize, Trigger)> = catalogue
        .triggers()
        .iter()
        .enumerate()
        .filter(|(_, trigger)| found.outputs.contains(&trigger.table) && takes_rows(trigger))
        .map(|(at, trigger)| (at, trigger.clone()))
        .take(MOST_REBOUND)
        .collect();
    for (at, trigger) in taking {
        let body = called(&trigger, catalogue, true);
        for (target, flow) in &body.writes {
            let before = trigger.body.writes.get(target);
            let is_new = |source: &&Source| {
                source.column.table.as_ref() == Some(&trigger.table)
                    && !before.is_some_and(|before| before.iter().any(|known| known == *source))
            };
            let more: Flow = flow.iter().filter(is_new).cloned().collect();
            if let Some(table) = target.table.as_ref().filter(|_| !more.is_empty()) {
                found.output(table);
                found.inputs.insert(trigger.table.clone());
                found.column(target.clone(), more);
            }
        }
        put_body(catalogue, at, body);
    }
}

fn put_body(catalogue: &mut Catalogue, at: usize, body: Effects) {
    if let Some(trigger) = catalogue.triggers_mut().get_mut(at) {
        trigger.body = body;
    }
}

/// What the function of a trigger does for it: its body gone through with the table, or what is known of it with the
/// columns of the table in place of those of `NEW` and `OLD`.
///
/// What it reads are the columns that it names: a row as a whole goes on when the table changes.
fn called(trigger: &Trigger, catalogue: &mut Catalogue, with_table: bool) -> Effects {
    let named = trigger.function.as_ref().map(|name| catalogue.routines_named(name)).unwrap_or_default();
    let Some(routine) = named.iter().find(|routine| routine.arguments.is_empty()) else {
        return Effects::default();
    };
    let bound = bound(&routine.body, trigger);
    match routine.source.clone().filter(|_| with_table && routine.for_triggers) {
        Some(source) => {
            Effects { reads: bound.reads, ..super::routine::for_trigger(&source, trigger, catalogue) }
        }
        None => {
            let mut effects = bound;
            effects.writes.values_mut().for_each(|flow| flow.add_all(&trigger.when));
            effects
        }
    }
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

/// The condition of the trigger itself, which stands before what it does.
fn condition<'t>(tokens: &'t [Token<'t>]) -> &'t [Token<'t>] {
    let behaves = |token: &Token<'_>| token.is_word("begin") || token.is_word("execute");
    let head = tokens.iter().position(behaves).map_or(&[][..], |end| &tokens[..end]);
    let when = head.iter().position(|token| token.is_word("when"));
    when.map(|at| &head[at + 1..]).unwrap_or_default()
}

/// `REFERENCING NEW TABLE AS name OLD TABLE AS name`.
fn transitions(tokens: &[Token<'_>], dialect: Dialect) -> Vec<Ident> {
    let Some(at) = tokens.iter().position(|token| token.is_word("referencing")) else { return Vec::new() };
    let mut found = Vec::new();
    let mut rest = tokens.get(at + 1..).unwrap_or_default();
    while let [row, table, after @ ..] = rest {
        if !(row.is_word("new") || row.is_word("old")) || !table.is_word("table") {
            break;
        }
        let skip = usize::from(after.first().is_some_and(|token| token.is_word("as")));
        found.extend(after.get(skip).and_then(|token| names::ident(token, dialect)));
        rest = after.get(skip + 1..).unwrap_or_default();
    }
    found
}

/// What a function does when that trigger calls it.
fn bound(effects: &Effects, trigger: &Trigger) -> Effects {
    let is_row = |name: &ObjectName| {
        let is_transition = |only: &Ident| trigger.transitions.contains(only);
        body::is_stand_in(name) || matches!(name.parts(), [only] if is_transition(only))
    };
    let column = |column: &ColumnRef| match &column.table {
        Some(row) if is_row(row) => Some(Flow::copy_of(ColumnRef::new(&trigger.table, &column.name))),
        _ => None,
    };
    let mut bound = effects.bound(&column);
    let own = bound.outputs.iter().any(is_row);
    bound.inputs.retain(|name| !is_row(name));
    bound.outputs.retain(|name| !is_row(name));
    if own {
        bound.outputs.insert(trigger.table.clone());
    }
    bound
}

/// What a trigger does, as a finding. What flows out of its table flows because its rows change.
fn note(effects: &Effects, table: &ObjectName, found: &mut Findings) {
    if !effects.outputs.is_empty() {
        found.inputs.insert(table.clone());
    }
    found.inputs.extend(effects.inputs.iter().cloned());
    effects.outputs.iter().for_each(|table| found.output(table));
    for (target, flow) in &effects.writes {
        found.column(target.clone(), flow.clone());
    }
    for (table, flow) in &effects.rows {
        found.rows(Some(table), flow);
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
