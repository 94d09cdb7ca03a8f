//! What a body does: of a trigger, a function, a procedure, a block that runs at once.
//!
//! Its steps are gone through in order, as they would run: statements are analysed one by one, variables carry what has
//! flowed into them, and what decides whether a statement runs is a condition of all that it writes. A body with loops is
//! gone through until nothing more comes back to the beginning of one.

mod blocks;
mod clean;
mod declare;
mod dynamic;
mod frames;
mod give;
mod needs;
mod read;
mod results;
mod texts;
mod variables;

use std::collections::BTreeMap;

use migration_syntax::{Dialect, Token};

use super::names::{self, words};
use crate::catalogue::{Catalogue, Effects, Outs};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow, Source};
use crate::name::{Ident, ObjectName};
use crate::result::{Findings, Unanalysed};
use blocks::{Block, Step, Words};
pub(crate) use clean::{join, split_list};
pub(crate) use dynamic::{filled, known_texts, texts_of};
use frames::Frame;
pub(super) use needs::{fields as fields_of, row_of_type};
use read::Given;
pub(crate) use read::is_stand_in;
pub(crate) use texts::Texts;
use variables::{Variable, Variables};

/// How often a body is gone through at most.
const ROUNDS: usize = 12;

/// From which round on a text that still changes is one that can't be told.
const WIDENED: usize = 3;

/// How many blocks deep a body is gone through.
const MOST_BLOCKS: usize = 100;

/// How many bodies deep a body can be.
const DEEPEST: usize = 4;

/// A body, and what is known about the place that it runs in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body<'a> {
    /// Its text.
    pub(super) text: &'a str,
    /// The byte of the whole text that it begins at.
    pub(super) offset: usize,
    /// The table whose rows a trigger sees as `new` and `old`; none as long as nobody has said which.
    pub(super) table: Option<&'a ObjectName>,
    /// The names under which it sees all rows of that table that a statement has changed.
    pub(super) transitions: &'a [Ident],
    /// What decides whether it runs at all.
    pub(super) when: &'a Flow,
    /// The parameters that it is called with, and which texts they can be.
    pub(super) arguments: &'a [(Ident, Texts)],
    /// The variables that it gives back.
    pub(super) outs: &'a Outs,
    /// Whether a query in it is its result: a function in SQL.
    pub(super) answers: bool,
    /// Whether it runs now, so that what it does to the schema is done.
    pub(super) runs: bool,
}

/// Goes through a body.
pub(super) fn analyse(body: &Body<'_>, catalogue: &mut Catalogue, found: &mut Findings) -> Effects {
    let tokens = words(body.text, catalogue.dialect());
    let steps = blocks::steps(&tokens, catalogue.dialect());
    if catalogue.session.nesting >= DEEPEST || blocks::depth(&steps) > MOST_BLOCKS {
        let (start, end) = (body.offset, body.offset + body.text.len());
        found.unanalysed.push(Unanalysed { start, end, reason: Fault::TooDeep.to_string() });
        return Effects::default();
    }
    let changes_schema = |step: &Step<'_>| {
        matches!(step, Step::Define(_) | Step::Execute(_) | Step::Prepare { .. } | Step::Rows(_))
    };
    let mut copy = None;
    let catalogue = if body.runs || !steps.iter().any(changes_schema) {
        catalogue
    } else {
        // What it makes is there for the rest of it alone.
        copy.insert(catalogue.clone())
    };
    catalogue.session.nesting += 1;
    let mut run = Run::new(body, catalogue);
    run.rounds(&steps);
    run.need_fields(&tokens);
    let Run { effects, found: inside, defined, variables, catalogue, .. } = run;
    catalogue.session.nesting -= 1;
    if body.runs {
        for (name, variable) in variables.iter().filter(|(name, _)| name.as_str().starts_with('@')) {
            let is_known = |source: &&Source| !source.column.table.as_ref().is_some_and(is_stand_in);
            let flow = variable.flow.iter().filter(is_known).cloned().collect();
            catalogue.session.keep(name.clone(), variable.texts.clone(), flow);
        }
    }
    found.join(defined);
    found.join(inside);
    effects
}

/// The condition of a trigger, as it decides on what the trigger writes.
pub(super) fn condition(
    condition: Words<'_>,
    offset: usize,
    table: &ObjectName,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Flow {
    let body = Body {
        text: "",
        offset,
        table: Some(table),
        transitions: &[],
        when: &Flow::default(),
        arguments: &[],
        outs: &Outs::default(),
        answers: false,
        runs: false,
    };
    let mut run = Run::new(&body, catalogue);
    let flow = run.condition(condition);
    let Run { found: inside, .. } = run;
    found.join(inside);
    flow
}

/// `NEW.column` and `OLD.column`, wherever they stand.
pub(super) fn mentioned(tokens: &[Token<'_>], table: &ObjectName, dialect: Dialect) -> Vec<ColumnRef> {
    let is_row = |token: &Token<'_>| token.is_word("new") || token.is_word("old");
    let column = |at: usize| {
        let column = match tokens.get(at..)? {
            [row, dot, column, ..] if dot.text == "." && is_row(row) => column,
            [open, row, close, dot, column, ..]
                if open.text == "(" && close.text == ")" && dot.text == "." && is_row(row) =>
            {
                column
            }
            _ => return None,
        };
        Some(ColumnRef::new(table, &names::ident(column, dialect)?))
    };
    (0..tokens.len()).filter_map(column).collect()
}

/// A walk through a body.
struct Run<'r> {
    body: &'r Body<'r>,
    catalogue: &'r mut Catalogue,
    variables: Variables,
    /// Of variables whose type is that of a row: its columns.
    shapes: BTreeMap<Ident, Vec<Ident>>,
    /// The tables that they have the rows of.
    rows_of: BTreeMap<Ident, ObjectName>,
    frames: Vec<Frame>,
    /// By the step that a loop begins with: what decides whether it goes on.
    jumps: BTreeMap<usize, Flow>,
    /// By the step that a loop begins with: what variables held when it began again.
    again: BTreeMap<usize, Variables>,
    /// What decided whether it has been left before.
    left: Flow,
    /// Which round it is, from 0.
    round: usize,
    /// Whether it is the last round, in which the schema is changed.
    last: bool,
    found: Findings,
    /// What was found about changes of the schema, which are made once.
    defined: Findings,
    effects: Effects,
}

impl<'r> Run<'r> {
    fn new(body: &'r Body<'r>, catalogue: &'r mut Catalogue) -> Self {
        Run {
            body,
            catalogue,
            variables: Variables::default(),
            shapes: BTreeMap::new(),
            rows_of: BTreeMap::new(),
            frames: Vec::new(),
            jumps: BTreeMap::new(),
            again: BTreeMap::new(),
            left: Flow::default(),
            round: 0,
            last: true,
            found: Findings::default(),
            defined: Findings::default(),
            effects: Effects::default(),
        }
    }

    fn rounds(&mut self, steps: &[Step<'_>]) {
        let loops = steps.iter().any(|step| matches!(step, Step::Open(Block::Loop, _)));
        if loops {
            self.last = false;
            let mut settled = false;
            for round in 0..ROUNDS {
                self.round = round;
                let before = (self.jumps.clone(), self.again.clone());
                self.walk(steps);
                settled = before == (self.jumps.clone(), self.again.clone());
                if settled {
                    break;
                }
            }
            self.last = true;
            self.walk(steps);
            if !settled {
                self.fault(&[], &Fault::TooLarge);
            }
        } else {
            self.walk(steps);
        }
        self.effects.reads.retain(|column| column.table.as_ref().is_some_and(|table| !is_arguments(table)));
    }

    /// From the beginning to the end.
    fn walk(&mut self, steps: &[Step<'_>]) {
        self.found = Findings::default();
        self.effects = Effects::default();
        self.left = Flow::default();
        self.frames.clear();
        self.variables = self.at_first();
        self.shapes.clear();
        for (at, step) in steps.iter().enumerate() {
            self.step(at, step, steps);
        }
        self.end();
    }

    /// The parameters, and what the session holds.
    fn at_first(&self) -> Variables {
        let mut variables = Variables::default();
        for (name, texts) in self.catalogue.session.texts() {
            let flow = self.catalogue.session.flow(name).filter(|_| self.body.runs).cloned();
            let flow = flow.unwrap_or_default();
            variables.put(
                name.clone(),
                Variable { flow, texts: texts.clone(), ..Variable::default() },
                false,
            );
        }
        for (at, (name, texts)) in self.body.arguments.iter().enumerate() {
            let flow = Flow::copy_of(ColumnRef::new(&arguments(self.dialect()), name));
            let value = Variable { flow, texts: texts.clone(), ..Variable::default() };
            let number = Ident::new(&format!("${}", at + 1), true, self.dialect());
            variables.put(number, value.clone(), false);
            variables.put(name.clone(), value, false);
        }
        for name in &self.body.outs.fresh {
            let null = Variable { texts: Some(Default::default()), ..Variable::default() };
            variables.put(name.clone(), null, false);
        }
        variables
    }

    fn dialect(&self) -> Dialect {
        self.catalogue.dialect()
    }

    fn step(&mut self, at: usize, step: &Step<'_>, steps: &[Step<'_>]) {
        let shapes = matches!(step, Step::Open(..) | Step::Branch(_) | Step::Close);
        if !shapes && self.frames.last().is_some_and(|frame| frame.dead) {
            return;
        }
        match step {
            Step::Rows(words) => {
                let cleaned = clean::clean(words, self.dialect());
                if words.first().is_some_and(|first| first.is_word("call") || first.is_word("perform")) {
                    // What is called may be made later, and then do anything.
                    self.effects.changes_schema = true;
                }
                let result = self.statement(&cleaned.text, words);
                self.give(&cleaned.into, result.as_ref());
                if self.body.answers && cleaned.into.is_empty() {
                    // The last one counts.
                    self.effects.results.clear();
                    self.answer(result);
                }
            }
            Step::Declare { names, of, value } => self.declare(names, of, value),
            Step::Assign { target, value } => self.assign(target, value),
            Step::Cursor { name, query } => {
                let result = self.query(query);
                self.give(&split_list(name), result.as_ref());
            }
            Step::Fetch { cursor, into } => {
                let given =
                    self.ident(cursor).and_then(|name| self.variables.get(&name)).map(|cursor| Given {
                        columns: cursor
                            .fields
                            .iter()
                            .map(|(name, flow)| (Some(name.clone()), flow.clone()))
                            .collect(),
                        rows: cursor.rows.clone(),
                        ..Given::default()
                    });
                self.give(&split_list(into), given.as_ref());
            }
            Step::Execute(words) => drop(self.execute(words)),
            Step::Prepare { name, text } => self.prepare(name, text),
            Step::Define(words) => self.define(&join(words), words),
            Step::Return { value, leaves } => self.give_back(value, *leaves),
            Step::Open(block, words) => self.open(*block, words, at, steps),
            Step::Branch(words) => {
                let is_first = at > 0 && matches!(steps.get(at - 1), Some(Step::Open(Block::Case, _)));
                self.branch(words, is_first);
            }
            Step::Close => self.close(),
            Step::Jump(words) => {
                let mut decides = self.condition(words);
                let inner = self.frames.iter().rposition(|frame| frame.block == Block::Loop);
                for frame in self.frames.iter().skip(inner.unwrap_or_default()) {
                    decides.add_all(&frame.condition);
                }
                match inner.and_then(|inner| self.frames.get_mut(inner)) {
                    Some(frame) => {
                        frame.condition.add_all(&decides);
                        self.jumps.entry(frame.at).or_default().add(decides);
                    }
                    None => self.left.add(decides),
                }
            }
            Step::Text(token) => self.text(token),
            Step::Look(words) => self.look(words),
            Step::Name(words) => self.name_tables(words),
        }
    }

    /// A string that a text of SQL may be in, for something that runs it some day.
    fn text(&mut self, token: &Token<'_>) {
        let tag = token.text[1..].find('$').map_or(0, |at| at + 2);
        let inner = token.text.get(tag..token.text.len().saturating_sub(tag)).unwrap_or_default();
        let tokens = words(inner, self.dialect());
        let is_sql = tokens.first().is_some_and(|first| {
            ["select", "insert", "update", "delete", "with", "merge"].iter().any(|word| first.is_word(word))
        });
        if is_sql {
            let text = inner.trim_end().trim_end_matches(';');
            self.statement(text, std::slice::from_ref(token));
        }
    }

    /// The fields that it names of variables with the rows of tables.
    fn need_fields(&mut self, tokens: &[Token<'_>]) {
        if !self.rows_of.is_empty() {
            let table = |name: &str| self.rows_of.get(&Ident::new(name, false, self.dialect())).cloned();
            let needs = fields_of(tokens, &table, self.dialect());
            self.effects.needs.join(needs);
        }
    }

    fn ident(&self, words: Words<'_>) -> Option<Ident> {
        let [token] = words else { return None };
        names::ident(token, self.dialect()).or_else(|| Some(Ident::new(token.text, true, self.dialect())))
    }
}

/// What stands for the parameters of a function in what is known about its body: a table of this name.
pub(crate) fn arguments(dialect: Dialect) -> ObjectName {
    ObjectName::from_parts(&[Ident::new("$", true, dialect)])
}

/// Whether a table is the stand-in for parameters.
pub(crate) fn is_arguments(name: &ObjectName) -> bool {
    matches!(name.parts(), [only] if only.is("$"))
}
