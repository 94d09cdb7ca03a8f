//! Integers, floats and decimals.

use super::{Changed, Converted};

/// Longest integer that is written out for a number with an exponent.
const MAX_DIGITS: i64 = 400;

/// Text like `[+-]?[0-9]+`, of any size.
pub(super) fn int(text: &[u8], out: &mut Vec<u8>) -> Converted {
    let (negative, digits) = sign(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    write_int(negative, digits, out);
    Some(Changed::Yes)
}

/// A JSON number whose value is an integer.
pub(super) fn int_of_number(number: &[u8], out: &mut Vec<u8>) -> Converted {
    if is_integer(number) {
        return Some(Changed::No);
    }
    let Parts { negative, whole, fraction, exponent } = Parts::read(number)?;
    // What is behind the point must be zeros, once the exponent has moved it.
    let significant = whole.len() + fraction.len() - trailing_zeros(whole, fraction);
    let leading = leading_zeros(whole, fraction);
    if significant <= leading {
        out.push(b'0');
        return Some(Changed::Yes);
    }
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let (leading, significant) = (i64::try_from(leading).ok()?, i64::try_from(significant).ok()?);
    if point < significant || point - leading > MAX_DIGITS {
        return None;
    }
    if negative {
        out.push(b'-');
    }
    let digits = whole.iter().chain(fraction).copied().chain(std::iter::repeat(b'0'));
    let (skip, take) = (usize::try_from(leading).ok()?, usize::try_from(point - leading).ok()?);
    out.extend(digits.skip(skip).take(take));
    Some(Changed::Yes)
}

fn leading_zeros(whole: &[u8], fraction: &[u8]) -> usize {
    whole.iter().chain(fraction).take_while(|digit| **digit == b'0').count()
}

fn trailing_zeros(whole: &[u8], fraction: &[u8]) -> usize {
    whole.iter().chain(fraction).rev().take_while(|digit| **digit == b'0').count()
}

/// Text like `[+-]?(digits[.digits*]|.digits)([eE][+-]?digits)?`.
pub(super) fn float(text: &[u8], out: &mut Vec<u8>) -> Converted {
    let parts = Parts::read(text)?;
    if parts.write_shortest(out) {
        return Some(Changed::Yes);
    }
    write_float(text, out)
}

/// A JSON integer becomes a float; every other number is one.
pub(super) fn float_of_number(number: &[u8], out: &mut Vec<u8>) -> Converted {
    if !is_integer(number) {
        return Some(Changed::No);
    }
    write_float(number, out)
}

fn write_float(text: &[u8], out: &mut Vec<u8>) -> Converted {
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    Some(Changed::Yes)
}

/// Text like [`float`] takes, with the digits that it has.
pub(super) fn decimal(text: &[u8], out: &mut Vec<u8>) -> Converted {
    let Parts { negative, whole, fraction, .. } = Parts::read(text)?;
    write_int(negative, if whole.is_empty() { b"0" } else { whole }, out);
    // A negative zero keeps its sign here: `-0.5` is not `0.5`.
    if negative && whole.iter().all(|digit| *digit == b'0') {
        out.pop();
        out.extend_from_slice(b"-0");
    }
    if !fraction.is_empty() {
        out.push(b'.');
        out.extend_from_slice(fraction);
    }
    if let Some(at) = memchr::memchr2(b'e', b'E', text) {
        out.extend_from_slice(&text[at..]);
    }
    Some(Changed::Yes)
}

/// Without superfluous zeros; zero has no sign.
fn write_int(negative: bool, digits: &[u8], out: &mut Vec<u8>) {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    if zeros == digits.len() {
        out.push(b'0');
        return;
    }
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[zeros..]);
}

/// Whether a JSON number has neither fraction nor exponent.
fn is_integer(number: &[u8]) -> bool {
    let (_, digits) = sign(number);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// A number, taken apart.
pub(super) struct Parts<'a> {
    pub(super) negative: bool,
    pub(super) whole: &'a [u8],
    pub(super) fraction: &'a [u8],
    /// Cut where it is larger than any text is long.
    pub(super) exponent: i64,
}

impl<'a> Parts<'a> {
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let (negative, rest) = sign(text);
        let (whole, rest) = digits(rest);
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => digits(rest),
            _ => (&rest[..0], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    /// Up to 15 significant digits are the shortest text of the float that they name: no two of them name the same.
    /// (A double holds every decimal of 15 digits: IEEE 754, 5.12.) Outside of the range where the text has no exponent,
    /// and for zero, nothing is written.
    fn write_shortest(&self, out: &mut Vec<u8>) -> bool {
        let zeros = self.whole.iter().take_while(|digit| **digit == b'0').count();
        let whole = &self.whole[zeros..];
        let ending = self.fraction.iter().rev().take_while(|digit| **digit == b'0').count();
        let fraction = &self.fraction[..self.fraction.len() - ending];
        let is_small = whole.is_empty() && fraction.first().is_none_or(|digit| *digit == b'0');
        if self.exponent != 0 || whole.len() + fraction.len() > 15 || is_small {
            return false;
        }
        if self.negative {
            out.push(b'-');
        }
        out.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
        out.push(b'.');
        out.extend_from_slice(if fraction.is_empty() { b"0" } else { fraction });
        true
    }
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

fn exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = sign(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0_i64, |value, digit| {
        value.saturating_mul(10).saturating_add(i64::from(digit - b'0')).min(i64::from(u32::MAX))
    });
    Some(if negative { -value } else { value })
}
