//! Trying again when somebody else holds a lock.
//!
//! A statement that changes a table waits for everybody who uses it, and whoever comes later waits behind it. So the way to
//! change a busy table is to wait for a short time only, to let the others through, and to come again: `lock_timeout`
//! bounds the one, `lock_retries` the other. What is tried again is the whole transaction, which was undone.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use migration_model::Event;

use super::{Executor, Stop};
use crate::error::{DatabaseErrorKind, listed};

/// The pause after the first try; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// In how many pieces a pause is slept, so that an interrupt is heard in between.
const PIECE: Duration = Duration::from_millis(50);

impl Executor<'_> {
    /// Runs `body`, and again while a lock of somebody else keeps it from being done and the settings allow another try.
    /// `body` leaves nothing behind when it fails like that.
    pub(super) fn retrying(
        &mut self,
        migration: usize,
        mut body: impl FnMut(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut tries = 0;
        loop {
            let before = self.results[migration].clone();
            match body(self) {
                Err(stop) if self.may_retry(&stop, tries) => {
                    tries += 1;
                    self.results[migration] = before;
                    self.pause(&stop, tries)?;
                }
                outcome => return outcome,
            }
        }
    }

    /// Whether a failure is only that of a lock, and another try is allowed after so many.
    pub(super) fn may_retry(&self, stop: &Stop, tries: u32) -> bool {
        let busy = matches!(stop, Stop::Failed { source, .. } if source.kind == DatabaseErrorKind::Busy);
        busy && tries < self.settings.lock_retries
    }

    /// Lets the others through before the next try, the `number`-th.
    pub(super) fn pause(&mut self, stop: &Stop, number: u32) -> Result<(), Stop> {
        let migration = stop.migration();
        let pause = pause(number, RandomState::new().hash_one(number));
        let reason = match stop {
            Stop::Failed { source, place, .. } => {
                let blockers = self.backend.blocked_by(place.sql.as_deref());
                let by = listed(&blockers).map(|holders| format!(" (by {holders})")).unwrap_or_default();
                format!("{}{by}", source.message)
            }
            _ => String::new(),
        };
        self.notify(&Event::Retrying {
            migration: &self.plan.migrations[migration].id,
            number: number as usize,
            of: self.settings.lock_retries as usize,
            pause,
            reason: &reason,
        });
        let mut left = pause;
        while !left.is_zero() {
            self.check_stop(migration)?;
            std::thread::sleep(left.min(PIECE));
            left = left.saturating_sub(PIECE);
        }
        Ok(())
    }
}

/// Between half of the doubled pause and all of it: two runs that got in each other's way must not do so again.
fn pause(number: u32, random: u64) -> Duration {
    let whole = FIRST_PAUSE.saturating_mul(1 << number.saturating_sub(1).min(16)).min(LONGEST_PAUSE);
    let half = whole / 2;
    half + Duration::from_nanos(random % half.as_nanos().max(1) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_differ() {
        let ranges = [(1, 100, 200), (2, 200, 400), (4, 800, 1600), (30, 5000, 10_000)];
        for (number, least, most) in ranges {
            for random in [0, 1, u64::MAX / 3, u64::MAX] {
                let pause = pause(number, random).as_millis();
                assert!((least..=most).contains(&pause), "{number}: {pause} ms");
            }
        }
        assert_ne!(pause(3, 1), pause(3, 1 << 40));
    }
}
