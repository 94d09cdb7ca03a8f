//! What PostgreSQL refuses, takes along and breaks, as version 15 did with the same statements.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use super::check_all;

fn check(schema: &str, changes: &[&str], expected: Expect) {
    check_all(Dialect::Postgres, schema, changes, &expected);
}

const VIEWS: &str = "
    CREATE TABLE a (id int PRIMARY KEY, k int UNIQUE, n text, j int);
    CREATE TABLE b (id int REFERENCES a, k2 int REFERENCES a (k));
    CREATE UNIQUE INDEX aj ON a (j);
    CREATE TABLE c (j int REFERENCES a (j));
    CREATE INDEX an ON a (n);
    CREATE VIEW v AS SELECT id, n FROM a;
    CREATE VIEW w AS SELECT id FROM v;
";

#[test]
fn keys_that_others_refer_to() {
    let schema = "
        CREATE TABLE a (id int PRIMARY KEY, k int UNIQUE, n text, j int);
        CREATE TABLE b (id int REFERENCES a, k2 int REFERENCES a (k));
        CREATE UNIQUE INDEX aj ON a (j);
        CREATE TABLE c (j int REFERENCES a (j));
        CREATE INDEX an ON a (n);";
    check(
        schema,
        &[
            "ALTER TABLE a DROP CONSTRAINT a_pkey",
            "ALTER TABLE a DROP CONSTRAINT a_pkey CASCADE",
            "ALTER TABLE a DROP CONSTRAINT a_k_key",
            "DROP INDEX a_pkey",
            "DROP INDEX a_pkey CASCADE",
            "DROP INDEX aj",
            "DROP INDEX aj CASCADE",
            "DROP INDEX an",
            "ALTER TABLE b DROP CONSTRAINT b_id_fkey",
        ],
        expect![[r#"
            ALTER TABLE a DROP CONSTRAINT a_pkey
                refused by: constraint b_id_fkey
            ALTER TABLE a DROP CONSTRAINT a_pkey CASCADE
                vanished: constraint b_id_fkey
            ALTER TABLE a DROP CONSTRAINT a_k_key
                refused by: constraint b_k2_fkey
            DROP INDEX a_pkey
                refused by: constraint a_pkey
            DROP INDEX a_pkey CASCADE
                refused by: constraint a_pkey
            DROP INDEX aj
                refused by: constraint c_j_fkey
            DROP INDEX aj CASCADE
                vanished: constraint c_j_fkey
            DROP INDEX an
                nothing
            ALTER TABLE b DROP CONSTRAINT b_id_fkey
                nothing
        "#]],
    );
}

#[test]
fn several_at_once() {
    check(
        VIEWS,
        &[
            "DROP VIEW v, w",
            "DROP VIEW w, v",
            "DROP VIEW v",
            "DROP TABLE a, b",
            "DROP TABLE b, c, a",
            "DROP TABLE a, b, c CASCADE",
        ],
        expect![[r#"
            DROP VIEW v, w
                nothing
                nothing
            DROP VIEW w, v
                nothing
                nothing
            DROP VIEW v
                refused by: view w
            DROP TABLE a, b
                refused by: view v, view w, constraint c_j_fkey
                nothing
            DROP TABLE b, c, a
                nothing
                nothing
                refused by: view v, view w
            DROP TABLE a, b, c CASCADE
                vanished: view v, view w
                nothing
                nothing
        "#]],
    );
}

#[test]
fn dropped_columns_take_what_is_on_them() {
    check(
        VIEWS,
        &[
            "ALTER TABLE a DROP COLUMN n CASCADE",
            "ALTER TABLE a DROP COLUMN k CASCADE",
            "ALTER TABLE a DROP n",
            "ALTER TABLE b DROP COLUMN k2",
            "ALTER TABLE a DROP COLUMN id CASCADE",
        ],
        expect![[r#"
            ALTER TABLE a DROP COLUMN n CASCADE
                vanished: view v, view w, index an
            ALTER TABLE a DROP COLUMN k CASCADE
                vanished: constraint a_k_key, constraint b_k2_fkey
            ALTER TABLE a DROP n
                refused by: view v, view w
            ALTER TABLE b DROP COLUMN k2
                vanished: constraint b_k2_fkey
            ALTER TABLE a DROP COLUMN id CASCADE
                vanished: view v, view w, constraint a_pkey, constraint b_id_fkey
        "#]],
    );
}

#[test]
fn indexes_and_checks_go_with_a_column() {
    let schema = "CREATE TABLE t (a int, b int, c int, UNIQUE (a, b), CONSTRAINT both_positive CHECK (a > 0 AND b > 0)); CREATE INDEX ab ON t ((a + b)) WHERE c > 0;";
    check(
        schema,
        &[
            "ALTER TABLE t DROP COLUMN a",
            "ALTER TABLE t DROP COLUMN c",
            "ALTER TABLE t DROP CONSTRAINT t_a_b_key, DROP COLUMN a",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN a
                vanished: constraint both_positive, constraint t_a_b_key, index ab
            ALTER TABLE t DROP COLUMN c
                vanished: index ab
            ALTER TABLE t DROP CONSTRAINT t_a_b_key, DROP COLUMN a
                nothing
                vanished: constraint both_positive, index ab
        "#]],
    );
}

#[test]
fn names_and_kinds() {
    check(
        VIEWS,
        &[
            "DROP TABLE v",
            "DROP TABLE IF EXISTS v",
            "DROP VIEW a",
            "ALTER TABLE v RENAME TO vv",
            "ALTER VIEW v RENAME TO a",
            "ALTER VIEW a RENAME TO v",
            "ALTER TABLE v RENAME COLUMN n TO nn",
            "ALTER TABLE v ADD COLUMN x int",
            "ALTER TABLE a RENAME TO b",
            "ALTER TABLE a RENAME TO an",
            "ALTER TABLE a RENAME n TO j",
            "ALTER TABLE a ADD COLUMN n int",
            "ALTER TABLE a ADD COLUMN IF NOT EXISTS n int",
            "ALTER TABLE a ADD COLUMN m int, ADD COLUMN m int",
        ],
        expect![[r#"
            DROP TABLE v
                refused: v is a view
            DROP TABLE IF EXISTS v
                refused: v is a view
            DROP VIEW a
                refused: a is a table
            ALTER TABLE v RENAME TO vv
                nothing
            ALTER VIEW v RENAME TO a
                refused: the name a is taken
            ALTER VIEW a RENAME TO v
                refused: a is a table
            ALTER TABLE v RENAME COLUMN n TO nn
                nothing
            ALTER TABLE v ADD COLUMN x int
                refused: v is a view
            ALTER TABLE a RENAME TO b
                refused: the name b is taken
            ALTER TABLE a RENAME TO an
                refused: the name an is taken by an index
            ALTER TABLE a RENAME n TO j
                refused: a has a column j already
            ALTER TABLE a ADD COLUMN n int
                refused: a has a column n already
            ALTER TABLE a ADD COLUMN IF NOT EXISTS n int
                nothing
            ALTER TABLE a ADD COLUMN m int, ADD COLUMN m int
                nothing
                refused: a has a column m already
        "#]],
    );
}

#[test]
fn replaced_views_keep_their_columns() {
    check(
        VIEWS,
        &[
            "CREATE OR REPLACE VIEW v AS SELECT id FROM a",
            "CREATE OR REPLACE VIEW v AS SELECT id, n AS nn FROM a",
            "CREATE OR REPLACE VIEW v AS SELECT id, n, j FROM a",
            "CREATE OR REPLACE VIEW fresh AS SELECT id FROM a",
        ],
        expect![[r#"
            CREATE OR REPLACE VIEW v AS SELECT id FROM a
                refused: v would lose columns
            CREATE OR REPLACE VIEW v AS SELECT id, n AS nn FROM a
                refused: column n of v would be nn
            CREATE OR REPLACE VIEW v AS SELECT id, n, j FROM a
                nothing
            CREATE OR REPLACE VIEW fresh AS SELECT id FROM a
        "#]],
    );
}

#[test]
fn columns_that_a_trigger_asks_for() {
    let schema = "
        CREATE TABLE u (id int, x int, y int, g int GENERATED ALWAYS AS (y * 2) STORED);
        CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER tr BEFORE UPDATE ON u FOR EACH ROW WHEN (NEW.x > 0) EXECUTE FUNCTION tf();";
    check(
        schema,
        &[
            "ALTER TABLE u DROP COLUMN x",
            "ALTER TABLE u ALTER COLUMN x TYPE text",
            "ALTER TABLE u RENAME COLUMN x TO xx",
            "ALTER TABLE u DROP COLUMN x CASCADE",
            "ALTER TABLE u DROP COLUMN g, DROP COLUMN y",
            "ALTER TABLE u DROP COLUMN y, DROP COLUMN g",
            "ALTER TABLE u DROP COLUMN y CASCADE",
        ],
        expect![[r#"
            ALTER TABLE u DROP COLUMN x
                refused by: trigger tr
            ALTER TABLE u ALTER COLUMN x TYPE text
                refused by: trigger tr
            ALTER TABLE u RENAME COLUMN x TO xx
                nothing
            ALTER TABLE u DROP COLUMN x CASCADE
                vanished: trigger tr
            ALTER TABLE u DROP COLUMN g, DROP COLUMN y
                nothing
                nothing
            ALTER TABLE u DROP COLUMN y, DROP COLUMN g
                refused by: column g
                nothing
            ALTER TABLE u DROP COLUMN y CASCADE
                vanished: column g
        "#]],
    );
}

#[test]
fn functions_with_rows_of_a_table() {
    let schema = "
        CREATE TABLE u (id int, x int, y int);
        CREATE TABLE z (c u);
        CREATE FUNCTION all_of_u() RETURNS SETOF u LANGUAGE sql AS $$ SELECT * FROM u $$;
        CREATE FUNCTION taking(u) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
        CREATE FUNCTION pairs() RETURNS TABLE (a int, b int) LANGUAGE sql AS $$ SELECT x, y FROM u $$;
        CREATE FUNCTION first_x() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT x FROM u; END;
        CREATE VIEW ids AS SELECT id FROM all_of_u();
        CREATE VIEW firsts AS SELECT first_x() AS f;
        CREATE VIEW paired AS SELECT a FROM pairs();";
    check(
        schema,
        &[
            "DROP TABLE u",
            "DROP TABLE u CASCADE",
            "ALTER TABLE u RENAME TO uu",
            "ALTER TABLE u SET SCHEMA app",
            "ALTER TABLE u RENAME COLUMN id TO i",
            "ALTER TABLE u RENAME COLUMN y TO yy",
            "ALTER TABLE u DROP COLUMN id",
            "ALTER TABLE u DROP COLUMN y",
            "ALTER TABLE u DROP COLUMN x",
        ],
        expect![[r#"
            DROP TABLE u
                refused by: view firsts, view ids, column c, function all_of_u, function first_x, function taking
            DROP TABLE u CASCADE
                broken: view paired, function pairs
                vanished: view firsts, view ids, column c, function all_of_u, function first_x, function taking
            ALTER TABLE u RENAME TO uu
                broken: view ids, view paired, function all_of_u, function pairs
            ALTER TABLE u SET SCHEMA app
                broken: view ids, view paired, function all_of_u, function pairs
            ALTER TABLE u RENAME COLUMN id TO i
                nothing
            ALTER TABLE u RENAME COLUMN y TO yy
                broken: view paired, function pairs
            ALTER TABLE u DROP COLUMN id
                refused by: view ids
            ALTER TABLE u DROP COLUMN y
                broken: view paired, function pairs
            ALTER TABLE u DROP COLUMN x
                refused by: view firsts, function first_x
        "#]],
    );
}
