//! A migration that was cut off: where it goes on, and whether it can.

use crate::error::{Error, Result};
use crate::executor::{Noted, noted};
use crate::journal::{JournalEntry, prefix_checksum};
use crate::plan::PlannedStatement;

/// How many statements are in effect already.
///
/// # Errors
/// [`Error::PartialChanged`] if those are not the same any more.
pub(super) fn after(entry: &JournalEntry, id: &str, statements: &[PlannedStatement]) -> Result<usize> {
    let done = entry.statements_done;
    match statements.get(..done) {
        Some(prefix) if prefix_checksum(prefix).matches(&entry.checksum) => Ok(done),
        _ => Err(Error::PartialChanged { id: id.to_owned(), done }),
    }
}

/// Whether the statements that are in effect, and the one that may be, are still the same.
pub(super) fn is_same(entry: &JournalEntry, statements: &[PlannedStatement]) -> bool {
    let in_flight = entry.in_flight.as_ref().is_none_or(|intent| {
        let statement = statements.get(intent.statement - 1);
        statement.is_some_and(|it| noted(it.sent(), intent.fingerprint.as_deref()) != Noted::OfAnother)
    });
    in_flight && after(entry, "", statements).is_ok()
}
