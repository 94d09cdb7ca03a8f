//! Bad input: each gives one clear error and the right exit code, and leaves nothing half done.

mod config;
mod content;
mod database;
mod drift;
mod failures;
mod files;
mod full;
mod locked;
mod scripts;
mod servers;
mod size;
mod urls;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use migration_tests::{Output, Project};
use serde_json::{Value, json};

/// Runs a command that is refused before anything is begun: as JSON and for a terminal, with the exit code, the error
/// code and the words that its message must hold, and with no file of the project other than before.
#[track_caller]
fn check_error(project: &Project, arguments: &[&str], exit: i32, code: &str, words: &[&str]) -> Value {
    let before = Tree::of(project.root());
    let json = run_json(project, arguments);
    let error = refused(&json, exit, code, words);
    before.assert_unchanged("with --json");
    if ["up", "down", "redo"].contains(&arguments[0]) {
        assert_eq!(error["error"]["effects"], json!({"state": "none", "migrations": {}}));
    }
    shown(&project.migration(arguments).run(), exit, code, words);
    before.assert_unchanged("without --json");
    error
}

/// Runs a command whose run fails, as JSON; then again for a terminal, where by then nothing more takes effect.
#[track_caller]
fn check_failure(project: &Project, arguments: &[&str], exit: i32, code: &str, words: &[&str]) -> Value {
    let error = refused(&run_json(project, arguments), exit, code, words);
    assert_clean(project);
    let after = dump(project);
    if exit == 7 {
        assert_eq!(error["error"]["effects"]["state"], "none", "{error:#}");
    }
    shown(&project.migration(arguments).run(), 7, code, words);
    assert_clean(project);
    assert_eq!(dump(project), after, "the second run left something behind");
    error
}

/// Runs a command that works; its report.
#[track_caller]
fn check_ok(project: &Project, arguments: &[&str]) -> Value {
    let output = run_json(project, arguments).expect(0);
    let report = output.json();
    assert_eq!(report["ok"], true, "{report:#}");
    assert_eq!(report["error"], Value::Null, "{report:#}");
    assert_clean(project);
    report
}

fn run_json(project: &Project, arguments: &[&str]) -> Output {
    project.migration(&[&["--json"], arguments].concat()).run()
}

/// The one JSON object of a command that was refused.
#[track_caller]
fn refused(output: &Output, exit: i32, code: &str, words: &[&str]) -> Value {
    let said = || format!("stdout: {}\nstderr: {}", shorten(&output.stdout), shorten(&output.stderr));
    assert_no_panic(output);
    let report = output.json();
    assert_eq!(report["error"]["code"], code, "{}", said());
    assert_eq!(output.code, Some(exit), "{}", said());
    assert_eq!(report["ok"], false, "{}", said());
    assert!(report["next_actions"].is_array(), "{}", said());
    assert!(output.stdout.len() < 20_000, "a report of {} bytes", output.stdout.len());
    let error = &report["error"];
    let text = [&error["message"], &error["why"], &error["where"]["file"]]
        .map(|part| part.as_str().unwrap_or_default())
        .join("\n");
    for word in words {
        assert!(text.contains(word), "`{word}` is not in what is said: {text}\n{}", said());
    }
    report
}

/// What a person sees of a command that was refused.
#[track_caller]
fn shown(output: &Output, exit: i32, code: &str, words: &[&str]) {
    let said = || format!("stdout: {}\nstderr: {}", shorten(&output.stdout), shorten(&output.stderr));
    assert_no_panic(output);
    assert_eq!(output.code, Some(exit), "{}", said());
    let title = format!("error[{code}]: ");
    let errors: Vec<&str> = output.stderr.lines().filter(|line| line.starts_with("error")).collect();
    assert!(errors.len() == 1 && errors[0].starts_with(&title), "one `{title}` expected\n{}", said());
    assert!(output.stderr.len() < 10_000, "{} bytes on stderr", output.stderr.len());
    for word in words {
        assert!(output.stderr.contains(word), "`{word}` is not in what is said\n{}", said());
    }
}

#[track_caller]
fn assert_no_panic(output: &Output) {
    for text in [&output.stdout, &output.stderr] {
        let panic = ["panicked", "stack backtrace", "RUST_BACKTRACE", "internal error", "internal."];
        let found = panic.iter().find(|word| text.contains(**word));
        assert!(found.is_none(), "stdout: {}\nstderr: {}", shorten(&output.stdout), shorten(&output.stderr));
    }
}

/// No file is left that a run should have taken away.
#[track_caller]
fn assert_clean(project: &Project) {
    let tree = Tree::of(project.root());
    let left = ["-journal", "-wal", "-shm", "-migration-lock", ".tmp", "~"];
    for name in tree.entries.keys() {
        let text = name.to_string_lossy();
        assert!(!left.iter().any(|suffix| text.ends_with(suffix)), "{} was left behind", name.display());
    }
}

/// The whole database as SQL text, history included, as SQLite's own client reads it.
fn dump(project: &Project) -> String {
    client(project, ".dump")
}

/// What SQLite's own client says to a line of input.
#[track_caller]
fn client(project: &Project, input: &str) -> String {
    let output = std::process::Command::new("sqlite3")
        .args(["-cmd", ".timeout 5000"])
        .args([project.path("app.db").as_os_str(), OsStr::new(input)])
        .output()
        .expect("the sqlite3 client, which `cargo xtask test` installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The ids that the database says are applied.
fn applied(project: &Project) -> Vec<String> {
    client(project, "SELECT id FROM _migrations ORDER BY id").lines().map(str::to_owned).collect()
}

/// Where a migration stands, as `status` says.
#[track_caller]
fn state_of(project: &Project, id: &str) -> String {
    let status = check_ok(project, &["status"]);
    let migrations = status["data"]["migrations"].as_array().unwrap();
    let found = migrations.iter().find(|migration| migration["id"] == id);
    found.unwrap_or_else(|| panic!("no `{id}` in {status:#}"))["status"].as_str().unwrap().to_owned()
}

/// A project with three plain migrations, the first of them applied.
fn half_applied() -> Project {
    let project = Project::new(
        "//- migrations/01_users/up.sql\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n\
         INSERT INTO users VALUES (1, 'one');\n\
         //- migrations/01_users/down.sql\nDROP TABLE users;\n\
         //- migrations/02_posts/up.sql\nCREATE TABLE posts (id INTEGER PRIMARY KEY);\n\
         //- migrations/02_posts/down.sql\nDROP TABLE posts;\n\
         //- migrations/03_tags/up.sql\nCREATE TABLE tags (id INTEGER PRIMARY KEY);\n\
         //- migrations/03_tags/down.sql\nDROP TABLE tags;\n",
    );
    let _ = check_ok(&project, &["up", "--steps", "1"]);
    project
}

/// Every file below a folder, by its content.
#[derive(Debug, PartialEq, Eq)]
struct Tree {
    root: PathBuf,
    entries: BTreeMap<PathBuf, Content>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Folder,
    Link(PathBuf),
    File { bytes: u64, hash: u64 },
}

impl Tree {
    fn of(root: &Path) -> Self {
        let mut entries = BTreeMap::new();
        collect(root, &mut entries);
        Self { root: root.to_owned(), entries }
    }

    #[track_caller]
    fn assert_unchanged(&self, when: &str) {
        let now = Self::of(&self.root);
        let names = self.entries.keys().chain(now.entries.keys());
        let other: Vec<_> = names
            .filter(|name| self.entries.get(*name) != now.entries.get(*name))
            .map(|name| (name, self.entries.get(name), now.entries.get(name)))
            .collect();
        assert!(other.is_empty(), "files were changed {when}: {other:?}");
    }
}

fn collect(folder: &Path, entries: &mut BTreeMap<PathBuf, Content>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        let content = if kind.is_symlink() {
            Content::Link(fs::read_link(&path).unwrap())
        } else if kind.is_dir() {
            collect(&path, entries);
            Content::Folder
        } else if kind.is_file() {
            let bytes = fs::read(&path).unwrap();
            let mut hasher = DefaultHasher::new();
            bytes.hash(&mut hasher);
            Content::File { bytes: bytes.len() as u64, hash: hasher.finish() }
        } else {
            continue;
        };
        entries.insert(path, content);
    }
}

/// The beginning of what may be very long.
fn shorten(text: &str) -> String {
    text.chars().take(4000).collect()
}
