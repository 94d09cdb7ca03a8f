//! Settings as they are written: a key made of digits is no number, and `1234567890.10` is not `1234567890.1`.

use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads YAML, of which JSON is a part. A number or a truth value that would be shown in other letters than it has there is the
/// text that it has there.
pub(super) fn read(text: &str) -> Result<Value, serde_saphyr::Error> {
    let shape: Value = serde_saphyr::from_str(text)?;
    Ok(as_written(text, shape))
}

/// What a text holds, of which is known what it comes to: with the letters of the text.
pub(super) fn as_written(text: &str, shape: Value) -> Value {
    // What has a tag of its own, such as `!!int`, says itself what it is.
    serde_saphyr::with_deserializer_from_str(text, |from| Letters(&shape).deserialize(from)).unwrap_or(shape)
}

/// Reads what has a shape that is known.
struct Letters<'a>(&'a Value);

impl<'de> DeserializeSeed<'de> for Letters<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        match self.0 {
            Value::Object(_) => from.deserialize_map(self),
            Value::Array(_) => from.deserialize_seq(self),
            Value::Number(_) | Value::Bool(_) => from.deserialize_string(self),
            Value::Null | Value::String(_) => Value::deserialize(from),
        }
    }
}

impl<'de> Visitor<'de> for Letters<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what was there before")
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        let shown = self.0.to_string();
        Ok(if shown == text { self.0.clone() } else { Value::String(text.to_owned()) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let shape = self.0.get(&name).unwrap_or(&Value::Null);
            let value = entries.next_value_seed(Letters(shape))?;
            read.insert(name, value);
        }
        Ok(Value::Object(read))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(item) =
            items.next_element_seed(Letters(self.0.get(read.len()).unwrap_or(&Value::Null)))?
        {
            read.push(item);
        }
        Ok(Value::Array(read))
    }
}
