//! One JSON value as the value of a column: all of what it says, or it doesn't fit.

use super::buffer::Values;
use super::schema::LONG_DIGITS;
use crate::convert::exact;
use crate::json::text;
use crate::parquet::base64;
use crate::spec::{Column, Unit};

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Bool,
    Int,
    Uint,
    /// `exact`: only numbers that the float is; of a column whose type nobody has asked for.
    Float {
        exact: bool,
    },
    Decimal {
        precision: u8,
        scale: u8,
    },
    String,
    Time {
        unit: Unit,
        is_utc: bool,
    },
    Date,
    Json,
    Binary,
}

impl Scalar {
    /// None of a list or an object.
    pub(super) fn of(column: &Column, is_guess: bool) -> Option<Self> {
        Some(match column {
            Column::Bool => Self::Bool,
            Column::Int => Self::Int,
            Column::Uint => Self::Uint,
            Column::Float => Self::Float { exact: is_guess },
            Column::Decimal { precision, scale } => Self::Decimal { precision: *precision, scale: *scale },
            Column::String => Self::String,
            Column::Timestamp(unit) => Self::Time { unit: *unit, is_utc: true },
            Column::Datetime(unit) => Self::Time { unit: *unit, is_utc: false },
            Column::Date => Self::Date,
            Column::Json => Self::Json,
            Column::Binary => Self::Binary,
            Column::List(_) | Column::Object(_) => return None,
        })
    }

    pub(super) fn values(self) -> Values {
        match self {
            Self::Bool => Values::Bools(Vec::new()),
            Self::Date => Values::Ints(Vec::new()),
            Self::Float { .. } => Values::Doubles(Vec::new()),
            Self::String | Self::Json | Self::Binary => Values::Bytes(Vec::new(), Vec::new()),
            Self::Decimal { precision, .. } if precision > LONG_DIGITS => Values::Fixed(Vec::new()),
            Self::Int | Self::Uint | Self::Decimal { .. } | Self::Time { .. } => Values::Longs(Vec::new()),
        }
    }

    /// Adds a value, which is valid JSON without blanks around it and not `null`. `None` if it doesn't fit; what was
    /// appended until then stays.
    pub(super) fn push(self, json: &[u8], values: &mut Values, scratch: &mut Vec<u8>) -> Option<()> {
        match (self, values) {
            (Self::Bool, Values::Bools(values)) => values.push(match json {
                b"true" => true,
                b"false" => false,
                _ => return None,
            }),
            (Self::Int, Values::Longs(values)) => values.push(i64::try_from(number(json, 0)?).ok()?),
            (Self::Uint, Values::Longs(values)) => {
                values.push(u64::try_from(number(json, 0)?).ok()?.cast_signed());
            }
            (Self::Float { exact }, Values::Doubles(values)) => values.push(float(json, exact)?),
            (Self::Decimal { precision, scale }, values) => {
                let unscaled = number(json, scale)?;
                if unscaled.unsigned_abs() >= 10_u128.pow(u32::from(precision)) {
                    return None;
                }
                match values {
                    Values::Longs(values) => values.push(i64::try_from(unscaled).ok()?),
                    Values::Fixed(values) => values.push(unscaled.to_be_bytes()),
                    _ => return None,
                }
            }
            (Self::String, Values::Bytes(bytes, ends)) => {
                text::decode(inner(json)?, bytes).ok()?;
                ends.push(bytes.len());
            }
            (Self::Json, Values::Bytes(bytes, ends)) => {
                bytes.extend_from_slice(json);
                ends.push(bytes.len());
            }
            (Self::Binary, Values::Bytes(bytes, ends)) => {
                base64::decode(decoded(json, scratch)?, bytes)?;
                ends.push(bytes.len());
            }
            (Self::Time { unit, is_utc }, Values::Longs(values)) => {
                let (nanoseconds, has_offset) = exact::instant(decoded(json, scratch)?)?;
                let each = match unit {
                    Unit::S => 1_000_000_000,
                    Unit::Ms => 1_000_000,
                    Unit::Us => 1000,
                    Unit::Ns => 1,
                };
                if has_offset != is_utc || nanoseconds.rem_euclid(each) != 0 {
                    return None;
                }
                values.push(i64::try_from(nanoseconds.div_euclid(each)).ok()?);
            }
            (Self::Date, Values::Ints(values)) => {
                values.push(i32::try_from(exact::day(decoded(json, scratch)?)?).ok()?);
            }
            _ => return None,
        }
        Some(())
    }
}

/// A number times ten to the `scale`, if that is an integer.
fn number(json: &[u8], scale: u8) -> Option<i128> {
    json.first().filter(|first| matches!(first, b'-' | b'0'..=b'9'))?;
    exact::unscaled(json, scale)
}

/// The float that a number names, or a text for what JSON has no number for.
fn float(json: &[u8], exact: bool) -> Option<f64> {
    match json {
        b"\"NaN\"" => return Some(f64::NAN),
        b"\"Infinity\"" => return Some(f64::INFINITY),
        b"\"-Infinity\"" => return Some(f64::NEG_INFINITY),
        [b'-' | b'0'..=b'9', ..] => {}
        _ => return None,
    }
    let float: f64 = std::str::from_utf8(json).ok()?.parse().ok()?;
    (float.is_finite() && (!exact || is_exact(json, float))).then_some(float)
}

/// Whether the shortest text of a float is the number that a text is.
pub(super) fn is_exact(json: &[u8], float: f64) -> bool {
    // A double holds every decimal of 15 digits (IEEE 754, 5.12), unless it is as small as subnormal ones are.
    let is_short = json.len() <= 15 && !json.iter().any(|byte| matches!(byte, b'e' | b'E'));
    is_short || exact::is_same_number(json, zmij::Buffer::new().format(float).as_bytes())
}

/// What is between the quotes of a string.
fn inner(json: &[u8]) -> Option<&[u8]> {
    json.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// What a string says.
fn decoded<'a>(json: &'a [u8], scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
    let inner = inner(json)?;
    if memchr::memchr(b'\\', inner).is_none() {
        return Some(inner);
    }
    scratch.clear();
    text::decode(inner, scratch).ok()?;
    Some(scratch)
}
