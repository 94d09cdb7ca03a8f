//! Bodies that the database keeps as text: what they name, and what makes them fail. As PostgreSQL 15 and MariaDB 10.11 did it.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use super::check_all;

fn check(schema: &str, changes: &[&str], expected: Expect) {
    check_all(Dialect::Postgres, schema, changes, &expected);
}

#[test]
fn triggers_of_a_table_with_another_name() {
    let schema = "
        CREATE SCHEMA s;
        CREATE TABLE t (a int, b int); CREATE TABLE m (a int, b int);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := 1; RETURN NEW; END $$;
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
        CREATE TRIGGER mr BEFORE INSERT ON m FOR EACH ROW EXECUTE FUNCTION f();
        ALTER TABLE t RENAME TO tt;
        ALTER TABLE m SET SCHEMA s;";
    check(
        schema,
        &[
            "ALTER TABLE tt DROP COLUMN b",
            "ALTER TABLE tt RENAME COLUMN b TO c",
            "ALTER TABLE tt DROP COLUMN a",
            "ALTER TABLE s.m DROP COLUMN b",
            "ALTER TABLE tt RENAME TO t",
            "DROP TABLE tt",
        ],
        expect![[r#"
            ALTER TABLE tt DROP COLUMN b
                broken: trigger tr
            ALTER TABLE tt RENAME COLUMN b TO c
                broken: trigger tr
            ALTER TABLE tt DROP COLUMN a
                nothing
            ALTER TABLE s.m DROP COLUMN b
                broken: trigger mr
            ALTER TABLE tt RENAME TO t
                nothing
            DROP TABLE tt
                nothing
        "#]],
    );
    let schema = "
        CREATE TABLE t (a INT, b INT);
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.b = 1;
        RENAME TABLE t TO tt;";
    check_all(
        Dialect::Mysql,
        schema,
        &[
            "ALTER TABLE tt DROP COLUMN b",
            "ALTER TABLE tt DROP COLUMN a",
            "RENAME TABLE tt TO t",
            "DROP TABLE tt",
        ],
        &expect![[r#"
            ALTER TABLE tt DROP COLUMN b
                broken: trigger tr
            ALTER TABLE tt DROP COLUMN a
                nothing
            RENAME TABLE tt TO t
                nothing
            DROP TABLE tt
                nothing
        "#]],
    );
}

#[test]
fn tables_that_a_body_makes_from_a_query() {
    let schema = "
        CREATE TABLE t (a int, b int, c int);
        CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
            CREATE TEMP TABLE tt AS SELECT b FROM t WHERE c = 1; RETURN (SELECT max(b) FROM tt); END $$;
        CREATE FUNCTION g() RETURNS void LANGUAGE sql AS $$ CREATE TABLE x AS SELECT b FROM t $$;
        CREATE FUNCTION h() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE VIEW y AS SELECT b FROM t; END $$;
        CREATE FUNCTION i() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE INDEX ON t (c); END $$;
        CREATE FUNCTION j() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE t ALTER c DROP DEFAULT; END $$;";
    check(
        schema,
        &[
            "ALTER TABLE t DROP COLUMN a",
            "ALTER TABLE t DROP COLUMN b",
            "ALTER TABLE t RENAME COLUMN c TO d",
            "DROP TABLE t",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN a
                nothing
            ALTER TABLE t DROP COLUMN b
                broken: function f, function g, function h
            ALTER TABLE t RENAME COLUMN c TO d
                broken: function f, function i, function j
            DROP TABLE t
                broken: function f, function g, function h, function i, function j
        "#]],
    );
    let schema = "
        CREATE TABLE t (a INT, b INT);
        CREATE PROCEDURE p() BEGIN CREATE TEMPORARY TABLE tt AS SELECT b FROM t; SELECT max(b) FROM tt; END;";
    check_all(
        Dialect::Mysql,
        schema,
        &["ALTER TABLE t DROP COLUMN b", "ALTER TABLE t DROP COLUMN a"],
        &expect![[r#"
            ALTER TABLE t DROP COLUMN b
                broken: function p
            ALTER TABLE t DROP COLUMN a
                nothing
        "#]],
    );
}

#[test]
fn columns_that_join() {
    let schema = "
        CREATE TABLE t (id int, a int); CREATE TABLE u (id int, c int);
        CREATE FUNCTION f() RETURNS SETOF int LANGUAGE sql AS $$ SELECT a FROM t JOIN u USING (id) $$;
        CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT max(a) FROM t NATURAL JOIN u); END $$;
        CREATE FUNCTION h() RETURNS SETOF int LANGUAGE sql AS $$ SELECT t.a FROM t JOIN u ON true $$;";
    check(
        schema,
        &[
            "ALTER TABLE u RENAME COLUMN id TO i",
            "ALTER TABLE u DROP COLUMN id",
            "ALTER TABLE u DROP COLUMN c",
            "ALTER TABLE u ADD COLUMN a int",
            "ALTER TABLE u ADD COLUMN d int",
            "ALTER TABLE t ADD COLUMN c int",
        ],
        expect![[r#"
            ALTER TABLE u RENAME COLUMN id TO i
                broken: function f, function g
            ALTER TABLE u DROP COLUMN id
                broken: function f, function g
            ALTER TABLE u DROP COLUMN c
                nothing
            ALTER TABLE u ADD COLUMN a int
                broken: function f, function g
            ALTER TABLE u ADD COLUMN d int
                nothing
            ALTER TABLE t ADD COLUMN c int
                nothing
        "#]],
    );
    let schema = "
        CREATE TABLE t (id INT, a INT); CREATE TABLE u (id INT, c INT);
        CREATE PROCEDURE p() SELECT a FROM t JOIN u USING (id);";
    check_all(
        Dialect::Mysql,
        schema,
        &["ALTER TABLE u DROP COLUMN id", "ALTER TABLE u ADD COLUMN a INT"],
        &expect![[r#"
            ALTER TABLE u DROP COLUMN id
                broken: function p
            ALTER TABLE u ADD COLUMN a INT
                broken: function p
        "#]],
    );
}

#[test]
fn what_bodies_name_besides_rows() {
    let schema = "
        CREATE TABLE t (a int, b int); CREATE TABLE u (a int, b int);
        CREATE FUNCTION f1() RETURNS int LANGUAGE plpgsql AS $$ DECLARE r t.b%TYPE; BEGIN RETURN 1; END $$;
        CREATE FUNCTION f2(t) RETURNS int LANGUAGE sql AS $$ SELECT $1.b $$;
        CREATE FUNCTION f3(x t) RETURNS int LANGUAGE sql AS $$ SELECT x.b $$;
        CREATE FUNCTION f4(x t) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (x).b; END $$;
        CREATE FUNCTION f5() RETURNS SETOF int LANGUAGE sql AS $$ SELECT (t).b FROM t $$;
        CREATE FUNCTION f6() RETURNS SETOF int LANGUAGE sql AS $$ SELECT (q).b FROM (SELECT * FROM t) q $$;
        CREATE FUNCTION f7() RETURNS void LANGUAGE plpgsql AS $$ DECLARE n t; BEGIN n.b := 1; END $$;
        CREATE FUNCTION f8() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '%', (SELECT max(b) FROM t); END $$;
        CREATE FUNCTION f9() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ASSERT (SELECT count(b) FROM t) > 0, 'none'; END $$;
        CREATE FUNCTION f10() RETURNS void LANGUAGE plpgsql AS $$ BEGIN COPY t (b) TO '/tmp/x'; END $$;
        CREATE FUNCTION f11() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING message = (SELECT b FROM t); END $$;
        CREATE FUNCTION f12() RETURNS void LANGUAGE plpgsql AS $$ BEGIN LOCK TABLE t IN SHARE MODE; END $$;
        CREATE FUNCTION f13() RETURNS void LANGUAGE plpgsql AS $$ DECLARE r t%ROWTYPE; BEGIN NULL; END $$;
        CREATE FUNCTION f14() RETURNS void LANGUAGE plpgsql AS $$ BEGIN COPY (SELECT b FROM t) TO '/tmp/x'; END $$;";
    check(
        schema,
        &[
            "ALTER TABLE t DROP COLUMN b",
            "ALTER TABLE t RENAME COLUMN b TO c",
            "ALTER TABLE t DROP COLUMN a",
            "DROP TABLE t CASCADE",
            "ALTER TABLE u DROP COLUMN b",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN b
                broken: function f1, function f10, function f11, function f14, function f2, function f3, function f4, function f5, function f6, function f7, function f8, function f9
            ALTER TABLE t RENAME COLUMN b TO c
                broken: function f1, function f10, function f11, function f14, function f2, function f3, function f4, function f5, function f6, function f7, function f8, function f9
            ALTER TABLE t DROP COLUMN a
                broken: function f6
            DROP TABLE t CASCADE
                broken: function f1, function f10, function f11, function f12, function f13, function f14, function f5, function f6, function f7, function f8, function f9
                vanished: function f2, function f3, function f4
            ALTER TABLE u DROP COLUMN b
                nothing
        "#]],
    );
}

#[test]
fn what_goes_is_missed() {
    let schema = "
        CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v;
        CREATE FUNCTION f() RETURNS SETOF int LANGUAGE sql AS $$ SELECT a FROM w $$;
        CREATE FUNCTION g() RETURNS SETOF int LANGUAGE sql AS $$ SELECT a FROM v $$;
        CREATE FUNCTION h() RETURNS SETOF int LANGUAGE sql AS $$ SELECT b FROM t $$;";
    check(
        schema,
        &["ALTER TABLE t DROP COLUMN a CASCADE", "DROP VIEW v CASCADE", "DROP VIEW w CASCADE"],
        expect![[r#"
            ALTER TABLE t DROP COLUMN a CASCADE
                broken: function f, function g
                vanished: view v, view w
            DROP VIEW v CASCADE
                broken: function f, function g
                vanished: view w
            DROP VIEW w CASCADE
                broken: function f
        "#]],
    );
}

#[test]
fn parsed_bodies() {
    let schema = "
        CREATE TABLE t (a int, b int);
        CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN (SELECT max(b) FROM t);
        CREATE VIEW v AS SELECT f() AS f;
        CREATE TABLE n (a int, b int);
        CREATE FUNCTION g() RETURNS SETOF int LANGUAGE sql BEGIN ATOMIC SELECT b FROM n; END;
        ALTER TABLE n RENAME COLUMN b TO bb;";
    check(
        schema,
        &[
            "ALTER TABLE t DROP COLUMN b",
            "ALTER TABLE t RENAME COLUMN b TO c",
            "DROP TABLE t CASCADE",
            "ALTER TABLE n DROP COLUMN bb",
            "ALTER TABLE n DROP COLUMN a",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN b
                refused by: view v, function f
            ALTER TABLE t RENAME COLUMN b TO c
                nothing
            DROP TABLE t CASCADE
                vanished: view v, function f
            ALTER TABLE n DROP COLUMN bb
                refused by: function g
            ALTER TABLE n DROP COLUMN a
                nothing
        "#]],
    );
}

#[test]
fn rows_as_wholes() {
    let schema = "
        CREATE TABLE t (a int, b int, c int, d int);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.*) EXECUTE FUNCTION f();
        CREATE TRIGGER ts BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW IS DISTINCT FROM OLD) EXECUTE FUNCTION f();
        CREATE TRIGGER named BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.c IS DISTINCT FROM OLD.c) EXECUTE FUNCTION f();
        CREATE VIEW v AS SELECT t FROM t;
        CREATE VIEW w AS SELECT row_to_json(t) AS j FROM t;
        CREATE VIEW x AS SELECT count(t.*) AS n FROM t WHERE c > 0;
        CREATE VIEW y AS SELECT (t).d AS d FROM t;
        CREATE FUNCTION g() RETURNS SETOF json LANGUAGE sql AS $$ SELECT row_to_json(t) FROM t $$;
        CREATE FUNCTION h() RETURNS void LANGUAGE sql AS $$ INSERT INTO t VALUES (1, 2, 3, 4) $$;
        CREATE FUNCTION i() RETURNS void LANGUAGE sql AS $$ INSERT INTO t SELECT 1, 2, 3, 4 $$;";
    check(
        schema,
        &[
            "ALTER TABLE t DROP COLUMN b",
            "ALTER TABLE t ALTER COLUMN b TYPE bigint",
            "ALTER TABLE t RENAME COLUMN b TO bb",
            "ALTER TABLE t DROP COLUMN c",
            "ALTER TABLE t DROP COLUMN d",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN b
                broken: function h, function i
            ALTER TABLE t ALTER COLUMN b TYPE bigint
                nothing
            ALTER TABLE t RENAME COLUMN b TO bb
                nothing
            ALTER TABLE t DROP COLUMN c
                refused by: view x, trigger named
            ALTER TABLE t DROP COLUMN d
                refused by: view y
        "#]],
    );
}

#[test]
fn bodies_with_a_path_of_their_own() {
    let schema = "
        CREATE SCHEMA s; CREATE TABLE s.t (a int, b int); CREATE TABLE t (a int, b int);
        CREATE FUNCTION f() RETURNS SETOF int LANGUAGE sql SET search_path = s, pg_temp AS 'SELECT a FROM t';
        CREATE FUNCTION g() RETURNS SETOF int LANGUAGE sql SET search_path TO 's' AS 'SELECT a FROM u';
        CREATE TABLE s.u (a int);";
    check(
        schema,
        &["ALTER TABLE s.t RENAME COLUMN a TO c", "DROP TABLE s.t", "DROP TABLE t", "DROP TABLE s.u"],
        expect![[r#"
            ALTER TABLE s.t RENAME COLUMN a TO c
                broken: function f
            DROP TABLE s.t
                broken: function f
            DROP TABLE t
                nothing
            DROP TABLE s.u
                broken: function g
        "#]],
    );
}

#[test]
fn bodies_that_are_older_than_their_tables() {
    let schema = "
        CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN
            FOR r IN SELECT * FROM t LOOP RETURN r.b; END LOOP; END $$;
        CREATE FUNCTION g() RETURNS SETOF int LANGUAGE sql AS $$ SELECT b FROM t JOIN u ON t.a = u.c $$;
        CREATE FUNCTION h() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            NEW.a := (SELECT max(b) FROM t JOIN u ON t.a = u.c); RETURN NEW; END $$;
        CREATE TABLE t (a int, b int); CREATE TABLE u (c int, d int); CREATE TABLE v (a int);
        CREATE TRIGGER tr BEFORE INSERT ON v FOR EACH ROW EXECUTE FUNCTION h();";
    check(
        schema,
        &[
            "ALTER TABLE t DROP COLUMN b",
            "ALTER TABLE t RENAME COLUMN b TO c",
            "ALTER TABLE u DROP COLUMN d",
            "ALTER TABLE u ADD COLUMN b int",
            "DROP TABLE u",
        ],
        expect![[r#"
            ALTER TABLE t DROP COLUMN b
                broken: function f, function g, trigger tr
            ALTER TABLE t RENAME COLUMN b TO c
                broken: function f, function g, trigger tr
            ALTER TABLE u DROP COLUMN d
                nothing
            ALTER TABLE u ADD COLUMN b int
                broken: function g, trigger tr
            DROP TABLE u
                broken: function g, trigger tr
        "#]],
    );
}
