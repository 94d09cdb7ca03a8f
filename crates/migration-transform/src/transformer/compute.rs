//! Steps that compute: keep-where, set, lookup.

use bumpalo::Bump;

use super::each::{Policy, key_of};
use super::places::{in_the_way, place, remove, set};
use super::table::Rows;
use super::{DataTransformer, Notes, Verdict};
use crate::expression::RecordFields;
use crate::path::Path;
use crate::reason::Reason;
use crate::spec::{self, Fields, OnError, OnUndecided};
use crate::value::{Field, Record};

impl DataTransformer for spec::KeepWhere {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        match self.condition.holds(record) {
            Ok(true) => Verdict::Keep,
            Ok(false) => Verdict::Filter,
            Err(reason) if self.on_error == OnUndecided::RejectRecord => {
                Verdict::reject(reason, self.condition.text())
            }
            Err(reason) => {
                notes.warn(self.condition.text(), reason, |out| self.condition.write_reads(record, out));
                Verdict::Keep
            }
        }
    }

    fn name(&self) -> &str {
        "keep-where"
    }

    fn may_reject(&self) -> bool {
        self.on_error == OnUndecided::RejectRecord
    }
}

/// Why a field was not computed, and from what, or what is in its way.
type Failed = (Reason, String);

impl DataTransformer for spec::Set {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        // All see the record as it was before the step.
        let arena = Bump::new();
        let computed: Vec<Result<String, Failed>> = self
            .fields
            .iter()
            .map(|(_, expression)| {
                let fields = RecordFields::new(record, expression.paths());
                let mut json = String::new();
                match expression.evaluate_in(&fields, &arena) {
                    Ok(value) => value.write_json(&mut json),
                    Err(reason) => {
                        expression.write_reads(record, &mut json);
                        return Err((reason, json));
                    }
                }
                Ok(json)
            })
            .collect();
        for ((path, _), computed) in self.fields.iter().zip(computed) {
            let placed = computed.and_then(|json| {
                set(record, path, &json).map_err(|reason| (reason, in_the_way(record, path.parents())))
            });
            let Err((reason, found)) = placed else { continue };
            if self.on_error == OnError::RejectRecord {
                return Verdict::reject(reason, path.text());
            }
            notes.warn(path.text(), reason, |out| out.push_str(&found));
            match self.on_error {
                // What is blocked stays as it is.
                OnError::Null => drop(set(record, path, "null")),
                OnError::DropField => drop(remove(record, path)),
                OnError::Keep | OnError::RejectRecord => {}
            }
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "set"
    }

    fn may_reject(&self) -> bool {
        self.on_error == OnError::RejectRecord
    }
}

/// A [`spec::Lookup`] with its table in memory.
#[derive(Debug)]
pub(super) struct LookedUp {
    pub(super) field: Path,
    pub(super) rows: Rows,
    pub(super) take: Fields<String>,
    pub(super) policy: Policy,
}

impl DataTransformer for LookedUp {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        let field = record.field_at(&self.field);
        let row = field.and_then(key_of).and_then(|key| self.rows.get(&key));
        if let Some(row) = row {
            for (path, column) in &self.take {
                let json = row.field(column).map_or("null".into(), Field::json);
                place(record, path, &json, notes);
            }
            return Verdict::Keep;
        }
        if self.policy == Policy::Reject {
            return Verdict::reject(Reason::NotFound, self.field.text());
        }
        if self.policy != Policy::Ignore {
            let json = field.map(Field::json).unwrap_or_default();
            notes.warn(self.field.text(), Reason::NotFound, |out| out.push_str(&json));
        }
        for (path, _) in &self.take {
            match self.policy {
                Policy::Null => {
                    place(record, path, "null", notes);
                }
                Policy::DropField => drop(remove(record, path)),
                Policy::Ignore | Policy::Keep | Policy::Reject => {}
            }
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "lookup"
    }

    fn may_reject(&self) -> bool {
        self.policy == Policy::Reject
    }
}
