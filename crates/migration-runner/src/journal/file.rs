//! A journal in a folder, which survives the death of the process and of the machine.

mod lines;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use migration_model::Checksum;

use super::{Access, Claim, Entry, Hold, Journal, JournalError, Ledger};

/// How many lock files there are. Migrations that come to the same one wait for each other without need; one for each
/// migration would run out of file handles in a large set.
const LOCKS: u8 = 64;

/// How many characters of its id a migration's file is named after; the rest is a checksum.
const READABLE: usize = 60;

/// A journal in a folder: for each migration a file that only grows, with one JSON object per line, and some lock files.
///
/// An entry is flushed to the disk (`fdatasync`) before the run goes on, and a new file's folder as well. A line that was
/// cut off is as if never written. Locks are the operating system's and end with the process, whatever way it dies; the
/// files that are left over mean nothing. The folder has to be on a file system with working locks, so a network drive may
/// not do. Migrations share 64 locks by a checksum of their ids: runs of different ones are at times one after the other,
/// and a step that runs another migration with the same journal may wait for itself. Files are not made shorter as time goes by: some hundred bytes for each step of each run.
#[derive(Debug, Clone)]
pub struct FileJournal {
    folder: PathBuf,
}

impl FileJournal {
    /// The journal in a folder, which is made if it isn't there.
    ///
    /// # Errors
    /// [`JournalError`] if it can't be made or can't be found.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, JournalError> {
        let given = folder.as_ref();
        let open = || {
            let is_new = !given.is_dir();
            fs::create_dir_all(given.join("locks"))?;
            let folder = given.canonicalize()?;
            if is_new {
                folder.parent().map_or(Ok(()), sync_folder)?;
            }
            Ok(folder)
        };
        let failed = |error: io::Error| cannot("make the folder", given, error);
        Ok(Self { folder: open().map_err(failed)? })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a migration. Any two ids have different files, also where `A` and `a` name the same one.
    fn file(&self, migration: &str) -> PathBuf {
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
        let readable: String =
            migration.chars().map(|c| if is_plain(&c) { c } else { '_' }).take(READABLE).collect();
        self.folder.join(format!("{readable}-{}.jsonl", Checksum::of(migration).short()))
    }

    fn lines(&self, migration: &str, file: &Path) -> Result<lines::Lines, JournalError> {
        let bytes = match fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(cannot("read", file, error)),
        };
        let lines = lines::read(&file.display().to_string(), &bytes)?;
        match &lines.migration {
            Some(other) if other != migration => {
                Err(JournalError::new(format!("{} is about the migration `{other}`", file.display())))
            }
            _ => Ok(lines),
        }
    }
}

impl Journal for FileJournal {
    fn name(&self) -> String {
        self.folder.display().to_string()
    }

    fn migrations(&self) -> Result<Vec<String>, JournalError> {
        let failed = |error| cannot("list", &self.folder, error);
        let mut migrations = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            let mut line = Vec::new();
            let file = File::open(&path).map_err(|error| cannot("read", &path, error))?;
            _ = BufReader::new(file)
                .read_until(b'\n', &mut line)
                .map_err(|error| cannot("read", &path, error))?;
            // One whose first line was cut off has nothing written about it yet.
            migrations.extend(lines::read("", &line)?.migration);
        }
        Ok(migrations)
    }

    fn read(&self, migration: &str) -> Result<Ledger, JournalError> {
        let lines = self.lines(migration, &self.file(migration))?;
        Ok(lines.entries.into_iter().collect())
    }

    fn try_lock(&self, claims: &[Claim<'_>]) -> Result<Option<Box<dyn Hold + '_>>, JournalError> {
        let mut wanted: BTreeMap<u8, Access> = BTreeMap::new();
        for claim in claims {
            let access = wanted.entry(lock_number(claim.migration)).or_insert(claim.access);
            *access = claim.access.max(*access);
        }
        let mut locks = Vec::with_capacity(wanted.len());
        for (number, access) in wanted {
            let path = self.folder.join("locks").join(format!("{number:02}"));
            let failed = |error| cannot("lock", &path, error);
            let file = OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
            let locked = match access {
                Access::Exclusive => file.try_lock(),
                Access::Shared => file.try_lock_shared(),
            };
            match locked {
                Ok(()) => locks.push(file),
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Ok(Some(Box::new(FileHold { journal: self, _locks: locks, open: None, broken: false })))
    }
}

fn lock_number(migration: &str) -> u8 {
    let digits = Checksum::of(migration);
    digits.as_str().get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0) % LOCKS
}

struct FileHold<'j> {
    journal: &'j FileJournal,
    _locks: Vec<File>,
    /// The file that was written last, with its migration.
    open: Option<(String, File)>,
    /// After a failure nobody knows what is in the file; the next run will look.
    broken: bool,
}

impl Hold for FileHold<'_> {
    fn append(&mut self, migration: &str, entries: &[Entry<'_>]) -> Result<(), JournalError> {
        if self.broken {
            return Err(JournalError::new(format!("{} could not be written before", self.journal.name())));
        }
        let written = self.write(migration, entries);
        self.broken = written.is_err();
        written
    }
}

impl FileHold<'_> {
    fn write(&mut self, migration: &str, entries: &[Entry<'_>]) -> Result<(), JournalError> {
        let path = self.journal.file(migration);
        let failed = |error: io::Error| cannot("write", &path, error);
        let mut text = Vec::new();
        let mut is_new = false;
        let file = match &mut self.open {
            Some((open, file)) if open == migration => file,
            other => {
                let lines = self.journal.lines(migration, &path)?;
                is_new = lines.migration.is_none();
                let file = open_at(&path, lines.length as u64).map_err(failed)?;
                &mut other.insert((migration.to_owned(), file)).1
            }
        };
        if is_new {
            line(&mut text, &migration).map_err(failed)?;
        }
        for entry in entries {
            line(&mut text, entry).map_err(failed)?;
        }
        file.write_all(&text).and_then(|()| file.sync_data()).map_err(failed)?;
        if is_new {
            sync_folder(&self.journal.folder).map_err(failed)?;
        }
        Ok(())
    }
}

/// Opens a file to go on behind `length` bytes, without what was cut off there.
fn open_at(path: &Path, length: u64) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
    if file.metadata()?.len() > length {
        file.set_len(length)?;
        // Else a crash could bring back a part of what is overwritten next.
        file.sync_all()?;
    }
    file.seek(SeekFrom::Start(length))?;
    Ok(file)
}

fn line(text: &mut Vec<u8>, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *text, value)?;
    text.push(b'\n');
    Ok(())
}

/// A new file is there for good only when its folder was flushed, see fsync(2).
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder can't be flushed, and the file system takes care of it.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn cannot(what: &str, path: &Path, error: io::Error) -> JournalError {
    JournalError::new(format!("can't {what} {}", path.display())).because(error)
}

#[cfg(test)]
mod tests;
