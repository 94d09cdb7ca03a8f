//! Writing the files of a new migration, all of them or none.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use migration_model::MAX_ID_BYTES;

use super::LoadError;

/// The files of a new migration.
pub(super) struct Draft {
    /// The folder that they form; without one they are files of the directory itself.
    pub(super) folder: Option<String>,
    /// Their names and texts.
    pub(super) files: Vec<(String, String)>,
}

impl Draft {
    /// Names that no file system of today takes.
    pub(super) fn check(&self) -> Result<(), LoadError> {
        let mut names = self.folder.iter().chain(self.files.iter().map(|(name, _)| name));
        match names.find(|name| name.len() > MAX_ID_BYTES) {
            Some(name) => {
                Err(LoadError::InvalidName { name: name.clone(), reason: "it is longer than 255 bytes" })
            }
            None => Ok(()),
        }
    }

    /// Writes the files to the disk under a hidden name and then gives them their own: whoever looks into the directory
    /// sees whole files only. Nothing is overwritten.
    pub(super) fn publish(&self, root: &Path) -> Result<Vec<PathBuf>, LoadError> {
        let stage = stage(root).map_err(|source| LoadError::NotWritten { path: root.to_owned(), source })?;
        let mut published = Vec::new();
        let result = self.write(&stage).and_then(|()| match &self.folder {
            Some(folder) => self.publish_folder(&stage, &root.join(folder)),
            None => self.publish_files(&stage, root, &mut published),
        });
        // A published folder was the stage itself.
        let cleared = fs::remove_dir_all(&stage);
        match result {
            Ok(paths) => Ok(paths),
            Err(error) => {
                published.iter().for_each(|path| drop(fs::remove_file(path)));
                drop(cleared);
                Err(error)
            }
        }
    }

    fn write(&self, stage: &Path) -> Result<(), LoadError> {
        for (name, text) in &self.files {
            let path = stage.join(name);
            write(&path, text).map_err(|source| LoadError::NotWritten { path, source })?;
        }
        Ok(())
    }

    fn publish_folder(&self, stage: &Path, folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
        let free = match fs::symlink_metadata(folder) {
            Ok(_) => Err(io::Error::from(ErrorKind::AlreadyExists)),
            Err(_) => fs::rename(stage, folder),
        };
        free.map_err(|source| LoadError::NotWritten { path: folder.to_owned(), source })?;
        Ok(self.files.iter().map(|(name, _)| folder.join(name)).collect())
    }

    /// The up part goes first: killed after it, the migration is there, only irreversible.
    fn publish_files(
        &self,
        stage: &Path,
        root: &Path,
        published: &mut Vec<PathBuf>,
    ) -> Result<Vec<PathBuf>, LoadError> {
        for (name, _) in &self.files {
            let path = root.join(name);
            match give_name(&stage.join(name), &path) {
                Ok(()) => published.push(path),
                Err(source) => return Err(LoadError::NotWritten { path, source }),
            }
        }
        Ok(published.clone())
    }
}

/// A hidden folder of our own. One that a killed process left behind is passed over.
fn stage(root: &Path) -> io::Result<PathBuf> {
    let pid = std::process::id();
    let mut result = Err(ErrorKind::AlreadyExists.into());
    for number in 0..100 {
        let stage = root.join(format!(".new-{pid}-{number}"));
        result = fs::create_dir(&stage).map(|()| stage);
        if !matches!(&result, Err(error) if error.kind() == ErrorKind::AlreadyExists) {
            break;
        }
    }
    result
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A hard link never replaces a file, as a renaming would; not every file system has them.
fn give_name(staged: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(staged, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => match fs::symlink_metadata(path) {
            Ok(_) => Err(ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(staged, path),
        },
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(folder: Option<&str>) -> Draft {
        let files = ["up.sql", "down.sql"].map(|name| (name.to_owned(), "new".to_owned()));
        Draft { folder: folder.map(str::to_owned), files: files.into() }
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn all_or_nothing_and_nothing_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("down.sql"), "old").unwrap();
        let error = draft(None).publish(directory.path()).unwrap_err();
        assert_eq!(error.code(), "new.not_written");
        assert_eq!(names(directory.path()), ["down.sql"]);
        assert_eq!(fs::read_to_string(directory.path().join("down.sql")).unwrap(), "old");

        fs::create_dir(directory.path().join("1_a")).unwrap();
        assert!(draft(Some("1_a")).publish(directory.path()).is_err());
        assert_eq!(names(&directory.path().join("1_a")), [""; 0]);
        assert_eq!(draft(Some("2_b")).publish(directory.path()).unwrap().len(), 2);
        assert_eq!(names(directory.path()), ["1_a", "2_b", "down.sql"]);
    }

    #[test]
    fn what_a_killed_process_left_is_in_nobody_s_way() {
        let directory = tempfile::tempdir().unwrap();
        let left = directory.path().join(format!(".new-{}-0", std::process::id()));
        fs::create_dir(&left).unwrap();
        draft(None).publish(directory.path()).unwrap();
        assert!(left.exists());
    }
}
