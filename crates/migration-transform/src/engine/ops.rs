//! The steps that work on a record's table. Each is what the step of the same name is in `docs/transform.md`.

use std::ops::Range;
use std::sync::Arc;

use bumpalo::Bump;

use super::compute;
use super::csv::LastPlaces;
use super::names::{Names, OTHER, Slot};
use super::owned::{self, Owned};
use super::table::Table;
use crate::chunk::Made;
use crate::convert::{Conversion, Outcome};
use crate::reason::Reason;
use crate::spec::OnError;
use crate::transformer::Verdict;
use crate::value::Record;
use crate::warnings::Place;

/// One operation.
#[derive(Debug)]
pub(crate) enum Op {
    Rename(Rename),
    Convert(Convert),
    Drop(Set),
    Select(Set),
    Set(compute::Set),
    KeepWhere(compute::KeepWhere),
    /// A step that needs the record as such.
    Owned(Owned),
}

/// Names, as a set.
#[derive(Debug, Default, Clone)]
pub(crate) struct Set(Vec<bool>);

impl Set {
    pub(crate) fn add(&mut self, slot: Slot) {
        let slot = slot as usize;
        if slot >= self.0.len() {
            self.0.resize(slot + 1, false);
        }
        self.0[slot] = true;
    }

    pub(crate) fn has(&self, slot: Slot) -> bool {
        self.0.get(slot as usize).is_some_and(|there| *there)
    }
}

/// New names for fields of the record itself.
#[derive(Debug)]
pub(crate) struct Rename {
    /// By old name.
    pub(crate) to: Vec<Option<Slot>>,
    /// The new names of which a field that has one already is in the way.
    pub(crate) targets: Set,
    /// For records in which one is.
    pub(crate) conflict: Owned,
}

/// Conversions of fields of the record itself.
#[derive(Debug)]
pub(crate) struct Convert {
    /// By name.
    pub(crate) fields: Vec<Option<(Conversion, Arc<str>)>>,
    /// By name: which of the step's fields it is.
    pub(crate) order: Vec<Option<usize>>,
    pub(crate) on_error: OnError,
}

/// The record that operations work on, and where they tell what was odd.
pub(crate) struct Context<'a> {
    /// What the table's spans point into, unless it is the arena.
    pub(crate) input: &'a [u8],
    pub(crate) names: &'a Names,
    pub(crate) table: &'a mut Table,
    pub(crate) made: &'a mut Made,
    pub(crate) place: Place,
    pub(crate) scratch: &'a mut Scratch,
    /// The record, if it is not in the table.
    pub(crate) owned: &'a mut Option<Record>,
}

/// Where expressions calculate.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) bump: Bump,
    /// What was computed, as JSON.
    pub(crate) json: String,
    /// The record as it goes out.
    pub(crate) line: Vec<u8>,
    /// Where each result is; of one that failed, what was read for it.
    pub(crate) results: Vec<Result<Range<usize>, Failed>>,
    /// For rows that go out.
    pub(crate) last: LastPlaces,
}

/// Why something could not be computed, and where that is which was read for it.
pub(crate) type Failed = (Reason, Range<usize>);

impl Op {
    pub(crate) fn apply(&self, context: &mut Context<'_>) -> Verdict {
        if let Self::Owned(owned) = self {
            return owned.apply(context);
        }
        let settled = owned::settle(context);
        if settled != Verdict::Keep {
            return settled;
        }
        match self {
            Self::Rename(rename) => return rename.apply(context),
            Self::Convert(convert) => return convert.apply(context),
            Self::Drop(dropped) => context.table.entries.retain(|entry| !dropped.has(entry.slot)),
            Self::Select(kept) => context.table.entries.retain(|entry| kept.has(entry.slot)),
            Self::Set(set) => return set.apply(context),
            Self::KeepWhere(condition) => return condition.apply(context),
            Self::Owned(_) => {}
        }
        Verdict::Keep
    }
}

impl Rename {
    /// The new name of a field, if it gets one.
    pub(crate) fn new_name(&self, slot: Slot) -> Option<Slot> {
        self.to.get(slot as usize).copied().flatten()
    }

    fn apply(&self, context: &mut Context<'_>) -> Verdict {
        let entries = &mut context.table.entries;
        if entries.iter().any(|entry| self.targets.has(entry.slot)) && self.is_conflict(context) {
            return self.conflict.apply(context);
        }
        for entry in &mut context.table.entries {
            if let Some(slot) = self.new_name(entry.slot) {
                (entry.slot, entry.key) = (slot, None);
            }
        }
        Verdict::Keep
    }

    /// Whether a field that stays has the new name of another.
    fn is_conflict(&self, context: &Context<'_>) -> bool {
        let entries = &context.table.entries;
        let mut renamed = Set::default();
        entries.iter().filter_map(|entry| self.new_name(entry.slot)).for_each(|slot| renamed.add(slot));
        entries.iter().any(|entry| self.targets.has(entry.slot) && renamed.has(entry.slot))
    }
}

impl Convert {
    /// What is done to a field of this name.
    pub(crate) fn of(&self, slot: Slot) -> Option<&(Conversion, Arc<str>)> {
        self.fields.get(slot as usize).and_then(Option::as_ref)
    }

    fn order(&self, slot: Slot) -> Option<usize> {
        self.order.get(slot as usize).copied().flatten()
    }

    fn apply(&self, context: &mut Context<'_>) -> Verdict {
        let mut removed = false;
        // Of several that reject the record, the one that the step names first is told.
        let mut rejected: Option<Slot> = None;
        let table = &mut *context.table;
        for at in 0..table.entries.len() {
            let entry = table.entries[at];
            let Some((conversion, field)) = self.of(entry.slot) else {
                continue;
            };
            let (made, outcome) =
                table.make_from(context.input, entry.value, |raw, out| conversion.apply(raw, out));
            match outcome {
                Outcome::Unchanged => continue,
                Outcome::Changed => {
                    table.entries[at].value = made;
                    continue;
                }
                Outcome::Malformed => {}
            }
            if self.on_error == OnError::RejectRecord {
                let order = self.order(entry.slot);
                rejected = rejected.filter(|slot| self.order(*slot) < order).or(Some(entry.slot));
                continue;
            }
            warn(context.made, field, context.place, table.text(context.input, entry.value));
            match self.on_error {
                OnError::Null => table.entries[at].value = table.make(|out| out.extend_from_slice(b"null")).0,
                OnError::DropField => {
                    // No name has this number with this key: taken out below.
                    table.entries[at] = super::table::Entry { slot: OTHER, key: None, ..entry };
                    removed = true;
                }
                OnError::Keep | OnError::RejectRecord => {}
            }
        }
        if let Some((_, field)) = rejected.and_then(|slot| self.of(slot)) {
            return Verdict::reject(Reason::Malformed, field);
        }
        if removed {
            table.entries.retain(|entry| entry.slot != OTHER || entry.key.is_some());
        }
        Verdict::Keep
    }
}

/// Counts a value that could not be converted.
pub(crate) fn warn(made: &mut Made, field: &Arc<str>, place: Place, value: &[u8]) {
    made.warnings.add(field, Reason::Malformed, place, |text| text.push_str(&String::from_utf8_lossy(value)));
}
