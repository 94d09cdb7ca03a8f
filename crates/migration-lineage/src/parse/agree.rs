//! Both ways to read PostgreSQL's statements, side by side: where both understand a statement, it has to mean the same.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests, which clippy takes for a program"
)]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use migration_syntax::{Dialect, split};
use serde_json::Value;
use sqlparser::ast::{Query, Statement};

use super::Way;
use super::postgres::{Beyond, Reading};
use crate::catalogue::{Catalogue, Relation};
use crate::result::StatementLineage;
use crate::{Analyzer, Coverage};

#[path = "../../tests/all/corpus.rs"]
mod corpus;

thread_local! {
    /// How this thread reads.
    pub(super) static WAY: Cell<Way> = const { Cell::new(Way::Best) };
}

/// What reading the same text both ways has come to.
#[derive(Debug, Default)]
struct Tally {
    statements: usize,
    /// Understood both ways.
    both: usize,
    /// Understood by PostgreSQL's grammar alone, and without it alone.
    best_only: Vec<String>,
    portable_only: Vec<String>,
    differences: Vec<String>,
    coverage: (usize, usize),
    /// Lowered, and not, each with the reason.
    lowered: usize,
    beyond: BTreeMap<&'static str, Vec<String>>,
    refused: Vec<String>,
    /// Queries that read otherwise when they are written out again.
    misprinted: Vec<String>,
}

impl Tally {
    /// Reads a text, each statement both ways from the same state.
    fn read(&mut self, analyzer: &mut Analyzer, text: &str) {
        let Ok(statements) = split(text, Dialect::Postgres) else { return };
        let mut all = Vec::new();
        for statement in &statements {
            let mut portable = analyzer.clone();
            self.look(statement.text);
            WAY.set(Way::Portable);
            let plain = portable.statement(statement);
            WAY.set(Way::Best);
            let best = analyzer.statement(statement);
            self.compare(statement.text, (&best, analyzer.catalogue()), (&plain, portable.catalogue()));
            all.push(best);
        }
        let coverage = Coverage::of(&all);
        self.coverage.0 += coverage.analysed;
        self.coverage.1 += coverage.statements;
    }

    /// What becomes of texts that the parser is asked to read, wherever they stand.
    fn look(&mut self, text: &str) {
        match super::postgres::parse(text) {
            Reading::Lowered(trees) => {
                self.lowered += 1;
                let queries = trees.iter().filter_map(query_of);
                self.misprinted.extend(queries.filter(|query| !reads_again(query)).map(ToString::to_string));
            }
            Reading::Beyond(Beyond(what)) => self.beyond.entry(what).or_default().push(one_line(text)),
            Reading::Refused(why) => self.refused.push(format!("{why} | {}", one_line(text))),
        }
    }

    fn compare(
        &mut self,
        text: &str,
        best: (&StatementLineage, &Catalogue),
        portable: (&StatementLineage, &Catalogue),
    ) {
        self.statements += 1;
        let spans = |lineage: &StatementLineage| -> BTreeSet<(usize, usize)> {
            lineage.unanalysed.iter().map(|part| (part.start, part.end)).collect()
        };
        let (best_gaps, portable_gaps) = (spans(best.0), spans(portable.0));
        if best_gaps != portable_gaps {
            let shown = |lineage: &StatementLineage| {
                let reasons: Vec<_> = lineage.unanalysed.iter().map(|part| part.reason.clone()).collect();
                format!("{} | {}", reasons.join("; "), one_line(text))
            };
            if !portable_gaps.is_subset(&best_gaps) {
                self.best_only.push(shown(portable.0));
            }
            if !best_gaps.is_subset(&portable_gaps) {
                self.portable_only.push(shown(best.0));
            }
            return;
        }
        self.both += 1;
        let mut found = Vec::new();
        differ("inputs", &best.0.inputs, &portable.0.inputs, &mut found);
        differ("outputs", &best.0.outputs, &portable.0.outputs, &mut found);
        differ("columns", &best.0.columns, &portable.0.columns, &mut found);
        differ("dataset", &best.0.dataset, &portable.0.dataset, &mut found);
        differ("changes", &best.0.changes, &portable.0.changes, &mut found);
        let names = |catalogue: &Catalogue| catalogue.relations().map(|r| r.name.clone()).collect::<Vec<_>>();
        differ("relations", &names(best.1), &names(portable.1), &mut found);
        for (ours, theirs) in best.1.relations().zip(portable.1.relations()) {
            if ours != theirs {
                differ("relation", &plain(ours), &plain(theirs), &mut found);
            }
        }
        differ("indexes", &best.1.indexes(), &portable.1.indexes(), &mut found);
        differ("triggers", &best.1.triggers(), &portable.1.triggers(), &mut found);
        differ("policies", &best.1.policies(), &portable.1.policies(), &mut found);
        for (ours, theirs) in best.1.routines().zip(portable.1.routines()) {
            differ("routine", ours, theirs, &mut found);
        }
        if !found.is_empty() {
            self.differences.push(format!("{}\n      {}", one_line(text), found.join("\n      ")));
        }
    }

    fn print(&self, name: &str) {
        println!(
            "{name}: {} statements, {} alike both ways, {} by PostgreSQL's grammar alone, {} without it alone; {} of {} \
             understood",
            self.statements,
            self.both - self.differences.len(),
            self.best_only.len(),
            self.portable_only.len(),
            self.coverage.0,
            self.coverage.1,
        );
        println!("    {} lowered, {} refused", self.lowered, self.refused.len());
        for (what, texts) in &self.beyond {
            println!("    beyond: {what} ({}): {}", texts.len(), texts[0]);
        }
        for (what, lines) in [
            ("refused", &self.refused),
            ("best", &self.best_only),
            ("portable", &self.portable_only),
            ("DIFFERS", &self.differences),
        ] {
            lines.iter().for_each(|line| println!("    {what}: {line}"));
        }
    }
}

/// The query of a statement that the catalogue keeps as text.
fn query_of(tree: &Statement) -> Option<&Query> {
    match tree {
        Statement::Query(query) => Some(query),
        Statement::CreateView(view) => Some(&view.query),
        _ => None,
    }
}

/// Whether a query, written out, is read as the same: the tree has no brackets, so they have to be put where they belong.
fn reads_again(query: &Query) -> bool {
    let again = super::postgres::parse(&query.to_string());
    matches!(again, Reading::Lowered(trees) if trees.iter().filter_map(query_of).eq([query]))
}

fn differ<T: PartialEq + Debug>(what: &str, best: &T, portable: &T, found: &mut Vec<String>) {
    if best != portable {
        found.push(format!("{what}: {best:?}\n   not {what}: {portable:?}"));
    }
}

/// Without what depends on how an expression was written: blanks, brackets, quotes, and the case of words.
fn plain(relation: &Relation) -> Relation {
    let mut relation = relation.clone();
    for column in &mut relation.columns {
        column.default = None;
    }
    if let Some(view) = &mut relation.view {
        view.query.clear();
    }
    relation
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(600).collect()
}

fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("MIGRATION_CORPORA").map(PathBuf::from);
    if folder.is_none() {
        println!("MIGRATION_CORPORA is not set: nothing to compare");
    }
    folder
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The statements of a file that is here, all of which PostgreSQL's grammar reads.
fn read_all(name: &str, text: &str) -> Tally {
    let mut tally = Tally::default();
    tally.read(&mut Analyzer::new(Dialect::Postgres), text);
    tally.print(name);
    assert!(tally.statements > 0 && tally.refused.is_empty() && tally.portable_only.is_empty());
    assert_eq!(tally.coverage.0, tally.coverage.1);
    tally
}

#[test]
fn on_constructs() {
    let both = read_all("constructs.sql", include_str!("agree/constructs.sql"));
    assert_eq!((both.differences.len(), both.best_only.len(), both.misprinted.len()), (0, 0, 0));
    let best = read_all("best.sql", include_str!("agree/best.sql"));
    assert_eq!((best.differences.len(), best.both + best.best_only.len()), (0, best.statements));
    // `ROWS FROM`, grouping sets inside others, XML and JSON: the parts are there, the syntax is not.
    assert_eq!(best.misprinted.len(), 4);
    let wrong = read_all("wrong.sql", include_str!("agree/wrong.sql"));
    assert_eq!((wrong.differences.len(), wrong.statements), (2, 3));
}

#[test]
fn on_real_histories() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("histories");
    let mut total = Tally::default();
    for history in json(&folder.join("index.json")).as_array().unwrap() {
        if history["dialect"] != "postgres" {
            continue;
        }
        let mut tally = Tally::default();
        let mut analyzer = Analyzer::new(Dialect::Postgres);
        for file in corpus::files(&folder, history, Dialect::Postgres) {
            let Some(text) = corpus::text_of(&file, history) else { continue };
            tally.read(&mut analyzer, corpus::up_part(&text));
        }
        tally.print(history["project"].as_str().unwrap());
        total.statements += tally.statements;
        total.both += tally.both;
        total.best_only.extend(tally.best_only);
        total.portable_only.extend(tally.portable_only);
        total.differences.extend(tally.differences);
        total.coverage.0 += tally.coverage.0;
        total.coverage.1 += tally.coverage.1;
        total.misprinted.extend(tally.misprinted);
    }
    println!(
        "postgres: {} of {} statements; {} best only, {} portable only, {} differ",
        total.coverage.0,
        total.coverage.1,
        total.best_only.len(),
        total.portable_only.len(),
        total.differences.len()
    );
    assert!(total.differences.is_empty() && total.misprinted.is_empty());
}

#[test]
fn on_cases_of_other_tools() {
    let Some(corpora) = corpora() else { return };
    let mut total = Tally::default();
    let mut paths: Vec<_> =
        std::fs::read_dir(corpora.join("lineage")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let suite = json(&path);
        let Some(cases) = suite["cases"].as_array() else { continue };
        let mut tally = Tally::default();
        let setup: Vec<String> = texts(&suite["setup"]);
        for case in cases {
            let mut analyzer = Analyzer::new(Dialect::Postgres);
            for text in
                setup.iter().chain(&texts(&suite["schemas"][case["schema_ref"].as_str().unwrap_or("")]))
            {
                tally.read(&mut analyzer, text);
            }
            for key in ["sql", "statements", "change"] {
                texts(&case[key]).iter().for_each(|text| tally.read(&mut analyzer, text));
            }
        }
        tally.print(path.file_name().unwrap().to_str().unwrap());
        total.differences.extend(tally.differences);
    }
    assert!(total.differences.is_empty());
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
