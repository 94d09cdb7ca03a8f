//! The rules of the workspace that a compiler doesn't know, each a test. What fails says where and what to do.

mod dependencies;
mod docs;
mod manifests;
mod module_tree;
mod text;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::metadata::query;
use crate::step::root;

/// The workspace, as these rules need it.
#[derive(Debug, Deserialize)]
struct Workspace {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    description: Option<String>,
    rust_version: Option<String>,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build` or nothing.
    kind: Option<String>,
    /// Where it lies, if it lies in this repository.
    path: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    src_path: PathBuf,
}

impl Workspace {
    fn load() -> Self {
        query(&["--no-deps"]).unwrap()
    }

    /// With all that the workspace depends on, on the machine that this runs on.
    fn load_with_dependencies() -> Self {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let version = Command::new(rustc).arg("-vV").output().unwrap();
        let version = String::from_utf8(version.stdout).unwrap();
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        query(&["--all-features", "--filter-platform", host]).unwrap()
    }

    /// The crates below `crates/`: all but the tests that cross crates and this program.
    fn crates(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| package.folder().parent().is_some_and(|p| p.ends_with("crates")))
    }
}

impl Package {
    fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap()
    }
}

/// Asserts that a rule has nothing to complain about.
#[track_caller]
fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n"));
}

/// The path as one writes it in the repository.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// All files of the repository with one of these extensions, sorted.
fn files(extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.retain(|path| path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)));
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        // That of the entry itself: symbolic links are not followed.
        let kind = entry.file_type().unwrap();
        if kind.is_file() {
            found.push(path);
        } else if kind.is_dir() && ![".git", "target"].map(OsStr::new).contains(&&*entry.file_name()) {
            walk(&path, found);
        }
    }
}

/// The Rust sources of all crates: the `.rs` files below a folder `src`.
fn sources() -> Vec<PathBuf> {
    let below_src =
        |path: &PathBuf| path.strip_prefix(root()).unwrap().components().any(|c| c.as_os_str() == "src");
    files(&["rs"]).into_iter().filter(below_src).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", shown(path)))
}
