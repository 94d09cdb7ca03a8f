use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;

use super::*;

/// Runs a statement that SQLite refuses; the place that is found must be the one between the marks `«…»`.
fn check(setup: &str, marked: &str) {
    let start = marked.find('«').unwrap();
    let sql = marked.replace(['«', '»'], "");
    let end = marked.find('»').unwrap() - '«'.len_utf8();
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection.batch_execute(setup).unwrap();
    let mut run = |sql: &str| connection.batch_execute(sql).err().map(|error| error.to_string());
    let message = run(&sql).expect("a statement that SQLite refuses");
    let found = locate(&sql, &message, run);
    assert_eq!(found, Some(start..end), "{message}");
}

#[test]
fn syntax_errors() {
    check("", "SELECT 1 FRM «t»");
    check("", "SELECT «,» 1");
    check("", "SELECT (1, 2), (3,«)»");
    check("", "CREATE TABLE a (x, y,«,» z)");
    check("", "SELECT (1, 2,«,» 3)");
    check("", "SELECT («1»");
    check("", "SELECT 1 AS a, 2 AS 'b' FROM (SELECT 1) WERE «a» = 'WERE'");
    check("", "SELECT «$»");
}

#[test]
fn names() {
    check("", "SELECT * FROM «nowhere»");
    check("CREATE TABLE t (a)", "SELECT a, -- b\n 'b', t.«b» FROM t");
    check("CREATE TABLE t (a)", "INSERT INTO t (a, «\"b\"») VALUES (1, 2)");
    check("CREATE TABLE t (a)", "CREATE TABLE «t» (a)");
    check("CREATE TABLE t (a)", "ALTER TABLE t ADD COLUMN «a»");
    check("", "SELECT «nofunction»(1)");
    check("CREATE TABLE t (a)", "CREATE INDEX i ON t («b»)");
}

#[test]
fn a_message_without_a_place() {
    assert_eq!(locate("INSERT INTO t VALUES (1)", "UNIQUE constraint failed: t.a", |_| None), None);
    assert_eq!(locate("", "", |_| None), None);
}
