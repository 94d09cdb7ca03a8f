//! Objects dissolved into the object around them.

use super::places::each_object;
use super::{DataTransformer, Notes, Verdict};
use crate::path::Path;
use crate::reason::Reason;
use crate::spec::Flatten;
use crate::value::scan::{blanks_end, string_end, value_end};
use crate::value::{Field, Record, text};

impl DataTransformer for Flatten {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        for path in &self.fields {
            each_object(record, path.parents(), &mut |inner| flatten(self, inner, path, notes));
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "flatten"
    }

    fn may_reject(&self) -> bool {
        false
    }
}

/// Puts the fields of the objects with a name into the object around them. Says whether there was such an object.
fn flatten(step: &Flatten, outer: &mut Record, path: &Path, notes: &mut Notes<'_>) -> bool {
    let full = |field: &mut Field| field.is(path.name()) && is_full(field.json().as_bytes(), 0);
    let objects: Vec<Field> = outer.fields_mut().extract_if(.., full).collect();
    let mut leaves = Vec::new();
    for object in &objects {
        let prefix = format!("{}{}", object.name(), step.separator);
        let levels = step.depth.unwrap_or(u32::MAX) - 1;
        // What is in a record is valid JSON.
        let _ = dissolve(&object.json(), 0, &prefix, levels, &step.separator, &mut leaves);
    }
    outer.set_fields(leaves, |name| {
        notes.warn(path.text(), Reason::Replaced, |out| text::encode(name, out));
    });
    !objects.is_empty()
}

/// Whether an object with fields begins at a place.
fn is_full(json: &[u8], at: usize) -> bool {
    json.get(at) == Some(&b'{') && json.get(blanks_end(json, at + 1)) != Some(&b'}')
}

/// The fields of the object that begins at a place, and of the objects in it down to so many levels, with the names on the way
/// before theirs: each byte is looked at once, however deep it lies. Returns the place behind the object.
fn dissolve(
    json: &str,
    start: usize,
    prefix: &str,
    levels: u32,
    separator: &str,
    leaves: &mut Vec<Field>,
) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut at = blanks_end(bytes, start + 1);
    loop {
        let name_end = string_end(bytes, at).ok()?;
        let name = json.get(at..name_end)?;
        let value = blanks_end(bytes, blanks_end(bytes, name_end) + 1);
        let end = if levels > 0 && is_full(bytes, value) {
            let prefix = format!("{prefix}{}{separator}", Field::read(name, "null").name());
            dissolve(json, value, &prefix, levels - 1, separator, leaves)?
        } else {
            let end = value_end(bytes, value, usize::MAX).ok()?;
            leaves.push(Field::read(name, json.get(value..end)?).with_prefix(prefix));
            end
        };
        at = blanks_end(bytes, end);
        match bytes.get(at)? {
            b',' => at = blanks_end(bytes, at + 1),
            _ => return Some(at + 1),
        }
    }
}
