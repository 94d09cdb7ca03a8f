//! Where a field is: its name, or the names on the way to it through nested objects.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// The way to a field: `name`, or `address.city` for the field `city` of the object in the field `address`.
///
/// A name with a dot, a blank or a quote is written in double quotes (`"a.b".c`), in which a double quote is doubled.
/// Only objects are entered: what lies in an array is not reached by a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    segments: Vec<String>,
    /// How the path is called in warnings.
    text: Arc<str>,
}

impl Path {
    /// The path of a field of the record itself, whatever signs its name has.
    #[must_use]
    pub fn field(name: impl Into<String>) -> Self {
        Self::of(vec![name.into()])
    }

    /// The path through objects with these names. An empty list is the path of a field without a name.
    #[must_use]
    pub fn through<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let segments: Vec<String> = names.into_iter().map(Into::into).collect();
        Self::of(if segments.is_empty() { vec![String::new()] } else { segments })
    }

    fn of(segments: Vec<String>) -> Self {
        let text = segments.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(".");
        Self { segments, text: text.into() }
    }

    /// The names, from the outermost; at least one.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The name of the field itself.
    #[must_use]
    pub fn name(&self) -> &str {
        self.segments.last().map_or("", String::as_str)
    }

    /// The names of the objects on the way; none for a field of the record itself.
    #[must_use]
    pub fn parents(&self) -> &[String] {
        &self.segments[..self.segments.len() - 1]
    }

    /// Whether this is a field of the record itself.
    #[must_use]
    pub fn is_top_level(&self) -> bool {
        self.segments.len() == 1
    }

    /// The path as it is written in a chain. Cheap to share.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }
}

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no path of a field: {why}")]
pub struct InvalidPath {
    text: String,
    why: &'static str,
}

impl FromStr for Path {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        let invalid = |why| InvalidPath { text: text.to_owned(), why };
        let mut segments = Vec::new();
        let mut rest = text;
        loop {
            let (name, after) = if rest.starts_with('"') {
                in_quotes(rest).ok_or_else(|| invalid("a double quote isn't closed"))?
            } else {
                let end = rest.find('.').unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            };
            if name.is_empty() && !rest.starts_with('"') {
                return Err(invalid("a name is empty"));
            }
            if name.contains('"') && !rest.starts_with('"') {
                return Err(invalid("a name with a double quote has to be in double quotes"));
            }
            segments.push(name);
            match after.strip_prefix('.') {
                Some(next) => rest = next,
                None if after.is_empty() => return Ok(Self::of(segments)),
                None => return Err(invalid("after a name in double quotes comes a dot or nothing")),
            }
        }
    }
}

/// The name at the beginning of a text that begins with a double quote, and what comes after it.
fn in_quotes(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = &text[1..];
    loop {
        let end = rest.find('"')?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, rest)),
        }
    }
}

pub(crate) fn quoted(name: &str) -> String {
    let plain = !name.is_empty() && !name.contains(['.', '"', ' ', '\'', '`']);
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Path {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Path".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "The way to a field: `name` or `address.city`; names with a dot in double quotes"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_and_written() {
        let check = |text: &str, segments: &[&str]| {
            let path: Path = text.parse().unwrap();
            assert_eq!(path.segments(), segments, "{text}");
            assert_eq!(path.to_string().parse::<Path>().unwrap(), path, "{text}");
        };
        check("a", &["a"]);
        check("a.b.c", &["a", "b", "c"]);
        check(r#""a.b".c"#, &["a.b", "c"]);
        check(r#"a."say ""hi""""#, &["a", r#"say "hi""#]);
        check(r#""""#, &[""]);
        check("first name", &["first name"]);
    }

    #[test]
    fn what_is_no_path_is_told() {
        let check = |text: &str, why: &str| {
            assert_eq!(
                text.parse::<Path>().unwrap_err().to_string(),
                format!("`{text}` is no path of a field: {why}")
            );
        };
        check("", "a name is empty");
        check("a..b", "a name is empty");
        check("a.", "a name is empty");
        check(r#""a"#, "a double quote isn't closed");
        check(r#""a"b"#, "after a name in double quotes comes a dot or nothing");
        check(r#"a"b"#, "a name with a double quote has to be in double quotes");
    }
}
