//! What SQLite refuses and breaks, as version 3.40 did with the same statements.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use super::check_all;

fn check(schema: &str, changes: &[&str], expected: Expect) {
    check_all(Dialect::Sqlite, schema, changes, &expected);
}

/// The view is read before the table is there again.
#[test]
fn a_table_built_anew() {
    let schema = "
        CREATE TABLE u (id INTEGER PRIMARY KEY, x, a, b);
        CREATE TABLE w (id2, x2);
        CREATE VIEW v AS SELECT id, a FROM u;
        CREATE INDEX ix ON w (x2);
        CREATE TABLE n (id int, a text);
        DROP TABLE u;";
    check(
        schema,
        &[
            "ALTER TABLE n RENAME TO u",
            "ALTER TABLE w RENAME COLUMN x2 TO y",
            "ALTER TABLE w DROP COLUMN id2",
            "ALTER TABLE w ADD COLUMN y",
            "DROP TABLE w",
        ],
        expect![[r#"
            ALTER TABLE n RENAME TO u
                refused by: view v
            ALTER TABLE w RENAME COLUMN x2 TO y
                refused by: view v
            ALTER TABLE w DROP COLUMN id2
                refused by: view v
            ALTER TABLE w ADD COLUMN y
                nothing
            DROP TABLE w
                vanished: index ix
        "#]],
    );
}

#[test]
fn a_table_built_anew_as_it_should_be() {
    let schema = "
        CREATE TABLE u (id INTEGER PRIMARY KEY, a);
        CREATE VIEW v AS SELECT id, a FROM u;
        CREATE TABLE n (id int, a text);
        DROP VIEW v;
        DROP TABLE u;";
    check(
        schema,
        &["ALTER TABLE n RENAME TO u"],
        expect![[r#"
        ALTER TABLE n RENAME TO u
            nothing
    "#]],
    );
}

#[test]
fn a_trigger_of_another_table() {
    let schema = "
        CREATE TABLE u (a); CREATE TABLE w (x); CREATE TABLE n (a);
        CREATE TRIGGER copies AFTER INSERT ON w BEGIN INSERT INTO u VALUES (NEW.x); END;
        DROP TABLE u;";
    check(
        schema,
        &["ALTER TABLE n RENAME TO u"],
        expect![[r#"
        ALTER TABLE n RENAME TO u
            refused by: trigger copies
    "#]],
    );
}

#[test]
fn as_tables_were_renamed_of_old() {
    let schema = "
        CREATE TABLE u (id INTEGER PRIMARY KEY, x, a, b);
        CREATE TABLE w (id2, x2);
        CREATE VIEW v AS SELECT id, a FROM u;
        CREATE INDEX ix ON w (x2);
        CREATE TABLE n (id int, a text);
        DROP TABLE u;
        PRAGMA legacy_alter_table = ON;";
    check(
        schema,
        &["ALTER TABLE n RENAME TO u", "ALTER TABLE w RENAME COLUMN x2 TO y"],
        expect![[r#"
        ALTER TABLE n RENAME TO u
            nothing
        ALTER TABLE w RENAME COLUMN x2 TO y
            refused by: view v
    "#]],
    );
}

#[test]
fn texts_stay_as_they_are() {
    let schema = "
        CREATE TABLE u (id INTEGER PRIMARY KEY, x, a, b);
        CREATE TABLE w (id2, x2);
        CREATE VIEW v AS SELECT id, a FROM u;
        CREATE INDEX ix ON w (x2);
        CREATE TRIGGER own AFTER INSERT ON u BEGIN INSERT INTO w VALUES (1, 2); END;
        CREATE TRIGGER other AFTER INSERT ON w BEGIN INSERT INTO u (a) VALUES (NEW.x2); END;
        PRAGMA legacy_alter_table = 1;";
    check(
        schema,
        &["ALTER TABLE u RENAME TO z", "ALTER TABLE u DROP COLUMN a", "ALTER TABLE u RENAME COLUMN a TO q"],
        expect![[r#"
            ALTER TABLE u RENAME TO z
                broken: view v, trigger other
            ALTER TABLE u DROP COLUMN a
                broken: view v, trigger other
            ALTER TABLE u RENAME COLUMN a TO q
                reshaped: view v
        "#]],
    );
}

/// The view goes by the text, so it reads the new table.
#[test]
fn renamed_and_named_again() {
    let schema = "
        CREATE TABLE u (id INTEGER PRIMARY KEY, x, a, b);
        CREATE TABLE w (id2, x2);
        CREATE VIEW v AS SELECT id, a FROM u;
        CREATE INDEX ix ON w (x2);
        PRAGMA legacy_alter_table(true);
        ALTER TABLE u RENAME TO old; CREATE TABLE u (id, a); PRAGMA legacy_alter_table = off;";
    check(
        schema,
        &["ALTER TABLE w RENAME TO ww", "ALTER TABLE old DROP COLUMN a", "ALTER TABLE u DROP COLUMN a"],
        expect![[r#"
            ALTER TABLE w RENAME TO ww
                nothing
            ALTER TABLE old DROP COLUMN a
                nothing
            ALTER TABLE u DROP COLUMN a
                refused by: view v
        "#]],
    );
}

/// It may be there or not: if it is not, the change is refused.
#[test]
fn a_table_that_nothing_has_made() {
    let schema = "
        CREATE TABLE u (id INTEGER PRIMARY KEY, x, a, b);
        CREATE TABLE w (id2, x2);
        CREATE VIEW v AS SELECT id, a FROM u;
        CREATE INDEX ix ON w (x2);
        CREATE VIEW elsewhere AS SELECT c FROM missing;";
    check(
        schema,
        &["ALTER TABLE w RENAME TO ww", "ALTER TABLE w DROP COLUMN id2"],
        expect![[r#"
        ALTER TABLE w RENAME TO ww
            unknown: missing
        ALTER TABLE w DROP COLUMN id2
            unknown: missing
    "#]],
    );
}

#[test]
fn names_that_become_ambiguous() {
    let schema = "
        CREATE TABLE u (id, x, y); CREATE TABLE w (i2, a2);
        CREATE VIEW v AS SELECT x, a2 FROM u, w;
        CREATE VIEW told AS SELECT u.x, w.a2 FROM u JOIN w ON w.i2 = u.id;";
    check(
        schema,
        &[
            "ALTER TABLE w RENAME a2 TO x",
            "ALTER TABLE w RENAME i2 TO x",
            "ALTER TABLE w RENAME i2 TO y",
            "ALTER TABLE w ADD COLUMN x",
        ],
        expect![[r#"
            ALTER TABLE w RENAME a2 TO x
                refused by: view v
            ALTER TABLE w RENAME i2 TO x
                refused by: view v
            ALTER TABLE w RENAME i2 TO y
                nothing
            ALTER TABLE w ADD COLUMN x
                broken: view v
        "#]],
    );
}

#[test]
fn names_and_kinds() {
    let schema = "
        CREATE TABLE u (id INTEGER PRIMARY KEY, x, a, b);
        CREATE TABLE w (id2, x2);
        CREATE VIEW v AS SELECT id, a FROM u;
        CREATE INDEX ix ON w (x2);";
    check(
        schema,
        &[
            "ALTER TABLE u RENAME TO w",
            "ALTER TABLE u RENAME TO ix",
            "ALTER TABLE u RENAME TO v",
            "ALTER TABLE u RENAME TO U",
            "ALTER TABLE u RENAME a TO b",
            "ALTER TABLE u ADD COLUMN a",
            "ALTER TABLE u ADD COLUMN n UNIQUE",
            "ALTER TABLE u ADD COLUMN n PRIMARY KEY",
            "ALTER TABLE u ADD COLUMN n",
            "ALTER TABLE v RENAME TO vv",
            "ALTER TABLE v ADD COLUMN q",
            "ALTER TABLE v RENAME COLUMN a TO q",
            "DROP TABLE v",
            "DROP TABLE IF EXISTS v",
            "DROP VIEW u",
        ],
        expect![[r#"
            ALTER TABLE u RENAME TO w
                refused: the name w is taken
            ALTER TABLE u RENAME TO ix
                refused: the name ix is taken by an index
            ALTER TABLE u RENAME TO v
                refused: the name v is taken
            ALTER TABLE u RENAME TO U
                refused: the name U is taken
            ALTER TABLE u RENAME a TO b
                refused: u has a column b already
            ALTER TABLE u ADD COLUMN a
                refused: u has a column a already
            ALTER TABLE u ADD COLUMN n UNIQUE
                refused: a new column can't be UNIQUE
            ALTER TABLE u ADD COLUMN n PRIMARY KEY
                refused: a new column can't be the PRIMARY KEY
            ALTER TABLE u ADD COLUMN n
                nothing
            ALTER TABLE v RENAME TO vv
                refused: v is a view
            ALTER TABLE v ADD COLUMN q
                refused: v is a view
            ALTER TABLE v RENAME COLUMN a TO q
                refused: v is a view
            DROP TABLE v
                refused: v is a view
            DROP TABLE IF EXISTS v
                refused: v is a view
            DROP VIEW u
                refused: u is a table
        "#]],
    );
}

#[test]
fn what_stands_in_the_column_goes_with_it() {
    let schema = "
        CREATE TABLE t (a, c int CHECK (c > 0), d REFERENCES t (a), e, f, g UNIQUE, h, k CHECK (k > a), CHECK (e > 0),
            FOREIGN KEY (f) REFERENCES t (a), UNIQUE (h, a));
        CREATE TABLE one (a);";
    check(
        schema,
        &[
            "ALTER TABLE t DROP COLUMN c",
            "ALTER TABLE t DROP COLUMN d",
            "ALTER TABLE t DROP COLUMN e",
            "ALTER TABLE t DROP COLUMN f",
            "ALTER TABLE t DROP COLUMN g",
            "ALTER TABLE t DROP COLUMN h",
            "ALTER TABLE t DROP COLUMN a",
            "ALTER TABLE t DROP COLUMN k",
            "ALTER TABLE one DROP COLUMN a",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN c
                nothing
            ALTER TABLE t DROP COLUMN d
                nothing
            ALTER TABLE t DROP COLUMN e
                refused by: constraint 
            ALTER TABLE t DROP COLUMN f
                refused by: constraint 
            ALTER TABLE t DROP COLUMN g
                refused by: constraint , index 
            ALTER TABLE t DROP COLUMN h
                refused by: constraint , index 
            ALTER TABLE t DROP COLUMN a
                refused by: constraint , index 
            ALTER TABLE t DROP COLUMN k
                nothing
            ALTER TABLE one DROP COLUMN a
                refused: one has no other column
        "#]],
    );
}

/// The second index is not made, as the first one has its name.
#[test]
fn indexes_that_are_there_already() {
    let schema = "
        CREATE TABLE a (x, y); CREATE TABLE b (x, y);
        CREATE INDEX ix ON a (x); CREATE INDEX IF NOT EXISTS ix ON b (x);";
    check(
        schema,
        &["ALTER TABLE a DROP COLUMN x", "ALTER TABLE b DROP COLUMN x"],
        expect![[r#"
        ALTER TABLE a DROP COLUMN x
            refused by: index ix
        ALTER TABLE b DROP COLUMN x
            nothing
    "#]],
    );
}
