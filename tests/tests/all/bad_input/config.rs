//! Settings files that can't be used.

use std::fs;
use std::os::unix::fs::symlink;

use super::{check_error, check_ok, half_applied, refused};

/// What is wrong with a `migration.toml`, and where.
#[track_caller]
fn is_refused(text: impl AsRef<[u8]>, line: u64, column: u64, words: &[&str]) {
    let project = half_applied();
    fs::write(project.path("migration.toml"), text).unwrap();
    for command in [["up"].as_slice(), &["status"], &["down"], &["new", "x"], &["config", "show"]] {
        let report =
            check_error(&project, command, 2, "config.invalid", &[&["migration.toml"], words].concat());
        let at = &report["error"]["where"];
        assert_eq!(at["file"], "migration.toml", "{report:#}");
        assert_eq!((&at["line"], &at["column"]), (&line.into(), &column.into()), "{report:#}");
    }
}

#[test]
fn malformed() {
    is_refused("dir = \n", 1, 7, &[]);
    is_refused("dir = 'x'\n# é\ndir = 'y'\n", 3, 1, &["duplicate"]);
    is_refused("dir = 'migrations\nlayout = 'auto'\n", 1, 18, &[]);
    is_refused("dir 'x'\n", 1, 5, &[]);
    is_refused("\u{feff}dir = \r\n", 1, 7, &[]);
    is_refused("[[", 1, 3, &[]);
}

#[test]
fn keys_that_nobody_knows() {
    is_refused("dir = 'migrations'\ndirectory = 'x'\n", 2, 1, &["`directory`", "`dir`"]);
    is_refused("[database]\nurl = 'sqlite:///app.db'\n", 1, 2, &["`database`", "`database_url`"]);
    is_refused("Dir = 'x'\n", 1, 1, &["`Dir`"]);
}

#[test]
fn values_of_a_wrong_type() {
    is_refused("dir = 7\n", 1, 7, &["string"]);
    is_refused("# é\ndatabase_url = ['sqlite:///app.db']\n", 2, 16, &["string"]);
    is_refused("layout = 'liquibase'\n", 1, 10, &["`layout`", "diesel"]);
    is_refused("layout = true\n", 1, 10, &["string"]);
    is_refused("lock_timeout = 'long'\n", 1, 16, &["`lock_timeout`", "seconds"]);
    is_refused("lock_timeout = -1\n", 1, 16, &["`lock_timeout`", "seconds"]);
    is_refused("lock_timeout = nan\n", 1, 16, &["`lock_timeout`", "seconds"]);
    is_refused("lock_timeout = [1]\n", 1, 16, &["`lock_timeout`", "seconds"]);
    is_refused("history_table = 1979-05-27\n", 1, 17, &["string"]);
}

#[test]
fn files_that_can_not_be_read() {
    let project = half_applied();
    let path = project.path("migration.toml");
    fs::write(&path, b"dir = '\xff'\n").unwrap();
    let _ = check_error(&project, &["up"], 2, "config.unreadable", &["migration.toml", "UTF-8"]);
    fs::remove_file(&path).unwrap();
    let named = ["up", "--config", "no.toml"];
    let _ = check_error(&project, &named, 2, "config.missing", &["no.toml", "No such file"]);
    let named = ["up", "--config", "migrations"];
    let _ = check_error(&project, &named, 2, "config.unreadable", &["migrations", "directory"]);
    symlink("loop.toml", project.path("loop.toml")).unwrap();
    let named = ["up", "--config", "loop.toml"];
    let _ = check_error(&project, &named, 2, "config.unreadable", &["loop.toml"]);
}

#[test]
fn a_link_that_leads_nowhere() {
    // Found by its name, it must not be passed over because it leads nowhere: the settings are meant to count.
    for target in ["gone.toml", "migration.toml"] {
        let project = half_applied();
        symlink(target, project.path("migration.toml")).unwrap();
        let output = project.migration(&["up", "--json"]).run();
        let report = output.json();
        let code = report["error"]["code"].as_str().unwrap_or_default();
        assert!(["config.missing", "config.unreadable"].contains(&code), "{report:#}");
        let _ = refused(&output, 2, code, &["migration.toml"]);
    }
}

#[test]
fn tables_that_are_none() {
    for name in ["", "a\u{0}b", "   "] {
        let project = half_applied();
        let escaped = name.replace('\0', "\\u0000");
        fs::write(project.path("migration.toml"), format!("history_table = \"{escaped}\"\n")).unwrap();
        let _ = check_error(&project, &["up"], 2, "usage.table_name", &[]);
    }
    // A table that is something else is not taken for a history.
    let project = half_applied();
    fs::write(project.path("migration.toml"), "history_table = 'users'\n").unwrap();
    super::client(&project, "CREATE TABLE other (x); INSERT INTO other VALUES (1)");
    fs::write(project.path("migration.toml"), "history_table = 'other'\n").unwrap();
    let _ = check_error(&project, &["up"], 2, "history.foreign_table", &["`other`", "`id`"]);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends() {
    let project = half_applied();
    fs::rename(project.path("migrations"), project.path("db")).unwrap();
    fs::write(project.path("migration.toml"), "\u{feff}dir = 'db'\r\nlayout = 'diesel'\r\n").unwrap();
    let _ = check_ok(&project, &["up"]);
}
