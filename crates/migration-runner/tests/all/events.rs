//! What observers and `tracing` get to know.

use std::io::Write;
use std::sync::{Arc, Mutex};

use migration_runner::{
    Action, Event, Migration, MigrationDirection, MigrationRunner, MigrationStep, OnFailure, Retry,
    RunOptions, StepContext,
};

use crate::support::{Log, step};

const UP: MigrationDirection = MigrationDirection::Up;

#[test]
fn the_events_of_a_run_in_their_order() {
    let log = Log::default();
    let mut migration = Migration::new("m");
    migration.add_step(step("a", |context: &StepContext<'_>| context.progress(3, Some(4))));
    let retried = Action::with_context(|context| context.attempt() == 2)
        .retry(Retry::attempts(2).first_delay(std::time::Duration::ZERO));
    migration.add_step(MigrationStep::new("b", retried).with_down(Action::new(|| true)));
    migration.add_step(step("c", |_| false));
    let options = RunOptions::new().on_failure(OnFailure::RollBack);
    let runner = MigrationRunner::new().with_options(options).with_observer(log.observer());
    _ = runner.run(&migration, UP).unwrap();
    expect_test::expect![[r#"
        run:up:1:3
        begin:m
        start:a:up
        progress:a:3/4
        done:a
        start:b:up
        retry:b:1:the step said no
        done:b
        start:c:up
        failed:c:up
        start:b:down
        undone:b
        start:a:down
        undone:a
        end:m:rolled_back
        over:1"#]]
    .assert_eq(&log.take().replace(' ', "\n").replace("the\nstep\nsaid\nno", "the step said no"));
}

#[test]
fn observers_get_the_error_itself_and_can_do_no_harm() {
    let log = Log::default();
    let seen = log.clone();
    let curious = move |event: &Event<'_>| {
        if let Event::StepFailed { error, .. } = event {
            seen.push(error.source().unwrap().to_string());
        }
    };
    let careless = |_: &Event<'_>| panic!("careless");
    let runner = MigrationRunner::new().with_observer(Arc::new(careless)).with_observer(Arc::new(curious));
    let result = runner.run(&log.migration("m", "a b!"), UP).unwrap();
    assert_eq!(result.steps_completed, 1);
    assert_eq!(log.take(), "+a boom");
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn spans_reach_the_threads_of_the_steps() {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .without_time()
        .finish();
    let dispatch = tracing::Dispatch::new(subscriber);
    let inner = dispatch.clone();
    let mut migration = Migration::new("m");
    migration.add_step(step("a", move |context: &StepContext<'_>| {
        // Threads have a subscriber of their own unless it is the global one.
        tracing::dispatcher::with_default(&inner, || {
            context.span().in_scope(|| tracing::info!("within"));
        });
    }));
    tracing::dispatcher::with_default(&dispatch, || {
        assert!(MigrationRunner::new().run(&migration, UP).unwrap().is_success());
    });
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let within = text.lines().find(|line| line.contains("within")).unwrap();
    assert!(within.contains("migration{id=\"m\" direction=\"up\"}:step{"), "{within}");
    for expected in ["migration started", "step started", "step finished", "migration finished"] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
}
