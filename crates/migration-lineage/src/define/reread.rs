//! SQLite: views are texts, and are read again after a change.

use std::collections::BTreeSet;

use migration_syntax::Dialect;
use sqlparser::ast::Statement;

use super::names_of;
use crate::catalogue::Catalogue;
use crate::name::{Ident, ObjectName};
use crate::parse;
use crate::walk::Walker;

/// A view as it is read.
pub(crate) struct Reread {
    /// The columns of its query.
    pub(crate) columns: Vec<Ident>,
    /// Whether a name in it may mean columns of several tables.
    pub(crate) ambiguous: bool,
}

/// A view; none if it can't be read.
pub(crate) fn reread(catalogue: &Catalogue, name: &ObjectName) -> Option<Reread> {
    let view = catalogue.known(name)?.view.as_ref()?;
    let names = parse::with_parsed(&view.query, catalogue.dialect(), |trees| {
        let [Statement::Query(query)] = trees else { return Ok(None) };
        let mut walker = Walker::new(catalogue);
        walker.former = Some(&view.former);
        let output = walker.query(query, None)?;
        let (columns, ambiguous) = (names_of(&output, &[], catalogue.dialect()), walker.ambiguous);
        Ok((!walker.lost).then_some(Reread { columns, ambiguous }))
    });
    names.ok().flatten()
}

/// Gives a column another name. In SQLite views that show it under its own name show it under the new one: those columns, with
/// both names.
pub(crate) fn rename_column(
    table: &ObjectName,
    old: &Ident,
    new: &Ident,
    catalogue: &mut Catalogue,
) -> Vec<(ObjectName, Ident, Ident)> {
    let mut readers = BTreeSet::new();
    if catalogue.dialect() == Dialect::Sqlite {
        let table = catalogue.canonical(table);
        readers = catalogue.views_where(|view| view.inputs.contains(&table));
    }
    let views = if readers.is_empty() { Vec::new() } else { views_in_order(catalogue) };
    let views: Vec<_> = views.into_iter().filter(|view| readers.contains(view)).collect();
    let before: Vec<_> = views.iter().map(|view| reread(catalogue, view)).collect();
    catalogue.rename_column(table, old, new);
    let mut renamed = Vec::new();
    for (view, before) in views.into_iter().zip(before) {
        let (Some(before), Some(now)) = (before, reread(catalogue, &view)) else { continue };
        let relation = catalogue.known(&view);
        if relation.and_then(|relation| relation.view.as_ref()).is_none_or(|view| view.names_columns) {
            continue;
        }
        for (before, now) in before.columns.into_iter().zip(now.columns) {
            if before != now {
                catalogue.rename_column(&view, &before, &now);
                renamed.push((view.clone(), before, now));
            }
        }
    }
    renamed
}

/// Views behind those that they read.
pub(crate) fn views_in_order(catalogue: &Catalogue) -> Vec<ObjectName> {
    let mut rest: Vec<_> = catalogue
        .relations()
        .filter_map(|relation| Some((&relation.name, relation.view.as_ref()?)))
        .collect();
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    while !rest.is_empty() {
        let waits = |name: &ObjectName| rest.iter().any(|(other, _)| *other == name) && !done.contains(name);
        let (ready, waiting): (Vec<_>, Vec<_>) = rest
            .iter()
            .copied()
            .partition(|(name, view)| !view.inputs.iter().any(|input| input != *name && waits(input)));
        if ready.is_empty() {
            order.extend(waiting.iter().map(|(name, _)| (*name).clone()));
            break;
        }
        for (name, _) in ready {
            done.insert(name.clone());
            order.push(name.clone());
        }
        rest = waiting;
    }
    order
}
