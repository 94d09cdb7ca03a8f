//! Statements of unusual shape, each valid in its dialect: names that hide others, several tables at once, clauses that
//! few use.

use expect_test::{Expect, expect};
use migration_syntax::Dialect;

use crate::constructs::show;

fn check(sql: &str, dialect: Dialect, expected: &Expect) {
    let tables = "CREATE TABLE t (id int PRIMARY KEY, a int, b int);
        CREATE TABLE u (id int PRIMARY KEY, a int, c int);
        CREATE TABLE w (id int, d int);\n";
    expected.assert_eq(&show(&format!("{tables}{sql}"), dialect));
}

fn postgres(sql: &str, expected: &Expect) {
    check(sql, Dialect::Postgres, expected);
}

fn mysql(sql: &str, expected: &Expect) {
    check(sql, Dialect::Mysql, expected);
}

fn sqlite(sql: &str, expected: &Expect) {
    check(sql, Dialect::Sqlite, expected);
}

#[test]
fn names_that_hide_others() {
    postgres(
        "WITH t AS (SELECT id, c AS a FROM u) SELECT t.a, t2.a AS own FROM t JOIN public.t AS t2 ON t2.id = t.id",
        &expect![[r#"
            t, u -> nothing
            a <- t.id join, u.c IDENTITY, u.id join
            own <- t.a IDENTITY, t.id join, u.id join
        "#]],
    );
    postgres(
        "SET search_path TO app, public; CREATE TABLE t (own int); SELECT * FROM public.t",
        &expect![[r#"
            t -> nothing
            id <- t.id IDENTITY
            a <- t.a IDENTITY
            b <- t.b IDENTITY
        "#]],
    );
    postgres(
        "SET search_path TO app, public; CREATE TABLE t (own int); ALTER TABLE public.t ADD COLUMN z int; SELECT * FROM t, public.t AS p",
        &expect![[r#"
            app.t, t -> nothing
            own <- app.t.own IDENTITY
            id <- t.id IDENTITY
            a <- t.a IDENTITY
            b <- t.b IDENTITY
            z <- t.z IDENTITY
        "#]],
    );
    postgres(
        "SELECT id, x.a, x.b FROM (t JOIN u USING (id)) AS x (id, b, a)",
        &expect![[r#"
        t, u -> nothing
        id <- t.id IDENTITY, t.id join, u.id IDENTITY, u.id join
        a <- t.b IDENTITY, t.id join, u.id join
        b <- t.a IDENTITY, t.id join, u.id join
    "#]],
    );
    for dialect in Dialect::ALL {
        check(
            "CREATE TEMPORARY TABLE t AS SELECT c AS short_lived FROM u; DROP TABLE t; SELECT * FROM t",
            dialect,
            &expect![[r#"
                t -> nothing
                id <- t.id IDENTITY
                a <- t.a IDENTITY
                b <- t.b IDENTITY
            "#]],
        );
    }
    sqlite(
        "SELECT [a] AS \"x.y\" FROM \"t\" AS [T T] WHERE [t t].id = 1 AND rowid > 2",
        &expect![[r#"
        t -> nothing
        "x.y" <- t.a IDENTITY, t.id filter, t.rowid filter
    "#]],
    );
    postgres(
        "SELECT (t).a, (t).b + 1 AS c FROM t",
        &expect![[r#"
        t -> nothing
        a <- t.a IDENTITY
        c <- t.b TRANSFORMATION
    "#]],
    );
}

#[test]
fn queries() {
    postgres(
        "SELECT * FROM t JOIN u USING (id, a) JOIN w USING (id)",
        &expect![[r#"
        t, u, w -> nothing
        id <- t.a join, t.id IDENTITY, t.id join, u.a join, u.id IDENTITY, u.id join, w.id IDENTITY, w.id join
        a <- t.a IDENTITY, t.a join, t.id join, u.a IDENTITY, u.a join, u.id join, w.id join
        b <- t.a join, t.b IDENTITY, t.id join, u.a join, u.id join, w.id join
        c <- t.a join, t.id join, u.a join, u.c IDENTITY, u.id join, w.id join
        d <- t.a join, t.id join, u.a join, u.id join, w.d IDENTITY, w.id join
    "#]],
    );
    postgres(
        "WITH RECURSIVE r AS ((SELECT id, a FROM t) UNION ALL (SELECT u.id, r.a + u.c FROM u JOIN r ON r.id = u.a UNION ALL SELECT w.id, w.d FROM w JOIN r USING (id))) SELECT a FROM r",
        &expect![[r#"
            t, u, w -> nothing
            a <- t.a IDENTITY, t.a TRANSFORMATION, t.id join, u.a join, u.c TRANSFORMATION, u.id join, w.d IDENTITY, w.d TRANSFORMATION, w.id join
        "#]],
    );
    postgres(
        "SELECT first_value(a) OVER (PARTITION BY b ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES) AS f FROM t",
        &expect![[r#"
            t -> nothing
            f <- t.a TRANSFORMATION, t.b window, t.id window
        "#]],
    );
    sqlite(
        "SELECT total(a) OVER (ORDER BY b GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS x FROM t",
        &expect![[r#"
            t -> nothing
            x <- t.a AGGREGATION, t.b window
        "#]],
    );
    postgres(
        "SELECT a, sum(b) FILTER (WHERE id > 3) AS s FROM t GROUP BY GROUPING SETS ((a), (), ROLLUP (a, id))",
        &expect![[r#"
            t -> nothing
            a <- t.a IDENTITY, t.a groupby, t.id groupby
            s <- t.a groupby, t.b AGGREGATION, t.id groupby, t.id conditional
        "#]],
    );
    postgres(
        "TABLE t",
        &expect![[r#"
        t -> nothing
        id <- t.id IDENTITY
        a <- t.a IDENTITY
        b <- t.b IDENTITY
    "#]],
    );
    sqlite(
        "SELECT (SELECT c FROM u WHERE u.id = t.id AND EXISTS (SELECT 1 FROM w WHERE w.d = t.b AND w.id = u.a)) AS x FROM t",
        &expect![[r#"
            t, u, w -> nothing
            x <- t.b filter, t.id filter, u.a filter, u.c IDENTITY, u.id filter, w.d filter, w.id filter
        "#]],
    );
    postgres(
        "CREATE VIEW v AS SELECT a FROM t WHERE b > 0 WITH LOCAL CHECK OPTION",
        &expect![[r#"
        t -> v
        v.a <- t.a IDENTITY, t.b filter
    "#]],
    );
}

#[test]
fn writes() {
    mysql(
        "UPDATE t, u LEFT JOIN w ON w.id = u.id SET t.a = w.d, u.c = t.b + 1 WHERE t.id = u.id",
        &expect![[r#"
            t, w -> t, u
            t.a <- t.id filter, u.id join, u.id filter, w.d IDENTITY, w.id join
            u.c <- t.b TRANSFORMATION, t.id filter, u.id join, u.id filter, w.id join
        "#]],
    );
    mysql(
        "DELETE FROM x USING t AS x JOIN w ON w.id = x.id",
        &expect![[r#"
        w -> t
        * <- t.id Join, w.id Join
        * <- t.id Join, w.id Join
    "#]],
    );
    mysql(
        "INSERT INTO t (id, a) SELECT id, c FROM u AS s ON DUPLICATE KEY UPDATE a = VALUES(a) + s.a",
        &expect![[r#"
            u -> t
            t.id <- t.id join, u.id IDENTITY, u.id join
            t.a <- t.id join, u.a TRANSFORMATION, u.c IDENTITY, u.c TRANSFORMATION, u.id join
        "#]],
    );
    mysql(
        "LOAD DATA LOCAL INFILE 'x' INTO TABLE t FIELDS TERMINATED BY ',' (id, @v) SET a = @v",
        &expect![[r#"
            nothing -> t
        "#]],
    );
    sqlite(
        "INSERT INTO t (id, a) SELECT id, c FROM u WHERE true ON CONFLICT (id) DO UPDATE SET b = excluded.a || t.a ON CONFLICT DO NOTHING",
        &expect![[r#"
            u -> t
            t.id <- t.id join, u.id IDENTITY, u.id join
            t.a <- t.id join, u.c IDENTITY, u.id join
            t.b <- t.a TRANSFORMATION, t.id join, u.c TRANSFORMATION, u.id join
        "#]],
    );
    sqlite(
        "INSERT INTO t (id, a) SELECT 1, (SELECT max(c) FROM u) ON CONFLICT (id) DO NOTHING ON CONFLICT (a) DO UPDATE SET b = excluded.a",
        &expect![[r#"
            u -> t
            t.id <- t.a join, u.c join
            t.a <- t.a join, u.c AGGREGATION, u.c join
            t.b <- t.a join, u.c AGGREGATION, u.c join
        "#]],
    );
    postgres(
        "MERGE INTO t USING (SELECT id, sum(c) AS s FROM u GROUP BY id) AS q ON t.id = q.id WHEN MATCHED AND q.s > 10 THEN DELETE WHEN MATCHED THEN UPDATE SET (a, b) = (q.s, t.a) WHEN NOT MATCHED BY TARGET THEN INSERT (id, a) VALUES (q.id, q.s)",
        &expect![[r#"
            u -> t
            t.a <- t.id join, u.c AGGREGATION, u.c filter, u.id join, u.id groupby
            t.b <- t.a IDENTITY, t.id join, u.c filter, u.id join, u.id groupby
            t.id <- t.id join, u.c filter, u.id IDENTITY, u.id join, u.id groupby
        "#]],
    );
    postgres(
        "WITH added AS (INSERT INTO u (id, c) SELECT id, b FROM t RETURNING id, c AS z), changed AS (UPDATE w SET d = added.z FROM added WHERE w.id = added.id RETURNING w.d AS q) INSERT INTO t (a) SELECT q FROM changed",
        &expect![[r#"
            t, u, w -> u, w, t
            u.id <- t.id IDENTITY
            u.c <- t.b IDENTITY
            w.d <- u.c IDENTITY, u.id filter, w.id filter
            t.a <- u.id filter, w.d IDENTITY, w.id filter
        "#]],
    );
    sqlite(
        "CREATE TABLE s (x, y GENERATED ALWAYS AS (x * 2)) STRICT, WITHOUT ROWID",
        &expect![[r#"
        nothing -> s
        s.x <- 
        s.y <- s.x TRANSFORMATION
    "#]],
    );
}
