//! `CREATE FUNCTION`, `CREATE PROCEDURE` and `DO`, by their words; what calling one does to the schema.

mod again;
mod head;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use migration_syntax::{Dialect, Token, TokenKind};

use super::body::{self, Body, Texts};
use super::names;
use crate::catalogue::{
    Argument, Catalogue, Effects, Needs, Outs, Routine, RoutineKind, RoutineSource, Trigger,
};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow};
use crate::name::{Ident, ObjectName};
use crate::result::{Findings, Unanalysed};
pub(crate) use again::with_tables;
pub(super) use head::types;
use head::{Head, parameters, returned};

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
    let kind_at = tokens.iter().position(is_kind);
    let head = kind_at.and_then(|at| names::name_at(&tokens, names::skip_guards(&tokens, at + 1), dialect));
    let (Some(kind_at), Some((name, at))) = (kind_at, head) else {
        return Err(Fault::Syntax("the head of the function".to_owned()));
    };
    let procedure = tokens[kind_at].is_word("procedure");
    let (head, end) = parameters(&tokens, at, dialect, procedure);
    let rest = tokens.get(end..).unwrap_or_default();
    let Head { arguments, mut outs, defaults } = head;
    let returned = returned(rest, dialect);
    outs.by_row = returned.by_row;
    outs.fresh.extend(returned.columns.iter().cloned());
    outs.names.extend(returned.columns);
    let columns = outs.names.clone();

    let source = source(statement, rest, dialect).map(|(source, offset)| {
        let outs = if source.answers { Outs::default() } else { outs };
        (RoutineSource { defaults, outs, path: names::own_path(rest, dialect), ..source }, offset)
    });
    let parameters = parameters_of(&arguments, dialect);
    let has = |first: &str, second: &str| {
        tokens.windows(2).any(|window| window[0].is_word(first) && window[1].is_word(second))
    };
    let for_triggers = has("returns", "trigger");
    // `BEGIN ATOMIC … END` or `RETURN value`, where others have a string behind `AS`.
    let is_parsed = !rest.iter().any(|token| token.kind == TokenKind::String && is_body(rest, token, false));
    let mut body = Effects::default();
    let mut understood = false;
    if let Some((source, offset)) = &source {
        let offset = statement.start + offset;
        let before = found.unanalysed.len();
        body = run(source, offset, &parameters, false, catalogue, found);
        body.needs.join(needs_of(source, &arguments, catalogue));
        understood = found.unanalysed.len() == before;
    }
    if for_triggers {
        // What nobody has made may be the rows that a statement has changed: the trigger says which they are.
        let unknown = |name: &ObjectName| {
            !found.outputs.contains(name) && matches!(name.parts(), [_]) && catalogue.relation(name).is_none()
        };
        let unknown: Vec<ObjectName> = found.inputs.iter().filter(|name| unknown(name)).cloned().collect();
        found.forget(|name| unknown.contains(name));
    }
    let by_star = source.as_ref().map(|(source, _)| by_star(&source.body, &body)).unwrap_or_default();
    let waits = again::waits(&body, catalogue);
    let runs_again = body.changes_schema || for_triggers || waits;
    let source = source.filter(|_| runs_again).map(|(source, _)| Arc::new(source));
    catalogue.put_routine(Routine {
        name: catalogue.new_name(&name),
        kind: if procedure { RoutineKind::Procedure } else { RoutineKind::Function },
        arguments,
        columns,
        body,
        textual: dialect != Dialect::Postgres || !is_parsed,
        for_triggers,
        returns: returned.row_type,
        by_star,
        understood,
        waits,
        source,
    });
    super::trigger::rebind(catalogue, &name, found);
    Ok(())
}

/// A block that runs at once: what it reads and writes, it reads and writes now, and what it changes is changed.
pub(super) fn block(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let tokens = names::words(statement.text, dialect);
    if dialect != Dialect::Postgres {
        return Ok(());
    }
    if let Some((source, offset)) = source(statement, tokens.get(1..).unwrap_or_default(), dialect) {
        run(&source, statement.start + offset, &[], true, catalogue, found);
    }
    Ok(())
}

/// A statement of MySQL's session about texts: `SET @name`, `PREPARE`, `EXECUTE`.
pub(super) fn session(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) {
    let source = RoutineSource {
        body: statement.text.to_owned(),
        outs: Outs::default(),
        answers: false,
        defaults: Vec::new(),
        path: None,
    };
    run(&source, statement.start, &[], true, catalogue, found);
}

/// What a call does to the schema, with these texts for its parameters.
pub(super) fn call(
    routine: &Routine,
    texts: &[Option<Texts>],
    catalogue: &mut Catalogue,
    at: &Range<usize>,
) -> Option<Findings> {
    let source = routine.source.clone()?;
    let named = |(at, argument): (usize, &Argument)| {
        let name = argument.name.clone();
        let name = name.unwrap_or_else(|| Ident::new(&format!("${}", at + 1), true, catalogue.dialect()));
        let left_out = || {
            let default = source.defaults.get(at)?.as_deref()?;
            body::texts_of(default, catalogue)
        };
        (name, texts.get(at).cloned().flatten().unwrap_or_else(left_out))
    };
    let parameters: Vec<(Ident, Texts)> = routine.arguments.iter().enumerate().map(named).collect();
    let mut found = Findings::default();
    run(&source, at.start, &parameters, true, catalogue, &mut found);
    // Its body is in another text: the call is what is not understood.
    let reasons: BTreeSet<String> =
        std::mem::take(&mut found.unanalysed).into_iter().map(|part| part.reason).collect();
    let part = |reason| Unanalysed { start: at.start, end: at.end, reason };
    found.unanalysed = reasons.into_iter().map(part).collect();
    Some(found)
}

fn run(
    source: &RoutineSource,
    offset: usize,
    parameters: &[(Ident, Texts)],
    runs: bool,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Effects {
    let body = Body {
        text: &source.body,
        offset,
        table: None,
        transitions: &[],
        when: &Flow::default(),
        arguments: parameters,
        outs: &source.outs,
        answers: source.answers,
        runs,
    };
    let mut inside = Findings::default();
    let effects = on_path(source, catalogue, |catalogue| body::analyse(&body, catalogue, &mut inside));
    inside.forget(body::is_stand_in);
    found.join(inside);
    effects
}

/// What the function of a trigger does for it, with its table and what there is now.
pub(super) fn for_trigger(source: &RoutineSource, trigger: &Trigger, catalogue: &mut Catalogue) -> Effects {
    let body = Body {
        text: &source.body,
        offset: 0,
        table: Some(&trigger.table),
        transitions: &trigger.transitions,
        when: &trigger.when,
        arguments: &[],
        outs: &Outs::default(),
        answers: false,
        runs: false,
    };
    on_path(source, catalogue, |catalogue| body::analyse(&body, catalogue, &mut Findings::default()))
}

/// What names mean inside of a body, where it sets its own `search_path`.
fn on_path<T>(source: &RoutineSource, catalogue: &mut Catalogue, run: impl FnOnce(&mut Catalogue) -> T) -> T {
    let Some(path) = source.path.clone() else { return run(catalogue) };
    let outer = std::mem::replace(&mut catalogue.path, path);
    let result = run(catalogue);
    catalogue.path = outer;
    result
}

/// Parameters of which nothing is known but their names.
fn parameters_of(arguments: &[Argument], dialect: Dialect) -> Vec<(Ident, Texts)> {
    let named = |(at, argument): (usize, &Argument)| {
        let unnamed = || Ident::new(&format!("${}", at + 1), true, dialect);
        (argument.name.clone().unwrap_or_else(unnamed), None)
    };
    arguments.iter().enumerate().map(named).collect()
}

/// The body of a function and the byte that it begins at; none if it is in a language that is not SQL at all.
fn source(
    statement: &migration_syntax::Statement<'_>,
    tokens: &[Token<'_>],
    dialect: Dialect,
) -> Option<(RoutineSource, usize)> {
    let language = language(tokens);
    if dialect == Dialect::Postgres
        && language.as_ref().is_some_and(|name| !matches!(name.as_str(), "sql" | "plpgsql"))
    {
        return None;
    }
    let is_block = statement.kind == migration_syntax::StatementKind::Do;
    let answers = dialect == Dialect::Postgres && !is_block && language.is_none_or(|name| name == "sql");
    let text = statement.text;
    let quoted =
        tokens.iter().rev().find(|token| token.kind == TokenKind::String && is_body(tokens, token, is_block));
    let (body, offset) = match quoted.filter(|_| dialect == Dialect::Postgres) {
        Some(token) if token.text.starts_with('$') => {
            let tag = token.text[1..].find('$').map_or(0, |at| at + 2);
            let inner = token.text.get(tag..token.text.len().saturating_sub(tag)).unwrap_or_default();
            (inner.to_owned(), token.start + tag)
        }
        Some(token) => (token.identifier().into_owned(), token.start + 1),
        None => {
            let start = tokens.iter().find(|token| {
                token.is_word("begin")
                    || token.is_word("return")
                    || dialect == Dialect::Mysql && begins(token)
            });
            let start = start.or(tokens.first()).map_or(text.len(), |token| token.start);
            (text.get(start..).unwrap_or_default().to_owned(), start)
        }
    };
    Some((RoutineSource { body, outs: Outs::default(), answers, defaults: Vec::new(), path: None }, offset))
}

/// MySQL: a body of a single statement.
fn begins(token: &Token<'_>) -> bool {
    ["select", "insert", "update", "delete", "set", "call", "with", "if"]
        .iter()
        .any(|word| token.is_word(word))
}

/// `AS $$…$$`, `DO $$…$$`, `DO LANGUAGE plpgsql $$…$$`.
fn is_body(tokens: &[Token<'_>], token: &Token<'_>, is_block: bool) -> bool {
    let before = tokens.iter().rev().find(|other| other.end <= token.start);
    is_block && before.is_none_or(|before| !before.is_word("language"))
        || before.is_some_and(|before| before.is_word("as"))
}

fn language(tokens: &[Token<'_>]) -> Option<String> {
    let named = tokens.windows(2).find(|window| window[0].is_word("language"))?;
    Some(named[1].identifier().to_ascii_lowercase())
}

/// The fields that a body names of parameters with the rows of tables.
fn needs_of(source: &RoutineSource, arguments: &[Argument], catalogue: &Catalogue) -> Needs {
    let dialect = catalogue.dialect();
    let numbers = (1..).map(|number: usize| Ident::new(&format!("${number}"), true, dialect));
    let mut rows: Vec<(Ident, ObjectName)> = Vec::new();
    for (argument, number) in arguments.iter().zip(numbers) {
        if let Some(table) = body::row_of_type(&argument.data_type, catalogue) {
            rows.extend(argument.name.clone().map(|name| (name, table.clone())));
            rows.push((number, table));
        }
    }
    if dialect != Dialect::Postgres || rows.is_empty() {
        return Needs::default();
    }
    let table = |name: &str| {
        let name = Ident::new(name, false, dialect);
        rows.iter().find(|(known, _)| *known == name).map(|(_, table)| table.clone())
    };
    body::fields_of(&names::words(&source.body, dialect), &table, dialect)
}

/// The columns that a body reads without naming them, as `*` does, or writes so, as an `INSERT` without a list does. What
/// `NATURAL` joins by goes without being named, too, and is meant by its name.
fn by_star(text: &str, body: &Effects) -> BTreeSet<ColumnRef> {
    let in_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let words: BTreeSet<String> = text
        .split(|letter| !in_name(letter))
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty())
        .collect();
    let is_natural = words.contains("natural");
    let is_named = |column: &ColumnRef| {
        if is_natural {
            return true;
        }
        let name = column.name.as_str().to_lowercase();
        name.split(|letter| !in_name(letter)).filter(|word| !word.is_empty()).all(|word| words.contains(word))
    };
    body.reads.iter().chain(body.writes.keys()).filter(|column| !is_named(column)).cloned().collect()
}

/// `ALTER FUNCTION … RENAME TO`, `… SET SCHEMA`.
pub(super) fn alter(tokens: &[Token<'_>], catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    let Some((name, at)) = names::name_at(tokens, 2, dialect) else { return };
    let (types, at) = types(tokens, at, dialect);
    let [verb, next, rest @ ..] = tokens.get(at..).unwrap_or_default() else { return };
    let Some((to, _)) = names::name_at(rest, 0, dialect) else { return };
    let renamed =
        match (verb.is_word("rename") && next.is_word("to"), verb.is_word("set") && next.is_word("schema")) {
            (true, _) => name.with_last(to.last()),
            (_, true) => ObjectName::from_parts(&[to.last(), name.last()]),
            _ => return,
        };
    if let Some(mut routine) = catalogue.remove_routine(&name, None, types.as_deref()) {
        let old = std::mem::replace(&mut routine.name, renamed.clone());
        catalogue.put_routine(routine);
        catalogue.follow_routine(&old, &renamed);
    }
}

/// `DROP FUNCTION a(int), b`.
pub(super) fn drop(tokens: &[Token<'_>], catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    let kind = match tokens.get(1) {
        Some(token) if token.is_word("procedure") => Some(RoutineKind::Procedure),
        Some(token) if token.is_word("function") => Some(RoutineKind::Function),
        _ => None,
    };
    let cascade = tokens.last().is_some_and(|last| last.is_word("cascade"));
    let mut at = names::skip_guards(tokens, 2);
    while let Some((name, end)) = names::name_at(tokens, at, dialect) {
        let (types, end) = types(tokens, end, dialect);
        let gone = catalogue.remove_routine(&name, kind, types.as_deref());
        if let Some(gone) = gone.filter(|gone| cascade && gone.for_triggers) {
            catalogue.remove_triggers_of(&gone.name);
        }
        if tokens.get(end).is_none_or(|token| token.text != ",") {
            return;
        }
        at = end + 1;
    }
}
