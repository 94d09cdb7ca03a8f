//! Faults on purpose: runners and servers that are killed, connections that break. What comes after them has to be as if
//! nothing had happened.
//!
//! A [`Campaign`] takes a [`Subject`] (a database with a history of migrations that is rich in cases) through many rounds.
//! In each round a run, up or down, meets one or more faults at instants drawn from a seed; then the command runs again,
//! without any other step, until it succeeds. The schema, all rows and both tracking tables must then equal those after an
//! undisturbed run, and no lock and no session may be left. A report that a disturbed run still made is held against the
//! database as well.
//!
//! What a seed fixes is the kind of fault, its place in the byte streams or events, and the time that is waited; what the
//! machine does in that time is different every time.

mod campaign;
mod compare;
mod effort;
mod inject;
mod proxy;
mod reference;
mod run;
mod subject;
mod tally;
mod workload;

pub use campaign::Campaign;
pub use effort::Effort;
pub use inject::Kind;
pub use subject::{Flavored, OnServer, Served, Sqlite, Subject};
pub use tally::Tally;

/// Which way a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}
