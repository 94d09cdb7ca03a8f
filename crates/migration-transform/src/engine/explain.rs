//! How a chain is run, for people: `migration transform --explain`.

use std::fmt::{self, Write as _};

use super::Engine;
use super::ops::Op;
use crate::chunk::Format;

impl Engine {
    /// How the chain is run: a line on the way through, and one for each step.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut text = String::new();
        // A `String` takes everything.
        let _ = self.write_explanation(&mut text);
        text
    }

    fn write_explanation(&self, text: &mut String) -> fmt::Result {
        let fields = self.names.len();
        match (&self.programs, &self.output) {
            (Some(_), _) => {
                let set = self.level.name();
                writeln!(
                    text,
                    "way: one pass over NDJSON ({set}); a table of fields for records out of the ordinary"
                )?;
            }
            (None, Format::Ndjson) => {
                writeln!(text, "way: a table of fields, for steps that need the whole record")?;
            }
            (None, _) => writeln!(text, "way: a table of fields, for this format")?,
        }
        writeln!(text, "fields that steps speak of: {fields}; all others are copied as they are written")?;
        for (op, number) in self.ops.iter().zip(1..) {
            let (name, how) = match op {
                Op::Rename(_) => ("rename", "keys"),
                Op::Convert(_) => ("convert", "texts of the values"),
                Op::Drop(_) => ("drop", "keys"),
                Op::Select(_) => ("select", "keys"),
                Op::Set(_) => ("set", "values that are read are decoded"),
                Op::KeepWhere(_) => ("keep-where", "values that are read are decoded"),
                Op::Owned(owned) => (owned.0.name(), "the record in memory"),
            };
            writeln!(text, "step {number}: {name}: {how}")?;
        }
        Ok(())
    }
}
