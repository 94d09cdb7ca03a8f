//! Where paths lead, and what is counted when they lead nowhere.

use migration_transform::Path;
use migration_transform::spec::{OnError, Otherwise};

use super::json::{Pairs, decoded, fields, join, quoted};
use super::{Counts, Outcome};

/// What becomes of a field that failed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Failure {
    Ignore,
    Keep,
    Null,
    Drop,
    Reject,
}

impl Failure {
    pub(super) fn of(on_error: OnError) -> Self {
        match on_error {
            OnError::Keep => Self::Keep,
            OnError::Null => Self::Null,
            OnError::DropField => Self::Drop,
            OnError::RejectRecord => Self::Reject,
        }
    }

    pub(super) fn otherwise(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Keep => Self::Ignore,
            Otherwise::Warn => Self::Keep,
            Otherwise::Null => Self::Null,
            Otherwise::DropField => Self::Drop,
            Otherwise::RejectRecord => Self::Reject,
        }
    }
}

pub(super) fn warn(counts: &mut Counts, field: &str, reason: &str) {
    *counts.entry((field.to_owned(), reason.to_owned())).or_default() += 1;
}

/// Counts what was in the way; says whether something was.
pub(super) fn warn_if(counts: &mut Counts, path: &Path, done: bool) -> bool {
    if !done {
        warn(counts, path.text(), "not-an-object");
    }
    !done
}

pub(super) fn reject(reason: &str, field: &str) -> Outcome {
    Outcome::Rejected(reason.to_owned(), Some(field.to_owned()))
}

pub(super) fn is(pair: &(String, String), name: &str) -> bool {
    decoded(&pair.0).as_deref() == Some(name)
}

pub(super) fn get(record: &Pairs, names: &[String]) -> Option<String> {
    let value = record.iter().rfind(|pair| is(pair, &names[0]))?.1.clone();
    if names.len() == 1 { Some(value) } else { get(&fields(&value)?, &names[1..]) }
}

/// Every object that names lead to. Those that the change says it changed are put together anew.
pub(super) fn each(record: &mut Pairs, names: &[String], change: &mut dyn FnMut(&mut Pairs) -> bool) -> bool {
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
pub(super) fn values(
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
pub(super) fn set(record: &mut Pairs, names: &[String], value: &str) -> bool {
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

pub(super) fn remove(record: &mut Pairs, path: &Path) {
    take(record, path);
}

/// Removes every field at a path, and says what they were.
pub(super) fn take(record: &mut Pairs, path: &Path) -> Pairs {
    let mut taken = Pairs::new();
    each(record, path.parents(), &mut |inner| {
        let before = taken.len();
        taken.extend(inner.extract_if(.., |pair| is(pair, path.name())));
        taken.len() > before
    });
    taken
}

/// Sets the last field of a name and leaves others of that name alone.
pub(super) fn set_last(record: &mut Pairs, names: &[String], value: &str) {
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
