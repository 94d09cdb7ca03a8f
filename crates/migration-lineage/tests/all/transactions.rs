//! Transactions that are rolled back: the statements ran, and what they made is not there.

use expect_test::{Expect, expect};
use migration_lineage::{Analyzer, LineageGraph};
use migration_syntax::Dialect;

/// What there is after a text, however it is handed over.
fn there(dialect: Dialect, text: &str) -> String {
    let show = |analyzer: &Analyzer| {
        let names = analyzer.catalogue().relations().map(|relation| {
            let columns: Vec<_> = relation.columns.iter().map(|column| column.name.to_string()).collect();
            format!("{}({})", relation.name, columns.join(","))
        });
        names.collect::<Vec<_>>().join(" ")
    };
    let mut whole = Analyzer::new(dialect);
    let lineage = whole.analyze(text).unwrap();
    let mut lossy = Analyzer::new(dialect);
    assert_eq!(lossy.analyze_lossy(text), lineage);
    let mut one_by_one = Analyzer::new(dialect);
    let mut apart = Analyzer::new(dialect);
    for statement in migration_syntax::split(text, dialect).unwrap() {
        _ = one_by_one.statement(&statement);
        _ = apart.analyze(statement.text).unwrap();
    }
    let history = LineageGraph::from_history(dialect, [("1", text)]);
    let names =
        |catalogue: &migration_lineage::Catalogue| format!("{:?}", catalogue.relations().collect::<Vec<_>>());
    assert_eq!(names(&history.catalogue), names(whole.catalogue()));
    let all = [&whole, &lossy, &one_by_one, &apart].map(show);
    assert!(all.iter().all(|other| *other == all[0]), "{all:#?}");
    all[0].clone()
}

fn check(dialects: &[Dialect], text: &str, expected: &Expect) {
    for dialect in dialects {
        expected.assert_eq(&there(*dialect, text));
    }
}

const BOTH: &[Dialect] = &[Dialect::Postgres, Dialect::Sqlite];

#[test]
fn what_is_rolled_back_is_not_there() {
    let check = |text: &str, expected: Expect| {
        let schema = "CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT b FROM t;";
        check(BOTH, &format!("{schema}{text}"), &expected);
    };
    check("BEGIN; DROP VIEW v; ROLLBACK", expect!["t(a,b) v(b)"]);
    check("BEGIN; DROP VIEW v; COMMIT; ROLLBACK", expect!["t(a,b)"]);
    check("BEGIN; DROP VIEW v; END TRANSACTION", expect!["t(a,b)"]);
    check(
        "BEGIN; DROP VIEW v; DROP TABLE t; ROLLBACK TRANSACTION; CREATE TABLE u (c int)",
        expect!["t(a,b) u(c) v(b)"],
    );
    check(
        "BEGIN; CREATE TABLE u (c int); ROLLBACK; BEGIN; CREATE TABLE w (d int); COMMIT",
        expect!["t(a,b) v(b) w(d)"],
    );
    check(
        "BEGIN; ALTER TABLE t RENAME TO t2; ROLLBACK; BEGIN; ALTER TABLE t ADD COLUMN c int; ROLLBACK",
        expect!["t(a,b) v(b)"],
    );
    // Nothing was begun, or not by this text.
    check("DROP VIEW v; ROLLBACK", expect!["t(a,b)"]);
    check("BEGIN; DROP VIEW v", expect!["t(a,b)"]);
}

#[test]
fn savepoints() {
    let check = |text: &str, expected: Expect| check(BOTH, text, &expected);
    let begin = "CREATE TABLE t (a int); BEGIN; CREATE TABLE u (b int); SAVEPOINT s; DROP TABLE t;";
    check(&format!("{begin} ROLLBACK TO s; COMMIT"), expect!["t(a) u(b)"]);
    check(&format!("{begin} ROLLBACK TO SAVEPOINT S; DROP TABLE u; ROLLBACK TO s"), expect!["t(a) u(b)"]);
    check(&format!("{begin} ROLLBACK TO s; ROLLBACK"), expect!["t(a)"]);
    check(&format!("{begin} RELEASE s; COMMIT"), expect!["u(b)"]);
    check(&format!("{begin} RELEASE SAVEPOINT s; ROLLBACK"), expect!["t(a)"]);
    check(
        &format!("{begin} SAVEPOINT s; DROP TABLE u; RELEASE s; ROLLBACK TO s; COMMIT"),
        expect!["t(a) u(b)"],
    );
    check(
        &format!("{begin} SAVEPOINT q; DROP TABLE u; ROLLBACK TO nope; ROLLBACK TO \"q\""),
        expect!["u(b)"],
    );
    // SQLite's begin a transaction; elsewhere something else has begun it.
    check("SAVEPOINT s; CREATE TABLE t (a int); ROLLBACK", expect![""]);
}

#[test]
fn by_engine() {
    let postgres = |text: &str, expected: Expect| check(&[Dialect::Postgres], text, &expected);
    postgres("BEGIN; CREATE TABLE t (a int); ROLLBACK AND CHAIN; CREATE TABLE u (b int); ABORT", expect![""]);
    postgres(
        "BEGIN; CREATE TABLE t (a int); COMMIT AND CHAIN; CREATE TABLE u (b int); ROLLBACK AND NO CHAIN; CREATE TABLE w (c int); ROLLBACK",
        expect!["t(a) w(c)"],
    );
    postgres("START TRANSACTION; SET search_path = s; ROLLBACK; CREATE TABLE t (a int)", expect!["t(a)"]);
    postgres("BEGIN; CREATE TABLE t (a int); PREPARE TRANSACTION 'x'; ROLLBACK", expect!["t(a)"]);
    // A temporary table hides the other no longer.
    check(
        BOTH,
        "CREATE TABLE t (a int); BEGIN; CREATE TEMPORARY TABLE t (z int); ROLLBACK; CREATE TABLE u AS SELECT * FROM t",
        &expect!["t(a) u(a)"],
    );
    // Each change of the schema commits.
    check(&[Dialect::Mysql], "CREATE TABLE t (a int); BEGIN; DROP TABLE t; ROLLBACK", &expect![""]);
}

#[test]
fn the_graph_has_nothing_of_it() {
    let text = "CREATE TABLE a (x int); CREATE TABLE b (x int);
        BEGIN; INSERT INTO b SELECT x FROM a; CREATE TABLE c AS SELECT x FROM a; ROLLBACK;";
    let of = |text: &str| {
        let graph = LineageGraph::from_history(Dialect::Sqlite, [("1", text)]).graph;
        let nodes: Vec<_> = graph.nodes().map(|(id, _)| graph.path_of(id)).collect();
        format!("{} edges {}", nodes.join(" "), graph.edges().count())
    };
    expect!["1:1 a a.x 1:2 b b.x edges 2"].assert_eq(&of(text));
    let kept = text.replace("ROLLBACK", "COMMIT");
    expect!["1:1 a a.x 1:2 b b.x 1:4 1:5 c c.x edges 8"].assert_eq(&of(&kept));
}
