//! PostgreSQL.

use expect_test::expect;

use super::{check, check_tokens, check_whole};
use crate::Dialect::Postgres;
use crate::SplitOptions;

#[test]
fn quotes_and_comments() {
    check_whole(
        Postgres,
        &[
            r"SELECT 'a\', E'it\'s;', e'\\', U&'\0041;', B'1', X'1F', N'a\', 'it''s'",
            r#"SELECT "a"";", U&"b;\""#,
            "SELECT $$;'$$, $a$ $b$ ; $$ $a$, $_é1$;$_é1$, a$$b, a$1",
            "SELECT 1 /* a; /* b; */ c; */ + 2 -- ; '\n, 3",
            "SELECT E'a' -- it's\n 'b\\';'",
            "SELECT '{\"a\":1}'::jsonb #> '{a}' ? 'b', x -> 'y', @ -5, a[1:2] = :name",
        ],
    );
    check(
        Postgres,
        "SELECT 1 --a\rSELECT 2; --b\r;c",
        expect![[r#"
        1 0..21 select: "SELECT 1 --a\rSELECT 2"
        1 28..29 other: "c"
    "#]],
    );
}

#[test]
fn strings_of_old_servers() {
    let mut options = SplitOptions::new(Postgres);
    options.standard_conforming_strings = false;
    check_whole(options, &[r"SELECT 'it\'s;', N'\';', B'1', U&'\' || ''"]);
}

#[test]
fn tokens_as_the_server_sees_them() {
    check_tokens(
        Postgres,
        r#"SELECT $1, a::int, $$x$$, 1.5e-3, 1..2, e'\'' U&"x" t$1 -- c"#,
        expect![[r#"
            Word SELECT
            Parameter $1
            Punctuation ,
            Word a
            Punctuation :
            Punctuation :
            Word int
            Punctuation ,
            String $$x$$
            Punctuation ,
            Number 1.5e-3
            Punctuation ,
            Number 1
            Punctuation .
            Punctuation .
            Number 2
            Punctuation ,
            String e'\''
            QuotedIdentifier U&"x"
            Word t$1
            Comment -- c
        "#]],
    );
}

#[test]
fn bodies_and_parentheses() {
    check_whole(
        Postgres,
        &[
            "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END",
            "CREATE OR REPLACE PROCEDURE p(a int) BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN (CASE a WHEN 2 THEN 3 END) END; \
             SELECT 1 AS end, t.case FROM t; END",
            "create function f(begin int default 1) returns int language sql as $$ begin; end $$",
            "CREATE FUNCTION begin() RETURNS int RETURN 1",
            "DO $do$ BEGIN PERFORM 1; END; $do$",
        ],
    );
    check(
        Postgres,
        "BEGIN; SELECT 1; END; begin atomic; end",
        expect![[r#"
        1 0..5 begin: "BEGIN"
        1 7..15 select: "SELECT 1"
        1 17..20 commit: "END"
        1 22..34 begin: "begin atomic"
        1 36..39 commit: "end"
    "#]],
    );
}

#[test]
fn copy_data() {
    check(
        Postgres,
        "COPY t (a, b) FROM stdin WITH (FORMAT text); -- rows\r\n1\tit's;\r\n\\N\t\\.x\r\n\\.\r\nSELECT 1;\n\
         copy t from stdin;\n\\.\nCOPY t FROM 'stdin';\nCOPY (SELECT a FROM stdin) TO stdout;\nCOPY t FROM STDIN",
        expect![[r#"
            1 0..43 copy: "COPY t (a, b) FROM stdin WITH (FORMAT text)"
              data: "1\tit's;\r\n\\N\t\\.x\r\n"
            5 75..83 select: "SELECT 1"
            6 85..102 copy: "copy t from stdin"
              data: ""
            8 107..126 copy: "COPY t FROM 'stdin'"
            9 128..164 copy: "COPY (SELECT a FROM stdin) TO stdout"
            10 166..183 copy: "COPY t FROM STDIN"
        "#]],
    );
    check(
        Postgres,
        "COPY t FROM stdin;\n1\n2\n",
        expect![[r#"
        error: COPY … FROM stdin whose data never reaches its `\.` line at line 1, column 1
    "#]],
    );
    check(
        Postgres,
        "COPY t FROM stdin; SELECT 1;\n1\n\\.\n",
        expect![[r#"
        error: SQL between COPY … FROM stdin and its data at line 1, column 20
    "#]],
    );
}

#[test]
fn what_is_refused() {
    check(
        Postgres,
        "COPY t FROM stdin;\n\0\n\\.\n",
        expect![[r#"
        error: NUL byte at line 2, column 1
    "#]],
    );
    check(
        Postgres,
        "SELECT 1;\n\\connect other\n",
        expect![[r#"
        error: command of an interactive client at line 2, column 1
    "#]],
    );
    check(
        Postgres,
        "SELECT $a$ $ $b$",
        expect![[r#"
        error: unterminated dollar-quoted string at line 1, column 8
    "#]],
    );
    check(
        Postgres,
        "SELECT /* /* */ ",
        expect![[r#"
        error: unterminated comment at line 1, column 8
    "#]],
    );
    check(
        Postgres,
        "SELECT E'\\'",
        expect![[r#"
        error: unterminated string at line 1, column 8
    "#]],
    );
    check(
        Postgres,
        "SELECT 1;\nCREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE END;",
        expect![[r#"
            error: statement whose body never reaches its END at line 2, column 1
        "#]],
    );
    check(
        Postgres,
        "SELECT \"é",
        expect![[r#"
        error: unterminated quoted identifier at line 1, column 8
    "#]],
    );
}

#[test]
fn kinds() {
    check(
        Postgres,
        "WITH RECURSIVE a AS (SELECT 1), delete AS MATERIALIZED (DELETE FROM b RETURNING *) INSERT INTO c SELECT 1;
         WITH a AS (SELECT 1) SELECT * FROM a; (SELECT 1); TABLE t; VALUES (1);
         CREATE UNLOGGED TABLE t (); CREATE UNIQUE INDEX CONCURRENTLY i ON t (a); CREATE MATERIALIZED VIEW v AS SELECT 1;
         CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 1; CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t;
         CREATE EVENT TRIGGER e ON x; CREATE FOREIGN TABLE ft (); CREATE ROLE r; CREATE DOMAIN d AS int;
         ALTER TABLE t ADD a int; ALTER TYPE t ADD VALUE 'a'; DROP MATERIALIZED VIEW v; DROP OWNED BY x;
         START TRANSACTION; ROLLBACK; ROLLBACK WORK TO SAVEPOINT a; ABORT; PREPARE TRANSACTION 'a'; PREPARE a AS SELECT 1;
         COMMIT PREPARED 'a'; REFRESH MATERIALIZED VIEW v; COMMENT ON TABLE t IS 'x'; DO ''; LISTEN a",
        expect![[r#"
            1 0..105 insert: "WITH RECURSIVE a AS (SELECT 1), delete AS MATERIALIZED (DELETE FROM b RETURNING *) INSERT INTO c SELECT 1"
            2 116..152 select: "WITH a AS (SELECT 1) SELECT * FROM a"
            2 154..164 select: "(SELECT 1)"
            2 166..173 select: "TABLE t"
            2 175..185 values: "VALUES (1)"
            3 196..222 create_table: "CREATE UNLOGGED TABLE t ()"
            3 224..267 create_index: "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)"
            3 269..307 create_view: "CREATE MATERIALIZED VIEW v AS SELECT 1"
            4 318..369 create_function: "CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 1"
            4 371..416 create_trigger: "CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t"
            5 427..454 create_trigger: "CREATE EVENT TRIGGER e ON x"
            5 456..482 create_table: "CREATE FOREIGN TABLE ft ()"
            5 484..497 create: "CREATE ROLE r"
            5 499..521 create_type: "CREATE DOMAIN d AS int"
            6 532..555 alter_table: "ALTER TABLE t ADD a int"
            6 557..583 alter: "ALTER TYPE t ADD VALUE 'a'"
            6 585..609 drop_view: "DROP MATERIALIZED VIEW v"
            6 611..626 drop: "DROP OWNED BY x"
            7 637..654 begin: "START TRANSACTION"
            7 656..664 rollback: "ROLLBACK"
            7 666..694 rollback_to: "ROLLBACK WORK TO SAVEPOINT a"
            7 696..701 rollback: "ABORT"
            7 703..726 prepare_transaction: "PREPARE TRANSACTION 'a'"
            7 728..749 prepare: "PREPARE a AS SELECT 1"
            8 760..779 commit: "COMMIT PREPARED 'a'"
            8 781..808 refresh: "REFRESH MATERIALIZED VIEW v"
            8 810..835 comment: "COMMENT ON TABLE t IS 'x'"
            8 837..842 do: "DO ''"
            8 844..852 other: "LISTEN a"
        "#]],
    );
}
