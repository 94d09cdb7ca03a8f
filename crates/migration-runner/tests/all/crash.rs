//! Killed at any moment, hundreds of times: every step takes effect exactly once, or is reported as uncertain.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use migration_runner::journal::StepState;
use migration_runner::{
    Action, Error, FileJournal, Migration, MigrationDirection, MigrationRunner, MigrationStep, RunOptions,
};

const STEPS: usize = 24;
const KILLS: usize = 300;
const FOLDER: &str = "MIGRATION_RUNNER_CRASH_FOLDER";
const DIRECTION: &str = "MIGRATION_RUNNER_CRASH_DIRECTION";
const THREADS: &str = "MIGRATION_RUNNER_CRASH_THREADS";

/// How a step finds out what it was at; see [`effects`].
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// It looks into the world.
    Probe,
    /// It leaves a mark, however often it is called.
    Rerun,
    /// Somebody has to say.
    Ask,
}

fn kind(n: usize) -> Kind {
    [Kind::Probe, Kind::Ask, Kind::Rerun, Kind::Probe][n % 4]
}

/// One line in a file that only grows. A process that is killed has written it or not.
fn leave(folder: &Path, entry: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join("world"))?;
    file.write_all(format!("{entry}\n").as_bytes())
}

/// For each step how often it was done, less how often it was undone.
fn effects(folder: &Path) -> BTreeMap<usize, i32> {
    let mut effects: BTreeMap<usize, i32> = (0..STEPS).map(|n| (n, 0)).collect();
    for line in fs::read_to_string(folder.join("world")).unwrap_or_default().lines() {
        let (sign, n) = line.split_at(1);
        *effects.get_mut(&n.parse().unwrap()).unwrap() += if sign == "+" { 1 } else { -1 };
    }
    for (n, effect) in effects.iter_mut().filter(|(n, _)| kind(**n) == Kind::Rerun) {
        *effect = i32::from(folder.join(format!("mark-{n}")).exists());
    }
    effects
}

fn migration(folder: &Path) -> Migration {
    let mut migration = Migration::new("crash");
    for n in 0..STEPS {
        let call = |sign: &'static str| {
            let folder = folder.to_owned();
            Action::new(move || {
                std::thread::sleep(Duration::from_micros(fastrand::u64(0..300)));
                let mark = folder.join(format!("mark-{n}"));
                match (kind(n), sign) {
                    (Kind::Rerun, "+") => fs::write(mark, ""),
                    (Kind::Rerun, _) => fs::remove_file(mark).or_else(|error| match error.kind() {
                        std::io::ErrorKind::NotFound => Ok(()),
                        _ => Err(error),
                    }),
                    _ => leave(&folder, &format!("{sign}{n}")),
                }?;
                std::thread::sleep(Duration::from_micros(fastrand::u64(0..300)));
                Ok::<(), std::io::Error>(())
            })
        };
        let (up, down) = match kind(n) {
            Kind::Probe => {
                let folder = folder.to_owned();
                (call("+").probe(move || effects(&folder)[&n] == 1), call("-"))
            }
            Kind::Rerun => (call("+").rerun(), call("-").rerun()),
            Kind::Ask => (call("+"), call("-")),
        };
        let mut step = MigrationStep::new(n.to_string(), up).with_down(down);
        // Four chains with bridges, so that threads have something to do at the same time.
        step.dependencies.extend(n.checked_sub(4).map(|before| before.to_string()));
        step.dependencies.extend((n % 7 == 6).then(|| (n - 1).to_string()));
        migration.add_step(step);
    }
    migration
}

fn runner(folder: &Path) -> MigrationRunner {
    MigrationRunner::with_journal(FileJournal::open(folder.join("journal")).unwrap())
}

/// What a process does that is to be killed: it is this test as well, told by its environment where to work.
fn be_a_child() -> bool {
    let Ok(folder) = std::env::var(FOLDER) else { return false };
    let direction = std::env::var(DIRECTION).unwrap().parse().unwrap();
    let options = RunOptions::new().threads(std::env::var(THREADS).unwrap().parse().unwrap());
    let result = runner(Path::new(&folder)).run_with(&migration(Path::new(&folder)), direction, &options);
    assert!(result.unwrap().is_success());
    true
}

fn start(folder: &Path, direction: MigrationDirection, threads: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::killed_at_random_moments", "--test-threads", "1"])
        .env(FOLDER, folder)
        .env(DIRECTION, direction.as_str())
        .env(THREADS, threads.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets it run for a while. Whether it came to its end, unless it was killed.
fn run_for(folder: &Path, direction: MigrationDirection, threads: usize, time: Duration) -> Option<bool> {
    let mut child = start(folder, direction, threads);
    std::thread::sleep(time);
    child.kill().unwrap();
    child.wait().unwrap().code().map(|code| code == 0)
}

/// What the journal says for certain is so; nothing took effect twice. Returns how many steps are uncertain.
fn check(folder: &Path, context: &str) -> usize {
    let ledger = runner(folder).ledger("crash").unwrap();
    let mut uncertain = 0;
    for (n, effect) in effects(folder) {
        let allowed = match ledger.step(&n.to_string()) {
            Some(StepState::InEffect) => 1..=1,
            None => 0..=0,
            _ => {
                uncertain += 1;
                0..=1
            }
        };
        assert!(allowed.contains(&effect), "{context}: step {n} took effect {effect} times: {ledger:?}");
    }
    uncertain
}

/// Answers for the steps that ask, as a person would who looked.
fn answer(folder: &Path, context: &str) -> usize {
    let runner = runner(folder);
    let ledger = runner.ledger("crash").unwrap();
    let is_open = |n: &usize| {
        kind(*n) == Kind::Ask && matches!(ledger.step(&n.to_string()), Some(StepState::Uncertain(_)))
    };
    let open: Vec<usize> = (0..STEPS).filter(is_open).collect();
    if open.is_empty() {
        return 0;
    }
    match runner.run(&migration(folder), MigrationDirection::Up) {
        Err(Error::Uncertain { steps }) => assert_eq!(steps.len(), open.len(), "{context}"),
        other => panic!("{context}: it should ask about {open:?}: {other:?}"),
    }
    for n in &open {
        runner.settle("crash", &n.to_string(), effects(folder)[n] == 1).unwrap();
    }
    open.len()
}

#[test]
fn killed_at_random_moments() {
    if be_a_child() {
        return;
    }
    let seed = std::env::var("MIGRATION_RUNNER_CRASH_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("MIGRATION_RUNNER_CRASH_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let place = tempfile::tempdir().unwrap();

    let (mut kills, mut completed, mut uncertain, mut asked) = (0, 0, 0, 0);
    let mut direction = MigrationDirection::Up;
    let mut in_vain = 0;
    while kills < KILLS {
        // Another world for each way up and down: journals grow, and all of it is looked at after each kill.
        let world = &place.path().join((completed / 2).to_string());
        fs::create_dir_all(world).unwrap();
        let threads = random.usize(1..4);
        // On a machine that is busy it gets longer, until something is completed.
        let time = Duration::from_micros(random.u64(2_000..40_000 + 1_000 * in_vain));
        let context = format!("seed {seed}, kill {kills}");
        let ended = run_for(world, direction, threads, time);
        uncertain += check(world, &context);
        match ended {
            Some(true) => {
                completed += 1;
                in_vain = 0;
                let expected = i32::from(direction == MigrationDirection::Up);
                assert!(effects(world).values().all(|effect| *effect == expected), "{context}");
                direction = direction.opposite();
                continue;
            }
            Some(false) => panic!("{context}: the process failed by itself"),
            None => {
                kills += 1;
                in_vain += 1;
            }
        }
        asked += answer(world, &context);
    }
    println!("{kills} kills, {completed} runs completed, {uncertain} steps uncertain, {asked} asked about");
    assert!(uncertain > 0 && asked > 0, "no kill hit a step: is the time too short?");
    assert!(completed > 0, "no run got through: is the time too short?");
}

#[test]
fn several_processes_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for (direction, effect) in [(MigrationDirection::Up, 1), (MigrationDirection::Down, 0)] {
        let mut children: Vec<Child> =
            (1..5).map(|threads| start(folder.path(), direction, threads)).collect();
        for child in &mut children {
            assert!(child.wait().unwrap().success());
        }
        assert!(effects(folder.path()).values().all(|found| *found == effect));
        assert_eq!(check(folder.path(), "several processes"), 0);
    }
    let lines = fs::read_to_string(folder.path().join("world")).unwrap().lines().count();
    let repeatable = (0..STEPS).filter(|n| kind(*n) == Kind::Rerun).count();
    assert_eq!(lines, 2 * (STEPS - repeatable), "a step was called twice");
}
