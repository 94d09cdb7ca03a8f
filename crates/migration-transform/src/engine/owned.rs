//! Stages that see an owned record: steps that the table does not know, and functions.

use std::fmt;
use std::sync::Arc;

use super::ops::Context;
use crate::reason::Reason;
use crate::transformer::{DataTransformer, Notes, Verdict};
use crate::value::scan::value_end;
use crate::value::{MAX_DEPTH, Record};

/// One stage.
#[derive(Clone)]
pub(crate) struct Owned(pub(crate) Arc<dyn DataTransformer>);

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl Owned {
    /// Makes a record of the table, if there is none yet, and transforms it.
    pub(crate) fn apply(&self, context: &mut Context<'_>) -> Verdict {
        let mut record = match context.owned.take().map_or_else(|| read(context), Ok) {
            Ok(record) => record,
            Err(reason) => return reject(reason),
        };
        let mut notes = Notes::new(&mut context.made.warnings, context.place);
        let verdict = self.0.transform(&mut record, &mut notes);
        *context.owned = Some(record);
        verdict
    }
}

/// The record in the table. What the table does not look into is checked here.
fn read(context: &Context<'_>) -> Result<Record, Reason> {
    let Context { input, names, table, .. } = context;
    let mut record = Record::new();
    for entry in &table.entries {
        let value = table.text(input, entry.value);
        if matches!(value, [b'{' | b'[', ..]) && value_end(value, 0, MAX_DEPTH - 1)? != value.len() {
            return Err(Reason::InvalidJson);
        }
        // The input was checked to be UTF-8 before anything else.
        let utf8 = |text| std::str::from_utf8(text).map_err(|_| Reason::InvalidUtf8);
        record.push_written(utf8(table.key(input, names, entry))?, utf8(value)?);
    }
    Ok(record)
}

/// Makes a table of the record again, if there is one.
pub(crate) fn settle(context: &mut Context<'_>) -> Verdict {
    let Some(record) = context.owned.take() else { return Verdict::Keep };
    let json = &mut context.scratch.json;
    json.clear();
    record.write_json(json);
    context.table.replace(json.as_bytes(), context.names).map_or_else(reject, |()| Verdict::Keep)
}

fn reject(reason: Reason) -> Verdict {
    Verdict::Reject { reason, field: None }
}
