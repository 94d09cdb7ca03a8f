//! `cargo xtask bench commits`: what is gained by sharing commits, on SQLite on disk.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{median, milliseconds};
use crate::metadata::Workspace;
use crate::program;
use crate::provision::{self, Purpose};
use crate::step::{Failure, Result};

/// How often each candidate runs.
const ROUNDS: usize = 7;

/// How many migrations are applied, each of two statements.
const MIGRATIONS: usize = 500;

/// What is timed: a name, and the command line for a folder that holds `migrations/` and `all.sql`.
type Candidate = (&'static str, fn(&Path, &Path) -> Command);

const CANDIDATES: &[Candidate] = &[
    ("migration up", |program, folder| migration(program, folder, &["up", "--quiet"])),
    ("migration up --commit-each", |program, folder| {
        migration(program, folder, &["up", "--quiet", "--commit-each"])
    }),
    ("sqlite3, a transaction each", |_, folder| {
        let mut command = Command::new("sqlite3");
        command.arg(folder.join("app.db")).current_dir(folder);
        if let Ok(script) = File::open(folder.join("all.sql")) {
            command.stdin(script);
        }
        command
    }),
];

pub(super) fn run() -> Result {
    provision::ensure(Purpose::Test)?;
    let program = program::build_release()?;
    let folder = Workspace::load()?.target_directory.join("bench");
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    write_history(&folder).map_err(failed)?;

    println!(
        "\n{MIGRATIONS} migrations of two statements on an empty SQLite database, median of {ROUNDS}:\n"
    );
    let mut times = vec![Vec::new(); CANDIDATES.len()];
    for _ in 0..ROUNDS {
        for ((name, command), times) in CANDIDATES.iter().zip(&mut times) {
            remove_database(&folder).map_err(failed)?;
            let mut command = command(&program, &folder);
            let started = Instant::now();
            let status = command.stdout(Stdio::null()).status().map_err(failed)?;
            times.push(started.elapsed());
            if !status.success() {
                return Err(Failure::new(format!("{name}: {status}")));
            }
        }
    }
    let medians: Vec<Duration> = times.into_iter().map(median).collect();
    for ((name, _), time) in CANDIDATES.iter().zip(&medians) {
        let ratio = time.as_secs_f64() / medians[0].as_secs_f64();
        println!("| {name:<28} | {:>6} ms | {ratio:>5.1} x |", milliseconds(*time));
    }
    Ok(())
}

fn migration(program: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("DATABASE_URL", "sqlite:///app.db").stdin(Stdio::null());
    command
}

/// The same history as files and, for the client, as one script with a transaction around each.
fn write_history(folder: &Path) -> std::io::Result<()> {
    let migrations = folder.join("migrations");
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(&migrations)?;
    let mut all = String::new();
    for n in 0..MIGRATIONS {
        let sql = format!(
            "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, note TEXT);\nINSERT INTO t{n} (note) VALUES ('{n}');\n"
        );
        fs::write(migrations.join(format!("{n:04}_t.up.sql")), &sql)?;
        _ = writeln!(all, "BEGIN IMMEDIATE;\n{sql}COMMIT;");
    }
    fs::write(folder.join("all.sql"), all)
}

fn remove_database(folder: &Path) -> std::io::Result<()> {
    match fs::remove_file(folder.join("app.db")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
