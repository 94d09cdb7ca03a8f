//! The splitter against SQLite itself: a statement ends where `sqlite3_prepare` says that it does.

use std::fs;

use migration_kit::syntax::{Dialect, SplitErrorKind, is_complete, split, tokens};
use migration_tests::engine::{self, Engine};
use migration_tests::{corpora, histories};
use proptest::prelude::*;

/// The text without comments and blanks, and without the semicolons around it.
fn bare(text: &str) -> String {
    let parts = tokens(text, Dialect::Sqlite).map(|token| token.unwrap()).filter(|token| !token.is_trivia());
    let parts: Vec<&str> = parts.map(|token| token.text).collect();
    parts.join(" ").trim_matches([';', ' ']).to_owned()
}

/// Our statements must be SQLite's, and their spans must lie where SQLite's lie.
fn compare(text: &str, engine: &Engine, name: &str) -> usize {
    let ours = split(text, Dialect::Sqlite).unwrap_or_else(|error| panic!("{name}: {error}"));
    let theirs = engine.run(text).unwrap_or_else(|message| panic!("{name}: {message}"));
    let bare_ours: Vec<String> = ours.iter().map(|statement| bare(statement.text)).collect();
    let bare_theirs: Vec<String> = theirs.iter().map(|text| bare(text)).collect();
    assert_eq!(bare_ours, bare_theirs, "{name}");
    for (our, their) in ours.iter().zip(&theirs) {
        let start = their.as_ptr() as usize - text.as_ptr() as usize;
        assert!(
            start <= our.start && our.end <= start + their.len(),
            "{name}: {our:?} is not within {their:?}"
        );
    }
    ours.len()
}

#[test]
fn real_histories_split_where_the_engine_does() {
    let all = histories(
        "sqlite",
        &[
            "diesel",
            "golang-migrate",
            "sqlx",
            "prisma",
            "drizzle",
            "flyway",
            "refinery",
            "version-dirs",
            "manifest-dirs",
        ],
    );
    let mut compared = (0, 0);
    for history in &all {
        let mut files: Vec<_> =
            walk(&history.folder).into_iter().filter(|f| f.extension().is_some_and(|e| e == "sql")).collect();
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            // Each file on its own: what fails for want of a table is cut off there, and what comes before is compared.
            let engine = Engine::default();
            let statements =
                split(&text, Dialect::Sqlite).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let mut whole = 0;
            for statement in &statements {
                match engine.run(statement.text) {
                    Ok(found) => assert_eq!(found.len(), 1, "{}: {}", file.display(), statement.text),
                    // An incomplete or doubled statement would be a syntax error, not a missing name.
                    Err(message) => assert!(
                        !message.contains("incomplete input") && !message.contains("unrecognized token"),
                        "{}: {message}: {}",
                        file.display(),
                        statement.text
                    ),
                }
                whole += 1;
            }
            compared = (compared.0 + 1, compared.1 + whole);
        }
    }
    println!("{} histories, {} files, {} statements", all.len(), compared.0, compared.1);
}

#[test]
fn counts_are_the_engines() {
    let Some(corpora) = corpora() else { return };
    let counts = fs::read_to_string(corpora.join("histories/statements.json")).unwrap();
    let counts: serde_json::Value = serde_json::from_str(&counts).unwrap();
    let mut compared = 0;
    for entry in counts["files"].as_array().unwrap() {
        if entry["dialect"] != "sqlite" || !entry["section"].is_null() {
            continue;
        }
        let path = entry["path"].as_str().unwrap();
        let text = fs::read_to_string(corpora.join("histories").join(path)).unwrap();
        if !migration_kit::Checksum::of(&text).as_str().starts_with(entry["sha"].as_str().unwrap()) {
            // The counted text had replacements made in it.
            continue;
        }
        let ours = split(&text, Dialect::Sqlite).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(ours.len() as u64, entry["n"].as_u64().unwrap(), "{path}");
        compared += 1;
    }
    println!("{compared} files");
    assert!(compared > 500, "only {compared} files were compared");
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// Statements that SQLite takes one after the other in any order.
const STATEMENTS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS t (a, \"b;\" DEFAULT ';', [c;--] , `d``;`)",
    "SELECT ';', \"a;\" /* ; */ FROM (SELECT 1 AS \"a;\") -- ;\n",
    "SELECT x'3b', 'it''s;', 1.5e3, ?1, :name, @at, $dollar::scope(x;y)",
    "CREATE TRIGGER IF NOT EXISTS t1 AFTER INSERT ON t BEGIN SELECT 1; SELECT CASE WHEN 1 THEN 2 END; END",
    "CREATE TEMP TRIGGER IF NOT EXISTS t2 AFTER DELETE ON t WHEN old.a = 'BEGIN' BEGIN DELETE FROM t WHERE a = 'END;'; END",
    "EXPLAIN CREATE TRIGGER t3 BEFORE UPDATE ON t BEGIN SELECT 1; END",
    "explain query plan create /* x */ trigger -- y\n t4 instead of delete on v begin select end from (select 1 as \"end\"); end",
    "CREATE VIEW IF NOT EXISTS v AS SELECT 1 AS \"end\"",
    "DROP TRIGGER IF EXISTS t1",
    "BEGIN",
    "COMMIT",
    "PRAGMA user_version = 1",
    "INSERT INTO t (a) VALUES ('begin; end;')",
    "UPDATE t SET a = CASE a WHEN 1 THEN ';' ELSE 'x' END",
    "WITH trigger AS (SELECT 1 AS begin) SELECT begin FROM trigger",
    "SELECT 1 AS \u{fc}n\u{ef}c\u{f6}de$1",
    "SELECT 1 /* unended",
];

const BETWEEN: &[&str] =
    &[";", " ; ", ";\n", ";;", "; -- ;\n", ";/* ; */", "\r\n;\r\n", ";\t-- 'x\n", "; /**/ ;"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn statements_end_where_the_engine_says(
        parts in prop::collection::vec((0..STATEMENTS.len() - 1, 0..BETWEEN.len()), 1..8),
        unended in prop::bool::ANY,
    ) {
        let mut text = String::new();
        for (statement, between) in parts {
            text.push_str(STATEMENTS[statement]);
            text.push_str(BETWEEN[between]);
        }
        if unended {
            text.push_str(STATEMENTS[STATEMENTS.len() - 1]);
        }
        let engine = Engine::default();
        engine.run("CREATE TABLE t (a, \"b;\"); CREATE VIEW v AS SELECT 1 AS \"end\";").unwrap();
        let ours = split(&text, Dialect::Sqlite).unwrap();
        // BEGIN within BEGIN and the like fail, but only when they run: each must still be one statement.
        let mut rest = text.as_str();
        for statement in &ours {
            match engine.run(statement.text) {
                Ok(found) => prop_assert_eq!(found.len(), 1, "{}", statement.text),
                Err(message) => prop_assert!(message.contains("transaction"), "{message}: {}", statement.text),
            }
            let place = rest.find(statement.text);
            prop_assert!(place.is_some());
            rest = &rest[place.unwrap() + statement.text.len()..];
        }
        if !text.contains("BEGIN;") && !text.contains("COMMIT") && !text.contains("BEGIN\r") && !text.contains("BEGIN ;") {
            let engine = Engine::default();
            engine.run("CREATE TABLE t (a, \"b;\"); CREATE VIEW v AS SELECT 1 AS \"end\";").unwrap();
            compare(&text, &engine, "generated");
        }
    }

    /// Any soup of the tokens that matter: complete for us exactly when it is for `sqlite3_complete`. There is no `$` in it:
    /// `$a(;)` is one parameter for the parser, which we follow, and no end for `sqlite3_complete`.
    #[test]
    fn completeness_is_the_engines(soup in prop::collection::vec(prop::sample::select(vec![
        "create", "CREATE", "temp", "temporary", "trigger", "TRIGGER", "begin", "end", "END", "explain", "query", "plan",
        ";", ";", " ", "\n", "--", "/*", "*/", "'", "\"", "`", "[", "]", "x", "1", "(", ")", "-", "/", "*", "\t", "é",
        "triggers", "ends", "case",
    ]), 0..24)) {
        let text = soup.concat();
        prop_assert_eq!(is_complete(&text, Dialect::Sqlite), engine::is_complete(&text), "{:?}", text);
    }
}

#[test]
fn what_never_ends_is_an_error_at_its_beginning() {
    let error = split("SELECT 1;\nSELECT 'abc;\n", Dialect::Sqlite).unwrap_err();
    assert_eq!((error.kind(), error.line(), error.column()), (SplitErrorKind::UnterminatedString, 2, 8));
    assert!(Engine::default().run("SELECT 'abc;\n").is_err());
}
