//! From the steps of a chain to operations.

use std::collections::HashSet;
use std::sync::Arc;

use super::compute::{self, Compiled};
use super::names::{Names, Slot};
use super::ops::{Convert, Op, Rename, Set};
use super::owned::Owned;
use crate::chain::{Chain, Stage};
use crate::convert::Conversion;
use crate::error::Error;
use crate::path::Path;
use crate::spec::{self, Step};
use crate::transformer::of_step;

/// Compiles the stages, one operation each.
pub(crate) fn compile(chain: &Chain, names: &mut Names) -> Result<Vec<Op>, Error> {
    chain.stages().iter().zip(1..).map(|(stage, number)| operation(stage, number, names)).collect()
}

fn operation(stage: &Stage, number: usize, names: &mut Names) -> Result<Op, Error> {
    let step = match stage {
        Stage::Step(step) => step,
        Stage::Custom(transformer) => return Ok(Op::Owned(Owned(Arc::clone(transformer)))),
    };
    // Also where it is not used: it checks the step.
    let owned = Owned(of_step(step, number)?);
    let native = match &**step {
        Step::Rename(rename) => rename_of(rename, &owned, names).map(Op::Rename),
        Step::Convert(convert) => convert_of(convert, names).map(Op::Convert),
        Step::Drop(drop) => set_of(&drop.fields, names).map(Op::Drop),
        Step::Select(select) => set_of(&select.fields, names).map(Op::Select),
        Step::Set(set) => computed(set, names).map(Op::Set),
        Step::KeepWhere(step) => {
            let condition = Compiled::new(&step.condition, |name| names.add(name));
            Some(Op::KeepWhere(compute::KeepWhere { condition, on_error: step.on_error }))
        }
        _ => None,
    };
    Ok(native.unwrap_or(Op::Owned(owned)))
}

/// `None`: a path leads into an object.
fn rename_of(step: &spec::Rename, owned: &Owned, names: &mut Names) -> Option<Rename> {
    let mut pairs = Vec::new();
    for (old, new) in &step.fields {
        pairs.push((slot_of(old, names)?, slot_of(new, names)?));
    }
    let mut to = Vec::new();
    let mut targets = Set::default();
    let olds: HashSet<Slot> = pairs.iter().map(|(old, _)| *old).collect();
    let mut news = HashSet::new();
    for (old, new) in &pairs {
        // A field that keeps its name keeps the way in which it is written.
        if old != new {
            put(&mut to, *old, *new);
        }
        // Two fields that become one are in each other's way whatever the record has.
        if !news.insert(*new) {
            return None;
        }
        if !olds.contains(new) {
            targets.add(*new);
        }
    }
    Some(Rename { to, targets, conflict: owned.clone() })
}

fn convert_of(step: &spec::Convert, names: &mut Names) -> Option<Convert> {
    let mut fields = Vec::new();
    let mut order = Vec::new();
    for ((path, target), place) in step.fields.iter().zip(0..) {
        let slot = slot_of(path, names)?;
        put(&mut order, slot, place);
        put(&mut fields, slot, (Conversion::from(target), Arc::clone(path.text())));
    }
    Some(Convert { fields, order, on_error: step.on_error })
}

fn computed(step: &spec::Set, names: &mut Names) -> Option<compute::Set> {
    let mut fields = Vec::new();
    for (path, expression) in &step.fields {
        let slot = slot_of(path, names)?;
        fields.push((slot, Arc::clone(path.text()), Compiled::new(expression, |name| names.add(name))));
    }
    Some(compute::Set { fields, on_error: step.on_error })
}

fn set_of(paths: &[Path], names: &mut Names) -> Option<Set> {
    let mut set = Set::default();
    for path in paths {
        set.add(slot_of(path, names)?);
    }
    Some(set)
}

fn slot_of(path: &Path, names: &mut Names) -> Option<Slot> {
    path.is_top_level().then(|| names.add(path.name()))
}

fn put<T>(list: &mut Vec<Option<T>>, slot: Slot, value: T) {
    let slot = slot as usize;
    if slot >= list.len() {
        list.resize_with(slot + 1, || None);
    }
    list[slot] = Some(value);
}
