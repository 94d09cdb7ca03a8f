//! Records in memory: ordered fields, numbers as written, values decoded when somebody looks at them.

mod cell;
mod field;
mod generic;
mod index;
mod number;
mod record;
pub(crate) mod scan;
pub(crate) mod text;

pub use field::Field;
pub use number::Number;
pub use record::Record;
pub use scan::MAX_DEPTH;

use crate::reason::Reason;

/// A JSON value that loses nothing: numbers are their text, objects keep their order and their duplicate names.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it is written.
    Number(Number),
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// An object.
    Object(Record),
    /// JSON that no Rust type can hold: a string with an unpaired surrogate (`"\ud800"`).
    Verbatim(Verbatim),
}

/// JSON text that is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verbatim(Box<str>);

impl Verbatim {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The characters of the string; none for each half of a surrogate pair.
    pub(crate) fn characters(&self) -> Vec<Option<char>> {
        text::characters(self.0.get(1..self.0.len() - 1).unwrap_or_default()).collect()
    }
}

impl Value {
    /// Reads one JSON value; blanks around it are ignored.
    ///
    /// # Errors
    /// [`Reason::InvalidJson`], or [`Reason::TooDeep`] if it is nested deeper than [`MAX_DEPTH`].
    pub fn from_json(text: &str) -> Result<Self, Reason> {
        let bytes = text.as_bytes();
        let start = scan::blanks_end(bytes, 0);
        let end = scan::value_end(bytes, start, MAX_DEPTH)?;
        if scan::blanks_end(bytes, end) < bytes.len() {
            return Err(Reason::InvalidJson);
        }
        Ok(Self::decode(&text[start..end]))
    }

    /// The value as JSON: what was not touched as it was written, the rest without blanks and with the fewest escapes.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        self.write_json(&mut text);
        text
    }

    /// Appends what [`Self::to_json`] returns.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
            Self::Number(number) => out.push_str(number.text()),
            Self::String(text) => text::encode(text, out),
            Self::Array(values) => {
                out.push('[');
                for (place, value) in values.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    value.write_json(out);
                }
                out.push(']');
            }
            Self::Object(record) => record.write_json(out),
            Self::Verbatim(verbatim) => out.push_str(verbatim.text()),
        }
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The object, if this is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Record> {
        if let Self::Object(record) = self { Some(record) } else { None }
    }

    /// The same, of which nothing is written as it was read: without blanks, and with the fewest escapes.
    pub(crate) fn rewritten(self) -> Self {
        match self {
            Self::Array(values) => Self::Array(values.into_iter().map(Self::rewritten).collect()),
            Self::Object(record) => Self::Object(record.rewritten()),
            other => other,
        }
    }

    /// What a valid value without blanks around it says.
    fn decode(text: &str) -> Self {
        match text.as_bytes().first() {
            Some(b'"') => text
                .get(1..text.len() - 1)
                .and_then(text::decode)
                .map_or_else(|| Self::Verbatim(Verbatim(text.into())), Self::String),
            Some(b'{') => Self::Object(Record::decode(text)),
            Some(b'[') => Self::Array(elements(text)),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') | None => Self::Null,
            Some(_) => Self::Number(Number::known(text)),
        }
    }
}

/// The elements of a valid array.
fn elements(text: &str) -> Vec<Value> {
    let bytes = text.as_bytes();
    let mut values = Vec::new();
    let mut at = scan::blanks_end(bytes, 1);
    while let Ok(end) = scan::value_end(bytes, at, usize::MAX) {
        values.push(Value::decode(&text[at..end]));
        at = scan::blanks_end(bytes, end);
        if bytes.get(at) == Some(&b',') {
            at = scan::blanks_end(bytes, at + 1);
        }
    }
    values
}

macro_rules! from {
    ($($kind:ty => |$value:ident| $into:expr;)*) => {$(
        impl From<$kind> for Value {
            fn from($value: $kind) -> Self {
                $into
            }
        }
    )*};
}

from! {
    bool => |value| Self::Bool(value);
    &str => |value| Self::String(value.to_owned());
    String => |value| Self::String(value);
    i32 => |value| Self::Number(value.into());
    i64 => |value| Self::Number(value.into());
    i128 => |value| Self::Number(value.into());
    u32 => |value| Self::Number(value.into());
    u64 => |value| Self::Number(value.into());
    usize => |value| Self::Number(value.into());
    f64 => |value| Number::from_f64(value).map_or(Self::Null, Self::Number);
    Number => |value| Self::Number(value);
    Record => |value| Self::Object(value);
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in
            ["null", "-0.0", "1E400", r#""\ud800""#, r#"[1, {"b":2,"a":[]} ,"x"]"#, r#"{"a" : [ 1 ],"a":{}}"#]
        {
            let compact = if text.starts_with('[') { r#"[1,{"b":2,"a":[]},"x"]"# } else { text };
            let compact = if text.starts_with('{') { r#"{"a":[ 1 ],"a":{}}"# } else { compact };
            assert_eq!(Value::from_json(&format!(" {text}\r\n")).unwrap().to_json(), compact);
        }
        assert_eq!(Value::from_json("1 2"), Err(Reason::InvalidJson));
        assert_eq!(Value::from_json(""), Err(Reason::InvalidJson));
    }

    #[test]
    fn values_come_from_rust() {
        assert_eq!(Value::from(vec![1.5, f64::NAN]).to_json(), "[1.5,null]");
        assert_eq!(Value::from(Some("a\"b")).to_json(), r#""a\"b""#);
        assert_eq!(Value::from(None::<i64>), Value::Null);
    }
}
