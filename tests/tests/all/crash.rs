//! Killed at any instant, the next run completes, and nothing has happened twice.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use migration_kit::sql::MigrationState;
use migration_tests::Project;

/// Every statement that matters leaves a row in `log`, which takes any number of equal ones: what runs twice shows.
/// There are migrations that share a commit, one that takes several transactions, a rebuild without foreign keys, and
/// statements that can't run in a transaction.
const HISTORY: &str = "\
//- migrations/1_log.up.sql
CREATE TABLE log (entry TEXT);
CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent ON DELETE CASCADE);
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (10, 1), (20, 2);
//- migrations/1_log.down.sql
DROP TABLE child;
DROP TABLE parent;
DROP TABLE log;
//- migrations/2_shared.up.sql
INSERT INTO log VALUES ('2a');
INSERT INTO log VALUES ('2b');
//- migrations/2_shared.down.sql
DELETE FROM log WHERE entry LIKE '2%';
//- migrations/3_shared.up.sql
INSERT INTO log VALUES ('3a');
//- migrations/3_shared.down.sql
DELETE FROM log WHERE entry LIKE '3%';
//- migrations/4_many.up.sql
INSERT INTO log VALUES ('4a');
VACUUM;
INSERT INTO log VALUES ('4b');
INSERT INTO log VALUES ('4c');
PRAGMA journal_mode = DELETE;
INSERT INTO log VALUES ('4d');
VACUUM;
//- migrations/4_many.down.sql
DELETE FROM log WHERE entry = '4a';
VACUUM;
DELETE FROM log WHERE entry LIKE '4%';
//- migrations/5_rebuild.up.sql
INSERT INTO log VALUES ('5a');
PRAGMA foreign_keys = OFF;
CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO new_parent (id) SELECT id FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;
PRAGMA foreign_keys = ON;
INSERT INTO log VALUES ('5b');
//- migrations/5_rebuild.down.sql
ALTER TABLE parent DROP COLUMN name;
DELETE FROM log WHERE entry LIKE '5%';
//- migrations/6_shared.up.sql
INSERT INTO log VALUES ('6a');
//- migrations/6_shared.down.sql
DELETE FROM log WHERE entry LIKE '6%';
";

const LOG: &[&str] = &["2a", "2b", "3a", "4a", "4b", "4c", "4d", "5a", "5b", "6a"];

fn assert_complete(project: &Project, context: &str) {
    let expected: Vec<String> = LOG.iter().map(|entry| format!("\"{entry}\"")).collect();
    assert_eq!(project.query("SELECT entry FROM log ORDER BY rowid"), expected, "{context}");
    assert_eq!(project.query("SELECT id FROM child ORDER BY id"), ["10", "20"], "{context}");
    assert_eq!(project.query("SELECT count(*) FROM _migrations"), ["6"], "{context}");
    assert_eq!(
        project.query("SELECT count(*) FROM _migration_journal WHERE state <> 'applied'"),
        ["0"],
        "{context}"
    );
    assert!(project.query("PRAGMA foreign_key_check").is_empty(), "{context}");
}

/// Returns whether it died.
fn apply_until(project: &Project, event: usize, direction: &str) -> bool {
    let status = Command::new(env!("CARGO_BIN_EXE_apply-until-event"))
        .arg(project.path("migrations"))
        .args([&project.url(), &event.to_string(), direction])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success() || status.code().is_none(), "it neither worked nor died: {status}");
    status.code().is_none()
}

#[test]
fn dead_at_every_event_on_the_way_up() {
    let mut event = 1;
    loop {
        let project = Project::new(HISTORY);
        let died = apply_until(&project, event, "up");
        if died {
            project.manager().apply_pending_migrations().unwrap();
        }
        assert_complete(&project, &format!("dead at event {event}"));
        if !died {
            break;
        }
        event += 1;
    }
    assert!(event > 30, "only {event} events were seen");
}

#[test]
fn dead_at_every_event_on_the_way_down() {
    let mut event = 1;
    loop {
        let project = Project::new(HISTORY);
        project.manager().apply_pending_migrations().unwrap();
        let died = apply_until(&project, event, "down");
        if died {
            assert!(!apply_until(&project, usize::MAX, "down"));
        }
        let tables = project.query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
        assert_eq!(tables, ["\"_migration_journal\"", "\"_migrations\""], "dead at event {event}");
        assert_eq!(project.query("SELECT count(*) FROM _migrations"), ["0"], "dead at event {event}");
        project.manager().apply_pending_migrations().unwrap();
        assert_complete(&project, &format!("up again after being dead at event {event}"));
        if !died {
            break;
        }
        event += 1;
    }
    assert!(event > 20, "only {event} events were seen");
}

#[test]
fn dead_twice_in_one_migration() {
    for first in (2..40).step_by(5) {
        for second in 2..12 {
            let project = Project::new(HISTORY);
            apply_until(&project, first, "up");
            apply_until(&project, second, "up");
            project.manager().apply_pending_migrations().unwrap();
            assert_complete(&project, &format!("dead at events {first} and {second}"));
        }
    }
}

/// The command itself, killed by the system at moments spread over its running time, again and again until it gets through.
#[test]
fn killed_at_any_moment() {
    let whole = {
        let project = Project::new(HISTORY);
        let started = Instant::now();
        _ = project.migration(&["up"]).run().expect(0);
        started.elapsed()
    };
    for round in 0..60_u32 {
        let project = Project::new(HISTORY);
        let mut patience = whole * round / 60;
        let mut kills = 0;
        loop {
            let mut child = project.migration(&["up"]).spawn();
            std::thread::sleep(patience);
            // Killing what has ended already is no error.
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                break;
            }
            kills += 1;
            patience += Duration::from_millis(1) + whole / 20;
        }
        assert_complete(&project, &format!("round {round}, {kills} kills"));
    }
}

#[test]
fn what_was_cut_off_is_shown_and_can_be_mended() {
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x);\nVACUUM;\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE c (x);\n",
    );
    let output = project.migration(&["up", "--json"]).run().expect(8).json();
    assert_eq!(output["error"]["effects"]["state"], "partial");
    assert_eq!(output["error"]["effects"]["migrations"]["1_a"], "partial");
    assert_eq!(output["error"]["where"]["line"], 3);
    let info = project.manager().get_migration_status("1_a").unwrap();
    assert_eq!(info.status, MigrationState::Partial);
    assert_eq!(info.progress.unwrap().statements_done, 2);

    // An edit of what is in effect is refused, one of what isn't goes on where it stopped.
    project.write("//- migrations/1_a.up.sql\nCREATE TABLE b (x);\nVACUUM;\nCREATE TABLE c (x);\n");
    let refused = project.migration(&["up", "--json"]).run().expect(2).json();
    assert_eq!(refused["error"]["code"], "plan.partial_changed");
    project.write("//- migrations/1_a.up.sql\nCREATE TABLE a (x); -- same\nVACUUM;\n\nCREATE TABLE c (x);\n");
    _ = project.migration(&["up"]).run().expect(0);
    assert_eq!(
        project.query("SELECT name FROM sqlite_schema WHERE name IN ('a', 'c') ORDER BY 1"),
        ["\"a\"", "\"c\""]
    );
}

#[test]
fn what_was_still_to_come_may_be_edited_in_any_way() {
    let begun = "CREATE TABLE a (x);\nPRAGMA foreign_keys = OFF;\nINSERT INTO nowhere VALUES (1);\n";
    for rest in [
        "",
        "INSERT INTO a VALUES (1);\n",
        "VACUUM;\n",
        "PRAGMA foreign_keys = OFF;\nINSERT INTO a VALUES (1);\n",
    ] {
        let project = Project::new(&format!("//- migrations/1_a.up.sql\n{begun}"));
        _ = project.migration(&["up"]).run().expect(8);
        project.write(&format!("//- migrations/1_a.up.sql\nCREATE TABLE a (x);\n{rest}"));
        let report = project.manager().apply_pending_migrations().unwrap();
        assert_eq!(report.results[0].progress(), 1.0, "{rest}");
        assert_eq!(
            project.query("SELECT count(*) FROM _migration_journal WHERE state <> 'applied'"),
            ["0"],
            "{rest}"
        );
        let rows = if rest.contains("INSERT") { "1" } else { "0" };
        assert_eq!(project.query("SELECT count(*) FROM a"), [rows], "{rest}");
    }
}
