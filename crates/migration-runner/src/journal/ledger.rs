//! What the entries about a migration come to.

use std::collections::HashMap;
use std::sync::Arc;

use migration_model::{MigrationDirection, MigrationStatus};

use super::entry::{Entry, Note};

/// How far a migration is: what all entries of its journal come to, taken one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    status: Option<MigrationStatus>,
    dependencies: Vec<String>,
    /// Shared with clones until one of them changes: a run looks at it once, and it may be long.
    steps: Arc<HashMap<String, StepState>>,
}

/// What is known of a step that is not simply not in effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepState {
    /// It is in effect.
    InEffect,
    /// It was being done or undone when a run was cut off.
    Uncertain(MigrationDirection),
}

impl Ledger {
    /// Takes the next entry into account.
    pub fn apply(&mut self, entry: &Entry<'_>) {
        match &entry.note {
            Note::Begun { dependencies, .. } => {
                self.status = Some(MigrationStatus::Running);
                self.dependencies = dependencies.to_vec();
            }
            Note::StepStarted { step, direction } => self.set(step, Some(StepState::Uncertain(*direction))),
            Note::StepDone { step, direction } => self.know(step, *direction == MigrationDirection::Up),
            Note::StepFailed { step, direction, .. } => {
                self.know(step, *direction == MigrationDirection::Down);
            }
            Note::Settled { step, in_effect } => self.know(step, *in_effect),
            Note::Ended { status } => self.status = Some(*status),
        }
    }

    fn know(&mut self, step: &str, in_effect: bool) {
        self.set(step, in_effect.then_some(StepState::InEffect));
    }

    fn set(&mut self, step: &str, state: Option<StepState>) {
        let steps = Arc::make_mut(&mut self.steps);
        match state {
            None => _ = steps.remove(step),
            Some(state) => match steps.get_mut(step) {
                Some(known) => *known = state,
                None => _ = steps.insert(step.to_owned(), state),
            },
        }
    }

    /// What the last run that wrote something came to, `Running` if it was cut off or is under way; `None` if there was
    /// no run.
    #[must_use]
    pub fn status(&self) -> Option<MigrationStatus> {
        self.status
    }

    /// Whether the last run completed it.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.status == Some(MigrationStatus::Completed)
    }

    /// Whether anything of it is in effect, or may be.
    #[must_use]
    pub fn is_in_effect(&self) -> bool {
        self.is_completed() || !self.steps.is_empty()
    }

    /// The migrations that it depends on, as its last run had them.
    #[must_use]
    pub fn dependencies(&self) -> &[String] {
        &self.dependencies
    }

    /// What is known of a step; `None` if it is not in effect.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<StepState> {
        self.steps.get(id).copied()
    }

    /// The steps that are in effect, or may be, by id.
    pub fn steps(&self) -> impl Iterator<Item = (&str, StepState)> {
        self.steps.iter().map(|(id, state)| (id.as_str(), *state))
    }
}

impl<'a> FromIterator<Entry<'a>> for Ledger {
    fn from_iter<I: IntoIterator<Item = Entry<'a>>>(entries: I) -> Self {
        let mut ledger = Self::default();
        for entry in entries {
            ledger.apply(&entry);
        }
        ledger
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use MigrationDirection::{Down, Up};

    use super::*;

    fn started(direction: MigrationDirection) -> Note<'static> {
        Note::StepStarted { step: Cow::Borrowed("a"), direction }
    }
    fn done(direction: MigrationDirection) -> Note<'static> {
        Note::StepDone { step: Cow::Borrowed("a"), direction }
    }
    fn failed(direction: MigrationDirection) -> Note<'static> {
        Note::StepFailed { step: Cow::Borrowed("a"), direction, error: Cow::Borrowed("no") }
    }
    fn settled(in_effect: bool) -> Note<'static> {
        Note::Settled { step: Cow::Borrowed("a"), in_effect }
    }

    #[test]
    fn what_becomes_of_a_step() {
        let there = Some(StepState::InEffect);
        let unsure = |direction| Some(StepState::Uncertain(direction));
        let table = [
            (vec![], None),
            (vec![started(Up)], unsure(Up)),
            (vec![started(Up), done(Up)], there),
            (vec![started(Up), failed(Up)], None),
            (vec![started(Up), settled(true)], there),
            (vec![started(Up), settled(false)], None),
            (vec![done(Up), started(Down)], unsure(Down)),
            (vec![done(Up), started(Down), done(Down)], None),
            (vec![done(Up), started(Down), failed(Down)], there),
            (vec![started(Up), started(Up)], unsure(Up)),
            (vec![started(Up), started(Up), done(Up)], there),
        ];
        for (notes, expected) in table {
            let ledger: Ledger = notes.iter().cloned().map(Entry::now).collect();
            assert_eq!(ledger.step("a"), expected, "{notes:?}");
            assert_eq!(ledger.is_in_effect(), expected.is_some());
        }
    }

    #[test]
    fn what_becomes_of_a_migration() {
        let mut ledger = Ledger::default();
        assert_eq!((ledger.status(), ledger.is_in_effect()), (None, false));
        let dependencies = vec!["x".to_owned()];
        ledger.apply(&Entry::now(Note::Begun {
            direction: Up,
            dependencies: Cow::Owned(dependencies.clone()),
        }));
        assert_eq!(ledger.status(), Some(MigrationStatus::Running));
        assert_eq!(ledger.dependencies(), dependencies);
        ledger.apply(&Entry::now(Note::Ended { status: MigrationStatus::Completed }));
        assert!(ledger.is_completed() && ledger.is_in_effect());
    }
}
