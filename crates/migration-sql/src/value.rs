//! Values that go into a statement as parameters and come back in its rows.

use serde::Serialize;

/// One value, in the type that the database gave it or is to get it in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Value {
    /// SQL `NULL`.
    Null,
    /// A truth value; SQLite has none and stores 0 or 1.
    Bool(bool),
    /// A whole number of up to 64 bits.
    Integer(i64),
    /// An IEEE 754 double.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Bool(truth) => Some(i64::from(*truth)),
            _ => None,
        }
    }

    /// Whether it is `NULL`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What one statement gave back.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct QueryOutput {
    /// Names of the columns, in order; empty when no row came back.
    pub columns: Vec<String>,
    /// The rows, each with one value per column.
    pub rows: Vec<Vec<Value>>,
    /// Rows inserted, changed or deleted by the statement itself (not by triggers or cascades); 0 for any other statement.
    pub rows_affected: u64,
}

impl QueryOutput {
    /// The same with texts for what reads as text: a database whose collation is binary hands out texts as bytes.
    pub(crate) fn with_texts(mut self) -> Self {
        for value in self.rows.iter_mut().flatten() {
            if let Value::Blob(bytes) = value
                && let Ok(text) = std::str::from_utf8(bytes)
            {
                *value = Value::Text(text.to_owned());
            }
        }
        self
    }

    /// The value in a row's column of this name.
    #[must_use]
    pub fn get(&self, row: usize, column: &str) -> Option<&Value> {
        let place = self.columns.iter().position(|name| name == column)?;
        self.rows.get(row)?.get(place)
    }
}
