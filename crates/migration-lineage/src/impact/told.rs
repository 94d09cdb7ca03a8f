//! How what a statement does is told: by the names that there were before it, and each thing once.

use std::collections::{BTreeMap, BTreeSet};

use migration_syntax::Dialect;

use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind};
use crate::catalogue::{Catalogue, RelationKind};

/// Puts the impacts of a statement's changes in order; `before` is what there is before it.
pub(super) fn in_order(before: &Catalogue, changes: &[Change], impacts: &mut [Impact]) {
    by_first_names(changes, impacts);
    let failing = |(change, impact): (&Change, &Impact)| (change.statement, impact.broken.clone());
    let failing: Vec<_> = changes.iter().zip(&*impacts).map(failing).collect();
    for (change, impact) in changes.iter().zip(impacts) {
        if before.dialect() == Dialect::Postgres {
            with_indexes(before, impact);
        }
        for (_, broken) in failing.iter().filter(|(statement, _)| *statement == change.statement) {
            without(&mut impact.reshaped, broken);
        }
    }
}

impl Impact {
    /// Whoever fails need not be said to have other columns.
    pub(super) fn failing_is_enough(&mut self) {
        without(&mut self.reshaped, &self.broken);
    }
}

fn without(reshaped: &mut BTreeSet<Dependent>, broken: &BTreeSet<Dependent>) {
    let fails = |dependent: &Dependent| {
        let same = |broken: &Dependent| {
            (broken.kind, &broken.name) == (dependent.kind, &dependent.name) && !broken.denied
        };
        broken.iter().any(same)
    };
    reshaped.retain(|dependent| !fails(dependent));
}

/// A statement that swaps names gives tables others in between, which nobody knows.
fn by_first_names(changes: &[Change], impacts: &mut [Impact]) {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for (change, impact) in changes.iter().zip(impacts) {
        if !first.is_empty() {
            let told = |dependent: Dependent| {
                let of = |name: &String| first.get(name).cloned();
                let is_table = matches!(dependent.kind, SchemaObjectKind::Table | SchemaObjectKind::View);
                Dependent {
                    name: of(&dependent.name).filter(|_| is_table).unwrap_or(dependent.name),
                    table: dependent.table.map(|table| of(&table).unwrap_or(table)),
                    ..dependent
                }
            };
            let lists =
                [&mut impact.refused_by, &mut impact.broken, &mut impact.reshaped, &mut impact.vanished];
            for list in lists {
                *list = std::mem::take(list).into_iter().map(told).collect();
            }
        }
        if let ChangeKind::Rename(to) = &change.kind {
            let old = change.table.to_string();
            let old = first.remove(&old).unwrap_or(old);
            first.insert(to.to_string(), old);
        }
    }
}

/// A materialized view goes with its indexes.
fn with_indexes(before: &Catalogue, impact: &mut Impact) {
    let holds_rows = |relation: &&crate::catalogue::Relation| {
        relation.kind == RelationKind::MaterializedView
            && impact.vanished.contains(&Dependent::new(SchemaObjectKind::View, &relation.name))
    };
    let gone: Vec<_> = before.relations().filter(holds_rows).map(|relation| &relation.name).collect();
    let indexes = before.indexes().iter().filter(|index| gone.contains(&&index.table));
    let named = indexes.filter_map(|index| Some((index.name.as_ref()?, &index.table)));
    impact.vanished.extend(named.map(|(name, table)| Dependent::of(SchemaObjectKind::Index, name, table)));
}
