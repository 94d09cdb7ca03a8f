//! MySQL and MariaDB: `information_schema`, and the texts of views as the server stores them: every column with its table, every
//! table with its database (<https://mariadb.com/kb/en/information-schema-views-table/>).

use std::collections::BTreeSet;

use super::{Dependents, SchemaDependent};
use crate::connector::DatabaseConnector;
use crate::error::Result;
use crate::value::Value;
use migration_model::SchemaObjectKind as Kind;

const FIND: &str = "SELECT t.table_schema, t.table_name, c.column_name FROM information_schema.tables t \
     LEFT JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.column_name = ? \
     WHERE t.table_schema = coalesce(?, database()) AND t.table_name = ?";

/// Foreign keys that refer to a table, and its own.
const KEYS: &str = "SELECT constraint_name, table_name, table_schema, column_name, referenced_column_name, \
       referenced_table_schema, referenced_table_name \
     FROM information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL \
       AND ((referenced_table_schema = ? AND referenced_table_name = ?) OR (table_schema = ? AND table_name = ?))";

const VIEWS: &str = "SELECT table_name, table_schema, view_definition FROM information_schema.views";

const GENERATED: &str = "SELECT column_name, generation_expression FROM information_schema.columns \
     WHERE table_schema = ? AND table_name = ? AND generation_expression <> ''";

/// Indexes with all their columns.
const INDEXES: &str = "SELECT index_name, group_concat(column_name) FROM information_schema.statistics \
     WHERE table_schema = ? AND table_name = ? GROUP BY index_name";

pub(super) fn dependents(
    connector: &mut DatabaseConnector,
    schema: Option<&str>,
    table: &str,
    column: Option<&str>,
) -> Result<Option<Dependents>> {
    let names =
        [Value::from(column.unwrap_or_default()), Value::from(schema.map(str::to_owned)), Value::from(table)];
    let found = connector.texts(FIND, &names)?;
    let Some([Some(schema), Some(table), known]) = found.first().map(Vec::as_slice) else { return Ok(None) };
    if column.is_some() && known.is_none() {
        return Ok(None);
    }
    // As the server writes it.
    let (schema, table, column) = (schema.clone(), table.clone(), column.and(known.clone()));
    let of = |kind, name: &str, table: Option<&str>, schema: &str| SchemaDependent {
        kind,
        name: name.to_owned(),
        table: table.map(str::to_owned),
        schema: Some(schema.to_owned()),
    };
    let mut dependents = Dependents { found: Vec::new(), complete: vec![Kind::View] };
    let place = [Value::from(schema.as_str()), Value::from(table.as_str())];

    for row in connector.texts(KEYS, &[place.clone(), place.clone()].concat())? {
        let [Some(name), Some(from), Some(from_schema), own, its, Some(to_schema), Some(to)] = row.as_slice()
        else {
            continue;
        };
        let refers =
            *to == table && *to_schema == schema && column.as_ref().is_none_or(|c| Some(c) == its.as_ref());
        let is_own = *from == table && *from_schema == schema;
        let by_own = column.is_some() && is_own && column.as_ref() == own.as_ref();
        if (refers && (column.is_some() || !is_own)) || by_own {
            dependents.found.push(of(Kind::Constraint, name, Some(from), from_schema));
        }
    }
    for view in views(connector, &schema, &table, column.as_deref())? {
        dependents.found.push(of(Kind::View, &view.1, None, &view.0));
    }
    if let Some(column) = &column {
        let written = quoted(column);
        for row in connector.texts(GENERATED, &place)? {
            if let [Some(name), Some(text)] = row.as_slice()
                && text.contains(&written)
            {
                dependents.found.push(of(Kind::Column, name, Some(&table), &schema));
            }
        }
        for row in connector.texts(INDEXES, &place)? {
            if let [Some(name), Some(columns)] = row.as_slice()
                && columns.eq_ignore_ascii_case(column)
            {
                dependents.found.push(of(Kind::Index, name, Some(&table), &schema));
            }
        }
    }
    Ok(Some(dependents))
}

/// The views that read a table or a column of it, and those that read such a view; each with its schema.
fn views(
    connector: &mut DatabaseConnector,
    schema: &str,
    table: &str,
    column: Option<&str>,
) -> Result<BTreeSet<(String, String)>> {
    let all: Vec<(String, String, String)> = connector
        .texts(VIEWS, &[])?
        .into_iter()
        .filter_map(|row| match <[Option<String>; 3]>::try_from(row) {
            Ok([Some(name), Some(schema), Some(text)]) => Some((schema, name, text)),
            _ => None,
        })
        .collect();
    let reads =
        |text: &str, schema: &str, name: &str| text.contains(&format!("{}.{}", quoted(schema), quoted(name)));
    let names = |text: &str| column.is_none_or(|column| text.contains(&format!(".{}", quoted(column))));
    let mut found = BTreeSet::new();
    let first = all.iter().filter(|(_, _, text)| reads(text, schema, table) && names(text));
    let mut open: Vec<(String, String)> =
        first.map(|(schema, name, _)| (schema.clone(), name.clone())).collect();
    while let Some((schema, name)) = open.pop() {
        if found.insert((schema.clone(), name.clone())) {
            let more = all.iter().filter(|(_, _, text)| reads(text, &schema, &name));
            open.extend(more.map(|(schema, name, _)| (schema.clone(), name.clone())));
        }
    }
    Ok(found)
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
