//! Reading all views again with the change made, as SQLite does.

use std::collections::BTreeSet;

use sqlparser::ast::Statement;

use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind};
use crate::catalogue::{Catalogue, Column};
use crate::define::names_of;
use crate::name::{Ident, ObjectName};
use crate::parse;
use crate::walk::{Renaming, Walker};

/// Gives the views that can't be read any more; those with other columns are reshaped.
pub(super) fn views(catalogue: &Catalogue, change: &Change, impact: &mut Impact) -> Vec<Dependent> {
    let mut unreadable = Vec::new();
    let mut after = catalogue.clone();
    let mut renaming = None;
    match &change.kind {
        ChangeKind::AddColumn(column) => {
            if let Some(relation) = after.relation_mut(&change.table) {
                relation.columns.push(Column::new(Ident::of(&column.name, catalogue.dialect())));
            }
        }
        ChangeKind::DropColumn(column) => {
            if let Some(relation) = after.relation_mut(&change.table) {
                relation.columns.retain(|known| known.name != *column);
            }
        }
        ChangeKind::RenameColumn(old, new) => {
            if let Some(relation) = after.relation_mut(&change.table) {
                for column in relation.columns.iter_mut().filter(|column| column.name == *old) {
                    column.name = new.clone();
                }
            }
            renaming = Some(Renaming { table: change.table.clone(), old: old.clone(), new: new.clone() });
        }
        _ => return unreadable,
    }
    for name in in_order(catalogue) {
        let before = read(catalogue, &name, None);
        let now = read(&after, &name, renaming.clone());
        match (before, now) {
            (Some(_), None) => {
                unreadable.push(Dependent::new(SchemaObjectKind::View, &name));
            }
            (Some(before), Some(now)) if now.ambiguous && !before.ambiguous => {
                unreadable.push(Dependent::new(SchemaObjectKind::View, &name));
            }
            (Some(Read { columns: before, .. }), Some(Read { columns: now, .. })) => {
                // A view that names its columns keeps those names.
                let given = catalogue.relation(&name).map(|relation| relation.columns.len())
                    == Some(before.len())
                    && catalogue.relation(&name).is_some_and(|relation| {
                        relation.columns.iter().map(|column| &column.name).ne(before.iter())
                    });
                if !given && before != now {
                    impact.reshaped.insert(Dependent::new(SchemaObjectKind::View, &name));
                    if let Some(relation) = after.relation_mut(&name) {
                        relation.columns = now.into_iter().map(Column::new).collect();
                    }
                }
            }
            _ => {}
        }
    }
    unreadable
}

/// A view as it is read.
struct Read {
    columns: Vec<Ident>,
    /// Whether a name in it may mean columns of several tables.
    ambiguous: bool,
}

/// A view; none if it can't be read.
fn read(catalogue: &Catalogue, name: &ObjectName, renaming: Option<Renaming>) -> Option<Read> {
    let view = catalogue.known(name)?.view.as_ref()?;
    let names = parse::with_parsed(&view.query, catalogue.dialect(), |trees| {
        let [Statement::Query(query)] = trees else { return Ok(None) };
        let mut walker = Walker::new(catalogue);
        walker.renaming = renaming;
        let output = walker.query(query, None)?;
        let (columns, ambiguous) = (names_of(&output, &[], catalogue.dialect()), walker.ambiguous);
        Ok((!walker.lost).then_some(Read { columns, ambiguous }))
    });
    names.ok().flatten()
}

/// Views behind those that they read.
fn in_order(catalogue: &Catalogue) -> Vec<ObjectName> {
    let mut rest: Vec<_> = catalogue
        .relations()
        .filter_map(|relation| Some((&relation.name, relation.view.as_ref()?)))
        .collect();
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    while !rest.is_empty() {
        let waits = |name: &ObjectName| rest.iter().any(|(other, _)| *other == name) && !done.contains(name);
        let (ready, waiting): (Vec<_>, Vec<_>) = rest
            .iter()
            .copied()
            .partition(|(name, view)| !view.inputs.iter().any(|input| input != *name && waits(input)));
        if ready.is_empty() {
            order.extend(waiting.iter().map(|(name, _)| (*name).clone()));
            break;
        }
        for (name, _) in ready {
            done.insert(name.clone());
            order.push(name.clone());
        }
        rest = waiting;
    }
    order
}
