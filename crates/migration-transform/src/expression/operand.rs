//! The values that expressions calculate with; borrowed, so that reading a field costs nothing.

use std::cmp::Ordering;

use bumpalo::Bump;

use super::decimal;
use crate::reason::Reason;
use crate::value::{Number, Value, text};

/// A value in an expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operand<'a> {
    /// `null`, or a field that isn't there.
    Null,
    Bool(bool),
    /// An integer.
    Int(i128),
    /// Another JSON number as it is written: with a fraction or exponent, larger than 128 bits, or `-0`.
    Number(&'a str),
    /// A number that was calculated; finite.
    Float(f64),
    Text(&'a str),
    /// JSON that is only passed on: an object, an array, or a string with an unpaired surrogate.
    Json(&'a str),
}

/// Where an expression reads fields.
pub(crate) trait Fields {
    /// The field with a place in [`Expression::paths`](super::Expression::paths). What has to be decoded goes to the arena.
    fn field<'a>(&'a self, slot: usize, arena: &'a Bump) -> Operand<'a>;
}

impl<'a> Operand<'a> {
    /// A JSON value as it is written, without blanks around it.
    pub(crate) fn from_json(json: &'a str, arena: &'a Bump) -> Self {
        match json.as_bytes() {
            [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => Self::Text(&json[1..json.len() - 1]),
            [b'"', ..] => match text::decode(&json[1..json.len() - 1]) {
                Some(text) => Self::Text(arena.alloc_str(&text)),
                None => Self::Json(json),
            },
            b"null" => Self::Null,
            b"true" => Self::Bool(true),
            b"false" => Self::Bool(false),
            [b'{' | b'[', ..] => Self::Json(json),
            _ => Self::from_number(json),
        }
    }

    /// A JSON number as it is written.
    pub(crate) fn from_number(text: &'a str) -> Self {
        match text.parse() {
            Ok(int) if text != "-0" => Self::Int(int),
            _ => Self::Number(text),
        }
    }

    /// A value in memory.
    pub(crate) fn from_value(value: &'a Value, arena: &'a Bump) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(bool) => Self::Bool(*bool),
            Value::Number(number) => Self::from_number(number.text()),
            Value::String(text) => Self::Text(text),
            other => Self::Json(arena.alloc_str(&other.to_json())),
        }
    }

    /// Appends the value as JSON.
    pub(crate) fn write_json(&self, out: &mut String) {
        match *self {
            Self::Null => out.push_str("null"),
            Self::Bool(bool) => out.push_str(if bool { "true" } else { "false" }),
            Self::Text(said) => text::encode(said, out),
            Self::Json(json) => out.push_str(json),
            Self::Int(_) | Self::Number(_) | Self::Float(_) => self.number_text(|text| out.push_str(text)),
        }
    }

    /// The value in memory.
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(bool),
            Self::Int(int) => Value::Number(int.into()),
            Self::Number(text) => Value::Number(Number::known(text)),
            Self::Float(float) => Value::from(float),
            Self::Text(text) => Value::from(text),
            Self::Json(json) => Value::from_json(json).unwrap_or_default(),
        }
    }

    /// What a condition says; none if it is null.
    pub(super) fn truth(self) -> Result<Option<bool>, Reason> {
        match self {
            Self::Null => Ok(None),
            Self::Bool(bool) => Ok(Some(bool)),
            _ => Err(Reason::TypeMismatch),
        }
    }

    /// A text.
    pub(super) fn text(self) -> Result<&'a str, Reason> {
        if let Self::Text(text) = self { Ok(text) } else { Err(Reason::TypeMismatch) }
    }

    /// A number as a float, which may be infinite (`1e400`).
    pub(super) fn float(self) -> Result<f64, Reason> {
        #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is wanted")]
        match self {
            Self::Int(int) => Ok(int as f64),
            Self::Number(text) => text.parse().map_err(|_| Reason::TypeMismatch),
            Self::Float(float) => Ok(float),
            _ => Err(Reason::TypeMismatch),
        }
    }

    /// An integer of at most 128 bits.
    pub(super) fn int(self) -> Option<i128> {
        match self {
            Self::Int(int) => Some(int),
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Shows the text of a number, a bool or a text as `||` joins it.
    pub(super) fn with_text<T>(&self, show: impl FnOnce(&str) -> T) -> Result<T, Reason> {
        match *self {
            Self::Text(text) => Ok(show(text)),
            Self::Bool(bool) => Ok(show(if bool { "true" } else { "false" })),
            Self::Int(_) | Self::Number(_) | Self::Float(_) => Ok(self.number_text(show)),
            Self::Null | Self::Json(_) => Err(Reason::TypeMismatch),
        }
    }

    /// Of what is no number, nothing.
    fn number_text<T>(&self, show: impl FnOnce(&str) -> T) -> T {
        match *self {
            Self::Int(int) => show(itoa::Buffer::new().format(int)),
            Self::Number(text) => show(text),
            Self::Float(float) => show(zmij::Buffer::new().format(float)),
            _ => show(""),
        }
    }
}

/// The order of two values that are not null: integers and what is beyond the range of floats exactly, other numbers as floats,
/// texts by code points, `false` before `true`.
pub(super) fn compare(left: Operand<'_>, right: Operand<'_>) -> Result<Ordering, Reason> {
    match (left, right) {
        (Operand::Text(left), Operand::Text(right)) => Ok(left.cmp(right)),
        (Operand::Bool(left), Operand::Bool(right)) => Ok(left.cmp(&right)),
        _ => match (left.int(), right.int()) {
            (Some(left), Some(right)) => Ok(left.cmp(&right)),
            _ => compare_numbers(left, right),
        },
    }
}

fn compare_numbers(left: Operand<'_>, right: Operand<'_>) -> Result<Ordering, Reason> {
    let (left_float, right_float) = (left.float()?, right.float()?);
    // A float of zero may be one of something smaller than any float.
    let is_beyond =
        left_float.is_infinite() || right_float.is_infinite() || [left_float, right_float] == [0.0; 2];
    if is_beyond {
        return left.number_text(|left| right.number_text(|right| decimal::compare(left, right)));
    }
    match (left.int(), right.int()) {
        (Some(int), _) if is_exact(int) => {}
        (_, Some(int)) if is_exact(int) => {}
        (Some(int), None) if Large::of(&right).is_none() => return Ok(compare_int(int, right_float)),
        (None, Some(int)) if Large::of(&left).is_none() => return Ok(compare_int(int, left_float).reverse()),
        _ => match (Large::of(&left), Large::of(&right)) {
            (Some(left), Some(right)) => return Ok(left.cmp(&right)),
            (Some(large), None) => return Ok(large.cmp_float(right_float)),
            (None, Some(large)) => return Ok(large.cmp_float(left_float).reverse()),
            (None, None) => {}
        },
    }
    left_float.partial_cmp(&right_float).ok_or(Reason::TypeMismatch)
}

/// Whether there is a float of just this integer, and of each that is smaller.
fn is_exact(int: i128) -> bool {
    int.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS
}

/// The order of an integer and a float that is a number, as they are: neither is rounded.
pub(super) fn compare_int(int: i128, float: f64) -> Ordering {
    // 2^127: one more than the largest integer.
    const END: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if float >= END {
        return Ordering::Less;
    }
    if float < -END {
        return Ordering::Greater;
    }
    let whole = float.trunc();
    #[expect(clippy::cast_possible_truncation, reason = "it is integral and in range")]
    let order = int.cmp(&(whole as i128));
    order.then(whole.total_cmp(&float))
}

/// An integer by its digits.
struct Large {
    negative: bool,
    digits: String,
}

impl Large {
    fn of(operand: &Operand<'_>) -> Option<Self> {
        let text = match operand {
            Operand::Int(int) => int.to_string(),
            Operand::Number(text) if !text.contains(['.', 'e', 'E']) => (*text).to_owned(),
            _ => return None,
        };
        let digits = text.trim_start_matches('-').to_owned();
        Some(Self { negative: text.starts_with('-') && digits != "0", digits })
    }

    /// The order of it and a finite float.
    fn cmp_float(&self, float: f64) -> Ordering {
        let whole = float.trunc();
        let whole_digits = Self { negative: whole < 0.0, digits: format!("{:.0}", whole.abs()) };
        self.cmp(&whole_digits).then(whole.total_cmp(&float))
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let size = (self.digits.len(), &self.digits).cmp(&(other.digits.len(), &other.digits));
        match (self.negative, other.negative) {
            (false, false) => size,
            (true, true) => size.reverse(),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}
