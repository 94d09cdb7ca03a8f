//! Time, as a history of migrations counts it.

use serde::{Deserialize, Serialize};

/// A moment in a graph's history: behind how many of its migrations, in the order in which they were begun.
///
/// Moment 0 is before all of them; what was declared without any exists from there on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub(super) u32);

impl Moment {
    /// Behind this many migrations.
    #[must_use]
    pub fn behind(migrations: usize) -> Self {
        // A history of four thousand million migrations ends where the numbers do.
        Self(u32::try_from(migrations).unwrap_or(u32::MAX - 1))
    }

    /// How many migrations are before it.
    #[must_use]
    pub fn migrations(self) -> usize {
        self.0 as usize
    }
}

/// From which moment on something exists, and until which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    since: u32,
    /// The first moment at which it is gone; the greatest number for never.
    until: u32,
}

const NEVER: u32 = u32::MAX;

impl Default for Lifetime {
    /// Always.
    fn default() -> Self {
        Self { since: 0, until: NEVER }
    }
}

impl Lifetime {
    /// From a moment on.
    #[must_use]
    pub fn from(since: Moment) -> Self {
        Self { since: since.0, until: NEVER }
    }

    /// The moment that it exists from.
    #[must_use]
    pub fn since(self) -> Moment {
        Moment(self.since)
    }

    /// The first moment at which it is gone.
    #[must_use]
    pub fn until(self) -> Option<Moment> {
        (self.until != NEVER).then_some(Moment(self.until))
    }

    /// Whether it exists at a moment.
    #[must_use]
    pub fn contains(self, moment: Moment) -> bool {
        self.since <= moment.0 && moment.0 < self.until
    }

    /// Whether it exists still.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.until == NEVER
    }

    /// Ends it, if it has not ended earlier.
    pub(super) fn end(&mut self, at: Moment) {
        self.until = self.until.min(at.0);
    }

    /// Leaves what both have in common.
    pub(super) fn narrow(&mut self, other: Self) {
        self.since = self.since.max(other.since);
        self.until = self.until.min(other.until);
    }

    /// The same until a moment, if it has not ended earlier.
    pub(super) fn ended_at(mut self, until: Option<Moment>) -> Self {
        if let Some(until) = until {
            self.end(until);
        }
        self
    }
}
