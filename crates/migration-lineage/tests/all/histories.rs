//! Real migration histories: nothing panics, and how much of each is understood.
//!
//! They are not in the repository: the folder is named by `MIGRATION_CORPORA`, and without it these tests say so and pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use migration_lineage::{Analyzer, Catalogue, Coverage, GraphBuilder, LineageGraph, NodeKind};
use migration_syntax::Dialect;
use serde_json::Value;

pub(crate) use crate::corpus::{files, text_of, up_part};

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
