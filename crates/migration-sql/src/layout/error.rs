//! Why a directory of migrations can't be used.

mod describe;

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};

use migration_model::{Checksum, GraphError, InvalidId, message};
use thiserror::Error;

use super::Layout;

/// Why a directory of migrations can't be used. Nothing was changed: a directory is read before a database is touched,
/// and a new migration that could not be written whole is taken away again.
///
/// [`LoadError::code`] is the kind for programs, [`LoadError::location`] the place, [`StdError::source`] the cause.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of a variant says what its fields are")]
pub enum LoadError {
    /// An id that can't be one, in a set that a program made.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// Duplicate ids, dependencies that don't exist, a cycle, in a set that a program made.
    #[error(transparent)]
    Graph(#[from] GraphError),

    /// There is no such directory.
    #[error("there is no directory `{}`", path.display())]
    DirectoryMissing { path: PathBuf },
    /// What should be a directory is something else.
    #[error("`{}` is not a directory", path.display())]
    NotADirectory { path: PathBuf },
    /// A file or directory that the operating system doesn't let us read.
    #[error("can't read `{}`", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// A symbolic link that leads back to itself.
    #[error("`{}` is a symbolic link that leads nowhere but to itself", path.display())]
    SymlinkLoop { path: PathBuf, source: io::Error },

    /// A file that is not UTF-8. `offset` counts bytes from 0, `line` and `column` (in characters) from 1.
    #[error("`{}` is not UTF-8: byte {offset} (line {line}, column {column}) can't be decoded", path.display())]
    NotUtf8 { path: PathBuf, offset: usize, line: usize, column: usize },
    /// A migration whose file name is not UTF-8, so that it can't be an id.
    #[error("the name of `{}` is not UTF-8", path.display())]
    NotUtf8Name { path: PathBuf },
    /// A JSON file that is no migration: malformed, a field that is missing, or of the wrong type.
    #[error("`{}` line {line}, column {column}: not a migration", path.display())]
    InvalidJson { path: PathBuf, line: usize, column: usize, source: Cause },
    /// A `metadata.toml` that is malformed or has a value of the wrong type.
    #[error("`{}` line {line}, column {column}: not the metadata of a migration", path.display())]
    InvalidToml { path: PathBuf, line: usize, column: usize, source: Cause },
    /// A comment that should steer the layout's tool, and doesn't, or is missing. `line` counts from 1.
    #[error("`{}` line {line}: {reason}", path.display())]
    InvalidAnnotation { path: PathBuf, line: usize, reason: &'static str },
    /// A JSON file was edited after it was written.
    #[error(
        "the SQL in `{}` was changed after the file was written: its checksum is {actual}, the file states `{stated}`",
        path.display(), actual = actual.short(), stated = message::clip(stated.as_str())
    )]
    ChecksumMismatch { path: PathBuf, stated: Checksum, actual: Checksum },

    /// A file whose id can't be one.
    #[error("`{}` can't be a migration", path.display())]
    InvalidId { path: PathBuf, source: InvalidId },
    /// A JSON file that states another id than its name.
    #[error("`{}` states the id `{id}`: its name should be `{id}.json`", path.display(), id = message::clip(id))]
    IdMismatch { path: PathBuf, id: String },
    /// A version that the layout's tool can't read either.
    #[error("`{}`: {version:?} is no version of a migration: {reason}", path.display())]
    InvalidVersion { path: PathBuf, version: String, reason: &'static str },
    /// Two migrations with one id.
    #[error("more than one file has the id `{id}`: {}", list(paths))]
    DuplicateId { id: String, paths: Vec<PathBuf> },
    /// Two migrations with one version, or two scripts for the same direction of one.
    #[error("more than one file has the version {version}: {}", list(paths))]
    DuplicateVersion { version: String, paths: Vec<PathBuf> },
    /// A migration with a down script and no up script.
    #[error("`{}` rolls back a migration that has no up script", path.display())]
    MissingUp { path: PathBuf },
    /// Dependencies that are not in the directory, each with the file that names it.
    #[error("{}", unresolved(missing))]
    MissingDependency { missing: Vec<(PathBuf, String)> },
    /// Migrations that depend on each other in a ring; each id depends on the next, the last is the first again.
    #[error("the dependencies form a cycle: {} (in {})", message::list(ids, " -> "), list(paths))]
    Cycle { ids: Vec<String>, paths: Vec<PathBuf> },

    /// Files of more than one layout, with an example of each.
    #[error("`{}` holds files of more than one layout: {}", directory.display(), claims(examples))]
    AmbiguousLayout { directory: PathBuf, examples: Vec<(Layout, PathBuf)> },
    /// SQL files that belong to no layout that we know.
    #[error("`{}` belongs to no known layout ({})", path.display(), Layout::names())]
    UnknownLayout { path: PathBuf },
    /// A file with the markers of a tool that keeps the up and the down part in one file, where it would be run whole: the
    /// other files of the directory are of another layout, or we don't read that of the tool.
    #[error("`{}` was written for {tool}: run whole, as its name asks for, it would undo itself", path.display())]
    ForeignLayout { path: PathBuf, tool: &'static str },

    /// Something that the layout's tool would obey and that can't be done here. The line counts from 1.
    #[error("`{}`{}: {what}", path.display(), line.map(|line| format!(" line {line}")).unwrap_or_default())]
    Unsupported { path: PathBuf, line: Option<usize>, column: Option<usize>, what: String },

    /// A script wants a value that nobody gave. `what` is the placeholder or the variable.
    #[error("`{}` line {line}: {what} has no value", path.display())]
    Unset { path: PathBuf, line: usize, column: usize, what: String },

    /// A name that no file can have.
    #[error("{name:?} can't be the name of a migration: {reason}")]
    InvalidName { name: String, reason: &'static str },
    /// A new migration in one layout for a directory in another.
    #[error("`{}` is in the layout {found}: a migration in the layout {wanted} would not be read with it", directory.display())]
    OtherLayout { directory: PathBuf, found: Layout, wanted: Layout },
    /// A layout has no place for something that a new migration should say.
    #[error("the layout {layout} has no place for {what}")]
    NoPlace { layout: Layout, what: &'static str },
    /// A new migration could not be written; what was written of it is removed.
    #[error("can't write `{}`", path.display())]
    NotWritten { path: PathBuf, source: io::Error },
}

/// What a parser had against a file.
type Cause = Box<dyn StdError + Send + Sync>;

impl LoadError {
    /// What an I/O error of a file in a directory means.
    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if is_loop(&source) { Self::SymlinkLoop { path, source } } else { Self::Unreadable { path, source } }
    }
}

/// `ErrorKind::FilesystemLoop` is not stable yet.
fn is_loop(error: &io::Error) -> bool {
    let eloop = if cfg!(target_os = "linux") { 40 } else { 62 };
    cfg!(unix) && error.raw_os_error() == Some(eloop)
}

fn list(paths: &[PathBuf]) -> String {
    message::list(paths.iter().map(|path| format!("`{}`", path.display())), ", ")
}

fn unresolved(missing: &[(PathBuf, String)]) -> String {
    let each = |(path, id): &(PathBuf, String)| {
        format!("`{}` depends on `{id}`, which does not exist", path.display())
    };
    message::list(missing.iter().map(each), "; ")
}

fn claims(examples: &[(Layout, PathBuf)]) -> String {
    let each = |(layout, path): &(Layout, PathBuf)| format!("`{}` ({layout})", path.display());
    examples.iter().map(each).collect::<Vec<_>>().join(", ")
}
