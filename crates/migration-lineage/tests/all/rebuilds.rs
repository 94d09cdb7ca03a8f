//! Tables that are made anew under their old names, in all the ways in which people do that.

use expect_test::{Expect, expect};
use migration_lineage::{LineageGraph, NodeKey, NodeKind, Query};
use migration_syntax::Dialect;

use super::builder::show;

/// What a table, filled from another and read by a view, is before it is made anew.
const BEFORE: &str = "CREATE TABLE src (x int, y int);
    CREATE TABLE u (id int, a int);
    INSERT INTO u (id, a) SELECT y, x + 1 FROM src WHERE x > 0;
    CREATE VIEW v AS SELECT id, a FROM u WHERE a > 7;\n";

/// What the columns of the table and of the view come from in the end, and what becomes of `src.x`.
fn check(dialect: Dialect, rebuild: &str, expected: &Expect) {
    let history = LineageGraph::from_history(dialect, [("1", BEFORE), ("2", rebuild)]);
    assert!(history.unanalysed.is_empty(), "{:?}", history.unanalysed);
    let graph = &history.graph;
    let mut text = String::new();
    for (table, column) in [("u", "id"), ("u", "a"), ("v", "a"), ("src", "x")] {
        let dataset = graph.find(&NodeKey::new(NodeKind::Dataset, dialect.as_str(), table)).unwrap();
        let node = graph.find(&NodeKey::column(dataset, column)).unwrap();
        let direction = if table == "src" { Query::downstream() } else { Query::upstream() };
        let mut found: Vec<String> = graph
            .reach(&[node], &direction.as_of(graph.now()))
            .iter()
            .filter(|reached| graph.get(reached.node).kind == NodeKind::Column)
            .map(|reached| graph.path_of(reached.node))
            .collect();
        found.sort();
        let arrow = if table == "src" { "->" } else { "<-" };
        text.push_str(&format!("{table}.{column} {arrow} {}\n", found.join(", ")));
    }
    expected.assert_eq(&text);
}

#[test]
fn sqlite_copies_drops_and_renames() {
    let expected = expect![[r#"
        u.id <- src.x, src.y, u_new.id
        u.a <- src.x, u_new.a
        v.a <- src.x, u.a, u_new.a
        src.x -> u.a, u.id, v.a, v.id
    "#]];
    for pragma in ["", "PRAGMA legacy_alter_table = ON;"] {
        let rebuild = "CREATE TABLE u_new (id int, a int, b int);
            INSERT INTO u_new (id, a) SELECT id, a FROM u; DROP TABLE u; ALTER TABLE u_new RENAME TO u;";
        check(Dialect::Sqlite, &format!("{pragma}{rebuild}"), &expected);
    }
}

#[test]
fn the_old_one_is_renamed_first() {
    let rebuild = "ALTER TABLE u RENAME TO u_old; CREATE TABLE u (id int, a int);
        INSERT INTO u SELECT id, a FROM u_old; DROP TABLE u_old;";
    check(
        Dialect::Sqlite,
        &format!("PRAGMA legacy_alter_table(1); {rebuild}"),
        &expect![[r#"
        u.id <- src.x, src.y
        u.a <- src.x
        v.a <- src.x, u.a
        src.x -> u.a, u.id, v.a, v.id
    "#]],
    );
    check(
        Dialect::Mysql,
        rebuild,
        &expect![[r#"
        u.id <- src.x, src.y
        u.a <- src.x
        v.a <- src.x, u.a
        src.x -> u.a, u.id, v.a, v.id
    "#]],
    );
    // The view has followed the old one, and can't be read any more.
    check(
        Dialect::Sqlite,
        rebuild,
        &expect![[r#"
        u.id <- src.x, src.y
        u.a <- src.x
        v.a <- 
        src.x -> u.a, u.id
    "#]],
    );
}

#[test]
fn a_copy_is_put_in_its_place() {
    check(
        Dialect::Mysql,
        "CREATE TABLE u_new LIKE u; INSERT INTO u_new SELECT * FROM u; RENAME TABLE u TO u_old, u_new TO u; DROP TABLE u_old;",
        &expect![[r#"
            u.id <- src.x, src.y, u_new.id
            u.a <- src.x, u_new.a
            v.a <- src.x, u.a, u_new.a
            src.x -> u.a, u.id, v.a, v.id
        "#]],
    );
    check(
        Dialect::Sqlite,
        "CREATE TABLE b AS SELECT id, a FROM u; DROP TABLE u; CREATE TABLE u (id int, a int); INSERT INTO u SELECT id, a FROM b; DROP TABLE b;",
        &expect![[r#"
            u.id <- src.x, src.y
            u.a <- src.x
            v.a <- src.x, u.a
            src.x -> u.a, u.id, v.a, v.id
        "#]],
    );
    check(
        Dialect::Postgres,
        "DROP VIEW v; CREATE TABLE u_new AS SELECT id, a FROM u; DROP TABLE u; ALTER TABLE u_new RENAME TO u; CREATE VIEW v AS SELECT a FROM u",
        &expect![[r#"
            u.id <- src.x, src.y, u_new.id
            u.a <- src.x, u_new.a
            v.a <- src.x, u.a, u_new.a
            src.x -> u.a, u.id, v.a
        "#]],
    );
}

#[test]
fn a_column_is_copied_to_another() {
    check(
        Dialect::Mysql,
        "ALTER TABLE u ADD COLUMN b int; UPDATE u SET b = a; ALTER TABLE u DROP COLUMN a; ALTER TABLE u RENAME COLUMN b TO a",
        &expect![[r#"
            u.id <- src.x, src.y
            u.a <- src.x, u.b
            v.a <- src.x, u.a, u.b
            src.x -> u.a, u.id, v.a, v.id
        "#]],
    );
}

#[test]
fn what_is_joined() {
    let texts = [
        BEFORE,
        "CREATE TABLE w (n int); INSERT INTO w SELECT sum(a) FROM u; DROP VIEW v; DROP TABLE u;",
        "CREATE TABLE u (id int, a int);",
    ];
    expect![[r#"
        src.x -> u.id FILTER by 001:3, since 1 until 2
        src.y -> u.id IDENTITY by 001:3, since 1 until 2
        src.x -> u.a TRANSFORMATION by 001:3, since 1 until 2
        src.x -> u.a FILTER by 001:3, since 1 until 2
        src.x -> u FILTER by 001:3, since 1 until 2
        u.a -> v.id FILTER by 001:4, since 1 until 2
        u.id -> v.id IDENTITY by 001:4, since 1 until 2
        u.a -> v.a IDENTITY by 001:4, since 1 until 2
        u.a -> v.a FILTER by 001:4, since 1 until 2
        u.a -> v FILTER by 001:4, since 1 until 2
        u.a -> w.n AGGREGATION by 002:2, since 2 until 2
        src.x -> w.n AGGREGATION by 001:3, since 2
        src.x -> w.n FILTER by 001:3, since 2
        src.x -> w FILTER by 001:3, since 2
    "#]]
    .assert_eq(&show(Dialect::Sqlite, &texts));
    let texts = [
        BEFORE,
        "DROP TABLE u",
        "CREATE OR REPLACE VIEW v AS SELECT y AS a FROM src",
        "CREATE TABLE u (id int, a int)",
    ];
    expect![[r#"
        src.x -> u.id FILTER by 001:3, since 1 until 2
        src.y -> u.id IDENTITY by 001:3, since 1 until 2
        src.x -> u.a TRANSFORMATION by 001:3, since 1 until 2
        src.x -> u.a FILTER by 001:3, since 1 until 2
        src.x -> u FILTER by 001:3, since 1 until 2
        u.a -> v.id FILTER by 001:4, since 1 until 2
        u.id -> v.id IDENTITY by 001:4, since 1 until 2
        u.a -> v.a IDENTITY by 001:4, since 1 until 2
        u.a -> v.a FILTER by 001:4, since 1 until 2
        u.a -> v FILTER by 001:4, since 1 until 2
        src.y -> v.a IDENTITY by 003:1, since 3
    "#]]
    .assert_eq(&show(Dialect::Mysql, &texts));
}

#[test]
fn views_are_told_what_they_are() {
    let texts = [
        "CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t",
        "CREATE VIEW IF NOT EXISTS v AS SELECT b FROM t",
    ];
    expect![[r#"
        t.a -> v.a IDENTITY by 001:2, since 1
    "#]]
    .assert_eq(&show(Dialect::Sqlite, &texts));
    let texts = [
        "CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t",
        "ALTER TABLE t DROP COLUMN a CASCADE",
    ];
    expect![[r#"
        t.a -> v.a IDENTITY by 001:2, since 1 until 2
    "#]]
    .assert_eq(&show(Dialect::Postgres, &texts));
    let texts = [
        "CREATE SCHEMA s; CREATE TABLE s.t (a int); CREATE VIEW v AS SELECT a FROM s.t",
        "ALTER SCHEMA s RENAME TO s2",
        "DROP SCHEMA s2 CASCADE",
    ];
    expect![[r#"
        s.t.a -> v.a IDENTITY by 001:3, since 1 until 2
        s2.t.a -> v.a IDENTITY by 001:3, since 2 until 3
        s.t -> s2.t RENAME by 002:1, since 2 until 3
        s.t.a -> s2.t.a RENAME by 002:1, since 2 until 3
    "#]]
    .assert_eq(&show(Dialect::Postgres, &texts));
}

#[test]
fn views_that_name_a_column_that_comes_again() {
    let texts = [
        "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM t",
        "ALTER TABLE t RENAME COLUMN a TO b",
        "CREATE OR REPLACE VIEW w AS SELECT b AS a FROM t",
        "ALTER TABLE t ADD COLUMN a int",
    ];
    expect![[r#"
        t.a -> v.a IDENTITY by 001:2, since 1 until 2
        t.a -> w.a IDENTITY by 001:3, since 1 until 2
        t.a -> t.b RENAME by 002:1, since 2
        t.b -> w.a IDENTITY by 003:1, since 3
        t.a -> v.a IDENTITY by 001:2, since 4
    "#]]
    .assert_eq(&show(Dialect::Mysql, &texts));
}

#[test]
fn temporary_tables_are_others() {
    let texts = [
        "CREATE TABLE t (a int); CREATE TABLE u (b int);",
        "CREATE TEMP TABLE t AS SELECT b AS c FROM u; INSERT INTO public.t SELECT c FROM t; DROP TABLE t;",
        "INSERT INTO u SELECT a FROM t;",
    ];
    expect![[r#"
        u.b -> pg_temp.t.c IDENTITY by 002:1, since 2 until 2
        pg_temp.t.c -> t.a IDENTITY by 002:2, since 2 until 2
        u.b -> t.a IDENTITY by 002:1, since 2
        t.a -> u.b IDENTITY by 003:1, since 3
    "#]]
    .assert_eq(&show(Dialect::Postgres, &texts));
}
