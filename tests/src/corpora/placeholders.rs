//! Scripts of Flyway with placeholders, which are refused unless somebody says that they are meant as they stand.

use std::path::Path;

use tempfile::TempDir;

/// A copy of a flat folder whose scripts with a `${` are to be taken as they stand.
///
/// # Panics
/// When it can't be copied.
pub(super) fn kept(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    for entry in folder.read_dir().expect("a folder that can be read") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a text file");
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        if text.contains("${") {
            let settings = copy.path().join(format!("{name}.conf"));
            std::fs::write(settings, "placeholderReplacement=false\n").expect("a file that can be written");
        }
        std::fs::write(copy.path().join(name), text).expect("a file that can be written");
    }
    copy
}
