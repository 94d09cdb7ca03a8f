//! What goes along when a column or a constraint is dropped.

use migration_syntax::Dialect;

use crate::catalogue::{Catalogue, ConstraintKind};
use crate::name::{Ident, ObjectName};

/// Drops a column with the keys, checks and indexes that are on it; MySQL keeps an index that has other columns. With
/// `cascade` also what PostgreSQL takes along: views, references to it and columns that are computed from it.
pub(crate) fn drop_column(table: &ObjectName, column: &Ident, cascade: bool, catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    if cascade && dialect == Dialect::Postgres {
        for generated in catalogue.generated_from(table, column) {
            drop_column(table, &generated, cascade, catalogue);
        }
        catalogue.remove_views_where(|view| {
            view.reads.iter().any(|read| read.table.as_ref() == Some(table) && read.name == *column)
        });
        let key = catalogue.primary_key(table);
        catalogue.remove_references(table, |columns| {
            if columns.is_empty() { key.contains(column) } else { columns.contains(column) }
        });
    }
    if let Some(relation) = catalogue.relation_mut(table) {
        relation.columns.retain(|known| known.name != *column);
        relation.constraints.retain(|constraint| !constraint.columns.contains(column));
    }
    match dialect {
        Dialect::Mysql => catalogue.narrow_indexes(table, column),
        _ => catalogue.remove_indexes(|index| index.table == *table && index.columns.contains(column)),
    }
}

/// Drops a constraint by its name, or the primary key, with the index that it has; with `cascade` also the references that
/// need it.
pub(crate) fn drop_constraint(
    table: &ObjectName,
    name: Option<&Ident>,
    cascade: bool,
    catalogue: &mut Catalogue,
) {
    let Some(relation) = catalogue.relation_mut(table) else { return };
    let is_it = |constraint: &crate::catalogue::Constraint| match name {
        Some(name) => constraint.goes_by(name),
        None => constraint.kind == ConstraintKind::PrimaryKey,
    };
    let gone: Vec<_> = relation.constraints.extract_if(.., |constraint| is_it(constraint)).collect();
    for constraint in gone {
        if constraint.kind == ConstraintKind::Unique {
            catalogue.remove_indexes(|index| {
                let same = index.name.is_none() || index.name == constraint.name;
                index.table == *table && index.unique && same && index.keys == constraint.columns
            });
        }
        if cascade && constraint.kind != ConstraintKind::ForeignKey {
            let is_primary = constraint.kind == ConstraintKind::PrimaryKey;
            catalogue.remove_references(table, |columns| {
                if columns.is_empty() { is_primary } else { same_columns(columns, &constraint.columns) }
            });
        }
    }
}

/// Whether two lists name the same columns, in any order.
pub(crate) fn same_columns(a: &[Ident], b: &[Ident]) -> bool {
    a.len() == b.len() && a.iter().all(|column| b.contains(column))
}
