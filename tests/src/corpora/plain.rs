//! Histories of layouts that the product doesn't read, put together from their files.

use std::path::{Path, PathBuf};

use migration_kit::sql::{MigrationSet, Script, SqlMigration};

use super::History;

/// One migration: what its id ends in, and its two texts.
type Plain = (String, String, Option<String>);

/// Files that the project's own program doesn't run on an empty database, by what their names begin with: an upgrade to what
/// the history begins with, and indices that are made when the data is there.
const NOT_RUN: &[(&str, &str, &str)] =
    &[("dolphinscheduler", "postgres", "1.2.0_schema"), ("cardano-db-sync", "postgres", "migration-4-")];

impl History {
    /// The migrations of a history in the order in which its own tool runs them, with the corpora's replacements made.
    ///
    /// # Panics
    /// When the folder can't be read, holds another number of migrations than the index says, or is of a layout that is
    /// not known here.
    #[must_use]
    pub(super) fn load_plain(&self) -> MigrationSet {
        let root = &self.folder;
        let found = match self.layout.as_str() {
            "sql-migrate" => sections(root, "-- +migrate up", "-- +migrate down"),
            "authelia" | "pop" => pairs(root, &self.dialect),
            "drizzle" | "version-dirs" | "plain" => one_way(root),
            "manifest-dirs" => listed(root),
            "sqitch" => planned(root),
            other => panic!("{}: nothing is known of {other}", self.project),
        };
        let is_run = |(name, ..): &Plain| {
            let is_it = |(project, dialect, start): &(&str, &str, &str)| {
                *project == self.project && *dialect == self.dialect && name.starts_with(start)
            };
            !NOT_RUN.iter().any(is_it)
        };
        let found: Vec<Plain> = found.into_iter().filter(is_run).collect();
        assert_eq!(found.len(), self.up_files, "{}", self.project);
        let text = |text: String| Script::from_text(self.prepared(&text));
        let migration = |(place, (name, up, down)): (usize, Plain)| {
            SqlMigration::new(format!("{place:04}_{name}"), text(up), down.map(text))
        };
        MigrationSet::new(found.into_iter().enumerate().map(migration).collect()).expect("numbered ids")
    }
}

/// Both directions in a file, each behind a comment.
fn sections(root: &Path, up: &str, down: &str) -> Vec<Plain> {
    let read = |path: PathBuf| {
        let text = read(&path);
        let (mut is_up, mut is_down) = (false, false);
        let (mut up_text, mut down_text) = (String::new(), None);
        for line in text.split_inclusive('\n') {
            let start = line.trim_start().to_ascii_lowercase();
            if start.starts_with(up) || start.starts_with(down) {
                (is_up, is_down) = (start.starts_with(up), start.starts_with(down));
            } else if is_down {
                down_text.get_or_insert_with(String::new).push_str(line);
            } else if is_up {
                up_text.push_str(line);
            }
        }
        (name(root, &path), up_text, down_text.filter(|text| !text.trim().is_empty()))
    };
    sql_files(root).into_iter().map(read).collect()
}

/// What stands between a name and its direction.
const INFIXES: &[&str] = &["autocommit", "cockroach", "mysql", "postgres", "sqlite", "sqlite3"];

/// A file for each direction; one for this server rather than one for all.
fn pairs(root: &Path, dialect: &str) -> Vec<Plain> {
    let files = sql_files(root);
    let mut stems: Vec<String> = Vec::new();
    for path in &files {
        let name = name(root, path);
        let Some(mut stem) = name.strip_suffix(".up.sql") else { continue };
        while let Some((common, last)) = stem.rsplit_once('.') {
            if !INFIXES.contains(&last) {
                break;
            }
            stem = common;
        }
        if !stems.iter().any(|known| known == stem) {
            stems.push(stem.to_owned());
        }
    }
    let text = |stem: &str, direction: &str| {
        let infixes =
            [format!(".{dialect}.autocommit"), format!(".{dialect}"), ".autocommit".into(), String::new()];
        let paths = infixes.map(|infix| root.join(format!("{stem}{infix}.{direction}.sql")));
        paths.iter().find(|path| path.is_file()).map(|path| read(path))
    };
    let found = stems.into_iter().filter_map(|stem| Some((text(&stem, "up")?, text(&stem, "down"), stem)));
    found.map(|(up, down, stem)| (stem, up, down)).collect()
}

/// Files without a way back.
fn one_way(root: &Path) -> Vec<Plain> {
    let is_wanted = |path: &PathBuf| name(root, path) != "LATEST.sql";
    let read = |path: PathBuf| (name(root, &path), read(&path), None);
    sql_files(root).into_iter().filter(is_wanted).map(read).collect()
}

/// Files in the order that a manifest in each folder gives.
fn listed(root: &Path) -> Vec<Plain> {
    let mut folders: Vec<PathBuf> = entries(root);
    folders.sort_by_key(|folder| natural(&name(root, folder)));
    let mut found = Vec::new();
    for folder in folders {
        // What comes before all versions has none.
        if folder.ends_with("_base") {
            let base = one_way(&folder).into_iter();
            found.extend(base.map(|(name, up, down)| (format!("_base-{name}"), up, down)));
            continue;
        }
        let manifest: serde_json::Value =
            serde_json::from_str(&read(&folder.join("manifest.json"))).expect("a manifest in JSON");
        for file in manifest["SchemaUpdateCqlFiles"].as_array().into_iter().flatten() {
            let path = folder.join(file.as_str().expect("a file's name"));
            found.push((name(root, &path), read(&path), None));
        }
    }
    found
}

/// Changes in the order of sqitch's plan. One that is made again later stands until then in the files that are named for the
/// last tag before that.
fn planned(root: &Path) -> Vec<Plain> {
    let plan = read(&root.join("sqitch.plan"));
    let entry = |line: &str| {
        let is_entry = !line.is_empty() && !line.starts_with(['%', '#']);
        is_entry.then(|| line.split_whitespace().next().unwrap_or_default().to_owned())
    };
    let entries: Vec<String> = plan.lines().filter_map(|line| entry(line.trim())).collect();
    let mut found = Vec::new();
    for (place, name) in entries.iter().enumerate().filter(|(_, name)| !name.starts_with('@')) {
        let later = &entries[place + 1..];
        let until_again = later.iter().position(|entry| entry == name).map_or(&[][..], |at| &later[..at]);
        let tags = until_again.iter().filter(|entry| entry.starts_with('@'));
        let mut kept = tags.rev().map(|tag| format!("{name}{tag}.sql"));
        let kept = kept.find(|file| root.join("deploy").join(file).is_file());
        let file = kept.unwrap_or_else(|| format!("{name}.sql"));
        let down = root.join("revert").join(&file);
        let down = down.is_file().then(|| read(&down));
        found.push((file.replace('/', "-"), read(&root.join("deploy").join(&file)), down));
    }
    found
}

/// All SQL files below a folder, numbers in their paths compared as numbers; what comes before all versions first, what is
/// made again whenever it changes last.
fn sql_files(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                files.push(path);
            }
        }
    }
    files.sort_by_key(|path| {
        let name = name(root, path);
        (!name.starts_with("_base"), name.starts_with("R__"), natural(&name))
    });
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The path below the root, as an id may have it.
fn name(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).expect("a path below the root");
    let folders = below.iter().map(|part| part.to_string_lossy().into_owned());
    folders.collect::<Vec<_>>().join("-")
}

/// A key by which `v1.10` comes after `v1.9`, and `V4_0` before `V4_0_1`.
fn natural(name: &str) -> Vec<(u128, String)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest[..digits].parse().unwrap_or(0);
        rest = &rest[digits..];
        let text = rest.bytes().take_while(|byte| !byte.is_ascii_digit()).count();
        // The end of a version is before all that may go on with it.
        let between = if rest.starts_with("__") { " " } else { &rest[..text] };
        parts.push((number, between.to_owned()));
        rest = &rest[text..];
    }
    parts
}
