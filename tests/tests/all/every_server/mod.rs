//! What every server has to do alike: written once, run on each.

mod commands;
mod crashes;
mod life;
mod repeatable;

use std::process::{Command, Stdio};

use migration_kit::sql::{DatabaseConnector, MigrationManager};
use migration_tests::Project;
use migration_tests::server::{Kind, Mariadb, Mysql, Postgres, Shared};

/// A kind of server with what its suite needs in its own SQL.
pub(super) trait Subject: Kind {
    /// Four migrations that leave a row in `log` for every statement that matters: what runs twice shows. The first inserts
    /// 500 rows with its third and last statement.
    const HISTORY: &'static str;

    /// Queries, and the rows that they find when all of the history is applied, once.
    const COMPLETE: &'static [(&'static str, &'static [&'static str])];

    /// The names of all tables in the database.
    const TABLES: &'static str;

    /// A statement that takes half a minute.
    const SLEEP: &'static str;

    /// A statement that ends its own session.
    const SUICIDE: &'static str;

    /// Rows of `1`, one for each lock that a run of migrations holds on the database of the session.
    const LOCKS: &'static str;
}

impl Subject for Postgres {
    /// Some statements can't run in a transaction, and two of those can't be run twice.
    const HISTORY: &'static str = "\
//- migrations/1_log.up.sql
CREATE TABLE log (n serial, entry text);
CREATE TABLE item (id int PRIMARY KEY, a int, b int);
INSERT INTO item SELECT g, g % 7, g % 11 FROM generate_series(1, 500) g;
//- migrations/1_log.down.sql
DROP TABLE item, log;
//- migrations/2_one.up.sql
CREATE FUNCTION twice(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT x * 2; END;
INSERT INTO log (entry) VALUES ('2a; $$');
DO $do$ BEGIN INSERT INTO log (entry) VALUES ('2b'); END $do$;
//- migrations/2_one.down.sql
DROP FUNCTION twice;
DELETE FROM log WHERE entry LIKE '2%';
//- migrations/3_many.up.sql
INSERT INTO log (entry) VALUES ('3a');
CREATE INDEX CONCURRENTLY item_a ON item (a);
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"Item B\" ON public.item (b, id);
INSERT INTO log (entry) VALUES ('3b');
VACUUM item;
INSERT INTO log (entry) VALUES ('3c');
//- migrations/3_many.down.sql
DROP INDEX CONCURRENTLY item_a;
DELETE FROM log WHERE entry LIKE '3%';
DROP INDEX CONCURRENTLY \"Item B\";
//- migrations/4_last.up.sql
INSERT INTO log (entry) VALUES ('4a');
//- migrations/4_last.down.sql
DELETE FROM log WHERE entry LIKE '4%';
";

    const COMPLETE: &'static [(&'static str, &'static [&'static str])] = &[
        ("SELECT entry FROM log ORDER BY n", &["2a; $$", "2b", "3a", "3b", "3c", "4a"]),
        (
            "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
             WHERE i.indrelid = 'item'::regclass ORDER BY 1",
            &["Item B|t", "item_a|t", "item_pkey|t"],
        ),
        ("SELECT count(*) FROM item", &["500"]),
    ];

    const TABLES: &'static str =
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename";

    const SLEEP: &'static str = "SELECT pg_sleep(30)";

    const SUICIDE: &'static str = "SELECT pg_terminate_backend(pg_backend_pid())";

    // Other tests hold locks in other databases of the same server.
    const LOCKS: &'static str = "SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database \
         WHERE locktype = 'advisory' AND granted AND datname = current_database()";
}

/// Definitions, which commit by themselves, between rows, which do not; a procedure, a prepared statement, and a transaction
/// that a definition ends.
const MYSQL_HISTORY: &str = "\
//- migrations/1_log.up.sql
CREATE TABLE log (n int AUTO_INCREMENT PRIMARY KEY, entry text);
CREATE TABLE item (id int PRIMARY KEY, a int, b int);
INSERT INTO item WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 500) SELECT n, n % 7, n % 11 FROM g;
//- migrations/1_log.down.sql
DROP TABLE item, log;
//- migrations/2_one.up.sql
DELIMITER //
CREATE PROCEDURE note(IN what text)
BEGIN
    INSERT INTO log (entry) VALUES (what);
END//
DELIMITER ;
INSERT INTO log (entry) VALUES ('2a; $$');
CALL note('2b');
//- migrations/2_one.down.sql
DROP PROCEDURE note;
DELETE FROM log WHERE entry LIKE '2%';
//- migrations/3_many.up.sql
INSERT INTO log (entry) VALUES ('3a');
CREATE INDEX item_a ON item (a);
ALTER TABLE item ADD COLUMN c int DEFAULT 7, ADD UNIQUE INDEX `Item B` (b, id);
CREATE TABLE copy LIKE item;
INSERT INTO log (entry) VALUES ('3b');
RENAME TABLE copy TO other;
SET @tail = 'c';
PREPARE seen FROM 'CREATE VIEW seen AS SELECT * FROM item';
EXECUTE seen;
DEALLOCATE PREPARE seen;
INSERT INTO log (entry) VALUES (CONCAT('3', @tail));
//- migrations/3_many.down.sql
DROP VIEW seen;
DROP TABLE IF EXISTS copy, other;
DELETE FROM log WHERE entry LIKE '3%';
ALTER TABLE item DROP INDEX `Item B`, DROP COLUMN c;
DROP INDEX item_a ON item;
//- migrations/4_last.up.sql
START TRANSACTION;
INSERT INTO log (entry) VALUES ('4a');
CREATE TABLE last (x int);
INSERT INTO log (entry) VALUES ('4b');
COMMIT;
//- migrations/4_last.down.sql
DROP TABLE last;
DELETE FROM log WHERE entry LIKE '4%';
";

const MYSQL_COMPLETE: &[(&str, &[&str])] = &[
    ("SELECT entry FROM log ORDER BY n", &["2a; $$", "2b", "3a", "3b", "3c", "4a", "4b"]),
    (
        "SELECT DISTINCT index_name FROM information_schema.statistics \
         WHERE table_schema = DATABASE() AND table_name = 'item' ORDER BY 1",
        &["Item B", "item_a", "PRIMARY"],
    ),
    ("SELECT COUNT(*), SUM(c) FROM item", &["500|3500"]),
    (
        "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() \
         AND table_name NOT LIKE '\\_%' ORDER BY 1",
        &["item", "last", "log", "other", "seen"],
    ),
];

const MYSQL_TABLES: &str =
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1";

/// The names of the locks are of the database's, which the session's own locks are not told by: whoever sleeps holds both.
const MYSQL_LOCKS: &str = "SELECT 1 FROM (SELECT 'run' AS kind UNION ALL SELECT 'claim') kinds \
     WHERE IS_USED_LOCK(CONCAT('migration ', kind, ' ', \
     LEFT(SHA2(LOWER(CONCAT('`', DATABASE(), '`.`_migrations`')), 256), 32))) IS NOT NULL";

impl Subject for Mariadb {
    const HISTORY: &'static str = MYSQL_HISTORY;
    const COMPLETE: &'static [(&'static str, &'static [&'static str])] = MYSQL_COMPLETE;
    const TABLES: &'static str = MYSQL_TABLES;
    const SLEEP: &'static str = "SELECT SLEEP(30)";
    const SUICIDE: &'static str = "KILL CONNECTION_ID()";
    const LOCKS: &'static str = MYSQL_LOCKS;
}

impl Subject for Mysql {
    const HISTORY: &'static str = MYSQL_HISTORY;
    const COMPLETE: &'static [(&'static str, &'static [&'static str])] = MYSQL_COMPLETE;
    const TABLES: &'static str = MYSQL_TABLES;
    const SLEEP: &'static str = "SELECT SLEEP(30)";
    const SUICIDE: &'static str = "KILL CONNECTION_ID()";
    const LOCKS: &'static str = MYSQL_LOCKS;
}

/// A manager of a project's migrations for a database.
pub(super) fn manager(project: &Project, database: &Shared) -> MigrationManager {
    let mut manager = MigrationManager::new(DatabaseConnector::open(&database.url()).unwrap());
    manager.load_migrations_from_directory(project.path("migrations")).unwrap();
    manager
}

/// The command, pointed at a database.
pub(super) fn migration(
    project: &Project,
    database: &Shared,
    arguments: &[&str],
) -> migration_tests::Command {
    project.migration(arguments).env("DATABASE_URL", database.url())
}

/// Applies or rolls back until an event, from 1, and dies there. Returns whether it did.
pub(super) fn run_until(project: &Project, database: &Shared, event: usize, direction: &str) -> bool {
    let status = Command::new(env!("CARGO_BIN_EXE_apply-until-event"))
        .arg(project.path("migrations"))
        .args([&database.url(), &event.to_string(), direction])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success() || status.code().is_none(), "it neither worked nor died: {status}");
    status.code().is_none()
}

/// Asserts that the whole history is applied, and once.
#[track_caller]
pub(super) fn assert_complete<S: Subject>(database: &Shared, context: &str) {
    for (query, rows) in S::COMPLETE {
        assert_eq!(database.query(query), *rows, "{context}: {query}");
    }
    assert_eq!(database.query("SELECT id, status FROM _migrations ORDER BY id").len(), 4, "{context}");
    assert_nothing_unfinished(database, context);
}

#[track_caller]
pub(super) fn assert_nothing_unfinished(database: &Shared, context: &str) {
    let partial = "SELECT migration_id, statements_done FROM _migration_journal WHERE state <> 'applied'";
    assert!(database.query(partial).is_empty(), "{context}");
}

/// The tables beside our own.
pub(super) fn tables<S: Subject>(database: &Shared) -> Vec<String> {
    let names = database.query(S::TABLES).into_iter();
    names.filter(|name| !["_migrations", "_migration_journal"].contains(&name.as_str())).collect()
}
