//! One statement or expression of a body: read with the rows, records and variables that it sees.

use std::collections::BTreeSet;
use std::ops::Range;

use sqlparser::ast::{Expr, Statement};

use super::blocks::Words;
use super::texts::{Known, Texts};
use super::{Run, clean, is_arguments};
use crate::define::{self, names};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow, Subtype};
use crate::name::{Ident, ObjectName};
use crate::parse;
use crate::result::{Findings, Unanalysed};
use crate::walk::{Called, Relation, Returned, Scope, Walker};

/// What a statement gives to whoever asked.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) columns: Vec<(Option<Ident>, Flow)>,
    /// What decides on its rows.
    pub(super) rows: Flow,
    /// Of a single value: which texts it can be.
    pub(super) texts: Texts,
    /// And what they all begin with, where that is all that can be told.
    pub(super) begins: Option<String>,
    /// Of a condition: whether it holds, where that can be told.
    pub(super) holds: Option<bool>,
}

impl Given {
    /// All that it depends on, in one.
    pub(super) fn value(&self) -> Flow {
        let mut flow = self.rows.clone();
        self.columns.iter().for_each(|(_, column)| flow.add_all(column));
        flow
    }
}

impl Run<'_> {
    /// A query, an expression, or `EXECUTE` with a text, where either gives a result.
    pub(super) fn query(&mut self, words: Words<'_>) -> Option<Given> {
        let words = unwrapped(words);
        let first = words.first()?;
        if first.is_word("execute") {
            return self.execute(&words[1..]);
        }
        let is_query = ["select", "with", "values", "insert", "update", "delete", "table"]
            .iter()
            .any(|word| first.is_word(word));
        if is_query {
            return self.statement(&clean::clean(words, self.dialect()).text, words);
        }
        if let [only] = words
            && let Some(row) = self.whole_row(only)
        {
            return row;
        }
        self.expression(words)
    }

    /// What an expression comes to.
    pub(super) fn expression(&mut self, words: Words<'_>) -> Option<Given> {
        if words.is_empty() {
            return None;
        }
        let range = words.windows(2).position(|pair| pair[0].text == "." && pair[1].text == ".");
        if let Some(at) = range {
            // `1..n BY m`: both ends decide, and so do the steps.
            let mut from = self.expression(&words[..at])?;
            let step = words[at..].iter().position(|word| word.is_word("by")).map(|by| at + by);
            let to = self.expression(&words[at + 2..step.unwrap_or(words.len())])?;
            from.rows.add(to.value());
            if let Some(step) = step.and_then(|step| self.expression(&words[step + 1..])) {
                from.rows.add(step.value());
            }
            (from.texts, from.begins) = (None, None);
            return Some(from);
        }
        self.statement(&format!("SELECT {}", clean::join(words)), words)
    }

    /// What a condition contributes to whatever it decides on.
    pub(super) fn condition(&mut self, words: Words<'_>) -> Flow {
        self.decided(words).0
    }

    /// The same, and whether it holds, where that can be told.
    pub(super) fn decided(&mut self, words: Words<'_>) -> (Flow, Option<bool>) {
        let Some(given) = self.expression(words) else { return Default::default() };
        (given.value().through(Subtype::Conditional), given.holds)
    }

    /// A statement about rows: what it reads and writes is noted, what it gives is given.
    pub(super) fn statement(&mut self, text: &str, at: Words<'_>) -> Option<Given> {
        match self.read(text) {
            Ok(mut read) => {
                let guard = self.guard();
                let called = std::mem::take(&mut read.called);
                let returned = std::mem::take(&mut read.returned);
                let given = self.note(read, &guard);
                self.take_back(returned);
                if self.last && self.body.runs && !called.is_empty() {
                    let mut defined = Findings::default();
                    define::run_called(&called, self.catalogue, &mut defined, &self.span(at));
                    self.defined.join(defined);
                } else if !called.is_empty() {
                    self.effects.changes_schema = true;
                }
                Some(given)
            }
            Err(fault) => {
                self.fault(at, &fault);
                None
            }
        }
    }

    /// The bytes of these words in the whole text.
    fn span(&self, at: Words<'_>) -> Range<usize> {
        let start = at.first().map_or(0, |token| token.start);
        let end = at.last().map_or(self.body.text.len(), |token| token.end);
        self.body.offset + start..self.body.offset + end
    }

    /// Something that was not understood, at these words.
    pub(super) fn fault(&mut self, at: Words<'_>, fault: &Fault) {
        let Range { start, end } = self.span(at);
        let part = Unanalysed { start, end, reason: fault.to_string() };
        if !self.found.unanalysed.contains(&part) {
            self.found.unanalysed.push(part);
        }
    }

    fn note(&mut self, read: Read, guard: &Flow) -> Given {
        let Read { found: mut inside, touched, in_rows, absent, given, calls, counted, .. } = read;
        self.effects.calls.extend(calls);
        self.effects.counted.extend(counted);
        self.effects.needs.absent.extend(absent);
        let named = |flow: &Flow| -> Vec<ColumnRef> {
            let columns = flow.iter().map(|source| &source.column);
            columns.filter(|column| !in_rows.contains(column)).cloned().collect()
        };
        if !guard.is_empty() {
            let targets: Vec<ColumnRef> = inside.flows().map(|(target, _)| target.clone()).collect();
            let untold: Vec<ObjectName> = inside
                .outputs
                .iter()
                .filter(|table| !targets.iter().any(|target| target.table.as_ref() == Some(table)))
                .cloned()
                .collect();
            targets.into_iter().for_each(|target| inside.column(target, guard.clone()));
            untold.iter().for_each(|table| inside.rows(Some(table), guard));
        }
        self.effects.inputs.extend(inside.inputs.iter().cloned());
        self.effects.outputs.extend(inside.outputs.iter().cloned());
        for (target, flow) in inside.flows() {
            self.effects.reads.extend(named(flow));
            self.effects.writes.entry(target.clone()).or_default().add_all(flow);
        }
        for (table, flow) in inside.row_flows() {
            if let Some(table) = table {
                self.effects.rows.entry(table.clone()).or_default().add_all(flow);
            }
            self.effects.reads.extend(named(flow));
        }
        self.effects.reads.extend(touched);
        self.found.join(inside);
        given
    }

    fn read(&mut self, text: &str) -> Result<Read, Fault> {
        let dialect = self.dialect();
        let catalogue = &*self.catalogue;
        let variables = &self.variables;
        let table = self.body.table;
        let transitions = self.body.transitions;
        let read = parse::with_parsed(text, dialect, |trees| {
            let mut walker = Walker::new(catalogue);
            walker.in_routine = true;
            walker.variables =
                variables.iter().map(|(name, value)| (name.clone(), value.flow.clone())).collect();
            for (name, table) in transitions.iter().filter_map(|name| Some((name, table?))) {
                walker.show_as(name, table);
            }
            let mut relations: Vec<Relation> = ["new", "old"].map(|word| row(word, table, &walker)).to_vec();
            for (name, value) in variables.iter().filter(|(_, value)| !value.fields.is_empty()) {
                let mut record = Relation::new(name.clone()).only_qualified();
                record.columns.clone_from(&value.fields);
                relations.push(record);
            }
            let scope = Scope::of(relations, None);
            let known = Known {
                dialect,
                variable: &|name| {
                    let known = variables.get(&Ident::new(name, false, dialect));
                    known.map(|variable| variable.texts.clone())
                },
                begins: &|name| variables.get(&Ident::new(name, false, dialect))?.begins.clone(),
                schema: catalogue.schema(),
            };
            let mut given = Given::default();
            for tree in trees {
                let output = define::output_of(tree, &mut walker, Some(&scope))?;
                let columns = output.columns.into_iter().map(|column| (column.name, column.flow));
                given = Given { columns: columns.collect(), rows: output.rows, ..Given::default() };
                if let Statement::Query(query) = tree {
                    given.texts = known.query(query);
                    given.begins = known.beginning(query);
                    given.holds = known.truth(query);
                }
            }
            let in_rows = walker.only_in_rows();
            let touched = walker.take_touched();
            let absent = std::mem::take(&mut walker.absent);
            let mut called = std::mem::take(&mut walker.called);
            for call in &mut called {
                let texts = |value: &Option<Expr>| value.as_ref().map(|value| known.value(value));
                call.texts = call.arguments.iter().map(texts).collect();
            }
            let returned = std::mem::take(&mut walker.returned);
            let calls = std::mem::take(&mut walker.calls);
            let counted = std::mem::take(&mut walker.counted);
            Ok(Read {
                found: walker.finish(),
                touched,
                in_rows,
                absent,
                given,
                called,
                returned,
                calls,
                counted,
            })
        })?;
        Ok(read)
    }

    /// The words of a statement, as names can be read off them.
    pub(super) fn name(&self, words: Words<'_>) -> Option<Ident> {
        words.first().and_then(|token| names::ident(token, self.dialect()))
    }
}

struct Read {
    found: Findings,
    touched: BTreeSet<ColumnRef>,
    /// Those that came with rows as wholes.
    in_rows: BTreeSet<ColumnRef>,
    /// Those that must not come to be.
    absent: BTreeSet<ColumnRef>,
    given: Given,
    called: Vec<Called>,
    returned: Vec<Returned>,
    calls: BTreeSet<ObjectName>,
    counted: BTreeSet<ObjectName>,
}

/// Without the brackets around all of it.
fn unwrapped(mut words: Words<'_>) -> Words<'_> {
    while let [open, inner @ .., close] = words {
        let mut depth = 0usize;
        let closes_first = inner.iter().any(|token| {
            match token.text {
                "(" => depth += 1,
                ")" if depth == 0 => return true,
                ")" => depth -= 1,
                _ => {}
            }
            false
        });
        if open.text != "(" || close.text != ")" || closes_first {
            break;
        }
        words = inner;
    }
    words
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

/// The stand-ins for a row that no trigger has been given yet, and for parameters.
pub(crate) fn is_stand_in(name: &ObjectName) -> bool {
    is_arguments(name) || matches!(name.parts(), [only] if only.is("new") || only.is("old"))
}
