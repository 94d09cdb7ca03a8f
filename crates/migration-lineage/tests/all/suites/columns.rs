//! Which columns a column comes from.

use migration_lineage::{Analyzer, Kind, Source, StatementLineage, Subtype};
use serde_json::Value;

use super::{Edges, analyse, dialect_of, difference, make_tables, plain, sql_of, suite};

fn edges(value: &Value) -> Edges {
    let end = |value: &Value| (value[0].as_str().map(plain), plain(value[1].as_str().unwrap()));
    let edge = |edge: &Value| {
        let (source, target) = (end(&edge[0]), end(&edge[1]));
        (source.0, source.1, target.0, target.1)
    };
    value["edges"].as_array().unwrap().iter().map(edge).collect()
}

fn from_the_list(source: &Source) -> bool {
    source.kind() == Kind::Direct || matches!(source.subtype, Subtype::Conditional | Subtype::Window)
}

fn table_of(source: &Source) -> Option<String> {
    source.column.table.as_ref().map(|table| plain(&table.to_string()))
}

/// The edges of a select list; a column without a name is counted.
fn listed(statement: &StatementLineage) -> Edges {
    let mut unnamed = 0;
    let mut edges = Edges::new();
    for column in &statement.columns {
        let name = match column.target.name.as_str() {
            "?column?" => {
                unnamed += 1;
                format!("_{}", unnamed - 1)
            }
            name => plain(name),
        };
        let target = column.target.table.as_ref().map(|table| plain(&table.to_string()));
        for source in column.sources.iter().filter(|source| from_the_list(source)) {
            edges.insert((
                table_of(source),
                plain(source.column.name.as_str()),
                target.clone(),
                name.clone(),
            ));
        }
    }
    edges
}

/// The select list of a query.
#[test]
fn openlineage() {
    suite("openlineage_column", |_, case| {
        match analyse(&mut Analyzer::new(dialect_of(case)), &sql_of(case)) {
            Ok(analysis) => difference(&edges(&case["expect"]), &listed(&analysis.statements[0])),
            Err(error) => Some(error),
        }
    });
}

/// What is left behind by a script, from what it found: through all that it made on the way.
#[test]
fn sqllineage() {
    suite("sqllineage_column", |_, case| {
        let mut analyzer = Analyzer::new(dialect_of(case));
        make_tables(&mut analyzer, &case["schema"]);
        let analysis = match analyse(&mut analyzer, &sql_of(case)) {
            Ok(analysis) => analysis,
            Err(error) => return Some(error),
        };
        let mut last = analysis.statements.last().unwrap().clone();
        for column in &mut last.columns {
            let origins = column.sources.iter().flat_map(|source| analyzer.catalogue().origins(source));
            column.sources = origins.collect();
        }
        difference(&edges(&case["expect"]), &listed(&last))
    });
}

/// One column of a query, through views; what went through a `*` of an unknown table is that `*`, and what comes from no
/// column comes from a literal.
#[test]
fn sqlglot() {
    suite("sqlglot_column", |_, case| {
        let mut analyzer = Analyzer::new(dialect_of(case));
        make_tables(&mut analyzer, &case["schema"]);
        for (name, query) in case["views"].as_object().into_iter().flatten() {
            let view = format!("CREATE VIEW {name} AS {}", query.as_str().unwrap());
            analyse(&mut analyzer, &view).unwrap();
        }
        let analysis = match analyse(&mut analyzer, &sql_of(case)) {
            Ok(analysis) => analysis,
            Err(error) => return Some(error),
        };
        let wanted = plain(case["column"].as_str().unwrap());
        let mut ours = Edges::new();
        let columns = || analysis.statements[0].columns.iter();
        for column in columns().filter(|column| plain(column.target.name.as_str()) == wanted) {
            let direct = column.sources.iter().filter(|source| source.kind() == Kind::Direct);
            let origins: Vec<_> = direct.flat_map(|source| analyzer.catalogue().origins(source)).collect();
            for source in &origins {
                let name = if source.through_star { "*" } else { source.column.name.as_str() };
                ours.insert((table_of(source), plain(name), None, wanted.clone()));
            }
            if origins.is_empty() {
                ours.insert((None, "a literal".to_owned(), None, wanted.clone()));
            }
        }
        let literal = |edge: (Option<String>, String, Option<String>, String)| match edge {
            (None, name, target, column) if name.contains('.') => {
                (None, "a literal".to_owned(), target, column)
            }
            edge => edge,
        };
        difference(&edges(&case["expect"]).into_iter().map(literal).collect(), &ours)
    });
}
