//! SQLite: a rename rewrites the texts that it finds and then reads the whole schema, a dropped column likewise; what can't
//! be read any more is why it is refused. A dropped table is nobody's business.

use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind, simulate, touches, views};
use crate::catalogue::Catalogue;
use crate::name::Ident;

pub(super) fn impact(catalogue: &Catalogue, change: &Change) -> Impact {
    let mut impact = Impact::default();
    match &change.kind {
        ChangeKind::Drop => {
            impact.broken.extend(views(catalogue.views_of(change)));
            for trigger in catalogue.triggers() {
                let dependent = Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table);
                if trigger.table == change.table {
                    impact.vanished.insert(dependent);
                } else if touches(&trigger.body, change) {
                    impact.broken.insert(dependent);
                }
            }
            let indexes = catalogue.indexes().iter().filter(|index| index.table == change.table);
            let named = indexes.filter_map(|index| index.name.as_ref());
            impact
                .vanished
                .extend(named.map(|name| Dependent::of(SchemaObjectKind::Index, name, &change.table)));
        }
        ChangeKind::DropColumn(column) => {
            refuse_in_table(catalogue, change, column, &mut impact);
            simulate::views(catalogue, change, &mut impact);
            for trigger in catalogue.triggers().iter().filter(|trigger| touches(&trigger.body, change)) {
                let dependent = Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table);
                let read =
                    trigger.body.reads.iter().any(|read| super::is_column(read, &change.table, column));
                // The list of an INSERT is looked at when the trigger fires.
                let whose = if read { &mut impact.refused_by } else { &mut impact.broken };
                whose.insert(dependent);
            }
        }
        ChangeKind::RenameColumn(..) | ChangeKind::AddColumn(_) => {
            simulate::views(catalogue, change, &mut impact);
        }
        ChangeKind::Rename | ChangeKind::AlterType(..) | ChangeKind::DropIndex => {}
    }
    impact.refused |= !impact.refused_by.is_empty();
    impact
}

/// Keys, checks, indexes and generated columns of the table itself.
fn refuse_in_table(catalogue: &Catalogue, change: &Change, column: &Ident, impact: &mut Impact) {
    let relation = catalogue.known(&change.table);
    for constraint in relation.iter().flat_map(|relation| &relation.constraints) {
        if constraint.columns.contains(column) {
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
