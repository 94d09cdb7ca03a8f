//! Keys and the indexes that keep them: foreign keys depend on the one that makes what they refer to unique.

use std::collections::BTreeSet;

use crate::catalogue::{Catalogue, Constraint, ConstraintKind, Index, Relation};
use crate::define::same_columns;
use crate::impact::change::Change;
use crate::impact::{Dependent, SchemaObjectKind};
use crate::name::{Ident, ObjectName};

/// The foreign keys that need a constraint: a primary key or a unique one.
pub(super) fn of_constraint(
    catalogue: &Catalogue,
    table: &ObjectName,
    name: Option<&Ident>,
) -> BTreeSet<Dependent> {
    let is_it = |constraint: &&Constraint| match name {
        Some(name) => constraint.goes_by(name),
        None => constraint.kind == ConstraintKind::PrimaryKey,
    };
    let constraints = catalogue.known(table).into_iter().flat_map(|relation| &relation.constraints);
    constraints
        .filter(is_it)
        .filter(|constraint| is_key(constraint))
        .flat_map(|key| referring(catalogue, table, &key.columns, key.kind == ConstraintKind::PrimaryKey))
        .collect()
}

/// The constraint that an index is of, which keeps it in any case; and the foreign keys that need the index.
pub(super) fn of_index(
    catalogue: &Catalogue,
    name: &ObjectName,
) -> (BTreeSet<Dependent>, BTreeSet<Dependent>) {
    let name = name.last();
    let of = |relation: &Relation| {
        let mut constraints = relation.constraints.iter();
        let own = constraints.find(|known| has_index(known) && known.goes_by(&name))?;
        let own = own.known_name().map(ToString::to_string).unwrap_or_default();
        Some(Dependent::of(SchemaObjectKind::Constraint, own, &relation.name))
    };
    let own: BTreeSet<_> = catalogue.relations().filter_map(of).collect();
    if !own.is_empty() {
        return (own, BTreeSet::new());
    }
    let indexes =
        catalogue.indexes().iter().filter(|index| index.unique && index.name.as_ref() == Some(&name));
    let is_needed = |index: &&Index| {
        let constraints = catalogue.relation(&index.table).into_iter().flat_map(|table| &table.constraints);
        !constraints.into_iter().any(|known| is_key(known) && same_columns(&known.columns, &index.keys))
    };
    let others =
        indexes.filter(is_needed).flat_map(|index| referring(catalogue, &index.table, &index.keys, false));
    (own, others.collect())
}

/// The indexes and constraints that go with a column.
pub(super) fn on_column(catalogue: &Catalogue, change: &Change, column: &Ident) -> BTreeSet<Dependent> {
    let table = &change.table;
    let constraints = || catalogue.known(table).into_iter().flat_map(|relation| &relation.constraints);
    let mut found = BTreeSet::new();
    for constraint in constraints().filter(|constraint| constraint.columns.contains(column)) {
        let name = constraint.known_name().map(ToString::to_string).unwrap_or_default();
        found.insert(Dependent::of(SchemaObjectKind::Constraint, name, table));
    }
    for index in catalogue.indexes().iter().filter(|index| index.table == *table) {
        // The index of a constraint goes as that.
        let own = index.name.as_ref().is_none_or(|name| constraints().any(|known| known.goes_by(name)));
        if let Some(name) = index.name.as_ref().filter(|_| !own && index.columns.contains(column)) {
            found.insert(Dependent::of(SchemaObjectKind::Index, name, table));
        }
    }
    found
}

fn is_key(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
}

fn has_index(constraint: &Constraint) -> bool {
    is_key(constraint) || constraint.kind == ConstraintKind::Exclude
}

/// The foreign keys that refer to just these columns of a table, or to its primary key by naming none.
fn referring(catalogue: &Catalogue, table: &ObjectName, key: &[Ident], is_primary: bool) -> Vec<Dependent> {
    let mut found = Vec::new();
    for relation in catalogue.relations() {
        for constraint in &relation.constraints {
            let Some((target, columns)) = &constraint.references else { continue };
            let needs = if columns.is_empty() { is_primary } else { same_columns(columns, key) };
            if target == table && needs {
                let name = constraint.known_name().map(ToString::to_string).unwrap_or_default();
                found.push(Dependent::of(SchemaObjectKind::Constraint, name, &relation.name));
            }
        }
    }
    found
}
