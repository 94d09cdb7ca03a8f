//! Directories of migrations in every layout: what is read, what is warned about, what is refused.
//!
//! A directory is one string: a line `//- path` begins a file. `check` prints what was loaded, or the error.
#![expect(clippy::unwrap_used, reason = "these are tests, helper functions included")]
#![expect(
    clippy::needless_pass_by_value,
    reason = "`check(…, expect![…])` reads better without an ampersand"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};
use migration_sql::{Layout, LoadError, MigrationSet, detect};
use tempfile::TempDir;

#[path = "layouts/corpora.rs"]
mod corpora;
#[path = "layouts/diesel.rs"]
mod diesel;
#[path = "layouts/flyway.rs"]
mod flyway;
#[path = "layouts/json.rs"]
mod json;
#[path = "layouts/numbered.rs"]
mod numbered;
#[path = "layouts/prisma.rs"]
mod prisma;
#[path = "layouts/refinery.rs"]
mod refinery;
#[path = "layouts/robust.rs"]
mod robust;
#[path = "layouts/scale.rs"]
mod scale;
#[path = "layouts/sections.rs"]
mod sections;

/// Loads a directory with these files, detecting the layout.
fn check(files: &str, expected: Expect) {
    check_as(files, None, expected);
}

/// The same in a layout that was asked for.
fn check_as(files: &str, layout: Option<Layout>, expected: Expect) {
    let directory = directory(files);
    expected.assert_eq(&outcome(directory.path(), layout));
}

/// A temporary directory with these files. In their texts, `\r`, `\u{feff}` and so on stand for themselves.
fn directory(files: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut rest = files.split("//- ");
    assert_eq!(rest.next().map(str::trim), Some(""), "a fixture begins with a file");
    for file in rest {
        let (path, text) = file.split_once('\n').unwrap();
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

/// What came of loading, as text, with `DIR` for the directory.
fn outcome(directory: &Path, layout: Option<Layout>) -> String {
    let text = match MigrationSet::load(directory, layout) {
        Ok(set) => describe(&set),
        Err(error) => describe_error(&error),
    };
    text.replace(directory.to_str().unwrap(), "DIR")
}

fn describe(set: &MigrationSet) -> String {
    let mut out = set.layout.map_or("no layout\n".to_owned(), |layout| format!("{layout}\n"));
    for m in set.migrations() {
        let version = m.version.as_deref().unwrap_or("-");
        write!(out, "{} | {version} | {}", m.id, m.name).unwrap();
        let file = |path: &Option<std::path::PathBuf>| path.as_ref().unwrap().file_name().unwrap().to_owned();
        write!(out, " | {}", file(&m.up.path).display()).unwrap();
        if let Some(down) = &m.down {
            write!(out, " {}", file(&down.path).display()).unwrap();
        }
        if let Some(description) = &m.description {
            write!(out, " | {description:?}").unwrap();
        }
        if !m.dependencies.is_empty() {
            write!(out, " | needs {}", m.dependencies.join(", ")).unwrap();
        }
        out += if m.repeatable { " | repeatable" } else { "" };
        out += if m.run_in_transaction { "" } else { " | no transaction" };
        match m.down_in_transaction {
            Some(true) => out += " | down in one",
            Some(false) => out += " | down in none",
            None => {}
        }
        out += "\n";
    }
    for warning in &set.warnings {
        writeln!(out, "warning: {warning}").unwrap();
    }
    out
}

fn describe_error(error: &LoadError) -> String {
    assert!(LoadError::CODES.contains(&error.code()), "{}", error.code());
    let mut out = format!("{}: {error}\n", error.code());
    let mut cause = error.source();
    while let Some(error) = cause {
        writeln!(out, "cause: {error}").unwrap();
        cause = error.source();
    }
    match error.location() {
        Some((path, Some(line), Some(column))) => {
            writeln!(out, "at {}:{line}:{column}", path.display()).unwrap();
        }
        Some((path, ..)) => writeln!(out, "at {}", path.display()).unwrap(),
        None => {}
    }
    out
}

#[test]
fn an_empty_directory_is_an_empty_set() {
    check(
        "//- .gitkeep\n//- README.md\n",
        expect![[r#"
        no layout
    "#]],
    );
}

#[test]
fn files_of_two_layouts_are_not_guessed_at() {
    check(
        "//- 2024-05-01-120000_users/up.sql\n//- 1_a.up.sql\n//- 1_a.down.sql\n//- package.json\n{}",
        expect![[r#"
            load.ambiguous_layout: `DIR` holds files of more than one layout: `DIR/2024-05-01-120000_users` (diesel), `DIR/package.json` (json), `DIR/1_a.down.sql` (golang-migrate)
            at DIR
        "#]],
    );
}

#[test]
fn the_layout_asked_for_overrides() {
    let files = "//- 2024-05-01-120000_users/up.sql\n//- 1_a.up.sql\n//- 1_a.down.sql\n//- package.json\n{}";
    check_as(
        files,
        Some(Layout::GolangMigrate),
        expect![[r#"
            golang-migrate
            1_a | 1 | a | 1_a.up.sql 1_a.down.sql
            warning: `DIR/2024-05-01-120000_users` is ignored: folders are not searched in this layout, and it holds `up.sql`
            warning: `DIR/package.json` is ignored: it is not `N_name.up.sql` or `N_name.down.sql`
        "#]],
    );
    check_as(
        files,
        Some(Layout::Diesel),
        expect![[r#"
            diesel
            2024-05-01-120000_users | 20240501120000 | users | up.sql
            warning: `DIR/1_a.down.sql` is ignored: it is not a folder with an `up.sql`
            warning: `DIR/1_a.up.sql` is ignored: it is not a folder with an `up.sql`
            warning: `DIR/package.json` is ignored: it is not a folder with an `up.sql`
        "#]],
    );
}

#[test]
fn sql_of_no_layout_is_not_overlooked() {
    check(
        "//- init.sql\n//- README.md\n",
        expect![[r#"
            load.unknown_layout: `DIR/init.sql` belongs to no known layout (diesel, json, golang-migrate, sqlx, flyway, refinery, goose, dbmate, prisma)
            at DIR/init.sql
        "#]],
    );
    check(
        "//- schema/users.sql\n",
        expect![[r#"
            load.unknown_layout: `DIR/schema/users.sql` belongs to no known layout (diesel, json, golang-migrate, sqlx, flyway, refinery, goose, dbmate, prisma)
            at DIR/schema/users.sql
        "#]],
    );
    check(
        "//- docs/notes.md\n",
        expect![[r#"
            no layout
            warning: `DIR/docs` is ignored: it is not a migration
        "#]],
    );
}

#[test]
fn tools_that_keep_up_and_down_in_one_file_are_recognized() {
    check(
        "//- 1_a.sql\n-- licence\n\n-- +migrate Up\nCREATE TABLE a (x);\n-- +migrate Down\nDROP TABLE a;\n",
        expect![[r#"
            load.foreign_layout: `DIR/1_a.sql` was written for sql-migrate: run whole, as its name asks for, it would undo itself
            at DIR/1_a.sql
        "#]],
    );
    check_as(
        "//- 1_a.sql\n-- +migrate Up\nCREATE TABLE a (x);\n",
        Some(Layout::Sqlx),
        expect![[r#"
        sqlx
        1_a | 1 | a | 1_a.sql
        warning: `DIR/1_a.sql` looks like a file of sql-migrate: its down part would run with its up part
    "#]],
    );
}

#[test]
fn the_layout_can_be_asked_for() {
    let layout = |files: &str| detect(directory(files).path()).unwrap();
    assert_eq!(layout("//- README.md\n"), None);
    assert_eq!(layout("//- 1_a/up.sql\n"), Some(Layout::Diesel));
    assert_eq!(layout("//- a.json\n"), Some(Layout::Json));
    assert_eq!(layout("//- 1_a.up.sql\n"), Some(Layout::GolangMigrate));
    assert_eq!(layout("//- 1_a.up.sql\n-- no-transaction"), Some(Layout::Sqlx));
    assert_eq!(layout("//- 1_a.sql\n"), Some(Layout::Sqlx));
    assert_eq!(layout("//- 1_a.sql\n-- by us\n\n-- +goose Up\n"), Some(Layout::Goose));
    assert_eq!(layout("//- 1_a.sql\n-- migrate:up\n"), Some(Layout::Dbmate));
    assert_eq!(layout("//- 1-a.sql\n-- migrate:up\n"), Some(Layout::Dbmate));
}
