//! Several migrations, and what they depend on.

use migration_runner::{
    Error, Migration, MigrationDirection, MigrationResult, MigrationRunner, OnFailure, OnIrreversible,
    RunOptions,
};

use crate::support::Log;

const UP: MigrationDirection = MigrationDirection::Up;
const DOWN: MigrationDirection = MigrationDirection::Down;

fn statuses(results: &[MigrationResult]) -> String {
    let each = results.iter().map(|result| format!("{}:{}", result.migration_id, result.status));
    each.collect::<Vec<_>>().join(" ")
}

/// `3` depends on `1`; `1` on `2`.
fn set(log: &Log, third: &str) -> Vec<Migration> {
    vec![
        log.migration("3", third).with_dependency("1"),
        log.migration("1", "1a 1b").with_dependency("2"),
        log.migration("2", "2a"),
    ]
}

#[test]
fn dependencies_go_up_first_and_down_last() {
    let log = Log::default();
    let runner = MigrationRunner::new();
    let set = set(&log, "3a");
    let results = runner.run_all(&set, UP).unwrap();
    assert_eq!(log.take(), "+2a +1a +1b +3a");
    assert_eq!(statuses(&results), "2:completed 1:completed 3:completed");
    let results = runner.run_all(&set, DOWN).unwrap();
    assert_eq!(log.take(), "-3a -1b -1a -2a");
    assert_eq!(statuses(&results), "3:rolled_back 1:rolled_back 2:rolled_back");
}

#[test]
fn behind_a_failure_nothing_begins() {
    let log = Log::default();
    let runner = MigrationRunner::new();
    let mut set = set(&log, "3a");
    set[1] = log.migration("1", "1a 1b!").with_dependency("2");
    let results = runner.run_all(&set, UP).unwrap();
    assert_eq!(statuses(&results), "2:completed 1:failed 3:pending");
    assert_eq!(runner.get_completed().unwrap(), ["2"]);
    assert_eq!(log.take(), "+2a +1a");
}

#[test]
fn a_rollback_undoes_the_whole_run() {
    let log = Log::default();
    let runner = MigrationRunner::new().with_options(RunOptions::new().on_failure(OnFailure::RollBack));
    let mut set = set(&log, "3a 3b!");
    let results = runner.run_all(&set, UP).unwrap();
    assert_eq!(log.take(), "+2a +1a +1b +3a -3a -1b -1a -2a");
    assert_eq!(statuses(&results), "2:rolled_back 1:rolled_back 3:rolled_back");
    assert_eq!(results[0].error.as_deref(), Some("`3` failed"));
    assert!(!results[0].is_success() && runner.get_completed().unwrap().is_empty());

    // What was completed before stays.
    assert!(runner.run(&set[2], UP).unwrap().is_success());
    log.take();
    assert_eq!(statuses(&runner.run_all(&set, UP).unwrap()), "2:completed 1:rolled_back 3:rolled_back");
    assert_eq!(log.take(), "+1a +1b +3a -3a -1b -1a");
    assert_eq!(runner.get_completed().unwrap(), ["2"]);

    // If a part of it can't be undone, nothing is, or what comes after.
    set[1].steps[1].down = None;
    let results = runner.run_all(&set, UP).unwrap();
    assert_eq!(statuses(&results), "2:completed 1:completed 3:failed");
    assert_eq!(log.take(), "+1a +1b +3a");
    assert_eq!(results[2].in_effect().collect::<Vec<_>>(), ["3a"]);
    let runner = runner.with_options(
        RunOptions::new().on_failure(OnFailure::RollBack).on_irreversible(OnIrreversible::StopThere),
    );
    set[1] = log.migration("1", "1a 1b 1c").with_dependency("2");
    set[1].steps[1].down = None;
    let results = runner.run_all(&set, UP).unwrap();
    // `3a` is of an earlier run.
    assert_eq!(log.take(), "+1c -1c");
    assert_eq!(statuses(&results), "2:completed 1:rolled_back 3:rolled_back");
}

#[test]
fn what_is_not_in_the_set_has_to_be_completed() {
    let log = Log::default();
    let runner = MigrationRunner::new();
    let set = set(&log, "3a");
    match runner.run(&set[1], UP).unwrap_err() {
        Error::MissingDependencies { missing } => assert_eq!(missing, [("1".to_owned(), "2".to_owned())]),
        other => panic!("{other}"),
    }
    assert!(runner.run(&set[2], UP).unwrap().is_success());
    assert!(runner.run(&set[1], UP).unwrap().is_success());

    match runner.rollback(&set[2]).unwrap_err() {
        Error::StillNeeded { migration, by } => {
            assert_eq!((migration.as_str(), by), ("2", vec!["1".to_owned()]));
        }
        other => panic!("{other}"),
    }
    assert!(runner.rollback(&set[1]).unwrap().is_success());
    assert!(runner.rollback(&set[2]).unwrap().is_success());
    assert_eq!(log.take(), "+2a +1a +1b -1b -1a -2a");
}

#[test]
fn what_is_half_done_is_needed_as_well() {
    let log = Log::default();
    let runner = MigrationRunner::new();
    let base = log.migration("base", "a");
    let upper = log.migration("upper", "b c!").with_dependency("base");
    assert!(runner.run(&base, UP).unwrap().is_success());
    assert!(!runner.run(&upper, UP).unwrap().is_success());
    assert!(matches!(runner.rollback(&base), Err(Error::StillNeeded { .. })));
}

#[test]
fn cycles_and_duplicates_are_refused() {
    let log = Log::default();
    let runner = MigrationRunner::new();
    let one = log.migration("1", "a").with_dependency("2");
    let two = log.migration("2", "b").with_dependency("1");
    assert!(matches!(runner.run_all([&one, &two], UP), Err(Error::Migrations { .. })));
    assert!(matches!(runner.run_all([&one, &one], UP), Err(Error::Migrations { .. })));
    assert!(runner.run_all([], UP).unwrap().is_empty());
    assert_eq!(log.take(), "");
}
