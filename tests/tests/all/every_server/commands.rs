//! The commands: plan, dry run, redo, verify, repair.

use migration_tests::{Project, on_servers};
use serde_json::json;

use super::{Subject, assert_complete, assert_nothing_unfinished, migration, tables};

on_servers!([postgres, mariadb, mysql] [
    plans_and_dry_runs_change_nothing,
    down_and_redo_one,
    an_edit_is_found_and_accepted,
    decisions_are_recorded,
    waits_for_the_database,
]);

fn plans_and_dry_runs_change_nothing<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    let plan = migration(&project, &database, &["plan", "--json"]).run().expect(0).json();
    let ids: Vec<_> =
        plan["data"]["migrations"].as_array().unwrap().iter().map(|m| m["id"].clone()).collect();
    assert_eq!(ids, ["1_log", "2_one", "3_many", "4_last"]);
    let dry = migration(&project, &database, &["up", "--dry-run", "--json"]).run().expect(0).json();
    assert_eq!(dry["ok"], true, "{dry:#}");
    for arguments in [["status"].as_slice(), &["verify"], &["repair"], &["down", "--all", "--dry-run"]] {
        _ = migration(&project, &database, arguments).run().expect(0);
    }
    assert!(database.query(S::TABLES).is_empty());
    _ = migration(&project, &database, &["up", "--to", "2_one"]).run().expect(0);
    let pending = migration(&project, &database, &["status", "--json", "--exit-code"]).run().expect(4).json();
    let states: Vec<_> =
        pending["data"]["migrations"].as_array().unwrap().iter().map(|m| m["status"].clone()).collect();
    assert_eq!(states, ["applied", "applied", "pending", "pending"]);
    _ = migration(&project, &database, &["up"]).run().expect(0);
    assert_complete::<S>(&database, "in two runs");
}

fn down_and_redo_one<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    _ = migration(&project, &database, &["up"]).run().expect(0);
    let redone = migration(&project, &database, &["redo", "--json"]).run().expect(0).json();
    assert_eq!(redone["ok"], true, "{redone:#}");
    assert_complete::<S>(&database, "redone");
    let down = migration(&project, &database, &["down", "--steps", "2", "--json"]).run().expect(0).json();
    let ids: Vec<_> =
        down["data"]["results"].as_array().unwrap().iter().map(|r| r["migration_id"].clone()).collect();
    assert_eq!(ids, ["4_last", "3_many"]);
    assert_eq!(database.query("SELECT id FROM _migrations ORDER BY id"), ["1_log", "2_one"]);
    assert_nothing_unfinished(&database, "rolled back");
}

fn an_edit_is_found_and_accepted<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    _ = migration(&project, &database, &["up"]).run().expect(0);
    _ = migration(&project, &database, &["verify"]).run().expect(0);
    project.write("//- migrations/4_last.up.sql\nSELECT 4;\n");
    let found = migration(&project, &database, &["verify", "--json"]).run().expect(4).json();
    assert_eq!(found["error"]["code"], "verify.findings", "{found:#}");
    let refused = migration(&project, &database, &["down", "--json"]).run().expect(4).json();
    assert_eq!(refused["error"]["code"], "history.changed");
    _ = migration(&project, &database, &["repair", "--accept", "4_last"]).run().expect(0);
    _ = migration(&project, &database, &["verify"]).run().expect(0);
}

fn decisions_are_recorded<S: Subject>() {
    let database = S::shared();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\n//- migrations/2_b.up.sql\nCREATE TABLE b (x int);\n",
    );
    _ = migration(&project, &database, &["repair", "--mark-applied", "1_a"]).run().expect(0);
    _ = migration(&project, &database, &["up"]).run().expect(0);
    assert_eq!(tables::<S>(&database), ["b"]);
    _ = migration(&project, &database, &["repair", "--mark-pending", "1_a"]).run().expect(0);
    let status = migration(&project, &database, &["status", "--json"]).run().expect(0).json();
    assert_eq!(status["data"]["migrations"][0]["status"], json!("pending"));
    _ = migration(&project, &database, &["up"]).run().expect(0);
    assert_eq!(tables::<S>(&database), ["a", "b"]);
}

fn waits_for_the_database<S: Subject>() {
    let (project, database) = (Project::new(""), S::shared());
    let answer = migration(&project, &database, &["wait", "--timeout", "5", "--json"]).run().expect(0).json();
    assert_eq!(answer["ok"], true, "{answer:#}");
}
