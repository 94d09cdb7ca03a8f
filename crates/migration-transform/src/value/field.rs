//! A field of a record: a name and a value, both as they are written until somebody changes them.

use std::borrow::Cow;
use std::fmt;

use bumpalo::Bump;

use super::cell::Cell;
use super::{Value, text};
use crate::expression::Operand;

/// A field of a record.
#[derive(Clone)]
pub struct Field {
    pub(super) name: String,
    /// The name as it is written, with its quotes, if it isn't written plainly.
    pub(super) written: Option<Box<str>>,
    /// Whether `name` says what is written; not if that has an unpaired surrogate.
    pub(super) exact: bool,
    pub(super) cell: Cell,
}

impl Field {
    /// The name; with `U+FFFD` for what is no text (an unpaired surrogate), in which case nothing is equal to it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it has this name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.exact && self.name == name
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        self.cell.get()
    }

    /// The value, to be changed.
    pub fn value_mut(&mut self) -> &mut Value {
        self.cell.get_mut()
    }

    /// The value alone.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.cell.into_value()
    }

    /// Another name for the same value.
    pub fn rename(&mut self, name: impl Into<String>) {
        (self.name, self.written, self.exact) = (name.into(), None, true);
    }

    /// The value as JSON, as it is written if it is.
    pub(crate) fn json(&self) -> Cow<'_, str> {
        match self.cell.written() {
            Some(text) => text.into(),
            None => self.cell.get().to_json().into(),
        }
    }

    /// Another value, as it is to be written: valid JSON without blanks around it.
    pub(crate) fn set_json(&mut self, json: &str) {
        self.cell = Cell::undecoded(json);
    }

    /// Lets somebody look into the value and change it, who says whether he did; if not, it is written as it was.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Value) -> bool) -> bool {
        self.cell.edit(change)
    }

    /// The same value; the name with another text before it.
    pub(crate) fn with_prefix(mut self, prefix: &str) -> Self {
        self.written = if self.exact { None } else { self.written.map(|name| prefixed(prefix, &name)) };
        self.name.insert_str(0, prefix);
        self
    }

    /// A field whose value is written so: valid JSON without blanks around it.
    pub(crate) fn of_json(name: &str, json: &str) -> Self {
        Self { name: name.to_owned(), written: None, exact: true, cell: Cell::undecoded(json) }
    }

    /// The value for an expression; objects and arrays as they are written.
    pub(crate) fn operand<'a>(&'a self, arena: &'a Bump) -> Operand<'a> {
        match self.cell.written() {
            Some(json) => Operand::from_json(json, arena),
            None => Operand::from_value(self.cell.get(), arena),
        }
    }

    /// See [`Value::rewritten`]; only a name that no text can hold stays as it is written.
    pub(super) fn rewritten(self) -> Self {
        let Self { name, written, exact, cell } = self;
        let written = written.filter(|_| !exact);
        Self { name, written, exact, cell: Cell::of(cell.into_value().rewritten()) }
    }

    pub(super) fn new(name: String, value: Value) -> Self {
        Self { name, written: None, exact: true, cell: Cell::of(value) }
    }
}

impl Field {
    /// From a name as it is written, with its quotes, and a value as it is written.
    pub(crate) fn read(written: &str, value: &str) -> Self {
        let inner = &written[1..written.len() - 1];
        let cell = Cell::undecoded(value);
        if !inner.contains('\\') {
            return Self { name: inner.to_owned(), written: None, exact: true, cell };
        }
        let decoded = text::decode(inner);
        let exact = decoded.is_some();
        let name = decoded.unwrap_or_else(|| inner.replace("\\u", "\u{fffd}"));
        Self { name, written: Some(written.into()), exact, cell }
    }
}

/// A name as it is written, with a text before it.
fn prefixed(prefix: &str, written: &str) -> Box<str> {
    let mut text = String::new();
    text::encode(prefix, &mut text);
    text.pop();
    text.push_str(&written[1..]);
    text.into()
}

impl PartialEq for Field {
    /// The same name and the same value, however they are written.
    fn eq(&self, other: &Self) -> bool {
        let same_name = if self.exact { other.is(&self.name) } else { self.written == other.written };
        same_name && self.value() == other.value()
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {:?}", self.name, self.value())
    }
}
