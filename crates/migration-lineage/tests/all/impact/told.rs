//! How impacts are told: by which names, and each thing once.

use expect_test::expect;
use migration_lineage::Analyzer;
use migration_syntax::Dialect;

use super::check_all;

#[test]
fn a_swap_of_names_is_told_by_the_names_before_it() {
    let mut analyzer = Analyzer::new(Dialect::Mysql);
    let schema = "CREATE TABLE a (x int); CREATE TABLE b (y int); CREATE TABLE log (z int);
        CREATE VIEW reads AS SELECT x FROM a;
        CREATE TRIGGER of_a BEFORE INSERT ON a FOR EACH ROW INSERT INTO log SELECT x FROM a;";
    _ = analyzer.analyze(schema).unwrap();
    let impacts =
        analyzer.catalogue().impact("RENAME TABLE a TO tmp, b TO a, log TO gone, tmp TO b").unwrap();
    let broken = impacts.iter().flat_map(|impact| &impact.broken);
    let text: Vec<_> = broken
        .map(|dependent| format!("{:?} {} {:?}", dependent.kind, dependent.name, dependent.table))
        .collect();
    expect![[r#"
        View reads None
        Trigger of_a Some("a")
        Trigger of_a Some("a")"#]]
    .assert_eq(&text.join("\n"));
}

#[test]
fn what_fails_is_not_said_to_have_other_columns() {
    let schema = "CREATE TABLE a (x int, y int); CREATE VIEW v AS SELECT * FROM a; CREATE VIEW w AS SELECT x, v.* FROM v;
        CREATE VIEW u AS SELECT z FROM (SELECT * FROM a) q JOIN (SELECT 1 AS z) r;";
    check_all(
        Dialect::Sqlite,
        schema,
        &[
            "ALTER TABLE a ADD COLUMN z int",
            "ALTER TABLE a DROP COLUMN y",
            "ALTER TABLE a RENAME COLUMN x TO k",
        ],
        &expect![[r#"
            ALTER TABLE a ADD COLUMN z int
                broken: view u
                reshaped: view v, view w
            ALTER TABLE a DROP COLUMN y
                reshaped: view v, view w
            ALTER TABLE a RENAME COLUMN x TO k
                refused by: view w
        "#]],
    );
    check_all(
        Dialect::Mysql,
        schema,
        &[
            "ALTER TABLE a DROP COLUMN x",
            "ALTER TABLE a RENAME COLUMN y TO k",
            "ALTER TABLE a CHANGE y k text",
        ],
        &expect![[r#"
            ALTER TABLE a DROP COLUMN x
                broken: view u, view v, view w
            ALTER TABLE a RENAME COLUMN y TO k
                broken: view u, view v, view w
            ALTER TABLE a CHANGE y k text
                broken: view u, view v, view w
                nothing
        "#]],
    );
}

#[test]
fn a_materialized_view_goes_with_its_indexes() {
    let schema = "CREATE TABLE t (a int, b int); CREATE MATERIALIZED VIEW m AS SELECT a FROM t; CREATE INDEX by_a ON m (a);
        CREATE VIEW v AS SELECT a FROM m;";
    check_all(
        Dialect::Postgres,
        schema,
        &["DROP TABLE t CASCADE", "ALTER TABLE t DROP COLUMN a CASCADE", "DROP TABLE t"],
        &expect![[r#"
            DROP TABLE t CASCADE
                vanished: view m, view v, index by_a
            ALTER TABLE t DROP COLUMN a CASCADE
                vanished: view m, view v, index by_a
            DROP TABLE t
                refused by: view m, view v
        "#]],
    );
}

#[test]
fn indexes_have_names_like_tables() {
    let schema = "CREATE TABLE t (a int PRIMARY KEY, b int); CREATE INDEX i ON t (a); CREATE INDEX j ON t (b);
        CREATE TABLE s.u (c int); CREATE INDEX k ON s.u (c); CREATE INDEX n ON t (b); ALTER TABLE n RENAME TO n2; ALTER INDEX n2 RENAME TO n3;";
    check_all(
        Dialect::Postgres,
        schema,
        &[
            "ALTER TABLE i RENAME TO i2",
            "ALTER TABLE i RENAME TO j",
            "ALTER TABLE i RENAME TO t",
            "ALTER VIEW i RENAME TO i2",
            "ALTER TABLE i ADD COLUMN c int",
            "DROP TABLE i",
            "DROP VIEW IF EXISTS i",
            "DROP INDEX i",
            "DROP TABLE s.k",
            "DROP TABLE s.i",
            "ALTER TABLE t RENAME TO n",
            "ALTER TABLE t RENAME TO n3",
        ],
        &expect![[r#"
            ALTER TABLE i RENAME TO i2
                nothing
            ALTER TABLE i RENAME TO j
                refused: the name j is taken by an index
            ALTER TABLE i RENAME TO t
                refused: the name t is taken
            ALTER VIEW i RENAME TO i2
                refused: i is an index
            ALTER TABLE i ADD COLUMN c int
                refused: i is an index
            DROP TABLE i
                refused: i is an index
            DROP VIEW IF EXISTS i
                refused: i is an index
            DROP INDEX i
                nothing
            DROP TABLE s.k
                refused: s.k is an index
            DROP TABLE s.i
                unknown: s.i
            ALTER TABLE t RENAME TO n
                nothing
            ALTER TABLE t RENAME TO n3
                refused: the name n3 is taken by an index
        "#]],
    );
}
