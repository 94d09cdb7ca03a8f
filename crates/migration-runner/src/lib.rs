//! Callable migrations: changes that a program describes as steps with an up and a down function, runs, watches, resumes
//! and rolls back. No database is needed.
//!
//! ```
//! use migration_runner::{AddCallables, Migration, MigrationDirection, MigrationRunner, MigrationStatus};
//!
//! let folder = std::env::temp_dir().join(format!("runner-example-{}", std::process::id()));
//! let (make, drop) = (folder.clone(), folder.clone());
//!
//! let mut migration = Migration::new("2026-01-cache");
//! migration
//!     .add("folder", "Make the folder", move || std::fs::create_dir(&make), move || std::fs::remove_dir(&drop))
//!     .add("check", "See that it works", || 2 + 2 == 4, || ());
//!
//! let runner = MigrationRunner::new();
//! let result = runner.run(&migration, MigrationDirection::Up)?;
//! assert_eq!(result.status, MigrationStatus::Completed);
//! assert!(folder.is_dir() && runner.is_completed("2026-01-cache")?);
//!
//! let result = runner.rollback(&migration)?;
//! assert_eq!(result.status, MigrationStatus::RolledBack);
//! assert!(!folder.exists());
//! # Ok::<(), migration_runner::Error>(())
//! ```
//!
//! * [`Migration`], [`MigrationStep`], [`Action`]: what is to be done; [`AddCallables`] adds steps in one line each.
//! * [`MigrationRunner`]: does it, with [`RunOptions`]; the [`MigrationResult`] says what came of each step.
//! * [`StepContext`]: what a step gets to know. [`Retry`], [`CancellationToken`]: when it is tried again, when it stops.
//! * [`Journal`]: where it is written down how far migrations are, in memory or in [files](FileJournal).
//! * [`Event`], [`Observer`]: who wants to know what happens.
//!
//! **`Err` means that no step was called**, and why. Once a step was called, whatever happens is in the result: its status,
//! the step that failed and the cause, and for each step whether it is in effect.
//!
//! # What it doesn't do
//!
//! * It can't undo a half of a step. A step that fails has to leave nothing behind, or be two steps.
//! * It can't end a step that doesn't listen: threads can't be ended from outside. It says that the step overran, and waits.
//! * It doesn't guess. A step that was under way when the process died is uncertain until the migration, or somebody, says
//!   how to tell.
//! * With `panic = "abort"`, a step that panics ends the process, and is uncertain in the next.
//!
//! # Order, failures and ways back
//!
//! Steps run in the order in which they were added, but those that others depend on go first. Cycles and dependencies that
//! don't exist are refused before anything runs.
//!
//! ```
//! use migration_runner::{
//!     Action, Error, Migration, MigrationDirection, MigrationRunner, MigrationStatus, MigrationStep, OnFailure,
//!     OnIrreversible, RunOptions,
//! };
//!
//! let step = |id: &str, works: bool| {
//!     MigrationStep::new(id, Action::new(move || works)).with_down(Action::new(|| true))
//! };
//! let broken = Migration::new("m").with_step(step("a", true)).with_step(step("b", false));
//!
//! // A failure stops the run, or undoes what the run did.
//! let runner = MigrationRunner::new();
//! let result = runner.run(&broken, MigrationDirection::Up)?;
//! assert_eq!(result.error.as_deref(), Some("step `b` said no"));
//! assert_eq!(result.in_effect().collect::<Vec<_>>(), ["a"]);
//!
//! let options = RunOptions::new().on_failure(OnFailure::RollBack);
//! let result = MigrationRunner::new().run_with(&broken, MigrationDirection::Up, &options)?;
//! assert_eq!((result.status, result.in_effect().count()), (MigrationStatus::RolledBack, 0));
//!
//! // Where a step can't be undone, nothing is, unless told to stop there.
//! let letter = MigrationStep::new("letter", Action::new(|| true));
//! let sent = Migration::new("n").with_step(letter).with_step(step("b", true).with_dependency("letter"));
//! assert!(runner.run(&sent, MigrationDirection::Up)?.is_success());
//! assert!(matches!(runner.rollback(&sent), Err(Error::Irreversible { .. })));
//! let options = RunOptions::new().on_irreversible(OnIrreversible::StopThere);
//! let result = runner.run_with(&sent, MigrationDirection::Down, &options)?;
//! assert_eq!(result.in_effect().collect::<Vec<_>>(), ["letter"]);
//!
//! // Migrations depend on each other likewise.
//! let set = [
//!     Migration::new("posts").with_dependency("users").with_step(step("p", true)),
//!     Migration::new("users").with_step(step("u", true)),
//! ];
//! let results = runner.run_all(&set, MigrationDirection::Up)?;
//! assert_eq!(results.iter().map(|r| r.migration_id.as_str()).collect::<Vec<_>>(), ["users", "posts"]);
//! assert!(matches!(runner.rollback(&set[1]), Err(Error::StillNeeded { .. })));
//! # Ok::<(), Error>(())
//! ```
//!
//! # Several at a time, time limits, retries, stopping
//!
//! ```
//! use std::time::Duration;
//! use migration_runner::{
//!     Action, CancellationToken, Migration, MigrationDirection, MigrationRunner, MigrationStep, Retry, RunOptions,
//!     StepContext,
//! };
//!
//! // Four threads: only dependencies keep steps from running at the same time.
//! let runner = MigrationRunner::new().with_options(RunOptions::new().threads(4));
//! let mut migration = Migration::new("parallel");
//! for n in 0..20 {
//!     migration.add_step(MigrationStep::new(format!("part {n}"), Action::new(|| true)));
//! }
//! let all = migration.steps.iter().map(|step| step.id.clone()).collect();
//! migration.add_step(MigrationStep { dependencies: all, ..MigrationStep::new("whole", Action::new(|| true)) });
//! assert!(runner.run(&migration, MigrationDirection::Up)?.is_success());
//!
//! // A step that takes too long is told to stop, and says itself where it can.
//! let slow = Action::with_context(|context| context.sleep(Duration::from_secs(60))).timeout(Duration::from_millis(10));
//! let result = runner.run(&Migration::new("slow").with_step(MigrationStep::new("a", slow)), MigrationDirection::Up)?;
//! assert_eq!(result.error.as_deref(), Some("step `a` took longer than 10ms"));
//!
//! // One that says that it may be tried again is.
//! let retry = Retry::attempts(3).first_delay(Duration::from_millis(1));
//! let flaky = Action::with_context(|context| context.attempt() == 3).retry(retry);
//! let result = runner.run(&Migration::new("flaky").with_step(MigrationStep::new("a", flaky)), MigrationDirection::Up)?;
//! assert_eq!(result.steps[0].attempts, 3);
//!
//! // Whoever has the token can stop a run from anywhere; here it is the first step.
//! let token = CancellationToken::new();
//! let trigger = token.clone();
//! let stopped = Migration::new("stopped")
//!     .with_step(MigrationStep::new("a", Action::new(move || trigger.cancel())))
//!     .with_step(MigrationStep::new("b", Action::new(|| true)));
//! let options = RunOptions::new().cancellation(&token);
//! let result = runner.run_with(&stopped, MigrationDirection::Up, &options)?;
//! assert_eq!((result.error.as_deref(), result.steps_completed), (Some("cancelled"), 1));
//! # Ok::<(), migration_runner::Error>(())
//! ```
//!
//! # What steps share, and who watches
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use migration_runner::{AddCallables, Event, Migration, MigrationDirection, MigrationRunner, StepContext};
//!
//! type Rows = Arc<Mutex<Vec<u32>>>;
//! let mut migration = Migration::new("rows");
//! migration.add_irreversible("load", "Load the rows", |context: &StepContext<'_>| {
//!     for row in 0..3 {
//!         context.check()?; // the run may have been cancelled
//!         context.state::<Rows>()?.lock().map_err(|_| "another step panicked")?.push(row);
//!         context.progress(u64::from(row) + 1, Some(3));
//!     }
//!     Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! });
//!
//! let rows = Rows::default();
//! let seen = Arc::new(Mutex::new(Vec::new()));
//! let notes = Arc::clone(&seen);
//! let runner = MigrationRunner::new().with_state(Arc::clone(&rows)).with_observer(Arc::new(move |event: &Event<'_>| {
//!     if let Event::StepProgress { done, .. } = event {
//!         notes.lock().unwrap().push(*done);
//!     }
//! }));
//! assert!(runner.run(&migration, MigrationDirection::Up)?.is_success());
//! assert_eq!((rows.lock().unwrap().len(), seen.lock().unwrap().as_slice()), (3, &[1, 2, 3][..]));
//! # Ok::<(), migration_runner::Error>(())
//! ```
//!
//! `tracing` has a span for each migration, and within it one for each step, on whatever thread it runs.
//!
//! # Journals
//!
//! With a [`FileJournal`], another process goes on where this one stopped or died, and no two run a migration at once.
//! What was under way when a process died is [rerun](Action::rerun), [looked at](Action::probe) or
//! [asked about](Action::ask), as its action says.
//!
//! ```
//! use migration_runner::journal::{Access, Claim, Entry, Note, StepState};
//! use migration_runner::{Action, Error, FileJournal, Journal, Migration, MigrationDirection, MigrationRunner, MigrationStep};
//!
//! let folder = std::env::temp_dir().join(format!("journal-example-{}", std::process::id()));
//! let migration = |works: bool| {
//!     Migration::new("m")
//!         .with_step(MigrationStep::new("a", Action::new(|| true)))
//!         .with_step(MigrationStep::new("b", Action::new(move || works)))
//! };
//! let result = MigrationRunner::with_journal(FileJournal::open(&folder)?).run(&migration(false), MigrationDirection::Up)?;
//! assert!(!result.is_success());
//!
//! // Another process, with the mistake mended.
//! let journal = FileJournal::open(&folder)?;
//! let result = MigrationRunner::with_journal(journal.clone()).run(&migration(true), MigrationDirection::Up)?;
//! assert_eq!((result.steps[0].attempts, result.steps[1].attempts), (0, 1));
//!
//! // As if a process had died in the step `c`: nobody knows whether it took effect.
//! let note = Note::StepStarted { step: "c".into(), direction: MigrationDirection::Up };
//! let claims = [Claim { migration: "m", access: Access::Exclusive }];
//! let mut hold = journal.try_lock(&claims)?.expect("nobody else has it");
//! hold.append("m", &[Entry { at: std::time::SystemTime::now(), note }])?;
//! drop(hold);
//!
//! let longer = migration(true).with_step(MigrationStep::new("c", Action::new(|| true)));
//! let runner = MigrationRunner::with_journal(journal);
//! assert_eq!(runner.ledger("m")?.step("c"), Some(StepState::Uncertain(MigrationDirection::Up)));
//! assert!(matches!(runner.run(&longer, MigrationDirection::Up), Err(Error::Uncertain { .. })));
//! runner.settle("m", "c", false)?; // somebody looked: it did not
//! assert!(runner.run(&longer, MigrationDirection::Up)?.is_success());
//!
//! // Or the step says itself how to tell: `Action::new(…).rerun()` or `.probe(|| …)`.
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Two threads that run the same migration take turns; so do two processes with the same folder. Whoever comes second
//! finds it completed.
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU32, Ordering};
//! use migration_runner::{AddCallables, Migration, MigrationDirection, MigrationRunner};
//!
//! let calls = Arc::new(AtomicU32::new(0));
//! let counted = Arc::clone(&calls);
//! let mut migration = Migration::new("once");
//! migration.add("a", "Count", move || _ = counted.fetch_add(1, Ordering::Relaxed), || ());
//! let runner = MigrationRunner::new();
//! std::thread::scope(|scope| {
//!     for _ in 0..4 {
//!         scope.spawn(|| assert!(runner.run(&migration, MigrationDirection::Up).unwrap().is_success()));
//!     }
//! });
//! assert_eq!(calls.load(Ordering::Relaxed), 1);
//! ```

mod action;
mod cancel;
mod context;
mod error;
pub mod journal;
mod locks;
mod observers;
mod options;
mod outcome;
mod outline;
mod retry;
mod run;
mod runner;
mod schedule;
mod state;
mod step_error;
mod sync;

pub use action::{Action, AddCallables, IntoAction, IntoProbe, Probe};
pub use cancel::CancellationToken;
pub use context::StepContext;
pub use error::{Error, Result, UncertainStep};
pub use journal::{FileJournal, Journal, MemoryJournal};
pub use options::{OnFailure, OnIrreversible, RunOptions};
pub use outcome::{ProbeOutcome, StepOutcome};
pub use retry::Retry;
pub use runner::MigrationRunner;
pub use step_error::{Cancelled, MissingState, StepError};

pub use migration_model::{
    Event, MigrationDirection, MigrationResult, MigrationStatus, Observer, StepEffect, StepResult, StepStatus,
};

/// A migration whose steps are functions.
pub type Migration = migration_model::Migration<Action>;

/// A step that is a function, and the function that undoes it.
pub type MigrationStep = migration_model::MigrationStep<Action>;
