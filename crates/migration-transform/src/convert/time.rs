//! Timestamps and dates: RFC 3339, what databases print, and epoch numbers.

use super::number::Parts;
use super::{Changed, Converted};
use crate::spec::{Unit, Zone};

/// How many digits of an epoch number are a fraction of a second.
const fn places(unit: Unit) -> usize {
    match unit {
        Unit::S => 0,
        Unit::Ms => 3,
        Unit::Us => 6,
        Unit::Ns => 9,
    }
}

/// What a text says about time, its date and clock checked.
pub(super) struct Shape {
    /// `YYYY-MM-DD` alone.
    pub(super) is_date: bool,
    /// Written as RFC 3339 asks, zone included.
    is_rfc3339: bool,
    /// How long date, clock and fraction are.
    pub(super) len: usize,
}

/// Makes `text` an RFC 3339 timestamp. `as_written`: the text is what the string in the record holds, byte for byte.
pub(super) fn timestamp(
    text: &[u8],
    as_written: bool,
    unit: Unit,
    default: Option<&Zone>,
    out: &mut Vec<u8>,
) -> Converted {
    let Some(shape) = shape(text) else { return epoch_timestamp(text, unit, out) };
    if shape.is_rfc3339 && as_written {
        return Some(Changed::No);
    }
    out.push(b'"');
    out.extend_from_slice(&text[..10]);
    out.push(b'T');
    if shape.is_date {
        out.extend_from_slice(b"00:00:00");
    } else {
        out.extend_from_slice(&text[11..shape.len]);
    }
    match (&text[shape.len..], default) {
        ([b'z'], _) => out.push(b'Z'),
        ([], Some(zone)) => out.extend_from_slice(zone.text().as_bytes()),
        (zone, _) => out.extend_from_slice(zone),
    }
    out.push(b'"');
    Some(Changed::Yes)
}

/// The date part of whatever [`timestamp`] takes.
pub(super) fn date(text: &[u8], as_written: bool, unit: Unit, out: &mut Vec<u8>) -> Converted {
    let Some(shape) = shape(text) else { return epoch_date(text, unit, out) };
    if shape.is_date && as_written {
        return Some(Changed::No);
    }
    out.push(b'"');
    out.extend_from_slice(&text[..10]);
    out.push(b'"');
    Some(Changed::Yes)
}

/// Takes a date or a timestamp apart; `None` if it is neither, or names a day or a time that there is not.
pub(super) fn shape(text: &[u8]) -> Option<Shape> {
    let (date, rest) = text.split_first_chunk::<10>()?;
    if !is_date(date) {
        return None;
    }
    if rest.is_empty() {
        return Some(Shape { is_date: true, is_rfc3339: false, len: 10 });
    }
    let (clock, rest) = rest.split_first_chunk::<9>()?;
    if !matches!(clock[0], b'T' | b't' | b' ') || !is_clock(clock) {
        return None;
    }
    let fraction = fraction_len(rest)?;
    let named = zone(&rest[fraction..])?;
    Some(Shape {
        is_date: false,
        is_rfc3339: clock[0] == b'T' && matches!(named, Named::Zulu | Named::Offset),
        len: 19 + fraction,
    })
}

/// `YYYY-MM-DD`, of the Gregorian calendar.
fn is_date(date: &[u8; 10]) -> bool {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return false };
    let (Some(century), Some(year)) = (two(y1, y2), two(y3, y4)) else { return false };
    let (Some(month), Some(day)) = (two(m1, m2), two(d1, d2)) else { return false };
    let year = u32::from(century) * 100 + u32::from(year);
    (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month)
}

const fn days_in(year: u32, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// `?HH:MM:SS`. The sixtieth second is the last of an hour.
fn is_clock(clock: &[u8; 9]) -> bool {
    let &[_, h1, h2, b':', m1, m2, b':', s1, s2] = clock else { return false };
    let (Some(hour), Some(minute), Some(second)) = (two(h1, h2), two(m1, m2), two(s1, s2)) else {
        return false;
    };
    hour < 24 && minute < 60 && (second < 60 || (second == 60 && minute == 59))
}

fn two(tens: u8, ones: u8) -> Option<u8> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

/// How long the fraction is, point included: one to nine digits, or nothing.
fn fraction_len(text: &[u8]) -> Option<usize> {
    let [b'.', digits @ ..] = text else { return Some(0) };
    let len = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=9).contains(&len).then_some(len + 1)
}

enum Named {
    Nothing,
    Zulu,
    /// A small `z`.
    Small,
    Offset,
}

fn zone(text: &[u8]) -> Option<Named> {
    match *text {
        [] => Some(Named::Nothing),
        [b'Z'] => Some(Named::Zulu),
        [b'z'] => Some(Named::Small),
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            (two(h1, h2)? < 24 && two(m1, m2)? < 60).then_some(Named::Offset)
        }
        _ => None,
    }
}

/// From an epoch number, as text or as JSON number.
pub(crate) fn epoch_timestamp(number: &[u8], unit: Unit, out: &mut Vec<u8>) -> Converted {
    let Epoch { days, second, mut nanosecond } = Epoch::read(number, unit)?;
    out.push(b'"');
    write_date(days, out);
    out.push(b'T');
    write_two(second / 3600, out);
    out.push(b':');
    write_two(second / 60 % 60, out);
    out.push(b':');
    write_two(second % 60, out);
    if nanosecond > 0 {
        out.push(b'.');
        let mut digit = 100_000_000;
        while nanosecond > 0 {
            out.push(ascii(nanosecond / digit));
            nanosecond %= digit;
            digit /= 10;
        }
    }
    out.extend_from_slice(b"Z\"");
    Some(Changed::Yes)
}

/// The day in UTC.
pub(crate) fn epoch_date(number: &[u8], unit: Unit, out: &mut Vec<u8>) -> Converted {
    let Epoch { days, .. } = Epoch::read(number, unit)?;
    out.push(b'"');
    write_date(days, out);
    out.push(b'"');
    Some(Changed::Yes)
}

struct Epoch {
    /// From 1970-01-01.
    days: i64,
    second: u32,
    nanosecond: u32,
}

impl Epoch {
    /// `[+-]?digits(.digits)?([eE][+-]?digits)?`, in years 0 to 9999 and exact to the nanosecond.
    fn read(text: &[u8], unit: Unit) -> Option<Self> {
        /// Nanoseconds of the first instant of year 0 and of the first of year 10 000.
        const YEARS: std::ops::Range<i128> = -62_167_219_200_000_000_000..253_402_300_800_000_000_000;
        let Parts { negative, whole, fraction, exponent } = Parts::read(text)?;
        let has_point = memchr::memchr(b'.', text).is_some();
        if whole.is_empty() || (has_point && fraction.is_empty()) {
            return None;
        }
        // Of which power of ten in nanoseconds the next digit counts how many.
        let shift = exponent.checked_add(i64::try_from(9 - places(unit)).ok()?)?;
        let mut power = i64::try_from(whole.len()).ok()?.checked_add(shift)?;
        let mut nanoseconds = 0_i128;
        for digit in whole.iter().chain(fraction) {
            power -= 1;
            // More than any year has: digits without end must not overflow.
            if (power < 0 && *digit != b'0') || nanoseconds > YEARS.end {
                return None;
            }
            if power >= 0 {
                nanoseconds = nanoseconds * 10 + i128::from(digit - b'0');
            }
        }
        if power > 0 && nanoseconds > 0 {
            let zeros = u32::try_from(power).ok()?;
            nanoseconds = 10_i128.checked_pow(zeros).and_then(|power| nanoseconds.checked_mul(power))?;
        }
        if negative {
            nanoseconds = -nanoseconds;
        }
        if !YEARS.contains(&nanoseconds) {
            return None;
        }
        const DAY: i128 = 86_400_000_000_000;
        let of_day = nanoseconds.rem_euclid(DAY);
        Some(Self {
            days: i64::try_from(nanoseconds.div_euclid(DAY)).ok()?,
            second: u32::try_from(of_day / 1_000_000_000).ok()?,
            nanosecond: u32::try_from(of_day % 1_000_000_000).ok()?,
        })
    }
}

/// Days from 1970-01-01 as `YYYY-MM-DD`: eras of 400 years from 0000-03-01, so that a leap day ends its year.
fn write_date(days: i64, out: &mut Vec<u8>) {
    const ERA: i64 = 146_097;
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / (ERA - 1)) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let small = |number: i64| u32::try_from(number).unwrap_or_default();
    write_two(small(year / 100), out);
    write_two(small(year % 100), out);
    out.push(b'-');
    write_two(small(month), out);
    out.push(b'-');
    write_two(small(day), out);
}

fn write_two(number: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&[ascii(number / 10), ascii(number % 10)]);
}

fn ascii(digit: u32) -> u8 {
    b'0' + (digit % 10) as u8
}
