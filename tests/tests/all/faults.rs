//! Runners and servers that are killed, connections that break: the next run finishes the work, and nothing has happened
//! twice. See [`migration_tests::fault`].

use migration_tests::fault::{Campaign, Effort, Kind, Sqlite, Subject, postgres};

const DIES: Kind = Kind::RunnerDies(env!("CARGO_BIN_EXE_apply-until-event"));

/// Tries so many faults of a kind, unless the environment asks for another number.
fn check(subject: &mut dyn Subject, kind: Kind, faults: usize) {
    Campaign::run(subject, kind, &Effort::from_environment(faults)).assert_none_differs();
}

#[test]
fn sqlite_runner_killed() {
    check(&mut Sqlite::default(), Kind::RunnerKilled, 40);
}

#[test]
fn sqlite_runner_dies_at_an_event() {
    check(&mut Sqlite::default(), DIES, 40);
}

#[test]
fn postgres_runner_killed() {
    check(&mut postgres(), Kind::RunnerKilled, 12);
}

#[test]
fn postgres_runner_dies_at_an_event() {
    check(&mut postgres(), DIES, 12);
}

#[test]
fn postgres_connection_breaks() {
    check(&mut postgres(), Kind::ConnectionBreaks, 16);
}

#[test]
fn postgres_server_killed() {
    check(&mut postgres(), Kind::ServerKilled, 6);
}
