//! What becomes of tables as a whole, in events for OpenLineage.

use expect_test::expect;
use migration_lineage::openlineage::history_events;

use super::openlineage::{settings, shown};

/// What the migrations of a history are told to do, without the history's end.
fn told(url: &str, texts: &[&str]) -> String {
    let mut settings = settings(url);
    let text = |(at, text): (usize, &&str)| ((at + 1).to_string(), (*text).to_owned());
    settings.applied = texts.iter().enumerate().map(text).collect();
    let shown = shown(&history_events(&settings));
    let lines = shown.lines().take_while(|line| !line.starts_with("dataset"));
    lines.filter(|line| !line.starts_with("  sql")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_was_there_before_all_migrations() {
    expect![[r#"
        job shop.migrations.up.1
          > current RENAME of legacy
          > other ALTER
        job shop.migrations.up.2
          > newest RENAME of current
    "#]].assert_eq(&told(
        "sqlite:////srv/shop.db",
        &["ALTER TABLE legacy RENAME TO current; ALTER TABLE other ADD COLUMN z INT; ALTER TABLE current ADD COLUMN y INT", "ALTER TABLE current RENAME TO newest"],
    ));
    expect![[r#"
        job shop.migrations.up.1
          > shop.public.old DROP
          > shop.public.zap
    "#]].assert_eq(&told(
        "postgres://h/shop",
        &["ALTER VIEW IF EXISTS nope RENAME TO nope2; ALTER TABLE IF EXISTS zap ADD COLUMN x int; DROP TABLE IF EXISTS old"],
    ));
}

#[test]
fn names_that_are_swapped() {
    let tables = "CREATE TABLE a (x int); CREATE TABLE b (y int)";
    expect![[r#"
        job shop.migrations.up.1
          > shop.public.a (x) CREATE
          > shop.public.b (y) CREATE
        job shop.migrations.up.2
          > shop.public.a (y) RENAME of shop.public.b
          > shop.public.b (x) RENAME of shop.public.a
    "#]]
    .assert_eq(&told(
        "postgres://h/shop",
        &[tables, "ALTER TABLE a RENAME TO t; ALTER TABLE b RENAME TO a; ALTER TABLE t RENAME TO b"],
    ));
    expect![[r#"
        job shop.migrations.up.1
          > shop.a (x) CREATE
          > shop.b (y) CREATE
        job shop.migrations.up.2
          > shop.a (y) RENAME of shop.b
          > shop.b (x) RENAME of shop.a
    "#]]
    .assert_eq(&told("mysql://h/shop", &[tables, "RENAME TABLE a TO t, b TO a, t TO b"]));
    expect![[r#"
        job shop.migrations.up.1
          > shop.a (x) CREATE
          > shop.b (y) CREATE
        job shop.migrations.up.2
          > shop.a (x) ALTER
    "#]]
    .assert_eq(&told("mysql://h/shop", &[tables, "RENAME TABLE a TO t, t TO a"]));
}

#[test]
fn what_goes_with_something_else() {
    let made = "CREATE SCHEMA s CREATE TABLE o (id int); CREATE VIEW v AS SELECT id FROM s.o";
    expect![[r#"
        job shop.migrations.up.1
          < shop.s.o (id)
          > shop.public.v (id) CREATE
            id <- shop.s.o.id IDENTITY
          > shop.s.o (id) CREATE
        job shop.migrations.up.2
          > shop.s2.o (id) RENAME of shop.s.o
    "#]]
    .assert_eq(&told("postgres://h/shop", &[made, "ALTER SCHEMA s RENAME TO s2"]));
    expect![[r#"
        job shop.migrations.up.1
          < shop.s.o (id)
          > shop.public.v (id) CREATE
            id <- shop.s.o.id IDENTITY
          > shop.s.o (id) CREATE
        job shop.migrations.up.2
          > shop.public.v DROP
          > shop.s.o DROP
    "#]]
    .assert_eq(&told("postgres://h/shop", &[made, "DROP SCHEMA s CASCADE"]));
    expect![[r#"
        job shop.migrations.up.1
          < shop.s.o (id)
          > shop.public.v (id) CREATE
            id <- shop.s.o.id IDENTITY
          > shop.s.o (id) CREATE
        job shop.migrations.up.2
          > shop.public.v DROP
          > shop.s.o DROP
    "#]]
    .assert_eq(&told("postgres://h/shop", &[made, "DROP TABLE s.o CASCADE"]));
    expect![[r#"
        job shop.migrations.up.1
          < shop.s.o (id)
          > shop.public.v (id) CREATE
            id <- shop.s.o.id IDENTITY
          > shop.s.o (id) CREATE
        job shop.migrations.up.2
          > shop.public.v DROP
          > shop.s.o () ALTER
    "#]]
    .assert_eq(&told("postgres://h/shop", &[made, "ALTER TABLE s.o DROP COLUMN id CASCADE"]));
    expect![[r#"
        job shop.migrations.up.1
          > d1.t (a) CREATE
        job shop.migrations.up.2
          > d1.t DROP
    "#]]
    .assert_eq(&told("mysql://h/shop", &["CREATE TABLE d1.t (a int)", "DROP DATABASE d1"]));
}

#[test]
fn what_goes_with_the_session() {
    let texts = [
        "CREATE TABLE t (a int); CREATE TABLE u (b int)",
        "CREATE TEMP TABLE tt AS SELECT a FROM t; INSERT INTO u SELECT a FROM tt",
        "CREATE TEMP TABLE t AS SELECT b FROM u; DROP TABLE t; DROP TABLE tt; CREATE TABLE tt (x int)",
    ];
    expect![[r#"
        job shop.migrations.up.1
          > shop.public.t (a) CREATE
          > shop.public.u (b) CREATE
        job shop.migrations.up.2
          < shop.pg_temp.tt (a)
          < shop.public.t (a)
          > shop.pg_temp.tt (a)
            a <- shop.public.t.a IDENTITY
          > shop.public.u (b)
            b <- shop.pg_temp.tt.a IDENTITY
        job shop.migrations.up.3
          < shop.public.u (b)
          > shop.pg_temp.t
          > shop.pg_temp.tt
          > shop.public.tt (x) CREATE
    "#]]
    .assert_eq(&told("postgres://h/shop", &texts));
    expect![[r#"
        job shop.migrations.up.1
          > t (a) CREATE
          > u (b) CREATE
        job shop.migrations.up.2
          < t (a)
          < temp.tt (a)
          > temp.tt (a)
            a <- t.a IDENTITY
          > u (b)
            b <- temp.tt.a IDENTITY
        job shop.migrations.up.3
          < u (b)
          > temp.t
          > temp.tt
          > tt (x) CREATE
    "#]]
    .assert_eq(&told("sqlite:////srv/shop.db", &texts));
    expect![[r#"
        job shop.migrations.up.1
          > shop.tt
    "#]]
    .assert_eq(&told("mysql://h/shop", &["CREATE TEMPORARY TABLE tt (a int); DROP TABLE tt"]));
}
