//! Flyway's repeatable migrations on SQLite: run last, and again whenever they change.

use migration_kit::sql::{CommitMode, EffectState, MigrationEffect, Request};
use migration_tests::Project;

const FIRST: &str = "\
//- migrations/V1__t.sql
CREATE TABLE t (x);
//- migrations/U1__t.sql
DROP TABLE t;
//- migrations/R__v.sql
DROP VIEW IF EXISTS v;
CREATE VIEW v AS SELECT x FROM t;
";
const CHANGED: &str = "\
//- migrations/R__v.sql
DROP VIEW IF EXISTS v;
CREATE VIEW v AS SELECT x, 2 AS y FROM t;
";
const ROWS: &str = "SELECT id, length(checksum) FROM _migrations ORDER BY rowid";
const VIEW: &str = "SELECT sql FROM sqlite_schema WHERE name = 'v'";

fn applied() -> Project {
    let project = Project::new(FIRST);
    _ = project.migration(&["up"]).run().expect(0);
    project
}

fn assert_books(project: &Project) {
    assert_eq!(project.query(ROWS), ["\"V1__t\"|64", "\"R__v\"|64"]);
    let journal = project.query("SELECT migration_id, state FROM _migration_journal");
    assert_eq!(journal, ["\"V1__t\"|\"applied\""]);
}

#[test]
fn an_edit_runs_it_again_and_is_no_drift() {
    let project = applied();
    _ = project.migration(&["status", "--exit-code"]).run().expect(0);
    let before = project.query("SELECT checksum FROM _migrations WHERE id = 'R__v'");
    project.write(CHANGED);

    let status = project.migration(&["status"]).run().expect(0).stdout;
    assert!(status.contains("outdated  R__v") && status.contains(", runs again"), "{status}");
    assert!(status.ends_with("2 migrations: 1 applied, 1 outdated\n"), "{status}");
    let status = project.migration(&["status", "--exit-code", "--json"]).run().expect(4).json();
    assert_eq!(status["error"]["code"], "status.pending");
    let info = &status["data"]["migrations"][1];
    assert_eq!((info["status"].as_str(), info["repeatable"].as_bool()), (Some("outdated"), Some(true)));
    _ = project.migration(&["verify"]).run().expect(0);
    assert_eq!(project.migration(&["repair"]).run().expect(0).stdout, "nothing to repair\n");

    let plan = project.migration(&["plan"]).run().expect(0).stdout;
    assert!(plan.starts_with("R__v  runs again, as it changed\n"), "{plan}");
    assert!(plan.contains("2  CREATE VIEW v AS SELECT x, 2 AS y FROM t"), "{plan}");

    let up = project.migration(&["up", "--json"]).run().expect(0).json();
    assert_eq!(up["data"]["results"].as_array().unwrap().len(), 1);
    assert_eq!(up["data"]["effects"]["migrations"]["R__v"], "applied");
    assert_books(&project);
    assert_ne!(project.query("SELECT checksum FROM _migrations WHERE id = 'R__v'"), before);
    assert!(project.query(VIEW)[0].contains("2 AS y"));
    assert!(project.migration(&["up"]).run().expect(0).stdout.starts_with("nothing to do"));
}

#[test]
fn versioned_ones_go_first_and_come_in_no_wrong_order() {
    let project = applied();
    project.write(CHANGED);
    project.write("//- migrations/V2__u.sql\nALTER TABLE t ADD z;\n");
    let up = project.migration(&["up", "--out-of-order", "refuse", "--json"]).run().expect(0).json();
    let ids = up["data"]["results"].as_array().unwrap().iter().map(|r| r["migration_id"].clone());
    assert_eq!(ids.collect::<Vec<_>>(), ["V2__u", "R__v"]);
    assert_eq!(up["data"]["warnings"].as_array().unwrap().len(), 0);
}

#[test]
fn a_failure_leaves_what_was_there() {
    let project = applied();
    let before = (project.query(VIEW), project.query("SELECT id, checksum FROM _migrations ORDER BY id"));
    project.write("//- migrations/R__v.sql\nDROP VIEW v;\nCREATE VIEW v AS SELECT x FRM t;\n");
    for commit in [CommitMode::Grouped, CommitMode::Each, CommitMode::Atomic] {
        let mut request = Request::up();
        request.commit = commit;
        let error = project.manager().run(&request).unwrap_err();
        let effects = &error.report().unwrap().effects;
        assert_eq!(effects.state, EffectState::None, "{commit:?}");
        assert_eq!(effects.migrations["R__v"], MigrationEffect::RolledBack, "{commit:?}");
        let after = (project.query(VIEW), project.query("SELECT id, checksum FROM _migrations ORDER BY id"));
        assert_eq!(after, before, "{commit:?}");
    }
    _ = project.migration(&["up"]).run().expect(7);
}

#[test]
fn the_way_down_passes_over_it() {
    let project = applied();
    project.write("//- migrations/R__v.sql\nSELECT 1;\n");
    let down = project.migration(&["down", "--all", "--json"]).run().expect(0).json();
    assert_eq!(down["data"]["results"][0]["migration_id"], "V1__t");
    assert_eq!(project.query("SELECT id FROM _migrations"), ["\"R__v\""]);
    assert!(project.migration(&["down"]).run().expect(0).stdout.starts_with("nothing to do"));
    let redo = applied();
    assert_eq!(redo.migration(&["redo", "--json"]).run().expect(0).json()["data"]["migration_id"], "V1__t");
    assert_books_in_any_order(&redo);
}

fn assert_books_in_any_order(project: &Project) {
    let mut rows = project.query(ROWS);
    rows.sort();
    assert_eq!(rows, ["\"R__v\"|64", "\"V1__t\"|64"]);
}

/// `VACUUM` cuts it into three transactions, so that it can be cut off in between.
#[test]
fn one_that_was_cut_off_goes_on_or_begins_again() {
    let project = applied();
    let broken =
        "//- migrations/R__v.sql\nDROP VIEW IF EXISTS v;\nVACUUM;\nCREATE VIEW v AS SELECT nope FRM t;\n";
    project.write(broken);
    let up = project.migration(&["up", "--json"]).run().expect(8).json();
    assert_eq!(up["error"]["effects"]["migrations"]["R__v"], "partial");
    let status = project.migration(&["status"]).run().expect(0).stdout;
    assert!(status.contains("partial 2/3  R__v"), "{status}");

    // What is still to come was mended.
    project.write(&broken.replace("nope FRM", "x FROM"));
    let plan = project.migration(&["plan", "--json"]).run().expect(0).json();
    assert_eq!(plan["data"]["migrations"][0]["resume_after"], 2);
    _ = project.migration(&["up"]).run().expect(0);
    assert_books(&project);

    // What is in effect was edited: it begins again. The text may even be the one that is applied.
    for next in ["DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT 3 AS x FROM t;\n", "VACUUM;\nSELECT 1;\n"] {
        project.write(broken);
        _ = project.migration(&["up"]).run().expect(8);
        project.write(&format!("//- migrations/R__v.sql\n{next}"));
        let up = project.migration(&["up", "--json"]).run().expect(0).json();
        let warning = up["data"]["warnings"][0].as_str().unwrap();
        assert!(warning.contains("begins again, on top of what 2 statements"), "{warning}");
        assert_eq!(up["data"]["results"][0]["statements_executed"], 2);
        assert_books(&project);
    }
}

#[test]
fn a_decision_about_one_that_was_cut_off() {
    let cut_off = || {
        let project = applied();
        project
            .write("//- migrations/R__v.sql\nDROP VIEW v;\nVACUUM;\nCREATE VIEW v AS SELECT nope FRM t;\n");
        _ = project.migration(&["up"]).run().expect(8);
        project
    };
    let project = cut_off();
    _ = project.migration(&["repair", "--mark-applied", "R__v"]).run().expect(0);
    _ = project.migration(&["status", "--exit-code"]).run().expect(0);
    let again = project.migration(&["repair", "--mark-applied", "R__v", "--json"]).run().expect(2).json();
    assert_eq!(again["error"]["code"], "plan.already_applied");
    assert_books(&project);

    let project = cut_off();
    _ = project.migration(&["repair", "--mark-pending", "R__v"]).run().expect(0);
    project.write(CHANGED);
    let status = project.migration(&["status", "--json"]).run().expect(0).json();
    assert_eq!(status["data"]["migrations"][1]["status"], "pending");
    _ = project.migration(&["up"]).run().expect(0);
    assert_books(&project);
}

#[test]
fn an_edit_that_needs_no_run_can_be_taken_over() {
    let project = applied();
    project.write(
        "//- migrations/R__v.sql\n-- A comment.\nDROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT x FROM t;\n",
    );
    _ = project.migration(&["repair", "--accept", "R__v"]).run().expect(0);
    assert!(project.migration(&["up"]).run().expect(0).stdout.starts_with("nothing to do"));
    _ = project.migration(&["status", "--exit-code"]).run().expect(0);
}
