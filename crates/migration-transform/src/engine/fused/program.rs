//! What happens to each field, where the steps can be done in one pass over the record.

use std::sync::Arc;

use super::facts::Facts;
use super::out::Snippet;
use super::quick::Quick;
use crate::convert::Conversion;
use crate::engine::compute::{self, Compiled};
use crate::engine::names::{Names, OTHER, Slot};
use crate::engine::ops::Op;
use crate::expression::{Make, Piece};
use crate::spec::OnError;

/// What is done where a key is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Key and value stay as written.
    Copy,
    /// The value stays as written.
    Rename,
    /// Neither stays.
    Drop,
    /// What the program with this number says.
    Run(u32),
    /// The record has to go the general way: fields are in each other's way.
    Leave,
}

/// What happens to the value of a field.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    pub(super) conversions: Vec<Step>,
    /// The only conversion, if it can be done at a glance.
    pub(super) quick: Option<Quick>,
    /// Cells that get the value before it is converted.
    pub(super) before: Vec<usize>,
    /// Cells that get it afterwards.
    pub(super) after: Vec<usize>,
    pub(super) is_dropped: bool,
}

/// One conversion.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// The number of the operation.
    pub(super) op: usize,
    pub(super) conversion: Conversion,
    pub(super) on_error: OnError,
    pub(super) field: Arc<str>,
}

/// Something to compute when the record has been read.
#[derive(Debug)]
pub(super) enum Ending {
    /// The numbers of the operation, of the computed field in it, and of the first of the cells that its expression reads.
    Set {
        op: usize,
        field: usize,
        first: usize,
        cells: Vec<usize>,
        /// The comma before it, its name and the colon.
        key: Snippet,
        /// How it is put together, if that is clear from the expression.
        parts: Option<Parts>,
    },
    KeepWhere {
        op: usize,
        first: usize,
    },
}

/// What a computed field is put together from.
#[derive(Debug)]
pub(super) enum Parts {
    /// It is the value of a cell.
    Copy(usize),
    /// A text; null if one of the fields is, or without those.
    Join { parts: Vec<Part>, skips_null: bool },
}

/// A piece of a text.
#[derive(Debug)]
pub(super) enum Part {
    /// As it is written between quotes.
    Written(Snippet),
    /// What is in a cell.
    Field(usize),
}

impl Parts {
    fn new(make: &Make) -> Self {
        match make {
            Make::Copy(place) => Self::Copy(*place),
            Make::Join { pieces, skips_null } => {
                let part = |piece: &Piece| match piece {
                    Piece::Written(written) => Part::Written(Snippet::new(written)),
                    Piece::Field(place) => Part::Field(*place),
                };
                Self::Join { parts: pieces.iter().map(part).collect(), skips_null: *skips_null }
            }
        }
    }
}

/// The programs of all fields.
#[derive(Debug)]
pub(crate) struct Programs {
    actions: Vec<Action>,
    of_others: Action,
    new_names: Vec<Option<Slot>>,
    pub(super) programs: Vec<Program>,
    pub(super) endings: Vec<Ending>,
    /// How many values the expressions read.
    pub(super) cells: usize,
}

impl Programs {
    /// `None` if the operations can't be done in one pass.
    pub(crate) fn new(ops: &[Op], names: &Names) -> Option<Self> {
        let mut endings = Vec::new();
        let mut cells = Vec::new();
        for (number, op) in ops.iter().enumerate() {
            let mut add = |compiled: &Compiled| {
                let first = cells.len();
                cells.extend(compiled.reads.iter().map(|(slot, _)| (number, *slot)));
                first
            };
            match op {
                Op::Owned(_) => return None,
                Op::KeepWhere(step) => {
                    endings.push(Ending::KeepWhere { op: number, first: add(&step.condition) });
                }
                Op::Set(set) => {
                    for (field, (slot, _, compiled)) in set.fields.iter().enumerate() {
                        endings.push(Ending::Set {
                            op: number,
                            field,
                            first: add(compiled),
                            cells: Vec::new(),
                            key: Snippet::new(&[b",", names.written(*slot), b":"].concat()),
                            parts: compiled.make.as_ref().map(Parts::new),
                        });
                    }
                }
                _ => {}
            }
        }
        let mut all = Self {
            actions: Vec::new(),
            of_others: Action::Copy,
            new_names: Vec::new(),
            programs: Vec::new(),
            endings,
            cells: cells.len(),
        };
        let facts = Facts::new(ops, &cells);
        for slot in 0..Slot::try_from(names.len()).ok()? {
            let (action, name) = all.follow(ops, &facts, slot)?;
            all.actions.push(action);
            all.new_names.push(name);
        }
        all.of_others = all.follow(ops, &facts, OTHER)?.0;
        all.follow_computed(ops, &facts)?;
        Some(all)
    }

    /// Whether rows of a CSV can be done in one pass too: what is read must be found as JSON in what is written.
    pub(crate) fn fit_rows(&self) -> bool {
        self.programs.iter().all(|Program { conversions, before, after, is_dropped, .. }| {
            let is_read = !before.is_empty() || !after.is_empty();
            !(is_read && *is_dropped) && (before.is_empty() || conversions.is_empty())
        })
    }

    pub(super) fn action(&self, slot: Slot) -> Action {
        self.actions.get(slot as usize).copied().unwrap_or(self.of_others)
    }

    /// The conversion of a program that does nothing else, if it can be done at a glance.
    pub(super) fn only_quick(&self, program: u32) -> Option<Quick> {
        let Program { quick, before, after, is_dropped, .. } = self.programs.get(program as usize)?;
        quick.filter(|_| before.is_empty() && after.is_empty() && !is_dropped)
    }

    /// The name that the field has at the end, if it is another one.
    pub(super) fn new_name(&self, slot: Slot) -> Option<Slot> {
        self.new_names.get(slot as usize).copied().flatten()
    }

    /// What the operations do to a field.
    fn follow(&mut self, ops: &[Op], facts: &Facts, slot: Slot) -> Option<(Action, Option<Slot>)> {
        let mut program = Program::default();
        let (mut name, mut is_renamed) = (slot, false);
        for (number, op) in ops.iter().enumerate() {
            match op {
                Op::Rename(rename) if rename.targets.has(name) => return Some((Action::Leave, None)),
                Op::Rename(rename) => {
                    // Also to a name that it had before: it is written anew then.
                    if let Some(new) = rename.new_name(name) {
                        (name, is_renamed) = (new, true);
                    }
                }
                Op::Convert(convert) => {
                    if let Some((conversion, field)) = convert.of(name) {
                        let (conversion, field) = (conversion.clone(), Arc::clone(field));
                        program.conversions.push(Step {
                            op: number,
                            conversion,
                            on_error: convert.on_error,
                            field,
                        });
                        // What is read between two conversions is neither here nor there.
                        if !program.after.is_empty() {
                            return None;
                        }
                    }
                }
                Op::Drop(dropped) if dropped.has(name) => program.is_dropped = true,
                Op::Select(kept) if !kept.has(name) => program.is_dropped = true,
                Op::Set(_) if facts.computed[number].has(name) => {
                    return Some((Action::Leave, None));
                }
                _ => {}
            }
            if program.is_dropped {
                break;
            }
            let read = facts.readers.get(&name).into_iter().flatten();
            let read = read.filter(|(op, _)| *op == number).map(|(_, cell)| *cell);
            if program.conversions.is_empty() {
                program.before.extend(read);
            } else {
                program.after.extend(read);
            }
        }
        let is_plain = program.conversions.is_empty() && program.before.is_empty();
        let renamed = is_renamed.then_some(name);
        let action = match (is_plain, program.is_dropped) {
            (true, true) => Action::Drop,
            (true, false) if renamed.is_some() => Action::Rename,
            (true, false) => Action::Copy,
            // A converted value that is read, but does not go out, would be nowhere.
            (false, true) if !program.after.is_empty() => return None,
            (false, _) => {
                if let [step] = program.conversions.as_slice() {
                    program.quick = Quick::of(&step.conversion);
                }
                self.programs.push(program);
                Action::Run(u32::try_from(self.programs.len() - 1).ok()?)
            }
        };
        Some((action, renamed))
    }

    /// Computed fields may be read by later steps, and no more.
    fn follow_computed(&mut self, ops: &[Op], facts: &Facts) -> Option<()> {
        for ending in 0..self.endings.len() {
            let Ending::Set { op, field, .. } = self.endings[ending] else { continue };
            let Op::Set(compute::Set { fields, on_error: _ }) = &ops[op] else { continue };
            let slot = fields[field].0;
            let later = ops.iter().zip(&facts.computed).skip(op + 1);
            let is_touched = later.into_iter().any(|(later, computed)| match later {
                Op::Rename(rename) => rename.targets.has(slot) || rename.new_name(slot).is_some(),
                Op::Convert(convert) => convert.of(slot).is_some(),
                Op::Drop(dropped) => dropped.has(slot),
                Op::Select(kept) => !kept.has(slot),
                Op::Set(_) => computed.has(slot),
                Op::KeepWhere(_) | Op::Owned(_) => false,
            });
            let is_twice = facts.twice[op].has(slot);
            if is_touched || is_twice {
                return None;
            }
            let readers = facts.readers.get(&slot).into_iter().flatten();
            let readers = readers.filter(|(reader, _)| *reader > op).map(|(_, cell)| *cell).collect();
            if let Ending::Set { cells, .. } = &mut self.endings[ending] {
                *cells = readers;
            }
        }
        Some(())
    }
}
