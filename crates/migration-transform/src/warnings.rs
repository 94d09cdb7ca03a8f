//! What went on although something was odd: counted in full, with the first few examples.

use std::sync::Arc;

use serde::Serialize;

use crate::reason::Reason;

/// How many examples are kept for a field and reason.
pub const EXAMPLES: usize = 3;

/// How many bytes of a value an example shows.
pub(crate) const SHOWN: usize = 80;

/// Warnings, counted per field and reason; of each the first [`EXAMPLES`] with their place.
///
/// Which examples are kept depends on the order of the records only, not on how they were cut into chunks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    counts: Vec<WarningCount>,
    examples: Vec<WarningExample>,
}

/// How often a field was left as it was for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WarningCount {
    /// The path of the field; for an expression that decides about a record, its text.
    pub field: Arc<str>,
    /// Why.
    pub reason: Reason,
    /// How often.
    pub count: u64,
}

/// One warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WarningExample {
    /// The path of the field.
    pub field: Arc<str>,
    /// Why.
    pub reason: Reason,
    /// Number of the record, from 1.
    pub record: u64,
    /// Number of the line on which the record begins, from 1.
    pub line: u64,
    /// The value as JSON, or its beginning with `…` after it: of an expression the fields that it read, as an object; of what
    /// could not be put into an object what stands in its place.
    pub value: String,
}

/// Where a record is; both count from 1, within a chunk until the pipeline makes them absolute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Number of the record.
    pub record: u64,
    /// Number of the line on which it begins.
    pub line: u64,
}

impl Warnings {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one. `value` appends the value's text; it is only called if the example is kept.
    pub fn add(&mut self, field: &Arc<str>, reason: Reason, place: Place, value: impl FnOnce(&mut String)) {
        let seen = self.count(field, reason, 1);
        if seen < EXAMPLES as u64 {
            let mut text = String::new();
            value(&mut text);
            shorten(&mut text);
            let Place { record, line } = place;
            self.examples.push(WarningExample {
                field: Arc::clone(field),
                reason,
                record,
                line,
                value: text,
            });
        }
    }

    /// Takes over those of the next chunk, whose first record and line come after `before`.
    pub fn merge(&mut self, next: &Self, before: Place) {
        for example in &next.examples {
            if self.of(&example.field, example.reason) < EXAMPLES as u64
                && self.examples_of(&example.field, example.reason) < EXAMPLES
            {
                let mut example = example.clone();
                example.record += before.record;
                example.line += before.line;
                self.examples.push(example);
            }
        }
        for count in &next.counts {
            self.count(&count.field, count.reason, count.count);
        }
    }

    /// How often a field was left as it was for a reason.
    #[must_use]
    pub fn of(&self, field: &str, reason: Reason) -> u64 {
        self.counts.iter().find(|c| c.reason == reason && &*c.field == field).map_or(0, |c| c.count)
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| count.count).sum()
    }

    /// The counts, in the order in which their first one came.
    #[must_use]
    pub fn counts(&self) -> &[WarningCount] {
        &self.counts
    }

    /// The first [`EXAMPLES`] of each field and reason, in the order of the records.
    #[must_use]
    pub fn examples(&self) -> &[WarningExample] {
        &self.examples
    }

    /// Forgets all, and keeps the memory.
    pub fn clear(&mut self) {
        self.counts.clear();
        self.examples.clear();
    }

    fn examples_of(&self, field: &str, reason: Reason) -> usize {
        self.examples.iter().filter(|e| e.reason == reason && &*e.field == field).count()
    }

    /// Adds to a count; says what it was.
    fn count(&mut self, field: &Arc<str>, reason: Reason, more: u64) -> u64 {
        match self.counts.iter_mut().find(|c| c.reason == reason && c.field == *field) {
            Some(count) => {
                count.count += more;
                count.count - more
            }
            None => {
                self.counts.push(WarningCount { field: Arc::clone(field), reason, count: more });
                0
            }
        }
    }
}

fn shorten(text: &mut String) {
    if text.len() > SHOWN {
        text.truncate(text.floor_char_boundary(SHOWN));
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_do_not_depend_on_chunks() {
        let field: Arc<str> = "age".into();
        let add = |to: &mut Warnings, record: u64| {
            to.add(&field, Reason::Malformed, Place { record, line: record * 2 }, |text| {
                text.push_str(&"x".repeat(100));
            });
        };
        let mut whole = Warnings::new();
        (1..=5).for_each(|record| add(&mut whole, record));

        let (mut first, mut second, mut merged) = (Warnings::new(), Warnings::new(), Warnings::new());
        (1..=2).for_each(|record| add(&mut first, record));
        (1..=3).for_each(|record| add(&mut second, record));
        merged.merge(&first, Place::default());
        merged.merge(&second, Place { record: 2, line: 4 });

        assert_eq!(merged, whole);
        assert_eq!((merged.total(), merged.examples().len()), (5, 3));
        assert_eq!(merged.examples()[2].line, 6);
        assert_eq!(merged.examples()[0].value, format!("{}…", "x".repeat(80)));
    }
}
