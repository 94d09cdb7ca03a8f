//! Where paths lead in a record that is to be changed.

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
    let mut inner = record;
    for name in names {
        match inner.get(name) {
            Some(Value::Object(next)) => inner = next,
            Some(_) => return true,
            None => return false,
        }
    }
    false
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
