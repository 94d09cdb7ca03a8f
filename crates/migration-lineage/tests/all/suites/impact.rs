//! What the engines did when a schema was changed: who refused it, what broke, what changed its shape, what vanished.

use std::collections::BTreeSet;

use migration_lineage::{Analyzer, Dependent, Impact};
use migration_syntax::Dialect;

use super::{EXPECTED, analyse, load};

/// The least part of what we say that has to be so.
const LEAST_PRECISION: f64 = 0.98;

/// `kind name`, whatever else the engine writes around it.
fn theirs(text: &str) -> String {
    let text = text.replace(':', " ");
    let words: Vec<&str> = text.split([' ', '"']).filter(|word| !word.is_empty()).collect();
    let name = |name: &str| {
        name.split('(').next().unwrap_or_default().rsplit('.').next().unwrap_or_default().to_owned()
    };
    match words.as_slice() {
        ["rule", "_RETURN", "on", rest @ ..] => theirs(&rest.join(" ")),
        ["Column", _, "is", "used", "by", "generated", "column", column, ..] => {
            format!("column {}", name(column))
        }
        ["materialized", "view", view, ..] => format!("view {view}"),
        ["view" | "function" | "trigger" | "constraint" | "index" | "column" | "policy", object, ..] => {
            format!("{} {}", words[0], name(object))
        }
        [view] => format!("view {view}"),
        _ => text,
    }
}

fn ours(dependents: &BTreeSet<Dependent>) -> impl Iterator<Item = String> {
    dependents.iter().map(|dependent| {
        let kind = format!("{:?}", dependent.kind).to_lowercase();
        format!("{kind} {}", dependent.name)
    })
}

/// Counts what is said and so, said and not so, and so and not said.
#[derive(Default)]
struct Tally {
    hits: usize,
    surplus: usize,
    missing: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn compare(&mut self, id: &str, what: &str, expected: &BTreeSet<String>, ours: &BTreeSet<String>) {
        let missing: Vec<_> = expected.difference(ours).collect();
        let surplus: Vec<_> = ours.difference(expected).collect();
        self.hits += expected.intersection(ours).count();
        if EXPECTED.lines().any(|line| line.starts_with(&format!("{id}: "))) {
            return;
        }
        self.missing += missing.len();
        self.surplus += surplus.len();
        if !missing.is_empty() || !surplus.is_empty() {
            self.wrong.push(format!("{id}: {what}: missing {missing:?}, surplus {surplus:?}"));
        }
    }
}

fn engine(name: &str, dialect: Dialect) {
    let Some(suite) = load(name) else { return };
    let mut analyzer = Analyzer::new(dialect);
    for statement in suite["setup"].as_array().unwrap() {
        let statement = statement.as_str().unwrap();
        analyse(&mut analyzer, statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let mut tally = Tally::default();
    let cases = suite["cases"].as_array().unwrap();
    for case in cases {
        let change = case["change"].as_str().unwrap();
        let id = format!("{name}:{change}");
        let impacts = analyzer.catalogue().impact(change).unwrap_or_else(|error| panic!("{change}: {error}"));
        let impact = impacts.first().cloned().unwrap_or_else(|| panic!("{change}: no change"));
        let Impact { refused, refused_by, broken, reshaped, vanished, .. } = &impact;
        let set = |key: &str| {
            case[key].as_array().into_iter().flatten().map(|text| theirs(text.as_str().unwrap())).collect()
        };
        let accepted = case["accepted"].as_bool().unwrap();
        let verdict =
            |refused: bool| if refused { BTreeSet::from(["refused".to_owned()]) } else { BTreeSet::new() };
        tally.compare(&id, "verdict", &verdict(!accepted), &verdict(*refused));
        tally.compare(&id, "broken", &set("broken"), &ours(broken).collect());
        tally.compare(&id, "reshaped", &set("shape_changed"), &ours(reshaped).collect());
        tally.compare(&id, "vanished", &set("vanished"), &ours(vanished).collect());
        if case["blocked_by"].is_array() {
            let expected: BTreeSet<String> = set("blocked_by");
            let mut found: BTreeSet<String> = ours(refused_by).collect();
            if case["kind"] == "ALTER_TYPE" {
                // The engine stops at the first.
                found.retain(|dependent| expected.contains(dependent));
            }
            tally.compare(&id, "refused by", &expected, &found);
        }
    }
    let precision = tally.hits as f64 / (tally.hits + tally.surplus).max(1) as f64;
    println!(
        "{name}: {} cases, {} as it is, {} missed, {} too many; precision {precision:.3}",
        cases.len(),
        tally.hits,
        tally.missing,
        tally.surplus
    );
    assert!(tally.missing == 0 && precision >= LEAST_PRECISION, "{}", tally.wrong.join("\n"));
}

#[test]
fn postgres() {
    engine("oracle_impact_postgres", Dialect::Postgres);
}

#[test]
fn mariadb() {
    engine("oracle_impact_mariadb", Dialect::Mysql);
}

#[test]
fn sqlite() {
    engine("oracle_impact_sqlite", Dialect::Sqlite);
}
