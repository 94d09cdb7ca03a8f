//! The steps of a chain. In a file each is a table with its operation's name as a key, and options beside it.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::fields::Fields;
use super::options::{OnConflict, OnError, OnUndecided, Otherwise, Target};
use crate::expression::Expression;
use crate::path::Path;
use crate::value::{Record, Value};

/// Declares the steps: the enum, the names of the operations, and how one is read.
macro_rules! steps {
    ($($(#[$doc:meta])* $step:ident = $name:literal,)*) => {
        /// One step.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum Step {
            $($(#[$doc])* $step($step),)*
        }

        impl Step {
            /// The names of all operations.
            pub const OPERATIONS: &[&str] = &[$($name),*];

            /// The name of its operation.
            #[must_use]
            pub fn operation(&self) -> &'static str {
                match self {
                    $(Self::$step(_) => $name,)*
                }
            }

            fn read<E: de::Error>(operation: &str, value: &Value) -> Result<Self, E> {
                match operation {
                    $($name => $step::deserialize(value).map(Self::$step),)*
                    _ => Err(de::Error::custom("no operation")),
                }
                .map_err(|error| E::custom(format!("`{operation}`: {error}")))
            }
        }

        $(impl From<$step> for Step {
            fn from(step: $step) -> Self {
                Self::$step(step)
            }
        })*
    };
}

steps! {
    /// Gives fields other names.
    Rename = "rename",
    /// Converts values to types.
    Convert = "convert",
    /// Removes fields.
    Drop = "drop",
    /// Removes all fields but some.
    Select = "select",
    /// Keeps the records for which a condition is true.
    KeepWhere = "keep-where",
    /// Computes fields.
    Set = "set",
    /// Gives fields that are missing or null a value.
    Default = "default",
    /// Makes several fields of one.
    Split = "split",
    /// Makes one field of several.
    Merge = "merge",
    /// Puts the fields of objects into the object around them.
    Flatten = "flatten",
    /// Puts fields into an object.
    Nest = "nest",
    /// Replaces values by others.
    Map = "map",
    /// Adds fields from a table.
    Lookup = "lookup",
    /// Replaces values by their digest.
    Hash = "hash",
    /// Replaces the characters of values.
    Mask = "mask",
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::Object(Record::deserialize(deserializer)?);
        let Value::Object(record) = &value else { return Err(de::Error::custom("a step is a table")) };
        let named: Vec<&str> =
            Self::OPERATIONS.iter().copied().filter(|name| record.contains(name)).collect();
        match named.as_slice() {
            [operation] => Self::read(operation, &value),
            [] => {
                let keys: Vec<String> = record.iter().map(|field| format!("`{}`", field.name())).collect();
                let all = Self::OPERATIONS.join(", ");
                let found = if keys.is_empty() {
                    "it is empty".to_owned()
                } else {
                    format!("it has {}", keys.join(", "))
                };
                Err(de::Error::custom(format!("no operation: {found}; a step has one of {all}")))
            }
            several => {
                let names = several.join("` and `");
                Err(de::Error::custom(format!("`{names}` in one step: each is a step of its own")))
            }
        }
    }
}

/// Gives fields other names, all at once: `{ a = "b", b = "a" }` swaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// From the old path to the new one.
    #[serde(rename = "rename")]
    pub fields: Fields<Path>,
    /// What becomes of a field whose new name another field has.
    #[serde(default)]
    pub on_conflict: OnConflict,
}

/// Converts values to types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Convert {
    /// What each field is converted to.
    #[serde(rename = "convert")]
    pub fields: Fields<Target>,
    /// What becomes of a value that can't be.
    #[serde(default)]
    pub on_error: OnError,
}

/// Removes fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Drop {
    /// Which.
    #[serde(rename = "drop")]
    pub fields: Vec<Path>,
}

/// Removes all fields but some, which keep their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Which are kept.
    #[serde(rename = "select")]
    pub fields: Vec<Path>,
}

/// Keeps the records for which a condition is true; those for which it is false or null are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeepWhere {
    /// The condition.
    #[serde(rename = "keep-where")]
    pub condition: Expression,
    /// What becomes of a record for which it can't be computed.
    #[serde(default)]
    pub on_error: OnUndecided,
}

/// Computes fields, all from the record as it was before the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// The expression for each field.
    #[serde(rename = "set")]
    pub fields: Fields<Expression>,
    /// What becomes of a field whose expression can't be computed.
    #[serde(default)]
    pub on_error: OnError,
}

/// Gives fields that are missing or null a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Default {
    /// The value of each.
    #[serde(rename = "default")]
    pub fields: Fields<Value>,
}

/// Makes several fields of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The field with the text.
    #[serde(rename = "split")]
    pub field: Path,
    /// What is between the parts; not empty.
    pub separator: String,
    /// The fields of the parts. The last one gets all the rest; those for which nothing is left become `null`.
    pub into: Vec<Path>,
    /// Whether the field with the text stays.
    #[serde(default)]
    pub keep: bool,
    /// What becomes of a field that is no text.
    #[serde(default)]
    pub on_error: OnError,
}

/// Makes one text of several fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The fields, in order; those that are missing or null are left out.
    #[serde(rename = "merge")]
    pub fields: Vec<Path>,
    /// The field of the text.
    pub into: Path,
    /// What is put between the parts.
    #[serde(default)]
    pub separator: String,
    /// Whether the fields stay.
    #[serde(default)]
    pub keep: bool,
}

/// Puts the fields of objects into the object around them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Flatten {
    /// The objects.
    #[serde(rename = "flatten")]
    pub fields: Vec<Path>,
    /// Between the name of the object and that of its field: `address_city`.
    #[serde(default = "underscore")]
    pub separator: String,
    /// How many levels of objects are dissolved; all if it isn't said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u32>,
}

/// Puts fields into objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Nest {
    /// The fields that each object gets.
    #[serde(rename = "nest")]
    pub fields: Fields<Vec<Path>>,
}

/// Replaces values by others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// For each field: from the text of a value (or the JSON of a number, a bool or `null`) to its replacement.
    #[serde(rename = "map")]
    pub fields: Fields<Record>,
    /// What becomes of a value that isn't among them.
    #[serde(default)]
    pub otherwise: Otherwise,
}

/// Adds fields from the row of a table whose key is the value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The field whose value is looked up.
    #[serde(rename = "lookup")]
    pub field: Path,
    /// The rows.
    pub table: Table,
    /// The column that is looked in; not for a table that has its keys as names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The new fields and the columns from which they come.
    pub take: Fields<String>,
    /// What becomes of a record whose value isn't there.
    #[serde(default)]
    pub otherwise: Otherwise,
}

/// The rows of a [`Lookup`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Table {
    /// A CSV, TSV or NDJSON file; relative to the folder of the chain's file.
    File(PathBuf),
    /// The rows themselves.
    Rows(Vec<Record>),
    /// Rows by their key.
    ByKey(Record),
}

impl<'de> Deserialize<'de> for Table {
    /// By way of a value, which keeps all digits.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = |value| match value {
            Value::Object(row) => Ok(row),
            _ => Err(de::Error::custom("a row of the table is no table")),
        };
        match Value::deserialize(deserializer)? {
            Value::String(path) => Ok(Self::File(path.into())),
            Value::Array(rows) => rows.into_iter().map(row).collect::<Result<_, _>>().map(Self::Rows),
            Value::Object(rows) => Ok(Self::ByKey(rows)),
            _ => Err(de::Error::custom("a table is a file's path, a list of rows, or rows by their key")),
        }
    }
}

/// Replaces values by the SHA-256 of their text in hexadecimal digits, or by its HMAC if there is a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hash {
    /// Which.
    #[serde(rename = "hash")]
    pub fields: Vec<Path>,
    /// The environment variable with the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_env: Option<String>,
    /// The file with the key, of which a line's end at the end is no part; relative to the folder of the chain's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
}

/// Replaces the characters of values by a sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// Which.
    #[serde(rename = "mask")]
    pub fields: Vec<Path>,
    /// How many characters at the beginning stay.
    #[serde(default)]
    pub keep_first: usize,
    /// How many characters at the end stay.
    #[serde(default)]
    pub keep_last: usize,
    /// What the others become.
    #[serde(default = "asterisk")]
    pub sign: char,
}

fn underscore() -> String {
    "_".to_owned()
}

fn asterisk() -> char {
    '*'
}
