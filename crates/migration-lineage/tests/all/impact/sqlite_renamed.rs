//! Views of SQLite after something in them got another name, as version 3.40 did with the same statements.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use super::check_all;

fn check(schema: &str, changes: &[&str], expected: Expect) {
    check_all(Dialect::Sqlite, schema, changes, &expected);
}

#[test]
fn columns_renamed_long_ago() {
    let schema = "
        CREATE TABLE t (a int, b int, d int);
        CREATE VIEW v AS SELECT a, b FROM t;
        CREATE VIEW z AS SELECT a AS z FROM t WHERE a > 1;
        CREATE VIEW r AS WITH RECURSIVE n (x) AS (SELECT a FROM t UNION SELECT x + 1 FROM n WHERE x < (SELECT max(t.b) FROM t))
            SELECT x FROM n;
        CREATE VIEW every AS SELECT * FROM t;
        CREATE VIEW over AS SELECT * FROM v;
        ALTER TABLE t RENAME COLUMN a TO c;
        CREATE VIEW later AS SELECT c FROM over;";
    check(
        schema,
        &[
            "ALTER TABLE t DROP COLUMN b",
            "ALTER TABLE t DROP COLUMN c",
            "ALTER TABLE t DROP COLUMN d",
            "ALTER TABLE t RENAME COLUMN c TO e",
            "ALTER TABLE t RENAME COLUMN b TO e",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN b
                refused by: view r, view v
            ALTER TABLE t DROP COLUMN c
                refused by: view r, view v, view z
            ALTER TABLE t DROP COLUMN d
                reshaped: view every
            ALTER TABLE t RENAME COLUMN c TO e
                refused by: view later
            ALTER TABLE t RENAME COLUMN b TO e
                reshaped: view every, view over, view v
        "#]],
    );
}

#[test]
fn tables_renamed_long_ago() {
    let schema = "
        CREATE TABLE t (a int, b int); CREATE TABLE u (a int, k int);
        CREATE VIEW v AS SELECT t.a, b, k FROM t JOIN main.u ON u.a = t.a;
        CREATE VIEW over AS SELECT b FROM v;
        ALTER TABLE t RENAME TO tt; ALTER TABLE u RENAME TO uu;
        CREATE TABLE t (x);";
    check(
        schema,
        &[
            "ALTER TABLE tt DROP COLUMN b",
            "ALTER TABLE uu DROP COLUMN k",
            "ALTER TABLE t ADD COLUMN b",
            "DROP TABLE t",
            "DROP TABLE tt",
        ],
        expect![[r#"
            ALTER TABLE tt DROP COLUMN b
                refused by: view v
            ALTER TABLE uu DROP COLUMN k
                refused by: view v
            ALTER TABLE t ADD COLUMN b
                nothing
            DROP TABLE t
                nothing
            DROP TABLE tt
                broken: view over, view v
        "#]],
    );
}

#[test]
fn names_that_have_changed_places() {
    let schema = "
        CREATE TABLE t (a, b, d); CREATE VIEW v AS SELECT a FROM t;
        ALTER TABLE t RENAME a TO x; ALTER TABLE t RENAME b TO a; ALTER TABLE t RENAME x TO b;";
    check(
        schema,
        &["ALTER TABLE t DROP COLUMN a", "ALTER TABLE t DROP COLUMN b", "ALTER TABLE t DROP COLUMN d"],
        expect![[r#"
            ALTER TABLE t DROP COLUMN a
                nothing
            ALTER TABLE t DROP COLUMN b
                refused by: view v
            ALTER TABLE t DROP COLUMN d
                nothing
        "#]],
    );
}

/// What a trigger of a view reads is what the view shows.
#[test]
fn triggers_of_views() {
    let schema = "
        CREATE TABLE t (a, b); CREATE TABLE log (x);
        CREATE VIEW v AS SELECT a AS x, b FROM t;
        CREATE TRIGGER tr INSTEAD OF UPDATE ON v BEGIN INSERT INTO log VALUES (old.b); END;";
    check(
        schema,
        &["ALTER TABLE t RENAME COLUMN b TO bb", "ALTER TABLE t RENAME COLUMN a TO aa"],
        expect![[r#"
            ALTER TABLE t RENAME COLUMN b TO bb
                refused by: trigger tr
            ALTER TABLE t RENAME COLUMN a TO aa
                nothing
        "#]],
    );
}
