//! What a step says of each of several fields.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::path::Path;

/// A value for each of several fields, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields<V>(Vec<(Path, V)>);

impl<V> Fields<V> {
    /// The pairs in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Path, V)> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V> FromIterator<(Path, V)> for Fields<V> {
    fn from_iter<I: IntoIterator<Item = (Path, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<'a, V> IntoIterator for &'a Fields<V> {
    type Item = &'a (Path, V);
    type IntoIter = std::slice::Iter<'a, (Path, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<V: Serialize> Serialize for Fields<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        self.0.iter().try_for_each(|(path, value)| map.serialize_entry(path, value))?;
        map.end()
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Fields<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor(PhantomData))
    }
}

struct FieldsVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for FieldsVisitor<V> {
    type Value = Fields<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<V>, A::Error> {
        let mut pairs: Vec<(Path, V)> = Vec::new();
        let mut seen = HashSet::new();
        while let Some(path) = map.next_key::<Path>()? {
            let value = map.next_value().map_err(|error| de::Error::custom(format!("`{path}`: {error}")))?;
            if !seen.insert(path.clone()) {
                return Err(de::Error::custom(format!("`{path}` stands there twice")));
            }
            pairs.push((path, value));
        }
        Ok(Fields(pairs))
    }
}

#[cfg(feature = "schema")]
impl<V: schemars::JsonSchema> schemars::JsonSchema for Fields<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("FieldsOf{}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<V>();
        schemars::json_schema!({ "type": "object", "additionalProperties": value })
    }
}
