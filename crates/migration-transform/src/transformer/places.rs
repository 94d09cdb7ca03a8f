//! Where paths lead in a record that is to be changed.

use std::sync::Arc;

use super::Notes;
use crate::path::Path;
use crate::reason::Reason;
use crate::value::{Field, Record, Value};

/// Lets a change loose on every object that these names lead to, duplicates included. The change says whether it changed
/// something; what it left alone is written as it was.
pub(super) fn each_object(
    record: &mut Record,
    names: &[String],
    change: &mut dyn FnMut(&mut Record) -> bool,
) -> bool {
    let Some((first, rest)) = names.split_first() else { return change(record) };
    let mut changed = false;
    for field in record.iter_mut().filter(|field| field.is(first)) {
        changed |= field.edit(|value| match value {
            Value::Object(inner) => each_object(inner, rest, change),
            _ => false,
        });
    }
    changed
}

/// Gives the field at a path a value: in the last object with each name; those that aren't there are made.
///
/// # Errors
/// [`Reason::NotAnObject`] if something else is in the way; nothing has changed then.
pub(super) fn set(record: &mut Record, path: &Path, json: &str) -> Result<(), Reason> {
    let field = Field::of_json(path.name(), json);
    with_object(record, path.parents(), |inner| {
        inner.set_field(field);
    })
}

/// The same; what is in the way is counted. Says whether nothing was.
pub(super) fn place(record: &mut Record, path: &Path, json: &str, notes: &mut Notes<'_>) -> bool {
    let placed = set(record, path, json);
    if placed.is_err() {
        warn_blocked(record, path.parents(), path.text(), notes);
    }
    placed.is_ok()
}

/// Counts that a field could not be put into the object that names lead to, and what is in the way.
pub(super) fn warn_blocked(record: &Record, names: &[String], field: &Arc<str>, notes: &mut Notes<'_>) {
    notes.warn(field, Reason::NotAnObject, |out| out.push_str(&in_the_way(record, names)));
}

/// The JSON of what is no object on the way.
pub(super) fn in_the_way(record: &Record, names: &[String]) -> String {
    obstacle(record, names).map(|field| field.json().into_owned()).unwrap_or_default()
}

/// Removes every field at a path.
pub(super) fn remove(record: &mut Record, path: &Path) -> bool {
    each_object(record, path.parents(), &mut |inner| {
        let before = inner.len();
        inner.retain(|field| !field.is(path.name()));
        inner.len() < before
    })
}

/// Changes the last object that these names lead to; those that aren't there are made.
///
/// # Errors
/// [`Reason::NotAnObject`] if something else is in the way; nothing has changed then.
pub(super) fn with_object<T>(
    record: &mut Record,
    names: &[String],
    change: impl FnOnce(&mut Record) -> T,
) -> Result<T, Reason> {
    if is_blocked(record, names) {
        return Err(Reason::NotAnObject);
    }
    let mut inner = record;
    for name in names {
        if !inner.contains(name) {
            inner.push(name.as_str(), Record::new());
        }
        match inner.get_mut(name) {
            Some(Value::Object(next)) => inner = next,
            _ => return Err(Reason::NotAnObject),
        }
    }
    Ok(change(inner))
}

/// Whether something that is no object is on the way.
pub(super) fn is_blocked(record: &Record, names: &[String]) -> bool {
    obstacle(record, names).is_some()
}

fn obstacle<'r>(record: &'r Record, names: &[String]) -> Option<&'r Field> {
    let mut inner = record;
    for name in names {
        let field = inner.field(name)?;
        match field.value() {
            Value::Object(next) => inner = next,
            _ => return Some(field),
        }
    }
    None
}

/// The last field at a path, in whichever of several objects with the same name it is: where a step speaks of each.
pub(super) fn any_at<'r>(record: &'r Record, path: &[String]) -> Option<&'r Field> {
    let (name, rest) = path.split_first()?;
    let mut fields = record.iter().rev().filter(|field| field.is(name));
    if rest.is_empty() {
        fields.next()
    } else {
        fields.find_map(|field| any_at(field.value().as_object()?, rest))
    }
}

/// What a value says: a text itself, everything else as JSON.
pub(super) fn text_of(field: &Field) -> std::borrow::Cow<'_, str> {
    let json = field.json();
    if !json.starts_with('"') {
        return json;
    }
    match field.value() {
        Value::String(text) => text.into(),
        _ => json,
    }
}
