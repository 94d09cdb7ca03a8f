//! Data folders are made once per version of a server and copied from then on.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{Engine, Place, system};

/// Counts up when what an engine makes of a new folder changes.
const RECIPE: u32 = 1;

/// Puts a new data folder at the place.
pub(super) fn copy(engine: &dyn Engine, place: &Place) -> Result<(), String> {
    let templates = cache().join("server-templates");
    let name = format!("{}-{RECIPE}", file_name(&engine.version()?));
    let template = templates.join(&name);
    let unfinished = templates.join(format!("{name}.unfinished"));
    let failed = |error: io::Error| format!("{}: {error}", template.display());

    fs::create_dir_all(&templates).map_err(failed)?;
    let lock = File::create(templates.join(format!("{name}.lock"))).map_err(failed)?;
    lock.lock().map_err(failed)?;
    if !template.is_dir() {
        make(engine, &unfinished)?;
        fs::rename(&unfinished, &template).map_err(failed)?;
    }
    drop(lock);
    copy_folder(&template, &place.data(), &system::hand_over).map_err(failed)
}

/// Makes the data folder where its owner may, and copies it from there.
fn make(engine: &dyn Engine, to: &Path) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", to.display());
    let folder = tempfile::tempdir().map_err(failed)?;
    system::hand_over(folder.path()).map_err(failed)?;
    let place = Place { folder: folder.path().to_path_buf(), port: 0 };
    engine.initialize(&place)?;
    // What a killed process has left.
    if to.exists() {
        fs::remove_dir_all(to).map_err(failed)?;
    }
    copy_folder(&place.data(), to, &|_| Ok(())).map_err(failed)
}

fn copy_folder(from: &Path, to: &Path, then: &dyn Fn(&Path) -> io::Result<()>) -> io::Result<()> {
    fs::create_dir(to)?;
    // Servers refuse a data folder that others may read.
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &copy, then)?;
        } else {
            fs::copy(entry.path(), &copy)?;
            then(&copy)?;
        }
    }
    then(to)
}

/// The folder that cargo builds to, which is marked, or else that of temporary files.
pub(super) fn cache() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target.map_or_else(std::env::temp_dir, Path::to_path_buf)
}

/// The text with only such characters as a file's name may have anywhere.
fn file_name(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}
