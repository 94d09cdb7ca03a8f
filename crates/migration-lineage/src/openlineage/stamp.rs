//! Moments and ids of runs, as events write them.

use std::time::SystemTime;

use uuid::Uuid;

/// A moment by RFC 3339, in UTC.
pub(super) fn moment(at: SystemTime) -> String {
    // A clock that is set to before the year -9999 or after 9999 stands wrong anyway.
    let timestamp = jiff::Timestamp::try_from(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    timestamp.to_string()
}

/// This moment.
pub(super) fn now() -> String {
    moment(SystemTime::now())
}

/// The id of a new run: version 7, whose order is that of time, as the specification advises.
pub(super) fn run_id() -> String {
    Uuid::now_v7().to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn moments_are_in_utc() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_250);
        assert_eq!(moment(at), "2023-11-14T22:13:20.25Z");
    }

    #[test]
    fn ids_are_of_version_seven_and_in_order() {
        let ids: Vec<String> = (0..100).map(|_| run_id()).collect();
        assert!(ids.iter().all(|id| id.as_bytes()[14] == b'7'));
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
