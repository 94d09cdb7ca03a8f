//! What scripts hold: sessions, procedures, prepared statements, transactions, data.

use migration_kit::sql::{DatabaseConnector, Error, MigrationManager};
use migration_tests::server::{Kind, Options, Server};
use migration_tests::{Project, Shared, on_servers};
use serde_json::json;

use crate::every_server::{assert_nothing_unfinished, manager, migration};

on_servers!([mariadb, mysql] [
    settings_of_the_session_end_with_their_migration,
    another_database_in_use,
    procedures_triggers_and_functions,
    procedures_that_define,
    prepared_statements,
    a_transaction_that_a_definition_ends,
    locked_tables,
    temporary_tables,
    several_results,
    conditional_comments,
    data_from_a_file,
    errors_are_located,
    a_long_statement_that_fails_has_its_sqlstate,
]);

#[track_caller]
fn apply(database: &Shared, files: &str) {
    manager(&Project::new(files), database).apply_pending_migrations().unwrap();
    assert_nothing_unfinished(database, files);
}

fn settings_of_the_session_end_with_their_migration<K: Kind>() {
    let database = K::shared();
    apply(
        &database,
        "//- migrations/1_a.up.sql\nSET SESSION sql_mode = 'ANSI_QUOTES', @x = 5, FOREIGN_KEY_CHECKS = 0;\n\
         CREATE TABLE seen (migration int, mode text, x int, checks int, zone text);\n\
         SET time_zone = '+05:00';\n\
         INSERT INTO seen VALUES (1, @@sql_mode, @x, @@foreign_key_checks, @@time_zone);\n\
         //- migrations/2_b.up.sql\nINSERT INTO seen VALUES (2, @@sql_mode, @x, @@foreign_key_checks, @@time_zone);\n",
    );
    let mode = database.query("SELECT @@sql_mode").join("");
    assert_eq!(
        database.query("SELECT * FROM seen ORDER BY migration"),
        ["1|ANSI_QUOTES|5|0|+05:00".to_owned(), format!("2|{mode}|NULL|1|SYSTEM")]
    );
    // What the tracking table says is UTC all the same.
    let age = "SELECT ABS(TIMESTAMPDIFF(SECOND, applied_at, NOW())) < 600 FROM _migrations";
    assert_eq!(database.query(age), ["1", "1"]);
    let mut connector = DatabaseConnector::open(&database.url()).unwrap();
    connector.execute("SET time_zone = '+05:00'", &[]).unwrap();
    let mut manager = MigrationManager::new(connector);
    let utc = database.query("SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H')").join("");
    let shown = manager.list_migrations().unwrap()[0].applied_at.clone().unwrap();
    assert!(shown.starts_with(&utc) || database.query("SELECT MINUTE(NOW()) < 10") == ["1"], "{shown} {utc}");
}

fn another_database_in_use<K: Kind>() {
    let (database, other) = (K::shared(), K::shared());
    apply(
        &database,
        &format!(
            "//- migrations/1_a.up.sql\nUSE {0};\nCREATE TABLE there (x int);\nINSERT INTO there VALUES (1);\n\
             CREATE TABLE {1}.here (x int);\n//- migrations/2_b.up.sql\nINSERT INTO here VALUES (2);\n",
            other.name(),
            database.name()
        ),
    );
    assert_eq!(other.query("SHOW TABLES"), ["there"]);
    assert_eq!(other.query("SELECT x FROM there"), ["1"]);
    assert_eq!(database.query("SELECT x FROM here"), ["2"]);
    assert_eq!(database.query("SELECT id FROM _migrations ORDER BY id"), ["1_a", "2_b"]);
}

fn procedures_triggers_and_functions<K: Kind>() {
    let database = K::shared();
    apply(
        &database,
        "//- migrations/1_a.up.sql\nCREATE TABLE t (x int);\nCREATE TABLE log (x int);\nDELIMITER $$\n\
         CREATE TRIGGER after_t AFTER INSERT ON t FOR EACH ROW\nBEGIN\n  IF NEW.x > 1 THEN\n    INSERT INTO log VALUES (NEW.x);\n\
         \x20 END IF;\nEND$$\n\
         CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC BEGIN RETURN n * 2; END $$\n\
         CREATE PROCEDURE fill(IN up_to int)\nBEGIN\n  DECLARE i int DEFAULT 0;\n  WHILE i < up_to DO\n    SET i = i + 1;\n\
         \x20   INSERT INTO t VALUES (twice(i));\n  END WHILE;\n  SELECT COUNT(*) FROM t;\nEND $$\nDELIMITER ;\nCALL fill(3);\n\
         //- migrations/2_without_delimiters.up.sql\nCREATE PROCEDURE one() BEGIN INSERT INTO t VALUES (1); INSERT INTO t VALUES (7); END;\n\
         CALL one();\n",
    );
    assert_eq!(database.query("SELECT x FROM t ORDER BY x"), ["1", "2", "4", "6", "7"]);
    assert_eq!(database.query("SELECT x FROM log ORDER BY x"), ["2", "4", "6", "7"]);
}

fn procedures_that_define<K: Kind>() {
    let database = K::shared();
    apply(
        &database,
        "//- migrations/1_a.up.sql\nCREATE PROCEDURE p() BEGIN CREATE TABLE made (x int); INSERT INTO made VALUES (1); \
         CREATE INDEX i ON made (x); INSERT INTO made VALUES (2); END;\nCALL p();\nINSERT INTO made VALUES (3);\n",
    );
    assert_eq!(database.query("SELECT x FROM made ORDER BY x"), ["1", "2", "3"]);
}

fn prepared_statements<K: Kind>() {
    let database = K::shared();
    apply(
        &database,
        "//- migrations/1_a.up.sql\nSET @table_name = 'made';\n\
         SET @sql = CONCAT('CREATE TABLE ', @table_name, ' (x int)');\nPREPARE s FROM @sql;\nEXECUTE s;\nDEALLOCATE PREPARE s;\n\
         PREPARE s FROM 'INSERT INTO made VALUES (?)';\nSET @a = 4;\nEXECUTE s USING @a;\nEXECUTE s USING @a;\n",
    );
    assert_eq!(database.query("SELECT x FROM made"), ["4", "4"]);
}

fn a_transaction_that_a_definition_ends<K: Kind>() {
    let database = K::shared();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE t (x int);\nBEGIN;\nINSERT INTO t VALUES (1);\nROLLBACK;\nSTART TRANSACTION;\n\
         INSERT INTO t VALUES (2);\nCOMMIT;\n\
         //- migrations/2_b.up.sql\nBEGIN;\nINSERT INTO t VALUES (3);\nALTER TABLE t ADD y int;\nINSERT INTO t VALUES (4, 4);\nCOMMIT;\n",
    );
    let plan = migration(&project, &database, &["plan", "--json"]).run().expect(0).json();
    let warnings = plan["data"]["warnings"].to_string();
    assert!(warnings.contains("2_b") && warnings.contains("line 3"), "{warnings}");
    let up = migration(&project, &database, &["up", "--json"]).run().expect(0).json();
    assert_eq!(up["data"]["results"][1]["rows_affected"], 2, "{up:#}");
    assert_eq!(database.query("SELECT x FROM t ORDER BY x"), ["2", "3", "4"]);
    let atomic = migration(&project, &database, &["down", "--json"]).run();
    assert_eq!(atomic.json()["error"]["code"], "plan.irreversible");
}

fn locked_tables<K: Kind>() {
    let database = K::shared();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE t (x int);\nLOCK TABLES t WRITE;\nINSERT INTO t VALUES (1);\nUNLOCK TABLES;\n",
    );
    let up = migration(&project, &database, &["up", "--json"]).run().expect(0).json();
    assert!(up["data"]["warnings"].to_string().contains("LOCK TABLES"), "{up:#}");
    assert_eq!(database.query("SELECT x FROM t"), ["1"]);
}

fn temporary_tables<K: Kind>() {
    let database = K::shared();
    apply(
        &database,
        "//- migrations/1_a.up.sql\nCREATE TABLE t (x int);\nCREATE TEMPORARY TABLE tmp (x int);\nINSERT INTO tmp VALUES (1), (2);\n\
         INSERT INTO t SELECT x FROM tmp;\nDROP TEMPORARY TABLE tmp;\n\
         //- migrations/2_b.up.sql\nCREATE TABLE tmp (y int);\nINSERT INTO tmp VALUES (1);\n",
    );
    assert_eq!(database.query("SELECT x FROM t ORDER BY x"), ["1", "2"]);
    assert_eq!(database.query("SELECT y FROM tmp"), ["1"]);
}

/// Results that nobody reads are no trouble for what comes next.
fn several_results<K: Kind>() {
    let database = K::shared();
    apply(
        &database,
        "//- migrations/1_a.up.sql\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; SHOW TABLES; END;\nCALL p();\nSELECT 3;\n\
         CHECKSUM TABLE _migrations;\nANALYZE TABLE _migrations;\nSHOW TABLES;\nEXPLAIN SELECT 1;\nDESC _migrations;\n\
         (SELECT 4);\nDO 5;\nCREATE TABLE t (x int);\n",
    );
    assert_eq!(database.query("SHOW TABLES LIKE 't'"), ["t"]);
}

/// As `mysqldump` writes them.
fn conditional_comments<K: Kind>() {
    let database = K::shared();
    apply(
        &database,
        "//- migrations/1_a.up.sql\n/*!40101 SET @saved = @@character_set_client */;\n\
         /*!40014 SET @old_checks = @@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS = 0 */;\n\
         CREATE TABLE `child` (`x` int /*!50100 NOT NULL */, FOREIGN KEY (`x`) REFERENCES `parent` (`x`)) /*!50100 ENGINE=InnoDB */;\n\
         CREATE TABLE `parent` (`x` int PRIMARY KEY);\n/*!40000 ALTER TABLE `child` DISABLE KEYS */;\n\
         INSERT INTO `child` VALUES (1);\n/*!40000 ALTER TABLE `child` ENABLE KEYS */;\nINSERT INTO `parent` VALUES (1);\n\
         /*!40014 SET FOREIGN_KEY_CHECKS = @old_checks */;\n\
         /*!50001 CREATE VIEW `both` AS SELECT `x` FROM `child` */;\n/*!99999 SELECT nowhere FROM nothing */;\n",
    );
    assert_eq!(database.query("SELECT * FROM `both`"), ["1"]);
}

/// The server reads files where its setting `secure_file_priv` lets it.
fn data_from_a_file<K: Kind>() {
    let settings = vec![("secure-file-priv".to_owned(), String::new())];
    let server = Server::<K>::start_with(Options { volatile: true, settings });
    server.create_database("shop");
    // The data folder is readable by the server, whoever runs it.
    server.query("shop", "SELECT 'one;', 1 UNION SELECT '', 2 INTO OUTFILE 'rows.txt'");
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE t (name text, x int);\nLOAD DATA INFILE 'rows.txt' INTO TABLE t;\n\
         INSERT INTO t VALUES ('last', 3);\n",
    );
    let up =
        project.migration(&["up", "--json"]).env("DATABASE_URL", server.url("shop")).run().expect(0).json();
    assert_eq!(up["ok"], true, "{up:#}");
    assert_eq!(server.query("shop", "SELECT name, x FROM t ORDER BY x"), ["one;|1", "|2", "last|3"]);
}

fn errors_are_located<K: Kind>() {
    let database = K::shared();
    for (name, script, line, column) in [
        ("syntax", "CREATE TABLE t (a int, b inte);\n", 1, 26),
        ("too short", "SELECT 1;\n\nCREATE TABLE t (\n", 3, 16),
        ("column", "SELECT 1,\n  2; SELECT 'ä', nope\nFROM _migrations;", 2, 18),
        ("table", "SELECT *\nFROM nowhere;\n", 2, 6),
        ("verb", "-- A comment\n/* and\nanother */ SELEC 1;\n", 3, 12),
        ("function", "SELECT 1 + nothing_like_it(2);", 1, 12),
    ] {
        let project = Project::new("");
        project.write(&format!("//- migrations/1_{name}.up.sql\n{script}"));
        let error = manager(&project, &database).apply_pending_migrations().unwrap_err();
        let Error::Failed(failure) = &error else { panic!("{name}: {error}") };
        let place = (failure.place.line, failure.place.column);
        assert_eq!(place, (Some(line), Some(column)), "{name}: {failure:?}");
        assert!(failure.place.path.as_ref().unwrap().ends_with(format!("1_{name}.up.sql")));
    }
}

/// The server's diagnostics cut its words off.
fn a_long_statement_that_fails_has_its_sqlstate<K: Kind>() {
    let database = K::shared();
    let project = Project::new(&format!(
        "//- migrations/1_a.up.sql\nCREATE TABLE t (x int) {};\n//- migrations/2_b.up.sql\nSELECT 1;\n",
        "nonsense ".repeat(100)
    ));
    let up = migration(&project, &database, &["up", "--json"]).run().expect(7).json();
    assert_eq!(up["error"]["database"], json!({"engine": "mysql", "sqlstate": "42000"}), "{up:#}");
    let place = &up["error"]["where"];
    assert_eq!(json!([place["line"], place["column"]]), json!([1, 24]));
}
