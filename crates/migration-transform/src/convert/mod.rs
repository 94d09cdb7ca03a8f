//! Conversions of one JSON value, from text to text. Nothing is rounded that need not be, and no digit is lost.
//!
//! The rules are in `docs/transform.md`. Most of them are edits of the text: an integer of any size stays its own digits.

mod boolean;
#[cfg(any(feature = "parquet", test))]
pub(crate) mod exact;
mod json;
mod number;
pub(crate) mod time;

use crate::json::text;
use crate::spec::{Target, Type, Unit, Zone};

/// What a value is made into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Conversion {
    /// An integer of any size.
    Int,
    /// The shortest text that reads back as the same 64-bit float.
    Float,
    /// A number with the digits that were there.
    Decimal,
    /// `true` or `false`.
    Bool,
    /// RFC 3339, as a string.
    Timestamp {
        /// What an epoch number counts.
        unit: Unit,
        /// What is appended where the text names no zone.
        zone: Option<Zone>,
    },
    /// `YYYY-MM-DD`, as a string.
    Date {
        /// What an epoch number counts.
        unit: Unit,
    },
    /// A string.
    String,
    /// The JSON value that a string holds.
    Json,
}

/// What became of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Outcome {
    /// It is of the type already (or null), and stays as written.
    Unchanged,
    /// The new JSON text was appended.
    Changed,
    /// It can't be converted; nothing was appended.
    Malformed,
}

/// Like `Outcome`, for the functions on one kind of value: `None` is malformed.
pub(crate) type Converted = Option<Changed>;

/// Whether something new was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    Yes,
    No,
}

impl From<&Target> for Conversion {
    fn from(target: &Target) -> Self {
        let unit = target.unit;
        match target.to {
            Type::Int => Self::Int,
            Type::Float => Self::Float,
            Type::Decimal => Self::Decimal,
            Type::Bool => Self::Bool,
            Type::Timestamp => Self::Timestamp { unit, zone: target.zone.clone() },
            Type::Date => Self::Date { unit },
            Type::String => Self::String,
            Type::Json => Self::Json,
        }
    }
}

impl Conversion {
    /// Converts one JSON value: `raw` is its text as written, without blanks around it; the new text is appended to `out`.
    ///
    /// Text that is no JSON value is malformed at best; it does no harm.
    pub(crate) fn apply(&self, raw: &[u8], out: &mut Vec<u8>) -> Outcome {
        let start = out.len();
        let converted = match raw {
            [b'"', inner @ .., b'"'] => self.text(inner, out),
            [b'n', ..] => Some(Changed::No),
            _ => self.other(raw, out),
        };
        match converted {
            Some(Changed::Yes) => Outcome::Changed,
            Some(Changed::No) => Outcome::Unchanged,
            None => {
                out.truncate(start);
                Outcome::Malformed
            }
        }
    }

    /// A string, given as what is between its quotes.
    fn text(&self, inner: &[u8], out: &mut Vec<u8>) -> Converted {
        if *self == Self::String {
            return Some(Changed::No);
        }
        if memchr::memchr(b'\\', inner).is_none() {
            return self.decoded(inner, false, out);
        }
        // Decoded behind what is there, converted behind that, and then taken out from between.
        let start = out.len();
        text::decode(inner, out).ok()?;
        let decoded = out.split_off(start);
        self.decoded(&decoded, true, out)
    }

    /// `escaped`: the string was written in another way, so that it is not "already" what it says.
    fn decoded(&self, text: &[u8], escaped: bool, out: &mut Vec<u8>) -> Converted {
        let trimmed = crate::json::trim(text);
        let as_written = !escaped && trimmed.len() == text.len();
        match self {
            Self::Int => number::int(trimmed, out),
            Self::Float => number::float(trimmed, out),
            Self::Decimal => number::decimal(trimmed, out),
            Self::Bool => boolean::text(trimmed, out),
            Self::Timestamp { unit, zone } => time::timestamp(trimmed, as_written, *unit, zone.as_ref(), out),
            Self::Date { unit } => time::date(trimmed, as_written, *unit, out),
            Self::Json => json::parse(trimmed, out),
            Self::String => Some(Changed::No),
        }
    }

    /// Everything but a string and null.
    fn other(&self, raw: &[u8], out: &mut Vec<u8>) -> Converted {
        match (self, raw.first()?) {
            (Self::Json, _) => Some(Changed::No),
            (Self::String, _) => {
                text::write(raw, out);
                Some(Changed::Yes)
            }
            (Self::Bool, b't' | b'f') => Some(Changed::No),
            (Self::Int, b't' | b'f') => {
                out.push(if raw[0] == b't' { b'1' } else { b'0' });
                Some(Changed::Yes)
            }
            (_, b't' | b'f' | b'{' | b'[') => None,
            (Self::Int, _) => number::int_of_number(raw, out),
            (Self::Float, _) => number::float_of_number(raw, out),
            (Self::Decimal, _) => Some(Changed::No),
            (Self::Bool, _) => boolean::number(raw, out),
            (Self::Timestamp { unit, .. }, _) => time::epoch_timestamp(raw, *unit, out),
            (Self::Date { unit }, _) => time::epoch_date(raw, *unit, out),
        }
    }
}

#[cfg(test)]
mod tests;
