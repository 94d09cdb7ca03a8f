//! Reading all views again with the change made, as SQLite does.

use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind, is_column};
use crate::catalogue::{Catalogue, Column};
use crate::define::{Reread, reread, views_in_order};
use crate::flow::ColumnRef;
use crate::name::{Ident, ObjectName};

/// Gives the views that can't be read any more; those with other columns are reshaped.
pub(super) fn views(catalogue: &Catalogue, change: &Change, impact: &mut Impact) -> Vec<Dependent> {
    let mut unreadable = Vec::new();
    let mut after = catalogue.clone();
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
            after.rename_column(&change.table, old, new);
        }
        _ => return unreadable,
    }
    for name in views_in_order(catalogue) {
        let before = reread(catalogue, &name);
        let now = reread(&after, &name);
        match (before, now) {
            (Some(_), None) => {
                unreadable.push(Dependent::new(SchemaObjectKind::View, &name));
            }
            (Some(before), Some(now)) if now.ambiguous && !before.ambiguous => {
                unreadable.push(Dependent::new(SchemaObjectKind::View, &name));
            }
            (Some(before), Some(now))
                if catalogue
                    .known(&name)
                    .is_some_and(|known| known.view.as_ref().is_some_and(|view| view.names_columns))
                    && before.columns.len() != now.columns.len() =>
            {
                unreadable.push(Dependent::new(SchemaObjectKind::View, &name));
            }
            (Some(Reread { columns: before, .. }), Some(Reread { columns: now, .. })) => {
                // A view that names its columns keeps those names.
                let view = catalogue.known(&name).and_then(|relation| relation.view.as_ref());
                if !view.is_some_and(|view| view.names_columns) && before != now {
                    impact.reshaped.insert(Dependent::new(SchemaObjectKind::View, &name));
                    let lost = || before.iter().filter(|column| !now.contains(column));
                    let is_lost = |read: &ColumnRef| lost().any(|column| is_column(read, &name, column));
                    let triggers = catalogue.triggers().iter();
                    let blind = triggers.filter(|trigger| trigger.body.reads.iter().any(is_lost));
                    unreadable.extend(blind.map(|trigger| {
                        Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table)
                    }));
                    if let Some(relation) = after.relation_mut(&name) {
                        relation.columns = now.into_iter().map(Column::new).collect();
                    }
                }
            }
            // We can't read it, and SQLite can: what it reads is known from the time when it was made.
            (None, _) if is_dropped_from(catalogue, change, &name) => {
                unreadable.push(Dependent::new(SchemaObjectKind::View, &name));
            }
            _ => {}
        }
    }
    unreadable
}

/// Whether a view has read a column that is dropped.
fn is_dropped_from(catalogue: &Catalogue, change: &Change, view: &ObjectName) -> bool {
    let ChangeKind::DropColumn(column) = &change.kind else { return false };
    let view = catalogue.known(view).and_then(|relation| relation.view.as_ref());
    view.is_some_and(|view| view.reads.iter().any(|read| is_column(read, &change.table, column)))
}
