//! Files that are there as a whole or not at all: written under another name, renamed at the end.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::RunError;

/// A file on its way to its name. Removed if it is dropped before [`Draft::publish`].
#[derive(Debug)]
pub(crate) struct Draft {
    path: PathBuf,
    draft: PathBuf,
    file: File,
    published: bool,
}

impl Draft {
    /// Begins a file beside its name, as `.NAME.partial`; what a run that was killed left there is overwritten. A link is
    /// followed: what it leads to gets the new contents.
    ///
    /// # Errors
    /// If it can't be created, or another run is at it.
    pub(crate) fn create(path: &Path) -> Result<Self, RunError> {
        let not_created = |source| RunError::NotCreated { path: path.to_owned(), source };
        let led_to = path.is_symlink().then(|| fs::canonicalize(path).ok()).flatten();
        let path = led_to.as_deref().unwrap_or(path);
        let name = path.file_name().ok_or_else(|| not_created(io::ErrorKind::InvalidInput.into()))?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(".partial");
        let draft = path.with_file_name(hidden);
        loop {
            let file = File::options().read(true).write(true).create(true).truncate(false).open(&draft);
            let file = file.map_err(not_created)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(RunError::Busy { path: path.to_owned() }),
                // A file system without locks.
                Err(TryLockError::Error(_)) | Ok(()) => {}
            }
            // Its name may have been taken away while we came.
            if is_at(&file, &draft) {
                // Only if there is something: ext4 takes a file that was cut to nothing for one that is rewritten in place, and
                // sends all of it to the disk when it is closed (`auto_da_alloc` in ext4(5)).
                if file.metadata().map_err(not_created)?.len() > 0 {
                    file.set_len(0).map_err(not_created)?;
                }
                return Ok(Self { path: path.to_owned(), draft, file, published: false });
            }
        }
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its name; with `sync` after it is on the disk.
    ///
    /// # Errors
    /// What the system says; the file is removed then.
    pub(crate) fn publish(mut self, sync: bool) -> io::Result<()> {
        if sync {
            self.file.sync_all()?;
        }
        if let Ok(known) = fs::metadata(&self.path) {
            self.file.set_permissions(known.permissions())?;
        }
        fs::rename(&self.draft, &self.path)?;
        self.published = true;
        if sync && let Some(folder) = folder_of(&self.path) {
            // Some systems can't do that for a folder; the rename is done anyway.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            let _ = fs::remove_file(&self.draft);
        }
    }
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> Option<&Path> {
    path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
}

/// Whether two paths are one file.
pub(crate) fn is_same(first: &Path, second: &Path) -> bool {
    match (fs::canonicalize(first), fs::canonicalize(second)) {
        (Ok(a), Ok(b)) => a == b || File::open(&a).is_ok_and(|file| is_regular(&a) && is_at(&file, &b)),
        _ => first == second,
    }
}

fn is_regular(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|known| known.is_file())
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |known: fs::Metadata| (known.dev(), known.ino());
    matches!((file.metadata().map(identity), fs::metadata(path).map(identity)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}
