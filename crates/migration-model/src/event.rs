//! The one stream of events that progress, logs and lineage listen to.

use std::error::Error;
use std::time::Duration;

use crate::{DataUse, MigrationDirection, MigrationResult, RecordFlow};

/// What happens while migrations run. Borrowed: an observer copies what it wants to keep.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A run begins; nothing has been changed yet.
    RunStarted {
        /// Up or down.
        direction: MigrationDirection,
        /// How many migrations it will run.
        migrations: usize,
        /// How many statements (or steps) those have.
        statements: usize,
    },
    /// Another runner holds the lock; this one waits.
    WaitingForLock {
        /// Who holds it, as far as can be told.
        holder: Option<&'a str>,
    },
    /// A migration begins.
    MigrationStarted {
        /// Which.
        id: &'a str,
        /// Its name for people.
        name: &'a str,
        /// Up or down.
        direction: MigrationDirection,
        /// How many statements (or steps) it has.
        statements: usize,
    },
    /// A statement was executed without an error; its transaction may still be open.
    StatementExecuted {
        /// Of which migration.
        migration: &'a str,
        /// Which statement of it, from 1.
        number: usize,
        /// Its text.
        sql: &'a str,
        /// Rows inserted, changed or deleted.
        rows_affected: u64,
        /// How long the database took.
        duration: Duration,
    },
    /// A statement failed.
    StatementFailed {
        /// Of which migration.
        migration: &'a str,
        /// Which statement of it, from 1.
        number: usize,
        /// Its text.
        sql: &'a str,
        /// What the database said.
        message: &'a str,
    },
    /// A lock of somebody else kept a transaction from being done; it was undone and will be tried again.
    Retrying {
        /// Of which migration.
        migration: &'a str,
        /// Which retry it will be, from 1.
        number: usize,
        /// How many there may be.
        of: usize,
        /// How long it waits before.
        pause: Duration,
        /// What the database said.
        reason: &'a str,
    },
    /// A step that is a callable begins.
    StepStarted {
        /// Of which migration.
        migration: &'a str,
        /// Which step of it.
        step: &'a str,
        /// Whether it is done or undone.
        direction: MigrationDirection,
    },
    /// A step tells how far it is.
    StepProgress {
        /// Of which migration.
        migration: &'a str,
        /// Which step of it.
        step: &'a str,
        /// How much is done, in units of the step's own.
        done: u64,
        /// Of how much, if that is known.
        total: Option<u64>,
    },
    /// An attempt at a step failed, and there will be another one.
    StepRetrying {
        /// Of which migration.
        migration: &'a str,
        /// Which step of it.
        step: &'a str,
        /// Which attempt failed, from 1.
        attempt: u32,
        /// How long until the next one.
        delay: Duration,
        /// Why it failed.
        error: &'a (dyn Error + 'static),
    },
    /// A step takes longer than it may and was asked to stop.
    StepOverran {
        /// Of which migration.
        migration: &'a str,
        /// Which step of it.
        step: &'a str,
        /// How long it may take.
        limit: Duration,
    },
    /// A step took effect. The journal knows it by now, unless it can't be written, which ends the run.
    StepFinished {
        /// Of which migration.
        migration: &'a str,
        /// Which step of it.
        step: &'a str,
        /// How long it took, with all attempts.
        duration: Duration,
        /// What its author declared that it reads and writes.
        declared: Option<&'a DataUse>,
    },
    /// A step was undone. The journal knows it by now, unless it can't be written, which ends the run.
    StepRolledBack {
        /// Of which migration.
        migration: &'a str,
        /// Which step of it.
        step: &'a str,
        /// How long that took, with all attempts.
        duration: Duration,
    },
    /// A step could not be done or undone.
    StepFailed {
        /// Of which migration.
        migration: &'a str,
        /// Which step of it.
        step: &'a str,
        /// Whether it was to be done or undone.
        direction: MigrationDirection,
        /// How long that took, with all attempts.
        duration: Duration,
        /// Why; the cause of the last attempt.
        error: &'a (dyn Error + 'static),
    },
    /// A step was under way when an earlier run was cut off: nobody knows whether it took effect.
    StepUncertain {
        /// Of which migration.
        migration: &'a str,
        /// Which step of it.
        step: &'a str,
        /// Whether it was being done or undone.
        direction: MigrationDirection,
    },
    /// A migration ended. Where migrations share a commit, it is durable when [`Event::Committed`] follows.
    MigrationFinished {
        /// What came of it.
        result: &'a MigrationResult,
    },
    /// A transaction was committed: what these migrations did is durable.
    Committed {
        /// Their ids, in the order in which they ran.
        migrations: &'a [&'a str],
    },
    /// Records of a stream were read, transformed and handed on.
    RecordsRead {
        /// How many so far.
        records: u64,
        /// How many bytes of the input those are.
        bytes: u64,
        /// How many bytes the input has, if that is known.
        total_bytes: Option<u64>,
    },
    /// All records of a stream were transformed, and what came of them is where it belongs.
    RecordsFinished {
        /// What the input is called.
        input: &'a str,
        /// What the output is called.
        output: &'a str,
        /// What the chain does with their fields.
        flow: &'a RecordFlow,
        /// How many records were read.
        records_in: u64,
        /// How many were written.
        records_out: u64,
    },
    /// The run is over.
    RunFinished {
        /// What came of each migration.
        results: &'a [MigrationResult],
    },
}

/// Why an observer did not manage to do its work.
pub type ObserverError = Box<dyn Error + Send + Sync>;

/// Somebody who wants to know. A closure over `&Event` is one.
///
/// An observer is called on the thread that runs the migration and holds it up for as long as it takes.
pub trait Observer: Send + Sync {
    /// Takes note of an event.
    ///
    /// # Errors
    /// An error is logged and changes nothing for the migration, unless whoever runs it asked that it should.
    fn on_event(&self, event: &Event<'_>) -> Result<(), ObserverError>;
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn on_event(&self, event: &Event<'_>) -> Result<(), ObserverError> {
        self(event);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_closure_observes() {
        let seen = Mutex::new(0);
        let count = |event: &Event<'_>| {
            if let Event::RunStarted { statements, .. } = event {
                *seen.lock().unwrap() += statements;
            }
        };
        let observer: &dyn Observer = &count;
        observer
            .on_event(&Event::RunStarted { direction: MigrationDirection::Up, migrations: 1, statements: 3 })
            .unwrap();
        assert_eq!(*seen.lock().unwrap(), 3);
    }
}
