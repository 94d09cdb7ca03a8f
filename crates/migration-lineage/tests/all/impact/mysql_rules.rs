//! What MySQL refuses and breaks, as MariaDB 10.11 did with the same statements.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use super::check_all;

fn check(schema: &str, changes: &[&str], expected: Expect) {
    check_all(Dialect::Mysql, schema, changes, &expected);
}

const KEYS: &str = "
    CREATE TABLE u (id int PRIMARY KEY, email varchar(20), k int, UNIQUE KEY ek (email));
    CREATE TABLE p (id int PRIMARY KEY, uid int, em varchar(20),
        CONSTRAINT fk1 FOREIGN KEY (uid) REFERENCES u (id), CONSTRAINT fk2 FOREIGN KEY (em) REFERENCES u (email));
    CREATE VIEW v AS SELECT id, email FROM u;
    CREATE VIEW v2 AS SELECT id FROM v;
";

#[test]
fn keys_that_the_same_statement_drops() {
    check(
        KEYS,
        &[
            "ALTER TABLE p DROP FOREIGN KEY fk1, DROP COLUMN uid",
            "ALTER TABLE p DROP COLUMN uid, DROP FOREIGN KEY fk1",
            "ALTER TABLE p DROP COLUMN uid",
            "ALTER TABLE p DROP CONSTRAINT fk1, DROP INDEX fk1",
        ],
        expect![[r#"
            ALTER TABLE p DROP FOREIGN KEY fk1, DROP COLUMN uid
                nothing
                vanished: index fk1
            ALTER TABLE p DROP COLUMN uid, DROP FOREIGN KEY fk1
                vanished: index fk1
                nothing
            ALTER TABLE p DROP COLUMN uid
                refused by: constraint fk1
            ALTER TABLE p DROP CONSTRAINT fk1, DROP INDEX fk1
                nothing
                nothing
        "#]],
    );
}

/// MariaDB drops one table after the other.
#[test]
fn several_at_once() {
    check(
        KEYS,
        &["DROP TABLE u, p", "DROP TABLE p, u", "DROP VIEW v, v2", "DROP VIEW v"],
        expect![[r#"
        DROP TABLE u, p
            refused by: constraint fk1, constraint fk2
            nothing
        DROP TABLE p, u
            nothing
            broken: view v, view v2
        DROP VIEW v, v2
            nothing
            nothing
        DROP VIEW v
            broken: view v2
    "#]],
    );
}

/// What is dropped without checks leaves keys that lead nowhere, and columns stay guarded.
#[test]
fn unchecked_keys() {
    let schema = format!(
        "{KEYS}
        SET FOREIGN_KEY_CHECKS = 0;"
    );
    check(
        &schema,
        &[
            "DROP TABLE u",
            "ALTER TABLE u DROP INDEX ek",
            "ALTER TABLE p DROP COLUMN uid",
            "ALTER TABLE u DROP COLUMN email",
        ],
        expect![[r#"
            DROP TABLE u
                broken: view v, view v2
            ALTER TABLE u DROP INDEX ek
                nothing
            ALTER TABLE p DROP COLUMN uid
                refused by: constraint fk1
            ALTER TABLE u DROP COLUMN email
                refused by: constraint fk2
        "#]],
    );
}

#[test]
fn checks_that_are_on_again() {
    let schema = format!(
        "{KEYS}
        /*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
        /*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;"
    );
    check(
        &schema,
        &["DROP TABLE u"],
        expect![[r#"
        DROP TABLE u
            refused by: constraint fk1, constraint fk2
    "#]],
    );
}

#[test]
fn indexes_that_keys_need() {
    let schema = format!("{KEYS}
        CREATE TABLE q (a int, b int, UNIQUE KEY ab (a, b), KEY ba (b, a), CONSTRAINT qa FOREIGN KEY (a) REFERENCES u (id));");
    check(
        &schema,
        &[
            "DROP INDEX fk1 ON p",
            "DROP INDEX ek ON u",
            "ALTER TABLE u DROP INDEX ek",
            "ALTER TABLE u DROP PRIMARY KEY",
            "ALTER TABLE u DROP PRIMARY KEY, ADD PRIMARY KEY (id, k)",
            "ALTER TABLE p DROP PRIMARY KEY",
            "ALTER TABLE q DROP INDEX ab",
            "ALTER TABLE q DROP INDEX ba",
            "ALTER TABLE q DROP INDEX ab, ADD INDEX other (a)",
            "ALTER TABLE q DROP FOREIGN KEY qa, DROP INDEX ab",
        ],
        expect![[r#"
            DROP INDEX fk1 ON p
                refused by: constraint fk1
            DROP INDEX ek ON u
                refused by: constraint fk2
            ALTER TABLE u DROP INDEX ek
                refused by: constraint fk2
            ALTER TABLE u DROP PRIMARY KEY
                refused by: constraint fk1, constraint qa
            ALTER TABLE u DROP PRIMARY KEY, ADD PRIMARY KEY (id, k)
                nothing
            ALTER TABLE p DROP PRIMARY KEY
                nothing
            ALTER TABLE q DROP INDEX ab
                refused by: constraint qa
            ALTER TABLE q DROP INDEX ba
                nothing
            ALTER TABLE q DROP INDEX ab, ADD INDEX other (a)
                nothing
            ALTER TABLE q DROP FOREIGN KEY qa, DROP INDEX ab
                nothing
                nothing
        "#]],
    );
}

#[test]
fn names_and_kinds() {
    check(
        KEYS,
        &[
            "DROP TABLE v",
            "DROP TABLE IF EXISTS v",
            "DROP VIEW u",
            "DROP VIEW IF EXISTS u",
            "ALTER TABLE v RENAME TO vv",
            "RENAME TABLE v TO vv",
            "ALTER TABLE v ADD COLUMN c int",
            "RENAME TABLE u TO p",
            "RENAME TABLE u TO old, p TO u",
            "RENAME TABLE p TO x, u TO p, x TO u",
            "ALTER TABLE u RENAME COLUMN k TO email",
            "ALTER TABLE u RENAME COLUMN k TO kk, ADD COLUMN k int",
            "ALTER TABLE u ADD COLUMN k int",
            "ALTER TABLE u CHANGE k k bigint",
        ],
        expect![[r#"
            DROP TABLE v
                refused: v is a view
            DROP TABLE IF EXISTS v
                nothing
            DROP VIEW u
                refused: u is a table
            DROP VIEW IF EXISTS u
                nothing
            ALTER TABLE v RENAME TO vv
                refused: v is a view
            RENAME TABLE v TO vv
                broken: view v2
            ALTER TABLE v ADD COLUMN c int
                refused: v is a view
            RENAME TABLE u TO p
                refused: the name p is taken
            RENAME TABLE u TO old, p TO u
                broken: view v, view v2
                nothing
            RENAME TABLE p TO x, u TO p, x TO u
                nothing
                broken: view v, view v2
                nothing
            ALTER TABLE u RENAME COLUMN k TO email
                refused: u has a column email already
            ALTER TABLE u RENAME COLUMN k TO kk, ADD COLUMN k int
                nothing
                nothing
            ALTER TABLE u ADD COLUMN k int
                refused: u has a column k already
            ALTER TABLE u CHANGE k k bigint
                nothing
        "#]],
    );
}

#[test]
fn replaced_views() {
    check(
        KEYS,
        &[
            "CREATE OR REPLACE VIEW v AS SELECT email FROM u",
            "ALTER VIEW v AS SELECT email FROM u",
            "CREATE OR REPLACE VIEW v AS SELECT id, email, k FROM u",
        ],
        expect![[r#"
            CREATE OR REPLACE VIEW v AS SELECT email FROM u
                broken: view v2
            ALTER VIEW v AS SELECT email FROM u
                broken: view v2
            CREATE OR REPLACE VIEW v AS SELECT id, email, k FROM u
                nothing
        "#]],
    );
}

#[test]
fn who_calls_what_breaks() {
    let schema = "
        CREATE TABLE u (id int, x int, y int);
        CREATE PROCEDURE note(n int) INSERT INTO u (x) VALUES (n);
        CREATE PROCEDURE later(n int) CALL note(n);
        CREATE TABLE events (id int);
        CREATE TRIGGER noting AFTER INSERT ON events FOR EACH ROW CALL later(NEW.id);
        CREATE FUNCTION most() RETURNS int READS SQL DATA RETURN (SELECT max(x) FROM u);
        CREATE VIEW mosts AS SELECT most() AS m;
        CREATE VIEW above AS SELECT m + 1 AS a FROM mosts;
        CREATE PROCEDURE listing() SELECT * FROM u;";
    check(
        schema,
        &[
            "ALTER TABLE u RENAME COLUMN x TO xx",
            "RENAME TABLE u TO uu",
            "ALTER TABLE u DROP COLUMN x",
            "ALTER TABLE u RENAME COLUMN y TO yy",
        ],
        expect![[r#"
            ALTER TABLE u RENAME COLUMN x TO xx
                broken: view above, view mosts, function later, function most, function note, trigger noting
            RENAME TABLE u TO uu
                broken: view above, view mosts, function later, function listing, function most, function note, trigger noting
            ALTER TABLE u DROP COLUMN x
                broken: view above, view mosts, function later, function listing, function most, function note, trigger noting
            ALTER TABLE u RENAME COLUMN y TO yy
                nothing
        "#]],
    );
}

/// A column in a key may be declared again, but not as something else.
#[test]
fn columns_in_keys_keep_their_type() {
    let schema = "
        CREATE TABLE u (id int PRIMARY KEY, email varchar(20), d decimal(5,2), UNIQUE KEY ek (email), UNIQUE KEY dk (d));
        CREATE TABLE p (id int PRIMARY KEY, uid int, em varchar(20), dd decimal(5,2),
            CONSTRAINT fk1 FOREIGN KEY (uid) REFERENCES u (id) ON DELETE SET NULL,
            CONSTRAINT fk2 FOREIGN KEY (em) REFERENCES u (email), CONSTRAINT fk3 FOREIGN KEY (dd) REFERENCES u (d));";
    check(
        schema,
        &[
            "ALTER TABLE p MODIFY uid int NOT NULL",
            "ALTER TABLE p MODIFY uid integer",
            "ALTER TABLE p MODIFY uid int(11)",
            "ALTER TABLE p MODIFY uid int unsigned",
            "ALTER TABLE p MODIFY uid bigint",
            "ALTER TABLE p MODIFY uid bigint, DROP FOREIGN KEY fk1",
            "ALTER TABLE p MODIFY em varchar(20) NOT NULL",
            "ALTER TABLE p MODIFY em varchar(30)",
            "ALTER TABLE p MODIFY em varchar(20) CHARACTER SET utf8mb3",
            "ALTER TABLE u MODIFY email varchar(20) NOT NULL",
            "ALTER TABLE u MODIFY email varchar(30)",
            "ALTER TABLE p MODIFY dd numeric(5, 2)",
            "ALTER TABLE p MODIFY dd decimal(6,2)",
            "ALTER TABLE p CHANGE em emm varchar(20)",
        ],
        expect![[r#"
            ALTER TABLE p MODIFY uid int NOT NULL
                refused by: constraint fk1
            ALTER TABLE p MODIFY uid integer
                nothing
            ALTER TABLE p MODIFY uid int(11)
                nothing
            ALTER TABLE p MODIFY uid int unsigned
                refused by: constraint fk1
            ALTER TABLE p MODIFY uid bigint
                refused by: constraint fk1
            ALTER TABLE p MODIFY uid bigint, DROP FOREIGN KEY fk1
                nothing
                nothing
            ALTER TABLE p MODIFY em varchar(20) NOT NULL
                nothing
            ALTER TABLE p MODIFY em varchar(30)
                refused by: constraint fk2
            ALTER TABLE p MODIFY em varchar(20) CHARACTER SET utf8mb3
                refused by: constraint fk2
            ALTER TABLE u MODIFY email varchar(20) NOT NULL
                nothing
            ALTER TABLE u MODIFY email varchar(30)
                refused by: constraint fk2
            ALTER TABLE p MODIFY dd numeric(5, 2)
                nothing
            ALTER TABLE p MODIFY dd decimal(6,2)
                refused by: constraint fk3
            ALTER TABLE p CHANGE em emm varchar(20)
                nothing
                nothing
        "#]],
    );
}
