//! Where it is written down how far migrations are, so that another process can go on.
//!
//! [`MemoryJournal`] lasts as long as the process, [`FileJournal`] outlives it. Others implement [`Journal`]:
//! `examples/custom_journal.rs` is one.

mod entry;
mod file;
mod ledger;
mod memory;

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

pub use entry::{Entry, Note};
pub use file::FileJournal;
pub use ledger::{Ledger, StepState};
pub use memory::MemoryJournal;

use crate::step_error::BoxError;

/// The memory of runners: what they did, and who is at work.
///
/// All runners with the same journal, in whatever thread or process, take turns at each migration.
pub trait Journal: Send + Sync {
    /// What to call it in messages: a path, a table.
    fn name(&self) -> String;

    /// The ids of all migrations that something was written about, in any order.
    ///
    /// # Errors
    /// [`JournalError`] if that can't be read.
    fn migrations(&self) -> Result<Vec<String>, JournalError>;

    /// How far a migration is: its entries in the order in which they were appended, put into a [`Ledger`]. For an id that
    /// nothing was written about, an empty one. It may be called with or without a hold.
    ///
    /// # Errors
    /// [`JournalError`] if it can't be read or is damaged. What was cut off while it was being appended is no damage: it
    /// is as if it had never been written.
    fn read(&self, migration: &str) -> Result<Ledger, JournalError>;

    /// Claims migrations for one run: all of them, or none if another run is in the way (`None`). It doesn't wait.
    ///
    /// [`Access::Exclusive`] keeps out all others, [`Access::Shared`] only exclusive ones. The hold ends when it is
    /// dropped **or the process dies**.
    ///
    /// # Errors
    /// [`JournalError`] if that can't be found out.
    fn try_lock(&self, claims: &[Claim<'_>]) -> Result<Option<Box<dyn Hold + '_>>, JournalError>;
}

macro_rules! pointers_are_journals {
    ($($pointer:ident),*) => {$(
        impl<J: Journal + ?Sized> Journal for $pointer<J> {
            fn name(&self) -> String {
                (**self).name()
            }
            fn migrations(&self) -> Result<Vec<String>, JournalError> {
                (**self).migrations()
            }
            fn read(&self, migration: &str) -> Result<Ledger, JournalError> {
                (**self).read(migration)
            }
            fn try_lock(&self, claims: &[Claim<'_>]) -> Result<Option<Box<dyn Hold + '_>>, JournalError> {
                (**self).try_lock(claims)
            }
        }
    )*};
}

pointers_are_journals!(Arc, Box);

/// Migrations that are claimed for one run, and the right to write about them.
pub trait Hold: Send {
    /// Adds entries about a migration that is held exclusively. When it returns, they survive the death of the process
    /// and, as far as the journal promises that, of the machine.
    ///
    /// # Errors
    /// [`JournalError`] if that is not certain. The run then stops; a part of the entries may be there.
    fn append(&mut self, migration: &str, entries: &[Entry<'_>]) -> Result<(), JournalError>;
}

/// A migration that a run needs for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Which.
    pub migration: &'a str,
    /// With whom it can be shared.
    pub access: Access,
}

/// With whom a migration can be shared during a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// With others who only need it to stay as it is: a migration that the run depends on.
    Shared,
    /// With nobody: a migration that is run.
    Exclusive,
}

/// A journal could not be read or written.
#[derive(Debug, Error)]
#[error("{what}")]
pub struct JournalError {
    what: String,
    source: Option<BoxError>,
}

impl JournalError {
    /// What could not be done, with the thing's name.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: None }
    }

    /// The same with its cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Debug for dyn Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Journal({})", self.name())
    }
}
