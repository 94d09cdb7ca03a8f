//! Files that are added to.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::compression::Compression;
use super::error::RunError;
use super::positioned::read_at;

/// A file that is added to. It gets its old length back if it is dropped before [`Growing::keep`].
pub(crate) struct Growing {
    file: File,
    path: PathBuf,
    before: u64,
    done: bool,
}

impl Growing {
    /// Opens a file, or makes it, to add something behind what it has.
    ///
    /// # Errors
    /// If it can't be opened, another run is at it, or what it has is nothing that can be added to.
    pub(crate) fn open(path: &Path) -> Result<Self, RunError> {
        let not_created = |source| RunError::NotCreated { path: path.to_owned(), source };
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(not_created)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(RunError::Busy { path: path.to_owned() });
        }
        let before = file.metadata().map_err(not_created)?.len();
        let unsupported =
            |why: &str| Err(RunError::Unsupported { what: format!("`{}` {why}", path.display()) });
        if before > 0 {
            match Compression::of(path) {
                None => {
                    let mut last = [0];
                    read_at(&file, &mut last, before - 1).map_err(not_created)?;
                    if last != *b"\n" {
                        return unsupported("does not end with a line's end");
                    }
                }
                Some(kind) => {
                    let mut first = [0; 4];
                    let read = read_at(&file, &mut first, 0).map_err(not_created)?;
                    if Compression::begun_by(&first[..read]) != Some(kind) {
                        return unsupported("is not compressed as its name says");
                    }
                }
            }
        }
        Ok(Self { file, path: path.to_owned(), before, done: false })
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes it had.
    pub(crate) fn before(&self) -> u64 {
        self.before
    }

    /// Leaves it as it is now; with `sync` after it is on the disk.
    ///
    /// # Errors
    /// What the system says; the file gets its old length back then.
    pub(crate) fn keep(mut self, sync: bool) -> io::Result<()> {
        if sync {
            self.file.sync_all()?;
        }
        self.done = true;
        Ok(())
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        if !self.done {
            let _ = self.file.set_len(self.before);
        }
    }
}
