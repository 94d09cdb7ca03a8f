//! Where files are written: a folder that goes away again, and the directory that somebody asked for.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::files::File;
use crate::layout::LoadError;

/// A folder of our own, which is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// One in the system's folder for temporary files.
    pub(super) fn new() -> Result<Self, LoadError> {
        Self::named(&std::env::temp_dir(), "migration-convert")
    }

    /// One whose name begins so. One that a killed process left behind is passed over.
    fn named(parent: &Path, name: &str) -> Result<Self, LoadError> {
        let mut result = Err(io::Error::from(ErrorKind::AlreadyExists));
        for number in 0..1000 {
            let path = parent.join(format!("{name}-{}-{number}", std::process::id()));
            result = fs::create_dir(&path).map(|()| Self(path));
            if !matches!(&result, Err(error) if error.kind() == ErrorKind::AlreadyExists) {
                break;
            }
        }
        result.map_err(|source| LoadError::NotWritten { path: parent.to_owned(), source })
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What can't be removed is in nobody's way.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Writes all files below a folder. None is there yet: two of one name are an error.
pub(super) fn write(folder: &Path, files: &[File]) -> Result<(), LoadError> {
    for file in files {
        let path = folder.join(&file.path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
            let mut out = fs::File::create_new(&path)?;
            out.write_all(file.text.as_bytes())
        });
        written.map_err(|source| LoadError::NotWritten { path, source })?;
    }
    Ok(())
}

/// Makes the directory `output` with these files, all at once.
pub(super) fn publish(output: &Path, files: &[File]) -> Result<(), LoadError> {
    let not_written = |source| LoadError::NotWritten { path: output.to_owned(), source };
    let parent = match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(not_written)?;
    let name = output.file_name().ok_or_else(|| not_written(ErrorKind::InvalidInput.into()))?;
    let stage = Scratch::named(parent, &format!(".{}.new", name.to_string_lossy()))?;
    write(stage.path(), files)?;
    for file in files {
        let path = stage.path().join(&file.path);
        fs::File::open(&path).and_then(|file| file.sync_all()).map_err(not_written)?;
    }
    // A rename never replaces a directory with files in it; who looked for one has looked a moment ago.
    fs::rename(stage.path(), output).map_err(not_written)?;
    // Not every system can be told to write a directory to the disk.
    let _ = fs::File::open(parent).and_then(|folder| folder.sync_all());
    Ok(())
}
