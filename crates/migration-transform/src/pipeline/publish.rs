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
        let path = &led_to(path);
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

/// Whether it is a device, a pipe or something else that can't be replaced, and must not be.
pub(crate) fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|known| !known.is_file())
}

/// What a link leads to, whether it is there or not; else the path itself.
fn led_to(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many as Linux follows.
    for _ in 0..40 {
        let Ok(next) = fs::read_link(&path) else { break };
        if let Ok(found) = fs::canonicalize(&path) {
            return found;
        }
        path = path.with_file_name(next);
    }
    path
}

/// Whether two paths are one file, be it one that is yet to be made.
pub(crate) fn is_same(first: &Path, second: &Path) -> bool {
    match (fs::canonicalize(first), fs::canonicalize(second)) {
        (Ok(a), Ok(b)) => a == b || is_regular(&a) && File::open(&a).is_ok_and(|file| is_at(&file, &b)),
        (Err(_), Err(_)) => to_be(first) == to_be(second),
        _ => false,
    }
}

/// The path by which a file that isn't there yet can be compared.
fn to_be(path: &Path) -> PathBuf {
    let path = led_to(path);
    match (folder_of(&path).and_then(|folder| fs::canonicalize(folder).ok()), path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path,
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
