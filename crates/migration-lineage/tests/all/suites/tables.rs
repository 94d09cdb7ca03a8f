//! Which tables a script reads and writes.

use std::collections::BTreeSet;

use migration_lineage::Analyzer;
use migration_syntax::StatementKind;
use serde_json::Value;

use super::{analyse, dialect_of, difference, plain, sql_of, suite};

fn names(value: &Value) -> Option<BTreeSet<String>> {
    let names = value.as_array()?;
    Some(names.iter().map(|name| plain(name.as_str().unwrap())).collect())
}

/// All that is read and all that is written, by any statement.
#[test]
fn openlineage() {
    suite("openlineage_table", |_, case| {
        let analysis = match analyse(&mut Analyzer::new(dialect_of(case)), &sql_of(case)) {
            Ok(analysis) => analysis,
            Err(error) => return Some(error),
        };
        let statements = || analysis.statements.iter();
        let sources = statements().flat_map(|s| &s.inputs).map(|name| plain(&name.to_string())).collect();
        let targets = statements().flat_map(|s| &s.outputs).map(|name| plain(&name.to_string())).collect();
        let expected = &case["expect"];
        let sources = names(&expected["sources"]).and_then(|names| difference(&names, &sources));
        let targets = names(&expected["targets"]).and_then(|names| difference(&names, &targets));
        sources.or(targets)
    });
}

/// What a script reads from outside and leaves behind: neither what it made on the way nor what it only drops. A name with
/// a slash in it is the path of a file.
#[test]
fn sqllineage() {
    suite("sqllineage_table", |_, case| {
        let analysis = match analyse(&mut Analyzer::new(dialect_of(case)), &sql_of(case)) {
            Ok(analysis) => analysis,
            Err(error) => return Some(error),
        };
        let (mut sources, mut targets, mut paths) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for statement in &analysis.statements {
            if !matches!(statement.kind, StatementKind::Select | StatementKind::Insert) {
                continue;
            }
            for table in statement.inputs.iter().map(|name| plain(&name.to_string())) {
                if let Some((_, path)) = table.split_once('.').filter(|_| table.contains('/')) {
                    paths.insert(format!("path:{path}"));
                } else if !targets.remove(&table) {
                    sources.insert(table);
                }
            }
            targets.extend(statement.outputs.iter().map(|name| plain(&name.to_string())));
        }
        let expected = &case["expect"];
        let sources = names(&expected["sources"]).and_then(|names| difference(&names, &sources));
        let targets = names(&expected["targets"]).and_then(|names| difference(&names, &targets));
        let paths = names(&expected["paths"]).and_then(|names| difference(&names, &paths));
        sources.or(targets).or(paths)
    });
}
