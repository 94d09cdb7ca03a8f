//! Journals in runs: going on, keeping others out, and failing at any moment.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use migration_runner::journal::{Claim, Entry, Hold, JournalError, Ledger, StepState};
use migration_runner::{
    Action, CancellationToken, Error, FileJournal, Journal, MemoryJournal, Migration, MigrationDirection,
    MigrationRunner, MigrationStatus, MigrationStep, OnFailure, RunOptions,
};

use crate::support::{Log, step};

use MigrationDirection::{Down, Up};

fn file_runner(folder: &Path) -> MigrationRunner {
    MigrationRunner::with_journal(FileJournal::open(folder).unwrap())
}

#[test]
fn another_runner_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::default();
    assert!(!file_runner(folder.path()).run(&log.migration("m", "a b! c"), Up).unwrap().is_success());
    let runner = file_runner(folder.path());
    assert!(runner.run(&log.migration("m", "a b c"), Up).unwrap().is_success());
    assert_eq!(log.take(), "+a +b +c");
    let runner = file_runner(folder.path());
    assert_eq!(runner.get_completed().unwrap(), ["m"]);
    assert!(runner.rollback(&log.migration("m", "a b c")).unwrap().is_success());
    assert_eq!(log.take(), "-c -b -a");
    assert!(matches!(
        {
            _ = runner.run(&log.migration("m", "a b c"), Up);
            runner.run(&log.migration("m", "a c"), Down)
        },
        Err(Error::UnknownSteps { .. })
    ));
}

#[test]
fn a_journal_behind_a_pointer() {
    let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
    let log = Log::default();
    let migration = log.migration("m", "a");
    assert!(MigrationRunner::with_journal(Arc::clone(&journal)).run(&migration, Up).unwrap().is_success());
    let boxed: Box<dyn Journal> = Box::new(journal);
    assert_eq!(boxed.name(), "memory");
    assert_eq!(MigrationRunner::with_journal(boxed).get_completed().unwrap(), ["m"]);
}

#[test]
fn runners_with_one_journal_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let memory = MemoryJournal::new();
    for in_files in [true, false] {
        let inside = AtomicBool::new(false).into();
        let calls = Arc::new(AtomicUsize::new(0));
        let migration = |n: usize| {
            let (inside, calls): (Arc<AtomicBool>, _) = (Arc::clone(&inside), Arc::clone(&calls));
            Migration::new(n.to_string()).with_step(step("a", move |_| {
                assert!(!inside.swap(true, Ordering::SeqCst), "two at once");
                std::thread::sleep(Duration::from_millis(1));
                calls.fetch_add(1, Ordering::SeqCst);
                inside.store(false, Ordering::SeqCst);
            }))
        };
        for round in 0..10 {
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        let runner = match in_files {
                            true => file_runner(folder.path()),
                            false => MigrationRunner::with_journal(memory.clone()),
                        };
                        assert!(runner.run(&migration(round), Up).unwrap().is_success());
                    });
                }
            });
        }
        assert_eq!(calls.load(Ordering::SeqCst), 10);
    }
}

#[test]
fn who_waits_says_so_and_gives_up() {
    let journal = MemoryJournal::new();
    let log = Log::default();
    let (told, seen) = (Arc::new(AtomicBool::new(false)), log.clone());
    let inner = journal.clone();
    let outer = Migration::new("m").with_step(step("a", {
        let (log, told) = (log.clone(), Arc::clone(&told));
        move |_| {
            // From within a run the same migration is out of reach, whatever the runner.
            let runner = MigrationRunner::with_journal(inner.clone()).with_observer(log.observer());
            let options = RunOptions::new().lock_timeout(Duration::from_millis(600));
            let error = runner.run_with(&log.migration("m", "x"), Up, &options).unwrap_err();
            assert!(matches!(error, Error::Locked { migrations, .. } if migrations == ["m"]));
            told.store(log.take() == "waiting", Ordering::SeqCst);

            let token = CancellationToken::new();
            token.cancel();
            let options = RunOptions::new().cancellation(&token);
            assert!(matches!(runner.run_with(&log.migration("m", "x"), Up, &options), Err(Error::Cancelled)));
            // Another one is not.
            assert!(runner.run(&seen.migration("n", ""), Up).unwrap().is_success());
        }
    }));
    assert!(MigrationRunner::with_journal(journal).run(&outer, Up).unwrap().is_success());
    assert!(told.load(Ordering::SeqCst));
}

#[test]
fn what_a_run_depends_on_is_shared() {
    let log = Log::default();
    let runner =
        MigrationRunner::new().with_options(RunOptions::new().lock_timeout(Duration::from_millis(50)));
    let base = log.migration("base", "a");
    assert!(runner.run(&base, Up).unwrap().is_success());
    let inner = (runner.clone(), log.migration("inner", "b").with_dependency("base"), base);
    let outer = Migration::new("outer").with_dependency("base").with_step(step("x", move |_| {
        let (runner, inner, base) = &inner;
        assert!(runner.run(inner, Up).unwrap().is_success());
        // It can't be taken away meanwhile.
        assert!(matches!(runner.rollback(base), Err(Error::Locked { .. })));
    }));
    let result = runner.run(&outer, Up).unwrap();
    assert!(result.is_success(), "{result:?}");
}

/// A journal in memory whose `n`-th append fails, and all after it: before or after it wrote anything.
struct Failing {
    journal: MemoryJournal,
    left: Arc<Mutex<usize>>,
    writes: bool,
}

struct FailingHold<'j> {
    hold: Box<dyn Hold + 'j>,
    left: Arc<Mutex<usize>>,
    writes: bool,
}

impl Journal for Failing {
    fn name(&self) -> String {
        "failing".to_owned()
    }
    fn migrations(&self) -> Result<Vec<String>, JournalError> {
        self.journal.migrations()
    }
    fn read(&self, migration: &str) -> Result<Ledger, JournalError> {
        self.journal.read(migration)
    }
    fn try_lock(&self, claims: &[Claim<'_>]) -> Result<Option<Box<dyn Hold + '_>>, JournalError> {
        let (left, writes) = (Arc::clone(&self.left), self.writes);
        let hold = self.journal.try_lock(claims)?;
        Ok(hold.map(|hold| -> Box<dyn Hold> { Box::new(FailingHold { hold, left, writes }) }))
    }
}

impl Hold for FailingHold<'_> {
    fn append(&mut self, migration: &str, entries: &[Entry<'_>]) -> Result<(), JournalError> {
        let mut left = self.left.lock().unwrap();
        match *left {
            0 => return Err(JournalError::new("it failed before")),
            1 if self.writes => self.hold.append(migration, entries)?,
            1 => {}
            _ => {
                *left -= 1;
                return self.hold.append(migration, entries);
            }
        }
        *left = 0;
        Err(JournalError::new("the disk is full"))
    }
}

/// The steps that are in effect, and whatever was done twice.
type Cells = Arc<Mutex<(BTreeSet<String>, Vec<String>)>>;

/// `a` and `b`, then `c`, of which `d` and `e` need the last; all can look whether they are in effect.
fn probing(cells: &Cells, failing: bool) -> Migration {
    let mut migration = Migration::new("m");
    for (id, needs) in [("a", ""), ("b", ""), ("c", "a b"), ("d", "c"), ("e", "c")] {
        let (up, down, look) = (Arc::clone(cells), Arc::clone(cells), Arc::clone(cells));
        let up = Action::with_context(move |context| {
            if failing && context.step() == "d" {
                return false;
            }
            let mut cells = up.lock().unwrap();
            let id = context.step().to_owned();
            if !cells.0.insert(id.clone()) {
                cells.1.push(id);
            }
            true
        })
        .probe(move || look.lock().unwrap().0.contains(id));
        let down = Action::with_context(move |context| {
            let mut cells = down.lock().unwrap();
            if !cells.0.remove(context.step()) {
                cells.1.push(context.step().to_owned());
            }
        });
        let mut step = MigrationStep::new(id, up).with_down(down);
        step.dependencies = needs.split_whitespace().map(str::to_owned).collect();
        migration.add_step(step);
    }
    migration
}

/// Whatever the journal says for certain is so.
fn agree(ledger: &Ledger, cells: &Cells, context: &str) {
    let cells = cells.lock().unwrap();
    assert!(cells.1.is_empty(), "{context}: done twice: {:?}", cells.1);
    for id in ["a", "b", "c", "d", "e"] {
        match ledger.step(id) {
            Some(StepState::InEffect) => assert!(cells.0.contains(id), "{context}: {id} is not there"),
            None => assert!(!cells.0.contains(id), "{context}: {id} is there"),
            Some(_) => {}
        }
    }
}

/// The journal fails at every moment at which it can, as it would for a process that dies there; the next run goes on.
#[test]
fn a_journal_that_fails_at_any_moment() {
    let mut moments = 0;
    for threads in [1, 3] {
        for writes in [false, true] {
            for (failing, first, then) in
                [(false, Up, Up), (false, Up, Down), (true, Up, Up), (false, Down, Down), (false, Down, Up)]
            {
                for append in 1.. {
                    let cells = Cells::default();
                    let journal = MemoryJournal::new();
                    if first == Down {
                        let runner = MigrationRunner::with_journal(journal.clone());
                        assert!(runner.run(&probing(&cells, false), Up).unwrap().is_success());
                    }
                    let left = Arc::new(Mutex::new(append));
                    let broken = Failing { journal: journal.clone(), left: Arc::clone(&left), writes };
                    let options = RunOptions::new().threads(threads).on_failure(OnFailure::RollBack);
                    let runner = MigrationRunner::with_journal(broken).with_options(options);
                    let result = runner.run(&probing(&cells, failing), first).unwrap();
                    let context =
                        format!("{threads} threads, {first} then {then}, append {append}, {writes}");
                    if *left.lock().unwrap() > 0 {
                        assert_ne!(result.status, MigrationStatus::Failed, "{context}: {result:?}");
                        break;
                    }
                    moments += 1;
                    assert!(!result.is_success(), "{context}");
                    let text = serde_json::to_string(&result).unwrap();
                    assert!(text.contains("the disk is full"), "{context}: {text}");
                    // What the result says is what is so.
                    let claimed: BTreeSet<String> = result.in_effect().map(str::to_owned).collect();
                    assert_eq!(claimed, cells.lock().unwrap().0, "{context}");
                    agree(&journal.read("m").unwrap(), &cells, &context);

                    let runner = MigrationRunner::with_journal(journal.clone());
                    assert!(runner.run(&probing(&cells, false), then).unwrap().is_success(), "{context}");
                    agree(&journal.read("m").unwrap(), &cells, &context);
                    let count = if then == Up { 5 } else { 0 };
                    assert_eq!(cells.lock().unwrap().0.len(), count, "{context}");
                }
            }
        }
    }
    assert!(moments > 100, "only {moments} moments");
}
