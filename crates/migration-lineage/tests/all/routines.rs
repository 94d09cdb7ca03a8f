//! What routines give back in variables: `OUT` parameters, the columns of `RETURNS TABLE`, and MySQL's session.

use expect_test::{Expect, expect};
use migration_lineage::Analyzer;
use migration_syntax::Dialect;

use crate::constructs::show;

const TABLES: &str = "CREATE TABLE t (id int PRIMARY KEY, a int, b int);
    CREATE TABLE u (id int PRIMARY KEY, a int, c int);\n";

fn postgres(sql: &str, expected: &Expect) {
    expected.assert_eq(&show(&format!("{TABLES}{sql}"), Dialect::Postgres));
}

fn mysql(sql: &str, expected: &Expect) {
    expected.assert_eq(&show(&format!("{TABLES}{sql}"), Dialect::Mysql));
}

#[test]
fn nothing_need_be_declared() {
    postgres(
        "DO $$ DECLARE BEGIN INSERT INTO u (id) SELECT id FROM t; END $$",
        &expect![[r#"
        t -> u
        u.id <- t.id IDENTITY
    "#]],
    );
    postgres(
        "CREATE FUNCTION f(x int) RETURNS void LANGUAGE plpgsql AS $$ DECLARE -- nothing
         BEGIN DECLARE y ALIAS FOR $1; handler CONSTANT int := y; BEGIN INSERT INTO u (id) VALUES (handler); END; END $$; SELECT f(a) FROM t",
        &expect![[r#"
            t -> u
            u.id <- t.a IDENTITY
            f <- t.a TRANSFORMATION
        "#]],
    );
}

#[test]
fn loops_over_numbers_have_steps() {
    postgres(
        "DO $$ BEGIN FOR i IN REVERSE 10..1 BY (SELECT max(b) FROM t) LOOP INSERT INTO u (id) VALUES (i); END LOOP; END $$",
        &expect![[r#"
            t -> u
            u.id <- t.b AGGREGATION, t.b conditional
        "#]],
    );
}

#[test]
fn variables_are_given_back() {
    postgres(
        "CREATE FUNCTION f() RETURNS TABLE (x int, y int) LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN
         FOR r IN SELECT id, b FROM t LOOP x := r.id; y := r.b; RETURN NEXT; END LOOP; RETURN; END $$;
         INSERT INTO u (id, c) SELECT * FROM f()",
        &expect![[r#"
            t -> u
            u.id <- t.id IDENTITY
            u.c <- t.b IDENTITY
        "#]],
    );
    postgres(
        "CREATE FUNCTION f(OUT x int, INOUT y int, z int) LANGUAGE plpgsql AS $$ BEGIN
         IF z > 3 THEN RETURN; END IF; SELECT max(a) INTO x FROM t; y := y + 1; END $$;
         SELECT f.x, f.y FROM u, f(u.a, u.c)",
        &expect![[r#"
            t, u -> nothing
            x <- t.a AGGREGATION, u.c conditional
            y <- u.a IDENTITY, u.a TRANSFORMATION, u.c conditional
        "#]],
    );
}

#[test]
fn a_call_of_a_procedure_gives_its_variables_values() {
    postgres(
        "CREATE PROCEDURE p(n int, INOUT r int) LANGUAGE plpgsql AS $$ BEGIN SELECT max(a) + r INTO r FROM t WHERE b = n; END $$;
         DO $$ DECLARE x int := (SELECT min(c) FROM u); BEGIN CALL p(1, x); UPDATE u SET c = x; END $$",
        &expect![[r#"
            t, u -> u
            u.c <- t.a AGGREGATION, t.b filter, u.c AGGREGATION
        "#]],
    );
    postgres(
        "CREATE PROCEDURE p(n int, OUT r int) LANGUAGE sql AS 'SELECT max(a) FROM t';
         DO $$ DECLARE x record; BEGIN CALL p(r => x.m, n => 2); UPDATE u SET c = x.m; END $$",
        &expect![[r#"
            t -> u
            u.c <- t.a AGGREGATION
        "#]],
    );
    let p = "CREATE PROCEDURE p(IN n int, OUT r int) BEGIN SELECT max(a) INTO r FROM t WHERE b = n; INSERT INTO u (id) VALUES (r); END;";
    mysql(
        &format!("{p} CALL p(1, @r)"),
        &expect![[r#"
        t -> u
        u.id <- t.a AGGREGATION, t.b filter
    "#]],
    );
    mysql(
        &format!("{p} CALL p(1, @r); UPDATE u SET c = @r"),
        &expect![[r#"
        t -> u
        u.c <- t.a AGGREGATION, t.b filter
    "#]],
    );
    mysql(
        &format!(
            "{p} CREATE PROCEDURE q() BEGIN DECLARE x INT; CALL p(3, x); UPDATE u SET c = x; END; CALL q()"
        ),
        &expect![[r#"
            t -> u
            u.c <- t.a AGGREGATION, t.b filter
            u.id <- t.a AGGREGATION, t.b filter
        "#]],
    );
    mysql(
        &format!("{p} CREATE TRIGGER g BEFORE INSERT ON u FOR EACH ROW CALL p(NEW.id, NEW.c)"),
        &expect![[r#"
            t, u -> u
            u.id <- t.a AGGREGATION, t.b filter, u.id filter
            u.c <- t.a AGGREGATION, t.b filter, u.id filter
        "#]],
    );
}

#[test]
fn a_procedure_is_dropped_with_and_without_what_it_gives_back() {
    let left = |drop: &str| {
        let mut analyzer = Analyzer::new(Dialect::Postgres);
        let made = "CREATE PROCEDURE p(n int, OUT r text) LANGUAGE sql AS 'SELECT 1';";
        analyzer.analyze(&format!("{made} {drop}")).unwrap();
        let left: Vec<_> =
            analyzer.catalogue().routines().map(migration_lineage::Routine::signature).collect();
        left.join(", ")
    };
    assert_eq!(left(""), "p(int4, text)");
    assert_eq!(left("DROP PROCEDURE p(int)"), "");
    assert_eq!(left("DROP PROCEDURE p(IN int, OUT text)"), "");
    assert_eq!(left("DROP PROCEDURE p(text)"), "p(int4, text)");
}

#[test]
fn a_session_keeps_its_variables() {
    mysql(
        "SET @n := (SELECT max(a) FROM t)",
        &expect![[r#"
        t -> nothing
    "#]],
    );
    mysql(
        "SET @n := (SELECT max(a) FROM t); INSERT INTO u (id) VALUES (@n + 1)",
        &expect![[r#"
        t -> u
        u.id <- t.a AGGREGATION
    "#]],
    );
    mysql(
        "SELECT max(a), min(b) INTO @n, @m FROM t; UPDATE u SET c = @m",
        &expect![[r#"
        t -> u
        u.c <- t.b AGGREGATION
    "#]],
    );
    mysql(
        "SELECT @n := max(a) FROM t; UPDATE u SET c = @n",
        &expect![[r#"
        t -> u
        u.c <- t.a AGGREGATION
    "#]],
    );
    mysql(
        "SET @n = (SELECT max(a) FROM t); SET @n = 1; UPDATE u SET c = @n",
        &expect![[r#"
        nothing -> u
        u.c <- 
    "#]],
    );
}

#[test]
fn a_value_that_only_picks_rows_is_no_part_of_the_result() {
    postgres(
        "CREATE FUNCTION h(x int) RETURNS int LANGUAGE sql AS 'SELECT max(c) FROM u WHERE u.a = x'; SELECT id, h(id) FROM t",
        &expect![[r#"
            t, u -> nothing
            id <- t.id IDENTITY
            h <- t.id filter, u.a filter, u.c AGGREGATION
        "#]],
    );
    // Of what nobody can read, all that goes in may come out.
    postgres(
        "CREATE FUNCTION h(x int) RETURNS int LANGUAGE c AS 'lib', 'h'; SELECT h(id) FROM t",
        &expect![[r#"
            t -> nothing
            h <- t.id TRANSFORMATION
        "#]],
    );
}
