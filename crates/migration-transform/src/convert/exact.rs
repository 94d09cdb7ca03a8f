//! What a text says as a number of a fixed form, if it says just that: nothing is rounded.

use super::number::Parts;
use super::time::{Shape, shape};

/// Digits of the largest decimal that is calculated with.
const MOST_DIGITS: i64 = 38;

/// A number times ten to the `scale`, if that is an integer of at most 38 digits.
pub(crate) fn unscaled(number: &[u8], scale: u8) -> Option<i128> {
    let Normal { negative, digits, exponent } = Normal::read(number)?;
    if digits.is_empty() {
        return Some(0);
    }
    let zeros = exponent.checked_add(i64::from(scale))?;
    if zeros < 0 || i64::try_from(digits.len()).ok()?.checked_add(zeros)? > MOST_DIGITS {
        return None;
    }
    let value = digits.iter().fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
    let value = value * 10_i128.pow(u32::try_from(zeros).ok()?);
    Some(if negative { -value } else { value })
}

/// Whether two texts are the same number.
pub(crate) fn is_same_number(first: &[u8], second: &[u8]) -> bool {
    matches!((Normal::read(first), Normal::read(second)), (Some(first), Some(second)) if first == second)
}

/// A number as digits without zeros at either end, times a power of ten. Zero has no digits and no sign.
#[derive(PartialEq)]
struct Normal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Normal {
    fn read(number: &[u8]) -> Option<Self> {
        let Parts { negative, whole, fraction, exponent } = Parts::read(number)?;
        let mut digits = [whole, fraction].concat();
        let mut exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        while digits.last() == Some(&b'0') {
            digits.pop();
            exponent = exponent.checked_add(1)?;
        }
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        Some(Self { negative, digits, exponent })
    }
}

/// Nanoseconds since 1970, and whether the text has an offset: from what is a timestamp, not a date alone. The second 60 is
/// none that can be counted.
pub(crate) fn instant(text: &[u8]) -> Option<(i128, bool)> {
    let Shape { is_date: false, len, .. } = shape(text)? else { return None };
    let [hour, minute, second] = [11, 14, 17].map(|at| number(&text[at..at + 2]));
    if second == 60 {
        return None;
    }
    let seconds = i128::from(days(text)) * 86_400 + i128::from(hour * 3600 + minute * 60 + second);
    let fraction = text.get(20..len).unwrap_or_default();
    let nanoseconds = fraction.iter().chain(std::iter::repeat(&b'0')).take(9);
    let nanoseconds = nanoseconds.fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    let offset = match text[len..] {
        [sign @ (b'+' | b'-'), h1, h2, _, m1, m2] => {
            let minutes = number(&[h1, h2]) * 60 + number(&[m1, m2]);
            Some(if sign == b'-' { -minutes } else { minutes })
        }
        [] => None,
        _ => Some(0),
    };
    let seconds = seconds - i128::from(offset.unwrap_or(0)) * 60;
    Some((seconds * 1_000_000_000 + nanoseconds, offset.is_some()))
}

/// Days since 1970, of a date alone.
pub(crate) fn day(text: &[u8]) -> Option<i64> {
    let Shape { is_date: true, .. } = shape(text)? else { return None };
    Some(days(text))
}

/// Days since 1970 of the date that a text begins with: eras of 400 years from 0000-03-01.
fn days(text: &[u8]) -> i64 {
    let [year, month, day] = [&text[..4], &text[5..7], &text[8..10]].map(number);
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// What digits say.
fn number(digits: &[u8]) -> i64 {
    digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        let check = |text: &str, scale: u8, value: Option<i128>| {
            assert_eq!(unscaled(text.as_bytes(), scale), value, "{text} {scale}");
        };
        check("1.50", 2, Some(150));
        check("-1.5", 1, Some(-15));
        check("1.51", 1, None);
        check("15e-1", 1, Some(15));
        check("1e400", 0, None);
        check("0e400", 0, Some(0));
        check("99999999999999999999999999999999999999", 0, Some(10_i128.pow(38) - 1));
        check("100000000000000000000000000000000000000", 0, None);
        check("9999999999999999999999999999999999999.9", 2, None);
    }

    #[test]
    fn the_same_number() {
        for (first, second) in [("1.0", "1"), ("100", "1e2"), ("-0", "0.0"), ("0.00120", "12e-4")] {
            assert!(is_same_number(first.as_bytes(), second.as_bytes()), "{first} {second}");
        }
        for (first, second) in [("1.0", "1.01"), ("100", "1e3"), ("-1", "1"), ("1", "x")] {
            assert!(!is_same_number(first.as_bytes(), second.as_bytes()), "{first} {second}");
        }
    }

    #[test]
    fn instants_are_those_that_are_written() {
        use crate::convert::time::epoch_timestamp;
        use crate::spec::Unit;
        for nanoseconds in [
            0,
            -1,
            1_704_164_645_120_000_000,
            -62_167_219_200_000_000_000,
            253_402_300_799_999_999_999,
            951_782_400_000_000_000,
            -2_203_891_200_000_000_000_i128,
        ] {
            let mut text = Vec::new();
            assert!(epoch_timestamp(nanoseconds.to_string().as_bytes(), Unit::Ns, &mut text).is_some());
            assert_eq!(instant(&text[1..text.len() - 1]), Some((nanoseconds, true)));
            assert_eq!(day(&text[1..11]), i64::try_from(nanoseconds.div_euclid(86_400_000_000_000)).ok());
        }
        assert_eq!(instant(b"1970-01-01T01:00:00.5+01:30"), Some((-1_799_500_000_000, true)));
        assert_eq!(instant(b"1970-01-01 00:00:01"), Some((1_000_000_000, false)));
        for none in ["1970-01-01", "1970-01-01T00:59:60Z", "1970-02-30T00:00:00Z", "0"] {
            assert_eq!(instant(none.as_bytes()), None, "{none}");
        }
        assert_eq!(day(b"1970-01-01T00:00:00Z"), None);
    }
}
