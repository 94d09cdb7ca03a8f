//! What PostgreSQL and SQLite themselves say of views over the tables of TPC-H and TPC-DS.

use std::collections::BTreeSet;

use migration_lineage::{Analyzer, ColumnRef, Kind, Relation, Subtype};
use migration_syntax::Dialect;
use serde_json::Value;

use super::{analyse, difference, make_tables, plain, suite};

type Columns = BTreeSet<(String, String)>;

fn columns(value: &Value) -> Columns {
    let pair = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
    value.as_array().unwrap().iter().map(pair).collect()
}

fn pair(column: &ColumnRef) -> (String, String) {
    let table = column.table.as_ref().map(ToString::to_string).unwrap_or_default();
    (plain(&table), plain(column.name.as_str()))
}

fn view(schema: &Value, sql: &str, dialect: Dialect) -> Result<Relation, String> {
    let mut analyzer = Analyzer::new(dialect);
    make_tables(&mut analyzer, schema);
    analyse(&mut analyzer, &format!("CREATE VIEW the_view AS {sql}"))?;
    let found = analyzer.catalogue().relations().find(|relation| relation.name.to_string() == "the_view");
    found.cloned().ok_or_else(|| "no view".to_owned())
}

fn reads(view: &Relation) -> Columns {
    view.view.iter().flat_map(|view| &view.reads).map(pair).collect()
}

/// The columns that a view copies are those that PostgreSQL's catalogue gives as their origin.
fn copies(view: &Relation, expected: &Value) -> Option<String> {
    let mut ours = BTreeSet::new();
    for column in &view.columns {
        let direct: Vec<_> = column
            .computed
            .iter()
            .flat_map(migration_lineage::Flow::iter)
            .filter(|source| source.kind() == Kind::Direct)
            .collect();
        let copied = match direct.as_slice() {
            [only] if only.subtype == Subtype::Identity => Some(pair(&only.column)),
            _ => None,
        };
        ours.insert((plain(column.name.as_str()), copied));
    }
    let entry = |output: &Value| {
        let copied = output["identity_of"].as_array();
        let copied =
            copied.map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned()));
        (plain(output["name"].as_str().unwrap()), copied)
    };
    difference(&expected.as_array().unwrap().iter().map(entry).collect(), &ours)
}

#[test]
fn engines() {
    suite("oracle_view_columns_tpc", |suite, case| {
        let schema = &suite["schemas"][case["schema_ref"].as_str().unwrap()];
        let sql = case["sql"].as_str().unwrap();
        let postgres = &case["postgres"];
        if !postgres.is_null() {
            match view(schema, sql, Dialect::Postgres) {
                Ok(view) => {
                    let wrong = difference(&columns(&postgres["reads"]), &reads(&view))
                        .or_else(|| copies(&view, &postgres["outputs"]));
                    if wrong.is_some() {
                        return wrong.map(|wrong| format!("postgres: {wrong}"));
                    }
                }
                Err(error) => return Some(error),
            }
        }
        let sqlite = &case["sqlite_reads"];
        if sqlite.is_null() {
            return None;
        }
        match view(schema, sql, Dialect::Sqlite) {
            Ok(view) => difference(&columns(sqlite), &reads(&view)).map(|wrong| format!("sqlite: {wrong}")),
            Err(error) => Some(error),
        }
    });
}
