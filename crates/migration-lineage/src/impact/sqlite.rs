//! SQLite: a rename rewrites the texts that it finds and then reads the whole schema, a dropped column likewise; what can't
//! be read any more is why it is refused. A dropped table is nobody's business.

use sqlparser::ast;

use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind, counting, is_column, simulate, sound, touches, views};
use crate::catalogue::{Catalogue, ConstraintKind};
use crate::name::Ident;

pub(super) fn impact(catalogue: &Catalogue, change: &Change) -> Impact {
    let mut impact = Impact::default();
    let legacy = catalogue.session.renames_alone;
    match &change.kind {
        ChangeKind::Drop => {
            break_readers(catalogue, change, &mut impact);
            for trigger in catalogue.triggers().iter().filter(|trigger| trigger.table == change.table) {
                let own = Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table);
                impact.broken.remove(&own);
                impact.vanished.insert(own);
            }
            let indexes = catalogue.indexes().iter().filter(|index| index.table == change.table);
            let named = indexes.filter_map(|index| index.name.as_ref());
            impact
                .vanished
                .extend(named.map(|name| Dependent::of(SchemaObjectKind::Index, name, &change.table)));
        }
        ChangeKind::DropColumn(column) => {
            impact.reason = only_column(catalogue, change, column);
            refuse_in_table(catalogue, change, column, &mut impact);
            let unreadable = simulate::views(catalogue, change, &mut impact);
            // As before version 3.25, nobody looks.
            let whose = if legacy { &mut impact.broken } else { &mut impact.refused_by };
            whose.extend(unreadable);
            for trigger in catalogue.triggers().iter().filter(|trigger| touches(&trigger.body, change)) {
                let dependent = Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table);
                let read = trigger.body.reads.iter().any(|read| is_column(read, &change.table, column));
                // The list of an INSERT is looked at when the trigger fires.
                let whose = if read && !legacy { &mut impact.refused_by } else { &mut impact.broken };
                whose.insert(dependent);
            }
            refuse_unsound(catalogue, change, &mut impact);
        }
        ChangeKind::RenameColumn(..) => {
            let unreadable = simulate::views(catalogue, change, &mut impact);
            impact.refused_by.extend(unreadable);
            refuse_unsound(catalogue, change, &mut impact);
        }
        ChangeKind::AddColumn(column) => {
            impact.reason = unfit_column(column);
            let unreadable = simulate::views(catalogue, change, &mut impact);
            impact.broken.extend(unreadable);
            impact.broken.extend(counting(catalogue, change, column));
        }
        // The texts stay as they are.
        ChangeKind::Rename(_) if legacy => break_readers(catalogue, change, &mut impact),
        ChangeKind::Rename(_) => refuse_unsound(catalogue, change, &mut impact),
        ChangeKind::AlterType(..)
        | ChangeKind::DropIndex(_)
        | ChangeKind::DropConstraint(_)
        | ChangeKind::ReplaceView(_)
        | ChangeKind::Use { .. }
        | ChangeKind::Missing(_) => {}
    }
    impact.refused |= !impact.refused_by.is_empty();
    impact
}

/// Views and triggers that name a table that goes by that name no more.
fn break_readers(catalogue: &Catalogue, change: &Change, impact: &mut Impact) {
    impact.broken.extend(views(catalogue.views_of(change)));
    let broken = catalogue.triggers().iter().filter(|trigger| touches(&trigger.body, change));
    let broken =
        broken.map(|trigger| Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table));
    impact.broken.extend(broken);
}

/// What can't be read already refuses every change for which the whole schema is read: every one of something that is there.
fn refuse_unsound(catalogue: &Catalogue, change: &Change, impact: &mut Impact) {
    if change.unknown(catalogue).is_some() {
        return;
    }
    let unsound = sound::look(catalogue);
    impact.refused_by.extend(unsound.broken);
    impact.unknown = unsound.unknown;
}

/// A table has at least one column.
fn only_column(catalogue: &Catalogue, change: &Change, column: &Ident) -> Option<String> {
    let relation = catalogue.known(&change.table).filter(|relation| relation.complete)?;
    let only = relation.columns.len() == 1 && relation.column(column).is_some();
    only.then(|| format!("{} has no other column", relation.name))
}

/// What a new column can't be (<https://www.sqlite.org/lang_altertable.html>), whatever rows there are.
fn unfit_column(column: &ast::ColumnDef) -> Option<String> {
    let options = column.options.iter().map(|option| &option.option);
    options.into_iter().find_map(|option| match option {
        ast::ColumnOption::Unique(_) => Some("a new column can't be UNIQUE".to_owned()),
        ast::ColumnOption::PrimaryKey(_) => Some("a new column can't be the PRIMARY KEY".to_owned()),
        _ => None,
    })
}

/// Keys, checks, indexes and generated columns of the table itself.
fn refuse_in_table(catalogue: &Catalogue, change: &Change, column: &Ident, impact: &mut Impact) {
    let relation = catalogue.known(&change.table);
    for constraint in relation.iter().flat_map(|relation| &relation.constraints) {
        let is_key = matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
        // What stands in the column's own definition goes with it, if it isn't a key.
        let goes = !is_key && constraint.within.as_ref() == Some(column);
        if constraint.columns.contains(column) && !goes {
            let name = constraint.name.as_ref().map(ToString::to_string).unwrap_or_default();
            impact.refused_by.insert(Dependent::of(SchemaObjectKind::Constraint, name, &change.table));
        }
    }
    for index in catalogue.indexes().iter().filter(|index| index.table == change.table) {
        if index.columns.contains(column) {
            let name = index.name.as_ref().map(ToString::to_string).unwrap_or_default();
            impact.refused_by.insert(Dependent::of(SchemaObjectKind::Index, name, &change.table));
        }
    }
    let generated = catalogue.generated_from(&change.table, column).into_iter();
    impact
        .refused_by
        .extend(generated.map(|name| Dependent::of(SchemaObjectKind::Column, name, &change.table)));
}
