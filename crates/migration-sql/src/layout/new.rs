//! Adding a migration to a directory.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::listing::Listing;
use super::{Layout, LoadError, detect};

/// A migration that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMigration {
    /// What it is called, for people. In the names of files, blanks become `_`.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What applies it. Without it, the up part is a comment to be replaced.
    pub sql: Option<String>,
    /// What rolls it back. Without it there is no down part, or a comment if there is no `sql` either.
    pub rollback_sql: Option<String>,
    /// Which migrations it needs: ids, or versions or names that only one has.
    pub dependencies: Vec<String>,
    /// Now, usually: the version is made of it where versions are time stamps.
    pub at: Timestamp,
}

impl NewMigration {
    /// A migration of which only the name is known.
    pub fn new(name: impl Into<String>, at: Timestamp) -> Self {
        let name = name.into();
        Self { name, description: None, sql: None, rollback_sql: None, dependencies: Vec::new(), at }
    }

    /// The name as a part of the name of a file.
    pub(super) fn slug(&self) -> Result<String, LoadError> {
        let name = self.name.trim();
        let reason = if name.is_empty() {
            "it is empty"
        } else if name.contains(['/', '\\']) {
            "it contains a path separator"
        } else if name.chars().any(char::is_control) {
            "it contains a control character"
        } else {
            return Ok(name.split_whitespace().collect::<Vec<_>>().join("_"));
        };
        Err(LoadError::InvalidName { name: self.name.clone(), reason })
    }

    /// The text of the up script.
    pub(super) fn up_text(&self, hint: &str) -> String {
        as_lines(self.sql.as_deref().unwrap_or(hint))
    }

    /// The text of the down script; `None` for a migration that can't be rolled back. A comment in its place would look
    /// like a rollback that does nothing.
    pub(super) fn down_text(&self, hint: &str) -> Option<String> {
        let hint = if self.sql.is_none() { Some(hint) } else { None };
        self.rollback_sql.as_deref().or(hint).map(as_lines)
    }
}

fn as_lines(text: &str) -> String {
    if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// Writes a new migration with its up and down parts, and makes the directory if there is none. Returns the files.
///
/// The id and the version are ones that no other migration of the directory has. No file is overwritten, and of a
/// migration that can't be written whole nothing stays. Where the system can lock a directory, several programs may do
/// this at once.
///
/// * `dbmate`, `goose`: one file, numbered like those that are there, by a time stamp in an empty directory.
/// * `diesel`: `YYYY-MM-DD-HHMMSS_name/`, with a `metadata.toml` for a description and dependencies.
/// * `golang-migrate`, `sqlx`: numbered like the files that are there, by time stamps in an empty directory; a description
///   becomes a comment.
/// * `json`: `migration_<seconds since 1970>_<name>.json`. Without SQL it carries no checksum, so that it may be edited.
///
/// # Errors
/// [`LoadError`] with a code `new.…` for a name that no file can have, a directory in another layout, something that the
/// layout has no place for, and what the file system refuses; and for a dependency that is not there.
pub fn write_new(
    directory: &Path,
    layout: Layout,
    request: &NewMigration,
) -> Result<Vec<PathBuf>, LoadError> {
    write_new_among(&[directory.to_owned()], layout, request)
}

/// The same for several directories that are read as one: it is written to the first, with a version that none has.
///
/// # Errors
/// As [`write_new`]; the further directories have to be there.
pub fn write_new_among(
    directories: &[PathBuf],
    layout: Layout,
    request: &NewMigration,
) -> Result<Vec<PathBuf>, LoadError> {
    let none = || LoadError::DirectoryMissing { path: PathBuf::new() };
    let directory = directories.first().ok_or_else(none)?;
    request.slug()?;
    fs::create_dir_all(directory).map_err(|source| match fs::metadata(directory) {
        Ok(_) => LoadError::NotADirectory { path: directory.to_owned() },
        Err(_) => LoadError::NotWritten { path: directory.to_owned(), source },
    })?;
    let lock = lock(directory);
    let listings = directories.iter().map(|directory| Listing::read(directory));
    let listing = Listing::joined(listings.collect::<Result<_, _>>()?).ok_or_else(none)?;
    check_layout(&listing, layout)?;
    let mut request = request.clone();
    resolve_dependencies(&mut request, directories, layout)?;
    let draft = (layout.format().draft)(&listing, &request)?;
    draft.check()?;
    let paths = draft.publish(directory)?;
    if let Some(lock) = lock {
        // The names of the files are only on the disk once the directory is. Not every system can be told so.
        let _ = lock.sync_all();
    }
    Ok(paths)
}

/// Keeps others that add to the directory waiting until it is dropped; `None` where a directory can't be locked.
fn lock(directory: &Path) -> Option<File> {
    let file = File::open(directory).ok()?;
    file.lock().ok().map(|()| file)
}

/// A migration in the wrong layout would make the whole directory ambiguous. Where it is already in doubt, the person's
/// word counts.
fn check_layout(listing: &Listing, wanted: Layout) -> Result<(), LoadError> {
    match detect::by_names(listing) {
        Ok(Some(Layout::GolangMigrate)) if wanted == Layout::Sqlx => Ok(()),
        Ok(Some(Layout::Flyway)) if wanted == Layout::Refinery => Ok(()),
        Ok(Some(found)) if found != wanted => {
            Err(LoadError::OtherLayout { directory: listing.root.clone(), found, wanted })
        }
        _ => Ok(()),
    }
}

/// Replaces what a person wrote by ids, while it can still be told that there is no such migration.
fn resolve_dependencies(
    request: &mut NewMigration,
    directories: &[PathBuf],
    layout: Layout,
) -> Result<(), LoadError> {
    if request.dependencies.is_empty() {
        return Ok(());
    }
    let set = super::load(directories, &Some(layout).into())?;
    let directory = directories.first().map_or(Path::new(""), PathBuf::as_path);
    let mut missing = Vec::new();
    for dependency in &mut request.dependencies {
        match set.find(dependency) {
            Some(migration) => migration.id.clone_into(dependency),
            None => missing.push((directory.join(&request.name), dependency.clone())),
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(LoadError::MissingDependency { missing }) }
}

#[cfg(test)]
mod tests;
