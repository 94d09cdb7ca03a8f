//! The choices that steps leave to whoever writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What becomes of a field whose value could not be converted or computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OnError {
    /// It stays as it was; counted as a warning.
    #[default]
    Keep,
    /// It becomes `null`; counted as a warning.
    Null,
    /// It is removed; counted as a warning.
    DropField,
    /// The whole record is rejected.
    RejectRecord,
}

/// What becomes of a record whose condition could not be computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OnUndecided {
    /// It stays; counted as a warning.
    #[default]
    Keep,
    /// It is rejected.
    RejectRecord,
}

/// What becomes of a field that is renamed to a name that another field has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OnConflict {
    /// The renamed field stays where it is and the other is removed; counted as a warning.
    #[default]
    Replace,
    /// The field keeps its old name in this record; counted as a warning.
    Keep,
    /// The whole record is rejected.
    RejectRecord,
}

/// What becomes of a value that a map or a table doesn't have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// Nothing happens.
    #[default]
    Keep,
    /// Nothing happens, and it is counted as a warning.
    Warn,
    /// The field becomes `null`; counted as a warning.
    Null,
    /// The field is removed; counted as a warning.
    DropField,
    /// The whole record is rejected.
    RejectRecord,
}

/// The type that a value is converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Type {
    /// An integer of any size.
    Int,
    /// A number with a fraction, as the shortest text that reads as the same 64-bit float.
    Float,
    /// A number with all the digits that the text has.
    Decimal,
    /// `true` or `false`.
    Bool,
    /// A text of RFC 3339: `2024-01-02T03:04:05Z`.
    Timestamp,
    /// A text `2024-01-02`.
    Date,
    /// A text.
    String,
    /// The JSON that a text holds.
    Json,
}

impl Type {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Int,
        Self::Float,
        Self::Decimal,
        Self::Bool,
        Self::Timestamp,
        Self::Date,
        Self::String,
        Self::Json,
    ];

    /// Its name in a chain: `int`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Float => "float",
            Self::Decimal => "decimal",
            Self::Bool => "bool",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::String => "string",
            Self::Json => "json",
        }
    }

    /// The type with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a number that stands for a time counts since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Seconds.
    #[default]
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
}

/// The offset that is written after a time that has none: `Z`, or `+hh:mm` and `-hh:mm`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Zone(String);

impl Zone {
    /// As it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let two = |from: usize, limit: u8| {
            let digits =
                text.get(from..from + 2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            digits.and_then(|digits| digits.parse().ok()).is_some_and(|number: u8| number < limit)
        };
        let offset = text.len() == 6 && text.starts_with(['+', '-']) && text.get(3..4) == Some(":");
        let fits = text == "Z" || (offset && two(1, 24) && two(4, 60));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("`{text}` is no zone: write `Z`, `+02:00` or the like"))
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Zone {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Zone".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$" })
    }
}

/// What a field is converted to: a type's name, or a table with options beside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The type.
    pub to: Type,
    /// What numbers count, for timestamps and dates.
    pub unit: Unit,
    /// What is written after a timestamp without an offset.
    pub zone: Option<Zone>,
}

impl From<Type> for Target {
    fn from(to: Type) -> Self {
        Self { to, unit: Unit::S, zone: None }
    }
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Detailed {
    to: Type,
    #[serde(default)]
    unit: Unit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<Zone>,
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::from(self.to) {
            return self.to.serialize(serializer);
        }
        Detailed { to: self.to, unit: self.unit, zone: self.zone.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = Target;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type or a table with `to`")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Target, E> {
                let names = Type::ALL.map(Type::name).join(", ");
                let unknown = || E::custom(format!("there is no type `{name}`, only {names}"));
                Type::from_name(name).map(Target::from).ok_or_else(unknown)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Target, A::Error> {
                let Detailed { to, unit, zone } =
                    Detailed::deserialize(de::value::MapAccessDeserializer::new(map))?;
                let time = matches!(to, Type::Timestamp | Type::Date);
                if !time && (unit != Unit::S || zone.is_some()) {
                    return Err(de::Error::custom(format!(
                        "`unit` and `zone` are for times, not for {}",
                        to.name()
                    )));
                }
                Ok(Target { to, unit, zone })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Target {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (name, table) = (generator.subschema_for::<Type>(), generator.subschema_for::<Detailed>());
        schemars::json_schema!({ "anyOf": [name, table] })
    }
}
