//! What a chain means: simple, slow, and independent of the crate. Values are their JSON text; an object that is looked
//! into is taken apart into pairs of texts and put together again.
//!
//! Expressions are evaluated by the crate; what they mean is shown by tables of examples beside them.

mod convert;
mod json;
mod places;
mod rename;
mod shape;
mod steps;

use std::collections::BTreeMap;

use migration_transform::Step;

/// What becomes of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Line(String),
    Filtered,
    /// The code of the reason, and the field.
    Rejected(String, Option<String>),
}

/// How often a field was left as it was for a reason: by field and the reason's code.
pub(crate) type Counts = BTreeMap<(String, String), u64>;

/// Sends one line through steps.
pub(crate) fn run(steps: &[Step], line: &str, counts: &mut Counts) -> Outcome {
    let mut record = match json::record(line) {
        Ok(record) => record,
        Err(reason) => return Outcome::Rejected(reason.to_owned(), None),
    };
    for step in steps {
        if let Err(stop) = steps::apply(step, &mut record, counts) {
            return stop;
        }
    }
    Outcome::Line(json::join(&record))
}
