//! MariaDB: what keeps a column from being dropped that no key of another table needs.

use crate::catalogue::{Catalogue, Column, ConstraintKind, Relation};
use crate::define;
use crate::impact::change::{Change, ChangeKind};
use crate::impact::{Dependent, SchemaObjectKind};
use crate::name::Ident;

/// The unique keys of several columns that would lose one, and the columns whose default is computed from it.
pub(super) fn guards(catalogue: &Catalogue, change: &Change, column: &Ident) -> Vec<Dependent> {
    let Some(relation) = catalogue.known(&change.table) else { return Vec::new() };
    let goes = |column: &Ident| {
        let together = change.together.as_ref();
        change.column() == Some(column) || together.is_some_and(|together| together.drops(column))
    };
    // A key goes with the last of its columns.
    let is_torn = |columns: &[Ident]| columns.contains(column) && !columns.iter().all(goes);
    let is_dropped =
        |name: Option<&Ident>| change.together.as_ref().is_some_and(|together| together.drops_key(name));
    let mut found = Vec::new();
    let is_primary = |kind| kind == ConstraintKind::PrimaryKey;
    let primary = relation.constraints.iter().filter(|key| is_primary(key.kind));
    if primary.clone().any(|key| is_torn(&key.columns)) && !is_dropped(None) {
        found.push(Dependent::of(SchemaObjectKind::Constraint, "PRIMARY", &relation.name));
    }
    for index in catalogue.indexes().iter().filter(|index| index.table == relation.name && index.unique) {
        let Some(name) = index.name.as_ref().or(index.keys.first()) else { continue };
        if is_torn(&index.keys) && !is_dropped(Some(name)) {
            found.push(Dependent::of(SchemaObjectKind::Index, name, &relation.name));
        }
    }
    let computed =
        relation.columns.iter().filter(|other| !goes(&other.name) && reads(other, column, catalogue));
    found.extend(computed.map(|other| Dependent::of(SchemaObjectKind::Column, &other.name, &relation.name)));
    found
}

/// Whether a column's default is an expression with the other column in it.
fn reads(column: &Column, other: &Ident, catalogue: &Catalogue) -> bool {
    let default = column.default.as_deref().filter(|text| text.contains('('));
    default.is_some_and(|text| define::mentions(text, other, catalogue.dialect()))
}

/// Whether a statement would leave a table without columns.
pub(super) fn leaves_none(relation: &Relation, change: &Change) -> bool {
    let Some(together) = change.together.as_ref() else { return false };
    matches!(change.kind, ChangeKind::DropColumn(_))
        && relation.complete
        && !together.gives_any()
        && relation.columns.iter().all(|column| together.drops(&column.name))
}
