//! A run is cut off at a statement of any kind: the next one finds out whether it took effect.
//!
//! Twice through the same list of migrations, on databases of the same name. The first time each runner dies right after
//! its statement; the second time the journal gets the very row that it had then, before the statement was sent.

use std::sync::{Arc, Mutex};

use migration_kit::Event;
use migration_kit::sql::Error;
use migration_tests::server::Kind;
use migration_tests::{Project, Shared, on_servers};

use crate::every_server::{assert_nothing_unfinished, manager, migration, run_until};

on_servers!([mariadb, mysql] [every_kind_of_statement, users_and_what_they_may, edited_meanwhile]);

/// What is to be found out of a statement that took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// That it did.
    Done,
    /// It can't be seen, or it was undone with its transaction; it runs again, which does no harm.
    Again,
    /// Nothing: a person is asked.
    Asked,
}

use Verdict::{Again, Asked, Done};

const SETUP: &str = "\
//- migrations/000_setup.up.sql
CREATE TABLE log (x int);
CREATE TABLE t (a int PRIMARY KEY AUTO_INCREMENT, b int, KEY b (b));
CREATE TABLE w (c int);
CREATE TABLE swapped (a int);
CREATE TABLE part (a int) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
INSERT INTO part VALUES (1);
INSERT INTO swapped VALUES (2);
CREATE PROCEDURE defines() BEGIN CREATE TABLE made (x int); INSERT INTO made VALUES (1); END;
CREATE PROCEDURE writes() INSERT INTO w VALUES (1);
CREATE PROCEDURE commits() BEGIN INSERT INTO w VALUES (2); COMMIT; END;
";

/// Statements with `;` between them where the last needs others before it. `{db}` is the name of the database.
const STATEMENTS: &[(Verdict, &str)] = &[
    (Done, "CREATE TABLE c1 (a int, FOREIGN KEY (a) REFERENCES t (a))"),
    (Again, "CREATE TABLE IF NOT EXISTS c1 (a int)"),
    (Done, "CREATE TABLE `c 2` AS SELECT a FROM part"),
    (Done, "CREATE TABLE {db}.c3 LIKE t"),
    (Done, "ALTER TABLE t ADD d int, ALGORITHM=COPY"),
    (Done, "ALTER TABLE t RENAME COLUMN d TO e"),
    (Again, "ALTER TABLE t AUTO_INCREMENT = 100"),
    (Again, "ALTER TABLE t ENGINE = InnoDB"),
    (Done, "ALTER TABLE c3 RENAME TO c4"),
    (Asked, "ALTER TABLE part EXCHANGE PARTITION p0 WITH TABLE swapped"),
    (Again, "ALTER TABLE part TRUNCATE PARTITION p1"),
    (Done, "ALTER TABLE part DROP PARTITION p1"),
    (Done, "RENAME TABLE c1 TO x1, `c 2` TO c1, x1 TO `c 2`"),
    (Done, "CREATE INDEX i ON t (e)"),
    (Done, "CREATE UNIQUE INDEX `on` USING BTREE ON `t` (a, b)"),
    (Done, "DROP INDEX i ON t"),
    (Done, "CREATE OR REPLACE ALGORITHM = MERGE SQL SECURITY INVOKER VIEW v AS SELECT b FROM t"),
    (Done, "ALTER VIEW v AS SELECT a FROM t"),
    (Done, "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW SET @y = 1"),
    (Done, "DROP TRIGGER tr"),
    (Done, "CREATE DEFINER = CURRENT_USER PROCEDURE p() SELECT 1"),
    (Done, "ALTER PROCEDURE p COMMENT 'event'"),
    (Done, "DROP PROCEDURE p"),
    (Done, "CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1"),
    (Done, "DROP FUNCTION IF EXISTS f"),
    (Done, "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO SELECT 1"),
    (Done, "ALTER EVENT e COMMENT 'table'"),
    (Done, "DROP EVENT e"),
    (Done, "DROP VIEW v"),
    (Again, "DROP TABLE IF EXISTS nothing, c1"),
    (Done, "DROP TABLE c4, `c 2`"),
    (Done, "CREATE DATABASE {db}_x"),
    (Done, "ALTER DATABASE {db}_x CHARACTER SET latin1"),
    (Done, "DROP DATABASE {db}_x"),
    (Done, "ALTER DATABASE CHARACTER SET latin1"),
    (Again, "TRUNCATE TABLE w"),
    (Again, "ANALYZE TABLE t"),
    (Again, "OPTIMIZE TABLE t"),
    (Again, "FLUSH TABLES"),
    (Done, "SET @sql = 'CREATE TABLE c5 (x int)'; PREPARE s FROM @sql; EXECUTE s"),
    (Again, "PREPARE s FROM 'INSERT INTO w VALUES (3)'; EXECUTE s"),
    (Done, "USE {db}; ALTER TABLE c5 ADD y int"),
    (Again, "CALL writes()"),
    (Asked, "CALL commits()"),
    (Asked, "CALL defines()"),
    (Again, "INSERT INTO w VALUES (4)"),
];

const ON_MARIADB: &[(Verdict, &str)] = &[
    (Done, "CREATE SEQUENCE seq"),
    (Again, "ALTER SEQUENCE seq INCREMENT BY 2"),
    (Done, "DROP SEQUENCE seq"),
    (Done, "CREATE OR REPLACE TABLE c6 (a int)"),
    (Done, "ALTER TABLE IF EXISTS c6 ADD COLUMN IF NOT EXISTS b int"),
];

/// What tells them has the time of its creation in it, so the row of another database can't be used.
const WITH_TIME: &[&str] = &["DROP TRIGGER", "PREPARE", "CALL"];

/// The journal's row as a statement that writes it.
const ROW: &str = "SELECT CONCAT('INSERT INTO _migration_journal (migration_id, state, direction, statements_done, \
     statements_total, checksum, in_flight, fingerprint) VALUES (', CONCAT_WS(',', QUOTE(migration_id), QUOTE(state), \
     QUOTE(direction), statements_done, statements_total, QUOTE(checksum), COALESCE(in_flight, 'NULL'), \
     QUOTE(fingerprint)), ')') FROM _migration_journal WHERE state = 'partial'";

fn every_kind_of_statement<K: Kind>() {
    let database = K::shared();
    let mut statements = STATEMENTS.to_vec();
    if database.engine() == "MariaDB" {
        statements.extend_from_slice(ON_MARIADB);
    }
    check(&database, &statements);
    // The rows that statements wrote which a person was asked about are there once.
    assert_eq!(
        database.query("SELECT c, COUNT(*) FROM w GROUP BY c ORDER BY c"),
        ["1|1", "2|1", "3|1", "4|1"]
    );
}

fn users_and_what_they_may<K: Kind>() {
    let database = K::shared();
    let name = &database.name()[database.name().len() - 16..];
    let statements = [
        format!("CREATE USER 'u{name}'@'%' IDENTIFIED BY 'x'"),
        format!("GRANT SELECT ON {{db}}.t TO 'u{name}'@'%'"),
        format!("REVOKE SELECT ON {{db}}.t FROM 'u{name}'@'%'"),
        format!("RENAME USER 'u{name}' TO 'v{name}'"),
        format!("DROP USER 'v{name}'"),
    ];
    check(&database, &statements.each_ref().map(|statement| (Done, statement.as_str())));
}

/// Through the list twice, and once undisturbed.
fn check(database: &Shared, statements: &[(Verdict, &str)]) {
    let mut rows = Vec::new();
    let project = Project::new(SETUP);
    manager(&project, database).apply_pending_migrations().unwrap();
    let mut complaints = Vec::new();
    for (place, (verdict, statement)) in statements.iter().enumerate() {
        let (id, count) = add(&project, database, place, statement);
        assert!(run_until(&project, database, 2 + count, "up"), "{statement}: it didn't die");
        rows.push(database.query(ROW));
        let (found, executed) = resumed(&project, database, count);
        if found != *verdict {
            complaints.push(format!("{statement}: {found:?}, sent: {executed:?}"));
        }
        if found == Asked {
            go_on_as_applied(&project, database, &id, place);
        }
        assert_nothing_unfinished(database, statement);
    }
    assert!(complaints.is_empty(), "after the statement:\n{}", complaints.join("\n"));
    let after = database.dump();

    let name = database.name();
    database.query(&format!("DROP DATABASE {name}; CREATE DATABASE {name}; USE {name};"));
    let project = Project::new(SETUP);
    manager(&project, database).apply_pending_migrations().unwrap();
    for (place, (verdict, statement)) in statements.iter().enumerate() {
        let (id, count) = add(&project, database, place, statement);
        if !WITH_TIME.iter().any(|words| statement.contains(words)) {
            rows[place].iter().for_each(|row| drop(database.query(row)));
        }
        let (found, executed) = resumed(&project, database, count);
        if (found, *verdict) == (Asked, Asked) {
            // Neither way can be told.
            _ = migration(&project, database, &["repair", "--mark-pending", &id]).run().expect(0);
            manager(&project, database).apply_pending_migrations().unwrap();
        } else if found != Again {
            complaints.push(format!("{statement}: {found:?}, sent: {executed:?}"));
        }
    }
    assert!(complaints.is_empty(), "before the statement:\n{}", complaints.join("\n"));
    assert_eq!(database.dump(), after);
    let expected: Vec<String> = (0..statements.len()).map(|place| place.to_string()).collect();
    assert_eq!(database.query("SELECT x FROM log ORDER BY x"), expected);
}

/// Writes a migration with a statement and a note in the log. Returns its id and the number of the statement.
fn add(project: &Project, database: &Shared, place: usize, statement: &str) -> (String, usize) {
    let id = format!("{:03}_next", place + 1);
    let text = statement.replace("{db}", database.name());
    project.write(&format!("//- migrations/{id}.up.sql\n{text};\nINSERT INTO log VALUES ({place});\n"));
    (id, statement.split("; ").count())
}

/// Runs again. Returns what was found out of the statement with this number, and the statements that were sent.
fn resumed(project: &Project, database: &Shared, number: usize) -> (Verdict, Vec<usize>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&sent);
    let mut manager = manager(project, database);
    manager.observe(Arc::new(move |event: &Event<'_>| {
        if let Event::StatementExecuted { number, .. } = event {
            note.lock().unwrap().push(*number);
        }
    }));
    let verdict = match manager.apply_pending_migrations() {
        Ok(_) if sent.lock().unwrap().contains(&number) => Again,
        Ok(_) => Done,
        Err(Error::Undecided { .. }) => Asked,
        Err(error) => panic!("{error}: {error:?}"),
    };
    let sent = sent.lock().unwrap().clone();
    (verdict, sent)
}

/// As somebody does who has looked: the rest by hand, and the decision recorded.
fn go_on_as_applied(project: &Project, database: &Shared, id: &str, place: usize) {
    database.query(&format!("INSERT INTO log VALUES ({place})"));
    _ = migration(project, database, &["repair", "--mark-applied", id]).run().expect(0);
}

/// The file says something else by now: that of it which took effect is not what it says.
fn edited_meanwhile<K: Kind>() {
    let database = K::shared();
    let project =
        Project::new("//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\nCREATE TABLE b (x int);\n");
    assert!(run_until(&project, &database, 3, "up"));
    project.write("//- migrations/1_a.up.sql\nCREATE TABLE a (x int, y int);\nCREATE TABLE b (x int);\n");
    let refused = migration(&project, &database, &["up", "--json"]).run().expect(8).json();
    assert_eq!(refused["error"]["code"], "run.undecided", "{refused:#}");
    project.write("//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\nCREATE TABLE b (x int, y int);\n");
    _ = migration(&project, &database, &["up"]).run().expect(0);
    assert_nothing_unfinished(&database, "undone");
}
