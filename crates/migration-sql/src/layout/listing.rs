//! What a directory holds, from one pass over it.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::LoadError;

/// The entries of a directory, sorted by name, without the hidden ones.
pub(super) struct Listing {
    pub(super) root: PathBuf,
    pub(super) entries: Vec<Entry>,
}

/// An entry of a directory. Its kind is what the directory itself says: no call per entry is spent on it.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    /// To what, nobody has looked yet.
    Link,
    File,
}

impl Listing {
    /// Lists a directory, which may be a symbolic link to one.
    pub(super) fn read(directory: &Path) -> Result<Self, LoadError> {
        let root = directory.to_owned();
        let entries = fs::read_dir(directory).map_err(|source| match source.kind() {
            // A link that leads nowhere is there, but what it names is not.
            ErrorKind::NotFound if fs::symlink_metadata(directory).is_ok() => {
                LoadError::unreadable(&root, source)
            }
            ErrorKind::NotFound => LoadError::DirectoryMissing { path: root.clone() },
            ErrorKind::NotADirectory => LoadError::NotADirectory { path: root.clone() },
            _ => LoadError::unreadable(&root, source),
        })?;
        let mut listing = Self { root, entries: Vec::new() };
        for entry in entries {
            let entry = entry.map_err(|source| LoadError::unreadable(directory, source))?;
            let kind = entry.file_type().map_err(|source| LoadError::unreadable(&entry.path(), source))?;
            let (kind, special) = match kind {
                kind if kind.is_dir() => (Kind::Directory, false),
                kind if kind.is_symlink() => (Kind::Link, false),
                kind => (Kind::File, !kind.is_file()),
            };
            match entry.file_name().into_string() {
                // To open a pipe would be to wait for somebody to write into it.
                Ok(name) if special && may_be_migration(OsStr::new(&name)) => {
                    let source = io::Error::new(ErrorKind::InvalidInput, "not a regular file");
                    return Err(LoadError::unreadable(&entry.path(), source));
                }
                Ok(name) if name.starts_with('.') => {}
                Ok(name) => listing.entries.push(Entry { name, kind }),
                Err(name) if kind == Kind::File && !may_be_migration(&name) => {}
                Err(name) => return Err(LoadError::NotUtf8Name { path: directory.join(name) }),
            }
        }
        listing.entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(listing)
    }

    pub(super) fn path(&self, entry: &Entry) -> PathBuf {
        let mut path = PathBuf::with_capacity(self.root.as_os_str().len() + entry.name.len() + 1);
        path.push(&self.root);
        path.push(&entry.name);
        path
    }

    /// The warning that an entry is left out though a person might take it for `what`; `None` for a README and the like.
    pub(super) fn ignored(&self, entry: &Entry, what: &str) -> Option<String> {
        let suspicious = entry.kind == Kind::Directory || may_be_migration(OsStr::new(&entry.name));
        suspicious.then(|| format!("`{}` is ignored: it is not {what}", self.path(entry).display()))
    }
}

fn may_be_migration(name: &OsStr) -> bool {
    let extension = Path::new(name).extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("sql") || extension.eq_ignore_ascii_case("json")
}
