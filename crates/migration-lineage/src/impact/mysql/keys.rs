//! Indexes that foreign keys need: one on the columns of each side, which begins with them.

use std::collections::BTreeSet;

use crate::catalogue::{Catalogue, Constraint, ConstraintKind, Relation};
use crate::impact::change::{Change, ChangeKind};
use crate::impact::{Dependent, SchemaObjectKind};
use crate::name::{Ident, ObjectName};

/// The foreign keys for which no index is left when one is dropped.
pub(super) fn without_index(catalogue: &Catalogue, change: &Change) -> BTreeSet<Dependent> {
    let (table, name) = match &change.kind {
        ChangeKind::DropIndex(Some(table)) => (table, change.table.last()),
        ChangeKind::DropConstraint(Some(name)) if is_unique(catalogue, &change.table, name) => {
            (&change.table, name.clone())
        }
        ChangeKind::DropConstraint(None) => (&change.table, primary(catalogue)),
        _ => return BTreeSet::new(),
    };
    let Some(relation) = catalogue.known(table) else { return BTreeSet::new() };
    let (gone, mut left): (Vec<_>, Vec<_>) =
        indexes(catalogue, relation).into_iter().partition(|(known, _)| *known == name);
    left.extend(change.adds.iter().map(|columns| (name.clone(), columns.clone())));
    let is_lost = |columns: &[Ident]| {
        !columns.is_empty()
            && gone.iter().any(|(_, index)| index.starts_with(columns))
            && !left.iter().any(|(_, index)| index.starts_with(columns))
    };
    let mut found = BTreeSet::new();
    for owner in catalogue.relations() {
        for key in &owner.constraints {
            let Some((target, columns)) = &key.references else { continue };
            let own_key;
            let columns = if columns.is_empty() {
                own_key = catalogue.primary_key(target);
                &own_key
            } else {
                columns
            };
            let lost = owner.name == relation.name && is_lost(&key.columns)
                || *target == relation.name && is_lost(columns);
            if lost {
                found.insert(Dependent::of(SchemaObjectKind::Constraint, name_of(key, owner), &owner.name));
            }
        }
    }
    found
}

/// MariaDB drops unique keys as constraints, too.
fn is_unique(catalogue: &Catalogue, table: &ObjectName, name: &Ident) -> bool {
    let constraints = catalogue.known(table).into_iter().flat_map(|relation| &relation.constraints);
    let mut unique = constraints.filter(|known| known.kind == ConstraintKind::Unique);
    unique.any(|known| known.name.as_ref().or(known.columns.first()) == Some(name))
}

/// The name of a foreign key as [`Catalogue::references_to`] gives it.
fn name_of(key: &Constraint, owner: &Relation) -> String {
    let columns: Vec<_> = key.columns.iter().map(Ident::as_str).collect();
    let given = key.known_name().map(ToString::to_string);
    given.unwrap_or_else(|| format!("{}_{}_fkey", owner.name.last(), columns.join("_")))
}

fn primary(catalogue: &Catalogue) -> Ident {
    Ident::new("PRIMARY", true, catalogue.dialect())
}

/// The indexes of a table with their columns in order, those among them that the database makes by itself. One without a name
/// is called after its first column, that of a foreign key after the key.
fn indexes(catalogue: &Catalogue, relation: &Relation) -> Vec<(Ident, Vec<Ident>)> {
    let mut found: Vec<(Ident, Vec<Ident>)> = Vec::new();
    let key = catalogue.primary_key(&relation.name);
    if !key.is_empty() {
        found.push((primary(catalogue), key));
    }
    for index in catalogue.indexes().iter().filter(|index| index.table == relation.name) {
        let Some(name) = index.name.as_ref().or(index.keys.first()) else { continue };
        found.push((name.clone(), index.keys.clone()));
    }
    for key in relation.constraints.iter().filter(|key| key.kind == ConstraintKind::ForeignKey) {
        let Some(name) = key.name.as_ref().or(key.columns.first()) else { continue };
        if !found.iter().any(|(_, index)| index.starts_with(&key.columns)) {
            found.push((name.clone(), key.columns.clone()));
        }
    }
    found
}

/// Whether a table is one that a foreign key of another refers to, where keys are checked.
pub(super) fn referring(catalogue: &Catalogue, table: &ObjectName) -> BTreeSet<Dependent> {
    if catalogue.session.unchecked_keys {
        return BTreeSet::new();
    }
    let all = catalogue.references_to(table, None).into_iter();
    all.filter(|(owner, _)| owner != table).map(|(_, dependent)| dependent).collect()
}
