//! Moments and durations in JSON: RFC 3339 in UTC, and seconds with a fraction.
//!
//! The civil calendar is worked out by hand, so that who wants only the vocabulary doesn't pay for a library of time
//! zones; a test holds it to such a library. Moments before 1970 or after the year 9999 are written as the nearest one
//! within: no run took place then.

use std::time::{Duration, SystemTime};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// The last second that RFC 3339 can write.
const LAST_SECOND: u64 = 253_402_300_799;

/// `2026-11-22T19:27:27.5Z`: the fraction as long as it has to be.
fn write(moment: SystemTime) -> String {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (seconds, nanos) = match since.as_secs() {
        late if late > LAST_SECOND => (LAST_SECOND, 0),
        seconds => (seconds, since.subsec_nanos()),
    };
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let fraction = if nanos == 0 { String::new() } else { format!(".{nanos:09}") };
    let fraction = fraction.trim_end_matches('0');
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// The opposite of [`write`]; just that form.
fn read(text: &str) -> Option<SystemTime> {
    let text = text.strip_suffix('Z').filter(|text| text.is_ascii())?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let separators = [4, 7, 10, 13, 16].map(|at| whole.as_bytes().get(at).copied());
    if whole.len() != 19 || separators != [b'-', b'-', b'T', b':', b':'].map(Some) {
        return None;
    }
    let number = |from: usize, to: usize| digits(&whole[from..to]);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let nanos = if fraction.len() <= 9 { digits(&format!("{fraction:0<9}"))? } else { return None };
    let days = days(year, month, day)?;
    if hour > 23 || minute > 59 || second > 59 || civil(days) != (year, month, day) {
        return None;
    }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    Some(SystemTime::UNIX_EPOCH + Duration::new(seconds, u32::try_from(nanos).ok()?))
}

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Years that begin in March have their leap day at the end, and the lengths of their months follow a line.
const DAYS_FROM_MARCH_OF_0_TO_1970: u64 = 719_468;
const DAYS_OF_400_YEARS: u64 = 146_097;

/// Year, month and day of a day since 1970-01-01, in the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + DAYS_FROM_MARCH_OF_0_TO_1970;
    let (era, day) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + carry, month, day)
}

/// The opposite of [`civil`]; `None` before 1970 and for a month that there is not.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || day == 0 || year == 0 {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year) = (year / 400, year % 400);
    let day = year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 + day - 1;
    (era * DAYS_OF_400_YEARS + day).checked_sub(DAYS_FROM_MARCH_OF_0_TO_1970)
}

pub mod moment {
    //! For `#[serde(with = "migration_model::time::moment")]`: a moment as RFC 3339 in UTC.
    use super::*;

    /// Writes it.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&write(*value))
    }

    /// Reads what [`serialize`] writes.
    ///
    /// # Errors
    /// Those of the deserializer, and one for any other text.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SystemTime, D::Error> {
        parse(&String::deserialize(from)?)
    }
}

fn parse<E: serde::de::Error>(text: &str) -> Result<SystemTime, E> {
    read(text).ok_or_else(|| E::custom(format!("{text:?} is no moment in UTC")))
}

pub(crate) mod optional {
    //! A moment that may not be known.
    use super::*;

    pub(crate) fn serialize<S: Serializer>(value: &Option<SystemTime>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(moment) => to.serialize_str(&write(*moment)),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SystemTime>, D::Error> {
        Option::<String>::deserialize(from)?.map(|text| parse(&text)).transpose()
    }
}

pub(crate) mod seconds {
    //! A duration as seconds with a fraction.
    use super::*;

    pub(crate) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(value.as_secs_f64())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_a_library_has_it(seconds in 0..=LAST_SECOND, nanos in 0..1_000_000_000_u32) {
            let moment = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos);
            let text = write(moment);
            prop_assert_eq!(read(&text), Some(moment));
            if let Ok(theirs) = jiff::Timestamp::try_from(moment) {
                prop_assert_eq!(text, theirs.to_string());
            }
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "Z",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-13-01T00:00:00Z",
            "1970-02-29T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00.1234567890Z",
            "1970-01-01T00:00:0éZ",
            "1970-01-01T00:00:+1Z",
            "0000-01-01T00:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(read("2000-02-29T00:00:00Z").is_some() && read("1972-02-29T23:59:59.000000001Z").is_some());
    }

    #[test]
    fn far_away_moments_are_written_as_the_nearest() {
        let day = Duration::from_secs(86_400);
        assert_eq!(write(SystemTime::UNIX_EPOCH - day), "1970-01-01T00:00:00Z");
        let late = SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_SECOND) + day;
        assert_eq!(write(late), "9999-12-31T23:59:59Z");
    }
}
