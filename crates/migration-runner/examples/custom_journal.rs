//! A journal of somebody else's: all migrations in one file, one run at a time. `cargo run -p migration-runner --example
//! custom_journal`
//!
//! A journal in a database table looks much the same: a row for each entry, and a lock that ends with the connection.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use migration_runner::journal::{Claim, Entry, Hold, JournalError, Ledger};
use migration_runner::{
    AddCallables, Journal, Migration, MigrationDirection, MigrationResult, MigrationRunner,
};

/// Lines of a migration's id, a tab, and an entry as JSON.
struct OneFile {
    path: PathBuf,
}

impl OneFile {
    /// The ids and entries of all lines that were completed.
    fn lines(&self) -> Result<Vec<(String, Entry<'static>)>, JournalError> {
        let damaged = || JournalError::new(format!("{} is damaged", self.path.display()));
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            text => text.map_err(|error| damaged().because(error))?,
        };
        // What stands behind the last line end was cut off by a crash.
        let (whole, _) = text.rsplit_once('\n').unwrap_or_default();
        let line = |line: &str| {
            let (id, entry) = line.split_once('\t').ok_or_else(damaged)?;
            Ok((id.to_owned(), serde_json::from_str(entry).map_err(|error| damaged().because(error))?))
        };
        whole.lines().map(line).collect()
    }
}

impl Journal for OneFile {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn migrations(&self) -> Result<Vec<String>, JournalError> {
        let mut ids: Vec<String> = self.lines()?.into_iter().map(|(id, _)| id).collect();
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    fn read(&self, migration: &str) -> Result<Ledger, JournalError> {
        let lines = self.lines()?.into_iter();
        Ok(lines.filter(|(id, _)| id == migration).map(|(_, entry)| entry).collect())
    }

    /// All runs exclude each other here, whatever they claim: a journal may be stricter than it has to be.
    fn try_lock(&self, _: &[Claim<'_>]) -> Result<Option<Box<dyn Hold + '_>>, JournalError> {
        let failed = |error| JournalError::new(format!("can't lock {}", self.name())).because(error);
        let file =
            OpenOptions::new().create(true).read(true).append(true).open(&self.path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Nobody else writes now: a line that was cut off can go.
        let text = fs::read(&self.path).map_err(failed)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(failed)?;
        Ok(Some(Box::new(Held { file })))
    }
}

/// The lock is that of the open file, and ends with it.
struct Held {
    file: File,
}

impl Hold for Held {
    fn append(&mut self, migration: &str, entries: &[Entry<'_>]) -> Result<(), JournalError> {
        let mut lines = String::new();
        for entry in entries {
            let json =
                serde_json::to_string(entry).map_err(|error| JournalError::new("no JSON").because(error))?;
            lines.push_str(&format!("{migration}\t{json}\n"));
        }
        let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|error| JournalError::new("can't write the journal").because(error))
    }
}

/// One process after the other: the first stops half-way, the second goes on, the third rolls back.
pub(crate) fn three_runs(path: &Path) -> Result<Vec<MigrationResult>, Box<dyn Error>> {
    let migration = |works: bool| {
        let mut migration = Migration::new("2026-01-names");
        migration.add("split", "Split the names", || true, || true);
        migration.add("drop", "Drop the old column", move || works, || true);
        migration
    };
    let runner = || MigrationRunner::with_journal(OneFile { path: path.to_owned() });
    Ok(vec![
        runner().run(&migration(false), MigrationDirection::Up)?,
        runner().run(&migration(true), MigrationDirection::Up)?,
        runner().rollback(&migration(true))?,
    ])
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("one-file-journal-{}", std::process::id()));
    for result in three_runs(&path)? {
        let called = result.steps.iter().filter(|step| step.attempts > 0).map(|step| step.id.as_str());
        println!("{}: called {}", result.status, called.collect::<Vec<_>>().join(", "));
    }
    print!("{}", fs::read_to_string(&path)?);
    Ok(fs::remove_file(&path)?)
}
