//! What a body does: of a trigger, a function, a procedure, a block that runs at once.
//!
//! Its steps are gone through in order, as they would run: statements are analysed one by one, variables carry what has
//! flowed into them, and what decides whether a statement runs is a condition of all that it writes. A body with loops is
//! gone through until nothing more comes back to the beginning of one.

mod blocks;
mod clean;
mod dynamic;
mod read;
mod texts;
mod variables;

use std::collections::BTreeMap;

use migration_syntax::{Dialect, Token};

use super::names::{self, words};
use crate::catalogue::{Catalogue, Effects};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow, Subtype};
use crate::name::{Ident, ObjectName};
use crate::result::{Findings, Unanalysed};
use blocks::{Block, Step, Words};
pub(crate) use clean::{join, split_list};
pub(crate) use dynamic::{filled, known_texts, texts_of};
use read::Given;
pub(crate) use read::is_stand_in;
pub(crate) use texts::Texts;
use variables::{Variable, Variables};

/// How often a body is gone through at most.
const ROUNDS: usize = 12;

/// From which round on a text that still changes is one that can't be told.
const WIDENED: usize = 3;

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
    /// What decides whether it runs at all.
    pub(super) when: &'a Flow,
    /// The parameters that it is called with, and which texts they can be.
    pub(super) arguments: &'a [(Ident, Texts)],
    /// Whether a query in it is its result: a function in SQL.
    pub(super) answers: bool,
    /// Whether it runs now, so that what it does to the schema is done.
    pub(super) runs: bool,
}

/// Goes through a body.
pub(super) fn analyse(body: &Body<'_>, catalogue: &mut Catalogue, found: &mut Findings) -> Effects {
    if catalogue.session.nesting >= DEEPEST {
        let (start, end) = (body.offset, body.offset + body.text.len());
        found.unanalysed.push(Unanalysed { start, end, reason: Fault::TooDeep.to_string() });
        return Effects::default();
    }
    let tokens = words(body.text, catalogue.dialect());
    let steps = blocks::steps(&tokens, catalogue.dialect());
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
    let Run { effects, found: inside, defined, variables, catalogue, .. } = run;
    catalogue.session.nesting -= 1;
    if body.runs {
        catalogue.session.keep(variables.iter().map(|(name, variable)| (name, &variable.texts)));
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
        when: &Flow::default(),
        arguments: &[],
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
    let column = |window: &[Token<'_>]| match window {
        [row, dot, column] if dot.text == "." && (row.is_word("new") || row.is_word("old")) => {
            Some(ColumnRef::new(table, &names::ident(column, dialect)?))
        }
        _ => None,
    };
    tokens.windows(3).filter_map(column).collect()
}

/// A walk through a body.
struct Run<'r> {
    body: &'r Body<'r>,
    catalogue: &'r mut Catalogue,
    variables: Variables,
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

/// A block that is open.
struct Frame {
    block: Block,
    at: usize,
    condition: Flow,
    /// What variables held when it began.
    before: Variables,
    /// What they can hold behind the branches so far.
    after: Option<Variables>,
    /// Whether one of its branches runs in any case.
    complete: bool,
    /// Whether it is known that a branch before has run, so that no other does.
    taken: bool,
    /// Whether it is known that the branch at hand doesn't run.
    dead: bool,
}

impl Frame {
    /// Something that decides on what runs within it.
    fn deciding(condition: Flow) -> Self {
        let before = Variables::default();
        Frame {
            block: Block::Plain,
            at: 0,
            condition,
            before,
            after: None,
            complete: true,
            taken: false,
            dead: false,
        }
    }

    /// What variables can hold behind it, as the last branch left them.
    fn behind(self, last: Variables) -> Variables {
        let last = (!self.dead).then_some(last);
        let skipped = (self.block != Block::Plain && !self.complete).then(|| self.before.clone());
        let mut ways = self.after.into_iter().chain(last).chain(skipped);
        let mut behind = ways.next().unwrap_or(self.before);
        ways.for_each(|other| behind.join(&other));
        behind
    }
}

impl<'r> Run<'r> {
    fn new(body: &'r Body<'r>, catalogue: &'r mut Catalogue) -> Self {
        Run {
            body,
            catalogue,
            variables: Variables::default(),
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
        for (at, step) in steps.iter().enumerate() {
            self.step(at, step, steps);
        }
    }

    /// The parameters, and what the session holds.
    fn at_first(&self) -> Variables {
        let mut variables = Variables::default();
        for (name, texts) in self.catalogue.session.texts() {
            variables.put(name.clone(), Variable { texts: texts.clone(), ..Variable::default() }, false);
        }
        for (at, (name, texts)) in self.body.arguments.iter().enumerate() {
            let flow = Flow::copy_of(ColumnRef::new(&arguments(self.dialect()), name));
            let value = Variable { flow, texts: texts.clone(), ..Variable::default() };
            let number = Ident::new(&format!("${}", at + 1), true, self.dialect());
            variables.put(number, value.clone(), false);
            variables.put(name.clone(), value, false);
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
            Step::Return { value, leaves } => {
                let result = self.query(value);
                self.answer(result);
                if *leaves {
                    let decides = self.guard();
                    self.left.add(decides);
                }
            }
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
        }
    }

    fn open(&mut self, block: Block, words: Words<'_>, at: usize, steps: &[Step<'_>]) {
        let mut holds = None;
        let outer_is_dead = self.frames.last().is_some_and(|frame| frame.dead);
        let mut condition = match at.checked_sub(1).and_then(|before| steps.get(before)) {
            _ if outer_is_dead => Flow::default(),
            // How often a loop runs over rows is decided by what decides on the rows.
            Some(Step::Cursor { name, .. }) if block == Block::Loop && same(name, words) => {
                let names = split_list(name);
                let first = names.first().and_then(|name| self.ident(name));
                let record = first.and_then(|name| self.variables.get(&name));
                record.map(|record| record.rows.clone()).unwrap_or_default()
            }
            _ => {
                let (condition, known) = self.decided(words);
                holds = known.filter(|_| block == Block::If);
                condition
            }
        }
        .through(Subtype::Conditional);
        if block == Block::Loop {
            if let Some(decides) = self.jumps.get(&at) {
                condition.add_all(decides);
            }
            if let Some(again) = self.again.get(&at) {
                self.variables.join(&again.clone());
            }
        }
        let before = self.variables.clone();
        self.frames.push(Frame {
            block,
            at,
            condition,
            before,
            after: None,
            complete: holds == Some(true),
            taken: holds == Some(true),
            dead: outer_is_dead || holds == Some(false),
        });
    }

    /// Another branch begins with what variables held before the first.
    fn branch(&mut self, words: Words<'_>, is_first: bool) {
        let outer_is_dead = self.frames.iter().rev().nth(1).is_some_and(|frame| frame.dead);
        let Some(frame) = self.frames.last_mut() else { return };
        let last = std::mem::replace(&mut self.variables, frame.before.clone());
        if frame.block == Block::Plain {
            // What was done until something failed.
            self.variables.join(&last);
        }
        let ran = !frame.dead && !is_first;
        match &mut frame.after {
            Some(after) if ran => after.join(&last),
            None if ran => frame.after = Some(last),
            _ => {}
        }
        frame.complete |= words.is_empty();
        frame.dead = outer_is_dead || frame.taken;
        if frame.dead {
            return;
        }
        let (decides, holds) = self.decided(words);
        if let Some(frame) = self.frames.last_mut() {
            frame.condition.add(decides);
            let known = holds.filter(|_| frame.block == Block::If);
            frame.taken |= known == Some(true);
            frame.complete |= known == Some(true);
            frame.dead = known == Some(false);
        }
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.block == Block::Loop {
            let mut again = self.variables.clone();
            if let Some(before) = self.again.get(&frame.at).filter(|_| self.round >= WIDENED) {
                again.widen(before);
            }
            self.again.insert(frame.at, again);
        }
        let last = std::mem::take(&mut self.variables);
        self.variables = frame.behind(last);
    }

    /// What decides whether the step at hand runs.
    fn guard(&self) -> Flow {
        let mut flow = self.body.when.clone();
        flow.add_all(&self.left);
        self.frames.iter().for_each(|frame| flow.add_all(&frame.condition));
        flow
    }

    /// A result becomes what the body gives back.
    fn answer(&mut self, result: Option<Given>) {
        let Some(result) = result else { return };
        let guard = self.guard();
        for (at, (_, flow)) in result.columns.into_iter().enumerate() {
            if self.effects.results.len() <= at {
                self.effects.results.push(Flow::default());
            }
            if let Some(known) = self.effects.results.get_mut(at) {
                known.add(flow);
                known.add_all(&result.rows);
                known.add_all(&guard);
            }
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

fn same(a: Words<'_>, b: Words<'_>) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.start == b.start)
}
