//! What changes records: steps and functions, one after the other.

mod builtin;
mod closure;
mod compute;
mod default;
mod digest;
mod each;
mod flatten;
mod nest;
mod places;
mod rename;
mod shape;
mod step;
mod table;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use builtin::{CompositeTransformer, FieldRenameTransformer, FieldTypeTransformer};
pub use closure::IntoVerdict;
pub(crate) use digest::Digest;
pub(crate) use step::{key_of, of_step};

use crate::chain::Stage;
use crate::reason::Reason;
use crate::value::Record;
use crate::warnings::{Place, Warnings};

/// Changes records, one at a time, in any order and on several threads.
pub trait DataTransformer: Send + Sync {
    /// Changes a record, or decides that it doesn't go out.
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict;

    /// What it is called where a chain is shown.
    fn name(&self) -> &str {
        "function"
    }

    /// Whether it may reject records; those that it gets are then kept until it has decided.
    fn may_reject(&self) -> bool {
        true
    }

    /// The same as data, if it can be said so: a stream then goes through the compiled engine.
    fn stages(&self) -> Option<Vec<Stage>> {
        None
    }
}

/// What becomes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Keep,
    /// It is left out, as it should be.
    Filter,
    /// It is rejected: something is wrong with it.
    Reject {
        /// What.
        reason: Reason,
        /// Which field.
        field: Option<Arc<str>>,
    },
}

impl Verdict {
    /// Rejected because of a field.
    #[must_use]
    pub fn reject(reason: Reason, field: &Arc<str>) -> Self {
        Self::Reject { reason, field: Some(Arc::clone(field)) }
    }
}

/// Where a transformer says what was odd about a record that goes on.
#[derive(Debug)]
pub struct Notes<'a> {
    warnings: &'a mut Warnings,
    place: Place,
}

impl<'a> Notes<'a> {
    /// For the record at a place.
    pub fn new(warnings: &'a mut Warnings, place: Place) -> Self {
        Self { warnings, place }
    }

    /// Where the record is.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Counts a warning; `value` appends the JSON of what was odd.
    pub fn warn(&mut self, field: &Arc<str>, reason: Reason, value: impl FnOnce(&mut String)) {
        self.warnings.add(field, reason, self.place, value);
    }
}
