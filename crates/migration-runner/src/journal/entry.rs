//! One line of a journal.

use std::borrow::Cow;
use std::time::SystemTime;

use migration_model::{MigrationDirection, MigrationStatus};
use serde::{Deserialize, Serialize};

/// Something that a run did or is about to do with a migration. Serializes to one flat JSON object.
///
/// ```
/// use migration_runner::journal::Entry;
///
/// let line = r#"{"at":"2026-11-22T19:27:27Z","note":"step_started","step":"copy","direction":"up"}"#;
/// let entry: Entry<'_> = serde_json::from_str(line)?;
/// assert_eq!(serde_json::to_string(&entry)?, line);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry<'a> {
    /// When it was written; RFC 3339 in UTC.
    #[serde(with = "migration_model::time::moment")]
    pub at: SystemTime,
    /// What it says.
    #[serde(flatten)]
    pub note: Note<'a>,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Note<'a> {
    /// A run of the migration begins.
    Begun {
        /// Up or down.
        direction: MigrationDirection,
        /// The migrations that it depends on.
        dependencies: Cow<'a, [String]>,
    },
    /// A step is about to be called.
    StepStarted {
        /// Which.
        step: Cow<'a, str>,
        /// Whether it is done or undone.
        direction: MigrationDirection,
    },
    /// A step was called and succeeded.
    StepDone {
        /// Which.
        step: Cow<'a, str>,
        /// Whether it was done or undone.
        direction: MigrationDirection,
    },
    /// A step was called and failed: it is where it was before.
    StepFailed {
        /// Which.
        step: Cow<'a, str>,
        /// Whether it was to be done or undone.
        direction: MigrationDirection,
        /// Why, in one line.
        error: Cow<'a, str>,
    },
    /// It was found out, or somebody said, whether a step is in effect.
    Settled {
        /// Which.
        step: Cow<'a, str>,
        /// Whether it is.
        in_effect: bool,
    },
    /// The run is over.
    Ended {
        /// Where the migration stands.
        status: MigrationStatus,
    },
}

impl<'a> Entry<'a> {
    /// An entry of this moment.
    pub(crate) fn now(note: Note<'a>) -> Self {
        Self { at: SystemTime::now(), note }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_survives_json() {
        let step = Cow::Borrowed("a \"b\"\n🦀");
        let direction = MigrationDirection::Down;
        let notes = [
            Note::Begun { direction, dependencies: Cow::Owned(vec!["x".to_owned()]) },
            Note::StepStarted { step: step.clone(), direction },
            Note::StepDone { step: step.clone(), direction },
            Note::StepFailed { step: step.clone(), direction, error: Cow::Borrowed("no") },
            Note::Settled { step, in_effect: true },
            Note::Ended { status: MigrationStatus::RolledBack },
        ];
        for note in notes {
            let entry = Entry::now(note);
            let json = serde_json::to_string(&entry).unwrap();
            assert!(!json.contains('\n'), "{json}");
            assert_eq!(serde_json::from_str::<Entry<'_>>(&json).unwrap(), entry);
        }
    }
}
