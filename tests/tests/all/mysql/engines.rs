//! Storage engines without transactions: exact where rows can be counted, else said to be unknown.

use migration_tests::server::Kind;
use migration_tests::{Project, Shared, on_servers};

use crate::every_server::{assert_nothing_unfinished, manager, migration, run_until};

on_servers!([mariadb, mysql] [
    each_statement_is_noted_by_itself,
    after_a_crash_what_may_be_half_done_is_asked,
    before_the_statement_nothing_is_asked,
    in_another_database,
]);

const ROWS: &str = "\
//- migrations/1_a.up.sql
CREATE TABLE m (x int) ENGINE=MyISAM;
CREATE TABLE t (x int);
//- migrations/2_b.up.sql
INSERT INTO t VALUES (1);
INSERT INTO m VALUES (1), (2);
INSERT INTO m VALUES (3, 4);
";

/// A statement that the server refuses for its text did nothing, and what stands before it is in effect.
fn each_statement_is_noted_by_itself<K: Kind>() {
    let (project, database) = (Project::new(ROWS), K::shared());
    let up = migration(&project, &database, &["up", "--json"]).run().expect(8).json();
    assert_eq!(up["error"]["effects"]["migrations"]["2_b"], "partial", "{up:#}");
    assert_eq!(up["error"]["where"]["statement"], 3);
    project.write(&ROWS.replace("(3, 4)", "(3)"));
    _ = migration(&project, &database, &["up"]).run().expect(0);
    assert_eq!(database.query("SELECT x FROM m ORDER BY x"), ["1", "2", "3"]);
    assert_eq!(database.query("SELECT x FROM t"), ["1"]);
    assert_nothing_unfinished(&database, "mended");
}

/// Dies right after the statement with this text. Returns what the next run says.
fn after(database: &Shared, setup: &str, statement: &str) -> serde_json::Value {
    let project = Project::new(&format!("//- migrations/1_a.up.sql\n{setup}"));
    manager(&project, database).apply_pending_migrations().unwrap();
    project.write(&format!("//- migrations/2_b.up.sql\n{statement};\nSELECT 1;\n"));
    // The run, the migration, the statement.
    assert!(run_until(&project, database, 3, "up"));
    migration(&project, database, &["up", "--json"]).run().json()
}

fn after_a_crash_what_may_be_half_done_is_asked<K: Kind>() {
    for statement in [
        "INSERT INTO m VALUES (1), (2)",
        "DELETE FROM m WHERE x = 7",
        "UPDATE m SET x = x + 1",
        "REPLACE INTO m VALUES (1)",
    ] {
        let database = K::shared();
        let setup = "CREATE TABLE m (x int) ENGINE=MyISAM;\nINSERT INTO m VALUES (7);\n";
        let said = after(&database, setup, statement);
        assert_eq!(said["error"]["code"], "run.undecided", "{statement}: {said:#}");
        assert_eq!(said["error"]["effects"]["migrations"]["2_b"], "partial", "{statement}: {said:#}");
        let actions = said["next_actions"].to_string();
        assert!(
            actions.contains("--mark-applied 2_b") && actions.contains("--mark-pending 2_b"),
            "{actions}"
        );
    }
}

/// What changed no number of rows can run again.
fn before_the_statement_nothing_is_asked<K: Kind>() {
    let database = K::shared();
    let said = after(&database, "CREATE TABLE m (x int) ENGINE=MyISAM;\n", "DELETE FROM m WHERE x = 7");
    assert_eq!(said["ok"], true, "{said:#}");
    assert_nothing_unfinished(&database, "again");
}

fn in_another_database<K: Kind>() {
    let (database, other) = (K::shared(), K::shared());
    let setup = format!("CREATE TABLE {}.m (x int) ENGINE=MyISAM;\n", other.name());
    let statement = format!("INSERT INTO {}.m VALUES (1)", other.name());
    let said = after(&database, &setup, &statement);
    assert_eq!(said["error"]["code"], "run.undecided", "{said:#}");

    // The same after `USE`.
    let database = K::shared();
    let project = Project::new(&format!(
        "//- migrations/1_a.up.sql\nUSE {};\nINSERT INTO m VALUES (2);\nINSERT INTO m VALUES (3, 4);\n",
        other.name()
    ));
    _ = migration(&project, &database, &["up"]).run().expect(8);
    assert_eq!(other.query("SELECT x FROM m ORDER BY x"), ["1", "2"]);
    _ = migration(&project, &database, &["up"]).run().expect(8);
    assert_eq!(other.query("SELECT x FROM m ORDER BY x"), ["1", "2"], "it ran twice");
}
