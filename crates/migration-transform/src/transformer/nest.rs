//! Fields put into objects.

use std::collections::HashMap;

use super::places::{any_at, each_object, is_blocked, warn_blocked, with_object};
use super::{DataTransformer, Notes, Verdict};
use crate::path::Path;
use crate::reason::Reason;
use crate::spec::Nest;
use crate::value::{Field, Record};

/// Up to how many fields are looked for one after the other.
const FEW: usize = 8;

impl DataTransformer for Nest {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        for (target, sources) in &self.fields {
            if sources.iter().all(|path| any_at(record, path.segments()).is_none()) {
                continue;
            }
            if is_blocked(record, target.segments()) {
                warn_blocked(record, target.segments(), target.text(), notes);
                continue;
            }
            if sources.len() > FEW && sources.iter().all(Path::is_top_level) {
                nest_all(record, sources, target, notes);
                continue;
            }
            for path in sources {
                nest(record, path, target, notes);
            }
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "nest"
    }

    fn may_reject(&self) -> bool {
        false
    }
}

fn nest(record: &mut Record, path: &Path, target: &Path, notes: &mut Notes<'_>) {
    let mut moved = Vec::new();
    each_object(record, path.parents(), &mut |inner| {
        let before = moved.len();
        moved.extend(inner.take(path.name()));
        moved.len() > before
    });
    if moved.is_empty() {
        return;
    }
    let placed = with_object(record, target.segments(), |object| {
        let replaced = object.take(path.name());
        object.fields_mut().extend(moved);
        replaced
    });
    if let Some(replaced) = placed.ok().and_then(|mut replaced| replaced.pop()) {
        notes.warn(path.text(), Reason::Replaced, |out| out.push_str(&replaced.json()));
    }
}

/// The same for fields of the record itself, all of which have different names: in one go through it.
fn nest_all(record: &mut Record, sources: &[Path], target: &Path, notes: &mut Notes<'_>) {
    let places: HashMap<&str, usize> = sources.iter().map(Path::name).zip(0..).collect();
    let mut moved: Vec<Vec<Field>> = vec![Vec::new(); sources.len()];
    let place_of = |field: &Field| places.get(field.name()).copied().filter(|_| field.is(field.name()));
    for field in record.fields_mut().extract_if(.., |field| place_of(field).is_some()) {
        if let Some(fields) = place_of(&field).and_then(|place| moved.get_mut(place)) {
            fields.push(field);
        }
    }
    let placed = with_object(record, target.segments(), |object| {
        let goes = |field: &mut Field| {
            place_of(field).and_then(|place| moved.get(place)).is_some_and(|fields| !fields.is_empty())
        };
        let replaced: Vec<Field> = object.fields_mut().extract_if(.., goes).collect();
        object.fields_mut().extend(moved.into_iter().flatten());
        replaced
    });
    let replaced = placed.unwrap_or_default();
    // Of several with one name the last is shown.
    let last: HashMap<usize, &Field> =
        replaced.iter().filter_map(|field| Some((place_of(field)?, field))).collect();
    for (path, place) in sources.iter().zip(0..) {
        if let Some(field) = last.get(&place) {
            notes.warn(path.text(), Reason::Replaced, |out| out.push_str(&field.json()));
        }
    }
}
