//! Several histories in one database, and a schema to work in.

use migration_kit::sql::{ConnectOptions, DatabaseConnector, DatabaseUrl, MigrationManager, Settings};
use migration_tests::server::Shared;
use migration_tests::{Output, Project, on_servers};
use serde_json::json;

use super::Schema;
use crate::every_server::Subject;

const TWO: &str = "\
//- migrations/1_a.up.sql
CREATE TABLE a (x int);
//- migrations/1_a.down.sql
DROP TABLE a;
//- other/1_a.up.sql
CREATE TABLE other_a (x int);
//- other/1_a.down.sql
DROP TABLE other_a;
";

const OTHER: [&str; 6] =
    ["--dir", "other", "--history-table", "o'ther \"history\"", "--journal-table", "other_journal"];

fn run(project: &Project, database: &Shared, arguments: &[&str]) -> Output {
    project.migration(&[arguments, &["--json"]].concat()).env("DATABASE_URL", database.url()).run()
}

#[test]
fn two_histories_in_a_file() {
    let project = Project::new(TWO);
    _ = project.migration(&["up"]).run().expect(0);
    let up = project.migration(&[&["up", "--json"], &OTHER[..]].concat()).run().expect(0).json();
    assert_eq!(up["data"]["results"][0]["migration_id"], "1_a", "the other history has nothing of it");
    assert_eq!(
        project.query("SELECT name FROM sqlite_schema WHERE name LIKE '%a'"),
        ["\"a\"", "\"other_a\""]
    );
    // The variables do the same as the flags.
    let status = project.migration(&["status", "--exit-code", "--dir", "other"]);
    let status = status.env("MIGRATION_HISTORY_TABLE", OTHER[3]).env("MIGRATION_JOURNAL_TABLE", OTHER[5]);
    _ = status.run().expect(0);
    // What is suggested names the same tables.
    let plan =
        project.migration(&[&["plan", "--down", "--json"], &OTHER[..]].concat()).run().expect(0).json();
    let advice = plan["next_actions"][0]["command"].as_str().unwrap();
    _ = project.migration(&[]).line(advice).run().expect(0);
    assert_eq!(project.query("SELECT name FROM sqlite_schema WHERE name LIKE '%a'"), ["\"a\""]);
}

#[test]
fn sqlite_has_no_schemas() {
    let project = Project::new(TWO);
    for arguments in
        [["up", "--schema", "x"], ["up", "--history-schema", "x"], ["status", "--schema", "main"]]
    {
        let refused = project.migration(&[&arguments[..], &["--json"]].concat()).run().expect(2).json();
        assert_eq!(refused["error"]["code"], "usage.no_schemas", "{refused:#}");
    }
    let several =
        project.migration(&["down", "--schema", "a", "--schema", "b", "--json"]).run().expect(2).json();
    assert_eq!(several["error"]["code"], "usage.argument_conflict");
}

/// A manager that keeps its history in a table of this name.
fn manager(project: &Project, url: &str, table: &str) -> MigrationManager {
    let mut options = ConnectOptions::default();
    options.run_lock_timeout = Some(std::time::Duration::from_millis(300));
    let connector = DatabaseConnector::connect(&DatabaseUrl::parse(url).unwrap(), &options).unwrap();
    let mut settings = Settings::default();
    settings.history_table = table.to_owned();
    let mut manager = MigrationManager::with_settings(connector, settings).unwrap();
    manager.load_migrations_from_directory(project.path("migrations")).unwrap();
    manager
}

/// Two histories don't wait for each other, and two runs of one do.
fn locks_are_of_one_history(project: &Project, url: &str) {
    let mut holder = manager(project, url, "_migrations");
    let (mut same, mut other) = (manager(project, url, "_migrations"), manager(project, url, "second"));
    holder
        .exclusively(|_| {
            other.exclusively(|_| Ok(())).expect("another history is free");
            let refused = same.exclusively(|_| Ok(())).expect_err("the same is held");
            assert_eq!(refused.code(), "database.locked");
            Ok(())
        })
        .unwrap();
    same.exclusively(|_| Ok(())).expect("and free again");
}

#[test]
fn a_file_has_a_lock_for_each_history() {
    let project = Project::new(TWO);
    locks_are_of_one_history(&project, &project.url());
    let left = std::fs::read_dir(project.root()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("lock")).collect();
    assert!(left.is_empty(), "{left:?}");
}

on_servers!([postgres, mariadb, mysql] [
    two_histories_side_by_side,
    tracking_tables_in_a_schema_of_their_own,
    a_schema_to_work_in,
]);

fn two_histories_side_by_side<S: Subject>() {
    let (project, database) = (Project::new(TWO), S::shared());
    _ = run(&project, &database, &["up"]).expect(0);
    _ = run(&project, &database, &[&["up"], &OTHER[..]].concat()).expect(0);
    let tables = crate::every_server::tables::<S>(&database);
    assert_eq!(tables, ["a", "o'ther \"history\"", "other_a", "other_journal"]);
    _ = run(&project, &database, &[&["down"], &OTHER[..]].concat()).expect(0);
    let status = run(&project, &database, &["status", "--exit-code"]).expect(0).json();
    assert_eq!(status["data"]["summary"], json!({"applied": 1}));
    locks_are_of_one_history(&project, &database.url());
}

fn tracking_tables_in_a_schema_of_their_own<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    let books = Schema::new(&database, "books");
    let at = ["--history-schema", books.name.as_str()];
    let missing = run(&project, &database, &[&["up"], &at[..]].concat()).expect(2).json();
    assert_eq!(missing["error"]["code"], "connect.schema_missing", "{missing:#}");
    let plan = run(&project, &database, &[&["plan", "--create-schema"], &at[..]].concat()).expect(0).json();
    assert_eq!(plan["data"]["migrations"].as_array().unwrap().len(), 4);
    assert!(database.query(S::TABLES).is_empty());
    _ = run(&project, &database, &[&["up", "--create-schema"], &at[..]].concat()).expect(0);
    assert_eq!(
        books.query("SELECT id FROM {}._migrations ORDER BY id"),
        ["1_log", "2_one", "3_many", "4_last"]
    );
    assert!(
        books.query("SELECT migration_id FROM {}._migration_journal WHERE state <> 'applied'").is_empty()
    );
    assert!(!database.query(S::TABLES).iter().any(|table| table.starts_with("_migration")));
    for (query, rows) in S::COMPLETE {
        assert_eq!(database.query(query), *rows, "{query}");
    }
    _ = run(&project, &database, &[&["down", "--all"], &at[..]].concat()).expect(0);
    assert!(books.query("SELECT id FROM {}._migrations").is_empty());
}

fn a_schema_to_work_in<S: Subject>() {
    let (project, database) = (Project::new(TWO), S::shared());
    let here = Schema::new(&database, "here \"it` is");
    let missing = run(&project, &database, &["up", "--schema", &here.name]).expect(2).json();
    assert_eq!(missing["error"]["code"], "connect.schema_missing", "{missing:#}");
    let advice = missing["next_actions"][0]["command"].as_str().unwrap();
    let run_line = |line: &str| project.migration(&[]).env("DATABASE_URL", database.url()).line(line).run();
    _ = run_line(advice).expect(0);
    assert_eq!(here.query("SELECT id FROM {}._migrations"), ["1_a"]);
    assert!(here.query("SELECT x FROM {}.a").is_empty());
    assert!(database.query(S::TABLES).is_empty(), "nothing of it is elsewhere");
    // Elsewhere it is another history.
    _ = run(&project, &database, &["up"]).expect(0);
    assert_eq!(crate::every_server::tables::<S>(&database), ["a"]);
    let variable = project.migration(&["down", "--json"]).env("MIGRATION_SCHEMA", &here.name);
    _ = variable.env("DATABASE_URL", database.url()).run().expect(0);
    assert!(here.query("SELECT id FROM {}._migrations").is_empty());
    assert_eq!(crate::every_server::tables::<S>(&database), ["a"]);
    // A session that is opened anew in the middle works there, too.
    project.write("//- migrations/2_b.up.sql\nSET @x = 1;\nCREATE TABLE b (x int);\n//- migrations/3_c.up.sql\nCREATE TABLE c (x int);\n");
    if database.url().starts_with("postgres") {
        project.write("//- migrations/2_b.up.sql\nSET search_path = public;\nSELECT 1;\n");
    }
    _ = run(&project, &database, &["up", "--schema", &here.name]).expect(0);
    assert!(here.query("SELECT x FROM {}.c").is_empty());
    assert_eq!(crate::every_server::tables::<S>(&database), ["a"]);
}
