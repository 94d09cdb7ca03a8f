//! Steps that look at one field at a time: convert, map, hash, mask.

use std::borrow::Cow;
use std::sync::Arc;

use super::digest::Digest;
use super::places::{each_object, text_of};
use super::{DataTransformer, Notes, Verdict};
use crate::convert::{Conversion, Outcome};
use crate::path::Path;
use crate::reason::Reason;
use crate::spec::{Fields, Mask, OnError, Otherwise, Target};
use crate::value::{Field, Record, Value, text};

/// What is done to each value.
#[derive(Debug)]
pub(crate) enum Change {
    Convert(Conversion),
    Map(Record),
    Hash(Arc<Digest>),
    Mask { keep_first: usize, keep_last: usize, sign: char },
}

/// What becomes of one value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Changed<'a> {
    /// It stays as it is written.
    Not,
    /// This JSON.
    To(Cow<'a, str>),
    /// It stays, is nulled, removed or rejected, as the step says.
    Failed(Reason),
}

impl Change {
    /// What becomes of a field's value.
    pub(crate) fn of<'a>(&'a self, field: &Field) -> Changed<'a> {
        match self {
            Self::Convert(conversion) => {
                let mut converted = Vec::new();
                match conversion.apply(field.json().as_bytes(), &mut converted) {
                    Outcome::Unchanged => Changed::Not,
                    Outcome::Changed => String::from_utf8(converted)
                        .map_or(Changed::Failed(Reason::Malformed), |json| Changed::To(json.into())),
                    Outcome::Malformed => Changed::Failed(Reason::Malformed),
                }
            }
            Self::Map(values) => match key_of(field).and_then(|key| values.field(&key)) {
                Some(found) => Changed::To(found.json()),
                None => Changed::Failed(Reason::NotFound),
            },
            Self::Hash(_) | Self::Mask { .. } if field.value().is_null() => Changed::Not,
            Self::Hash(digest) => {
                Changed::To(format!("\"{}\"", digest.hex(text_of(field).as_bytes())).into())
            }
            Self::Mask { keep_first, keep_last, sign } => {
                let said: Vec<Option<char>> = match field.value() {
                    Value::Verbatim(half) => half.characters(),
                    _ => text_of(field).chars().map(Some).collect(),
                };
                let mut json = String::new();
                text::encode(&masked(&said, *keep_first, *keep_last, *sign), &mut json);
                Changed::To(json.into())
            }
        }
    }
}

/// How a value is called in a map or table: a text by itself, a number, bool or null by its JSON.
pub(super) fn key_of(field: &Field) -> Option<Cow<'_, str>> {
    match field.value() {
        Value::Array(_) | Value::Object(_) | Value::Verbatim(_) => None,
        _ => Some(text_of(field)),
    }
}

/// A text shorter than what is to stay, or just as long, would not be masked at all: all of it is. Half of a surrogate pair
/// can't be written, so that it doesn't stay either.
fn masked(text: &[Option<char>], keep_first: usize, keep_last: usize, sign: char) -> String {
    let length = text.len();
    let (first, last) =
        if length <= keep_first.saturating_add(keep_last) { (0, 0) } else { (keep_first, keep_last) };
    let kept = |place: usize| place < first || place >= length - last;
    let all = text.iter().enumerate();
    all.map(|(place, found)| found.filter(|_| kept(place)).unwrap_or(sign)).collect()
}

/// What a failed value becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Nothing happens, and nothing is counted.
    Ignore,
    Keep,
    Null,
    DropField,
    Reject,
}

impl From<OnError> for Policy {
    fn from(on_error: OnError) -> Self {
        match on_error {
            OnError::Keep => Self::Keep,
            OnError::Null => Self::Null,
            OnError::DropField => Self::DropField,
            OnError::RejectRecord => Self::Reject,
        }
    }
}

impl From<Otherwise> for Policy {
    fn from(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Keep => Self::Ignore,
            Otherwise::Warn => Self::Keep,
            Otherwise::Null => Self::Null,
            Otherwise::DropField => Self::DropField,
            Otherwise::RejectRecord => Self::Reject,
        }
    }
}

/// A change for each of several fields.
#[derive(Debug)]
pub(super) struct EachField {
    pub(super) name: &'static str,
    pub(super) changes: Vec<(Path, Change)>,
    pub(super) policy: Policy,
}

impl EachField {
    pub(super) fn convert(fields: &Fields<Target>, on_error: OnError) -> Self {
        let changes = fields.iter().map(|(path, to)| (path.clone(), Change::Convert(Conversion::from(to))));
        Self { name: "convert", changes: changes.collect(), policy: on_error.into() }
    }

    pub(super) fn map(fields: &Fields<Record>, otherwise: Otherwise) -> Self {
        let changes = fields.iter().map(|(path, values)| (path.clone(), Change::Map(values.clone())));
        Self { name: "map", changes: changes.collect(), policy: otherwise.into() }
    }

    pub(super) fn hash(fields: &[Path], digest: Digest) -> Self {
        let digest = Arc::new(digest);
        let changes = fields.iter().map(|path| (path.clone(), Change::Hash(Arc::clone(&digest))));
        Self { name: "hash", changes: changes.collect(), policy: Policy::Keep }
    }

    pub(super) fn mask(step: &Mask) -> Self {
        let Mask { fields, keep_first, keep_last, sign } = step;
        let (keep_first, keep_last, sign) = (*keep_first, *keep_last, *sign);
        let changes = fields.iter().map(|path| (path.clone(), Change::Mask { keep_first, keep_last, sign }));
        Self { name: "mask", changes: changes.collect(), policy: Policy::Keep }
    }
}

impl DataTransformer for EachField {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        for (path, change) in &self.changes {
            let mut rejected = None;
            each_object(record, path.parents(), &mut |inner| {
                rejected.is_none() && change_fields(inner, path, change, self.policy, notes, &mut rejected)
            });
            if let Some(reason) = rejected {
                return Verdict::reject(reason, path.text());
            }
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        self.name
    }

    fn may_reject(&self) -> bool {
        self.policy == Policy::Reject
    }
}

/// Every field with the name in one object. Says whether something changed.
fn change_fields(
    inner: &mut Record,
    path: &Path,
    change: &Change,
    policy: Policy,
    notes: &mut Notes<'_>,
    rejected: &mut Option<Reason>,
) -> bool {
    let mut changed = false;
    let mut dropped = Vec::new();
    for (place, field) in inner.iter_mut().enumerate().filter(|(_, field)| field.is(path.name())) {
        let reason = match change.of(field) {
            Changed::Not => continue,
            Changed::To(json) if *json == *field.json() => continue,
            Changed::To(json) => {
                field.set_json(&json);
                changed = true;
                continue;
            }
            Changed::Failed(reason) => reason,
        };
        if policy == Policy::Reject {
            *rejected = Some(reason);
            return changed;
        }
        if policy != Policy::Ignore {
            notes.warn(path.text(), reason, |out| out.push_str(&field.json()));
        }
        match policy {
            Policy::Null => field.set_json("null"),
            Policy::DropField => dropped.push(place),
            Policy::Ignore | Policy::Keep | Policy::Reject => continue,
        }
        changed = true;
    }
    let mut place = 0;
    inner.retain(|_| {
        place += 1;
        !dropped.contains(&(place - 1))
    });
    changed
}
