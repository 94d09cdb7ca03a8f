//! Files that are there as a whole or not at all: written under another name, renamed at the end.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::RunError;
use super::place::{folder_of, is_at, led_to, partial_of};

/// How often a name may be taken away while we come to it, until that is left to the others.
pub(crate) const TRIES: usize = 100;

/// A file on its way to its name. Removed if it is dropped before [`Draft::publish`].
#[derive(Debug)]
pub(crate) struct Draft {
    /// As it was asked for.
    name: PathBuf,
    path: PathBuf,
    draft: PathBuf,
    file: File,
    replaces: bool,
    /// What it takes the place of, locked, so that nobody adds to that meanwhile.
    held: Option<File>,
    published: bool,
}

impl Draft {
    /// Begins a file beside its name, as `.NAME.partial`, which nobody else can then; what a run that was killed left there is
    /// removed. A link at the name itself is followed: what it leads to gets the new contents, if it `replaces` what is there.
    ///
    /// # Errors
    /// If it can't be created, another run is at it, or there is a file that isn't to be replaced.
    pub(crate) fn create(path: &Path, replaces: bool) -> Result<Self, RunError> {
        let name = path.to_owned();
        let not_created = |source| RunError::NotCreated { path: name.clone(), source };
        let path = led_to(path).map_err(not_created)?;
        let draft = partial_of(&path).ok_or_else(|| not_created(ErrorKind::InvalidInput.into()))?;
        let Some(file) = begin(&draft).map_err(not_created)? else {
            return Err(RunError::Busy { path: name });
        };
        let mut begun = Self { name, path, draft, file, replaces, held: None, published: false };
        if replaces {
            begun.hold()?;
        } else if fs::symlink_metadata(&begun.path).is_ok() {
            return Err(RunError::Exists { path: begun.name.clone() });
        }
        Ok(begun)
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its name; with `sync` after it is on the disk.
    ///
    /// # Errors
    /// What the system says; if somebody adds to what it replaces, or a file has come that it doesn't replace. It is removed then.
    pub(crate) fn publish(mut self, sync: bool) -> Result<(), RunError> {
        let output = format!("`{}`", self.name.display());
        let failed = |source| RunError::Output { name: output.clone(), source };
        if sync {
            self.file.sync_all().map_err(failed)?;
        }
        if !is_at(&self.file, &self.draft) {
            let why = format!("`{}` was taken away", self.draft.display());
            return Err(failed(io::Error::new(ErrorKind::NotFound, why)));
        }
        let renamed = if self.replaces {
            self.hold()?;
            let known = fs::metadata(&self.path).map(|known| known.permissions());
            known
                .map_or(Ok(()), |known| self.file.set_permissions(known))
                .and_then(|()| fs::rename(&self.draft, &self.path))
        } else {
            rename_to_new(&self.draft, &self.path)
        };
        match renamed {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(RunError::Exists { path: self.name.clone() });
            }
            renamed => renamed.map_err(failed)?,
        }
        self.published = true;
        if sync && let Some(folder) = folder_of(&self.path) {
            // Some systems can't do that for a folder; the rename is done anyway.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }

    /// Locks the file that it takes the place of, as who adds to that does.
    ///
    /// # Errors
    /// If somebody does.
    #[cfg(unix)]
    fn hold(&mut self) -> Result<(), RunError> {
        let is_held = self.held.as_ref().is_some_and(|held| is_at(held, &self.path));
        if is_held || !self.path.is_file() {
            return Ok(());
        }
        // What can't be read can be replaced all the same.
        let Ok(file) = File::open(&self.path) else { return Ok(()) };
        if !is_free(&file) {
            return Err(RunError::Busy { path: self.name.clone() });
        }
        self.held = Some(file);
        Ok(())
    }

    /// An open file could not be replaced there.
    #[cfg(not(unix))]
    fn hold(&mut self) -> Result<(), RunError> {
        match File::open(&self.path).as_ref().map(is_free) {
            Ok(false) => Err(RunError::Busy { path: self.name.clone() }),
            _ => Ok(()),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published && is_at(&self.file, &self.draft) {
            let _ = fs::remove_file(&self.draft);
        }
    }
}

/// Locks a file; `false` if another run has.
pub(crate) fn is_free(file: &File) -> bool {
    // There are file systems without locks.
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// A new file of this name, locked; `None` if another run has it. What is left there of a run that was killed makes way, and nothing
/// else does: not what a link leads to, which anybody could have put there.
fn begin(draft: &Path) -> io::Result<Option<File>> {
    for _ in 0..TRIES {
        let file = match File::options().read(true).write(true).create_new(true).open(draft) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => match left_over(draft) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                file => (file?, false),
            },
            file => (file?, true),
        };
        let (file, is_new) = file;
        if !is_free(&file) {
            return Ok(None);
        }
        match (is_at(&file, draft), is_new) {
            (true, true) => return Ok(Some(file)),
            (true, false) => fs::remove_file(draft)?,
            // The name was taken away while we came.
            (false, _) => {}
        }
    }
    Ok(None)
}

/// What has the name of a draft already, if it is a plain file.
fn left_over(draft: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(draft)?.is_file() {
        let why = format!("`{}` is in the way, and is no file", draft.display());
        return Err(io::Error::new(ErrorKind::AlreadyExists, why));
    }
    open_plain(draft)
}

#[cfg(unix)]
fn open_plain(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    // It may have become a link or a pipe by now.
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open_plain(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).open(path)
}

/// Renames a file, unless there is one of the new name.
#[cfg(target_os = "linux")]
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => Err(ErrorKind::AlreadyExists.into()),
        // Not every file system can do that.
        Err(_) => link_to_new(from, to),
    }
}

#[cfg(not(target_os = "linux"))]
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    link_to_new(from, to)
}

/// The same by a second name, where a file may have two.
fn link_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => {
            // The file is where it belongs; the next run removes what stays.
            let _ = fs::remove_file(from);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        Err(_) if fs::symlink_metadata(to).is_ok() => Err(ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_come_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for rename in [rename_to_new, link_to_new] {
            fs::write(&from, "new").unwrap();
            fs::write(&to, "precious").unwrap();
            assert_eq!(rename(&from, &to).unwrap_err().kind(), ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&to).unwrap(), "precious");
            fs::remove_file(&to).unwrap();
            rename(&from, &to).unwrap();
            assert_eq!((fs::read_to_string(&to).unwrap().as_str(), from.exists()), ("new", false));
        }
    }
}
