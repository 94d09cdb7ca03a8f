//! A deployment that rolls itself back: steps in parallel, one that fails, and who watches. `cargo run -p migration-runner
//! --example deploy`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;

use migration_runner::{
    Action, Error, Event, Migration, MigrationDirection, MigrationResult, MigrationRunner, MigrationStep,
    OnFailure, Retry, RunOptions,
};

/// Three regions at the same time, then the switch, which needs all of them.
fn deployment(switch_works: bool) -> Migration {
    let mut migration = Migration::new("2026-01-deploy");
    let mut switch =
        MigrationStep::new("switch", Action::new(move || switch_works)).with_down(Action::new(|| true));
    for region in ["north", "south", "west"] {
        // The first attempt in the south fails.
        let up = Action::with_context(move |context| region != "south" || context.attempt() > 1)
            .retry(Retry::attempts(3).first_delay(std::time::Duration::from_millis(1)))
            .rerun();
        migration.add_step(MigrationStep::new(region, up).with_down(Action::new(|| true).rerun()));
        switch = switch.with_dependency(region);
    }
    migration.add_step(switch);
    migration
}

pub(crate) fn deploy(switch_works: bool) -> Result<MigrationResult, Error> {
    let tell = |event: &Event<'_>| match event {
        Event::StepRetrying { step, error, .. } => println!("{step}: {error}, once more"),
        Event::StepFailed { step, error, .. } => println!("{step}: {error}"),
        Event::StepRolledBack { step, .. } => println!("{step}: undone"),
        _ => {}
    };
    let options = RunOptions::new().threads(3).on_failure(OnFailure::RollBack);
    let runner = MigrationRunner::new().with_observer(Arc::new(tell)).with_options(options);
    runner.run(&deployment(switch_works), MigrationDirection::Up)
}

fn main() -> Result<(), Error> {
    for switch_works in [true, false] {
        let result = deploy(switch_works)?;
        let error = result.error.map(|error| format!(", since {error}")).unwrap_or_default();
        println!("{}{error}", result.status);
    }
    Ok(())
}
