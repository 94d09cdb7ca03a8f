//! What every database refuses: names that are taken, and tables that are views.

use migration_syntax::Dialect;

use super::change::{Change, ChangeKind};
use crate::catalogue::{Catalogue, Relation, RelationKind};
use crate::name::Ident;

/// Why a change can't be, whoever depends on what it changes.
pub(super) fn reason(catalogue: &Catalogue, change: &Change) -> Option<String> {
    if is_index(catalogue, change) {
        return Some(format!("{} is an index", change.table));
    }
    let relation = catalogue.known(&change.table);
    relation.and_then(|relation| wrong_kind(catalogue.dialect(), change, relation)).or_else(|| match &change
        .kind
    {
        ChangeKind::AddColumn(column) if !change.if_exists => {
            taken_column(relation?, &Ident::of(&column.name, catalogue.dialect()), change)
        }
        ChangeKind::RenameColumn(old, new) if old != new => taken_column(relation?, new, change),
        ChangeKind::Rename(_) => taken_name(catalogue, change),
        ChangeKind::Use { .. } => super::absent::keeps_not_null(catalogue, change),
        _ => None,
    })
}

/// Whether an index is taken for a table or view, in what `ALTER TABLE` doesn't do to indexes as well.
fn is_index(catalogue: &Catalogue, change: &Change) -> bool {
    let about_names =
        matches!(change.kind, ChangeKind::Rename(_)) && change.said == Some(RelationKind::Table);
    let about_indexes = matches!(change.kind, ChangeKind::DropIndex(_));
    !about_names && !about_indexes && catalogue.index_named(&change.table).is_some()
}

/// MySQL leaves alone what isn't what the statement takes it for, if the statement says `IF EXISTS`.
pub(super) fn passes_by(catalogue: &Catalogue, change: &Change) -> bool {
    let is_drop = matches!(change.kind, ChangeKind::Drop) && change.if_exists;
    let relation = catalogue.known(&change.table).filter(|relation| is_told(relation));
    catalogue.dialect() == Dialect::Mysql
        && is_drop
        && relation.is_some_and(|relation| change.said.is_some_and(|said| said != relation.kind))
}

fn taken_column(relation: &Relation, name: &Ident, change: &Change) -> Option<String> {
    let together = change.together.as_ref();
    if together.is_some_and(|together| together.gives_twice(name)) {
        return Some(format!("two columns of {} are called {name}", relation.name));
    }
    let is_freed = together.is_some_and(|together| together.frees(name));
    let is_taken = relation.column(name).is_some() && !is_freed;
    is_taken.then(|| format!("{} has a column {name} already", relation.name))
}

/// Tables and views share their names; but for MySQL, indexes share them as well.
fn taken_name(catalogue: &Catalogue, change: &Change) -> Option<String> {
    let ChangeKind::Rename(to) = &change.kind else { return None };
    if catalogue.dialect() == Dialect::Mysql && *to == change.table {
        // To itself.
        return None;
    }
    let named = catalogue.relation(to).filter(|known| catalogue.key(&known.name) == catalogue.key(to));
    if named.is_some_and(is_told) {
        return Some(format!("the name {to} is taken"));
    }
    let own_schema = to.qualifiers() == change.table.qualifiers();
    let is_index = catalogue.dialect() != Dialect::Mysql
        && own_schema
        && catalogue.indexes().iter().any(|index| {
            index.name.as_ref() == Some(&to.last()) && index.table.qualifiers() == to.qualifiers()
        });
    is_index.then(|| format!("the name {to} is taken by an index"))
}

/// Whether a statement has said what it is.
fn is_told(relation: &Relation) -> bool {
    relation.complete || relation.view.is_some()
}

fn wrong_kind(dialect: Dialect, change: &Change, relation: &Relation) -> Option<String> {
    let said = change.said.filter(|said| *said != relation.kind && is_told(relation))?;
    let is = match relation.kind {
        RelationKind::Table => "a table",
        RelationKind::View => "a view",
        RelationKind::MaterializedView => "a materialized view",
    };
    let refuses = match change.kind {
        // PostgreSQL takes `ALTER TABLE` for all of them where it is about names.
        ChangeKind::Rename(_) | ChangeKind::RenameColumn(..) if dialect == Dialect::Postgres => {
            said != RelationKind::Table
        }
        ChangeKind::Drop => dialect != Dialect::Mysql || !change.if_exists,
        _ => true,
    };
    refuses.then(|| format!("{} is {is}", relation.name))
}
