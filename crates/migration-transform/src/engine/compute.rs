//! Expressions over the record's table: computed fields and conditions.

use std::sync::Arc;

use bumpalo::Bump;

use super::names::Slot;
use super::ops::Context;
use super::table::Table;
use crate::expression::{Expression, Fields, Make, Operand, Test, write_reads};
use crate::json::text;
use crate::path::Path;
use crate::spec::{OnError, OnUndecided};
use crate::transformer::Verdict;
use crate::value::scan::{blanks_end, string_end, value_end};

/// An expression with the places of what it reads.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) expression: Expression,
    /// For each of its paths the name of the record's field, and the names on the way below it.
    pub(crate) reads: Vec<(Slot, Vec<String>)>,
    /// As a condition that is mostly clear from what is written.
    pub(crate) test: Option<Test>,
    /// As a value that is mostly made of what is written.
    pub(crate) make: Option<Make>,
}

impl Compiled {
    /// `slot` gives each name of a field its number.
    pub(crate) fn new(expression: &Expression, mut slot: impl FnMut(&str) -> Slot) -> Self {
        let read = |path: &Path| {
            let (first, rest) =
                path.segments().split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            (slot(first), rest.to_vec())
        };
        let reads = expression.paths().iter().map(read).collect();
        let (test, make) = (expression.test(), expression.make());
        Self { expression: expression.clone(), reads, test, make }
    }
}

impl Compiled {
    /// Appends the fields that it reads, for a warning.
    fn write_reads(&self, fields: &TableFields<'_>, out: &mut String) {
        write_reads(self.expression.paths(), |place| fields.json(place), out);
    }
}

/// The fields of the record in a table.
struct TableFields<'t> {
    table: &'t Table,
    input: &'t [u8],
    reads: &'t [(Slot, Vec<String>)],
}

impl Fields for TableFields<'_> {
    fn field<'a>(&'a self, place: usize, arena: &'a Bump) -> Operand<'a> {
        self.json(place).map_or(Operand::Null, |json| Operand::from_json(json, arena))
    }
}

impl TableFields<'_> {
    /// A field's value as it is written.
    fn json(&self, place: usize) -> Option<&str> {
        let (slot, below) = self.reads.get(place)?;
        let entry = self.table.entries[self.table.last(*slot)?];
        // The input was checked to be UTF-8 before anything else.
        at(std::str::from_utf8(self.table.text(self.input, entry.value)).ok()?, below)
    }
}

/// What the names lead to below a value.
pub(crate) fn operand<'a>(value: Option<&'a str>, below: &[String], arena: &'a Bump) -> Operand<'a> {
    value.and_then(|value| at(value, below)).map_or(Operand::Null, |json| Operand::from_json(json, arena))
}

fn at<'a>(value: &'a str, below: &[String]) -> Option<&'a str> {
    below.iter().try_fold(value, |value, name| member(value, name.as_bytes()))
}

/// The last member of an object that has a name; `None` also if the value is no object.
fn member<'a>(text: &'a str, name: &[u8]) -> Option<&'a str> {
    let object = text.as_bytes();
    let (b'{', mut at) = (*object.first()?, blanks_end(object, 1)) else { return None };
    let mut found = None;
    while let Ok(key_end) = string_end(object, at) {
        let key = &object[at + 1..key_end - 1];
        let start = blanks_end(object, blanks_end(object, key_end) + 1);
        let end = value_end(object, start, usize::MAX).ok()?;
        if is_name(key, name) {
            found = text.get(start..end);
        }
        at = blanks_end(object, end);
        at = blanks_end(object, at + usize::from(object.get(at) == Some(&b',')));
    }
    found
}

fn is_name(key: &[u8], name: &[u8]) -> bool {
    if memchr::memchr(b'\\', key).is_none() {
        return key == name;
    }
    let mut decoded = Vec::new();
    text::decode(key, &mut decoded).is_ok() && decoded == name
}

/// Computed fields of the record itself.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) fields: Vec<(Slot, Arc<str>, Compiled)>,
    pub(crate) on_error: OnError,
}

/// A condition.
#[derive(Debug)]
pub(crate) struct KeepWhere {
    pub(crate) condition: Compiled,
    pub(crate) on_error: OnUndecided,
}

impl Set {
    /// All are computed from the record as it was before the step.
    pub(crate) fn apply(&self, context: &mut Context<'_>) -> Verdict {
        let Context { input, table, made, place, scratch, .. } = context;
        scratch.results.clear();
        scratch.json.clear();
        for (_, _, compiled) in &self.fields {
            let fields = TableFields { table, input, reads: &compiled.reads };
            let start = scratch.json.len();
            let result = compiled.expression.evaluate_in(&fields, &scratch.bump);
            let result = result.map(|value| {
                value.write_json(&mut scratch.json);
                start..scratch.json.len()
            });
            let result = result.map_err(|reason| {
                compiled.write_reads(&fields, &mut scratch.json);
                (reason, start..scratch.json.len())
            });
            scratch.results.push(result);
            scratch.bump.reset();
        }
        for ((slot, field, _), result) in self.fields.iter().zip(&scratch.results) {
            let json = match result {
                Ok(range) => &scratch.json[range.clone()],
                Err((reason, reads)) => {
                    if self.on_error == OnError::RejectRecord {
                        return Verdict::reject(*reason, field);
                    }
                    made.warnings
                        .add(field, *reason, *place, |text| text.push_str(&scratch.json[reads.clone()]));
                    match self.on_error {
                        OnError::Null => "null",
                        OnError::DropField => {
                            table.entries.retain(|entry| entry.slot != *slot);
                            continue;
                        }
                        OnError::Keep | OnError::RejectRecord => continue,
                    }
                }
            };
            let (value, ()) = table.make(|out| out.extend_from_slice(json.as_bytes()));
            table.set(*slot, value);
        }
        Verdict::Keep
    }
}

impl KeepWhere {
    pub(crate) fn apply(&self, context: &mut Context<'_>) -> Verdict {
        let Context { input, table, made, place, scratch, .. } = context;
        let Compiled { expression, reads, .. } = &self.condition;
        let fields = TableFields { table, input, reads };
        let held = expression.holds_in(&fields, &scratch.bump);
        scratch.bump.reset();
        match held {
            Ok(true) => Verdict::Keep,
            Ok(false) => Verdict::Filter,
            Err(reason) if self.on_error == OnUndecided::RejectRecord => {
                Verdict::reject(reason, expression.text())
            }
            Err(reason) => {
                made.warnings.add(expression.text(), reason, *place, |text| {
                    self.condition.write_reads(&fields, text);
                });
                Verdict::Keep
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_name() {
        let find = |object: &str, name: &str| member(object, name.as_bytes()).map(str::to_owned);
        let object = r#"{ "a" : [1, {"b":2}] , "b\u0062":"x","a":{ } }"#;
        assert_eq!(find(object, "a").as_deref(), Some("{ }"));
        assert_eq!(find(object, "bb").as_deref(), Some("\"x\""));
        assert_eq!((find(object, "b"), find("[]", "a"), find("{}", "a")), (None, None, None));
    }
}
