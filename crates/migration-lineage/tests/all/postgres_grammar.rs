//! What is understood with that grammar alone.

use expect_test::expect;

use crate::constructs::postgres;

#[test]
fn changes() {
    postgres(
        "INSERT INTO t (id, a) SELECT id, c FROM u ON CONFLICT (abs(a), id) WHERE b > 0 DO UPDATE SET b = excluded.a",
        &expect![[r#"
            u -> t
            t.id <- t.a join, t.id join, u.c join, u.id IDENTITY, u.id join
            t.a <- t.a join, t.id join, u.c IDENTITY, u.c join, u.id join
            t.b <- t.a join, t.id join, u.c IDENTITY, u.c join, u.id join
        "#]],
    );
    postgres(
        "UPDATE t AS x SET a[x.b] = u.c FROM u WHERE u.id = x.id",
        &expect![[r#"
        u -> t
        t.a <- t.a TRANSFORMATION, t.b TRANSFORMATION, t.id filter, u.c TRANSFORMATION, u.id filter
    "#]],
    );
    postgres(
        "MERGE INTO t USING u ON t.id = u.id
         WHEN NOT MATCHED BY SOURCE AND t.a > 0 THEN DELETE
         WHEN NOT MATCHED BY TARGET THEN INSERT (id, a) VALUES (u.id, u.c) RETURNING merge_action(), t.a",
        &expect![[r#"
            u -> t
            t.id <- t.a filter, t.id join, u.id IDENTITY, u.id join
            t.a <- t.a filter, t.id join, u.c IDENTITY, u.id join
            merge_action <- t.a filter, t.id join, u.id join
            a <- t.a IDENTITY, t.a filter, t.id join, u.id join
        "#]],
    );
}

#[test]
fn tables_of_functions() {
    postgres(
        "SELECT n, s FROM t, ROWS FROM (generate_series(1, t.a), unnest(ARRAY[t.b])) AS r (n, s)",
        &expect![[r#"
            t -> nothing
            n <- t.a TRANSFORMATION
            s <- t.b TRANSFORMATION
        "#]],
    );
    postgres(
        "SELECT * FROM t, ROWS FROM (generate_series(1, t.a), jsonb_each(t.b)), ROWS FROM (unnest(t.a)) AS x",
        &expect![[r#"
            t -> nothing
            id <- t.id IDENTITY
            a <- t.a IDENTITY
            b <- t.b IDENTITY
            generate_series <- t.a TRANSFORMATION
            key <- t.b TRANSFORMATION
            value <- t.b TRANSFORMATION
            x <- t.a TRANSFORMATION
        "#]],
    );
    postgres(
        "SELECT r.k FROM t, XMLTABLE('/a' PASSING t.a COLUMNS k int PATH 'k', n FOR ORDINALITY) AS r",
        &expect![[r#"
            t -> nothing
            k <- t.a TRANSFORMATION
        "#]],
    );
    postgres(
        "SELECT r.k, r.m FROM t, JSON_TABLE(t.a, '$[*]' PASSING t.b AS x COLUMNS (k int PATH '$.k', NESTED PATH '$.l' COLUMNS (m text))) AS r",
        &expect![[r#"
            t -> nothing
            k <- t.a TRANSFORMATION, t.b TRANSFORMATION
            m <- t.a TRANSFORMATION, t.b TRANSFORMATION
        "#]],
    );
}

#[test]
fn expressions() {
    postgres(
        "CREATE VIEW v AS SELECT a BETWEEN SYMMETRIC b AND 3, xmlforest(a AS x), JSON_VALUE(a, '$' PASSING b AS n),
         JSON_ARRAYAGG(a ORDER BY b), sum(a) OVER (ORDER BY b GROUPS UNBOUNDED PRECEDING EXCLUDE TIES) FROM t GROUP BY a, b",
        &expect![[r#"
            t -> v
            v.?column? <- t.a TRANSFORMATION, t.a groupby, t.b TRANSFORMATION, t.b groupby
            v.xmlforest <- t.a TRANSFORMATION, t.a groupby, t.b groupby
            v.json_value <- t.a TRANSFORMATION, t.a groupby, t.b TRANSFORMATION, t.b groupby
            v.json_arrayagg <- t.a AGGREGATION, t.a groupby, t.b groupby, t.b sort
            v.sum <- t.a AGGREGATION, t.a groupby, t.b groupby, t.b window
        "#]],
    );
}

#[test]
fn definitions() {
    postgres(
        "CREATE RECURSIVE VIEW r (n) AS SELECT id FROM t UNION ALL SELECT n + t.a FROM r, t WHERE n < 9",
        &expect![[r#"
            t -> r
            r.n <- t.a TRANSFORMATION, t.a filter, t.id IDENTITY, t.id TRANSFORMATION, t.id filter
        "#]],
    );
    postgres(
        "CREATE TABLE n (LIKE t INCLUDING ALL, d int)",
        &expect![[r#"
        t -> n
        n.id <- 
        n.a <- 
        n.b <- 
        n.d <- 
    "#]],
    );
}

#[test]
fn an_error_says_where() {
    postgres(
        "SELECT a\nFROM t GROUP a",
        &expect![[r#"
        nothing -> nothing
        ? not understood: syntax error at or near "a" at Line: 2, Column: 14
    "#]],
    );
}
