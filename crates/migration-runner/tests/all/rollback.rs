//! After a failure, and where a way back is missing.

use migration_runner::{
    Action, Error, Migration, MigrationDirection, MigrationRunner, MigrationStatus, MigrationStep, OnFailure,
    OnIrreversible, RunOptions, StepEffect, StepStatus,
};

use crate::support::Log;

const UP: MigrationDirection = MigrationDirection::Up;
const DOWN: MigrationDirection = MigrationDirection::Down;

fn roll_back() -> RunOptions {
    RunOptions::new().on_failure(OnFailure::RollBack)
}

fn stop_there() -> RunOptions {
    roll_back().on_irreversible(OnIrreversible::StopThere)
}

#[test]
fn what_this_run_did_is_undone() {
    let log = Log::default();
    let runner = MigrationRunner::new().with_options(roll_back());
    let result = runner.run(&log.migration("m", "a b c! d"), UP).unwrap();
    assert_eq!(log.take(), "+a +b -b -a");
    assert_eq!((result.status, result.steps_completed), (MigrationStatus::RolledBack, 0));
    assert_eq!(result.error.as_deref(), Some("step `c` failed: boom"));
    assert!(!result.is_success() && result.in_effect().next().is_none());
    let statuses: Vec<_> = result.steps.iter().map(|step| step.status).collect();
    use StepStatus::{Failed, Pending, RolledBack};
    assert_eq!(statuses, [RolledBack, RolledBack, Failed, Pending]);
    assert!(!runner.ledger("m").unwrap().is_in_effect());
}

#[test]
fn what_an_earlier_run_did_stays() {
    let log = Log::default();
    let runner = MigrationRunner::new();
    _ = runner.run(&log.migration("m", "a b!"), UP).unwrap();
    let result = runner.run_with(&log.migration("m", "a b c!"), UP, &roll_back()).unwrap();
    assert_eq!(log.take(), "+a +b -b");
    assert_eq!(result.status, MigrationStatus::RolledBack);
    assert_eq!(result.in_effect().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_rollback_that_fails_says_what_is_left() {
    let log = Log::default();
    let mut migration = log.migration("m", "a");
    let stuck = Action::new(|| Err::<(), _>("stuck"));
    migration.add_step(MigrationStep::new("b", log.action("+")).with_down(stuck));
    migration.add_step(log.step("c")).add_step(log.failing("d"));
    let runner = MigrationRunner::new().with_options(roll_back());
    let result = runner.run(&migration, UP).unwrap();
    assert_eq!(log.take(), "+a +b +c -c");
    assert_eq!(result.status, MigrationStatus::Failed);
    assert_eq!(
        result.error.as_deref(),
        Some("step `d` failed: boom; not all was rolled back: step `b` failed: stuck")
    );
    assert_eq!(result.failed_step.as_deref(), Some("d"));
    assert_eq!(result.in_effect().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(
        (result.steps[1].status, result.steps[1].effect),
        (StepStatus::RollbackFailed, StepEffect::InEffect)
    );
    // And a run that only rolls back.
    let result = runner.rollback(&migration).unwrap();
    assert_eq!(
        (result.status, result.steps_completed, log.take()),
        (MigrationStatus::Failed, 2, String::new())
    );
}

/// What is in effect before; which steps can't be undone; what the rollback leaves, or that it is refused.
#[test]
fn steps_that_can_not_be_undone() {
    let table = [
        ("", RunOptions::new(), Some("")),
        ("a", RunOptions::new(), None),
        ("c", RunOptions::new(), None),
        ("a", stop_there(), Some("a")),
        ("b", stop_there(), Some("a b")),
        ("a c", stop_there(), Some("a b c")),
    ];
    for (fixed, options, left) in table {
        let log = Log::default();
        let mut migration = log.migration("m", "a b c");
        for step in &mut migration.steps {
            if fixed.split(' ').any(|id| id == step.id) {
                step.down = None;
            }
        }
        let runner = MigrationRunner::new();
        assert!(runner.run(&migration, UP).unwrap().is_success());
        log.take();
        match (runner.run_with(&migration, DOWN, &options), left) {
            (Err(Error::Irreversible { steps, .. }), None) => {
                assert_eq!(steps.join(" "), fixed);
                assert_eq!(log.take(), "");
                assert!(runner.is_completed("m").unwrap());
            }
            (Ok(result), Some("")) => assert_eq!(result.status, MigrationStatus::RolledBack),
            (Ok(result), Some(left)) => {
                assert_eq!(result.status, MigrationStatus::Failed);
                assert!(
                    result
                        .error
                        .as_deref()
                        .unwrap()
                        .starts_with("the rollback stopped at what can't be undone: ")
                );
                assert_eq!(result.in_effect().collect::<Vec<_>>().join(" "), left);
                assert!(!runner.is_completed("m").unwrap());
            }
            (other, _) => panic!("{fixed}: {other:?}"),
        }
    }
}

#[test]
fn a_failure_behind_what_can_not_be_undone() {
    let log = Log::default();
    let mut migration = log.migration("m", "a b c d!");
    migration.steps[1].down = None;

    let refused = MigrationRunner::new().with_options(roll_back()).run(&migration, UP).unwrap();
    assert_eq!(log.take(), "+a +b +c");
    assert_eq!(refused.status, MigrationStatus::Failed);
    assert_eq!(refused.in_effect().collect::<Vec<_>>(), ["a", "b", "c"]);
    let error = refused.error.unwrap();
    assert!(
        error.ends_with("not all was rolled back: the rollback stopped at what can't be undone: `b`"),
        "{error}"
    );

    let stopped = MigrationRunner::new().with_options(stop_there()).run(&migration, UP).unwrap();
    assert_eq!(log.take(), "+a +b +c -c");
    assert_eq!(stopped.status, MigrationStatus::Failed);
    assert_eq!(stopped.in_effect().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_failed_rollback_is_not_answered_by_going_up_again() {
    let log = Log::default();
    let migration = Migration::new("m")
        .with_step(MigrationStep::new("a", log.action("+")).with_down(Action::new(|| false)))
        .with_step(log.step("b"));
    let runner = MigrationRunner::new().with_options(roll_back());
    _ = runner.run(&migration, UP).unwrap();
    let result = runner.rollback(&migration).unwrap();
    assert_eq!(log.take(), "+a +b -b");
    assert_eq!((result.status, result.error.as_deref()), (MigrationStatus::Failed, Some("step `a` said no")));
}
