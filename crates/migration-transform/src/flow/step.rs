//! What each step does to what is known of a record.

use std::collections::HashSet;

use migration_model::FlowKind;

use super::State;
use super::origin::Origins;
use super::shape::Shape;
use crate::expression::Expression;
use crate::path::Path;
use crate::spec::{
    Default, Flatten, KeepWhere, Lookup, Merge, Nest, OnConflict, OnError, OnUndecided, Otherwise, Rename,
    Select, Set, Split, Step, Table,
};

pub(super) fn apply(step: &Step, state: &mut State) {
    match step {
        Step::Rename(step) => rename(step, state),
        Step::Convert(step) => {
            let rejects = step.on_error == OnError::RejectRecord;
            step.fields.iter().for_each(|(path, _)| computed(state, path, false, rejects));
        }
        Step::Drop(step) => {
            step.fields.iter().for_each(|path| state.record.put(path.segments(), Shape::empty()));
        }
        Step::Select(step) => select(step, state),
        Step::KeepWhere(step) => keep_where(step, state),
        Step::Set(step) => set(step, state),
        Step::Default(step) => default(step, state),
        Step::Split(step) => split(step, state),
        Step::Merge(step) => merge(step, state),
        Step::Flatten(step) => step.fields.iter().for_each(|path| flatten(step, path, state)),
        Step::Nest(step) => nest(step, state),
        Step::Map(step) => {
            let rejects = step.otherwise == Otherwise::RejectRecord;
            step.fields.iter().for_each(|(path, _)| computed(state, path, false, rejects));
        }
        Step::Lookup(step) => lookup(step, state),
        Step::Hash(step) => step.fields.iter().for_each(|path| computed(state, path, true, false)),
        Step::Mask(step) => step.fields.iter().for_each(|path| computed(state, path, true, false)),
    }
}

/// A field becomes something that is computed from it.
fn computed(state: &mut State, path: &Path, masking: bool, rejects: bool) {
    let before = state.record.at(path.segments()).collect();
    if rejects {
        state.filter(&before, true);
    }
    let own = before.through(FlowKind::Transformation, masking);
    state.record.put(path.segments(), Shape::of(own));
}

/// What decides whether a path can be reached: the objects on the way.
fn way(record: &Shape, names: &[String]) -> Origins {
    let mut found = Origins::default();
    for length in 1..=names.len() {
        found.add(record.at(&names[..length]).own);
    }
    found
}

fn rename(step: &Rename, state: &mut State) {
    let pairs: Vec<&(Path, Path)> = step.fields.iter().filter(|(old, new)| old != new).collect();
    let before = state.record.clone();
    let olds: HashSet<&Path> = pairs.iter().map(|(old, _)| old).collect();
    let mut decides = Origins::default();
    // A field stays where it is if something is in the way.
    let mut sure = step.on_conflict == OnConflict::Replace;
    for (old, new) in &pairs {
        let moves = old.parents() != new.parents();
        if step.on_conflict != OnConflict::Replace {
            decides.add(before.at(old.segments()).collect());
            decides.add(before.at(new.segments()).collect());
        }
        if moves {
            sure &= new.is_top_level();
            decides.add(way(&before, new.parents()));
        }
    }
    if step.on_conflict == OnConflict::RejectRecord {
        state.filter(&decides, true);
    }
    for (old, _) in &pairs {
        let stays =
            if sure { Shape::empty() } else { before.at(old.segments()).as_fallback().decided_by(&decides) };
        state.record.put(old.segments(), stays);
    }
    for (old, new) in &pairs {
        let there = before.at(new.segments());
        let leaves = sure && olds.contains(new);
        let moved = before.at(old.segments()).decided_by(&decides);
        let moved = if leaves { moved } else { moved.or(&there) };
        state.record.put(new.segments(), moved);
    }
}

fn select(step: &Select, state: &mut State) {
    let before = std::mem::replace(&mut state.record, Shape::empty());
    let all: HashSet<&[String]> = step.fields.iter().map(Path::segments).collect();
    let within = |path: &Path| (1..path.segments().len()).any(|len| all.contains(&path.segments()[..len]));
    for path in step.fields.iter().filter(|path| !within(path)) {
        state.record.put(path.segments(), before.at(path.segments()));
    }
}

fn keep_where(step: &KeepWhere, state: &mut State) {
    let mut read = Origins::default();
    for path in step.condition.paths() {
        read.add(state.record.at(path.segments()).collect());
    }
    state.filter(&read, false);
    if step.on_error == OnUndecided::RejectRecord {
        state.filter(&read, true);
    }
}

fn set(step: &Set, state: &mut State) {
    let before = state.record.clone();
    for (path, expression) in &step.fields {
        let value = value_of(expression, &before);
        let on_way = way(&before, path.parents());
        if step.on_error == OnError::RejectRecord {
            state.filter(&value.collect().with(on_way.clone()), true);
        }
        let there = before.at(path.segments());
        let fails = expression.may_fail() || !path.parents().is_empty();
        let value = if fails { value.or(&there) } else { value };
        state.record.put(path.segments(), value.decided_by(&on_way));
    }
}

fn value_of(expression: &Expression, record: &Shape) -> Shape {
    if let Some(path) = expression.copied() {
        return Shape::made_of(Origins::default()).merged(record.at(path.segments()));
    }
    let mut own = Origins::default();
    for (path, kind) in expression.sources() {
        own.add(record.at(path.segments()).collect().through(kind, false));
    }
    Shape::made_of(own)
}

fn default(step: &Default, state: &mut State) {
    for (path, _) in &step.fields {
        let on_way = way(&state.record, path.parents());
        state.record.edit(path.segments(), |there| {
            let own = there.collect().through(FlowKind::Transformation, false);
            Shape::made_of(own).decided_by(&on_way)
        });
    }
}

fn split(step: &Split, state: &mut State) {
    let before = state.record.clone();
    let text = before.at(step.field.segments());
    let parts = text.collect().through(FlowKind::Transformation, false);
    if step.on_error == OnError::RejectRecord {
        state.filter(&parts, true);
    }
    let mut on_way = Origins::default();
    for path in &step.into {
        let to = way(&before, path.parents());
        let part = Shape::made_of(parts.clone()).or(&before.at(path.segments())).decided_by(&to);
        state.record.put(path.segments(), part);
        on_way.add(to);
    }
    if !step.keep && !step.into.contains(&step.field) {
        state.record.put(step.field.segments(), text.as_fallback().decided_by(&on_way));
    }
}

fn merge(step: &Merge, state: &mut State) {
    let before = state.record.clone();
    let mut all = Origins::default();
    for path in &step.fields {
        all.add(before.at(path.segments()).collect());
    }
    let on_way = way(&before, step.into.parents());
    if !step.keep {
        for path in &step.fields {
            let stays = before.at(path.segments()).as_fallback();
            state.record.put(path.segments(), stays.decided_by(&all).decided_by(&on_way));
        }
    }
    let text = Shape::made_of(all.through(FlowKind::Transformation, false));
    let text = text.or(&before.at(step.into.segments())).decided_by(&on_way);
    state.record.put(step.into.segments(), text);
}

fn flatten(step: &Flatten, path: &Path, state: &mut State) {
    let prefix = format!("{}{}", path.name(), step.separator);
    let object = state.record.at(path.segments());
    state.record.put(path.segments(), object.as_fallback());
    state.record.edit(path.parents(), |mut around| {
        around.dissolve(prefix, &step.separator, object);
        around
    });
}

fn nest(step: &Nest, state: &mut State) {
    for (target, sources) in &step.fields {
        let before = state.record.clone();
        let on_way = way(&before, target.segments());
        for path in sources {
            let moved = before.at(path.segments());
            state.record.put(path.segments(), moved.as_fallback().decided_by(&on_way));
        }
        for path in sources {
            let mut to = target.segments().to_vec();
            to.push(path.name().to_owned());
            // Two fields may get one name.
            let there = state.record.at(&to);
            let moved = before.at(path.segments()).or(&there).decided_by(&on_way);
            state.record.put(&to, moved);
        }
    }
}

fn lookup(step: &Lookup, state: &mut State) {
    let before = state.record.clone();
    let key = before.at(step.field.segments()).collect();
    if step.otherwise == Otherwise::RejectRecord {
        state.filter(&key, true);
    }
    for (path, column) in &step.take {
        let mut own = key.through(FlowKind::Join, false);
        if let Table::File(file) = &step.table {
            own.add(Origins::column(file.display().to_string(), column));
        }
        let on_way = way(&before, path.parents());
        let found = Shape::made_of(own).or(&before.at(path.segments())).decided_by(&on_way);
        state.record.put(path.segments(), found);
    }
}
