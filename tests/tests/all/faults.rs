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
        check(&mut Sqlite::default(), DIES, 30);
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
