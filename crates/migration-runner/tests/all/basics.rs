//! Up, down, and what is told of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use migration_runner::{
    Action, AddCallables, Error, Migration, MigrationDirection, MigrationRunner, MigrationStatus,
    MigrationStep, StepContext, StepEffect, StepStatus,
};

use crate::support::{Log, step};

const UP: MigrationDirection = MigrationDirection::Up;

#[test]
fn up_and_down() {
    let log = Log::default();
    let migration = log.migration("m", "a b c");
    let runner = MigrationRunner::new();

    let result = runner.run(&migration, UP).unwrap();
    assert_eq!(log.take(), "+a +b +c");
    assert_eq!((result.status, result.progress()), (MigrationStatus::Completed, 1.0));
    assert_eq!((result.steps_completed, result.steps_total), (3, 3));
    assert!(result.is_success() && result.started_at <= result.finished_at && result.started_at.is_some());
    assert!(runner.is_completed("m").unwrap());
    assert_eq!(runner.get_completed().unwrap(), ["m"]);

    let again = runner.run(&migration, UP).unwrap();
    assert_eq!(log.take(), "");
    assert_eq!((again.status, again.steps_completed), (MigrationStatus::Completed, 3));
    assert!(again.steps.iter().all(|step| step.status == StepStatus::Skipped));

    let result = runner.rollback(&migration).unwrap();
    assert_eq!(log.take(), "-c -b -a");
    assert_eq!((result.status, result.progress()), (MigrationStatus::RolledBack, 1.0));
    assert!(result.is_success() && result.in_effect().next().is_none());
    assert!(runner.get_completed().unwrap().is_empty());

    assert_eq!(runner.rollback(&migration).unwrap().status, MigrationStatus::RolledBack);
    assert_eq!(log.take(), "");
    assert!(runner.run(&migration, UP).unwrap().is_success());
}

/// What a step does, what the result says of it.
#[test]
fn the_ways_to_fail() {
    type Up = fn(&StepContext<'_>) -> Result<bool, Box<dyn std::error::Error + Send + Sync>>;
    let table: [(Up, &str, &[&str]); 5] = [
        (|_| Ok(false), "step `b` said no", &[]),
        (|_| Err("no room".into()), "step `b` failed: no room", &[]),
        (|_| Ok("x".parse::<u8>().map(|_| true)?), "step `b` failed: invalid digit found in string", &[]),
        (|_| panic!("by {}", "design"), "step `b` panicked: by design", &[]),
        (|_| std::panic::panic_any(7), "step `b` panicked: with something that is no text", &[]),
    ];
    for (up, error, causes) in table {
        let log = Log::default();
        let mut migration = log.migration("m", "a");
        migration.add_step(step("b", up)).add_step(log.step("c"));
        let result = MigrationRunner::new().run(&migration, UP).unwrap();
        assert_eq!(log.take(), "+a");
        assert_eq!(result.status, MigrationStatus::Failed);
        assert_eq!((result.error.as_deref(), result.failed_step.as_deref()), (Some(error), Some("b")));
        assert_eq!(result.causes, causes);
        assert_eq!(result.steps_completed, 1);
        let steps: Vec<_> = result.steps.iter().map(|step| (step.status, step.effect)).collect();
        assert_eq!(
            steps,
            [
                (StepStatus::Completed, StepEffect::InEffect),
                (StepStatus::Failed, StepEffect::NotInEffect),
                (StepStatus::Pending, StepEffect::NotInEffect)
            ]
        );
    }
}

#[test]
fn the_causes_of_a_cause() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::fmt::Error);
    let migration = Migration::new("m").with_step(step("a", |_| Err::<(), _>(Outer(std::fmt::Error))));
    let result = MigrationRunner::new().run(&migration, UP).unwrap();
    assert_eq!(result.error.as_deref(), Some("step `a` failed: outer"));
    assert_eq!(result.causes, [std::fmt::Error.to_string()]);
    assert_eq!(
        result.steps[0].error.as_deref(),
        Some(&*format!("the step failed: outer: {}", std::fmt::Error))
    );
}

#[test]
fn it_goes_on_where_it_stopped() {
    let log = Log::default();
    let broken = log.migration("m", "a b! c");
    let runner = MigrationRunner::new();
    assert!(!runner.run(&broken, UP).unwrap().is_success());
    assert_eq!(log.take(), "+a");
    assert!(!runner.is_completed("m").unwrap());

    let mended = log.migration("m", "a b c");
    let result = runner.run(&mended, UP).unwrap();
    assert_eq!(log.take(), "+b +c");
    assert_eq!((result.status, result.progress()), (MigrationStatus::Completed, 1.0));
    let statuses: Vec<_> = result.steps.iter().map(|step| step.status).collect();
    assert_eq!(statuses, [StepStatus::Skipped, StepStatus::Completed, StepStatus::Completed]);
}

#[test]
fn half_of_it_can_be_rolled_back() {
    let log = Log::default();
    let migration = log.migration("m", "a b c! d");
    let runner = MigrationRunner::new();
    assert!(!runner.run(&migration, UP).unwrap().is_success());
    assert!(runner.rollback(&migration).unwrap().is_success());
    assert_eq!(log.take(), "+a +b -b -a");
}

#[test]
fn closures_of_all_kinds() {
    fn function() {}
    fn with_context(context: &StepContext<'_>) -> bool {
        context.step() == "named"
    }
    let mut migration = Migration::new("m");
    migration
        .add("unit", "", || (), || ())
        .add("bool", "", || true, || true)
        .add("result", "", || Ok::<(), String>(()), || Err::<(), &str>("can't"))
        .add("both", "", || Ok::<bool, std::io::Error>(true), || true)
        .add("io", "", || std::fs::metadata(".").map(|_| ()), function)
        .add("context", "", |context: &StepContext<'_>| context.check(), |_: &StepContext<'_>| ())
        .add("named", "", with_context, function)
        .add_irreversible("action", "", Action::new(|| true).rerun());
    let result = MigrationRunner::new().run(&migration, UP).unwrap();
    assert!(result.is_success(), "{result:?}");
}

#[test]
fn an_empty_migration() {
    let migration = Migration::new("m");
    let runner = MigrationRunner::new();
    assert_eq!(runner.rollback(&migration).unwrap().status, MigrationStatus::RolledBack);
    let result = runner.run(&migration, UP).unwrap();
    assert_eq!((result.status, result.progress()), (MigrationStatus::Completed, 1.0));
    assert!(runner.is_completed("m").unwrap());
    assert!(runner.rollback(&migration).unwrap().is_success());
    assert!(!runner.is_completed("m").unwrap());
}

#[test]
fn what_has_no_order_is_refused_before_anything_runs() {
    let log = Log::default();
    let mut migration = log.migration("m", "a");
    migration.add_step(log.step("b").with_dependency("b"));
    let error = MigrationRunner::new().run(&migration, UP).unwrap_err();
    assert!(matches!(error, Error::StepCycle { .. }));
    assert_eq!(log.take(), "");
}

#[test]
fn json_of_a_result() {
    let log = Log::default();
    let result = MigrationRunner::new().run(&log.migration("m", "a b!"), UP).unwrap();
    let json = serde_json::to_value(&result).unwrap();
    assert_eq!(json["status"], "failed");
    assert_eq!(json["progress"], 0.5);
    assert_eq!(json["failed_step"], "b");
    assert_eq!(json["error"], "step `b` failed: boom");
    assert!(json["started_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(json["steps"][0]["effect"], "in_effect");
    assert_eq!(json["steps"][1]["error"], "the step failed: boom");
    assert_eq!(serde_json::from_value::<migration_runner::MigrationResult>(json).unwrap(), result);
}

#[test]
fn one_runner_for_many_threads() {
    let log = Log::default();
    let runner = MigrationRunner::new();
    let shared = log.migration("shared", "a b");
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (runner, log, shared) = (&runner, &log, &shared);
            scope.spawn(move || {
                assert!(runner.run(shared, UP).unwrap().is_success());
                let own = log.migration(&n.to_string(), "x");
                assert!(runner.run(&own, UP).unwrap().is_success());
            });
        }
    });
    assert_eq!(runner.get_completed().unwrap(), ["0", "1", "2", "3", "4", "5", "6", "7", "shared"]);
    assert_eq!(log.take().matches("+a").count(), 1);
}

/// Neither recursion nor a cost that grows with the square.
#[test]
fn a_hundred_thousand_steps() {
    let count = Arc::new(AtomicUsize::new(0));
    let mut migration = Migration::new("m");
    for n in 0..100_000_usize {
        let (up, down) = (Arc::clone(&count), Arc::clone(&count));
        let up = Action::new(move || up.fetch_add(1, Ordering::Relaxed) == n);
        let down = Action::new(move || down.fetch_sub(1, Ordering::Relaxed) == n + 1);
        let mut step = MigrationStep::new(n.to_string(), up).with_down(down);
        step.dependencies.extend(n.checked_sub(1).map(|before| before.to_string()));
        migration.add_step(step);
    }
    let all = migration.steps.iter().map(|step| step.id.clone()).collect();
    let last = MigrationStep::new("last", Action::new(|| true)).with_down(Action::new(|| true));
    migration.add_step(MigrationStep { dependencies: all, ..last });
    let runner = MigrationRunner::new();
    assert!(runner.run(&migration, UP).unwrap().is_success());
    assert_eq!(count.load(Ordering::Relaxed), 100_000);
    assert!(runner.rollback(&migration).unwrap().is_success());
    assert_eq!(count.load(Ordering::Relaxed), 0);
}
