//! Tables that inherit and partitions, as version 15 of PostgreSQL treated them.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use super::check_all;

fn check(schema: &str, changes: &[&str], expected: Expect) {
    check_all(Dialect::Postgres, schema, changes, &expected);
}

const FAMILIES: &str = "
    CREATE TABLE p (id int, x int, y int);
    CREATE TABLE ch (z int) INHERITS (p);
    CREATE VIEW vc AS SELECT x FROM ch;
    CREATE TABLE pt (id int, r int, q int) PARTITION BY RANGE (r);
    CREATE TABLE pt1 PARTITION OF pt FOR VALUES FROM (1) TO (2);
    CREATE VIEW v1 AS SELECT q FROM pt1;
    CREATE TABLE pe (e int, f int) PARTITION BY LIST ((e + 1));
    CREATE TABLE pe1 PARTITION OF pe FOR VALUES IN (1);
";

#[test]
fn tables_that_inherit() {
    check(
        FAMILIES,
        &[
            "DROP TABLE p",
            "DROP TABLE p CASCADE",
            "DROP TABLE p, ch",
            "ALTER TABLE ch DROP COLUMN x",
            "ALTER TABLE ch DROP COLUMN z",
            "ALTER TABLE p DROP COLUMN x",
            "ALTER TABLE p DROP COLUMN y",
            "ALTER TABLE ch RENAME COLUMN x TO xx",
            "ALTER TABLE p RENAME COLUMN x TO xx",
            "ALTER TABLE ONLY p RENAME COLUMN x TO xx",
            "ALTER TABLE ONLY p DROP COLUMN y",
            "ALTER TABLE ONLY p ADD COLUMN w int",
            "ALTER TABLE ch ALTER COLUMN x TYPE text",
            "ALTER TABLE p ALTER COLUMN x TYPE text",
        ],
        expect![[r#"
            DROP TABLE p
                refused by: view vc, table ch
            DROP TABLE p CASCADE
                vanished: view vc, table ch
            DROP TABLE p, ch
                refused by: view vc
                refused by: view vc
            ALTER TABLE ch DROP COLUMN x
                refused: ch inherits x from p
            ALTER TABLE ch DROP COLUMN z
                nothing
            ALTER TABLE p DROP COLUMN x
                refused by: view vc
            ALTER TABLE p DROP COLUMN y
                nothing
            ALTER TABLE ch RENAME COLUMN x TO xx
                refused: ch inherits x from p
            ALTER TABLE p RENAME COLUMN x TO xx
                nothing
            ALTER TABLE ONLY p RENAME COLUMN x TO xx
                refused: ch has x from it
            ALTER TABLE ONLY p DROP COLUMN y
                nothing
            ALTER TABLE ONLY p ADD COLUMN w int
                refused: those that inherit from it need it too
            ALTER TABLE ch ALTER COLUMN x TYPE text
                refused: ch inherits x from p
            ALTER TABLE p ALTER COLUMN x TYPE text
                refused by: view vc
        "#]],
    );
}

#[test]
fn partitions() {
    check(
        FAMILIES,
        &[
            "DROP TABLE pt",
            "DROP TABLE pe",
            "DROP TABLE pt1",
            "ALTER TABLE pt1 DROP COLUMN q",
            "ALTER TABLE pt DROP COLUMN r",
            "ALTER TABLE pt DROP COLUMN r CASCADE",
            "ALTER TABLE pe DROP COLUMN e",
            "ALTER TABLE pe DROP COLUMN f",
            "ALTER TABLE pt DROP COLUMN q",
            "ALTER TABLE pt1 RENAME COLUMN q TO qq",
            "ALTER TABLE pt RENAME COLUMN r TO rr",
            "ALTER TABLE pt ALTER COLUMN r TYPE text",
            "ALTER TABLE ONLY pt DROP COLUMN q",
        ],
        expect![[r#"
            DROP TABLE pt
                refused by: view v1
            DROP TABLE pe
                vanished: table pe1
            DROP TABLE pt1
                refused by: view v1
            ALTER TABLE pt1 DROP COLUMN q
                refused: pt1 inherits q from pt
            ALTER TABLE pt DROP COLUMN r
                refused: r is in the partition key of pt
            ALTER TABLE pt DROP COLUMN r CASCADE
                refused: r is in the partition key of pt
            ALTER TABLE pe DROP COLUMN e
                refused: e is in the partition key of pe
            ALTER TABLE pe DROP COLUMN f
                nothing
            ALTER TABLE pt DROP COLUMN q
                refused by: view v1
            ALTER TABLE pt1 RENAME COLUMN q TO qq
                refused: pt1 inherits q from pt
            ALTER TABLE pt RENAME COLUMN r TO rr
                nothing
            ALTER TABLE pt ALTER COLUMN r TYPE text
                refused: r is in the partition key of pt
            ALTER TABLE ONLY pt DROP COLUMN q
                refused: pt1 has q from it
        "#]],
    );
}
