//! Cases of other tools' test suites, and what the engines themselves report. One analysis; for each suite a projection of
//! it to what that suite shows.
//!
//! The data is not ours and not in the repository: the folder is named by `MIGRATION_CORPORA`, and without it these tests
//! say so and pass. What the cases cover is covered by fixtures of our own as well.

mod columns;
mod impact;
mod tables;
mod types;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use migration_lineage::{Analysis, Analyzer};
use migration_syntax::Dialect;
use serde_json::Value;

/// Cases that fail, each with the reason.
const EXPECTED: &str = include_str!("expected.txt");

/// The least part of a suite that has to hold.
const LEAST: f64 = 0.95;

/// One suite: whatever `check` complains of has to be expected, and what is expected has to fail.
fn suite(name: &str, check: impl Fn(&Value, &Value) -> Option<String>) {
    let Some(suite) = load(name) else { return };
    let expected: BTreeMap<&str, &str> = EXPECTED
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(": ").unwrap())
        .collect();
    let cases = suite["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    let mut failed = 0;
    for (index, case) in cases.iter().enumerate() {
        let id = format!("{name}:{index}:{}", case["id"].as_str().unwrap());
        let complaint = check(&suite, case);
        failed += usize::from(complaint.is_some());
        match (complaint, expected.get(id.as_str())) {
            (Some(complaint), None) => wrong.push(format!("{id}\n    {}\n    {complaint}", case["sql"])),
            (None, Some(_)) => wrong.push(format!("{id} is expected to fail, and holds")),
            _ => {}
        }
    }
    let rate = 1.0 - failed as f64 / cases.len() as f64;
    println!("{name}: {} of {} ({:.1} %)", cases.len() - failed, cases.len(), rate * 100.0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rate >= LEAST, "{name}: {rate}");
}

fn load(name: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("MIGRATION_CORPORA").map(PathBuf::from) else {
        println!("MIGRATION_CORPORA is not set: nothing to compare with");
        return None;
    };
    let path = folder.join("lineage").join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_str(&text).unwrap())
}

/// The dialect that a case is read in: its own if it is one of ours, else one that takes it.
fn dialect_of(case: &Value) -> Dialect {
    let names: Vec<_> = case["dialects"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(own) = names.iter().find_map(|name| name.parse().ok()) {
        return own;
    }
    let valid = |key: &str| case["valid"][key].as_bool().unwrap_or(false);
    if valid("postgres") {
        Dialect::Postgres
    } else if valid("sqlite") {
        Dialect::Sqlite
    } else if valid("mariadb") {
        Dialect::Mysql
    } else {
        Dialect::Postgres
    }
}

fn analyse(analyzer: &mut Analyzer, sql: &str) -> Result<Analysis, String> {
    let analysis = analyzer.analyze(sql).map_err(|error| error.to_string())?;
    let faults: Vec<_> =
        analysis.statements.iter().flat_map(|s| &s.unanalysed).map(|u| u.reason.clone()).collect();
    if faults.is_empty() { Ok(analysis) } else { Err(faults.join("; ")) }
}

fn sql_of(case: &Value) -> String {
    match case["sql"].as_str() {
        Some(sql) => sql.to_owned(),
        None => {
            let statements = case["statements"].as_array().unwrap().iter();
            statements.map(|sql| sql.as_str().unwrap().trim_end_matches(';').to_owned() + ";\n").collect()
        }
    }
}

/// A name as both sides can be compared by: without quotes, and in one case.
fn plain(name: &str) -> String {
    name.replace(['"', '`', '[', ']'], "").to_lowercase().replace("<default>.", "")
}

/// Makes tables of a schema: of columns with types or without, in as many levels of names as it has.
fn make_tables(analyzer: &mut Analyzer, schema: &Value) {
    let mut open = vec![(String::new(), schema)];
    while let Some((name, value)) = open.pop() {
        let columns: Vec<String> = match value {
            Value::Array(columns) => {
                columns.iter().map(|column| column.as_str().unwrap().to_owned()).collect()
            }
            Value::Object(map) if map.values().all(Value::is_string) && !map.is_empty() => {
                map.keys().cloned().collect()
            }
            Value::Object(map) => {
                for (part, inner) in map {
                    let name = if name.is_empty() { part.clone() } else { format!("{name}.{part}") };
                    open.push((name, inner));
                }
                continue;
            }
            _ => continue,
        };
        let quote = |part: &str| match analyzer.catalogue().dialect() {
            Dialect::Mysql => format!("`{part}`"),
            _ => format!("\"{part}\""),
        };
        let name: Vec<_> = name.split('.').map(quote).collect();
        let columns: Vec<_> = columns.iter().map(|column| format!("{} text", quote(column))).collect();
        let sql = format!("CREATE TABLE {} ({})", name.join("."), columns.join(", "));
        analyse(analyzer, &sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

type Edges = BTreeSet<(Option<String>, String, Option<String>, String)>;

/// What should be and is not, and what is and should not be.
fn difference<T: Ord + std::fmt::Debug>(expected: &BTreeSet<T>, ours: &BTreeSet<T>) -> Option<String> {
    let missing: Vec<_> = expected.difference(ours).collect();
    let surplus: Vec<_> = ours.difference(expected).collect();
    (!missing.is_empty() || !surplus.is_empty()).then(|| format!("missing {missing:?}, surplus {surplus:?}"))
}
