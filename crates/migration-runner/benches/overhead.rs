//! What the runner costs per step: `cargo bench -p migration-runner --bench overhead`.
//!
//! The steps do nothing, so all the time is the runner's. Each figure is the median of five runs, building the migration
//! not counted. What one thread does is measured in its own processor time where the system tells that (Linux), so that
//! other work on the machine doesn't count; the rest in time on the clock.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::error::Error;
use std::time::{Duration, Instant};

use migration_runner::{
    Action, FileJournal, MemoryJournal, Migration, MigrationDirection, MigrationRunner, MigrationStep,
    RunOptions,
};

const ROUNDS: usize = 5;

/// How the steps depend on each other.
#[derive(Clone, Copy)]
enum Shape {
    /// Not at all.
    Independent,
    /// Each on the one before.
    Chain,
    /// Rows of a hundred, each step on two of the row before.
    Rows,
}

fn migration(steps: usize, shape: Shape) -> Migration {
    let mut migration = Migration::new("bench");
    migration.steps.reserve(steps);
    for n in 0..steps {
        let mut step = MigrationStep::new(n.to_string(), Action::new(|| ())).with_down(Action::new(|| ()));
        match shape {
            Shape::Independent => {}
            Shape::Chain => step.dependencies.extend(n.checked_sub(1).map(|before| before.to_string())),
            Shape::Rows => {
                let before = [n.checked_sub(100), n.checked_sub(101)];
                step.dependencies.extend(before.into_iter().flatten().map(|before| before.to_string()));
            }
        }
        migration.add_step(step);
    }
    migration
}

type Measured = Result<Duration, Box<dyn Error>>;

fn median(mut once: impl FnMut() -> Measured) -> Measured {
    let mut times = (0..ROUNDS).map(|_| once()).collect::<Result<Vec<_>, _>>()?;
    times.sort_unstable();
    Ok(times[ROUNDS / 2])
}

#[derive(Clone, Copy, PartialEq)]
enum Clock {
    Processor,
    Wall,
}

/// How long this thread was running, from the first number of `/proc/thread-self/schedstat` (proc_pid_schedstat(5)).
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn timed(
    what: Clock,
    runner: &MigrationRunner,
    migration: &Migration,
    direction: MigrationDirection,
    options: &RunOptions,
) -> Measured {
    let (started, processor) = (Instant::now(), processor_time().filter(|_| what == Clock::Processor));
    let result = runner.run_with(migration, direction, options)?;
    let busy = processor.and_then(|before| processor_time()?.checked_sub(before));
    let time = busy.unwrap_or_else(|| started.elapsed());
    if result.is_success() { Ok(time) } else { Err(result.error.unwrap_or_default().into()) }
}

fn report(what: &str, steps: usize, time: Duration) {
    let per_step = time.as_secs_f64() * 1e6 / steps as f64;
    println!("| {what:<42} | {steps:>9} | {:>9.1} ms | {per_step:>8.3} µs |", time.as_secs_f64() * 1e3);
}

fn in_memory(what: &str, steps: usize, shape: Shape, threads: usize) -> Result<(), Box<dyn Error>> {
    let migration = migration(steps, shape);
    let options = RunOptions::new().threads(threads);
    let clock = if threads == 1 { Clock::Processor } else { Clock::Wall };
    let time = median(|| {
        let runner = MigrationRunner::with_journal(MemoryJournal::new());
        timed(clock, &runner, &migration, MigrationDirection::Up, &options)
    })?;
    report(what, steps, time);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("| {:<42} | {:>9} | {:>12} | {:>11} |", "", "steps", "run", "per step");
    println!("|{}|{}|{}|{}|", "-".repeat(44), "-".repeat(11), "-".repeat(14), "-".repeat(13));
    for steps in [100_000, 1_000_000] {
        in_memory("one thread, independent steps", steps, Shape::Independent, 1)?;
    }
    in_memory("one thread, a chain", 1_000_000, Shape::Chain, 1)?;
    in_memory("one thread, two dependencies each", 1_000_000, Shape::Rows, 1)?;
    in_memory("two threads, two dependencies each", 100_000, Shape::Rows, 2)?;

    let options = RunOptions::new();
    let whole = migration(1_000_000, Shape::Chain);
    let time = median(|| {
        let runner = MigrationRunner::new();
        timed(Clock::Processor, &runner, &whole, MigrationDirection::Up, &options)?;
        timed(Clock::Processor, &runner, &whole, MigrationDirection::Down, &options)
    })?;
    report("one thread, rollback of a chain", 1_000_000, time);

    let folder = tempfile::tempdir()?;
    for (what, threads) in [("journal in files, one thread", 1), ("journal in files, four threads", 4)] {
        let small = migration(500, Shape::Independent);
        let options = RunOptions::new().threads(threads);
        let mut round = 0;
        let time = median(|| {
            round += 1;
            let journal = FileJournal::open(folder.path().join(format!("{threads}-{round}")))?;
            timed(
                Clock::Wall,
                &MigrationRunner::with_journal(journal),
                &small,
                MigrationDirection::Up,
                &options,
            )
        })?;
        report(what, 500, time);
    }
    Ok(())
}
