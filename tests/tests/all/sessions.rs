//! What scripts leave in a session: brought back when a migration is resumed, and never found by the next one.

use migration_tests::server::Kind;
use migration_tests::{Command, Project, Shared, shared_postgres};

migration_tests::on_servers!([mariadb, mysql][variables_keep_their_values]);

fn migration(project: &Project, database: &Shared, arguments: &[&str]) -> Command {
    project.migration(arguments).env("DATABASE_URL", database.url())
}

fn variables_keep_their_values<E: Kind>() {
    let script = |kind: &str| {
        format!(
            "//- migrations/1_t.up.sql\n\
             CREATE TABLE t (n INT, d DECIMAL(9, 3));\n\
             SET @n = (SELECT COUNT(*) FROM t), @d = 1.250;\n\
             INSERT INTO t (n) VALUES (1);\n\
             SELECT 'it''s', NULL INTO @s, @nothing;\n\
             ALTER TABLE t ADD COLUMN s VARCHAR(9);\n\
             ALTER TABLE t ADD COLUMN late {kind};\n\
             INSERT INTO t (n, d, s, late) VALUES (@n, @d, @s, @nothing);\n"
        )
    };
    let (project, database) = (Project::new(&script("inte")), E::shared());
    let zone = "//- migrations/0_zone.up.sql\nCREATE TABLE zone AS SELECT @@session.time_zone = @@global.time_zone AS same;\n";
    project.write(zone);
    let report = migration(&project, &database, &["up", "--json"]).run().expect(8).json();
    assert_eq!(report["error"]["where"]["statement"], 6, "{report:#}");
    project.write(&script("int"));
    _ = migration(&project, &database, &["up"]).run().expect(0);
    let rows = database.query("SELECT n, COALESCE(d, '-'), COALESCE(s, '-'), late IS NULL FROM t ORDER BY n");
    assert_eq!(rows, ["0|1.250|it's|1", "1|-|-|1"]);
    assert_eq!(database.query("SELECT same FROM zone"), ["1"]);
}

#[test]
fn scripts_run_in_the_servers_time_zone_and_times_are_kept_in_utc() {
    let database = shared_postgres();
    _ = database.query(&format!("ALTER DATABASE {} SET timezone = 'America/New_York'", database.name()));
    let project = Project::new(
        "//- migrations/1_zone.up.sql\nCREATE TABLE zone AS SELECT current_setting('timezone') AS name;\n",
    );
    _ = migration(&project, &database, &["up"]).run().expect(0);
    assert_eq!(database.query("SELECT name FROM zone"), ["America/New_York"]);
    let near =
        "SELECT abs(extract(epoch FROM applied_at - (now() AT TIME ZONE 'UTC'))) < 600 FROM _migrations";
    assert_eq!(database.query(near), ["t"]);
}

#[test]
fn a_search_path_stays_with_its_migration() {
    let database = shared_postgres();
    _ = database.query("CREATE SCHEMA app");
    let project = Project::new(
        "//- migrations/1_inside.up.sql\n\
         SELECT pg_catalog.set_config('search_path', 'app', false);\nCREATE TABLE inside (x int);\n\
         //- migrations/2_outside.up.sql\nCREATE TABLE outside (x int);\n",
    );
    _ = migration(&project, &database, &["up"]).run().expect(0);
    let places = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('app', 'public') \
                  AND tablename IN ('inside', 'outside', '_migrations') ORDER BY 2";
    assert_eq!(database.query(places), ["public|_migrations", "app|inside", "public|outside"]);
}

#[test]
fn a_procedure_may_commit_where_its_author_asked_for_no_transaction() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_p/up.sql\n\
         CREATE TABLE t (n int);\n\
         CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$\n\
         BEGIN FOR n IN 1..3 LOOP INSERT INTO t VALUES (n); COMMIT; END LOOP; END $$;\n\
         //- migrations/2_call/up.sql\nCALL fill();\n",
    );
    let report = migration(&project, &database, &["up", "--json"]).run().expect(8).json();
    assert!(
        report["error"]["why"].as_str().unwrap().contains("invalid transaction termination"),
        "{report:#}"
    );
    project.write("//- migrations/2_call/metadata.toml\nrun_in_transaction = false\n");
    _ = migration(&project, &database, &["up"]).run().expect(0);
    assert_eq!(database.query("SELECT n FROM t ORDER BY n"), ["1", "2", "3"]);
}
