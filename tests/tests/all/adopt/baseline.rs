//! `migration baseline`: databases that were made by other means.

use migration_tests::server::Kind;

use super::site::{Make, Site};
use super::tables::SCHEMA;

migration_tests::on_servers!([postgres, mariadb, mysql][a_database_made_by_other_means]);

const FILES: &str = "\
//- migrations/1_users.up.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL);
//- migrations/1_users.down.sql
DROP TABLE users;
//- migrations/2_items.up.sql
CREATE TABLE items (id INTEGER PRIMARY KEY, price INTEGER);
//- migrations/3_notes.up.sql
CREATE TABLE notes (id INTEGER PRIMARY KEY);
";

fn a_database_made_by_other_means<E: Kind>() {
    records_everything_up_to_one(&Site::on::<E>);
}

#[test]
fn a_database_made_by_other_means_on_sqlite() {
    records_everything_up_to_one(&Site::sqlite);
}

fn records_everything_up_to_one(make: Make<'_>) {
    let site = make(FILES);
    site.execute(SCHEMA);
    let dry = site.run(&["baseline", "2_items", "--dry-run", "--json"], 0).json();
    assert!(!site.has("_migrations"), "{dry:#}");
    let report = site.run(&["baseline", "items", "--json"], 0).json();
    assert_eq!(report["data"]["target"], "2_items");
    let statuses = |report: &serde_json::Value| {
        let migrations = report["data"]["migrations"].as_array().unwrap().iter();
        migrations.map(|m| m["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(statuses(&report), ["adopted", "adopted"]);
    assert_eq!(dry["data"]["migrations"], report["data"]["migrations"]);
    assert_eq!(report["data"]["pending"], serde_json::json!(["3_notes"]));
    assert_eq!(site.recorded(), ["1_users", "2_items"]);
    assert_eq!(statuses(&site.run(&["baseline", "2_items", "--json"], 0).json()), ["already_applied"; 2]);
    _ = site.run(&["up"], 0);
    assert!(site.has("notes"));
    // Everything up to it is applied, and more: there is nothing to do either.
    let again = site.run(&["baseline", "1_users"], 0);
    assert!(again.stdout.contains("nothing to record"), "{again:?}");
    _ = site.run(&["verify"], 0);
}

#[test]
fn what_is_applied_has_to_be_the_beginning() {
    let site = Site::sqlite(FILES);
    _ = site.run(&["up", "--to", "1_users"], 0);
    // A beginning goes on.
    _ = site.run(&["baseline", "2_items", "--dry-run"], 0);
    _ = site.run(&["repair", "--mark-applied", "3_notes"], 0);
    let error = site.run(&["baseline", "2_items", "--json"], 2).json();
    assert_eq!(error["error"]["code"], "baseline.not_the_beginning");
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("`3_notes` is applied, and `2_items` before it is not"), "{message}");
    assert_eq!(site.recorded(), ["1_users", "3_notes"]);

    std::fs::remove_file(site.project.path("migrations/3_notes.up.sql")).unwrap();
    let error = site.run(&["baseline", "2_items", "--json"], 2).json();
    assert_eq!(error["error"]["code"], "baseline.not_the_beginning");
    assert!(error["error"]["message"].as_str().unwrap().contains("no file"), "{error:#}");
    let unknown = site.run(&["baseline", "2_itms", "--json"], 2).json();
    assert_eq!(unknown["error"]["code"], "plan.unknown_migration");
}

#[test]
fn dependencies_are_part_of_it() {
    let site = Site::sqlite(
        "//- migrations/2024-01-01-000001_a/up.sql
CREATE TABLE a (id INTEGER);
//- migrations/2024-01-01-000001_a/metadata.toml
depends_on = [\"2024-01-03-000001_c\"]
run_in_transaction = true
//- migrations/2024-01-02-000001_b/up.sql
CREATE TABLE b (id INTEGER);
//- migrations/2024-01-03-000001_c/up.sql
CREATE TABLE c (id INTEGER);
",
    );
    site.execute("CREATE TABLE a (id INTEGER); CREATE TABLE c (id INTEGER)");
    let report = site.run(&["baseline", "2024-01-01-000001_a", "--json"], 0).json();
    assert!(site.recorded().contains(&"2024-01-03-000001_c".to_owned()), "{report:#}");
}

#[test]
fn another_tools_history_is_no_obstacle() {
    let site = Site::sqlite(FILES);
    site.execute(SCHEMA);
    site.execute("CREATE TABLE schema_migrations (version uint64, dirty bool); INSERT INTO schema_migrations VALUES (9, 1)");
    _ = site.run(&["up"], 2);
    _ = site.run(&["baseline", "2_items"], 0);
    _ = site.run(&["up"], 0);
}

#[test]
fn repeatable_migrations_come_last_however_old_they_are() {
    let site = Site::sqlite(
        "//- migrations/V1__a.sql
CREATE TABLE a (id INTEGER);
//- migrations/R__v.sql
DROP VIEW IF EXISTS v;
CREATE VIEW v AS SELECT 1;
",
    );
    _ = site.run(&["up"], 0);
    site.project.write("//- migrations/V2__b.sql\nCREATE TABLE b (id INTEGER);\n");
    let report = site.run(&["baseline", "V2__b", "--json"], 0).json();
    assert_eq!(report["data"]["pending"], serde_json::json!([]), "{report:#}");
    assert_eq!(site.recorded(), ["R__v", "V1__a", "V2__b"]);
}
