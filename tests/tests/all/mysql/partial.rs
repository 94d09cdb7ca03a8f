//! Migrations that stop half-way: what is said, and what lets them go on.

use migration_tests::server::Kind;
use migration_tests::{Project, on_servers};
use serde_json::json;

use crate::every_server::{assert_nothing_unfinished, manager, migration};

on_servers!([mariadb, mysql] [
    what_is_in_effect_is_said_and_gone_on_with,
    an_edit_of_what_is_in_effect_is_refused,
    the_other_way_is_refused,
    half_way_down,
    decisions_about_a_partial_migration,
    all_at_once_is_refused_where_it_can_not_be,
]);

const HALF: &str = "\
//- migrations/1_a.up.sql
CREATE TABLE a (x int);
INSERT INTO a VALUES (1);
ALTER TABLE a ADD y int;
INSERT INTO a VALUES (1);
INSERT INTO a VALUES (3, 3);
//- migrations/1_a.down.sql
DROP TABLE a;
//- migrations/2_b.up.sql
CREATE TABLE b (x int);
";

fn what_is_in_effect_is_said_and_gone_on_with<K: Kind>() {
    let (project, database) = (Project::new(HALF), K::shared());
    let up = migration(&project, &database, &["up", "--json"]).run().expect(8).json();
    assert_eq!(up["error"]["code"], "apply.statement_failed");
    assert_eq!(
        up["error"]["effects"],
        json!({"state": "partial", "migrations": {"1_a": "partial", "2_b": "not_run"}})
    );
    assert_eq!(up["error"]["where"]["statement"], 4);
    let status = migration(&project, &database, &["status", "--json"]).run().expect(0).json();
    assert_eq!(status["data"]["migrations"][0]["status"], "partial", "{status:#}");
    let repair = migration(&project, &database, &["repair"]).run().expect(0).stdout;
    assert!(repair.contains("1_a") && repair.contains('3'), "{repair}");
    // The same file fails at the same statement, and nothing runs twice.
    let again = migration(&project, &database, &["up", "--json"]).run().expect(8).json();
    assert_eq!(again["error"]["where"]["statement"], 4, "{again:#}");
    assert_eq!(database.query("SELECT COUNT(*) FROM a"), ["1"]);

    project.write(&HALF.replace("y int;\nINSERT INTO a VALUES (1);", "y int;\nINSERT INTO a VALUES (2, 2);"));
    let plan = migration(&project, &database, &["plan", "--json"]).run().expect(0).json();
    assert_eq!(plan["data"]["migrations"][0]["resume_after"], 3, "{plan:#}");
    let up = migration(&project, &database, &["up", "--json"]).run().expect(0).json();
    assert_eq!(up["data"]["results"][0]["statements_executed"], 2, "{up:#}");
    assert_eq!(database.query("SELECT x, y FROM a ORDER BY x"), ["1|NULL", "2|2", "3|3"]);
    assert_nothing_unfinished(&database, "gone on");
    _ = migration(&project, &database, &["verify"]).run().expect(0);
}

fn an_edit_of_what_is_in_effect_is_refused<K: Kind>() {
    let (project, database) = (Project::new(HALF), K::shared());
    manager(&project, &database).apply_pending_migrations().unwrap_err();
    project.write(&HALF.replace("a (x int)", "a (x bigint)"));
    for command in ["up", "plan"] {
        let refused = migration(&project, &database, &[command, "--json"]).run().expect(2).json();
        assert_eq!(refused["error"]["code"], "plan.partial_changed", "{refused:#}");
        let actions = refused["next_actions"].to_string();
        assert!(
            actions.contains("repair --mark-applied 1_a") && actions.contains("undo the edit"),
            "{actions}"
        );
    }
    assert_eq!(database.query("SELECT COUNT(*) FROM a"), ["1"]);
}

fn the_other_way_is_refused<K: Kind>() {
    let (project, database) = (Project::new(HALF), K::shared());
    project.write("//- migrations/0_first.up.sql\nCREATE TABLE f (x int);\n//- migrations/0_first.down.sql\nDROP TABLE f;\n");
    manager(&project, &database).apply_pending_migrations().unwrap_err();
    let refused = migration(&project, &database, &["down", "--json"]).run().expect(2).json();
    assert_eq!(refused["error"]["code"], "plan.partial_other_way", "{refused:#}");
}

fn half_way_down<K: Kind>() {
    let database = K::shared();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\nCREATE TABLE b (x int);\n\
         //- migrations/1_a.down.sql\nDROP TABLE b;\nDROP TABLE nothing;\nDROP TABLE a;\n",
    );
    _ = migration(&project, &database, &["up"]).run().expect(0);
    let down = migration(&project, &database, &["down", "--json"]).run().expect(8).json();
    assert_eq!(down["error"]["effects"], json!({"state": "partial", "migrations": {"1_a": "partial"}}));
    let up = migration(&project, &database, &["up", "--json"]).run().expect(2).json();
    assert_eq!(up["error"]["code"], "plan.partial_other_way", "{up:#}");
    project
        .write("//- migrations/1_a.down.sql\nDROP TABLE b;\nDROP TABLE IF EXISTS nothing;\nDROP TABLE a;\n");
    _ = migration(&project, &database, &["down"]).run().expect(0);
    assert_eq!(database.query("SHOW TABLES LIKE '_'"), [""; 0]);
    assert_nothing_unfinished(&database, "rolled back");
}

fn decisions_about_a_partial_migration<K: Kind>() {
    for (decision, state) in [("--mark-applied", "applied"), ("--mark-pending", "pending")] {
        let (project, database) = (Project::new(HALF), K::shared());
        manager(&project, &database).apply_pending_migrations().unwrap_err();
        _ = migration(&project, &database, &["repair", decision, "1_a"]).run().expect(0);
        let status = migration(&project, &database, &["status", "--json"]).run().expect(0).json();
        assert_eq!(status["data"]["migrations"][0]["status"], state);
        assert_nothing_unfinished(&database, decision);
        if state == "applied" {
            _ = migration(&project, &database, &["up"]).run().expect(0);
            assert_eq!(database.query("SHOW TABLES LIKE 'b'"), ["b"]);
        }
    }
}

fn all_at_once_is_refused_where_it_can_not_be<K: Kind>() {
    let (project, database) = (Project::new(HALF), K::shared());
    let refused = migration(&project, &database, &["up", "--atomic", "--json"]).run().expect(2).json();
    assert_eq!(refused["error"]["code"], "plan.not_atomic");
    assert!(database.query("SHOW TABLES").is_empty());
    let rows = Project::new(
        "//- migrations/1_a.up.sql\nINSERT INTO t VALUES (1);\n//- migrations/2_b.up.sql\nINSERT INTO t VALUES (2, 3);\n",
    );
    database.query("CREATE TABLE t (x int)");
    let failed = migration(&rows, &database, &["up", "--atomic", "--json"]).run().expect(7).json();
    assert_eq!(failed["error"]["effects"]["state"], "none", "{failed:#}");
    assert_eq!(database.query("SELECT COUNT(*) FROM t"), ["0"]);
}
