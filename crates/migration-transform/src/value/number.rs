//! JSON numbers, kept as they are written.

use std::fmt;

use super::scan::number_end;

/// A JSON number. It is its text, so no digit of `12345678901234567890123` or of `1.0` is lost.
///
/// Two are equal if their texts are: `1` and `1.0` are not.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

impl Number {
    /// The number with this text, if JSON has it: no plus sign, no superfluous zeros, digits around the dot.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        (number_end(text.as_bytes(), 0) == Some(text.len())).then(|| Self(text.into()))
    }

    /// The shortest text that reads as this float again, with `.0` if it is integral; none for infinities and NaN.
    #[must_use]
    pub fn from_f64(float: f64) -> Option<Self> {
        float.is_finite().then(|| Self(zmij::Buffer::new().format_finite(float).into()))
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether it is written without fraction and exponent.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        !self.0.contains(['.', 'e', 'E'])
    }

    /// Its value, if it is written as an integer and fits.
    #[must_use]
    pub fn as_i128(&self) -> Option<i128> {
        self.0.parse().ok()
    }

    /// Its value, if it is written as an integer and fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The nearest float; none if that is infinite.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|float: &f64| float.is_finite())
    }

    /// What the caller knows to be a number.
    pub(crate) fn known(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Number {
            fn from(integer: $integer) -> Self {
                Self(integer.to_string().into())
            }
        }
    )*};
}

from_integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text() {
        for text in
            ["0", "-0", "1.0", "1e400", "12345678901234567890123", "0.1000000000000000055511151231257827"]
        {
            assert_eq!(Number::from_text(text).unwrap().text(), text);
        }
        for text in ["", "+1", "01", ".5", "5.", "1_000", "NaN", "1 ", "0x10"] {
            assert_eq!(Number::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn floats_are_as_short_as_can_be() {
        let check = |float: f64, text: &str| assert_eq!(Number::from_f64(float).unwrap().text(), text);
        check(5.0, "5.0");
        check(-0.0, "-0.0");
        check(0.1 + 0.2, "0.30000000000000004");
        check(1e16, "1e+16");
        check(0.00001, "0.00001");
        check(f64::MAX, "1.7976931348623157e+308");
        assert_eq!(Number::from_f64(f64::INFINITY), None);
        for float in [1e15, 1e16, 1e17, 1e-4, 1e-5, 1e-6, 123_456.789, 5e-324] {
            check(float, &serde_json::to_string(&float).unwrap());
        }
    }
}
