//! No room: on the disk, in the file, on standard output.

use std::fs::{self, File};

use migration_tests::{Output, Project};
use serde_json::Value;

use super::{applied, assert_clean, assert_no_panic, check_ok, client, dump, refused, shown, state_of};

/// About 400 KiB of rows.
const LARGE: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 4000)\n\
                     INSERT INTO filler SELECT hex(zeroblob(50)) FROM n;\n";

/// Three migrations, the first applied; the third needs room.
fn project() -> Project {
    let project = Project::new(
        "//- migrations/1_m.up.sql\nCREATE TABLE filler (x);\n//- migrations/2_m.up.sql\nCREATE TABLE small (x);\n",
    );
    let _ = check_ok(&project, &["up", "--steps", "1"]);
    project.write(&format!(
        "//- migrations/3_m.up.sql\n{LARGE}//- migrations/4_m.up.sql\nCREATE TABLE last (x);\n"
    ));
    project
}

/// Runs it where no file may grow beyond 64 KiB: a write beyond that fails as on a full disk.
fn limited(project: &Project, arguments: &[&str]) -> Output {
    // `ulimit -f` counts blocks of 512 bytes.
    project.migration(arguments).through("ulimit -f 128; trap '' XFSZ").run()
}

fn is_full(report: &Value, migration: &str) {
    let code = report["error"]["code"].as_str().unwrap();
    // A limit is EFBIG and not ENOSPC: SQLite calls the one an I/O error and the other a full disk.
    assert!(["database.full", "database.io"].contains(&code), "{report:#}");
    assert!(report["error"]["message"].as_str().unwrap().contains(migration), "{report:#}");
    let why = report["error"]["why"].as_str().unwrap();
    assert!(why.contains("full") || why.contains("I/O"), "{report:#}");
    // No text of a migration is to blame.
    assert!(!report["next_actions"].to_string().contains("correct"), "{report:#}");
}

#[test]
fn no_room_in_the_third_of_four() {
    for arguments in [["up", "--json"].as_slice(), &["up", "--json", "--commit-each"]] {
        let project = project();
        let output = limited(&project, arguments);
        assert_no_panic(&output);
        assert_clean(&project);
        let report = output.json();
        is_full(&report, "`3_m`");
        let effects = &report["error"]["effects"];
        assert_eq!(output.code, Some(8), "{report:#}");
        assert_eq!(effects["state"], "partial", "{report:#}");
        assert_eq!(
            effects["migrations"],
            serde_json::json!({"2_m": "applied", "3_m": "rolled_back", "4_m": "not_run"})
        );
        assert_eq!(applied(&project), ["1_m", "2_m"]);
        assert_eq!(client(&project, "SELECT count(*) FROM filler"), "0\n");
        assert_eq!(client(&project, "PRAGMA integrity_check"), "ok\n");
        // Then there is room.
        let _ = check_ok(&project, &["up"]);
        assert_eq!(client(&project, "SELECT count(*) FROM filler"), "4000\n");
    }
}

#[test]
fn no_room_for_the_first() {
    for arguments in [["up", "--to", "3_m"].as_slice(), &["up", "--atomic"], &["up", "--commit-each"]] {
        let project = project();
        let _ = check_ok(&project, &["up", "--to", "2_m"]);
        let before = dump(&project);
        let output = limited(&project, &[arguments, &["--json"]].concat());
        assert_no_panic(&output);
        let report = output.json();
        // The pages may be written as late as at the commit, which is everybody's.
        let migration = if arguments.contains(&"--atomic") { "_m`" } else { "`3_m`" };
        is_full(&report, migration);
        assert_eq!(output.code, Some(7), "{report:#}");
        assert_eq!(report["error"]["effects"]["state"], "none", "{report:#}");
        assert_eq!(dump(&project), before);
        assert_clean(&project);
        let text = limited(&project, arguments);
        shown(&text, 7, report["error"]["code"].as_str().unwrap(), &[migration]);
        assert_eq!(dump(&project), before);
        assert_clean(&project);
        let _ = check_ok(&project, &["up"]);
        assert_eq!(state_of(&project, "4_m"), "applied");
    }
}

#[test]
fn no_room_in_the_database() {
    // SQLite's own limit gives the very words of a full disk.
    let project = project();
    let text = fs::read_to_string(project.path("migrations/3_m.up.sql")).unwrap();
    fs::write(project.path("migrations/3_m.up.sql"), format!("PRAGMA max_page_count = 12;\n{text}")).unwrap();
    let report = refused(&super::run_json(&project, &["up"]), 8, "database.full", &["`3_m`", "full"]);
    let effects = serde_json::json!({"2_m": "applied", "3_m": "rolled_back", "4_m": "not_run"});
    assert_eq!(report["error"]["effects"]["migrations"], effects);
    assert!(report["next_actions"].to_string().contains("space"), "{report:#}");
    assert_eq!(applied(&project), ["1_m", "2_m"]);
    shown(&project.migration(&["up"]).run(), 7, "database.full", &["`3_m`", "full", "space"]);
    fs::write(project.path("migrations/3_m.up.sql"), text).unwrap();
    let _ = check_ok(&project, &["up"]);
}

#[test]
fn no_room_for_a_new_migration() {
    let project = project();
    let before = super::Tree::of(project.root());
    let sql = format!("SELECT '{}';", "x".repeat(100_000));
    for layout in ["golang-migrate", "dbmate", "diesel", "json", "goose", "sqlx"] {
        let project = if layout == "golang-migrate" { &project } else { &Project::new("") };
        let before = super::Tree::of(project.root());
        let new = ["new", "big", "--json", "--layout", layout, "--sql", &sql];
        let _ = refused(&limited(project, &new), 2, "new.not_written", &["migrations"]);
        before.assert_unchanged("by a file that could not be written");
    }
    before.assert_unchanged("by a file that could not be written");
}

#[cfg(target_os = "linux")]
#[test]
fn no_room_on_standard_output() {
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for arguments in [
        ["status"].as_slice(),
        &["status", "--json"],
        &["plan"],
        &["verify", "--json"],
        &["dump"],
        &["config", "show"],
        &["schema", "status"],
        &["completions", "bash"],
        &["split", "migrations/1_m.up.sql", "--dialect", "sqlite"],
        &["--help"],
        &["--version"],
    ] {
        let project = project();
        let output = project.migration(arguments).stdout(full()).run();
        assert_no_panic(&output);
        assert!(output.code.is_some_and(|code| code != 0 && code != 1), "{arguments:?}: {output:?}");
        assert!(output.stderr.contains("No space left"), "{arguments:?}: {output:?}");
        let errors = output.stderr.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, 1, "{arguments:?}: {output:?}");
    }
    // What was done is done, and said so.
    for arguments in [["up"].as_slice(), &["up", "--json"]] {
        let project = project();
        let output = project.migration(arguments).stdout(full()).run();
        assert_no_panic(&output);
        assert_eq!(output.code, Some(8), "{arguments:?}: {output:?}");
        assert!(output.stderr.contains("No space left"), "{arguments:?}: {output:?}");
        assert_eq!(applied(&project).len(), 4);
    }
}

#[test]
fn a_reader_that_goes_away() {
    let project = project();
    for line in [
        "migration status | true",
        "migration plan --json | head -c 1",
        "migration schema status | head -n 1",
    ] {
        let output = project.migration(&[]).line(line).run();
        assert_no_panic(&output);
        assert_eq!(output.stderr, "", "{line}");
    }
}
