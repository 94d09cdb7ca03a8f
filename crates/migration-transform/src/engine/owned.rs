//! Stages that see an owned record: steps that the table does not know, and functions.

use std::fmt;
use std::sync::Arc;

use super::ops::Context;
use crate::reason::Reason;
use crate::transformer::{DataTransformer, Notes, Verdict};
use crate::value::Record;

/// One stage.
#[derive(Clone)]
pub(crate) struct Owned(pub(crate) Arc<dyn DataTransformer>);

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl Owned {
    /// Makes a record of the table, and a table of what became of it.
    pub(crate) fn apply(&self, context: &mut Context<'_>) -> Verdict {
        let mut text = Vec::new();
        context.table.write(context.input, context.names, false, &mut text);
        // The input was checked to be UTF-8 before anything else.
        let Ok(text) = String::from_utf8(text) else { return reject(Reason::InvalidUtf8) };
        let mut record = match Record::from_json(&text) {
            Ok(record) => record,
            Err(reason) => return reject(reason),
        };
        let mut notes = Notes::new(&mut context.made.warnings, context.place);
        let verdict = self.0.transform(&mut record, &mut notes);
        if verdict == Verdict::Keep
            && let Err(reason) = context.table.replace(record.to_json().as_bytes(), context.names)
        {
            return reject(reason);
        }
        verdict
    }
}

fn reject(reason: Reason) -> Verdict {
    Verdict::Reject { reason, field: None }
}
