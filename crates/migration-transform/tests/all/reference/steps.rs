//! What each step does.

use migration_transform::spec::{self, OnConflict, OnError, OnUndecided, Otherwise};
use migration_transform::{Path, Record, Step, Value};
use sha2::{Digest, Sha256};

use super::json::{Pairs, decoded, fields, join, quoted, text};
use super::{Counts, Outcome, convert};

/// Changes a record; an error is what becomes of it instead.
pub(super) fn apply(step: &Step, record: &mut Pairs, counts: &mut Counts) -> Result<(), Outcome> {
    match step {
        Step::Rename(step) => rename(step, record, counts),
        Step::Convert(step) => {
            for (path, target) in &step.fields {
                let failure = Failure::of(step.on_error);
                values(record, path, counts, failure, &|value| {
                    convert::convert(value, target).ok_or("malformed")
                })?;
            }
            Ok(())
        }
        Step::Drop(step) => {
            step.fields.iter().for_each(|path| remove(record, path));
            Ok(())
        }
        Step::Select(step) => {
            let paths: Vec<Vec<String>> = step.fields.iter().map(|path| path.segments().to_vec()).collect();
            *record = selected(record, &paths).0;
            Ok(())
        }
        Step::KeepWhere(step) => match step.condition.holds(&Record::from_json(&join(record)).unwrap()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Outcome::Filtered),
            Err(reason) if step.on_error == OnUndecided::RejectRecord => {
                Err(reject(reason.code(), step.condition.text()))
            }
            Err(reason) => {
                warn(counts, step.condition.text(), reason.code());
                Ok(())
            }
        },
        Step::Set(step) => set_step(step, record, counts),
        Step::Default(step) => {
            for (path, value) in &step.fields {
                if get(record, path.segments()).is_none() {
                    warn_if(counts, path, set(record, path.segments(), &value.to_json()));
                }
                let null = |value: &str| value == "null";
                let replace =
                    |found: &str| if null(found) { Ok(value.to_json()) } else { Ok(found.to_owned()) };
                values(record, path, counts, Failure::Ignore, &replace)?;
            }
            Ok(())
        }
        Step::Split(step) => split(step, record, counts),
        Step::Merge(step) => {
            let found = step.fields.iter().filter_map(|path| get(record, path.segments()));
            let parts: Vec<String> =
                found.filter(|value| value != "null").map(|value| text(&value)).collect();
            if parts.is_empty() {
                return Ok(());
            }
            let merged = set(record, step.into.segments(), &quoted(&parts.join(&step.separator)));
            if !warn_if(counts, &step.into, merged) && !step.keep {
                step.fields.iter().filter(|path| **path != step.into).for_each(|path| remove(record, path));
            }
            Ok(())
        }
        Step::Flatten(step) => {
            for path in &step.fields {
                each(record, path.parents(), &mut |inner| flatten(step, inner, path, counts));
            }
            Ok(())
        }
        Step::Nest(step) => {
            step.fields.iter().for_each(|(target, sources)| nest(record, target, sources, counts));
            Ok(())
        }
        Step::Map(step) => {
            for (path, map) in &step.fields {
                let failure = Failure::otherwise(step.otherwise);
                let replace = |value: &str| mapped(value, map).ok_or("not-found");
                values(record, path, counts, failure, &replace)?;
            }
            Ok(())
        }
        Step::Hash(step) => {
            for path in &step.fields {
                values(record, path, counts, Failure::Ignore, &|value| {
                    let hex =
                        |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                    Ok(if value == "null" {
                        value.to_owned()
                    } else {
                        quoted(&hex(&Sha256::digest(text(value))))
                    })
                })?;
            }
            Ok(())
        }
        Step::Mask(step) => {
            for path in &step.fields {
                values(record, path, counts, Failure::Ignore, &|value| Ok(masked(step, value)))?;
            }
            Ok(())
        }
        other => unimplemented!("{} needs files", other.operation()),
    }
}

// What becomes of what failed.

#[derive(Clone, Copy, PartialEq)]
enum Failure {
    Ignore,
    Keep,
    Null,
    Drop,
    Reject,
}

impl Failure {
    fn of(on_error: OnError) -> Self {
        match on_error {
            OnError::Keep => Self::Keep,
            OnError::Null => Self::Null,
            OnError::DropField => Self::Drop,
            OnError::RejectRecord => Self::Reject,
        }
    }

    fn otherwise(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Keep => Self::Ignore,
            Otherwise::Warn => Self::Keep,
            Otherwise::Null => Self::Null,
            Otherwise::DropField => Self::Drop,
            Otherwise::RejectRecord => Self::Reject,
        }
    }
}

fn warn(counts: &mut Counts, field: &str, reason: &str) {
    *counts.entry((field.to_owned(), reason.to_owned())).or_default() += 1;
}

/// Counts what was in the way; says whether something was.
fn warn_if(counts: &mut Counts, path: &Path, done: bool) -> bool {
    if !done {
        warn(counts, path.text(), "not-an-object");
    }
    !done
}

fn reject(reason: &str, field: &str) -> Outcome {
    Outcome::Rejected(reason.to_owned(), Some(field.to_owned()))
}

// Places.

fn is(pair: &(String, String), name: &str) -> bool {
    decoded(&pair.0).as_deref() == Some(name)
}

fn get(record: &Pairs, names: &[String]) -> Option<String> {
    let value = record.iter().rfind(|pair| is(pair, &names[0]))?.1.clone();
    if names.len() == 1 { Some(value) } else { get(&fields(&value)?, &names[1..]) }
}

/// Every object that names lead to. Those that the change says it changed are put together anew.
fn each(record: &mut Pairs, names: &[String], change: &mut dyn FnMut(&mut Pairs) -> bool) -> bool {
    if names.is_empty() {
        return change(record);
    }
    let mut changed = false;
    for pair in record.iter_mut().filter(|pair| is(pair, &names[0])) {
        if let Some(mut inner) = fields(&pair.1)
            && each(&mut inner, &names[1..], change)
        {
            pair.1 = join(&inner);
            changed = true;
        }
    }
    changed
}

/// Every value of a field.
fn values(
    record: &mut Pairs,
    path: &Path,
    counts: &mut Counts,
    failure: Failure,
    change: &dyn Fn(&str) -> Result<String, &'static str>,
) -> Result<(), Outcome> {
    let mut rejected = None;
    each(record, path.parents(), &mut |inner| {
        let before = inner.clone();
        let mut after = Pairs::new();
        for (name, value) in &before {
            let mut value = value.clone();
            if rejected.is_none() && is(&(name.clone(), String::new()), path.name()) {
                match change(&value) {
                    Ok(changed) => value = changed,
                    Err(reason) => {
                        if !matches!(failure, Failure::Ignore | Failure::Reject) {
                            warn(counts, path.text(), reason);
                        }
                        match failure {
                            Failure::Ignore | Failure::Keep => {}
                            Failure::Null => value = "null".to_owned(),
                            Failure::Drop => continue,
                            Failure::Reject => rejected = Some(reject(reason, path.text())),
                        }
                    }
                }
            }
            after.push((name.clone(), value));
        }
        *inner = after;
        *inner != before
    });
    rejected.map_or(Ok(()), Err)
}

/// Sets a field; says whether it could.
fn set(record: &mut Pairs, names: &[String], value: &str) -> bool {
    let last = record.iter().rposition(|pair| is(pair, &names[0]));
    if names.len() == 1 {
        match last {
            None => record.push((quoted(&names[0]), value.to_owned())),
            Some(last) => {
                record[last].1 = value.to_owned();
                let mut place = 0;
                record.retain(|pair| {
                    place += 1;
                    place - 1 == last || !is(pair, &names[0])
                });
            }
        }
        return true;
    }
    let mut inner = match last.map(|last| fields(&record[last].1)) {
        None => Pairs::new(),
        Some(Some(inner)) => inner,
        Some(None) => return false,
    };
    if !set(&mut inner, &names[1..], value) {
        return false;
    }
    match last {
        None => record.push((quoted(&names[0]), join(&inner))),
        Some(last) => record[last].1 = join(&inner),
    }
    true
}

fn remove(record: &mut Pairs, path: &Path) {
    take(record, path);
}

/// Removes every field at a path, and says what they were.
fn take(record: &mut Pairs, path: &Path) -> Pairs {
    let mut taken = Pairs::new();
    each(record, path.parents(), &mut |inner| {
        let before = taken.len();
        taken.extend(inner.extract_if(.., |pair| is(pair, path.name())));
        taken.len() > before
    });
    taken
}

// The steps that need more than a line.

fn rename(step: &spec::Rename, record: &mut Pairs, counts: &mut Counts) -> Result<(), Outcome> {
    let pairs: Vec<&(Path, Path)> = step.fields.iter().filter(|(old, new)| old != new).collect();
    let (stay, go): (Vec<_>, Vec<_>) =
        pairs.iter().copied().partition(|(old, new)| old.parents() == new.parents());
    let mut moved = Vec::new();
    for (old, new) in go {
        if get(record, old.segments()).is_none() {
            continue;
        }
        let mut probe = record.clone();
        if !set(&mut probe, new.segments(), "0") {
            warn(counts, new.text(), "not-an-object");
            continue;
        }
        if get(record, new.segments()).is_some() && !pairs.iter().any(|(old, _)| old == new) {
            match step.on_conflict {
                OnConflict::Replace => {}
                OnConflict::Keep => {
                    warn(counts, new.text(), "name-taken");
                    continue;
                }
                OnConflict::RejectRecord => return Err(reject("name-taken", new.text())),
            }
        }
        moved.push((new, take(record, old)));
    }
    let mut parents: Vec<&[String]> = stay.iter().map(|(old, _)| old.parents()).collect();
    parents.dedup();
    parents.sort();
    parents.dedup();
    for parent in parents {
        let here: Vec<_> = stay.iter().copied().filter(|(old, _)| old.parents() == parent).collect();
        let mut rejected = None;
        each(record, parent, &mut |inner| match rename_in(step, inner, here.clone(), counts) {
            Ok(changed) => changed,
            Err(outcome) => {
                rejected.get_or_insert(outcome);
                false
            }
        });
        if let Some(outcome) = rejected {
            return Err(outcome);
        }
    }
    for (new, moving) in moved {
        let parents = new.parents();
        let mut object = match parents {
            [] => record.clone(),
            _ => get(record, parents).map_or(Pairs::new(), |object| fields(&object).unwrap()),
        };
        let before = object.len();
        object.retain(|pair| !is(pair, new.name()));
        if object.len() < before {
            warn(counts, new.text(), "replaced");
        }
        object.extend(moving.into_iter().map(|(_, value)| (quoted(new.name()), value)));
        match parents {
            [] => *record = object,
            _ => set_last(record, parents, &join(&object)),
        }
    }
    Ok(())
}

fn rename_in(
    step: &spec::Rename,
    inner: &mut Pairs,
    mut pairs: Vec<&(Path, Path)>,
    counts: &mut Counts,
) -> Result<bool, Outcome> {
    pairs.retain(|(old, _)| inner.iter().any(|pair| is(pair, old.name())));
    loop {
        let conflict = pairs.iter().position(|(_, new)| {
            inner.iter().any(|pair| is(pair, new.name())) && !pairs.iter().any(|(old, _)| old == new)
        });
        let Some(place) = conflict else { break };
        let new = &pairs[place].1;
        match step.on_conflict {
            OnConflict::Replace => {
                warn(counts, new.text(), "replaced");
                inner.retain(|pair| !is(pair, new.name()));
            }
            OnConflict::Keep => {
                warn(counts, new.text(), "name-taken");
                pairs.remove(place);
            }
            OnConflict::RejectRecord => return Err(reject("name-taken", new.text())),
        }
    }
    for pair in inner.iter_mut() {
        if let Some((_, new)) = pairs.iter().find(|(old, _)| is(pair, old.name())) {
            pair.0 = quoted(new.name());
        }
    }
    Ok(!pairs.is_empty())
}

/// What paths keep, and whether that is less.
fn selected(record: &Pairs, paths: &[Vec<String>]) -> (Pairs, bool) {
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

fn set_step(step: &spec::Set, record: &mut Pairs, counts: &mut Counts) -> Result<(), Outcome> {
    let before = Record::from_json(&join(record)).unwrap();
    for (path, expression) in &step.fields {
        let computed = expression.evaluate_json(&before);
        let reason = match computed {
            Ok(json) if set(record, path.segments(), &json) => continue,
            Ok(_) => "not-an-object",
            Err(reason) => reason.code(),
        };
        if step.on_error == OnError::RejectRecord {
            return Err(reject(reason, path.text()));
        }
        warn(counts, path.text(), reason);
        match step.on_error {
            OnError::Null => drop(set(record, path.segments(), "null")),
            OnError::DropField => remove(record, path),
            OnError::Keep | OnError::RejectRecord => {}
        }
    }
    Ok(())
}

fn split(step: &spec::Split, record: &mut Pairs, counts: &mut Counts) -> Result<(), Outcome> {
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

fn flatten(step: &spec::Flatten, outer: &mut Pairs, path: &Path, counts: &mut Counts) -> bool {
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

fn dissolve(name: String, value: &str, step: &spec::Flatten, depth: u32, leaves: &mut Pairs) {
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

fn nest(record: &mut Pairs, target: &Path, sources: &[Path], counts: &mut Counts) {
    if sources.iter().all(|path| get(record, path.segments()).is_none()) {
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

/// Sets the last field of a name and leaves others of that name alone.
fn set_last(record: &mut Pairs, names: &[String], value: &str) {
    let last = record.iter().rposition(|pair| is(pair, &names[0]));
    let value = match (names.len(), last) {
        (1, _) => value.to_owned(),
        (_, last) => {
            let mut inner = last.map_or(Pairs::new(), |last| fields(&record[last].1).unwrap());
            set_last(&mut inner, &names[1..], value);
            join(&inner)
        }
    };
    match last {
        Some(last) => record[last].1 = value,
        None => record.push((quoted(&names[0]), value)),
    }
}

fn mapped(value: &str, map: &Record) -> Option<String> {
    if value.starts_with(['{', '[']) || (value.starts_with('"') && decoded(value).is_none()) {
        return None;
    }
    map.get(&text(value)).map(Value::to_json)
}

fn masked(step: &spec::Mask, value: &str) -> String {
    if value == "null" {
        return value.to_owned();
    }
    let mut signs: Vec<char> = text(value).chars().collect();
    let (first, last) = (step.keep_first, signs.len().saturating_sub(step.keep_last));
    let range = if step.keep_first + step.keep_last >= signs.len() { 0..signs.len() } else { first..last };
    signs[range].fill(step.sign);
    quoted(&signs.iter().collect::<String>())
}
