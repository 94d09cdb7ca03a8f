//! What a run came to.

use serde::Serialize;

use crate::reason::Reason;
use crate::warnings::{WarningCount, WarningExample, Warnings};

/// What a run came to. `records_in = records_out + filtered + rejected`, always.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Report {
    /// Records that came in; blank lines are none.
    pub records_in: u64,
    /// Records that went out.
    pub records_out: u64,
    /// Records that a condition left out.
    pub filtered: u64,
    /// Records that did not go out because something is wrong with them.
    pub rejected: u64,
    /// Rejected records by reason.
    pub rejected_by: Vec<RejectCount>,
    /// How often a value stayed as it was, or something else was odd about a record that went on.
    pub warnings: u64,
    /// Warnings by field and reason.
    pub warnings_by: Vec<WarningCount>,
    /// The first few of each.
    pub warning_examples: Vec<WarningExample>,
    /// Bytes read; of a compressed input those that came out of it.
    pub bytes_in: u64,
    /// Bytes written; of a compressed output those that went into it.
    pub bytes_out: u64,
    /// How long it took.
    pub duration_seconds: f64,
    /// The file that the records are in; none of a stream.
    pub output: Option<String>,
    /// Whether a part was left as it is, since an earlier run had finished it.
    pub skipped: bool,
    /// Of a part, when all are done: the numbers of those that were made from another input, or by another chain or options, so that
    /// there is no `manifest.json`.
    pub other_parts: Vec<u64>,
}

/// How many records were rejected for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RejectCount {
    /// Why.
    pub reason: Reason,
    /// How many.
    pub count: u64,
}

impl Report {
    pub(crate) fn add_reject(&mut self, reason: Reason) {
        self.rejected += 1;
        match self.rejected_by.iter_mut().find(|count| count.reason == reason) {
            Some(count) => count.count += 1,
            None => self.rejected_by.push(RejectCount { reason, count: 1 }),
        }
    }

    pub(crate) fn set_warnings(&mut self, warnings: &Warnings) {
        self.warnings = warnings.total();
        self.warnings_by = warnings.counts().to_vec();
        self.warning_examples = warnings.examples().to_vec();
    }
}
