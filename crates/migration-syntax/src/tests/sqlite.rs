//! SQLite.

use expect_test::expect;

use super::{check, check_names, check_tokens, check_whole};
use crate::Dialect::Sqlite;
use crate::is_complete;

#[test]
fn spans_leave_out_what_is_around_a_statement() {
    check(
        Sqlite,
        "\u{feff}-- head; \n;; SELECT 1 -- in\n , 2 /* after */ ; /* é */\r\n DROP TABLE t",
        expect![[r#"
            2 16..35 select: "SELECT 1 -- in\n , 2"
            4 61..73 drop_table: "DROP TABLE t"
        "#]],
    );
    check(
        Sqlite,
        " -- nothing\n ; /* at */ ; all",
        expect![[r#"
        2 26..29 other: "all"
    "#]],
    );
}

#[test]
fn quotes() {
    check(
        Sqlite,
        r#"SELECT 'it''s;', "a"";", `b``;`, [c;"], x'00', 'back\'; SELECT 2"#,
        expect![[r#"
        1 0..54 select: "SELECT 'it''s;', \"a\"\";\", `b``;`, [c;\"], x'00', 'back\\'"
        1 56..64 select: "SELECT 2"
    "#]],
    );
    check_names(Sqlite, r#""a""b" [c"] `d``` 'e''f' g"#, &["a\"b", "c\"", "d`", "e'f", "g"]);
}

#[test]
fn tokens_as_the_engine_sees_them() {
    check_tokens(
        Sqlite,
        "SELECT ?1, :a, @b, $c::d(;), #e, é$1, 1.5e-3, 0x1F, .5, t.a->>'$.x'--end",
        expect![[r#"
            Word SELECT
            Parameter ?1
            Punctuation ,
            Parameter :a
            Punctuation ,
            Parameter @b
            Punctuation ,
            Parameter $c::d(;)
            Punctuation ,
            Parameter #e
            Punctuation ,
            Word é$1
            Punctuation ,
            Number 1.5e-3
            Punctuation ,
            Number 0x1F
            Punctuation ,
            Number .5
            Punctuation ,
            Word t
            Punctuation .
            Word a
            Punctuation -
            Punctuation >
            Punctuation >
            String '$.x'
            Comment --end
        "#]],
    );
}

#[test]
fn trigger_bodies() {
    check_whole(
        Sqlite,
        &[
            "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END",
            "create temp trigger if not exists a after insert on t begin update t set a = case when 1 then 2 end; end",
            "CREATE/**/TEMPORARY--x\nTRIGGER a DELETE ON t BEGIN SELECT ';'; /* END; */ DELETE FROM t; END",
            "EXPLAIN CREATE TRIGGER a UPDATE ON t BEGIN SELECT 1; END",
            "EXPLAIN QUERY PLAN CREATE TRIGGER a UPDATE ON t BEGIN SELECT 1; END",
            "CREATE TRIGGER end AFTER DELETE ON end BEGIN SELECT a AS begin, b FROM end; END",
            "CREATE TRIGGER begin UPDATE OF a ON begin WHEN 1 BEGIN SELECT 1; SELECT end FROM t; END",
            "CREATE TRIGGER [;end;] DELETE ON t BEGIN UPDATE t SET a=[;end;]; END",
        ],
    );
}

#[test]
fn a_name_is_no_trigger() {
    check(
        Sqlite,
        "CREATE TABLE trigger (a); CREATE TRIGGERX y BEGIN; BOGUS CREATE TRIGGER a BEGIN; x",
        expect![[r#"
            1 0..24 create_table: "CREATE TABLE trigger (a)"
            1 26..49 create: "CREATE TRIGGERX y BEGIN"
            1 51..79 other: "BOGUS CREATE TRIGGER a BEGIN"
            1 81..82 other: "x"
        "#]],
    );
    check(
        Sqlite,
        "CREATE TRIGGER without_body; SELECT 1",
        expect![[r#"
        1 0..27 create_trigger: "CREATE TRIGGER without_body"
        1 29..37 select: "SELECT 1"
    "#]],
    );
}

#[test]
fn a_body_may_end_with_the_text() {
    check(
        Sqlite,
        "CREATE TRIGGER a INSERT ON t BEGIN SELECT 1; END",
        expect![[r#"
        1 0..48 create_trigger: "CREATE TRIGGER a INSERT ON t BEGIN SELECT 1; END"
    "#]],
    );
}

#[test]
fn what_never_ends() {
    check(
        Sqlite,
        "SELECT 1;\n SELECT 'é', 'a",
        expect![[r#"
        error: unterminated string at line 2, column 14
    "#]],
    );
    check(
        Sqlite,
        "SELECT \"a",
        expect![[r#"
        error: unterminated quoted identifier at line 1, column 8
    "#]],
    );
    check(
        Sqlite,
        "SELECT [a",
        expect![[r#"
        error: unterminated quoted identifier at line 1, column 8
    "#]],
    );
    check(
        Sqlite,
        "\u{feff}SELECT `a",
        expect![[r#"
        error: unterminated quoted identifier at line 1, column 8
    "#]],
    );
    check(
        Sqlite,
        "SELECT 1; CREATE TRIGGER a INSERT ON t BEGIN SELECT 1; SELECT 2",
        expect![[r#"
        error: statement whose body never reaches its END at line 1, column 11
    "#]],
    );
    check(
        Sqlite,
        "SELECT 1; SELECT\0 2",
        expect![[r#"
        error: NUL byte at line 1, column 17
    "#]],
    );
    check(
        Sqlite,
        "SELECT 1 -- \0",
        expect![[r#"
        error: NUL byte at line 1, column 13
    "#]],
    );
}

#[test]
fn a_comment_may_end_with_the_text() {
    check(
        Sqlite,
        "SELECT 1 /* open ; ",
        expect![[r#"
        1 0..8 select: "SELECT 1"
    "#]],
    );
    check(
        Sqlite,
        "SELECT 1; /*/",
        expect![[r#"
        1 0..8 select: "SELECT 1"
    "#]],
    );
    check(
        Sqlite,
        "SELECT 1; /*",
        expect![[r#"
        error: unterminated comment at line 1, column 11
    "#]],
    );
}

#[test]
fn complete_as_sqlite_has_it() {
    let is = |text| is_complete(text, Sqlite);
    assert!(is("SELECT 1;") && is(";") && is("SELECT 1; -- x") && is("SELECT 1; /* x */ "));
    assert!(!is("") && !is(" -- ;") && !is("SELECT 1") && !is("SELECT ';") && !is("SELECT 1; /* x"));
    assert!(!is("CREATE TRIGGER a;") && !is("EXPLAIN x CREATE TEMP TRIGGER a BEGIN b; end"));
    assert!(is("EXPLAIN x CREATE TEMP TRIGGER a BEGIN b;; end ; "));
    assert!(!is("CREATE TRIGGER a BEGIN b; END c;"));
}
