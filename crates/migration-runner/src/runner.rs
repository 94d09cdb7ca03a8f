//! The runner: what a program holds in its hands.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use migration_model::{Migration, MigrationDirection, MigrationResult, Observable, Observer, check_id};

use crate::action::Action;
use crate::cancel::CancellationToken;
use crate::error::{Error, Result};
use crate::journal::{Access, Claim, Entry, Journal, Ledger, MemoryJournal, Note, StepState};
use crate::observers::Observers;
use crate::options::RunOptions;
use crate::run::{Equipment, claim, in_journal, read, run};
use crate::state::States;

/// Runs migrations whose steps are functions, and knows which ones it ran.
///
/// Clones and references are the same runner and may be used by any number of threads: runs of the same migration take
/// turns.
///
/// ```
/// use migration_runner::{AddCallables, Migration, MigrationDirection, MigrationRunner, MigrationStatus};
///
/// let mut migration = Migration::new("2026-01-users");
/// migration.add("table", "Make the table", || true, || true).add("rows", "Copy the rows", || true, || true);
///
/// let runner = MigrationRunner::new();
/// let result = runner.run(&migration, MigrationDirection::Up)?;
/// assert_eq!((result.status, result.steps_completed), (MigrationStatus::Completed, 2));
/// assert_eq!(runner.get_completed()?, ["2026-01-users"]);
///
/// assert_eq!(runner.rollback(&migration)?.status, MigrationStatus::RolledBack);
/// assert!(!runner.is_completed("2026-01-users")?);
/// # Ok::<(), migration_runner::Error>(())
/// ```
#[derive(Clone)]
pub struct MigrationRunner {
    journal: Arc<dyn Journal>,
    observers: Observers,
    states: States,
    options: RunOptions,
}

impl MigrationRunner {
    /// A runner that knows what it did as long as it lives.
    #[must_use]
    pub fn new() -> Self {
        Self::with_journal(MemoryJournal::new())
    }

    /// A runner that writes down what it does.
    pub fn with_journal(journal: impl Journal + 'static) -> Self {
        Self {
            journal: Arc::new(journal),
            observers: Observers::default(),
            states: States::default(),
            options: RunOptions::new(),
        }
    }

    /// The same with somebody more who is told of everything. Observers are called in this order, by whatever thread
    /// something happens on, and hold it up for as long as they take.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observers.add(observer);
        self
    }

    /// The same with a value for all steps, which [`StepContext::state`](crate::StepContext::state) hands out; it takes
    /// the place of an earlier one of the same type.
    #[must_use]
    pub fn with_state<T: Any + Send + Sync>(mut self, value: T) -> Self {
        self.states.put(value);
        self
    }

    /// The same with other options for the runs that don't name any.
    #[must_use]
    pub fn with_options(mut self, options: RunOptions) -> Self {
        self.options = options;
        self
    }

    /// Applies a migration or rolls it back. Steps that an earlier run with the same journal brought where they shall be
    /// are not called again, so this also goes on with what was begun.
    ///
    /// The migrations that it depends on must be completed on the way up; on the way down, nothing that is in effect may
    /// depend on it.
    ///
    /// # Errors
    /// Every reason for which no step was called. If a step fails, the *result* says so: its status is `Failed`, or
    /// `RolledBack` with [`OnFailure::RollBack`](crate::OnFailure::RollBack).
    pub fn run(
        &self,
        migration: &Migration<Action>,
        direction: MigrationDirection,
    ) -> Result<MigrationResult> {
        self.run_with(migration, direction, &self.options)
    }

    /// The same with options for this run.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_with(
        &self,
        migration: &Migration<Action>,
        direction: MigrationDirection,
        options: &RunOptions,
    ) -> Result<MigrationResult> {
        let mut results = run(&self.equipment(), &[migration], direction, options)?;
        // There is a result for each migration.
        Ok(results.pop().unwrap_or_else(|| MigrationResult::new(&migration.id, migration.steps.len())))
    }

    /// Undoes the steps of a migration that are in effect, in reverse.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn rollback(&self, migration: &Migration<Action>) -> Result<MigrationResult> {
        self.run(migration, MigrationDirection::Down)
    }

    /// Applies migrations or rolls them back, one after the other: those that others depend on go up first and down last,
    /// otherwise they go up in the order given. After one that fails, the others don't begin; their status is `Pending`.
    ///
    /// The results are in the order in which the migrations ran.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_all<'m>(
        &self,
        migrations: impl IntoIterator<Item = &'m Migration<Action>>,
        direction: MigrationDirection,
    ) -> Result<Vec<MigrationResult>> {
        self.run_all_with(migrations, direction, &self.options)
    }

    /// The same with options for this run.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_all_with<'m>(
        &self,
        migrations: impl IntoIterator<Item = &'m Migration<Action>>,
        direction: MigrationDirection,
        options: &RunOptions,
    ) -> Result<Vec<MigrationResult>> {
        let migrations: Vec<_> = migrations.into_iter().collect();
        run(&self.equipment(), &migrations, direction, options)
    }

    /// The ids of the migrations that are completed, sorted.
    ///
    /// # Errors
    /// [`Error::Journal`].
    pub fn get_completed(&self) -> Result<Vec<String>> {
        let journal = &*self.journal;
        let mut completed = journal.migrations().map_err(|source| in_journal(journal, source))?;
        let mut problem = None;
        completed.retain(|id| match self.is_completed(id) {
            Ok(is_completed) => is_completed,
            Err(error) => {
                problem.get_or_insert(error);
                false
            }
        });
        completed.sort();
        problem.map_or(Ok(completed), Err)
    }

    /// Whether a migration is completed: its last run brought all its steps into effect.
    ///
    /// # Errors
    /// [`Error::Journal`].
    pub fn is_completed(&self, migration: &str) -> Result<bool> {
        Ok(self.ledger(migration)?.is_completed())
    }

    /// What the journal knows of a migration: which steps are in effect, and which are uncertain.
    ///
    /// # Errors
    /// [`Error::Journal`].
    pub fn ledger(&self, migration: &str) -> Result<Ledger> {
        read(&*self.journal, migration)
    }

    /// Says whether an uncertain step is in effect, after somebody looked: the answer to [`Error::Uncertain`].
    ///
    /// # Errors
    /// [`Error::NotUncertain`] if there is no such question; [`Error::Locked`] and [`Error::Journal`].
    pub fn settle(&self, migration: &str, step: &str, in_effect: bool) -> Result<()> {
        check_id(migration).map_err(|source| Error::Id { source })?;
        let journal = &*self.journal;
        let claims = [Claim { migration, access: Access::Exclusive }];
        let never = CancellationToken::new();
        let mut hold = claim(journal, &claims, self.options.lock_timeout, &never, &self.observers)?;
        if !matches!(self.ledger(migration)?.step(step), Some(StepState::Uncertain(_))) {
            return Err(Error::NotUncertain { migration: migration.to_owned(), step: step.to_owned() });
        }
        let entry = Entry::now(Note::Settled { step: step.into(), in_effect });
        hold.append(migration, &[entry]).map_err(|source| in_journal(journal, source))
    }

    fn equipment(&self) -> Equipment<'_> {
        Equipment { journal: &*self.journal, observers: &self.observers, states: &self.states }
    }
}

impl Observable for MigrationRunner {
    fn add_observer(&mut self, observer: Arc<dyn Observer>) {
        self.observers.add(observer);
    }
}

impl Default for MigrationRunner {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MigrationRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrationRunner")
            .field("journal", &self.journal.name())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
