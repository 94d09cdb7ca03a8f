//! One record: fields in order.

use std::fmt;

use super::cell::Cell;
use super::field::Field;
use super::{MAX_DEPTH, Value, scan, text};
use crate::path::Path;
use crate::reason::Reason;

/// A JSON object: fields in order, the same name more than once if it was written so.
///
/// Names are compared by what they say (`"na\u006de"` is `name`). What is not changed is written as it was read.
#[derive(Clone, Default)]
pub struct Record {
    fields: Vec<Field>,
}

impl Record {
    /// Without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a JSON object; blanks around it are ignored.
    ///
    /// # Errors
    /// [`Reason::InvalidJson`]; [`Reason::NotAnObject`] if it is another value; [`Reason::TooDeep`] if it is nested
    /// deeper than [`MAX_DEPTH`].
    pub fn from_json(text: &str) -> Result<Self, Reason> {
        let bytes = text.as_bytes();
        let start = scan::blanks_end(bytes, 0);
        if bytes.get(start) != Some(&b'{') {
            return Value::from_json(text).and(Err(Reason::NotAnObject));
        }
        let (record, end) = Self::read(text, start, MAX_DEPTH)?;
        if scan::blanks_end(bytes, end) < bytes.len() {
            return Err(Reason::InvalidJson);
        }
        Ok(record)
    }

    /// The record as JSON on one line: what was not changed as it was written, no blanks around names and values.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.write_json(&mut text);
        text
    }

    /// Appends what [`Self::to_json`] returns.
    pub fn write_json(&self, out: &mut String) {
        out.push('{');
        for (place, field) in self.fields.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            match &field.written {
                Some(written) => out.push_str(written),
                None => text::encode(&field.name, out),
            }
            out.push(':');
            field.cell.write_json(out);
        }
        out.push('}');
    }

    /// How many fields it has; a name that stands there twice counts twice.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The fields in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.fields.iter()
    }

    /// The fields in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Field> {
        self.fields.iter_mut()
    }

    /// The last field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().rev().find(|field| field.is(name))
    }

    /// The value of the last field with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.field(name).map(Field::value)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.fields.iter_mut().rev().find(|field| field.is(name)).map(Field::value_mut)
    }

    /// What a path leads to: at each name the last field that has it.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&Value> {
        self.field_at(path).map(Field::value)
    }

    /// The field that a path leads to.
    #[must_use]
    pub fn field_at(&self, path: &Path) -> Option<&Field> {
        let inner = path.parents().iter().try_fold(self, |record, name| record.get(name)?.as_object())?;
        inner.field(path.name())
    }

    /// Whether a field has this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.is(name))
    }

    /// Gives the field a value: the last one with the name, of which others are removed, or a new one at the end.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        let Some(last) = self.fields.iter().rposition(|field| field.is(name)) else {
            return self.push(name, value);
        };
        self.fields[last].cell = Cell::of(value.into());
        self.keep_only(name, last);
    }

    /// Adds a field at the end, whether or not there is one with the name.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.fields.push(Field::new(name.into(), value.into()));
    }

    /// Gives the field that has the name of this one its value, by the rules of [`Self::set`]; says whether there was one.
    pub(crate) fn set_field(&mut self, field: Field) -> bool {
        let last = self.fields.iter().rposition(|known| field.exact && known.is(&field.name));
        let Some(last) = last else {
            self.fields.push(field);
            return false;
        };
        self.fields[last].cell = field.cell;
        self.keep_only(&field.name, last);
        true
    }

    /// Takes out all fields with this name, in order.
    pub(crate) fn take(&mut self, name: &str) -> Vec<Field> {
        self.fields.extract_if(.., |field| field.is(name)).collect()
    }

    /// Adds a field at the end from a name, with its quotes, and a value as they are written; both are valid.
    pub(crate) fn push_written(&mut self, name: &str, value: &str) {
        self.fields.push(Field::read(name, value));
    }

    /// Removes every field with this name; returns the value of the last.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let mut last = None;
        for place in (0..self.fields.len()).rev() {
            if self.fields[place].is(name) {
                let field = self.fields.remove(place);
                last.get_or_insert(field);
            }
        }
        last.map(Field::into_value)
    }

    /// Keeps the fields for which this is true.
    pub fn retain(&mut self, keep: impl FnMut(&Field) -> bool) {
        self.fields.retain(keep);
    }

    /// See [`Value::rewritten`].
    pub(super) fn rewritten(self) -> Self {
        Self { fields: self.fields.into_iter().map(Field::rewritten).collect() }
    }

    /// The fields as a list that may be changed at will.
    pub(crate) fn fields_mut(&mut self) -> &mut Vec<Field> {
        &mut self.fields
    }

    /// Removes all fields with a name but the one at a place.
    fn keep_only(&mut self, name: &str, kept: usize) {
        let mut place = 0;
        self.fields.retain(|field| {
            place += 1;
            place - 1 == kept || !field.is(name)
        });
    }

    /// What a valid object without blanks around it says.
    pub(super) fn decode(text: &str) -> Self {
        Self::read(text, 0, usize::MAX).map_or_else(|_| Self::new(), |(record, _)| record)
    }

    /// The object that begins at a place, and the place after it. It may be nested so deeply, itself included.
    fn read(text: &str, start: usize, depth: usize) -> Result<(Self, usize), Reason> {
        let bytes = text.as_bytes();
        let mut fields = Vec::new();
        let mut at = scan::blanks_end(bytes, start + 1);
        if bytes.get(at) == Some(&b'}') {
            return Ok((Self { fields }, at + 1));
        }
        loop {
            let name_end = scan::string_end(bytes, at)?;
            let colon = scan::blanks_end(bytes, name_end);
            if bytes.get(colon) != Some(&b':') {
                return Err(Reason::InvalidJson);
            }
            let value = scan::blanks_end(bytes, colon + 1);
            let end = scan::value_end(bytes, value, depth - 1)?;
            fields.push(Field::read(&text[at..name_end], &text[value..end]));
            at = scan::blanks_end(bytes, end);
            match bytes.get(at) {
                Some(b',') => at = scan::blanks_end(bytes, at + 1),
                Some(b'}') => return Ok((Self { fields }, at + 1)),
                _ => return Err(Reason::InvalidJson),
            }
        }
    }
}

impl PartialEq for Record {
    /// The same fields in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.fields == other.fields
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.fields).finish()
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl IntoIterator for Record {
    type Item = Field;
    type IntoIter = std::vec::IntoIter<Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.fields.into_iter()
    }
}

impl<'a> IntoIterator for &'a Record {
    type Item = &'a Field;
    type IntoIter = std::slice::Iter<'a, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.fields.iter()
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Record {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self {
            fields: fields.into_iter().map(|(name, value)| Field::new(name.into(), value.into())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Record {
        Record::from_json(text).unwrap()
    }

    #[test]
    fn untouched_fields_are_written_as_they_were() {
        let mut record = record(" { \"na\\u006de\" : \"\\u00e9\" , \"n\":1.0,\"o\":{ \"a\" : [ 1 ] } } ");
        assert_eq!(record.to_json(), r#"{"na\u006de":"\u00e9","n":1.0,"o":{ "a" : [ 1 ] }}"#);
        assert_eq!(record.get("name"), Some(&Value::from("é")));
        assert_eq!(record.to_json(), r#"{"na\u006de":"\u00e9","n":1.0,"o":{ "a" : [ 1 ] }}"#);

        if let Some(Value::Object(inner)) = record.get_mut("o") {
            inner.set("b", 2);
        }
        record.get_mut("name");
        assert_eq!(record.to_json(), r#"{"na\u006de":"é","n":1.0,"o":{"a":[ 1 ],"b":2}}"#);
    }

    #[test]
    fn a_name_may_stand_there_twice() {
        let mut twice = record(r#"{"a":1,"b":2,"a":3}"#);
        assert_eq!((twice.len(), twice.get("a")), (3, Some(&Value::from(3))));
        twice.set("a", "x");
        assert_eq!(twice.to_json(), r#"{"b":2,"a":"x"}"#);
        assert_eq!(record(r#"{"a":1,"b":2,"a":3}"#).remove("a"), Some(Value::from(3)));
    }

    #[test]
    fn paths_enter_objects_only() {
        let nested = record(r#"{"a":{"b":1,"b":{"c":[{"d":1}]}}}"#);
        let at = |path: &str| nested.at(&path.parse().unwrap()).map(Value::to_json);
        assert_eq!(at("a.b.c").as_deref(), Some(r#"[{"d":1}]"#));
        assert_eq!((at("a.b.c.d"), at("x")), (None, None));
    }

    #[test]
    fn a_name_that_is_no_text_is_kept_and_equal_to_nothing() {
        let odd = record(r#"{"\ud800":1}"#);
        assert_eq!(odd.to_json(), r#"{"\ud800":1}"#);
        assert!(odd.iter().all(|field| !odd.contains(field.name())));
    }

    #[test]
    fn what_is_no_record_is_told() {
        assert_eq!(Record::from_json("[]"), Err(Reason::NotAnObject));
        assert_eq!(Record::from_json("{"), Err(Reason::InvalidJson));
        assert_eq!(Record::from_json("{} {}"), Err(Reason::InvalidJson));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(512), "]".repeat(512));
        assert_eq!(Record::from_json(&deep), Err(Reason::TooDeep));
    }
}
