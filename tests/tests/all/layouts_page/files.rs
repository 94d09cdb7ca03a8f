//! Which files of which folders are read, and in which order.

use std::fs;

use migration_kit::Dialect;
use migration_kit::sql::{Layout, LossKind, MigrationSet, convert, detect};

use super::sample::{Sample, beside, ids};
use super::written::{one, set};
use super::{Case, Group};

const TABLE: &str = "CREATE TABLE a (x int);";
const OTHER: &str = "CREATE TABLE b (x int);";

pub(super) const GROUP: Group = Group {
    title: "Files",
    about: "What is read. *by name*: both run, in the order of their names.",
    cases: &[
        Case { what: "is told from its files", answer: is_told },
        Case { what: "files in sub-folders", answer: in_folders },
        Case { what: "several directories, one order", answer: several_directories },
        Case {
            what: "a folder for each kind of database",
            answer: |to| of_a_kind(to, Some(Dialect::Sqlite)),
        },
        Case { what: "the same, with no database named", answer: |to| of_a_kind(to, None) },
        Case { what: "two names of one version", answer: one_version_twice },
        Case { what: "a stray `notes.sql`", answer: |to| stray(to, "notes.sql") },
        Case { what: "what only its own tool would run", answer: other_language },
        Case { what: "`U1__a.sql` beside version 1", answer: undo },
        Case { what: "`U2__b.sql`, and no version 2", answer: |to| stray(to, "U2__b.sql") },
        Case { what: "`R__v.sql`: last, and again when changed", answer: repeatable },
    ],
};

pub(super) const ORDER: Group = Group {
    title: "Order",
    about: "The order of the tool itself; dependencies go before it. *refused*: to the tool these are no versions.",
    cases: &[
        Case { what: "`2` before `10`", answer: |to| order(to, ["2", "10"]) },
        Case { what: "`1.9` before `1.10`", answer: |to| order(to, ["1.9", "1.10"]) },
        Case {
            what: "`20240201` before `20240101120000`, as numbers",
            answer: |to| order(to, ["20240201", "20240101120000"]),
        },
        Case {
            what: "`20240101_…` before `20240101120000_…`",
            answer: |to| order(to, ["20240101", "20240101120000"]),
        },
        Case { what: "`a` before `B`, as JavaScript's `localeCompare`", answer: |to| order(to, ["a", "B"]) },
    ],
};

fn is_told(to: Layout) -> String {
    let sample = Sample::new(to);
    _ = sample.migration("", "1", "a", TABLE);
    match detect(sample.directory()).unwrap() {
        Some(layout) if layout == to => "yes".to_owned(),
        Some(layout) => format!("as `{layout}`"),
        None => "no".to_owned(),
    }
}

fn in_folders(to: Layout) -> String {
    let sample = Sample::new(to);
    _ = sample.migration("", "1", "a", TABLE);
    _ = sample.migration("below", "2", "b", OTHER);
    match beside(&sample.load(), "below").as_str() {
        "a migration" => "yes".to_owned(),
        other => other.to_owned(),
    }
}

fn several_directories(to: Layout) -> String {
    let sample = Sample::new(to);
    let directories = ["x", "y"].map(|folder| sample.directory().join(folder));
    _ = sample.migration("x", "2", "b", OTHER);
    _ = sample.migration("y", "1", "a", TABLE);
    match MigrationSet::load_all(&directories, &sample.options()) {
        Ok(set) if set.len() == 2 && set.migrations()[0].up.text.contains(TABLE) => "yes",
        Ok(_) => "no",
        Err(_) => "refused",
    }
    .to_owned()
}

fn of_a_kind(to: Layout, dialect: Option<Dialect>) -> String {
    let sample = Sample::new(to);
    _ = sample.migration("postgres", "1", "a", OTHER);
    _ = sample.migration("sqlite", "1", "a", TABLE);
    let mut options = sample.options();
    options.dialect = dialect;
    match MigrationSet::load_with(sample.directory(), &options) {
        Ok(set) if set.len() == 1 && set.migrations()[0].up.text.contains(TABLE) => "yes",
        Ok(_) => "no",
        Err(_) => "refused",
    }
    .to_owned()
}

fn one_version_twice(to: Layout) -> String {
    let sample = Sample::new(to);
    _ = sample.migration("", "1", "b", OTHER);
    _ = sample.migration("", "1", "a", TABLE);
    match sample.load() {
        Ok(set) if set.len() == 2 && set.migrations()[0].up.text.contains(TABLE) => "by name",
        Ok(_) => "no",
        Err(_) => "refused",
    }
    .to_owned()
}

fn stray(to: Layout, name: &str) -> String {
    let sample = Sample::new(to);
    _ = sample.migration("", "1", "a", TABLE);
    _ = sample.write(name, OTHER);
    beside(&sample.load(), name)
}

/// A file that the layout's own tool would run, or not know what to do with, and that is no script of a migration here.
fn other_language(to: Layout) -> String {
    let file = match to {
        Layout::GolangMigrate => "2_b.up.json",
        Layout::Flyway => "beforeMigrate.sql",
        Layout::Refinery => "V2__b.rs",
        Layout::Goose => "2_b.go",
        _ => return "–".to_owned(),
    };
    format!("`{file}` {}", stray(to, file))
}

fn undo(to: Layout) -> String {
    let sample = Sample::new(to);
    _ = sample.migration("", "1", "a", TABLE);
    _ = sample.write("U1__a.sql", "DROP TABLE a;");
    match &sample.load() {
        Ok(set) if set.len() == 1 && set.migrations()[0].down.is_some() => "its down part".to_owned(),
        loaded => beside(loaded, "U1__a.sql"),
    }
}

/// Whether a view is made after all tables, and again when its text is another one.
fn repeatable(to: Layout) -> String {
    let sample = Sample::new(to);
    let view = |x: u8| {
        sample.write("R__v.sql", &format!("DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT {x} AS x FROM a;"))
    };
    _ = sample.migration("", "1", "a", TABLE);
    _ = view(1);
    let loaded = sample.load();
    match loaded {
        Ok(set) if set.migrations().iter().any(|migration| migration.repeatable) => {
            let first = sample.up(set).unwrap();
            _ = view(2);
            let again = sample.up(sample.load().unwrap()).unwrap();
            let unchanged = sample.up(sample.load().unwrap()).unwrap();
            let as_wanted = ids(&first).last() == Some(&"R__v") && ids(&first).len() == 2;
            let yes = as_wanted && ids(&again) == ["R__v"] && ids(&unchanged).is_empty();
            if yes { "yes" } else { "no" }.to_owned()
        }
        loaded => beside(&loaded, "R__v.sql"),
    }
}

/// The order in which the layout's own names of these versions come; `refused` where they are no versions.
fn order(to: Layout, versions: [&str; 2]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for version in versions {
        let written = convert(&set(vec![one(version)]), to).unwrap();
        let part = folder.path().join(version);
        let accepted = [LossKind::Ids];
        // Each alone, so that the names are those of its version; then all of them beside each other.
        if !written.migrations[0].new_id.contains(version) || written.write(&part, &accepted).is_err() {
            return "refused".to_owned();
        }
    }
    let all = folder.path().join("all");
    fs::create_dir(&all).unwrap();
    for version in versions {
        for entry in fs::read_dir(folder.path().join(version)).unwrap().map(Result::unwrap) {
            fs::rename(entry.path(), all.join(entry.file_name())).unwrap();
        }
    }
    let Ok(loaded) = MigrationSet::load(&all, Some(to)) else { return "refused".to_owned() };
    let version = |place: usize| loaded.migrations().get(place).and_then(|found| found.version.clone());
    let id = |place: usize| loaded.migrations().get(place).map(|found| found.id.clone());
    let is = |place: usize, wanted: &str| match (version(place), id(place)) {
        (Some(version), _) => version == wanted,
        (None, Some(id)) => id.starts_with(&format!("{wanted}_")),
        (None, None) => false,
    };
    if is(0, versions[0]) && is(1, versions[1]) { "yes" } else { "no" }.to_owned()
}
