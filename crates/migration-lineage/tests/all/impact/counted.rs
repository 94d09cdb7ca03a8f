//! What needs just as many columns as a table has, as SQLite 3.40 and MariaDB 10.11 took it.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use super::check_all;

fn check(dialect: Dialect, schema: &str, changes: &[&str], expected: Expect) {
    check_all(dialect, schema, changes, &expected);
}

const CHANGES: &[&str] =
    &["ALTER TABLE h ADD COLUMN c int", "ALTER TABLE t ADD COLUMN c int", "ALTER TABLE k ADD COLUMN c int"];

#[test]
fn bodies_of_sqlite() {
    let schema = "
        CREATE TABLE t (a int, b int); CREATE TABLE h (a int, b int); CREATE TABLE k (a int, b int);
        CREATE TRIGGER places AFTER INSERT ON t BEGIN INSERT INTO h VALUES (new.a, new.b); END;
        CREATE TRIGGER named AFTER INSERT ON t BEGIN INSERT INTO k (a, b) VALUES (new.a, new.b); END;
        CREATE TRIGGER stars AFTER DELETE ON k BEGIN INSERT INTO h SELECT * FROM t; END;";
    check(
        Dialect::Sqlite,
        schema,
        CHANGES,
        expect![[r#"
        ALTER TABLE h ADD COLUMN c int
            broken: trigger places, trigger stars
        ALTER TABLE t ADD COLUMN c int
            broken: trigger stars
        ALTER TABLE k ADD COLUMN c int
            nothing
    "#]],
    );
}

#[test]
fn views_of_sqlite() {
    let schema = "
        CREATE TABLE t (a int, b int); CREATE TABLE h (a int, b int); CREATE TABLE k (a int);
        CREATE VIEW named (x, y) AS SELECT * FROM h;
        CREATE VIEW one AS SELECT a FROM h WHERE a IN (SELECT * FROM k);
        CREATE VIEW both AS SELECT a, b FROM h UNION SELECT * FROM t;
        CREATE VIEW every AS SELECT * FROM h;";
    check(
        Dialect::Sqlite,
        schema,
        CHANGES,
        expect![[r#"
        ALTER TABLE h ADD COLUMN c int
            broken: view named
            reshaped: view every
        ALTER TABLE t ADD COLUMN c int
            broken: view both
        ALTER TABLE k ADD COLUMN c int
            broken: view one
    "#]],
    );
}

#[test]
fn bodies_of_mysql() {
    let schema = "
        CREATE TABLE t (a int, b int); CREATE TABLE h (a int, b int); CREATE TABLE k (a int, b int);
        CREATE TRIGGER places AFTER INSERT ON t FOR EACH ROW INSERT INTO h VALUES (new.a, new.b);
        CREATE TRIGGER named AFTER DELETE ON t FOR EACH ROW BEGIN INSERT INTO k SET a = old.a; END;
        CREATE PROCEDURE stars() BEGIN INSERT INTO h (a, b) SELECT * FROM t; END;";
    let changes = [CHANGES, &["ALTER TABLE h ADD COLUMN c int INVISIBLE"]].concat();
    check(
        Dialect::Mysql,
        schema,
        &changes,
        expect![[r#"
        ALTER TABLE h ADD COLUMN c int
            broken: trigger places
        ALTER TABLE t ADD COLUMN c int
            broken: function stars
        ALTER TABLE k ADD COLUMN c int
            nothing
        ALTER TABLE h ADD COLUMN c int INVISIBLE
            nothing
    "#]],
    );
}
