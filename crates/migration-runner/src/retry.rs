//! When a step that failed is tried again.

use std::error::Error;
use std::time::Duration;

/// How often a step is tried, and how long to wait in between: longer each time, and not all at the same moment.
///
/// Only steps that were given one are tried again. A step that panics is not, nor is one that was cancelled.
///
/// ```
/// use std::time::Duration;
/// use migration_runner::Retry;
///
/// let retry = Retry::attempts(5).first_delay(Duration::from_millis(100)).factor(2.0).jitter(0.5);
/// assert!(retry.delay(1) <= Duration::from_millis(100));
/// assert!(retry.delay(3) >= Duration::from_millis(200));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    attempts: u32,
    first_delay: Duration,
    factor: f64,
    longest_delay: Duration,
    jitter: f64,
    only_if: Option<fn(&(dyn Error + 'static)) -> bool>,
}

impl Retry {
    /// Up to `attempts` calls in all. The delays begin at 100 ms and double up to 30 s; up to half of each is left away.
    #[must_use]
    pub fn attempts(attempts: u32) -> Self {
        Self {
            attempts,
            first_delay: Duration::from_millis(100),
            factor: 2.0,
            longest_delay: Duration::from_secs(30),
            jitter: 0.5,
            only_if: None,
        }
    }

    /// The delay after the first failure.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// By how much each delay is longer than the one before; less than 1 counts as 1.
    #[must_use]
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// What no delay exceeds.
    #[must_use]
    pub fn longest_delay(mut self, delay: Duration) -> Self {
        self.longest_delay = delay;
        self
    }

    /// Which part of a delay is left to chance, from 0.0 (none) to 1.0 (all of it).
    #[must_use]
    pub fn jitter(mut self, part: f64) -> Self {
        self.jitter = part;
        self
    }

    /// Tries again only after such errors. It is given what the step returned, or, for a step that returned `false`, an
    /// error that says so.
    #[must_use]
    pub fn only_if(mut self, is_temporary: fn(&(dyn Error + 'static)) -> bool) -> Self {
        self.only_if = Some(is_temporary);
        self
    }

    /// A delay after the failure of an attempt, from 1; another one each time, as the jitter has it.
    #[must_use]
    pub fn delay(&self, attempt: u32) -> Duration {
        self.delay_at(attempt, fastrand::f64())
    }

    /// The same by a number from 0.0 to 1.0 in place of chance.
    fn delay_at(&self, attempt: u32, chance: f64) -> Duration {
        let longest = self.longest_delay.as_secs_f64();
        let exponent = f64::from(attempt.saturating_sub(1));
        let factor = if self.factor > 1.0 { self.factor } else { 1.0 };
        let full = (self.first_delay.as_secs_f64() * factor.powf(exponent)).min(longest);
        let jitter = if self.jitter > 0.0 { self.jitter.min(1.0) } else { 0.0 };
        Duration::try_from_secs_f64(full * (1.0 - jitter * chance)).unwrap_or(self.longest_delay)
    }

    /// Whether there is another attempt after this one, from 1, failed with an error.
    pub(crate) fn goes_on(&self, attempt: u32, error: &(dyn Error + 'static)) -> bool {
        attempt < self.attempts && self.only_if.is_none_or(|is_temporary| is_temporary(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_the_longest() {
        let retry = Retry::attempts(9)
            .first_delay(Duration::from_millis(10))
            .longest_delay(Duration::from_millis(75));
        let delays = |chance| [1, 2, 3, 4, 5, u32::MAX].map(|n| retry.delay_at(n, chance).as_micros());
        assert_eq!(delays(0.0), [10_000, 20_000, 40_000, 75_000, 75_000, 75_000]);
        assert_eq!(delays(1.0), [5_000, 10_000, 20_000, 37_500, 37_500, 37_500]);
    }

    #[test]
    fn odd_settings_do_no_harm() {
        let base = Retry::attempts(3).first_delay(Duration::from_secs(1));
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300] {
            for attempt in [0, 1, 7, u32::MAX] {
                for chance in [0.0, 1.0] {
                    let delay = base.factor(odd).jitter(odd).delay_at(attempt, chance);
                    assert!(delay <= Duration::from_secs(30), "{odd} {attempt} {delay:?}");
                }
            }
        }
        assert_eq!(
            base.longest_delay(Duration::MAX).factor(10.0).jitter(0.0).delay_at(400, 0.0),
            Duration::MAX
        );
    }

    #[test]
    fn who_goes_on() {
        let error = std::io::Error::other("x");
        let twice = Retry::attempts(2);
        assert!(twice.goes_on(1, &error) && !twice.goes_on(2, &error));
        assert!(!Retry::attempts(0).goes_on(1, &error));
        let never = twice.only_if(|error| error.to_string() == "y");
        assert!(!never.goes_on(1, &error) && never.goes_on(1, &std::io::Error::other("y")));
    }
}
