//! Files that are added to.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::compression::Compression;
use super::error::RunError;
use super::place::{is_at, led_to};
use super::positioned::read_at;
use super::publish::{TRIES, is_free};

/// A file that is added to. It gets its old length back if it is dropped before [`Growing::keep`]; one that is new goes.
pub(crate) struct Growing {
    file: File,
    path: PathBuf,
    /// Where it is, if the path is a link.
    place: PathBuf,
    is_new: bool,
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
        let place = led_to(path).map_err(not_created)?;
        let Some((file, is_new)) = open(&place).map_err(not_created)? else {
            return Err(RunError::Busy { path: path.to_owned() });
        };
        let before = file.metadata().map_err(not_created)?.len();
        let growing = Self { file, path: path.to_owned(), place, is_new, before, done: false };
        let unsupported =
            |why: &str| Err(RunError::Unsupported { what: format!("`{}` {why}", path.display()) });
        if before > 0 {
            match Compression::of(path) {
                None => {
                    let mut last = [0];
                    read_at(&growing.file, &mut last, before - 1).map_err(not_created)?;
                    if last != *b"\n" {
                        return unsupported("does not end with a line's end");
                    }
                }
                Some(kind) => {
                    let mut first = [0; 4];
                    let read = read_at(&growing.file, &mut first, 0).map_err(not_created)?;
                    if Compression::begun_by(&first[..read]) != Some(kind) {
                        return unsupported("is not compressed as its name says");
                    }
                }
            }
        }
        Ok(growing)
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
            if self.is_new && is_at(&self.file, &self.place) {
                let _ = fs::remove_file(&self.place);
            }
        }
    }
}

/// A file, locked, and whether it is new; `None` if another run has it.
fn open(path: &Path) -> io::Result<Option<(File, bool)>> {
    for _ in 0..TRIES {
        let mut options = File::options();
        let options = options.read(true).write(true);
        let (file, is_new) = match options.clone().create_new(true).open(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => match options.open(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                file => (file?, false),
            },
            file => (file?, true),
        };
        if !is_free(&file) {
            return Ok(None);
        }
        // Another one may have taken its place, or its name, while we came.
        if is_at(&file, path) {
            return Ok(Some((file, is_new)));
        }
    }
    Ok(None)
}
