//! Tables as a whole: their rows' type, those that inherit from them, and their partitions.

use std::collections::BTreeSet;

use super::{callers, parsed_functions, policies_on};
use crate::catalogue::{Catalogue, Relation, Routine};
use crate::impact::change::{Change, ChangeKind};
use crate::impact::{Dependent, SchemaObjectKind, gives_rows_of, is_type, views};
use crate::name::{Ident, ObjectName};

/// The change, and the same one of each table that it is handed down to.
pub(super) fn with_heirs(catalogue: &Catalogue, change: &Change) -> Vec<Change> {
    let mut all = vec![change.clone()];
    if change.column().is_some() && !change.only {
        let heirs = catalogue.descendants(&change.table, false).into_iter();
        all.extend(heirs.map(|table| Change { table, ..change.clone() }));
    } else if matches!(change.kind, ChangeKind::Drop) {
        let partitions = catalogue.descendants(&change.table, true).into_iter();
        all.extend(partitions.map(|table| Change { table, ..change.clone() }));
    }
    all
}

/// What can't be done to a column that is shared between tables, or to a view that others may read.
pub(super) fn reason(catalogue: &Catalogue, change: &Change) -> Option<String> {
    let relation = catalogue.known(&change.table)?;
    if let ChangeKind::ReplaceView(new) = &change.kind {
        return replaced(relation, new);
    }
    if let ChangeKind::AddColumn(_) = &change.kind {
        let heirs = catalogue.descendants(&change.table, false);
        return (change.only && !heirs.is_empty())
            .then(|| "those that inherit from it need it too".to_owned());
    }
    let column = change.column()?;
    let from = relation.parents.iter().find(|parent| {
        let known = catalogue.known(&parent.table);
        known.is_some_and(|known| known.column(column).is_some())
    });
    if let Some(parent) = from {
        return Some(format!("{} inherits {column} from {}", relation.name, parent.table));
    }
    let by_names = matches!(change.kind, ChangeKind::RenameColumn(..));
    if !by_names && relation.partition_key.contains(column) {
        return Some(format!("{column} is in the partition key of {}", relation.name));
    }
    let has = |name: &ObjectName| catalogue.known(name).is_some_and(|heir| heir.column(column).is_some());
    let partitioned = !relation.partition_key.is_empty();
    let alone = change.only && (by_names || partitioned || matches!(change.kind, ChangeKind::AlterType(..)));
    let heir = catalogue.descendants(&change.table, false).into_iter().find(|name| alone && has(name))?;
    Some(format!("{heir} has {column} from it"))
}

/// A view keeps its columns, in order; others may come behind them.
fn replaced(view: &Relation, new: &[Ident]) -> Option<String> {
    let lost = view.columns.len() > new.len();
    let mut both = view.columns.iter().map(|column| &column.name).zip(new);
    match both.find(|(old, new)| old != new) {
        Some((old, new)) if !lost => Some(format!("column {old} of {} would be {new}", view.name)),
        Some(_) | None if lost => Some(format!("{} would lose columns", view.name)),
        _ => None,
    }
}

/// What keeps a table or view from being dropped.
pub(super) fn of_table(catalogue: &Catalogue, change: &Change) -> BTreeSet<Dependent> {
    // Partitions go with it, so they keep nobody.
    let mut dropped = vec![change.table.clone()];
    dropped.extend(catalogue.descendants(&change.table, true));
    let mut found = BTreeSet::new();
    // Those that inherit keep it, and are kept in turn.
    let heirs = catalogue.descendants(&change.table, false);
    let heirs: Vec<_> = heirs.into_iter().filter(|name| !dropped.contains(name)).collect();
    found.extend(heirs.iter().map(|name| Dependent::new(SchemaObjectKind::Table, name)));
    let all: Vec<_> = dropped.iter().chain(&heirs).cloned().collect();
    for table in &all {
        let one = Change { table: table.clone(), ..change.clone() };
        let keys = catalogue.references_to(table, None).into_iter();
        found.extend(keys.filter(|(owner, _)| !all.contains(owner)).map(|(_, dependent)| dependent));
        found.extend(views(catalogue.views_of(&one)));
        found.extend(parsed_functions(catalogue, &one));
        found.extend(of_rows(catalogue, table));
        // A policy goes with its own table.
        let is_own = |policy: &Dependent| all.iter().any(|own| policy.table == Some(own.to_string()));
        found.extend(policies_on(catalogue, &one).into_iter().filter(|policy| !is_own(policy)));
    }
    found
}

/// What has the type of a table's rows: columns, and functions that take or give them, with the views that call those.
fn of_rows(catalogue: &Catalogue, table: &ObjectName) -> BTreeSet<Dependent> {
    let mut found = BTreeSet::new();
    for relation in
        catalogue.relations().filter(|relation| relation.name != *table && relation.view.is_none())
    {
        let typed = relation.columns.iter().filter(|own| is_type(Some(&own.data_type), table));
        found.extend(typed.map(|own| Dependent::of(SchemaObjectKind::Column, &own.name, &relation.name)));
    }
    let mentions = |routine: &&Routine| {
        let taken = routine.arguments.iter().map(|argument| argument.data_type.as_str());
        gives_rows_of(routine, table) || taken.into_iter().any(|name| is_type(Some(name), table))
    };
    let named: Vec<_> = catalogue.routines().filter(mentions).map(|routine| &routine.name).collect();
    found.extend(named.iter().map(|name| Dependent::new(SchemaObjectKind::Function, name)));
    found.extend(callers(catalogue, &named));
    found
}
