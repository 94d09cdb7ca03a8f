//! MySQL: what one `ALTER TABLE` does to columns is all about the table as it is before, so that names can be exchanged.

use std::borrow::Cow;

use migration_syntax::Dialect;
use sqlparser::ast::{AlterTable, AlterTableOperation as Op, Ident as Name};

use crate::catalogue::Catalogue;
use crate::define::rename_column;
use crate::flow::{ColumnRef, Flow};
use crate::name::{Ident, ObjectName};
use crate::result::{Findings, SchemaChange};

/// A name that no column has, for one that is between two names.
pub(crate) fn aside(old: &Ident, dialect: Dialect) -> Ident {
    Ident::new(&format!("{old} (before)"), true, dialect)
}

/// The operations in an order in which one after the other does the same. Columns whose names are exchanged get them here.
pub(super) fn operations<'a>(
    alter: &'a AlterTable,
    table: &ObjectName,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Cow<'a, [Op]> {
    let dialect = catalogue.dialect();
    if dialect != Dialect::Mysql || alter.operations.len() < 2 {
        return Cow::Borrowed(&alter.operations);
    }
    let drops = |operation: &&Op| matches!(operation, Op::DropColumn { .. });
    let dropped = alter.operations.iter().filter(drops);
    let dropped: Vec<_> = dropped.flat_map(dropped_names).map(|name| Ident::of(name, dialect)).collect();
    let others = alter.operations.iter().filter(|operation| !drops(operation));
    let mut ordered: Vec<Op> = alter.operations.iter().filter(drops).chain(others).cloned().collect();

    let ident = |name: &Name| Ident::of(name, dialect);
    let renames: Vec<_> = ordered.iter().filter_map(both_names).map(|(a, b)| (ident(a), ident(b))).collect();
    let renames: Vec<_> = renames.into_iter().filter(|(old, new)| old != new).collect();
    let is_exchanged = |new: &Ident| renames.iter().any(|(old, _)| old == new) && !dropped.contains(new);
    if !renames.iter().any(|(_, new)| is_exchanged(new)) {
        return Cow::Owned(ordered);
    }
    let mut rename = |from: &Ident, to: &Ident, found: &mut Findings| {
        rename_column(table, from, to, catalogue);
        let (table, from, to) = (table.clone(), from.clone(), to.clone());
        found.changes.push(SchemaChange::RenameColumn { table, from, to });
    };
    for (old, new) in &renames {
        found.column(ColumnRef::new(table, new), Flow::copy_of(ColumnRef::new(table, old)));
        rename(old, &aside(old, dialect), found);
    }
    for (old, new) in &renames {
        rename(&aside(old, dialect), new, found);
    }
    ordered.retain(|operation| !matches!(operation, Op::RenameColumn { .. }));
    for operation in &mut ordered {
        if let Op::ChangeColumn { old_name, new_name, .. } = operation {
            old_name.clone_from(new_name);
        }
    }
    Cow::Owned(ordered)
}

fn dropped_names(operation: &Op) -> &[Name] {
    match operation {
        Op::DropColumn { column_names, .. } => column_names,
        _ => &[],
    }
}

fn both_names(operation: &Op) -> Option<(&Name, &Name)> {
    match operation {
        Op::RenameColumn { old_column_name, new_column_name } => Some((old_column_name, new_column_name)),
        Op::ChangeColumn { old_name, new_name, .. } => Some((old_name, new_name)),
        _ => None,
    }
}
