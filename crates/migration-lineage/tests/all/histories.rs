//! Real migration histories: nothing panics, and how much of each is understood.
//!
//! They are not in the repository: the folder is named by `MIGRATION_CORPORA`, and without it these tests say so and pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use migration_lineage::{Analyzer, Catalogue, Coverage, GraphBuilder, LineageGraph, NodeKind};
use migration_syntax::Dialect;
use serde_json::Value;

/// The least part of all statements of a dialect that has to be understood.
const LEAST: f64 = 0.99;

#[test]
fn are_understood() {
    let Some(corpora) = std::env::var_os("MIGRATION_CORPORA").map(PathBuf::from) else {
        println!("MIGRATION_CORPORA is not set: nothing to read");
        return;
    };
    let folder = corpora.join("histories");
    let index = std::fs::read_to_string(folder.join("index.json")).unwrap();
    let index: Vec<Value> = serde_json::from_str(&index).unwrap();
    let mut total = [(0, 0); 3];
    for history in &index {
        let dialect: Dialect = history["dialect"].as_str().unwrap().parse().unwrap();
        let mut analyzer = Analyzer::new(dialect);
        let mut builder = GraphBuilder::new(dialect);
        let mut statements = Vec::new();
        for file in files(&folder.join(history["dir"].as_str().unwrap()), dialect) {
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let params = history["params"].as_object().into_iter().flatten();
            let text =
                params.fold(text, |text, (from, to)| text.replace(from, to.as_str().unwrap_or_default()));
            let text = up_part(&text);
            builder.migration(&file.to_string_lossy(), text);
            // What only a client understands is refused by the splitter, with its place.
            let Ok(analysis) = analyzer.analyze(text) else { continue };
            for statement in &analysis.statements {
                for part in &statement.unanalysed {
                    if std::env::var_os("LINEAGE_SHOW").is_some() {
                        let line =
                            text[part.start..part.end].split_whitespace().collect::<Vec<_>>().join(" ");
                        let line: String = line.chars().take(400).collect();
                        println!("{dialect} | {} | {}", part.reason, line);
                    }
                }
            }
            statements.extend(analysis.statements);
        }
        let coverage = Coverage::of(&statements);
        assert_same(builder.graph(), analyzer.catalogue());
        println!(
            "{dialect} {} {}: {} of {} statements ({:.1} %), {} relations",
            history["layout"].as_str().unwrap(),
            history["project"].as_str().unwrap(),
            coverage.analysed,
            coverage.statements,
            coverage.ratio * 100.0,
            analyzer.catalogue().relations().count()
        );
        total[dialect as usize].0 += coverage.analysed;
        total[dialect as usize].1 += coverage.statements;
    }
    for dialect in Dialect::ALL {
        let (analysed, all) = total[dialect as usize];
        let ratio = f64::from(analysed as u32) / f64::from(all as u32);
        println!("{dialect}: {analysed} of {all} statements ({:.2} %)", ratio * 100.0);
        assert!(ratio >= LEAST, "{dialect}: {ratio}");
    }
}

/// What the graph has at the end of a history is what the catalogue has.
fn assert_same(graph: &LineageGraph, catalogue: &Catalogue) {
    let relations: BTreeMap<String, BTreeSet<String>> = catalogue
        .relations()
        .filter(|relation| relation.complete)
        .map(|relation| {
            let columns = relation.columns.iter().map(|column| column.name.as_str().to_lowercase());
            (relation.name.to_string(), columns.collect())
        })
        .collect();
    for (name, columns) in &relations {
        let found: Vec<_> = graph
            .nodes()
            .filter(|(_, node)| {
                node.kind == NodeKind::Dataset && node.lifetime.is_open() && *node.name == **name
            })
            .collect();
        let [(dataset, _)] = found.as_slice() else { panic!("{name}: {} nodes", found.len()) };
        let open =
            graph.children(*dataset).map(|child| graph.get(child)).filter(|node| node.lifetime.is_open());
        let open: BTreeSet<String> = open.map(|node| node.name.to_lowercase()).collect();
        let missing: Vec<_> = columns.difference(&open).collect();
        assert!(missing.is_empty(), "{name}: {missing:?} of {columns:?} are missing");
    }
    for (id, node) in graph.nodes() {
        let is_seen = node.properties.get("relation").is_some();
        if is_seen && node.lifetime.is_open() {
            let known = catalogue.relations().any(|relation| relation.name.to_string() == *node.name);
            assert!(known, "{} is in the graph only", graph.path_of(id));
        }
    }
}

/// The files that lead up, in the order of the numbers in their names.
fn files(folder: &Path, dialect: Dialect) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sql")
                && !leads_down(&path)
                && !is_for_another(&path, dialect)
            {
                found.push(path);
            }
        }
    }
    found.sort_by_cached_key(|path| numbers_apart(&path.to_string_lossy()));
    found
}

fn leads_down(path: &Path) -> bool {
    let text = path.to_string_lossy().to_lowercase();
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    name.contains(".down.")
        || name.starts_with("down")
        || name.starts_with('u') && name.contains("__")
        || text.contains("/revert/")
        || text.contains("/verify/")
        || name.contains("rollback")
}

/// Some projects keep the files of all their databases together, with the name of each in the files' names.
fn is_for_another(path: &Path, dialect: Dialect) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let own: &[&str] = match dialect {
        Dialect::Sqlite => &["sqlite", "sqlite3"],
        Dialect::Postgres => &["postgres", "postgresql"],
        Dialect::Mysql => &["mysql", "mariadb"],
    };
    let mut named = ["sqlite", "sqlite3", "postgres", "postgresql", "mysql", "mariadb", "cockroach"].iter();
    named.any(|other| !own.contains(other) && name.split('.').any(|part| part == *other))
}

/// A text whose numbers are compared as such.
fn numbers_apart(text: &str) -> Vec<(u64, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let words = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        parts.push((
            number.parse().unwrap_or(u64::MAX * u64::from(!number.is_empty())),
            after[..words].to_owned(),
        ));
        rest = &after[words..];
    }
    parts
}

/// What stands before the part that leads down again, in layouts that have both in one file.
fn up_part(text: &str) -> &str {
    let marks = ["-- +goose Down", "-- migrate:down", "-- +migrate Down", "-- +goose down"];
    let end = marks.iter().filter_map(|mark| text.find(mark)).min();
    &text[..end.unwrap_or(text.len())]
}
