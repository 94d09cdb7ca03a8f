//! `DROP`.

use sqlparser::ast::{self, ObjectType};

use super::{names, schema};
use crate::catalogue::{Catalogue, Relation, View};
use crate::fault::Fault;
use crate::flow::ColumnRef;
use crate::name::ObjectName;
use crate::result::Findings;

pub(super) fn objects(
    kind: ObjectType,
    names: &[ast::ObjectName],
    cascade: bool,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) {
    for name in names {
        let name = ObjectName::of(name, catalogue.dialect());
        match kind {
            ObjectType::Table | ObjectType::View | ObjectType::MaterializedView => {
                let name = catalogue.canonical(&name);
                // Partitions go with the table, those that inherit are asked for.
                let mut gone = vec![name.clone()];
                gone.extend(catalogue.descendants(&name, !cascade));
                for name in &gone {
                    found.output(name);
                    catalogue.remove(name);
                    if super::is_postgres(catalogue) {
                        // Those that keep it are gone, or else it would not have been dropped.
                        catalogue.remove_references(name, |_| true);
                    }
                }
                if cascade && super::is_postgres(catalogue) {
                    remove_views_of(gone, catalogue, found);
                }
            }
            ObjectType::Schema if cascade || !super::is_postgres(catalogue) => {
                schema::remove(&name.last(), catalogue, found);
            }
            ObjectType::Index => catalogue.remove_index(&name.last()),
            _ => {}
        }
    }
}

/// The views that read something that is gone, and those that read them, go as well.
pub(super) fn remove_views_of(mut gone: Vec<ObjectName>, catalogue: &mut Catalogue, found: &mut Findings) {
    while let Some(name) = gone.pop() {
        gone.extend(remove_views(|view| view.inputs.contains(&name), catalogue, found));
    }
}

/// The views that read a column that is gone go, with those that read them.
pub(super) fn remove_views_on(column: &ColumnRef, catalogue: &mut Catalogue, found: &mut Findings) {
    let gone = remove_views(|view| view.reads.contains(column), catalogue, found);
    remove_views_of(gone, catalogue, found);
}

fn remove_views(
    test: impl Fn(&View) -> bool,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Vec<ObjectName> {
    let goes = |relation: &&Relation| relation.view.as_ref().is_some_and(&test);
    let views: Vec<_> = catalogue.relations().filter(goes).map(|relation| relation.name.clone()).collect();
    for view in &views {
        found.output(view);
        catalogue.remove(view);
    }
    views
}

/// What drops something that no rows are in; none if it may be a table.
pub(super) fn by_words(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
) -> Option<Result<(), Fault>> {
    let dialect = catalogue.dialect();
    let tokens = names::words(statement.text, dialect);
    let kind = tokens.get(1)?;
    if ["function", "procedure", "routine", "aggregate"].iter().any(|word| kind.is_word(word)) {
        super::routine::drop(&tokens, catalogue);
        return Some(Ok(()));
    }
    if kind.is_word("type") {
        super::composite::drop(&tokens, catalogue);
        return Some(Ok(()));
    }
    if kind.is_word("policy") {
        let (name, at) = names::name_at(&tokens, names::skip_guards(&tokens, 2), dialect)?;
        if let Some((table, _)) = names::name_at(&tokens, at + 1, dialect) {
            catalogue.remove_policy(&name.last(), &table);
        }
        return Some(Ok(()));
    }
    if kind.is_word("index") {
        let mut at = names::skip_guards(&tokens, 2);
        while let Some((name, end)) = names::name_at(&tokens, at, dialect) {
            catalogue.remove_index(&name.last());
            if tokens.get(end).is_none_or(|token| token.text != ",") {
                break;
            }
            at = end + 1;
        }
        return Some(Ok(()));
    }
    let may_hold_rows = ["table", "view", "materialized", "schema", "temporary", "foreign"];
    (!may_hold_rows.iter().any(|word| kind.is_word(word))).then_some(Ok(()))
}
