//! The order of numbers by their digits, where a float has no room for them.

use std::cmp::Ordering;

use crate::reason::Reason;

/// What a text of JSON's grammar says: `±0.d₁d₂… · 10^exponent` with a first digit that is not 0; of zero nothing.
#[derive(Debug)]
struct Decimal<'t> {
    negative: bool,
    /// Before and behind the point.
    digits: [&'t str; 2],
    exponent: i128,
}

impl<'t> Decimal<'t> {
    /// None if it is zero.
    ///
    /// # Errors
    /// [`Reason::Overflow`] if the exponent has more than 128 bits.
    fn read(text: &'t str) -> Result<Option<Self>, Reason> {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = whole.trim_start_matches('0');
        let leading = fraction.len() - fraction.trim_start_matches('0').len();
        let (digits, place) = match whole {
            "" => (["", &fraction[leading..]], -(leading as i128)),
            _ => ([whole, fraction], whole.len() as i128),
        };
        if digits == ["", ""] {
            return Ok(None);
        }
        let exponent = exponent.parse::<i128>().ok().and_then(|exponent| exponent.checked_add(place));
        Ok(Some(Self { negative, digits, exponent: exponent.ok_or(Reason::Overflow)? }))
    }

    /// -1, 0 or 1.
    fn sign(number: Option<&Self>) -> i8 {
        number.map_or(0, |number| if number.negative { -1 } else { 1 })
    }

    /// The order but for the signs.
    fn size(&self, other: &Self) -> Ordering {
        self.exponent.cmp(&other.exponent).then_with(|| {
            let [left, right] =
                [self, other].map(|number| number.digits.iter().flat_map(|digits| digits.bytes()));
            let count = |number: &Self| number.digits.iter().map(|digits| digits.len()).sum::<usize>();
            let length = count(self).max(count(other));
            let zeros = || std::iter::repeat(b'0');
            left.chain(zeros()).take(length).cmp(right.chain(zeros()).take(length))
        })
    }
}

/// The order of two JSON numbers, whatever their size.
///
/// # Errors
/// [`Reason::Overflow`] if an exponent has more than 128 bits.
pub(super) fn compare(left: &str, right: &str) -> Result<Ordering, Reason> {
    let (left, right) = (Decimal::read(left)?, Decimal::read(right)?);
    let signs = Decimal::sign(left.as_ref()).cmp(&Decimal::sign(right.as_ref()));
    let (Some(left), Some(right), true) = (&left, &right, signs.is_eq()) else { return Ok(signs) };
    Ok(if left.negative { right.size(left) } else { left.size(right) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_no_float_can_hold() {
        let numbers = [
            "-1e401",
            "-1.00001E+400",
            "-1e400",
            "-1e-400",
            "-0e9",
            "0.00001e-400",
            "1e-400",
            "9e99999999999999999999",
            "1e100000000000000000000",
        ];
        for (place, left) in numbers.iter().enumerate() {
            for (other, right) in numbers.iter().enumerate() {
                assert_eq!(compare(left, right), Ok(place.cmp(&other)), "{left} {right}");
            }
        }
        for (left, right) in
            [("1e400", "10.00e399"), ("1E+400", "0.001e403"), ("-0", "0.0e999"), ("120e-401", "0.0120e-397")]
        {
            assert_eq!(compare(left, right), Ok(Ordering::Equal), "{left} {right}");
        }
        assert_eq!(compare(&format!("1e{}", "9".repeat(40)), "1"), Err(Reason::Overflow));
    }

    proptest! {
        #[test]
        fn as_floats_where_those_are_exact(left in -5000_i32..5000, right in -5000_i32..5000, places in 0_u32..4) {
            let exact = |number: i32| f64::from(number) / 64.0;
            let texts = [left, right].map(|number| format!("{:.6}e{}", exact(number) * 10_f64.powi(places.cast_signed()), -i64::from(places)));
            prop_assert_eq!(compare(&texts[0], &texts[1]).unwrap(), left.cmp(&right), "{:?}", texts);
        }
    }
}
