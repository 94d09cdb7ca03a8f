//! The catalogue at the end of real histories beside what a real server had then: its dump, read as a history of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use migration_lineage::{Analyzer, Catalogue};
use migration_syntax::Dialect;
use serde_json::Value;

use crate::histories::{files, text_of, up_part};

/// The least part of all tables that has to have just the columns that the servers have.
const LEAST: f64 = 0.97;

#[test]
fn have_the_same_tables() {
    let Some(corpora) = std::env::var_os("MIGRATION_CORPORA").map(PathBuf::from) else {
        println!("MIGRATION_CORPORA is not set: nothing to read");
        return;
    };
    let folder = corpora.join("histories");
    let index = std::fs::read_to_string(folder.join("index.json")).unwrap();
    let index: Vec<Value> = serde_json::from_str(&index).unwrap();
    let (mut same, mut all) = (0, 0);
    for history in &index {
        let dialect: Dialect = history["dialect"].as_str().unwrap().parse().unwrap();
        let project = history["project"].as_str().unwrap();
        let dump = folder.join(format!("truth/{project}.{dialect}.sql"));
        let Ok(dump) = std::fs::read_to_string(dump) else { continue };
        let mut server = Analyzer::new(dialect);
        if server.analyze(&dump).is_err() {
            continue;
        }
        let mut ours = Analyzer::new(dialect);
        let _ = ours.analyze(history["prelude"].as_str().unwrap_or_default());
        for file in files(&folder, history, dialect) {
            let Some(text) = text_of(&file, history) else { continue };
            let _ = ours.analyze(up_part(&text));
        }
        let (has, ours) = (tables(server.catalogue()), tables(ours.catalogue()));
        let names: BTreeSet<_> = has.keys().chain(ours.keys()).collect();
        let equal = names.iter().filter(|name| has.get(**name) == ours.get(**name)).count();
        (same, all) = (same + equal, all + names.len());
        if equal < names.len() {
            println!("{dialect} {project}: {equal} of {} tables", names.len());
            for name in names.iter().filter(|name| has.get(**name) != ours.get(**name)) {
                match (has.get(*name), ours.get(*name)) {
                    (Some(has), Some(ours)) => {
                        let more: Vec<_> = ours.difference(has).collect();
                        let less: Vec<_> = has.difference(ours).collect();
                        println!("  {name}: too many {more:?}, missing {less:?}");
                    }
                    (Some(_), None) => println!("  {name} is missing"),
                    _ => println!("  {name} is too many"),
                }
            }
        }
    }
    let ratio = same as f64 / all as f64;
    println!(
        "{same} of {all} tables and views have the columns that the servers have ({:.2} %)",
        ratio * 100.0
    );
    assert!(ratio >= LEAST, "{ratio}");
}

/// The columns of each table, without the schema that a dump names and a history doesn't, and without what tools keep.
fn tables(catalogue: &Catalogue) -> BTreeMap<String, BTreeSet<String>> {
    let columns = |relation: &migration_lineage::Relation| {
        relation.columns.iter().map(|column| column.name.key().to_owned()).collect()
    };
    let of_tools = ["schema_migrations", "migrations", "_sqlx_migrations"];
    catalogue
        .relations()
        .map(|relation| (relation.name.last().key().to_owned(), columns(relation)))
        .filter(|(name, _)| !of_tools.contains(&name.as_str()))
        .collect()
}
