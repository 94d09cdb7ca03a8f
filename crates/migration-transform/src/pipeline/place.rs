//! Where a file is, whatever the path that names it: links, two names of one file, what is no file.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How many links are followed one after the other: as many as Linux does.
const LINKS: usize = 40;

/// What a link leads to, whether it is there or not; else the path itself.
///
/// # Errors
/// If it leads nowhere, or no file can have this name.
pub(crate) fn led_to(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(next) = fs::read_link(&path) else {
            // `name/` and `name/.`.
            let name = path.file_name().unwrap_or_default().as_encoded_bytes();
            if !path.as_os_str().as_encoded_bytes().ends_with(name) {
                return Err(io::Error::new(
                    ErrorKind::NotADirectory,
                    "that is the name of a folder, which isn't there",
                ));
            }
            return Ok(path);
        };
        if let Ok(found) = fs::canonicalize(&path) {
            return Ok(found);
        }
        path = path.with_file_name(next);
    }
    // The system says it in its words.
    fs::metadata(&path)?;
    Ok(path)
}

/// The name under which a file is written until it is complete: `.NAME.partial` beside it.
pub(crate) fn partial_of(path: &Path) -> Option<PathBuf> {
    let mut hidden = OsString::from(".");
    hidden.push(path.file_name()?);
    hidden.push(".partial");
    Some(path.with_file_name(hidden))
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> Option<&Path> {
    path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
}

/// Whether it is a device, a pipe or something else that can't be replaced, and must not be.
pub(crate) fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|known| !known.is_file())
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
    let path = led_to(path).unwrap_or_else(|_| path.to_owned());
    match (folder_of(&path).and_then(|folder| fs::canonicalize(folder).ok()), path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

fn is_regular(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|known| known.is_file())
}

/// Whether an open file has this name, and not only by a link.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |known: fs::Metadata| (known.dev(), known.ino());
    matches!((file.metadata().map(identity), fs::symlink_metadata(path).map(identity)), (Ok(a), Ok(b)) if a == b)
}

/// Whether an open file may have this name.
#[cfg(not(unix))]
pub(crate) fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}
