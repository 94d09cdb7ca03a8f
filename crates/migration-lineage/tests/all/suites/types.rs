//! In which way a column is used: OpenLineage's tests of its integrations for Spark and Hive.

use std::collections::BTreeSet;

use migration_lineage::{Analyzer, Source, Subtype};
use serde_json::Value;

use super::{analyse, dialect_of, difference, make_tables, plain, sql_of, suite};

type Edge = (String, String, String, String, bool);

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

/// What decides on rows stands for the dataset as a whole.
fn ours(output: &str, source: &Source) -> Edge {
    let whole = matches!(source.subtype, Subtype::Join | Subtype::Filter | Subtype::GroupBy | Subtype::Sort);
    let output = if whole { "*".to_owned() } else { plain(output) };
    let how = format!("{} {}", word(&source.kind()), word(&source.subtype));
    let table = source.column.table.as_ref().map(ToString::to_string).unwrap_or_default();
    (output, plain(&table), plain(source.column.name.as_str()), how, source.masking)
}

fn theirs(output: &str, entry: &Value) -> Vec<Edge> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let edge = |how: &Value| {
        let kind = format!("{} {}", text(&how["type"]), text(&how["subtype"]));
        let masking = how["masking"].as_bool().unwrap();
        (output.to_owned(), text(&entry["table"]), text(&entry["field"]), kind, masking)
    };
    entry["transformations"].as_array().unwrap().iter().map(edge).collect()
}

#[test]
fn openlineage() {
    suite("openlineage_transformation_types", |_, case| {
        let mut analyzer = Analyzer::new(dialect_of(case));
        make_tables(&mut analyzer, &case["schema"]);
        let analysis = match analyse(&mut analyzer, &sql_of(case)) {
            Ok(analysis) => analysis,
            Err(error) => return Some(error),
        };
        let mut found = BTreeSet::new();
        for column in &analysis.statements[0].columns {
            found.extend(column.sources.iter().map(|source| ours(column.target.name.as_str(), source)));
        }
        let entries = |key: &str| case["expect"][key].as_array().unwrap().clone();
        let mut expected = BTreeSet::new();
        for entry in entries("columns") {
            expected.extend(theirs(&plain(entry["output"].as_str().unwrap()), &entry));
        }
        for entry in entries("dataset") {
            expected.extend(theirs("*", &entry));
        }
        difference(&expected, &found)
    });
}
