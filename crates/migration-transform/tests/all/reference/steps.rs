//! What each step does.

use migration_transform::spec::{self, OnError, OnUndecided};
use migration_transform::{Record, Step, Value};
use sha2::{Digest, Sha256};

use super::json::{Pairs, decoded, join, quoted, text};
use super::places::{Failure, each, get, reject, remove, set, values, warn, warn_if};
use super::rename::rename;
use super::shape::{flatten, nest, selected, split};
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
            let found: Vec<String> = found.filter(|value| value != "null").collect();
            if found.is_empty() {
                return Ok(());
            }
            let is_half = |value: &String| value.starts_with('"') && decoded(value).is_none();
            if let Some(half) = found.iter().find(|value| is_half(value)) {
                let holds =
                    |path: &&migration_transform::Path| get(record, path.segments()).as_ref() == Some(half);
                let path = step.fields.iter().find(holds).unwrap();
                warn(counts, path.text(), "malformed");
                return Ok(());
            }
            let parts: Vec<String> = found.iter().map(|value| text(value)).collect();
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
        other => unreachable!("{} needs files, which no generated chain has", other.operation()),
    }
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

fn mapped(value: &str, map: &Record) -> Option<String> {
    if value.starts_with(['{', '[']) || (value.starts_with('"') && decoded(value).is_none()) {
        return None;
    }
    map.get(&text(value)).map(Value::to_json)
}

/// The characters of a string with halves of surrogate pairs, which are none.
fn halves(json: &str) -> Vec<Option<char>> {
    let mut units: Vec<u16> = Vec::new();
    let mut rest = &json[1..json.len() - 1];
    while let Some(sign) = rest.chars().next() {
        let len = match rest.get(..2) {
            Some("\\u") => 6,
            _ if sign == '\\' => 2,
            _ => sign.len_utf8(),
        };
        match rest.get(2..6).filter(|_| len == 6) {
            Some(digits) => units.push(u16::from_str_radix(digits, 16).unwrap()),
            None => units.extend(decoded(&format!("\"{}\"", &rest[..len])).unwrap().encode_utf16()),
        }
        rest = &rest[len..];
    }
    char::decode_utf16(units).map(Result::ok).collect()
}

fn masked(step: &spec::Mask, value: &str) -> String {
    if value == "null" {
        return value.to_owned();
    }
    let mut signs: Vec<char> = match (value.starts_with('"'), decoded(value)) {
        (true, None) => halves(value).into_iter().map(|sign| sign.unwrap_or(step.sign)).collect(),
        _ => text(value).chars().collect(),
    };
    let (first, last) = (step.keep_first, signs.len().saturating_sub(step.keep_last));
    let range = if step.keep_first + step.keep_last >= signs.len() { 0..signs.len() } else { first..last };
    signs[range].fill(step.sign);
    quoted(&signs.iter().collect::<String>())
}
