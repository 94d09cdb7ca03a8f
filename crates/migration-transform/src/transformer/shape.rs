//! Steps that move fields: drop, select, split, merge.

use super::places::{place, remove, set, text_of};
use super::{DataTransformer, Notes, Verdict};
use crate::path::Path;
use crate::reason::Reason;
use crate::spec::{self, OnError};
use crate::value::{Record, Value, text};

impl DataTransformer for spec::Drop {
    fn transform(&self, record: &mut Record, _: &mut Notes<'_>) -> Verdict {
        for path in &self.fields {
            remove(record, path);
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "drop"
    }

    fn may_reject(&self) -> bool {
        false
    }
}

impl DataTransformer for spec::Select {
    fn transform(&self, record: &mut Record, _: &mut Notes<'_>) -> Verdict {
        let paths: Vec<&[String]> = self.fields.iter().map(Path::segments).collect();
        select(record, &paths);
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "select"
    }

    fn may_reject(&self) -> bool {
        false
    }
}

/// Keeps what paths lead to; an object on the way only if something of it is kept. Says whether something changed.
fn select(record: &mut Record, paths: &[&[String]]) -> bool {
    let before = record.len();
    let mut changed = false;
    record.fields_mut().retain_mut(|field| {
        let here: Vec<&[String]> =
            paths.iter().filter(|path| field.is(&path[0])).map(|path| &path[1..]).collect();
        if here.iter().any(|rest| rest.is_empty()) {
            return true;
        }
        let mut kept = false;
        if !here.is_empty() {
            changed |= field.edit(|value| match value {
                Value::Object(inner) => {
                    let changed = select(inner, &here);
                    kept = !inner.is_empty();
                    changed
                }
                _ => false,
            });
        }
        kept
    });
    changed || record.len() < before
}

impl DataTransformer for spec::Split {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        let path = &self.field;
        let Some(field) = record.field_at(path).filter(|field| !field.value().is_null()) else {
            return Verdict::Keep;
        };
        let Value::String(said) = field.value() else {
            if self.on_error == OnError::RejectRecord {
                return Verdict::reject(Reason::Malformed, path.text());
            }
            notes.warn(path.text(), Reason::Malformed, |out| out.push_str(&field.json()));
            match self.on_error {
                // The field is there, so nothing is in the way.
                OnError::Null => drop(set(record, path, "null")),
                OnError::DropField => drop(remove(record, path)),
                OnError::Keep | OnError::RejectRecord => {}
            }
            return Verdict::Keep;
        };
        let said = said.clone();
        let mut blocked = false;
        let mut parts = said.splitn(self.into.len(), self.separator.as_str());
        for path in &self.into {
            let mut json = String::new();
            match parts.next() {
                Some(part) => text::encode(part, &mut json),
                None => json.push_str("null"),
            }
            blocked |= !place(record, path, &json, notes);
        }
        if !self.keep && !blocked && !self.into.contains(path) {
            remove(record, path);
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "split"
    }

    fn may_reject(&self) -> bool {
        self.on_error == OnError::RejectRecord
    }
}

impl DataTransformer for spec::Merge {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        let fields = self.fields.iter().filter_map(|path| Some((path, record.field_at(path)?)));
        let fields: Vec<_> = fields.filter(|(_, field)| !field.value().is_null()).collect();
        if fields.is_empty() {
            return Verdict::Keep;
        }
        if let Some((path, half)) =
            fields.iter().find(|(_, field)| matches!(field.value(), Value::Verbatim(_)))
        {
            notes.warn(path.text(), Reason::Malformed, |out| out.push_str(&half.json()));
            return Verdict::Keep;
        }
        let parts: Vec<_> = fields.iter().map(|(_, field)| text_of(field)).collect();
        let mut json = String::new();
        text::encode(&parts.join(&self.separator), &mut json);
        if place(record, &self.into, &json, notes) && !self.keep {
            for path in self.fields.iter().filter(|path| **path != self.into) {
                remove(record, path);
            }
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "merge"
    }

    fn may_reject(&self) -> bool {
        false
    }
}
