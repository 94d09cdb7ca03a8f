//! What the rows of each tool mean: rollbacks, attempts, baselines, repeatable migrations.

use super::site::Site;
use super::tables::{DBMATE, FLYWAY, GOLANG_MIGRATE, GOOSE, PRISMA};

const FLYWAY_FILES: &str = "\
//- migrations/V1__a.sql
CREATE TABLE a (id INTEGER);
//- migrations/V2__b.sql
CREATE TABLE b (id INTEGER);
//- migrations/V2.1__c.sql
CREATE TABLE c (id INTEGER);
//- migrations/U2.1__c.sql
DROP TABLE c;
//- migrations/V10__d.sql
CREATE TABLE d (id INTEGER);
//- migrations/R__some_view.sql
CREATE VIEW v AS SELECT 1;
";

/// What `adopt` comes to with these rows in the place of the fixture's: ids that are adopted, and ids that are pending.
fn adopted(site: &Site, table: &str, rows: &str) -> (Vec<String>, Vec<String>) {
    site.execute(&format!("DELETE FROM {table}"));
    if !rows.is_empty() {
        site.execute(&format!("INSERT INTO {table} VALUES {rows}"));
    }
    let report = site.run(&["adopt", "--dry-run", "--json"], 0).json();
    let migrations = report["data"]["migrations"].as_array().unwrap().iter();
    let ids = migrations.map(|migration| migration["id"].as_str().unwrap().to_owned());
    let pending = report["data"]["pending"].as_array().unwrap().iter();
    (ids.collect(), pending.map(|id| id.as_str().unwrap().to_owned()).collect())
}

/// One row of Flyway's log.
fn row(rank: i32, version: Option<&str>, description: &str, kind: &str) -> String {
    let version = version.map_or("NULL".to_owned(), |version| format!("'{version}'"));
    format!(
        "({rank}, {version}, '{description}', '{kind}', 'x.sql', NULL, '', '2024-05-01 12:00:00.123', 3, 1)"
    )
}

#[test]
fn flyways_log() {
    let site = Site::sqlite(FLYWAY_FILES);
    site.execute(&FLYWAY.history("sqlite"));
    let check = |rows: &[String], expected: &[&str]| {
        let (ids, pending) = adopted(&site, "flyway_schema_history", &rows.join(", "));
        assert_eq!(ids, expected, "{rows:#?}");
        assert_eq!(ids.len() + pending.len(), 5);
    };
    check(&[], &[]);
    let schema = row(0, None, "<< Flyway Schema Creation >>", "SCHEMA");
    check(&[schema, row(1, Some("1"), "a", "SQL")], &["V1__a"]);
    // Versions compare part by part; what is written otherwise is the same one.
    check(&[row(1, Some("1.0"), "a", "SQL"), row(2, Some("2_1"), "c", "SQL")], &["V1__a", "V2.1__c"]);
    // A baseline stands for all up to it, whether there is one of its version or not.
    check(&[row(1, Some("2.0.5"), "<< Flyway Baseline >>", "BASELINE")], &["V1__a", "V2__b"]);
    check(
        &[row(1, Some("2"), "base", "SQL_BASELINE"), row(2, Some("10"), "d", "SQL")],
        &["V1__a", "V2__b", "V10__d"],
    );
    // The newest row counts, by rank and not by place.
    check(
        &[
            row(4, Some("2.1"), "c", "UNDO_SQL"),
            row(1, Some("1"), "a", "SQL"),
            row(2, Some("2"), "b", "SQL"),
            row(3, Some("2.1"), "c", "SQL"),
        ],
        &["V1__a", "V2__b"],
    );
    check(&[row(1, Some("1"), "a", "SQL"), row(2, Some("1"), "a", "DELETE")], &[]);
    check(&[row(1, Some("1"), "a", "SQL"), row(2, None, "some view", "SQL")], &["V1__a", "R__some_view"]);
}

/// A repeatable migration has a row for each time that it ran: the last one is what is in effect.
#[test]
fn flyways_repeatable_migrations() {
    let site = Site::sqlite("//- migrations/R__v.sql\n\u{feff}CREATE VIEW v AS\r\nSELECT 1;\n");
    site.execute(&FLYWAY.history("sqlite"));
    // As zlib has it, of the text without line ends and byte-order mark.
    let checksum = -1_106_423_914;
    let row = |rank: i32, checksum: i32| {
        format!("({rank}, NULL, 'v', 'SQL', 'R__v.sql', {checksum}, '', '2024-05-01 12:00:00', 3, 1)")
    };
    let (ids, _) = adopted(&site, "flyway_schema_history", &format!("{}, {}", row(1, 5), row(2, checksum)));
    assert_eq!(ids, ["R__v"]);
    site.execute("DELETE FROM flyway_schema_history WHERE installed_rank = 2");
    // Edited since, so Flyway would run it again, and so do we.
    let report = site.run(&["adopt", "--dry-run", "--json"], 0).json();
    assert_eq!(report["data"]["pending"], serde_json::json!(["R__v"]));
    assert!(
        report["data"]["warnings"].to_string().contains("`R__v` was edited after flyway ran it"),
        "{report:#}"
    );
}

/// Flyway's checksum of a versioned migration is of its file, that of a repeatable one of what was run.
#[test]
fn flyways_placeholders() {
    let site = Site::sqlite(
        "//- migrations/V1__t.sql\nCREATE TABLE ${schema}_t (id INTEGER);\n\
         //- migrations/R__v.sql\nCREATE VIEW v AS SELECT '${word}' AS x;\n",
    );
    site.execute(&FLYWAY.history("sqlite"));
    let rows = "(1, '1', 't', 'SQL', 'V1__t.sql', -30864856, '', '2024-05-01 12:00:00', 3, 1), \
                (2, NULL, 'v', 'SQL', 'R__v.sql', 1452821421, '', '2024-05-01 12:00:00', 3, 1)";
    site.execute(&format!(
        "DELETE FROM flyway_schema_history; INSERT INTO flyway_schema_history VALUES {rows}"
    ));
    let pending = |word: &str| {
        let values = ["--placeholder", "schema=app", "--placeholder", word];
        let report = site.run(&[&values[..], &["adopt", "--dry-run", "--json"]].concat(), 0).json();
        report["data"]["pending"].to_string()
    };
    assert_eq!(pending("word=open"), "[]");
    assert_eq!(pending("word=other"), "[\"R__v\"]");
}

#[test]
fn gooses_rows() {
    let site = Site::sqlite(GOOSE.files);
    site.execute(&GOOSE.history("sqlite"));
    let check = |rows: &str, expected: &[&str]| {
        assert_eq!(adopted(&site, "goose_db_version", rows).0, expected, "{rows}");
    };
    let at = "'2024-05-01 12:00:00'";
    check("", &[]);
    check(&format!("(1, 0, 1, {at})"), &[]);
    // Older versions of it noted a rollback as one more row; what was applied again after it is.
    check(&format!("(4, 2, 0, {at}), (1, 0, 1, {at}), (2, 1, 1, {at}), (3, 2, 1, {at})"), &["1_users"]);
    check(&format!("(1, 1, 1, {at}), (2, 1, 0, {at}), (3, 1, 1, {at})"), &["1_users"]);
}

#[test]
fn golang_migrates_row() {
    let site = Site::sqlite(GOLANG_MIGRATE.files);
    site.project.write(GOLANG_MIGRATE.third);
    site.project.write("//- migrations/0010_more.up.sql\nSELECT 1;\n");
    site.execute(&GOLANG_MIGRATE.history("sqlite"));
    let check = |rows: &str, expected: &[&str]| {
        assert_eq!(adopted(&site, "schema_migrations", rows).0, expected, "{rows}");
    };
    check("", &[]);
    check("(-1, 0)", &[]);
    check("(3, 0)", &["1_users", "2_items", "3_notes"]);
    check("(10, 0)", &["1_users", "2_items", "3_notes", "0010_more"]);
    let report = site.run(&["adopt", "--dry-run", "--json"], 0).json();
    let warnings = report["data"]["warnings"].to_string();
    assert!(warnings.contains("only records the version that the database is at"), "{report:#}");
    site.execute("INSERT INTO schema_migrations VALUES (2, 0)");
    let error = site.run(&["adopt", "--json"], 2).json();
    assert_eq!(error["error"]["code"], "adopt.unknown_table", "{error:#}");
}

#[test]
fn dbmates_versions_are_texts() {
    let site = Site::sqlite(
        "//- migrations/007_a.sql\n-- migrate:up\nCREATE TABLE a (id INTEGER);\n-- migrate:down\n",
    );
    site.execute(&DBMATE.history("sqlite"));
    assert_eq!(adopted(&site, "schema_migrations", "('007')").0, ["007_a"]);
    site.execute("UPDATE schema_migrations SET version = '7'");
    let error = site.run(&["adopt", "--json"], 4).json();
    assert_eq!(error["error"]["code"], "adopt.missing_file", "{error:#}");
}

#[test]
fn prismas_attempts() {
    let site = Site::sqlite(PRISMA.files);
    site.execute(&PRISMA.history("sqlite"));
    let sum = PRISMA.checksums.unwrap()[0];
    let row = |id: &str, finished: &str, rolled_back: &str| {
        format!(
            "('{id}', '{sum}', {finished}, '20240101000001_users', NULL, {rolled_back}, 1714564800000, 1)"
        )
    };
    let (done, never) = ("1714564800007", "NULL");
    let rows = |rows: &[String]| adopted(&site, "_prisma_migrations", &rows.join(", ")).0;
    assert_eq!(rows(&[row("a", never, done)]), [""; 0]);
    // Rolled back by `migrate resolve`, then deployed again.
    assert_eq!(rows(&[row("a", never, done), row("b", done, never)]), ["20240101000001_users"]);
    // Rolled back after it was done.
    assert_eq!(rows(&[row("a", done, done)]), [""; 0]);
    site.execute(&format!("INSERT INTO _prisma_migrations VALUES {}", row("c", never, never)));
    let error = site.run(&["adopt", "--json"], 2).json();
    assert_eq!(error["error"]["code"], "adopt.failed_row", "{error:#}");
}
