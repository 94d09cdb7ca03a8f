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
        if let Some(prelude) = history["prelude"].as_str() {
            builder.migration("prelude", prelude);
            analyzer.analyze(prelude).unwrap();
        }
        for file in files(&folder, history, dialect) {
            let Some(text) = text_of(&file, history) else { continue };
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
                        println!(
                            "{dialect} {} | {} | {line}",
                            history["project"].as_str().unwrap(),
                            part.reason
                        );
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

/// What a file says, with the history's parameters in place.
pub(crate) fn text_of(file: &Path, history: &Value) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let params = history["params"].as_object().into_iter().flatten();
    Some(params.fold(text, |text, (from, to)| text.replace(from, to.as_str().unwrap_or_default())))
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

/// The files of a history that lead up, in the order in which its tool runs them.
pub(crate) fn files(folder: &Path, history: &Value, dialect: Dialect) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.join(history["dir"].as_str().unwrap())];
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
    let own: BTreeSet<_> = found.iter().filter(|path| names(path, own_names(dialect))).map(version).collect();
    found.retain(|path| names(path, own_names(dialect)) || !own.contains(&version(path)));
    match history["layout"].as_str() {
        Some("prisma" | "drizzle") => found.sort(),
        // A version is a text, in which dashes count for nothing.
        Some("diesel") => found.sort_by_cached_key(|path| path.to_string_lossy().replace('-', "")),
        Some("sqitch") => {
            let plan =
                std::fs::read_to_string(folder.join(history["dir"].as_str().unwrap()).join("sqitch.plan"));
            let plan = plan.unwrap_or_default();
            let changes: Vec<&str> = plan.lines().filter_map(|line| line.split_whitespace().next()).collect();
            let place = |path: &PathBuf| {
                let path = path.to_string_lossy().into_owned();
                let change =
                    path.split_once("/deploy/").map_or("", |(_, name)| name.trim_end_matches(".sql"));
                changes.iter().rposition(|known| *known == change.split('@').next().unwrap_or_default())
            };
            found.retain(|path| path.to_string_lossy().contains("/deploy/"));
            found.sort_by_cached_key(place);
        }
        // A version ends with two underscores, and the schema that a project began with is kept apart.
        layout => {
            let is_up = |path: &PathBuf| path.to_string_lossy().ends_with(".up.sql");
            found.retain(|path| layout != Some("golang-migrate") || is_up(path));
            found.sort_by_cached_key(|path| {
                let path = path.to_string_lossy();
                (!path.contains("/_base/"), numbers_apart(&path.replace("__", "\0")))
            });
        }
    }
    found
}

/// Whether a file leads down, checks something, or is the whole schema for those who begin with it.
fn leads_down(path: &Path) -> bool {
    let text = path.to_string_lossy().to_lowercase();
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    name.contains(".down.")
        || name == "latest.sql"
        || name.starts_with("down")
        || name.starts_with('u') && name.contains("__")
        || text.contains("/revert/")
        || text.contains("/verify/")
        || name.contains("rollback")
}

/// Some projects keep the files of all their databases together, with the name of each in the files' names. One without any
/// name is for those that have none of their own with its number.
fn is_for_another(path: &Path, dialect: Dialect) -> bool {
    let others = ["sqlite", "sqlite3", "postgres", "postgresql", "mysql", "mariadb", "cockroach"];
    others.iter().any(|other| !own_names(dialect).contains(other) && names(path, &[other]))
}

fn own_names(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Sqlite => &["sqlite", "sqlite3"],
        Dialect::Postgres => &["postgres", "postgresql"],
        Dialect::Mysql => &["mysql", "mariadb"],
    }
}

/// Whether the name of a file has one of these words between dots.
fn names(path: &Path, words: &[&str]) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    name.split('.').any(|part| words.contains(&part))
}

/// What a file's path has before the first dot of its name.
fn version(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(name.split('.').next().unwrap_or_default())
}

/// A text whose numbers are compared as such.
fn numbers_apart(text: &str) -> Vec<(u128, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let words = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        parts.push((
            number.parse().unwrap_or(u128::MAX * u128::from(!number.is_empty())),
            after[..words].to_owned(),
        ));
        rest = &after[words..];
    }
    parts
}

/// What stands before the part that leads down again, in layouts that have both in one file.
pub(crate) fn up_part(text: &str) -> &str {
    let marks = ["-- +goose Down", "-- migrate:down", "-- +migrate Down", "-- +goose down"];
    let end = marks.iter().filter_map(|mark| text.find(mark)).min();
    &text[..end.unwrap_or(text.len())]
}
