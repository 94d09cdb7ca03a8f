//! How plans and runs look.
#![cfg(feature = "sqlite")]

use expect_test::{Expect, expect};
use migration_kit::sql::{DatabaseConnector, MigrationManager, MigrationSet, Script, SqlMigration, Target};

use super::*;
use crate::command::run::RunData;

const PLAIN: View = View { json: false, quiet: false, verbose: false };

fn manager(migrations: &[(&str, &str)]) -> MigrationManager {
    let migrations = migrations
        .iter()
        .map(|(id, up)| SqlMigration::new(*id, Script::from_text(*up), Some(Script::from_text("SELECT 1"))));
    let mut manager = MigrationManager::new(DatabaseConnector::open("sqlite::memory:").unwrap());
    manager.use_set(MigrationSet::new(migrations.collect()).unwrap());
    manager
}

fn check(manager: &mut MigrationManager, view: View, expected: &Expect) {
    let plan = manager.plan(&Request::up()).unwrap();
    expected.assert_eq(&anstream::adapter::strip_str(&plan.render(view)).to_string());
}

#[test]
fn transactions_are_shown() {
    let mut manager = manager(&[
        ("1_users", "CREATE TABLE users (\n  id INTEGER\n);\nCREATE INDEX i ON users (id);"),
        ("2_vacuum", "CREATE TABLE a (x);\nVACUUM;\nCREATE TABLE b (x);"),
        (
            "3_rebuild",
            "PRAGMA foreign_keys = OFF;\nBEGIN;\nDROP TABLE users;\nCOMMIT;\nPRAGMA foreign_keys = ON;",
        ),
        ("4_empty", "-- nothing yet"),
    ]);
    check(
        &mut manager,
        PLAIN,
        &expect![[r#"
            note: migration `4_empty` holds no statement: nothing is done
            1_users
              BEGIN
                1  CREATE TABLE users ( id INTEGER )
                2  CREATE INDEX i ON users (id)
              COMMIT
            2_vacuum
              BEGIN
                1  CREATE TABLE a (x)
              COMMIT
              outside a transaction
                2  VACUUM
              BEGIN
                3  CREATE TABLE b (x)
              COMMIT
            3_rebuild
              BEGIN (foreign keys not enforced)
                1  PRAGMA foreign_keys = OFF  (outside the transaction)
                2  BEGIN  (as a savepoint)
                3  DROP TABLE users
                4  COMMIT  (releases the savepoint)
                5  PRAGMA foreign_keys = ON  (outside the transaction)
              COMMIT
            4_empty
              no statements
            4 migrations to apply, 10 statements
        "#]],
    );
}

#[test]
fn statements_are_shown_whole_when_asked() {
    let mut manager = manager(&[("1_users", "CREATE TABLE users (\n  id INTEGER\n);")]);
    check(
        &mut manager,
        View { verbose: true, ..PLAIN },
        &expect![[r#"
        1_users
          BEGIN
            1  CREATE TABLE users (
                 id INTEGER
               )
          COMMIT
        1 migration to apply, 1 statement
    "#]],
    );
}

#[test]
fn out_of_order_and_nothing_to_do() {
    let mut manager = manager(&[("1", "SELECT 1"), ("2", "SELECT 2")]);
    manager.run(&Request::up().to(Target::Only("2".into()))).unwrap();
    check(
        &mut manager,
        PLAIN,
        &expect![[r#"
        note: migration `1` is applied after some that come later in order
        1  out of order
          BEGIN
            1  SELECT 1
          COMMIT
        1 migration to apply, 1 statement
    "#]],
    );
    manager.run(&Request::up()).unwrap();
    check(
        &mut manager,
        PLAIN,
        &expect![[r#"
        nothing to do: all of it is applied already
    "#]],
    );
}

#[test]
fn a_run_as_json_has_the_names_of_the_contract() {
    let report =
        manager(&[("1", "CREATE TABLE a (x); INSERT INTO a VALUES (1), (2);")]).run(&Request::up()).unwrap();
    let json = serde_json::to_value(RunData { report, plan: None }).unwrap();
    let result = &json["results"][0];
    for key in [
        "migration_id",
        "status",
        "steps_completed",
        "steps_total",
        "progress",
        "duration_seconds",
        "statements_executed",
        "rows_affected",
        "error",
    ] {
        assert!(result.get(key).is_some(), "{key}");
    }
    assert_eq!(result["rows_affected"], 2);
    assert_eq!(json["effects"], serde_json::json!({"state": "complete", "migrations": {"1": "applied"}}));
}
