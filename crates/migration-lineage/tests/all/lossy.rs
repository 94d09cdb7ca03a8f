//! Texts of which not all can be cut into statements.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use migration_lineage::Analyzer;
use migration_syntax::{Dialect, split};
use proptest::prelude::*;

/// A line for each statement: its line, what it is, what it writes, and what was not understood of which part.
fn check(text: &str, dialect: Dialect, expected: &Expect) {
    let analysis = Analyzer::new(dialect).analyze_lossy(text);
    let mut shown = String::new();
    for statement in &analysis.statements {
        let outputs: Vec<_> = statement.outputs.iter().map(ToString::to_string).collect();
        let _ = write!(shown, "{} {} {}", statement.line, statement.kind, outputs.join(", "));
        for part in &statement.unanalysed {
            let _ = write!(shown, "? {:?}: {}", &text[part.start..part.end], part.reason);
        }
        shown.push('\n');
    }
    expected.assert_eq(&shown);
    if let Ok(strict) = Analyzer::new(dialect).analyze(text) {
        assert_eq!(strict, analysis);
    }
}

#[test]
fn a_dump_with_commands_for_psql() {
    check(
        "--\n-- a dump\n--\n\n\\restrict abc\n\nSET x = 1;\n\\connect shop\nCREATE TABLE a (b int);\n
COPY a (b) FROM stdin;\n1\n\\N\n\\.\n\nCREATE TABLE c (d int);\n\\unrestrict abc\n",
        Dialect::Postgres,
        &expect![[r#"
            7 set 
            9 create_table a
            11 copy a
            16 create_table c
        "#]],
    );
    check(
        "\\set ON_ERROR_STOP on\n\\i other.sql\nCREATE TABLE a (b int) -- \\x\n;\\copy a from 'a.csv'\n
SELECT '\\x';\\echo done\nSELECT 'CREATE TABLE b (c int)' \\gexec\nSELECT 1 \\; CREATE TABLE d (e int)\n\\g\nCREATE TABLE f (\n\\echo inside\ng int);",
        Dialect::Postgres,
        &expect![[r#"
            2 other ? "\\i other.sql": a command of a client: \i other.sql
            3 create_table a
            4 other ? "\\copy a from 'a.csv'": a command of a client: \copy a from 'a.csv'
            6 select 
            7 select 
            7 other ? "\\gexec": a command of a client: \gexec
            8 select 
            8 create_table d
            10 create_table f
        "#]],
    );
}

#[test]
fn a_text_that_breaks_off() {
    check(
        "CREATE TABLE a (b int);\n\n SELECT 1, 'it",
        Dialect::Postgres,
        &expect![[r#"
        1 create_table a
        3 other ? "SELECT 1, 'it": not cut into statements: unterminated string at line 3, column 12
    "#]],
    );
    check(
        "CREATE TABLE a (b int); /* the end",
        Dialect::Postgres,
        &expect![[r#"
        1 create_table a
        1 other ? "/* the end": not cut into statements: unterminated comment at line 1, column 25
    "#]],
    );
    check(
        "SELECT \"x",
        Dialect::Postgres,
        &expect![[r#"
        1 other ? "SELECT \"x": not cut into statements: unterminated quoted identifier at line 1, column 8
    "#]],
    );
    check(
        "CREATE TABLE a (b int);\nCOPY a FROM stdin;\n1\n2",
        Dialect::Postgres,
        &expect![[r#"
        1 create_table a
        2 other ? "COPY a FROM stdin;\n1\n2": not cut into statements: COPY … FROM stdin whose data never reaches its `\.` line at line 2, column 1
    "#]],
    );
    check(
        "CREATE TABLE a (b int);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;",
        Dialect::Sqlite,
        &expect![[r#"
            1 create_table a
            2 other ? "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;": not cut into statements: statement whose body never reaches its END at line 2, column 1
        "#]],
    );
    check(
        "CREATE TABLE a (b int);\n\u{0}SELECT 1;",
        Dialect::Sqlite,
        &expect![[r#"
            1 create_table a
            2 other ? "\0SELECT 1;": not cut into statements: NUL byte at line 2, column 1
        "#]],
    );
}

#[test]
fn commands_of_the_mysql_client() {
    check(
        "source other.sql\nCREATE TABLE a (b int);\nSELECT 1\\G\n\\. more.sql\nCREATE TABLE c (d int)",
        Dialect::Mysql,
        &expect![[r#"
            1 other ? "source other.sql": a command of a client: source other.sql
            2 create_table a
            3 select 
            4 other ? "\\. more.sql": a command of a client: \. more.sql
            5 create_table c
        "#]],
    );
    check(
        "DELIMITER //\nCREATE TABLE a (b int)//\nsource other.sql\nCREATE TABLE c (d int)//",
        Dialect::Mysql,
        &expect![[r#"
            2 create_table a
            2 other ? "//\nsource other.sql\nCREATE TABLE c (d int)//": not cut into statements: command of an interactive client at line 3, column 1
        "#]],
    );
}

#[test]
fn commands_without_end() {
    let text = format!("SELECT 1{}", "\n\\echo x".repeat(1_000));
    let analysis = Analyzer::new(Dialect::Postgres).analyze_lossy(&text);
    assert_eq!((analysis.coverage.statements, analysis.coverage.analysed), (1, 0));
    let text = "\\i x\n".repeat(1_000);
    let analysis = Analyzer::new(Dialect::Postgres).analyze_lossy(&text);
    assert_eq!((analysis.coverage.statements, analysis.coverage.analysed), (1_000, 0));
    assert_eq!(analysis.statements[999].line, 1_000);
}

const PIECES: &[&str] = &[
    "\\i x",
    "\\restrict ä",
    "\\g",
    "\\;",
    "\n",
    ";",
    " ",
    "SELECT 1",
    "CREATE TABLE t (a int)",
    "'",
    "\"",
    "/*",
    "*/",
    "--",
    "$$",
    "COPY t FROM stdin /* \nö */",
    "\\.",
    "ü\t1",
    "DELIMITER //",
    "//",
    "source x",
    "BEGIN",
    "END",
    "\u{0}",
];

proptest! {
    /// What can be cut into statements comes out as it does from the splitter, and nothing makes it panic.
    #[test]
    fn pieces_in_any_order(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24), dialect in 0..3usize) {
        let (text, dialect) = (pieces.concat(), Dialect::ALL[dialect]);
        let analysis = Analyzer::new(dialect).analyze_lossy(&text);
        let spans: Vec<_> = analysis.statements.iter().map(|found| (found.start, found.end, found.line)).collect();
        for (start, end, _) in &spans {
            prop_assert!(text.get(*start..*end).is_some(), "{start}..{end} of {text:?}");
        }
        if let Ok(statements) = split(&text, dialect) {
            let cut: Vec<_> = statements.iter().map(|cut| (cut.start, cut.end, cut.line)).collect();
            prop_assert_eq!(spans, cut);
        }
    }
}
