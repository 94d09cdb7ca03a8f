//! Steps that move fields: select, split, flatten, nest.

use migration_transform::Path;
use migration_transform::spec::{Flatten, OnError, Split};

use super::json::{Pairs, decoded, fields, join, quoted};
use super::places::{get, is, reject, remove, set, set_last, take, warn, warn_if};
use super::{Counts, Outcome};

/// What paths keep, and whether that is less.
pub(super) fn selected(record: &Pairs, paths: &[Vec<String>]) -> (Pairs, bool) {
    let mut kept = Pairs::new();
    let mut less = false;
    for pair in record {
        let rest: Vec<Vec<String>> =
            paths.iter().filter(|path| is(pair, &path[0])).map(|path| path[1..].to_vec()).collect();
        if rest.iter().any(Vec::is_empty) {
            kept.push(pair.clone());
        } else if let (false, Some(inner)) = (rest.is_empty(), fields(&pair.1)) {
            let (inner, inner_less) = selected(&inner, &rest);
            if !inner.is_empty() {
                kept.push((pair.0.clone(), if inner_less { join(&inner) } else { pair.1.clone() }));
            }
            less |= inner_less;
        }
    }
    let less = less || kept.len() < record.len();
    (kept, less)
}

pub(super) fn split(step: &Split, record: &mut Pairs, counts: &mut Counts) -> Result<(), Outcome> {
    let path = &step.field;
    let Some(value) = get(record, path.segments()).filter(|value| value != "null") else { return Ok(()) };
    let Some(said) = decoded(&value) else {
        if step.on_error == OnError::RejectRecord {
            return Err(reject("malformed", path.text()));
        }
        warn(counts, path.text(), "malformed");
        match step.on_error {
            OnError::Null => drop(set(record, path.segments(), "null")),
            OnError::DropField => remove(record, path),
            OnError::Keep | OnError::RejectRecord => {}
        }
        return Ok(());
    };
    let mut rest = Some(said.as_str());
    let mut blocked = false;
    for (place, into) in step.into.iter().enumerate() {
        let is_last = place + 1 == step.into.len();
        let part = match rest.and_then(|text| text.split_once(&step.separator)) {
            Some((part, after)) if !is_last => {
                rest = Some(after);
                Some(part)
            }
            _ => rest.take(),
        };
        let part = part.map_or("null".to_owned(), quoted);
        blocked |= warn_if(counts, into, set(record, into.segments(), &part));
    }
    if !step.keep && !blocked && !step.into.contains(path) {
        remove(record, path);
    }
    Ok(())
}

pub(super) fn flatten(step: &Flatten, outer: &mut Pairs, path: &Path, counts: &mut Counts) -> bool {
    let full = |pair: &(String, String)| fields(&pair.1).is_some_and(|inner| !inner.is_empty());
    let objects: Pairs = outer.extract_if(.., |pair| is(pair, path.name()) && full(pair)).collect();
    let mut leaves = Pairs::new();
    for (name, value) in &objects {
        dissolve(decoded(name).unwrap(), value, step, step.depth.unwrap_or(99), &mut leaves);
    }
    for (name, value) in leaves {
        if outer.iter().any(|pair| is(pair, &name)) {
            warn(counts, path.text(), "replaced");
        }
        set(outer, &[name], &value);
    }
    !objects.is_empty()
}

pub(super) fn dissolve(name: String, value: &str, step: &Flatten, depth: u32, leaves: &mut Pairs) {
    match fields(value).filter(|inner| depth > 0 && !inner.is_empty()) {
        None => leaves.push((name, value.to_owned())),
        Some(inner) => {
            for (inner, value) in inner {
                let inner = format!("{name}{}{}", step.separator, decoded(&inner).unwrap());
                dissolve(inner, &value, step, depth - 1, leaves);
            }
        }
    }
}

pub(super) fn nest(record: &mut Pairs, target: &Path, sources: &[Path], counts: &mut Counts) {
    if sources.iter().all(|path| take(&mut record.clone(), path).is_empty()) {
        return;
    }
    let inside = |name: &str| [target.segments(), &[name.to_owned()]].concat();
    if !set(&mut record.clone(), &inside("x"), "0") {
        warn(counts, target.text(), "not-an-object");
        return;
    }
    for path in sources {
        let moved = take(record, path);
        if moved.is_empty() {
            continue;
        }
        let there = get(record, &inside(path.name())).is_some();
        if there {
            warn(counts, path.text(), "replaced");
        }
        let mut object =
            get(record, target.segments()).map_or(Pairs::new(), |object| fields(&object).unwrap());
        object.retain(|pair| !is(pair, path.name()));
        object.extend(moved);
        set_last(record, target.segments(), &join(&object));
    }
}
