//! What a directory holds, from one pass over it.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::LoadError;

/// The entries of one or more directories, sorted by name, without the hidden ones.
pub(super) struct Listing {
    /// The first directory: the one that new migrations are written to.
    pub(super) root: PathBuf,
    /// The further ones.
    pub(super) more: Vec<PathBuf>,
    pub(super) entries: Vec<Entry>,
}

/// An entry of a directory. Its kind is what the directory itself says: no call per entry is spent on it.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whose it is: 0 for the root, 1 for the first of the further directories.
    folder: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    /// To what, nobody has looked yet.
    Link,
    File,
}

impl Listing {
    /// Several as one; a directory that is among them twice counts once.
    pub(super) fn joined(listings: Vec<Self>) -> Option<Self> {
        if listings.len() < 2 {
            return listings.into_iter().next();
        }
        let mut seen = Vec::new();
        let mut listings = listings.into_iter().filter(|listing| {
            let real = listing.root.canonicalize().unwrap_or_else(|_| listing.root.clone());
            let is_new = !seen.contains(&real);
            seen.push(real);
            is_new
        });
        let mut all = listings.next()?;
        for other in listings {
            all.more.push(other.root);
            let folder = all.more.len();
            all.entries.extend(other.entries.into_iter().map(|entry| Entry { folder, ..entry }));
        }
        all.entries.sort_by(|a, b| a.name.cmp(&b.name));
        Some(all)
    }

    /// All directories, the root first.
    pub(super) fn folders(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&self.root).chain(&self.more).map(PathBuf::as_path)
    }

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
        let mut listing = Self { root, more: Vec::new(), entries: Vec::new() };
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
                Ok(name) => listing.entries.push(Entry { name, kind, folder: 0 }),
                Err(name) if kind == Kind::File && !may_be_migration(&name) => {}
                Err(name) => return Err(LoadError::NotUtf8Name { path: directory.join(name) }),
            }
        }
        listing.entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(listing)
    }

    pub(super) fn path(&self, entry: &Entry) -> PathBuf {
        let folder = entry.folder.checked_sub(1).and_then(|place| self.more.get(place)).unwrap_or(&self.root);
        let mut path = PathBuf::with_capacity(folder.as_os_str().len() + entry.name.len() + 1);
        path.push(folder);
        path.push(&entry.name);
        path
    }

    /// The warning that an entry is left out though a person might take it for `what`; `None` for a README and the like.
    pub(super) fn ignored(&self, entry: &Entry, what: &str) -> Option<String> {
        let suspicious = entry.kind == Kind::Directory || may_be_migration(OsStr::new(&entry.name));
        suspicious.then(|| format!("`{}` is ignored: it is not {what}", self.path(entry).display()))
    }

    /// The first SQL file right in a folder, or in what a link leads to.
    pub(super) fn sql_in(&self, entry: &Entry) -> Option<PathBuf> {
        let is_sql = |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("sql"));
        let files = fs::read_dir(self.path(entry)).ok()?.flatten().map(|inner| inner.path());
        files.filter(is_sql).min()
    }

    /// The warning that a folder with SQL files is passed over, by layouts whose tools look into no folders.
    pub(super) fn not_searched(&self, entry: &Entry) -> Option<String> {
        let file = self.sql_in(entry)?;
        let (folder, file) = (self.path(entry), file.file_name()?.to_owned());
        Some(format!(
            "`{}` is ignored: folders are not searched in this layout, and it holds `{}`",
            folder.display(),
            file.display()
        ))
    }
}

fn may_be_migration(name: &OsStr) -> bool {
    let extension = Path::new(name).extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("sql") || extension.eq_ignore_ascii_case("json")
}
