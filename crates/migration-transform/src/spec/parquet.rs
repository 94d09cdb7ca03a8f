//! How a Parquet file is to be written.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Unit;

/// How a Parquet file is to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ParquetOptions {
    /// How its pages are compressed; Snappy if it isn't said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<ParquetCompression>,
    /// How many records a row group has at most: what is in memory until it is written. 100 000 if it isn't said, and fewer
    /// where they are large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_group: Option<std::num::NonZeroU32>,
    /// All columns with their types; if it isn't said, what the first records have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Columns>,
}

/// How the pages of a Parquet file are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ParquetCompression {
    /// Snappy: fast, and read by everything.
    #[default]
    Snappy,
    /// Zstandard: smaller.
    Zstd,
    /// Gzip.
    Gzip,
    /// LZ4, in the form that is called `LZ4_RAW`.
    Lz4,
    /// As they are.
    None,
}

/// Columns in order: names with types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(Vec<(String, Column)>);

/// The type of a column: what is written as a name, as a list with the type of its elements, or as a table of fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Column {
    /// `"bool"`
    Bool,
    /// `"int"`: 64 bits with a sign.
    Int,
    /// `"uint"`: 64 bits without one.
    Uint,
    /// `"float"`: 64 bits; a number is rounded to the nearest.
    Float,
    /// `"decimal(p, s)"`: at most 38 digits, `scale` of them after the point.
    Decimal {
        /// How many digits.
        precision: u8,
        /// How many of them after the point.
        scale: u8,
    },
    /// `"string"`: text in UTF-8.
    String,
    /// `"timestamp"`: an instant, from RFC 3339 with an offset. `"timestamp(ns)"` says what is counted: `ms`, `us` (as
    /// without), `ns`.
    Timestamp(Unit),
    /// `"datetime"`: date and time without an offset. `"datetime(ns)"` likewise.
    Datetime(Unit),
    /// `"date"`
    Date,
    /// `"json"`: any value, as its JSON.
    Json,
    /// `"binary"`: bytes, from base64.
    Binary,
    /// `["int"]`: a list.
    List(Box<Column>),
    /// `{ city = "string" }`: an object.
    Object(Columns),
}

impl Columns {
    /// Columns in order.
    ///
    /// # Errors
    /// If a name stands there twice, or an object has no field.
    pub fn new(columns: Vec<(String, Column)>) -> Result<Self, String> {
        if columns.is_empty() {
            return Err("a schema needs at least one column".to_owned());
        }
        for (place, (name, _)) in columns.iter().enumerate() {
            if columns[..place].iter().any(|(other, _)| other == name) {
                return Err(format!("`{name}` stands there twice"));
            }
        }
        Ok(Self(columns))
    }

    /// Names and types, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (String, Column)> {
        self.0.iter()
    }
}

impl FromStr for Column {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, brackets) = match text.split_once('(') {
            Some((name, rest)) => (name.trim_end(), rest.strip_suffix(')')),
            None => (text, None),
        };
        let unknown = || {
            format!(
                "there is no type `{text}`, only bool, int, uint, float, decimal(p, s), string, timestamp, datetime, \
                 date, json, binary, a list with one type and a table of fields"
            )
        };
        if brackets.is_none() && text.contains('(') {
            return Err(unknown());
        }
        let unit = match brackets.map(str::trim) {
            None | Some("us") => Some(Unit::Us),
            Some("ms") => Some(Unit::Ms),
            Some("ns") => Some(Unit::Ns),
            Some(_) => None,
        };
        match (name, brackets) {
            ("timestamp", _) => unit.map(Self::Timestamp).ok_or_else(unknown),
            ("datetime", _) => unit.map(Self::Datetime).ok_or_else(unknown),
            ("decimal", Some(digits)) => {
                let (precision, scale) = digits.split_once(',').unwrap_or((digits, "0"));
                match (precision.trim().parse(), scale.trim().parse()) {
                    (Ok(precision @ 1..=38), Ok(scale)) if scale <= precision => {
                        Ok(Self::Decimal { precision, scale })
                    }
                    _ => Err(format!(
                        "`{text}`: a decimal has 1 to 38 digits, at most all of them after the point"
                    )),
                }
            }
            (_, Some(_)) => Err(unknown()),
            ("bool", None) => Ok(Self::Bool),
            ("int", None) => Ok(Self::Int),
            ("uint", None) => Ok(Self::Uint),
            ("float", None) => Ok(Self::Float),
            ("string", None) => Ok(Self::String),
            ("date", None) => Ok(Self::Date),
            ("json", None) => Ok(Self::Json),
            ("binary", None) => Ok(Self::Binary),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = |unit: &Unit| match unit {
            Unit::Ms => "(ms)",
            Unit::Ns => "(ns)",
            Unit::Us | Unit::S => "",
        };
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Uint => f.write_str("uint"),
            Self::Float => f.write_str("float"),
            Self::Decimal { precision, scale } => write!(f, "decimal({precision}, {scale})"),
            Self::String => f.write_str("string"),
            Self::Timestamp(counted) => write!(f, "timestamp{}", unit(counted)),
            Self::Datetime(counted) => write!(f, "datetime{}", unit(counted)),
            Self::Date => f.write_str("date"),
            Self::Json => f.write_str("json"),
            Self::Binary => f.write_str("binary"),
            Self::List(element) => write!(f, "[{element}]"),
            Self::Object(_) => f.write_str("object"),
        }
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::List(element) => {
                let mut list = serializer.serialize_seq(Some(1))?;
                list.serialize_element(element)?;
                list.end()
            }
            Self::Object(columns) => columns.serialize(serializer),
            name => serializer.collect_str(name),
        }
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColumnVisitor)
    }
}

struct ColumnVisitor;

impl<'de> Visitor<'de> for ColumnVisitor {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type, a list with one type, or a table of fields")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Column, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Column, A::Error> {
        match (list.next_element()?, list.next_element::<Column>()?) {
            (Some(element), None) => Ok(Column::List(Box::new(element))),
            _ => Err(de::Error::custom("a list has the one type of its elements")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Column, A::Error> {
        ColumnsVisitor.visit_map(map).map(Column::Object)
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(name, column)| map.serialize_entry(name, column))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ColumnsVisitor)
    }
}

struct ColumnsVisitor;

impl<'de> Visitor<'de> for ColumnsVisitor {
    type Value = Columns;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of columns")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Columns, A::Error> {
        let mut columns = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let column = map.next_value().map_err(|error| de::Error::custom(format!("`{name}`: {error}")))?;
            columns.push((name, column));
        }
        Columns::new(columns).map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Column {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Column".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (element, fields) = (generator.subschema_for::<Self>(), generator.subschema_for::<Columns>());
        schemars::json_schema!({ "anyOf": [
            {
                "type": "string",
                "pattern": "^(bool|int|uint|float|string|date|json|binary|decimal *\\([ 0-9,]+\\)|(timestamp|datetime)(\\((ms|us|ns)\\))?)$"
            },
            { "type": "array", "items": element, "minItems": 1, "maxItems": 1 },
            fields
        ] })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Columns {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Columns".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let column = generator.subschema_for::<Column>();
        schemars::json_schema!({ "type": "object", "additionalProperties": column, "minProperties": 1 })
    }
}
