//! Graphs of whole histories.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use migration_lineage::{LineageGraph, NodeKind};
use migration_syntax::Dialect;

/// A line for every edge between datasets or columns, with the time of both; texts are `001`, `002` and so on.
pub(crate) fn show(dialect: Dialect, texts: &[&str]) -> String {
    let ids: Vec<String> = (1..=texts.len()).map(|number| format!("{number:03}")).collect();
    let history = LineageGraph::from_history(dialect, ids.iter().zip(texts));
    let graph = &history.graph;
    let mut text = String::new();
    for (_, edge) in graph.edges() {
        let ends = [edge.from, edge.to];
        if ends.iter().any(|node| graph.get(*node).kind == NodeKind::Transformation) {
            continue;
        }
        let (from, to) = (graph.path_of(edge.from), graph.path_of(edge.to));
        let via = edge.via.map(|via| graph.get(via).name.to_string()).unwrap_or_default();
        let since = edge.lifetime.since().migrations();
        let _ = write!(text, "{from} -> {to} {} by {via}, since {since}", edge.kind);
        if let Some(until) = edge.lifetime.until() {
            let _ = write!(text, " until {}", until.migrations());
        }
        text.push('\n');
    }
    for part in &history.unanalysed {
        let _ = writeln!(text, "? {} line {}: {}", part.migration, part.line, part.reason);
    }
    text
}

fn check(dialect: Dialect, texts: &[&str], expect: Expect) {
    expect.assert_eq(&show(dialect, texts));
}

#[test]
fn a_renamed_table_takes_its_view_along() {
    check(
        Dialect::Postgres,
        &[
            "CREATE TABLE people (id int PRIMARY KEY, name text);
             CREATE VIEW names AS SELECT upper(name) AS n FROM people;",
            "ALTER TABLE people RENAME TO users;",
            "ALTER TABLE users RENAME COLUMN name TO full_name;",
        ],
        expect![[r#"
            people.name -> names.n TRANSFORMATION by 001:2, since 1 until 2
            users.name -> names.n TRANSFORMATION by 001:2, since 2 until 3
            people -> users RENAME by 002:1, since 2
            people.id -> users.id RENAME by 002:1, since 2
            people.name -> users.name RENAME by 002:1, since 2 until 3
            users.full_name -> names.n TRANSFORMATION by 001:2, since 3
            users.name -> users.full_name RENAME by 003:1, since 3
        "#]],
    );
}

#[test]
fn foreign_keys_come_and_go() {
    check(
        Dialect::Postgres,
        &[
            "CREATE TABLE a (id int PRIMARY KEY);
             CREATE TABLE b (id int, a_id int CONSTRAINT to_a REFERENCES a (id));",
            "ALTER TABLE b DROP CONSTRAINT to_a;",
        ],
        expect![[r#"
            a -> b REFERENCE by 001:2, since 1 until 2
            a.id -> b.a_id REFERENCE by 001:2, since 1 until 2
        "#]],
    );
}

#[test]
fn sqlite_s_way_to_change_a_table() {
    check(
        Dialect::Sqlite,
        &[
            "CREATE TABLE t (id INTEGER, old TEXT);",
            "CREATE TABLE t_new (id INTEGER, new TEXT);
             INSERT INTO t_new (id, new) SELECT id, trim(old) FROM t;
             DROP TABLE t;
             ALTER TABLE t_new RENAME TO t;",
        ],
        expect![[r#"
            t.id -> t_new.id IDENTITY by 002:2, since 2 until 2
            t.old -> t_new.new TRANSFORMATION by 002:2, since 2 until 2
            t_new -> t RENAME by 002:4, since 2
            t_new.id -> t.id RENAME by 002:4, since 2
            t_new.new -> t.new RENAME by 002:4, since 2
        "#]],
    );
}

#[test]
fn names_are_swapped() {
    check(
        Dialect::Mysql,
        &[
            "CREATE TABLE a (x int); CREATE TABLE b (y int);",
            "RENAME TABLE a TO tmp, b TO a, tmp TO b;",
            "CREATE TABLE c AS SELECT x FROM b;",
        ],
        expect![[r#"
            a -> tmp RENAME by 002:1, since 2 until 2
            a.x -> tmp.x RENAME by 002:1, since 2 until 2
            b -> a RENAME by 002:1, since 2
            b.y -> a.y RENAME by 002:1, since 2
            tmp -> b RENAME by 002:1, since 2
            tmp.x -> b.x RENAME by 002:1, since 2
            b.x -> c.x IDENTITY by 003:1, since 3
        "#]],
    );
}

#[test]
fn a_view_that_is_replaced_forgets_what_it_read() {
    check(
        Dialect::Postgres,
        &[
            "CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE VIEW v AS SELECT x FROM a;",
            "CREATE OR REPLACE VIEW v AS SELECT x FROM b;",
            "DROP TABLE b CASCADE;",
        ],
        expect![[r#"
            a.x -> v.x IDENTITY by 001:3, since 1 until 2
            b.x -> v.x IDENTITY by 002:1, since 2 until 3
        "#]],
    );
}

#[test]
fn what_is_not_understood_is_listed() {
    let history = LineageGraph::from_history(
        Dialect::Postgres,
        [("1", "CREATE TABLE t (a int);"), ("2", "SELECT 1;\n\nFROB t;"), ("3", "SELECT 'open")],
    );
    let found: Vec<_> =
        history.unanalysed.iter().map(|part| (part.migration.as_str(), part.line, part.start)).collect();
    assert_eq!(found, [("2", 3, 11), ("3", 1, 0)]);
    assert_eq!((history.coverage.statements, history.coverage.analysed), (4, 2));
}

#[test]
fn a_statement_knows_where_it_stands() {
    let history = LineageGraph::from_history(
        Dialect::Sqlite,
        [("one", "CREATE TABLE t (a INT);\n\nCREATE VIEW v AS SELECT a FROM t;")],
    );
    let (_, edge) = history.graph.edges().find(|(_, edge)| edge.via.is_some()).unwrap();
    let via = history.graph.get(edge.via.unwrap());
    let properties: Vec<_> = via.properties.iter().collect();
    expect![[r#"
        [
            (
                "kind",
                "create_view",
            ),
            (
                "line",
                "3",
            ),
            (
                "migration",
                "one",
            ),
            (
                "number",
                "2",
            ),
            (
                "sql",
                "CREATE VIEW v AS SELECT a FROM t",
            ),
        ]
    "#]]
    .assert_debug_eq(&properties);
}

#[test]
fn the_text_of_a_statement_holds_no_password() {
    let text = "CREATE TABLE t (a int);
        CREATE VIEW v AS SELECT a, dblink('host=h password=hunter2', 'SELECT 1') AS b FROM t;
        UPDATE t SET password = 'hunter2';";
    let history = LineageGraph::from_history(Dialect::Postgres, [("1", text)]);
    let texts: Vec<_> = history.graph.nodes().filter_map(|(_, node)| node.properties.get("sql")).collect();
    assert_eq!(texts.len(), 3);
    assert!(texts.iter().all(|text| !text.contains("hunter2")), "{texts:?}");
    assert_eq!(texts[2], "UPDATE t SET password = '***'");
}
