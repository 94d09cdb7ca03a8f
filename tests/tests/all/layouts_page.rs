//! `docs/layouts.md`: what each layout can hold, as it is found out by writing one thing in all of them and reading it again.
//!
//! Each row is a case that runs; the page is what came of it. `UPDATE_EXPECT=1` writes the page.

use std::fmt::Write as _;
use std::fs;

use migration_kit::sql::{
    Layout, LossKind, MigrationSet, NewMigration, Script, SqlMigration, convert, detect, write_new,
};

/// One thing that a layout may be able to do. The answer is `yes`, `no` or a word that the page explains.
struct Case {
    what: &'static str,
    answer: fn(Layout) -> String,
}

const CASES: &[Case] = &[
    Case { what: "is told from its files", answer: is_told },
    Case { what: "orders `2` before `10`", answer: |to| order(to, ["2", "10"]) },
    Case { what: "orders `1.9` before `1.10`", answer: |to| order(to, ["1.9", "1.10"]) },
    Case { what: "files in sub-folders", answer: in_folders },
    Case { what: "ids of any form", answer: |to| holds(to, |m| "migration of 7".clone_into(&mut m.id)) },
    Case { what: "down part", answer: |to| holds(to, |m| m.down = Some(Script::from_text("DROP TABLE a;"))) },
    Case { what: "no transaction", answer: |to| holds(to, |m| m.run_in_transaction = false) },
    Case { what: "no transaction on the way down only", answer: |to| holds(to, down_alone) },
    Case { what: "description", answer: |to| holds(to, |m| m.description = Some("why".to_owned())) },
    Case { what: "dependencies", answer: depends },
    Case {
        what: "time of writing",
        answer: |to| holds(to, |m| m.created_at = Some("2024-05-01T12:00:00Z".to_owned())),
    },
    Case {
        what: "`${name}` in SQL as it stands",
        answer: |to| holds(to, |m| m.up = Script::from_text("SELECT '${name}';")),
    },
    Case { what: "a line `-- +goose Down` in SQL", answer: |to| line(to, "-- +goose Down") },
    Case { what: "a line `-- migrate:down` in SQL", answer: |to| line(to, "-- migrate:down") },
    Case { what: "`migration new`", answer: |to| new(to, None) },
    Case { what: "`migration new --rollback-sql`", answer: |to| new(to, Some("DROP TABLE a;")) },
];

fn one(version: &str) -> SqlMigration {
    let mut migration =
        SqlMigration::new(format!("{version}_a"), Script::from_text("CREATE TABLE a (x int);"), None);
    "a".clone_into(&mut migration.name);
    migration.version = Some(version.to_owned());
    migration
}

fn set(migrations: Vec<SqlMigration>) -> MigrationSet {
    MigrationSet::new(migrations).unwrap()
}

/// `yes` if nothing is lost of a migration but, where the layout names files otherwise, its id.
fn holds(to: Layout, change: fn(&mut SqlMigration)) -> String {
    let mut migration = one("1");
    change(&mut migration);
    let asks_for_id = migration.id != "1_a";
    held(to, &set(vec![migration]), asks_for_id)
}

fn held(to: Layout, set: &MigrationSet, with_ids: bool) -> String {
    match convert(set, to) {
        Ok(conversion) => {
            let mut lost = conversion.losses.iter().filter(|loss| with_ids || loss.kind != LossKind::Ids);
            if conversion.losses.iter().any(|loss| !loss.kind.can_be_accepted()) {
                "refused".to_owned()
            } else {
                if lost.next().is_some() { "no" } else { "yes" }.to_owned()
            }
        }
        Err(_) => "refused".to_owned(),
    }
}

fn down_alone(migration: &mut SqlMigration) {
    migration.down = Some(Script::from_text("DROP TABLE a;"));
    migration.down_in_transaction = Some(false);
}

fn depends(to: Layout) -> String {
    let mut second = one("2");
    second.dependencies = vec!["1_a".to_owned()];
    held(to, &set(vec![one("1"), second]), false)
}

fn line(to: Layout, line: &str) -> String {
    let mut migration = one("1");
    migration.up = Script::from_text(format!("SELECT '\n{line}\n';"));
    held(to, &set(vec![migration]), false)
}

fn is_told(to: Layout) -> String {
    let conversion = convert(&set(vec![one("1")]), to).unwrap();
    match conversion.detected {
        Some(layout) if layout == to => "yes".to_owned(),
        Some(layout) => format!("as `{layout}`"),
        None => "no".to_owned(),
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
    let is_first = loaded.migrations()[0].id.contains(versions[0]);
    if loaded.len() == 2 && is_first { "yes" } else { "no" }.to_owned()
}

fn in_folders(to: Layout) -> String {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("all/sub");
    fs::create_dir(folder.path().join("all")).unwrap();
    convert(&set(vec![one("1")]), to).unwrap().write(&below, &[LossKind::Ids]).unwrap();
    match MigrationSet::load(folder.path().join("all"), Some(to)) {
        Ok(set) if set.len() == 1 => "yes",
        Ok(_) => "no",
        Err(_) => "refused",
    }
    .to_owned()
}

fn new(to: Layout, rollback_sql: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut request = NewMigration::new("a", "2024-05-01T12:00:00Z".parse().unwrap());
    request.sql = Some("CREATE TABLE a (x int);".to_owned());
    request.rollback_sql = rollback_sql.map(str::to_owned);
    if write_new(folder.path(), to, &request).is_err() {
        return "refused".to_owned();
    }
    let set = MigrationSet::load(folder.path(), Some(to)).unwrap();
    assert!(detect(folder.path()).unwrap().is_some());
    if set.migrations()[0].down.is_some() == rollback_sql.is_some() { "yes" } else { "no" }.to_owned()
}

fn page() -> String {
    let mut page = "# Layouts\n\n\
        What each layout holds. This page is written by a test (`tests/tests/all/layouts_page.rs`): it writes one thing in every\n\
        layout, reads it again, and compares; a cell is what came of that. [Formats](formats.md) has the names of the files,\n\
        [another layout](convert.md) how to get from one to another.\n\n\
        * *yes*: what was written is what was read. *no*: it was lost, or read as something else.\n\
        * *refused*: an error says so before anything is written or run.\n\
        * *as `…`*: the files are also those of that layout, and taken for it; `--layout` says better.\n\n"
        .to_owned();
    let row = |page: &mut String, first: &str, cells: &[String]| {
        writeln!(page, "| {first} | {} |", cells.join(" | ")).unwrap();
    };
    row(&mut page, "", &Layout::ALL.iter().map(|to| format!("`{to}`")).collect::<Vec<_>>());
    row(&mut page, "---", &Layout::ALL.iter().map(|_| "---".to_owned()).collect::<Vec<_>>());
    for case in CASES {
        row(&mut page, case.what, &Layout::ALL.iter().map(|to| (case.answer)(*to)).collect::<Vec<_>>());
    }
    page.push_str(
        "\nReal histories, where the corpora are at hand: every one is loaded in the order of its own tool, converted to every\n\
         layout, and applied beside the database's own client.\n\n    MIGRATION_HISTORIES=all cargo xtask test histories\n",
    );
    page
}

#[test]
fn the_page_is_what_the_cases_find() {
    expect_test::expect_file!["../../../docs/layouts.md"].assert_eq(&page());
}
