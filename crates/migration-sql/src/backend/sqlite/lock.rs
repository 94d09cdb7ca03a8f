//! One runner at a time, and who holds a lock.
//!
//! SQLite's own write lock lasts no longer than a transaction, and a run has several. A lock file beside the database keeps
//! other runners out for the whole run; the operating system lets go of it when its holder dies. (The database file itself
//! can't serve: closing any descriptor of it would drop the process's locks on it, see
//! <https://www.sqlite.org/howtocorrupt.html>, section 2.2.)

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use migration_model::Checksum;
use migration_syntax::Dialect;

use crate::backend::turn::{Contended, Turn};
use crate::error::{Blocker, DatabaseError, DatabaseErrorKind, Error, Result};

/// How often a waiting runner looks again.
const POLL: Duration = Duration::from_millis(20);

/// The lock, held until it is dropped.
pub(super) struct RunLock {
    file: File,
    path: PathBuf,
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Removed while it is still held: whoever opened it before finds out in `is_current` and opens a new one.
        if is_current(&self.file, &self.path) {
            _ = std::fs::remove_file(&self.path);
        }
        _ = self.file.unlock();
    }
}

/// Takes the lock of the history in a table (as it stands in a statement) of the database at `database`.
///
/// # Errors
/// [`Error::Locked`] after `timeout`, [`Error::Database`] when the lock file can't be made.
pub(super) fn lock(
    database: &Path,
    history: &str,
    timeout: Duration,
    wait: &mut dyn FnMut(Option<&str>),
) -> Result<RunLock> {
    let mut file = LockFile { path: lock_path(database, history), taken_by_other: None };
    Turn { timeout, poll: POLL, wait }.take(&mut file)
}

/// The lock file, which comes and goes with its holders.
struct LockFile {
    path: PathBuf,
    /// As it was opened last.
    taken_by_other: Option<File>,
}

impl Contended for LockFile {
    type Held = RunLock;

    fn attempt(&mut self) -> Result<Option<RunLock>> {
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&self.path)
                .map_err(|error| refused(&self.path, &error))?;
            match file.try_lock() {
                Ok(()) if is_current(&file, &self.path) => {
                    // For whoever waits; the lock itself doesn't depend on it.
                    _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                    return Ok(Some(RunLock { file, path: self.path.clone() }));
                }
                // Its last holder removed it between our opening and locking it.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    self.taken_by_other = Some(file);
                    return Ok(None);
                }
                Err(TryLockError::Error(error)) => return Err(refused(&self.path, &error)),
            }
        }
    }

    fn holder(&mut self) -> Option<String> {
        holder(self.taken_by_other.as_mut()?)
    }
}

/// The history table that has the plain lock file; any other has a file of its own.
const USUAL: &str = r#"main."_migrations""#;

fn lock_path(database: &Path, history: &str) -> PathBuf {
    // Two ways to one file must come to one lock.
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut name = OsString::from(database);
    name.push("-migration-lock");
    let history = history.to_ascii_lowercase();
    if history != USUAL {
        name.push(format!("-{}", Checksum::of(&history).short()));
    }
    PathBuf::from(name)
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            DatabaseErrorKind::ReadOnly
        }
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => DatabaseErrorKind::Full,
        _ => DatabaseErrorKind::Io,
    };
    let source = DatabaseError {
        message: error.to_string(),
        kind,
        sqlstate: None,
        dialect: Dialect::Sqlite,
        position: None,
    };
    Error::Database { what: format!("can't make the lock file {}", path.display()), source }
}

#[cfg(unix)]
fn is_current(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(named)) => ours.ino() == named.ino() && ours.dev() == named.dev(),
        _ => false,
    }
}

/// Elsewhere an open file can't be removed, so the file is always the one that the path names.
#[cfg(not(unix))]
fn is_current(_: &File, path: &Path) -> bool {
    path.exists()
}

fn holder(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    Some(format!("another run, {}", describe(text.trim().parse().ok()?)))
}

/// A process by its id and, where the system tells, its command.
fn describe(process: u32) -> String {
    let command = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    // The program's name will do: its arguments may hold a password.
    let program = command.split_whitespace().next().map(|path| path.rsplit('/').next().unwrap_or(path));
    match program {
        Some(program) if !program.is_empty() => format!("process {process} ({program})"),
        _ => format!("process {process}"),
    }
}

/// How often the table of locks is read before it is believed that it names nobody: it is listed in pieces, and a line can
/// slip from one to the next while other processes let go of theirs.
#[cfg(target_os = "linux")]
const READS: usize = 20;

/// The processes that hold a lock on the database file or its shared memory, from Linux's table of file locks
/// (proc_locks(5)); `None` where there is no such table or it names nobody.
#[cfg(target_os = "linux")]
pub(super) fn holders_of(database: &Path) -> Vec<Blocker> {
    use std::os::unix::fs::MetadataExt;
    let inode = |suffix: &str| {
        let mut name = OsString::from(database);
        name.push(suffix);
        std::fs::metadata(name).ok().map(|file| file.ino().to_string())
    };
    let inodes: Vec<String> = ["", "-shm"].iter().filter_map(|suffix| inode(suffix)).collect();
    let mut holders = Vec::new();
    for _ in 0..READS {
        let table = std::fs::read_to_string("/proc/locks").unwrap_or_default();
        holders.extend(table.lines().filter_map(|line| {
            // `1: POSIX  ADVISORY  WRITE 1234 fe:00:56789 0 EOF`; a waiter's line has `->` after the number.
            let mut fields = line.split_whitespace().skip(1);
            fields.next().filter(|class| *class == "POSIX" || *class == "OFDLCK")?;
            let process: u32 = fields.nth(2)?.parse().ok()?;
            let inode = fields.next()?.rsplit(':').next()?;
            (process != std::process::id() && inodes.iter().any(|ours| ours == inode)).then_some(process)
        }));
        if !holders.is_empty() {
            break;
        }
    }
    holders.sort_unstable();
    holders.dedup();
    let blocker = |process: u32| Blocker {
        pid: Some(process.into()),
        description: describe(process),
        ..Blocker::default()
    };
    holders.into_iter().map(blocker).collect()
}

/// Elsewhere the system doesn't tell.
#[cfg(not(target_os = "linux"))]
pub(super) fn holders_of(_: &Path) -> Vec<Blocker> {
    Vec::new()
}
