//! Rows as a whole: `NEW` and `OLD`, those that a statement has changed, records, and functions that give back rows.

use expect_test::{Expect, expect};
use migration_lineage::Analyzer;
use migration_syntax::Dialect;

use crate::constructs::show;

const TABLES: &str = "CREATE TABLE t (id int PRIMARY KEY, a int, b int);
    CREATE TABLE u (id int PRIMARY KEY, a int, c int);
    CREATE TABLE log (what text, d jsonb);\n";

fn check(sql: &str, expected: &Expect) {
    expected.assert_eq(&show(&format!("{TABLES}{sql}"), Dialect::Postgres));
}

/// A trigger on `t`, with this body for its function.
fn trigger(head: &str, body: &str, expected: &Expect) {
    check(
        &format!(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$; CREATE TRIGGER g {head} EXECUTE FUNCTION f()"
        ),
        expected,
    );
}

fn on_row(body: &str, expected: &Expect) {
    trigger("AFTER INSERT OR UPDATE ON t FOR EACH ROW", body, expected);
}

#[test]
fn the_row_of_a_trigger_has_the_columns_of_its_table() {
    on_row(
        "BEGIN INSERT INTO log (d) VALUES (to_jsonb(NEW)); RETURN NEW; END",
        &expect![[r#"
        t -> log
        log.d <- t.a TRANSFORMATION, t.b TRANSFORMATION, t.id TRANSFORMATION
    "#]],
    );
    on_row(
        "BEGIN INSERT INTO u SELECT NEW.*; RETURN NEW; END",
        &expect![[r#"
        t -> u
        u.a <- t.a IDENTITY
        u.c <- t.b IDENTITY
        u.id <- t.id IDENTITY
    "#]],
    );
    on_row(
        "BEGIN INSERT INTO u VALUES (OLD.*); RETURN NEW; END",
        &expect![[r#"
        t -> u
        u.a <- t.a IDENTITY
        u.c <- t.b IDENTITY
        u.id <- t.id IDENTITY
    "#]],
    );
    // A table that was not there when the function was made, and is not yet.
    on_row(
        "BEGIN INSERT INTO t_1 VALUES (NEW.*); RETURN NULL; END",
        &expect![[r#"
        t -> t_1
        t_1.a <- t.a IDENTITY
        t_1.b <- t.b IDENTITY
        t_1.id <- t.id IDENTITY
    "#]],
    );
    check(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (d) VALUES (row_to_json(OLD)); RETURN NULL; END $$;
         CREATE TRIGGER g AFTER DELETE ON unknown FOR EACH ROW EXECUTE FUNCTION f()",
        &expect![[r#"
            unknown -> log
            log.d <- unknown.* TRANSFORMATION
        "#]],
    );
}

#[test]
fn triggers_follow_their_functions_and_tables() {
    let audit = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (d) VALUES (to_jsonb(NEW)); RETURN NEW; END $$;
        CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();";
    check(
        &format!("{audit} ALTER TABLE t ADD COLUMN n text, ADD COLUMN m text"),
        &expect![[r#"
        t -> t, log
        t.n <- 
        t.m <- 
        log.d <- t.m TRANSFORMATION, t.n TRANSFORMATION
    "#]],
    );
    check(
        &format!("{audit} ALTER TABLE u ADD COLUMN n text"),
        &expect![[r#"
        nothing -> u
        u.n <- 
    "#]],
    );
    check(
        &format!(
            "{audit} CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (what) VALUES (NEW.b); RETURN NEW; END $$"
        ),
        &expect![[r#"
            t -> log
            log.what <- t.b IDENTITY
        "#]],
    );
}

#[test]
fn the_row_of_a_trigger_is_changed_as_a_whole() {
    let before = "BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a > 1)";
    trigger(
        before,
        "BEGIN NEW := jsonb_populate_record(NEW, to_jsonb(NEW) - 'a'); RETURN NEW; END",
        &expect![[r#"
            t -> t
            t.a <- t.a TRANSFORMATION, t.a conditional, t.b TRANSFORMATION, t.id TRANSFORMATION
            t.b <- t.a TRANSFORMATION, t.a conditional, t.b TRANSFORMATION, t.id TRANSFORMATION
            t.id <- t.a TRANSFORMATION, t.a conditional, t.b TRANSFORMATION, t.id TRANSFORMATION
        "#]],
    );
    trigger(
        "BEFORE INSERT ON t FOR EACH ROW",
        "DECLARE r t; BEGIN r := NEW; r.a := (SELECT max(c) FROM u); NEW := r; RETURN NEW; END",
        &expect![[r#"
            t, u -> t
            t.a <- u.c AGGREGATION
            t.b <- t.b IDENTITY
            t.id <- t.id IDENTITY
        "#]],
    );
}

#[test]
fn what_a_statement_has_changed_is_the_table_s() {
    trigger(
        "AFTER INSERT ON t REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
        "BEGIN INSERT INTO u (id, c) SELECT id, b FROM added; RETURN NULL; END",
        &expect![[r#"
            t -> u
            u.c <- t.b IDENTITY
            u.id <- t.id IDENTITY
        "#]],
    );
    trigger(
        "AFTER UPDATE ON t REFERENCING OLD TABLE before NEW TABLE after FOR EACH STATEMENT",
        "BEGIN INSERT INTO u SELECT o.id, n.* FROM before o JOIN after n USING (id) WHERE EXISTS (SELECT 1 FROM log); RETURN NULL; END",
        &expect![[r#"
            log, t -> u
            u.a <- t.id IDENTITY, t.id join
            u.b <- t.b IDENTITY, t.id join
            u.c <- t.a IDENTITY, t.id join
            u.id <- t.id IDENTITY, t.id join
        "#]],
    );
}

#[test]
fn what_nobody_has_made_is_left_to_the_trigger() {
    let function = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO u (id, c) SELECT n.id, s.enabled FROM added n, app.settings s; RETURN NULL; END $$;";
    check(
        function,
        &expect![[r#"
        app.settings -> u
        u.id <- 
        u.c <- app.settings.enabled IDENTITY
    "#]],
    );
    check(
        &format!("{function} CREATE TRIGGER g AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION f()"),
        &expect![[r#"
            added, app.settings, t -> u
            u.c <- app.settings.enabled IDENTITY
            u.id <- added.id IDENTITY
        "#]],
    );
}

#[test]
fn a_row_as_a_whole_does_not_break_with_one_of_its_columns() {
    let broken = |body: &str| {
        let mut analyzer = Analyzer::new(Dialect::Postgres);
        let function = format!("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$;");
        let trigger = "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()";
        analyzer.analyze(&format!("{TABLES}{function}{trigger}")).unwrap();
        let impact = analyzer.catalogue().impact("ALTER TABLE t DROP COLUMN b").unwrap();
        impact[0].broken.iter().map(|dependent| dependent.name.clone()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(broken("BEGIN INSERT INTO log (d) VALUES (to_jsonb(NEW)); RETURN NEW; END"), "");
    assert_eq!(broken("BEGIN INSERT INTO log (d) VALUES (to_jsonb(NEW.b)); RETURN NEW; END"), "g");
}

#[test]
fn records_are_rows() {
    check(
        "DO $$ DECLARE r u%ROWTYPE; BEGIN SELECT * INTO r FROM t WHERE b > 1; INSERT INTO u VALUES (r.*); END $$",
        &expect![[r#"
            t -> u
            u.id <- t.id IDENTITY
            u.a <- t.a IDENTITY
            u.c <- t.b IDENTITY
        "#]],
    );
    check(
        "DO $$ DECLARE r u; BEGIN FOR r IN SELECT id, b, a FROM t LOOP UPDATE u SET c = r.c WHERE id = r.id; END LOOP; END $$",
        &expect![[r#"
            t -> u
            u.c <- t.a IDENTITY, t.id filter, u.id filter
        "#]],
    );
    // What is put into a field takes the place of what was there, and is part of the whole.
    check(
        "DO $$ DECLARE r record; BEGIN SELECT * INTO r FROM t; r.a := (SELECT max(c) FROM u); INSERT INTO log (what, d) VALUES (r.a, to_jsonb(r)); END $$",
        &expect![[r#"
            t, u -> log
            log.what <- u.c AGGREGATION
            log.d <- t.a TRANSFORMATION, t.b TRANSFORMATION, t.id TRANSFORMATION, u.c AGGREGATION
        "#]],
    );
}

#[test]
fn a_function_gives_back_the_columns_of_its_row_type() {
    let all = "CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t WHERE b > 1';";
    check(
        &format!("{all} SELECT a FROM f()"),
        &expect![[r#"
        t -> nothing
        a <- t.a IDENTITY, t.b filter
    "#]],
    );
    check(
        &format!("{all} CREATE VIEW v AS SELECT * FROM f()"),
        &expect![[r#"
        t -> v
        v.id <- t.b filter, t.id IDENTITY
        v.a <- t.a IDENTITY, t.b filter
        v.b <- t.b IDENTITY, t.b filter
    "#]],
    );
    check(
        &format!("{all} INSERT INTO u SELECT * FROM f() AS g (x, y)"),
        &expect![[r#"
        t -> u
        u.id <- t.b filter, t.id IDENTITY
        u.a <- t.a IDENTITY, t.b filter
        u.c <- t.b IDENTITY, t.b filter
    "#]],
    );
    check(
        &format!("{all} SELECT (f()).*, (f()).b"),
        &expect![[r#"
        t -> nothing
        id <- t.b filter, t.id IDENTITY
        a <- t.a IDENTITY, t.b filter
        b <- t.b IDENTITY, t.b filter
        b <- t.b IDENTITY, t.b filter
    "#]],
    );
    check(
        "CREATE FUNCTION f() RETURNS SETOF t LANGUAGE plpgsql AS $$ DECLARE r t; BEGIN
         FOR r IN SELECT id, c, a FROM u LOOP r.id := 0; RETURN NEXT r; END LOOP; END $$; INSERT INTO t SELECT * FROM f()",
        &expect![[r#"
            u -> t
            t.id <- 
            t.a <- u.c IDENTITY
            t.b <- u.a IDENTITY
        "#]],
    );
    // A row as one value: each column is a part of it.
    check(
        "CREATE FUNCTION f() RETURNS u LANGUAGE sql AS 'SELECT u FROM u'; SELECT c FROM f()",
        &expect![[r#"
            u -> nothing
            c <- u.a TRANSFORMATION, u.c TRANSFORMATION, u.id TRANSFORMATION
        "#]],
    );
}

#[test]
fn composite_types_have_fields() {
    let pair = "CREATE TYPE pair AS (x int, y numeric(3, 2));";
    let function = "CREATE FUNCTION f(n int) RETURNS pair LANGUAGE sql AS 'SELECT id, b FROM t WHERE a = n';";
    check(
        &format!("{pair}{function} SELECT y FROM f(1)"),
        &expect![[r#"
        t -> nothing
        y <- t.a filter, t.b IDENTITY
    "#]],
    );
    check(
        &format!("{pair}{function} SELECT (f(c)).* FROM u"),
        &expect![[r#"
        t, u -> nothing
        x <- t.a filter, t.id IDENTITY, u.c filter
        y <- t.a filter, t.b IDENTITY, u.c filter
    "#]],
    );
    check(
        &format!("{pair}{function} DROP TYPE pair; SELECT (f(c)).* FROM u"),
        &expect![[r#"
        t, u -> nothing
        * <- t.a filter, t.b TRANSFORMATION, t.id TRANSFORMATION, u.c filter
    "#]],
    );
    check(
        &format!("{pair} CREATE TABLE k (p pair); SELECT (p).x, (k.p).y, (p).*, (p::pair).x AS z FROM k"),
        &expect![[r#"
            k -> nothing
            x <- k.p TRANSFORMATION
            y <- k.p TRANSFORMATION
            x <- k.p TRANSFORMATION
            y <- k.p TRANSFORMATION
            z <- k.p TRANSFORMATION
        "#]],
    );
    let changed = "ALTER TYPE pair ADD ATTRIBUTE z int, DROP ATTRIBUTE x; ALTER TYPE pair RENAME ATTRIBUTE y TO w; ALTER TYPE pair RENAME TO two;";
    check(
        &format!("{pair} {changed} CREATE TABLE k (p two); SELECT (p).* FROM k"),
        &expect![[r#"
        k -> nothing
        w <- k.p TRANSFORMATION
        z <- k.p TRANSFORMATION
    "#]],
    );
}

#[test]
fn all_fields_of_a_row_are_its_columns() {
    on_row(
        "BEGIN INSERT INTO log SELECT 'x', (NEW).a; INSERT INTO u VALUES ((NEW).*); RETURN NULL; END",
        &expect![[r#"
            t -> log, u
            log.d <- t.a IDENTITY
            log.what <- 
            u.a <- t.a IDENTITY
            u.c <- t.b IDENTITY
            u.id <- t.id IDENTITY
        "#]],
    );
    check(
        "DO $$ DECLARE r t; BEGIN FOR r IN SELECT * FROM t LOOP INSERT INTO u SELECT (r).*; END LOOP; END $$",
        &expect![[r#"
            t -> u
            u.id <- t.id IDENTITY
            u.a <- t.a IDENTITY
            u.c <- t.b IDENTITY
        "#]],
    );
    check(
        "SELECT (x.p).*, (y).* FROM (SELECT t AS p FROM t) x, u y",
        &expect![[r#"
        t, u -> nothing
        * <- t.a TRANSFORMATION, t.b TRANSFORMATION, t.id TRANSFORMATION
        id <- u.id IDENTITY
        a <- u.a IDENTITY
        c <- u.c IDENTITY
    "#]],
    );
}

#[test]
fn a_row_into_a_view_has_the_columns_of_the_view() {
    let schema = "CREATE TABLE t (id int, n int); CREATE TABLE s (i int, m int);
        CREATE VIEW va (c, d) AS SELECT id, n FROM t;";
    for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
        let check = |sql: &str, expected: Expect| {
            expected.assert_eq(&show(&format!("{schema}{sql}"), dialect));
        };
        check(
            "INSERT INTO va SELECT * FROM s",
            expect![[r#"
            s -> va
            va.c <- s.i IDENTITY
            va.d <- s.m IDENTITY
        "#]],
        );
        check(
            "INSERT INTO va VALUES ((SELECT max(i) FROM s), 2)",
            expect![[r#"
            s -> va
            va.c <- s.i AGGREGATION
            va.d <- 
        "#]],
        );
        check(
            "INSERT INTO va (d) SELECT m FROM s",
            expect![[r#"
            s -> va
            va.d <- s.m IDENTITY
        "#]],
        );
    }
}
