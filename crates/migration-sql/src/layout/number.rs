//! The version of a new migration.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

/// How versions look like time stamps: `20240501120000`.
const CALENDAR: &str = "%Y%m%d%H%M%S";
/// Ten digits from here on are seconds since 1970 (September 2001); a sequence doesn't get that far.
const UNIX: i128 = 1_000_000_000;

/// The version after these, in the style of the greatest: a time stamp, seconds since 1970, or the next number with the
/// same width. The first version is a time stamp, as with the tools themselves: two branches seldom take the same.
pub(super) fn next<'a>(versions: impl Iterator<Item = &'a str>, at: Timestamp) -> String {
    let numbers: Vec<(i128, &str)> = versions.filter_map(|text| Some((text.parse().ok()?, text))).collect();
    let taken: HashSet<i128> = numbers.iter().map(|(number, _)| *number).collect();
    match numbers.iter().max() {
        None => calendar(at).to_string(),
        Some((_, text)) if is_calendar(text) => {
            calendar_free(at, |number| taken.contains(&number)).strftime(CALENDAR).to_string()
        }
        Some((number, text)) if text.len() == 10 && *number >= UNIX => {
            let now = i128::from(at.as_second());
            (now..).find(|second| !taken.contains(second)).unwrap_or(now).to_string()
        }
        Some((number, text)) => format!("{:0width$}", number.saturating_add(1), width = text.len()),
    }
}

/// The first second from `at` on whose version, written like `20240501120000`, is not taken.
pub(super) fn free_second(at: Timestamp, taken: &HashSet<String>) -> Timestamp {
    calendar_free(at, |number| taken.contains(&number.to_string()))
}

fn calendar_free(at: Timestamp, taken: impl Fn(i128) -> bool) -> Timestamp {
    let mut free = at;
    while taken(calendar(free)) {
        match free.checked_add(SignedDuration::from_secs(1)) {
            Ok(later) => free = later,
            // The end of time: whoever writes the file will find the name taken.
            Err(_) => break,
        }
    }
    free
}

fn calendar(at: Timestamp) -> i128 {
    at.strftime(CALENDAR).to_string().parse().unwrap_or_default()
}

fn is_calendar(text: &str) -> bool {
    let field = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u32>().ok());
    text.len() == 14
        && field(0..4).is_some_and(|year| year >= 1970)
        && field(4..6).is_some_and(|month| (1..=12).contains(&month))
        && field(6..8).is_some_and(|day| (1..=31).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(versions: &[&str], expected: &str) {
        let at = "2024-05-01T12:00:59Z".parse().unwrap();
        assert_eq!(next(versions.iter().copied(), at), expected, "{versions:?}");
    }

    #[test]
    fn the_style_of_the_directory_is_kept() {
        check(&[], "20240501120059");
        check(&["1", "2"], "3");
        check(&["0009", "0010"], "0011");
        check(&["9", "10"], "11");
        check(&["000001", "3"], "4");
        check(&["99"], "100");
        check(&["1", "20200101000000"], "20240501120059");
        check(&["20240501120059", "20240501120100"], "20240501120101");
        check(&["1510262030"], "1714564859");
        check(&["1714564859"], "1714564860");
        check(&["0000000007"], "0000000008");
        check(&["99999999999999"], "100000000000000");
    }
}
