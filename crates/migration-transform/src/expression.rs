//! SQL-like expressions over the fields of a record.

mod calculate;
mod call;
mod decimal;
mod error;
mod evaluate;
mod function;
mod like;
mod node;
mod operand;
mod parser;
mod quick;
mod shown;
mod sources;
mod token;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bumpalo::Bump;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use error::ExpressionError;
pub(crate) use operand::{Fields, Operand};
pub(crate) use quick::{Make, Piece, Raw, Test};
pub(crate) use shown::write_reads;

use crate::path::Path;
use crate::reason::Reason;
use crate::value::{Field, Record, Value};

/// How many bytes a text may have that is put together of others (`||`, `concat`, `replace`): as many as a record, if nothing
/// else is said. Without a bound, two steps could make gigabytes of a line.
pub(crate) const MAX_TEXT: usize = 8 << 20;

/// An expression, as it is written and as it is understood.
///
/// ```
/// use migration_transform::{Expression, Record, Value};
///
/// let expression: Expression = "first || ' ' || upper(last)".parse()?;
/// let record = Record::from_json(r#"{"first":"Ada","last":"Lovelace"}"#).unwrap();
/// assert_eq!(expression.evaluate(&record), Ok(Value::from("Ada LOVELACE")));
///
/// let error = "first ||".parse::<Expression>().unwrap_err();
/// assert_eq!(error.to_string(), "column 9: the end where a value has to be");
/// # Ok::<(), migration_transform::ExpressionError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Expression {
    text: Arc<str>,
    root: node::Node,
    paths: Vec<Path>,
}

impl Expression {
    /// As it is written.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The paths of all fields that it reads, each once.
    #[must_use]
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// What it is for a record.
    ///
    /// # Errors
    /// If it can't be computed: [`Reason::TypeMismatch`], [`Reason::DivisionByZero`], [`Reason::Overflow`],
    /// [`Reason::TooLong`] for a text of more than 8 MiB, or [`Reason::Malformed`] from a `cast`.
    pub fn evaluate(&self, record: &Record) -> Result<Value, Reason> {
        let arena = Bump::new();
        let fields = RecordFields::new(record, &self.paths);
        self.evaluate_in(&fields, &arena).map(Operand::to_value)
    }

    /// The JSON of what it is for a record: what is only passed on is written as it was.
    ///
    /// # Errors
    /// As [`Self::evaluate`].
    pub fn evaluate_json(&self, record: &Record) -> Result<String, Reason> {
        let arena = Bump::new();
        let mut json = String::new();
        self.evaluate_in(&RecordFields::new(record, &self.paths), &arena)?.write_json(&mut json);
        Ok(json)
    }

    /// Whether a record fulfils it; not if it is null.
    ///
    /// # Errors
    /// As [`Self::evaluate`]; [`Reason::TypeMismatch`] also if it is neither a bool nor null.
    pub fn holds(&self, record: &Record) -> Result<bool, Reason> {
        let arena = Bump::new();
        self.holds_in(&RecordFields::new(record, &self.paths), &arena)
    }

    /// Appends the fields of a record that it reads, for a warning.
    pub(crate) fn write_reads(&self, record: &Record, out: &mut String) {
        let json = |place: usize| record.field_at(self.paths.get(place)?).map(Field::json);
        write_reads(&self.paths, json, out);
    }

    /// What it is for fields, wherever they come from. Texts that are made on the way are put into the arena.
    pub(crate) fn evaluate_in<'a, F: Fields>(
        &'a self,
        fields: &'a F,
        arena: &'a Bump,
    ) -> Result<Operand<'a>, Reason> {
        evaluate::Scope { fields, arena }.evaluate(&self.root)
    }

    /// The same for a condition.
    pub(crate) fn holds_in<'a, F: Fields>(&'a self, fields: &'a F, arena: &'a Bump) -> Result<bool, Reason> {
        Ok(self.evaluate_in(fields, arena)?.truth()? == Some(true))
    }
}

/// The fields of a record in memory.
pub(crate) struct RecordFields<'r> {
    record: &'r Record,
    paths: &'r [Path],
}

impl<'r> RecordFields<'r> {
    pub(crate) fn new(record: &'r Record, paths: &'r [Path]) -> Self {
        Self { record, paths }
    }
}

impl Fields for RecordFields<'_> {
    fn field<'a>(&'a self, slot: usize, arena: &'a Bump) -> Operand<'a> {
        let field = self.paths.get(slot).and_then(|path| self.record.field_at(path));
        field.map_or(Operand::Null, |field| field.operand(arena))
    }
}

impl PartialEq for Expression {
    /// The same text.
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let (root, paths) = parser::parse(text)?;
        Ok(Self { text: text.into(), root, paths })
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Expression {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Expression".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "An expression: `price * 2`, `age >= 18`" })
    }
}
