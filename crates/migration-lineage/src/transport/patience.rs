//! How often a server is asked again, and how long anybody waits for that.

use std::time::{Duration, Instant};

use super::{Retry, SendError};

/// Doubling ends there: longer pauses than a thousand times the first are nobody's wish.
const DOUBLINGS: u32 = 10;

/// How somebody waits for a server.
pub(super) struct Patience<'a> {
    pub(super) retry: &'a Retry,
    /// When it has to be over, if that is decided.
    pub(super) end: &'a dyn Fn() -> Option<Instant>,
    /// Waits for a time; whether there is time for more behind it. Where there would be none, it doesn't wait.
    pub(super) pause: &'a dyn Fn(Duration) -> bool,
}

impl Retry {
    /// How long to wait after so many attempts that came to nothing, before the next one; none if that was it.
    pub(super) fn pause_after(&self, attempts: u32, error: &SendError) -> Option<Duration> {
        let soon = matches!(error, SendError::Away { soon: true, .. });
        let doublings = attempts.saturating_sub(1).min(DOUBLINGS);
        (soon && attempts <= self.total).then(|| self.pause.saturating_mul(1 << doublings))
    }
}

impl Patience<'_> {
    /// Does something that may be done again, with the time that is left for it; none if there is none.
    pub(super) fn attempt(
        &self,
        mut send: impl FnMut(Duration) -> Result<(), SendError>,
    ) -> Option<Result<(), SendError>> {
        let mut attempts = 0;
        loop {
            let left = (self.end)().map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return None;
            }
            let outcome = send(left.unwrap_or(Duration::MAX));
            attempts += 1;
            let pause = outcome.as_ref().err().and_then(|error| self.retry.pause_after(attempts, error));
            match pause {
                Some(pause) if (self.pause)(pause) => {}
                _ => return Some(outcome),
            }
        }
    }
}
