//! Events for [OpenLineage](https://openlineage.io), by version 2-0-2 of its specification.
//!
//! * [`event`] and [`facet`] are the events and what they carry, as plain data.
//! * [`DatabaseNaming`] says what tables are called, by the specification's rules for their database.
//! * [`OpenLineageObserver`] watches runs of migrations and makes events of them.
//! * [`history_events`] makes events of a history that nobody runs.
//! * [`RecordsRun`] makes events of a transformation of records.
//!
//! Events go to whatever implements [`Emit`].

mod datasets;
pub mod event;
pub mod facet;
mod history;
mod lifecycle;
mod naming;
mod observer;
mod query;
mod records;
mod source;
mod stamp;

use std::error::Error;

pub use event::LineageEvent;
pub use history::history_events;
pub use naming::{DatabaseNaming, DatasetId, NamingError};
pub use observer::{MigrationFacts, ObserverSettings, OpenLineageObserver};
pub use records::{RecordsRun, RecordsSummary};
pub use source::SourceLocation;

/// Who takes events.
pub trait Emit: Send + Sync {
    /// Takes an event. It is not the migration's thread that calls, but it should not wait for long.
    fn emit(&self, event: LineageEvent);
}

impl<F: Fn(LineageEvent) + Send + Sync> Emit for F {
    fn emit(&self, event: LineageEvent) {
        self(event);
    }
}

/// An error with its causes, in one line.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let errors = std::iter::successors(Some(error), |error| (*error).source());
    errors.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What events name as their producer: the package, as a package URL (<https://github.com/package-url/purl-spec>), or its
/// place in the repository if the manifest names one.
#[must_use]
pub fn producer() -> String {
    match option_env!("CARGO_PKG_REPOSITORY").filter(|repository| !repository.is_empty()) {
        Some(repository) => {
            format!("{repository}/tree/v{}/crates/{}", env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_NAME"))
        }
        None => concat!("pkg:cargo/", env!("CARGO_PKG_NAME"), "@", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}
