//! Numbers of TOML and YAML as JSON has them: no digit is lost.

use crate::convert::{Conversion, Outcome};
use crate::value::Number;

/// `[+-]?(digits[.digits*]|.digits)([eE][+-]?digits)?` as JSON has it: every digit stays; a plus sign and leading zeros go.
pub(super) fn number(text: &str) -> Option<Number> {
    let is_number = |byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.bytes().all(is_number) {
        return None;
    }
    let mut json = Vec::new();
    match Conversion::Decimal.apply(format!("\"{text}\"").as_bytes(), &mut json) {
        Outcome::Changed => Number::from_text(std::str::from_utf8(&json).ok()?),
        Outcome::Unchanged | Outcome::Malformed => None,
    }
}

/// An integer of at most 128 bits from digits to a base other than ten.
pub(super) fn integer(digits: &str, radix: u32) -> Option<Number> {
    let is_digits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    is_digits.then(|| u128::from_str_radix(digits, radix).ok()).flatten().map(Number::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stay() {
        let check = |text: &str, json: Option<&str>| {
            assert_eq!(number(text).as_ref().map(Number::text), json, "{text}");
        };
        for same in ["0", "1.10", "1e3", "-0.0", "123456789012345678901234567890", "1.0E+400"] {
            check(same, Some(same));
        }
        check("+1.50", Some("1.50"));
        check("012", Some("12"));
        check("-.5", Some("-0.5"));
        check("5.", Some("5"));
        for none in ["", "-", ".", "e1", "1e", "1.2.3", "1-2", "1_000", "0x10", "\\u0031", "1 ", "--1", "٣"]
        {
            check(none, None);
        }
        assert_eq!(integer("fF", 16).unwrap().text(), "255");
        assert_eq!((integer("", 8), integer("8", 8), integer("+1", 16)), (None, None, None));
        assert_eq!(integer(&"f".repeat(33), 16), None);
    }
}
