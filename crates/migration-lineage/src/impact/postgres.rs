//! PostgreSQL: dependencies are recorded, so what would break is refused. What is kept as text breaks.

use std::collections::BTreeSet;

use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind, is_column, takes_away, touches, views};
use crate::catalogue::{Catalogue, Policy};
use crate::name::{Ident, ObjectName};

pub(super) fn impact(catalogue: &Catalogue, change: &Change) -> Impact {
    let mut impact = Impact::default();
    let blockers = match &change.kind {
        ChangeKind::Drop => of_table(catalogue, change),
        ChangeKind::DropColumn(column) => of_column(catalogue, change, column),
        ChangeKind::AlterType(column, _) => of_type(catalogue, change, column),
        _ => BTreeSet::new(),
    };
    if change.cascade {
        impact.vanished = blockers;
    } else {
        impact.refused = !blockers.is_empty();
        impact.refused_by = blockers;
    }
    if takes_away(change) {
        let textual = catalogue.routines().filter(|routine| routine.textual && !routine.for_triggers);
        let broken = textual.filter(|routine| touches(&routine.body, change));
        impact.broken.extend(broken.map(|routine| Dependent::new(SchemaObjectKind::Function, &routine.name)));
        for trigger in catalogue.triggers().iter().filter(|trigger| touches(&trigger.body, change)) {
            let gone = matches!(change.kind, ChangeKind::Drop) && trigger.table == change.table;
            if !gone {
                impact.broken.insert(Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table));
            }
        }
    }
    impact
}

/// Functions whose body the database has parsed.
fn parsed_functions<'a>(
    catalogue: &'a Catalogue,
    change: &'a Change,
) -> impl Iterator<Item = Dependent> + 'a {
    let parsed = catalogue.routines().filter(|routine| !routine.textual && touches(&routine.body, change));
    parsed.map(|routine| Dependent::new(SchemaObjectKind::Function, &routine.name))
}

fn of_table(catalogue: &Catalogue, change: &Change) -> BTreeSet<Dependent> {
    let keys = catalogue.references_to(&change.table, None).into_iter();
    let mut found: BTreeSet<_> =
        keys.filter(|(table, _)| *table != change.table).map(|(_, dependent)| dependent).collect();
    found.extend(views(catalogue.views_of(change)));
    found.extend(parsed_functions(catalogue, change));
    // A policy goes with its own table.
    let policies = policies_on(catalogue, change).into_iter();
    found
        .extend(policies.filter(|policy| policy.table.as_deref() != Some(change.table.to_string().as_str())));
    found
}

fn of_column(catalogue: &Catalogue, change: &Change, column: &Ident) -> BTreeSet<Dependent> {
    let keys = catalogue.references_to(&change.table, Some(column)).into_iter();
    let mut found: BTreeSet<_> = keys.map(|(_, dependent)| dependent).collect();
    // A reference of the same table goes with the column that it is on.
    let own = catalogue.known(&change.table).into_iter().flat_map(|relation| &relation.constraints);
    let own: Vec<_> =
        own.filter(|key| key.columns.contains(column)).filter_map(|key| key.name.as_ref()).collect();
    found.retain(|dependent| !own.iter().any(|name| name.as_str() == dependent.name));
    found.extend(views(catalogue.views_of(change)));
    found.extend(parsed_functions(catalogue, change));
    found.extend(triggers_on(catalogue, &change.table, column));
    found.extend(policies_on(catalogue, change));
    for generated in catalogue.generated_from(&change.table, column) {
        found.insert(Dependent::of(SchemaObjectKind::Column, &generated, &change.table));
        let inner = Change { kind: ChangeKind::DropColumn(generated.clone()), ..change.clone() };
        found.extend(of_column(catalogue, &inner, &generated));
    }
    found
}

fn of_type(catalogue: &Catalogue, change: &Change, column: &Ident) -> BTreeSet<Dependent> {
    let mut found: BTreeSet<_> = views(catalogue.views_of(change)).collect();
    let generated = catalogue.generated_from(&change.table, column).into_iter();
    found.extend(generated.map(|name| Dependent::of(SchemaObjectKind::Column, name, &change.table)));
    found.extend(triggers_on(catalogue, &change.table, column));
    found.extend(policies_on(catalogue, change));
    found.extend(parsed_functions(catalogue, change));
    found
}

/// Policies whose conditions read what is changed.
fn policies_on(catalogue: &Catalogue, change: &Change) -> Vec<Dependent> {
    let reads = |policy: &&Policy| match change.column() {
        Some(column) => policy.reads.iter().any(|read| is_column(read, &change.table, column)),
        None => policy.reads.iter().any(|read| read.table.as_ref() == Some(&change.table)),
    };
    let found = catalogue.policies().iter().filter(reads);
    found.map(|policy| Dependent::of(SchemaObjectKind::Policy, &policy.name, &policy.table)).collect()
}

/// Triggers that are declared for the column.
fn triggers_on(catalogue: &Catalogue, table: &ObjectName, column: &Ident) -> Vec<Dependent> {
    let declared = catalogue
        .triggers()
        .iter()
        .filter(|trigger| trigger.table == *table && trigger.columns.contains(column));
    declared.map(|trigger| Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table)).collect()
}
