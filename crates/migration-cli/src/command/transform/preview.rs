//! Records before and after, as a difference.

use migration_kit::transform::{Sample, SampleOutcome};

use crate::screen::printable;
use crate::style::{BAD, DIM, GOOD, WAITING, paint};

/// A line for what goes, a line for what comes, for each record.
pub(super) fn render(samples: &[Sample]) -> String {
    let mut text = String::new();
    for sample in samples {
        let (before, after) = (printable(&sample.before), sample.after.as_deref().map(printable));
        text.push_str(&format!("{}\n", paint(DIM, format_args!("record {}", sample.record))));
        match (sample.outcome, after) {
            (SampleOutcome::Kept, Some(after)) if after == before => text.push_str(&format!("  {before}\n")),
            (SampleOutcome::Kept, after) => {
                text.push_str(&format!("{}\n", paint(BAD, format_args!("- {before}"))));
                text.push_str(&format!("{}\n", paint(GOOD, format_args!("+ {}", after.unwrap_or_default()))));
            }
            (SampleOutcome::Filtered, _) => {
                text.push_str(&format!("{}\n", paint(BAD, format_args!("- {before}"))));
                text.push_str(&format!("{} filtered\n", paint(WAITING, "note:")));
            }
            (_, _) => {
                text.push_str(&format!("{}\n", paint(BAD, format_args!("- {before}"))));
                let reason = sample.reason.map_or_else(String::new, |reason| format!(": {reason}"));
                text.push_str(&format!("{} rejected{reason}\n", paint(WAITING, "note:")));
            }
        }
        for warning in &sample.warnings {
            let value = printable(&warning.value);
            text.push_str(&format!(
                "{} `{}`: {} {value}\n",
                paint(WAITING, "note:"),
                warning.field,
                warning.reason
            ));
        }
    }
    text.push_str("dry run: nothing was written\n");
    text
}
