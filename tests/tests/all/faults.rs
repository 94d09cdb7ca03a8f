//! Runners and servers that are killed, connections that break: the next run finishes the work, and nothing has happened
//! twice. See [`migration_tests::fault`].

use migration_tests::fault::{Campaign, Effort, Flavored, Kind, OnServer, Sqlite, Subject};
use migration_tests::{Project, on_servers, shared_postgres};

const DIES: Kind = Kind::RunnerDies(env!("CARGO_BIN_EXE_apply-until-event"));

/// Tries so many faults of a kind, unless the environment asks for another number.
fn check(subject: &mut dyn Subject, kind: Kind, faults: usize) {
    Campaign::run(subject, kind, &Effort::from_environment(faults)).assert_none_differs();
}

fn runner_killed<E: Flavored>() {
    check(&mut OnServer::<E>::start(), Kind::RunnerKilled, 12);
}

fn runner_dies<E: Flavored>() {
    check(&mut OnServer::<E>::start(), DIES, 12);
}

fn connection_breaks<E: Flavored>() {
    check(&mut OnServer::<E>::start(), Kind::ConnectionBreaks, 16);
}

fn server_killed<E: Flavored>() {
    check(&mut OnServer::<E>::start(), Kind::ServerKilled, 6);
}

on_servers!([postgres, mariadb, mysql] [runner_killed, runner_dies, connection_breaks, server_killed]);

mod sqlite {
    use super::{DIES, Kind, Sqlite, check};

    #[test]
    fn runner_killed() {
        check(&mut Sqlite::default(), Kind::RunnerKilled, 30);
    }

    #[test]
    fn runner_dies() {
        check(&mut Sqlite::default(), DIES, 40);
    }
}

/// What a script sets in its session must not reach the next one, whatever happens.
#[test]
fn a_session_that_can_not_be_made_anew_ends_the_run() {
    let (database, other) = (shared_postgres(), shared_postgres());
    let project = Project::new(
        "//- migrations/1_set.up.sql\nCREATE SCHEMA app;\nSET search_path = app, public;\n\
         UPDATE pg_database SET datallowconn = false WHERE datname = current_database();\n\
         //- migrations/2_table.up.sql\nCREATE TABLE t (x int);\n",
    );
    let up = || project.migration(&["up", "--json"]).env("DATABASE_URL", database.url()).run();
    let refused = up();
    let allow = "UPDATE pg_database SET datallowconn = true WHERE datname =";
    other.query(&format!("{allow} '{}'", database.name()));
    assert_ne!(refused.code, Some(0), "{}", refused.stdout);
    assert_eq!(database.query("SELECT id FROM _migrations"), ["1_set"], "{}", refused.stdout);
    _ = up().expect(0);
    assert_eq!(database.query("SELECT schemaname FROM pg_tables WHERE tablename = 't'"), ["public"]);
}

/// As a server leaves it that is killed while indexes are being built anew beside the old ones.
#[test]
fn what_a_reindex_left_is_dropped() {
    for statement in [
        "REINDEX INDEX CONCURRENTLY a_x",
        "REINDEX (VERBOSE) TABLE CONCURRENTLY public.a",
        "REINDEX (CONCURRENTLY) TABLE a",
        "REINDEX SCHEMA CONCURRENTLY public",
    ] {
        let database = shared_postgres();
        let project = Project::new(&format!(
            "//- migrations/1_a.up.sql\nCREATE TABLE a (x int, t text);\nCREATE INDEX a_x ON a (x);\n\
             //- migrations/2_b.up.sql\nSELECT 1;\n{statement};\n"
        ));
        let up = |arguments: &[&str]| {
            let up = project.migration(arguments).env("DATABASE_URL", database.url());
            _ = up.run().expect(0);
        };
        up(&["up", "--steps", "1"]);
        let checksum = migration_kit::Checksum::of("SELECT 1");
        database.query(&format!(
            "CREATE INDEX a_x_ccnew ON a (x);\n\
             CREATE TABLE b (x int);\nCREATE INDEX b_ccold ON b (x);\n\
             UPDATE pg_index SET indisvalid = false WHERE indexrelid IN ('a_x_ccnew'::regclass);\n\
             INSERT INTO _migration_journal (migration_id, state, direction, statements_done, statements_total, \
             checksum, in_flight) VALUES ('2_b', 'partial', 'up', 1, 2, '{checksum}', 2);\n"
        ));
        up(&["up"]);
        let indexes = database.query(
            "SELECT indexrelid::regclass::text, indisvalid FROM pg_index JOIN pg_class t ON t.oid = indrelid \
             WHERE t.relname IN ('a', 'b') ORDER BY 1",
        );
        assert_eq!(indexes, ["a_x|t", "b_ccold|t"], "{statement}");
    }
}
