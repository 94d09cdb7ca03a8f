//! Lineage against SQLite itself: when the values of one column change, and a statement runs on both states, every column
//! that comes out different has to have that column among its sources.
//!
//! Statements and data are random, the same for the same seed; `LINEAGE_SEEDS` runs more of them.

mod generate;

use std::collections::{BTreeMap, BTreeSet};

use generate::{Generator, TABLES};
use migration_kit::DatabaseConnector;
use migration_kit::lineage::{Analyzer, Catalogue, ColumnRef, DatasetLineage, Flow, StatementLineage};
use migration_kit::syntax::Dialect;

/// How many statements are tried when nobody says otherwise.
const SEEDS: u64 = 400;

/// A table's values by column: each in order of value, since a table has no order of rows.
type Content = BTreeMap<String, Vec<String>>;

fn content(database: &mut DatabaseConnector, table: &str) -> Content {
    let rows = database.execute(&format!("SELECT * FROM {table}"), &[]).unwrap();
    let mut content = Content::new();
    for (at, column) in rows.columns.iter().enumerate() {
        let mut values: Vec<_> = rows.rows.iter().map(|row| format!("{:?}", row[at])).collect();
        values.sort();
        content.insert(column.to_lowercase(), values);
    }
    content
}

fn database(schema: &str, rows: &[String]) -> DatabaseConnector {
    let mut database = DatabaseConnector::open("sqlite::memory:").unwrap();
    database.execute_script(schema).unwrap();
    for row in rows {
        database.execute(row, &[]).unwrap();
    }
    database
}

/// The tables that a statement can have changed, afterwards.
fn after(
    schema: &str,
    rows: &[String],
    change: Option<&str>,
    statement: &str,
) -> Result<BTreeMap<String, Content>, String> {
    let mut database = database(schema, rows);
    if let Some(change) = change {
        database.execute(change, &[]).map_err(|error| error.to_string())?;
    }
    database.execute_script(statement).map_err(|error| format!("{error:?}"))?;
    let tables = ["made", "sink"];
    Ok(tables.iter().map(|table| ((*table).to_owned(), content(&mut database, table))).collect())
}

/// The sources, with those that a generated column among them is computed from, and those of a column among them that the
/// statement writes as well: rows of an upsert see what the rows before them have left.
fn origins(
    sources: impl Iterator<Item = ColumnRef>,
    statement: &StatementLineage,
    catalogue: &Catalogue,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<_> = sources.collect();
    while let Some(source) = open.pop() {
        if !found.insert(source.to_string().to_lowercase()) {
            continue;
        }
        let table = source.table.as_ref().and_then(|table| catalogue.relation(table));
        let computed = table.and_then(|table| table.column(&source.name)?.computed.as_ref());
        let own = statement.columns.iter().filter(|column| column.target == source);
        open.extend(own.flat_map(|column| &column.sources).map(|source| source.column.clone()));
        open.extend(computed.into_iter().flat_map(Flow::iter).map(|source| source.column.clone()));
    }
    found
}

#[test]
fn every_column_that_changes_is_in_the_lineage() {
    let seeds = std::env::var("LINEAGE_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    let (mut ran, mut told) = (0u64, 0u64);
    let mut refused = BTreeSet::new();
    for seed in 0..seeds {
        let mut generator = Generator::new(seed);
        let schema = generate::schema();
        let statement = generator.statement();
        let mut analyzer = Analyzer::new(Dialect::Sqlite);
        let analysis = analyzer.analyze(&format!("{schema}\n{statement}")).unwrap();
        let lineage = analysis.statements.last().unwrap();
        assert!(lineage.unanalysed.is_empty(), "seed {seed}: {statement}\n{:?}", lineage.unanalysed);
        let rows = generator.rows();
        let before = match after(&schema, &rows, None, &statement) {
            Ok(before) => before,
            Err(error) => {
                refused.insert(error);
                continue;
            }
        };
        for (table, columns) in TABLES {
            for column in *columns {
                let changed = generator.change(table, column);
                let Ok(changed_to) = after(&schema, &rows, Some(&changed), &statement) else { continue };
                ran += 1;
                for (output, content) in &before {
                    for (name, values) in content {
                        if changed_to[output].get(name) == Some(values) {
                            continue;
                        }
                        told += 1;
                        let target = format!("{output}.{name}");
                        let source = format!("{table}.{column}");
                        let known =
                            lineage.columns.iter().filter(|c| c.target.to_string().to_lowercase() == target);
                        let sources =
                            known.flat_map(|column| &column.sources).map(|source| source.column.clone());
                        // Columns that the statement does not name change with the rows that come and go.
                        let of_table = |dataset: &&DatasetLineage| {
                            dataset.target.as_ref().is_some_and(|table| table.to_string() == *output)
                        };
                        let rows =
                            lineage.dataset.iter().filter(of_table).flat_map(|dataset| &dataset.sources);
                        let rows = rows.map(|source| source.column.clone());
                        let found =
                            origins(sources.chain(rows), lineage, analyzer.catalogue()).contains(&source);
                        assert!(
                            found,
                            "seed {seed}: {target} changes with {source}, which its lineage does not have\n\
                             {statement}\n{changed}\n{:#?}",
                            lineage.columns
                        );
                    }
                }
            }
        }
    }
    println!("{seeds} statements, {ran} changes, {told} columns that changed; refused: {refused:#?}");
    assert!(told > seeds, "hardly anything changed: {told}");
    assert!(refused.len() as u64 * 10 < seeds, "too much is refused: {refused:#?}");
}
