//! No input makes it panic, call itself without bound, or take for ever.

use std::time::{Duration, Instant};

use migration_lineage::Analyzer;
use migration_syntax::Dialect;
use proptest::prelude::*;

fn analyse(sql: &str, dialect: Dialect) -> Vec<String> {
    let Ok(analysis) = Analyzer::new(dialect).analyze(sql) else { return vec!["not split".to_owned()] };
    analysis.statements.iter().flat_map(|s| &s.unanalysed).map(|u| u.reason.clone()).collect()
}

/// Runs it on a thread with as little stack as threads get where they get least.
fn on_small_stack(sql: String) {
    let run = move || {
        for dialect in Dialect::ALL {
            let begun = Instant::now();
            let reasons = analyse(&sql, dialect);
            let head: String = sql.chars().take(60).collect();
            assert!(begun.elapsed() < Duration::from_secs(60), "{head}");
            for reason in reasons {
                assert!(!reason.is_empty(), "{head}");
            }
        }
    };
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn brackets_in_brackets() {
    for depth in [5, 20, 60, 100, 5_000, 100_000] {
        on_small_stack(format!("SELECT {}1{}", "(".repeat(depth), ")".repeat(depth)));
        on_small_stack(format!("SELECT {}1{} FROM t", "f(".repeat(depth), ")".repeat(depth)));
    }
    for depth in [5, 20, 60, 1_000] {
        on_small_stack(format!("{}SELECT 1{}", "SELECT * FROM (".repeat(depth), ") x".repeat(depth)));
        on_small_stack(format!("SELECT {}1{}", "CASE WHEN a THEN ".repeat(depth), " END".repeat(depth)));
        for word in
            ["NOT", "CASE", "BEGIN", "IF", "EXPLAIN", "WHILE", "EXISTS", "PRIOR", "WITH a AS", "BEGIN IF"]
        {
            on_small_stack(format!("SELECT {}1", format!("{word} ").repeat(depth)));
            on_small_stack(format!("{}1", format!("{word} ").repeat(depth)));
        }
        on_small_stack(format!("SELECT {}1", "- ".repeat(depth)));
        on_small_stack(format!("SELECT * FROM {}a{}", "(".repeat(depth), " JOIN b ON true)".repeat(depth)));
    }
}

#[test]
fn chains() {
    for length in [10, 1_000, 20_000, 200_000] {
        on_small_stack(format!("SELECT {} FROM t", vec!["a"; length].join(" + ")));
        on_small_stack(format!("SELECT 1 FROM t WHERE {}", vec!["a = 1"; length].join(" OR ")));
        on_small_stack(format!("CREATE VIEW v AS SELECT a{} FROM t", "::text".repeat(length)));
    }
    for length in [10, 1_000, 10_000] {
        on_small_stack(vec!["SELECT a FROM t"; length].join(" UNION ALL "));
        on_small_stack(format!("SELECT a{} FROM t", "[1]".repeat(length)));
        on_small_stack(format!("SELECT a{} FROM t", " IS NULL".repeat(length)));
    }
}

#[test]
fn a_chain_of_any_length_that_is_taken_is_analysed() {
    let sql = format!("SELECT {} AS total FROM t", vec!["a"; 9_000].join(" + "));
    let analysis = Analyzer::new(Dialect::Postgres).analyze(&sql).unwrap();
    assert_eq!(analysis.statements[0].unanalysed, []);
    assert_eq!(analysis.statements[0].columns[0].sources[0].column.to_string(), "t.a");
    let flat = format!("SELECT a FROM t WHERE {}", vec!["t.a = 1"; 9_000].join(" AND "));
    let analysis = Analyzer::new(Dialect::Postgres).analyze(&flat).unwrap();
    assert_eq!(analysis.statements[0].unanalysed, []);
    let refused = format!("SELECT {} AS total FROM t", vec!["a"; 300_000].join(" + "));
    let analysis = Analyzer::new(Dialect::Postgres).analyze(&refused).unwrap();
    assert_eq!(analysis.statements[0].unanalysed[0].reason, "nested too deeply");
}

#[test]
fn whatever_runs_here_needs_little_stack() {
    // As deep as it gets before a thread with a larger stack takes over, and a little beyond.
    let run = || {
        for links in 1..60 {
            for text in [
                format!("SELECT {} FROM t", vec!["a"; links].join(" + ")),
                format!("SELECT {}a FROM t", "- ".repeat(links)),
                format!("SELECT a{} FROM t", "::text".repeat(links)),
                vec!["SELECT a FROM t"; links].join(" UNION "),
                format!("SELECT f({}(a)) FROM t", "g".repeat(links)),
                format!("SELECT * FROM t {}", "JOIN u ON a ".repeat(links)),
            ] {
                analyse(&text, Dialect::Postgres);
            }
        }
    };
    std::thread::Builder::new().stack_size(896 * 1024).spawn(run).unwrap().join().unwrap();
}

#[test]
fn large_statements() {
    let length = 10 * 1024 * 1024;
    let many = |text: &str| vec![text; length / (text.len() + 2)].join(", ");
    let long = "x".repeat(200);
    for sql in [
        format!("INSERT INTO t (a, b, c, d) VALUES {}", many(&format!("(1, '{long}', NULL, -2.5)"))),
        format!("INSERT INTO t (a) VALUES ('{}')", "x".repeat(length)),
        format!("SELECT /* {} */ a FROM t", "x".repeat(length)),
        format!("SELECT {} FROM t", many(&format!("a AS \"{long}\""))),
        // Nobody takes this, and where it ends is not looked for.
        format!("SELECT a FROM t WHERE a IN ({}", many(&format!("'{long}'"))),
    ] {
        let begun = Instant::now();
        analyse(&sql, Dialect::Postgres);
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}: {}", begun.elapsed(), &sql[..60]);
    }
}

#[test]
fn zeros_and_odd_characters() {
    for text in [
        "\0",
        "SELECT 'a\0b'",
        "SELECT a\0 FROM t",
        "\u{feff}SELECT 1",
        "SELECT \u{a0}a",
        "SELECT '\u{ffff}\u{10ffff}'",
    ] {
        on_small_stack(text.to_owned());
    }
}

#[test]
fn recursive_queries_inside_each_other() {
    let mut query = "SELECT 1 AS a, 2 AS b, 3 AS c".to_owned();
    for depth in 0..12 {
        query = format!(
            "WITH RECURSIVE r{depth} AS (SELECT * FROM ({query}) x UNION SELECT b, c, a FROM r{depth}) SELECT * FROM r{depth}"
        );
    }
    let begun = Instant::now();
    analyse(&query, Dialect::Postgres);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn blocks_inside_each_other() {
    for depth in [5, 60, 1_000, 5_000] {
        let ifs = format!(
            "{}UPDATE t SET a = 1; {}",
            "IF a = 1 THEN x := x + 1; ".repeat(depth),
            "END IF; ".repeat(depth)
        );
        on_small_stack(format!("DO $$ DECLARE x int; BEGIN {ifs} END $$"));
        on_small_stack(format!("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN {ifs} END"));
        on_small_stack(format!("DO $$ BEGIN {} END $$", "LOOP x := y; y := x; ".repeat(depth)));
    }
    let mut nested = "SELECT 1".to_owned();
    for depth in 0..200 {
        nested = format!("DO $a{depth}$ BEGIN {nested}; END $a{depth}$");
    }
    on_small_stack(nested);
    let mut quoted = "SELECT 1".to_owned();
    for _ in 0..12 {
        quoted = format!("DO $$ BEGIN EXECUTE '{}'; END $$", quoted.replace("$$", "$q$").replace('\'', "''"));
    }
    on_small_stack(quoted);
}

#[test]
fn functions_that_call_themselves_and_each_other() {
    let body: String = (0..60).map(|at| format!("PERFORM f(tab || '{at}'); ")).collect();
    let sql = format!(
        "CREATE FUNCTION f(tab text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'CREATE TABLE x' || tab || ' (a int)'; {body} END $$;
         SELECT f('y')"
    );
    let begun = Instant::now();
    let reasons = analyse(&sql, Dialect::Postgres);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert!(
        reasons.iter().any(|reason| reason == "too large to be analysed" || reason == "nested too deeply"),
        "{reasons:?}"
    );
}

/// Words that meet in statements, in any order.
const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "t",
    "u",
    "a",
    "b",
    "(",
    ")",
    ",",
    "*",
    ".",
    "=",
    "AS",
    "JOIN",
    "ON",
    "USING",
    "NATURAL",
    "LEFT",
    "UNION",
    "ALL",
    "WITH",
    "RECURSIVE",
    "INSERT",
    "INTO",
    "VALUES",
    "UPDATE",
    "SET",
    "DELETE",
    "CREATE",
    "TABLE",
    "VIEW",
    "TRIGGER",
    "FUNCTION",
    "ALTER",
    "RENAME",
    "TO",
    "COLUMN",
    "DROP",
    "ADD",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "1",
    "'x'",
    "$$",
    ";",
    "BEGIN",
    "EXECUTE",
    "NEW",
    "OLD",
    "FOR",
    "EACH",
    "ROW",
    "AFTER",
    "OVER",
    "PARTITION",
    "BY",
    "ORDER",
    "GROUP",
    "HAVING",
    "LIMIT",
    "EXISTS",
    "NOT",
    "IN",
    "MERGE",
    "MATCHED",
    "RETURNING",
    "DO",
    "CONFLICT",
    "IF",
    "PERFORM",
    "QUERY",
    "RETURN",
    "\"q\"",
    "`q`",
    "[q]",
    "--",
    "/*",
    "*/",
    "/*!50000",
    "::",
    "int",
    "ROLLUP",
    "LATERAL",
    "é",
    "REFRESH",
    "MATERIALIZED",
    "SCHEMA",
    "search_path",
    "USE",
    "PREPARE",
    "LIKE",
    "INCLUDING",
    "GENERATED",
    "ALWAYS",
    "DECLARE",
    "LOOP",
    "WHILE",
    "EXIT",
    "EXECUTE",
    "PREPARE",
    "CALL",
    "CURSOR",
    "FETCH",
    ":=",
    "||",
    "PROCEDURE",
    "LANGUAGE",
    "plpgsql",
    "@v",
    "TEMP",
    "CONFLICT",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn words_in_any_order(words in prop::collection::vec(prop::sample::select(WORDS), 0..40), dialect in 0..3usize) {
        analyse(&words.join(" "), Dialect::ALL[dialect]);
    }

    #[test]
    fn any_text(text in "\\PC{0,80}", dialect in 0..3usize) {
        analyse(&text, Dialect::ALL[dialect]);
    }

    #[test]
    fn pieces_of_a_statement(cut in 0..600usize, gap in 0..30usize, dialect in 0..3usize) {
        let text = "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED, CHECK (a > 0), FOREIGN KEY (a) REFERENCES u (a));
            CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN INSERT INTO u SELECT NEW.a; RETURN NEW; END $$ LANGUAGE plpgsql;
            CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
            WITH w AS (UPDATE t SET a = 1 RETURNING *) MERGE INTO u USING w ON u.a = w.a WHEN MATCHED THEN UPDATE SET a = w.b;
            ALTER TABLE t RENAME COLUMN a TO c; ALTER TABLE t RENAME TO v; DROP TABLE v CASCADE;";
        let cut = text.floor_char_boundary(cut.min(text.len()));
        let end = text.floor_char_boundary((cut + gap).min(text.len()));
        analyse(&format!("{}{}", &text[..cut], &text[end..]), Dialect::ALL[dialect]);
    }
}
