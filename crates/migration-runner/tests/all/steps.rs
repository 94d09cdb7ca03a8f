//! One step at a time or several: cancelling, time limits, retries, shared state.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

use migration_runner::{
    Action, CancellationToken, Error, Migration, MigrationDirection, MigrationRunner, MigrationStatus,
    MigrationStep, OnFailure, Retry, RunOptions, StepContext, StepStatus,
};

use crate::support::{Log, step};

const UP: MigrationDirection = MigrationDirection::Up;
const LONG: Duration = Duration::from_secs(60);

fn fast(attempts: u32) -> Retry {
    Retry::attempts(attempts).first_delay(Duration::from_millis(1)).jitter(0.0)
}

#[test]
fn steps_that_are_independent_run_at_the_same_time() {
    // Each waits for the other: one after the other they would wait for ever.
    let barrier = Arc::new(Barrier::new(2));
    let meet = |id| {
        let barrier = Arc::clone(&barrier);
        step(id, move |_| {
            barrier.wait();
        })
    };
    let migration = Migration::new("m").with_step(meet("a")).with_step(meet("b"));
    let runner = MigrationRunner::new().with_options(RunOptions::new().threads(2));
    assert!(runner.run(&migration, UP).unwrap().is_success());
}

#[test]
fn no_more_at_once_than_there_are_threads() {
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut migration = Migration::new("m");
    for n in 0..40 {
        let (inside, most) = (Arc::clone(&inside), Arc::clone(&most));
        migration.add_step(step(&n.to_string(), move |_| {
            most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(2));
            inside.fetch_sub(1, Ordering::SeqCst);
        }));
    }
    let runner = MigrationRunner::new().with_options(RunOptions::new().threads(3));
    assert!(runner.run(&migration, UP).unwrap().is_success());
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[test]
fn a_failure_keeps_others_from_starting_and_waits_for_those_that_run() {
    let log = Log::default();
    let barrier = Arc::new(Barrier::new(2));
    let (ours, theirs) = (Arc::clone(&barrier), log.clone());
    let mut migration = Migration::new("m");
    migration.add_step(step("slow", move |_| {
        ours.wait();
        std::thread::sleep(Duration::from_millis(50));
        theirs.push("slow");
    }));
    migration.add_step(step("fails", move |_| {
        barrier.wait();
        false
    }));
    migration.add_step(log.step("never"));
    let runner = MigrationRunner::new().with_options(RunOptions::new().threads(2));
    let result = runner.run(&migration, UP).unwrap();
    assert_eq!(log.take(), "slow");
    let statuses: Vec<_> = result.steps.iter().map(|step| step.status).collect();
    assert_eq!(statuses, [StepStatus::Completed, StepStatus::Failed, StepStatus::Pending]);
}

#[test]
fn cancelled_between_steps_and_within_one() {
    for asks in [false, true] {
        let log = Log::default();
        let token = CancellationToken::new();
        let trigger = token.clone();
        let mut migration = log.migration("m", "a");
        migration.add_step(step("b", move |context: &StepContext<'_>| {
            trigger.cancel();
            if asks { context.sleep(LONG) } else { Ok(()) }
        }));
        migration.add_step(log.step("c"));
        let options = RunOptions::new().cancellation(&token);
        let result = MigrationRunner::new().run_with(&migration, UP, &options).unwrap();
        assert_eq!((result.status, log.take().as_str()), (MigrationStatus::Failed, "+a"));
        let (error, completed) = if asks { ("step `b` was cancelled", 1) } else { ("cancelled", 2) };
        assert_eq!((result.error.as_deref(), result.steps_completed), (Some(error), completed));
    }
}

#[test]
fn cancelled_too_late_or_too_early() {
    let token = CancellationToken::new();
    let trigger = token.clone();
    let migration = Migration::new("m").with_step(step("a", move |_| trigger.cancel()));
    let runner = MigrationRunner::new();
    let options = RunOptions::new().cancellation(&token);
    assert!(runner.run_with(&migration, UP, &options).unwrap().is_success());
    assert!(matches!(runner.run_with(&migration, UP, &options), Err(Error::Cancelled)));
}

#[test]
fn what_was_cancelled_is_rolled_back_all_the_same() {
    let log = Log::default();
    let token = CancellationToken::new();
    let trigger = token.clone();
    let mut migration = log.migration("m", "a");
    let undo = log.clone();
    let down = Action::with_context(move |context| {
        undo.push("-b");
        context.check()
    });
    migration.add_step(MigrationStep::new("b", Action::new(move || trigger.cancel())).with_down(down));
    migration.add_step(log.step("c"));
    let options = RunOptions::new().cancellation(&token).on_failure(OnFailure::RollBack);
    let result = MigrationRunner::new().run_with(&migration, UP, &options).unwrap();
    assert_eq!((result.status, log.take().as_str()), (MigrationStatus::RolledBack, "+a -b -a"));
    assert_eq!(result.error.as_deref(), Some("cancelled"));
}

#[test]
fn what_takes_too_long_is_asked_to_stop() {
    for threads in [1, 2] {
        let log = Log::default();
        let mut migration = Migration::new("m");
        let up = Action::with_context(|context| context.sleep(LONG)).timeout(Duration::from_millis(20));
        migration.add_step(MigrationStep::new("slow", up)).add_step(log.step("b").with_dependency("slow"));
        let runner = MigrationRunner::new()
            .with_options(RunOptions::new().threads(threads))
            .with_observer(log.observer());
        let started = Instant::now();
        let result = runner.run(&migration, UP).unwrap();
        assert!(started.elapsed() < LONG / 2);
        assert_eq!(result.error.as_deref(), Some("step `slow` took longer than 20ms"));
        assert!(result.steps[0].overran);
        let events = log.take();
        assert!(events.contains("start:slow:up overran:slow failed:slow:up end:m:failed"), "{events}");
    }
}

#[test]
fn one_that_does_not_listen_is_told_of_while_it_runs() {
    let log = Log::default();
    let watched = log.clone();
    let up = Action::with_context(move |context| {
        // It goes on until the runner has said that it overran.
        let started = Instant::now();
        while !watched.take().contains("overran") {
            assert!(started.elapsed() < LONG && context.deadline().is_some());
            std::thread::sleep(Duration::from_millis(1));
        }
    })
    .timeout(Duration::from_millis(5));
    let migration = Migration::new("m").with_step(MigrationStep::new("deaf", up));
    let runner = MigrationRunner::new().with_observer(log.observer());
    let result = runner.run(&migration, UP).unwrap();
    // It did what it should, if late: it is in effect.
    assert!(result.is_success() && result.steps[0].overran);
    assert_eq!(log.take(), "done:deaf end:m:completed over:1");
}

#[test]
fn a_late_error_keeps_its_cause() {
    let up = Action::new(|| {
        std::thread::sleep(Duration::from_millis(10));
        Err::<(), _>("late")
    })
    .timeout(Duration::from_millis(1));
    let migration = Migration::new("m").with_step(MigrationStep::new("a", up));
    let result = MigrationRunner::new().run(&migration, UP).unwrap();
    assert_eq!(result.error.as_deref(), Some("step `a` took longer than 1ms"));
    assert_eq!(result.causes, ["late"]);
}

/// How often it fails before it works, its policy, how often it is called.
#[test]
fn retries() {
    type IsTemporary = fn(&(dyn std::error::Error + 'static)) -> bool;
    let never: IsTemporary = |_| false;
    let busy: IsTemporary =
        |error| error.downcast_ref::<std::io::Error>().is_some_and(|e| e.to_string() == "busy");
    let table = [
        (0, None, 1, true),
        (2, None, 1, false),
        (2, Some(fast(3)), 3, true),
        (3, Some(fast(3)), 3, false),
        (2, Some(fast(3).only_if(never)), 1, false),
        (1, Some(fast(3).only_if(busy)), 2, true),
    ];
    for (failures, retry, calls, succeeds) in table {
        let count = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&count);
        let up = Action::with_context(move |context| {
            assert_eq!(counted.fetch_add(1, Ordering::SeqCst) + 1, context.attempt());
            if context.attempt() <= failures { Err(std::io::Error::other("busy")) } else { Ok(()) }
        });
        let up = retry.into_iter().fold(up, Action::retry);
        let migration = Migration::new("m").with_step(MigrationStep::new("a", up));
        let result = MigrationRunner::new().run(&migration, UP).unwrap();
        assert_eq!((result.is_success(), result.steps[0].attempts), (succeeds, calls));
        assert_eq!(count.load(Ordering::SeqCst), calls);
    }
}

#[test]
fn what_panics_is_not_tried_again_and_no_pause_outlasts_a_cancellation() {
    let panics = Action::new(|| -> bool { panic!("once") }).retry(fast(5));
    let result = MigrationRunner::new()
        .run(&Migration::new("m").with_step(MigrationStep::new("a", panics)), UP)
        .unwrap();
    assert_eq!(result.steps[0].attempts, 1);

    let token = CancellationToken::new();
    let trigger = token.clone();
    let fails =
        Action::new(|| false).retry(Retry::attempts(5).first_delay(LONG).jitter(0.0).longest_delay(LONG));
    let migration = Migration::new("m").with_step(MigrationStep::new("a", fails));
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        trigger.cancel();
    });
    let started = Instant::now();
    let options = RunOptions::new().cancellation(&token);
    let result = MigrationRunner::new().run_with(&migration, UP, &options).unwrap();
    canceller.join().unwrap();
    assert!(started.elapsed() < LONG / 2);
    assert_eq!(result.error.as_deref(), Some("step `a` said no"));
}

#[test]
fn nor_does_a_pause_outlast_the_failure_of_another_step() {
    let waits =
        Action::new(|| false).retry(Retry::attempts(5).first_delay(LONG).jitter(0.0).longest_delay(LONG));
    let fails = Action::new(|| {
        std::thread::sleep(Duration::from_millis(20));
        false
    });
    let migration = Migration::new("m")
        .with_step(MigrationStep::new("a", waits))
        .with_step(MigrationStep::new("b", fails));
    let started = Instant::now();
    let options = RunOptions::new().threads(2);
    let result = MigrationRunner::new().run_with(&migration, UP, &options).unwrap();
    assert!(started.elapsed() < LONG / 2);
    assert_eq!(result.failed_step.as_deref(), Some("b"));
    assert_eq!(result.steps[0].status, StepStatus::Failed);
}

#[test]
fn steps_share_state_by_its_type() {
    struct Rows(Mutex<Vec<u32>>);
    let mut migration = Migration::new("m");
    for n in 0..3 {
        migration.add_step(step(&n.to_string(), move |context: &StepContext<'_>| {
            context.state::<Arc<Rows>>().map(|rows| rows.0.lock().unwrap().push(n))
        }));
    }
    let rows = Arc::new(Rows(Mutex::default()));
    let runner = MigrationRunner::new().with_state(Arc::clone(&rows));
    assert!(runner.run(&migration, UP).unwrap().is_success());
    assert_eq!(*rows.0.lock().unwrap(), [0, 1, 2]);

    let result = MigrationRunner::new().run(&migration, UP).unwrap();
    assert!(
        result.error.unwrap().starts_with("step `0` failed: the runner was given no value of the type `")
    );
}
