//! The blocks that are open: what decides whether their statements run, and what variables hold behind their branches.

use super::blocks::{Block, Step, Words};
use super::variables::Variables;
use super::{Run, WIDENED, split_list};
use crate::flow::{Flow, Subtype};

/// A block that is open.
pub(super) struct Frame {
    pub(super) block: Block,
    pub(super) at: usize,
    pub(super) condition: Flow,
    /// What variables held when it began.
    before: Variables,
    /// What they can hold behind the branches so far.
    after: Option<Variables>,
    /// Whether one of its branches runs in any case.
    complete: bool,
    /// Whether it is known that a branch before has run, so that no other does.
    taken: bool,
    /// Whether it is known that the branch at hand doesn't run.
    pub(super) dead: bool,
}

impl Frame {
    /// Something that decides on what runs within it.
    pub(super) fn deciding(condition: Flow) -> Self {
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

impl Run<'_> {
    pub(super) fn open(&mut self, block: Block, words: Words<'_>, at: usize, steps: &[Step<'_>]) {
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
    pub(super) fn branch(&mut self, words: Words<'_>, is_first: bool) {
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

    pub(super) fn close(&mut self) {
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
    pub(super) fn guard(&self) -> Flow {
        let mut flow = self.body.when.clone();
        flow.add_all(&self.left);
        self.frames.iter().for_each(|frame| flow.add_all(&frame.condition));
        flow
    }
}

fn same(a: Words<'_>, b: Words<'_>) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.start == b.start)
}
