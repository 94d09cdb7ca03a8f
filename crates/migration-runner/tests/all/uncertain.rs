//! Steps that were under way when a run was cut off.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use migration_runner::journal::{Access, Claim, Entry, Note, StepState};
use migration_runner::{
    Action, Error, Journal, MemoryJournal, Migration, MigrationDirection, MigrationRunner, MigrationStatus,
    MigrationStep, OnFailure, OnIrreversible, RunOptions, StepEffect,
};

use crate::support::Log;

use MigrationDirection::{Down, Up};

/// A journal of a run of `m` that was cut off in `b`, on its way in a direction; `a` is in effect.
fn cut_off(direction: MigrationDirection) -> MemoryJournal {
    let journal = MemoryJournal::new();
    let (a, b) = (Cow::Borrowed("a"), Cow::Borrowed("b"));
    let mut notes = vec![
        Note::Begun { direction, dependencies: Cow::Borrowed(&[]) },
        Note::StepDone { step: a, direction: Up },
    ];
    if direction == Down {
        notes.push(Note::StepDone { step: b.clone(), direction: Up });
    }
    notes.push(Note::StepStarted { step: b, direction });
    let entries: Vec<_> = notes.into_iter().map(|note| Entry { at: SystemTime::now(), note }).collect();
    let claims = [Claim { migration: "m", access: Access::Exclusive }];
    journal.try_lock(&claims).unwrap().unwrap().append("m", &entries).unwrap();
    journal
}

fn migration(log: &Log, up: impl Fn(Action) -> Action, down: impl Fn(Action) -> Action) -> Migration {
    let b = MigrationStep::new("b", up(log.action("+"))).with_down(down(log.action("-")));
    let mut migration = log.migration("m", "a");
    migration.add_step(b).add_step(log.step("c"));
    migration
}

#[test]
fn it_is_asked_and_the_answer_counts() {
    for cut in [Up, Down] {
        for wanted in [Up, Down] {
            for in_effect in [false, true] {
                let log = Log::default();
                let migration = migration(&log, |up| up, |down| down);
                let runner = MigrationRunner::with_journal(cut_off(cut)).with_observer(log.observer());
                match runner.run(&migration, wanted).unwrap_err() {
                    Error::Uncertain { steps } => {
                        assert_eq!((steps.len(), steps[0].step.as_str(), steps[0].direction), (1, "b", cut));
                    }
                    other => panic!("{other}"),
                }
                assert_eq!(log.take(), format!("uncertain:b:{cut}"));
                assert_eq!(runner.ledger("m").unwrap().step("b"), Some(StepState::Uncertain(cut)));

                assert!(matches!(runner.settle("m", "a", true), Err(Error::NotUncertain { .. })));
                runner.settle("m", "b", in_effect).unwrap();
                assert!(matches!(runner.settle("m", "b", true), Err(Error::NotUncertain { .. })));
                assert!(runner.run(&migration, wanted).unwrap().is_success());
                let calls: Vec<_> =
                    log.take().split(' ').filter(|e| e.starts_with(['+', '-'])).map(str::to_owned).collect();
                let expected = match (wanted, in_effect) {
                    (Up, false) => "+b +c",
                    (Up, true) => "+c",
                    (Down, false) => "-a",
                    (Down, true) => "-b -a",
                };
                assert_eq!(calls.join(" "), expected);
            }
        }
    }
}

#[test]
fn a_probe_finds_out() {
    for (cut, wanted, in_effect, expected) in [
        (Up, Up, false, "+b +c"),
        (Up, Up, true, "+c"),
        (Up, Down, false, "-a"),
        (Up, Down, true, "-b -a"),
        (Down, Down, true, "-b -a"),
        (Down, Down, false, "-a"),
        (Down, Up, false, "+b +c"),
        (Down, Up, true, "+c"),
    ] {
        let log = Log::default();
        let migration = migration(&log, |up| up.probe(move || in_effect), |down| down);
        let runner = MigrationRunner::with_journal(cut_off(cut));
        assert!(runner.run(&migration, wanted).unwrap().is_success());
        assert_eq!(log.take(), expected, "{cut} {wanted} {in_effect}");
    }
}

#[test]
fn a_probe_that_fails_changes_nothing() {
    let log = Log::default();
    let table: [fn(Action) -> Action; 2] =
        [|up| up.probe(|| Err::<bool, _>("offline")), |up| up.probe(|| -> bool { panic!("offline") })];
    for up in table {
        let runner = MigrationRunner::with_journal(cut_off(Up));
        let error = runner.run(&migration(&log, up, |down| down), Up).unwrap_err();
        assert!(matches!(&error, Error::Probe { step, .. } if step == "b"), "{error}");
        assert_eq!(log.take(), "");
        assert_eq!(runner.ledger("m").unwrap().step("b"), Some(StepState::Uncertain(Up)));
    }
}

#[test]
fn what_may_run_twice_does() {
    for (cut, wanted, expected) in
        [(Up, Up, "+b +c"), (Up, Down, "+b -b -a"), (Down, Down, "-b -a"), (Down, Up, "-b +b +c")]
    {
        let log = Log::default();
        let migration = migration(&log, Action::rerun, Action::rerun);
        let runner = MigrationRunner::with_journal(cut_off(cut));
        assert!(runner.run(&migration, wanted).unwrap().is_success());
        assert_eq!(log.take(), expected, "{cut} {wanted}");
    }
}

/// The earlier call may have left something: that this one failed says nothing of it.
#[test]
fn a_repetition_that_fails_leaves_it_uncertain() {
    let log = Log::default();
    let works = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&works);
    let b = Action::new(move || switch.load(Ordering::SeqCst)).rerun();
    let mut migration = log.migration("m", "a");
    migration.add_step(MigrationStep::new("b", b).with_down(log.action("-")));
    let runner = MigrationRunner::with_journal(cut_off(Up));
    let options = RunOptions::new().on_failure(OnFailure::RollBack);

    for wanted in [Up, Down] {
        let result = runner.run_with(&migration, wanted, &options).unwrap();
        assert_eq!((result.status, result.steps[1].effect), (MigrationStatus::Failed, StepEffect::Uncertain));
        assert_eq!(result.in_effect().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(runner.ledger("m").unwrap().step("b"), Some(StepState::Uncertain(Up)));
    }
    works.store(true, Ordering::SeqCst);
    assert!(runner.run(&migration, Up).unwrap().is_success());
    assert!(runner.rollback(&migration).unwrap().is_success());
    assert_eq!(log.take(), "-b -a");
}

#[test]
fn what_an_uncertain_step_may_need_is_not_taken_from_under_it() {
    for (policy, calls, left) in
        [(OnIrreversible::Refuse, "+x +y", "a x y b"), (OnIrreversible::StopThere, "+x +y", "a x y b")]
    {
        let log = Log::default();
        let mut migration = log.migration("m", "a x y");
        let b = MigrationStep::new("b", Action::new(|| false).rerun()).with_down(log.action("-"));
        migration.add_step(b.with_dependency("x"));
        let runner = MigrationRunner::with_journal(cut_off(Up));
        let options = RunOptions::new().on_failure(OnFailure::RollBack).on_irreversible(policy);
        let result = runner.run_with(&migration, Up, &options).unwrap();
        assert_eq!(log.take(), calls);
        assert_eq!(result.status, MigrationStatus::Failed);
        assert_eq!(result.in_effect().collect::<Vec<_>>().join(" "), left);
        let error = result.error.unwrap();
        assert!(error.ends_with("the rollback stopped at what can't be undone: `b`"), "{error}");
    }
}

#[test]
fn what_can_not_be_undone_is_found_out_before_anything_is_repeated() {
    let log = Log::default();
    let mut migration = migration(&log, Action::rerun, |down| down);
    migration.steps[1].down = None;
    let runner = MigrationRunner::with_journal(cut_off(Up));
    assert!(matches!(runner.rollback(&migration), Err(Error::Irreversible { .. })));
    assert_eq!(log.take(), "");
}
