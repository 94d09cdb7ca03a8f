//! The statements inside a body: of a trigger, a function, a procedure. Languages of bodies are not parsed as such; the
//! statements in them that read and write rows are found by the words that they can follow, and analysed one by one.

use std::collections::BTreeSet;

use migration_syntax::{Dialect, Token, TokenKind};
use sqlparser::ast::Statement;

use super::names::words;
use crate::catalogue::{Catalogue, Effects};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow, Source, Subtype};
use crate::name::{Ident, ObjectName};
use crate::parse;
use crate::result::{Findings, Unanalysed};
use crate::walk::{Relation, Scope, Walker};

/// How many bodies deep a body can be.
const DEEPEST: usize = 3;

/// Analyses a body that begins at `offset` of the text. The rows that a trigger sees are those of `table`, or of tables
/// `new` and `old` as long as nobody has said which. What the body writes is written if `when` has it so.
pub(super) fn analyse(
    body: &str,
    offset: usize,
    table: Option<&ObjectName>,
    when: &[ColumnRef],
    catalogue: &Catalogue,
    found: &mut Findings,
) -> Effects {
    let mut effects = Effects::default();
    for piece in pieces(body, table, catalogue.dialect()) {
        let read = read(&piece.text, table, catalogue);
        match read {
            Ok((mut inside, touched)) => {
                let decides: Flow = decided_by(when.iter().chain(&piece.conditions));
                if !decides.is_empty() {
                    let targets: Vec<ColumnRef> = inside.flows().map(|(target, _)| target.clone()).collect();
                    targets.into_iter().for_each(|target| inside.column(target, decides.clone()));
                }
                effects.inputs.extend(inside.inputs.iter().cloned());
                effects.outputs.extend(inside.outputs.iter().cloned());
                for (target, flow) in inside.flows() {
                    effects.reads.extend(flow.iter().map(|source| source.column.clone()));
                    effects.writes.entry(target.clone()).or_default().add_all(flow);
                }
                for (_, flow) in inside.row_flows() {
                    effects.reads.extend(flow.iter().map(|source| source.column.clone()));
                }
                effects.reads.extend(touched);
                found.join(inside);
            }
            Err(fault) => found.unanalysed.push(Unanalysed {
                start: offset + piece.start,
                end: offset + piece.end,
                reason: fault.to_string(),
            }),
        }
    }
    effects.reads.retain(|column| column.table.is_some());
    effects
}

/// What conditions contribute to whatever they decide on.
pub(super) fn decided_by<'a>(columns: impl Iterator<Item = &'a ColumnRef>) -> Flow {
    columns.map(|column| Source::copy_of(column.clone()).through(Subtype::Conditional, false)).collect()
}

/// `NEW.column` and `OLD.column`, wherever they stand; of the tables `new` and `old` if nobody has said whose rows they are.
pub(super) fn mentioned(
    tokens: &[Token<'_>],
    table: Option<&ObjectName>,
    dialect: Dialect,
) -> Vec<ColumnRef> {
    let column = |window: &[Token<'_>]| match window {
        [row, dot, column] if dot.text == "." && (row.is_word("new") || row.is_word("old")) => {
            let column = super::names::ident(column, dialect)?;
            let own = || super::names::ident(row, dialect).map(|row| ObjectName::from_parts(&[row]));
            Some(ColumnRef::new(&table.cloned().or_else(own)?, &column))
        }
        _ => None,
    };
    tokens.windows(3).filter_map(column).collect()
}

type Read = (Findings, BTreeSet<ColumnRef>);

fn read(text: &str, table: Option<&ObjectName>, catalogue: &Catalogue) -> Result<Read, Fault> {
    parse::with_parsed(text, catalogue.dialect(), |trees| {
        let mut walker = Walker::new(catalogue);
        walker.in_routine = true;
        let relations = ["new", "old"].map(|word| row(word, table, &walker)).to_vec();
        let scope = Scope::of(relations, None);
        for tree in trees {
            let is_rows = matches!(
                tree,
                Statement::Query(_)
                    | Statement::Insert(_)
                    | Statement::Update(_)
                    | Statement::Delete(_)
                    | Statement::Merge(_)
                    | Statement::Truncate(_)
            );
            if is_rows {
                super::rows(tree, &mut walker, Some(&scope))?;
            }
        }
        let touched = walker.take_touched();
        Ok((walker.finish(), touched))
    })
}

/// `NEW` and `OLD`: only by their names, since a variable must not be taken for a column of theirs.
fn row(word: &str, table: Option<&ObjectName>, walker: &Walker<'_>) -> Relation {
    let alias = Ident::new(word, true, walker.dialect);
    match table {
        Some(table) => walker.base(table, Some(alias)),
        None => walker.base(&ObjectName::from_parts(std::slice::from_ref(&alias)), Some(alias)),
    }
    .only_qualified()
}

/// A statement in a body.
#[derive(Debug)]
struct Piece {
    text: String,
    start: usize,
    end: usize,
    /// The columns of the row at hand in the conditions of the `IF`s around it.
    conditions: Vec<ColumnRef>,
}

/// Finds the statements that read or write rows.
fn pieces(body: &str, table: Option<&ObjectName>, dialect: Dialect) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut open = vec![(body.to_owned(), 0, 0)];
    while let Some((text, offset, depth)) = open.pop() {
        let tokens = words(&text, dialect);
        let mut at = 0;
        let mut fresh = true;
        let mut branches: Vec<Vec<ColumnRef>> = Vec::new();
        while let Some(token) = tokens.get(at) {
            if fresh && token.is_word("if") {
                branches.push(mentioned(condition(&tokens[at..]), table, dialect));
            } else if token.is_word("elsif") || token.is_word("elseif") {
                let more = mentioned(condition(&tokens[at..]), table, dialect);
                branches.last_mut().into_iter().for_each(|branch| branch.extend_from_slice(&more));
            } else if token.is_word("end") && tokens.get(at + 1).is_some_and(|next| next.is_word("if")) {
                branches.pop();
            }
            let begins = fresh && begins_statement(token);
            let begins_late =
                !fresh && (token.is_word("select") || token.is_word("with")) && follows_in(&tokens, at);
            if begins || begins_late {
                let end = statement_end(&tokens, at, begins_late);
                if let (Some(first), Some(last)) = (tokens.get(at), tokens.get(end.saturating_sub(1))) {
                    let piece = clean(&text, &tokens[at..end], dialect);
                    let conditions = branches.concat();
                    let (start, end) = (offset + first.start, offset + last.end);
                    found.push(Piece { text: piece, start, end, conditions });
                }
                at = end;
                fresh = true;
                continue;
            }
            if token.kind == TokenKind::String && token.text.starts_with('$') && depth < DEEPEST {
                let tag =
                    token.text.find('$').and_then(|a| token.text[a + 1..].find('$')).map_or(0, |at| at + 2);
                if let Some(inner) = token.text.get(tag..token.text.len().saturating_sub(tag)) {
                    open.push((inner.to_owned(), offset + token.start + tag, depth + 1));
                }
            }
            let each_row = token.is_word("row") && at > 0 && tokens[at - 1].is_word("each");
            fresh = each_row || ends_preamble(token);
            at += 1;
        }
    }
    found.sort_by_key(|piece| piece.start);
    found
}

/// What stands between an `IF` and its `THEN`.
fn condition<'t>(tokens: &'t [Token<'t>]) -> &'t [Token<'t>] {
    let end = tokens.iter().position(|token| token.is_word("then"));
    end.map_or(&[], |end| &tokens[..end])
}

fn begins_statement(token: &Token<'_>) -> bool {
    ["select", "insert", "update", "delete", "merge", "with", "replace", "truncate", "perform", "return"]
        .iter()
        .any(|word| token.is_word(word))
}

/// Words behind which a statement begins.
fn ends_preamble(token: &Token<'_>) -> bool {
    matches!(token.kind, TokenKind::Semicolon | TokenKind::Delimiter)
        || ["begin", "then", "else", "loop", "do", "atomic", "repeat"].iter().any(|word| token.is_word(word))
}

/// `FOR x IN SELECT`, `CURSOR FOR SELECT`, `OPEN c FOR SELECT`.
fn follows_in(tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    before.is_some_and(|token| {
        token.is_word("in") || token.is_word("for") || token.is_word("as") || token.is_word("query")
    })
}

fn statement_end(tokens: &[Token<'_>], at: usize, before_loop: bool) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.text {
            "(" => depth += 1,
            ")" if depth == 0 => return index,
            ")" => depth -= 1,
            _ => {}
        }
        let ends = matches!(token.kind, TokenKind::Semicolon | TokenKind::Delimiter)
            || (before_loop && depth == 0 && (token.is_word("loop") || token.is_word("do")));
        if ends {
            return index;
        }
    }
    tokens.len()
}

/// The statement without what only its language has: `PERFORM` is a `SELECT`, `RETURN QUERY` gives one, and `INTO` names
/// variables.
fn clean(text: &str, tokens: &[Token<'_>], dialect: Dialect) -> String {
    let mut rest = tokens;
    let mut cleaned = String::new();
    if rest.first().is_some_and(|token| token.is_word("perform")) {
        cleaned.push_str("SELECT ");
        rest = &rest[1..];
    } else if rest.first().is_some_and(|token| token.is_word("return")) {
        rest = &rest[1..];
        match rest.first() {
            Some(token) if token.is_word("query") => rest = &rest[1..],
            Some(_) => cleaned.push_str("SELECT "),
            None => return "SELECT 1".to_owned(),
        }
        if rest.is_empty() {
            return "SELECT 1".to_owned();
        }
    }
    let inserts = rest.first().is_some_and(|token| token.is_word("insert") || token.is_word("replace"));
    let mut depth = 0usize;
    let mut seen_into = !inserts && !rest.first().is_some_and(|token| token.is_word("merge"));
    let mut at = 0;
    let mut last_end = None;
    while let Some(token) = rest.get(at) {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if token.is_word("into") && depth == 0 {
            if seen_into {
                at = behind_variables(rest, at + 1, dialect);
                continue;
            }
            seen_into = true;
        }
        if last_end.is_some_and(|end| end < token.start) {
            cleaned.push(' ');
        }
        cleaned.push_str(text.get(token.start..token.end).unwrap_or_default());
        last_end = Some(token.end);
        at += 1;
    }
    cleaned
}

/// Behind a list of variables.
fn behind_variables(tokens: &[Token<'_>], mut at: usize, dialect: Dialect) -> usize {
    if tokens.get(at).is_some_and(|token| token.is_word("strict")) {
        at += 1;
    }
    loop {
        at = match super::names::name_at(tokens, at, dialect) {
            Some((_, end)) => end,
            None => at + 1,
        };
        if tokens.get(at).is_none_or(|token| token.text != ",") {
            return at;
        }
        at += 1;
    }
}
