//! PostgreSQL: dependencies are recorded, so what would break is refused. What is kept as text breaks.

mod keys;
mod tables;

use std::collections::BTreeSet;

use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind, is_column, takes_away, texts, touched, touches, views};
use crate::catalogue::{Catalogue, Policy, Trigger};
use crate::name::{Ident, ObjectName};

pub(super) fn impact(catalogue: &Catalogue, change: &Change) -> Impact {
    let mut impact = Impact { reason: tables::reason(catalogue, change), ..Impact::default() };
    // What is done to a table is done to those that inherit from it.
    let changes = tables::with_heirs(catalogue, change);
    let mut blockers = BTreeSet::new();
    match &change.kind {
        ChangeKind::Drop => blockers = tables::of_table(catalogue, change),
        ChangeKind::DropColumn(column) => {
            changes.iter().for_each(|change| blockers.extend(of_column(catalogue, change, column)));
        }
        ChangeKind::AlterType(column, _) => {
            changes.iter().for_each(|change| blockers.extend(of_type(catalogue, change, column)));
        }
        ChangeKind::DropConstraint(name) => {
            blockers = keys::of_constraint(catalogue, &change.table, name.as_ref());
        }
        ChangeKind::DropIndex(_) => {
            let (own, others) = keys::of_index(catalogue, &change.table);
            blockers = others;
            impact.refused_by = own;
        }
        _ => {}
    }
    if change.cascade && !matches!(change.kind, ChangeKind::AlterType(..)) {
        impact.vanished = blockers;
    } else {
        impact.refused_by.extend(blockers);
    }
    match &change.kind {
        ChangeKind::Drop => {
            let partitions = catalogue.descendants(&change.table, true).into_iter();
            impact.vanished.extend(partitions.map(|name| Dependent::new(SchemaObjectKind::Table, name)));
        }
        ChangeKind::DropColumn(column) => {
            changes
                .iter()
                .for_each(|change| impact.vanished.extend(keys::on_column(catalogue, change, column)));
        }
        _ => {}
    }
    impact.refused = !impact.refused_by.is_empty();
    if let ChangeKind::AddColumn(column) = &change.kind {
        let column = Ident::of(&column.name, catalogue.dialect());
        changes.iter().for_each(|change| texts::confuse(catalogue, &change.table, &column, &mut impact));
    }
    if takes_away(change) {
        changes.iter().for_each(|change| break_texts(catalogue, change, &mut impact));
    }
    impact
}

/// Functions whose bodies are text, and the triggers that call them.
fn break_texts(catalogue: &Catalogue, change: &Change, impact: &mut Impact) {
    let textual = catalogue.routines().filter(|routine| routine.textual && !routine.for_triggers);
    let broken = textual.filter(|routine| touched(routine, change));
    let functions = broken.map(|routine| Dependent::new(SchemaObjectKind::Function, &routine.name));
    // One that is dropped for its type fails no more.
    let functions: Vec<_> = functions.filter(|function| !impact.vanished.contains(function)).collect();
    impact.broken.extend(functions);
    for trigger in catalogue.triggers().iter().filter(|trigger| texts::trips(catalogue, trigger, change)) {
        let gone = matches!(change.kind, ChangeKind::Drop) && trigger.table == change.table;
        if !gone && !reads_by_star(catalogue, trigger, change) {
            impact.broken.insert(Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table));
        }
    }
}

/// Whether the function of a trigger has the column only because it reads whole rows.
fn reads_by_star(catalogue: &Catalogue, trigger: &Trigger, change: &Change) -> bool {
    let Some(column) = change.column() else { return false };
    let named = trigger.function.as_ref().map(|name| catalogue.routines_named(name)).unwrap_or_default();
    let by_place = matches!(change.kind, ChangeKind::RenameColumn(..));
    let written = trigger.body.writes.keys().any(|written| is_column(written, &change.table, column));
    let starred = |routine: &crate::catalogue::Routine| {
        routine.by_star.iter().any(|read| is_column(read, &change.table, column))
    };
    (by_place || !written) && named.iter().any(starred)
}

/// Functions whose body the database has parsed, and the views that call them.
fn parsed_functions(catalogue: &Catalogue, change: &Change) -> BTreeSet<Dependent> {
    let parsed = catalogue.routines().filter(|routine| !routine.textual && touches(&routine.body, change));
    let named: Vec<_> = parsed.map(|routine| &routine.name).collect();
    let mut found: BTreeSet<_> =
        named.iter().map(|name| Dependent::new(SchemaObjectKind::Function, name)).collect();
    found.extend(callers(catalogue, &named));
    found
}

/// The views that call one of these functions, and those that read them.
fn callers<'a>(
    catalogue: &'a Catalogue,
    functions: &[&ObjectName],
) -> impl Iterator<Item = Dependent> + use<'a> {
    let means = |name: &ObjectName| {
        catalogue.routines_named(name).iter().any(|routine| functions.contains(&&routine.name))
    };
    views(catalogue.views_where(|view| !functions.is_empty() && view.calls.iter().any(means)))
}

fn of_column(catalogue: &Catalogue, change: &Change, column: &Ident) -> BTreeSet<Dependent> {
    let keys = catalogue.references_to(&change.table, Some(column)).into_iter();
    let mut found: BTreeSet<_> = keys.map(|(_, dependent)| dependent).collect();
    // A reference of the same table goes with the column that it is on.
    let own = catalogue.known(&change.table).into_iter().flat_map(|relation| &relation.constraints);
    let own: Vec<_> = own
        .filter(|key| key.columns.contains(column))
        .filter_map(|key| key.known_name().map(ToString::to_string))
        .collect();
    let table = Some(change.table.to_string());
    found.retain(|dependent| !(dependent.table == table && own.contains(&dependent.name)));
    found.extend(views(catalogue.views_of(change)));
    found.extend(parsed_functions(catalogue, change));
    found.extend(through_rows(catalogue, change, column));
    found.extend(triggers_on(catalogue, &change.table, column));
    found.extend(policies_on(catalogue, change));
    for generated in catalogue.generated_from(&change.table, column) {
        found.insert(Dependent::of(SchemaObjectKind::Column, &generated, &change.table));
        let inner = Change { kind: ChangeKind::DropColumn(generated.clone()), ..change.clone() };
        found.extend(of_column(catalogue, &inner, &generated));
    }
    found
}

/// Views that read the column from a function that gives back rows of the table.
fn through_rows(catalogue: &Catalogue, change: &Change, column: &Ident) -> BTreeSet<Dependent> {
    let gives = catalogue.routines().filter(|routine| super::gives_rows_of(routine, &change.table));
    let named: Vec<_> = gives.map(|routine| &routine.name).collect();
    if named.is_empty() {
        return BTreeSet::new();
    }
    let shows = |dependent: &Dependent| {
        let relation = catalogue.relations().find(|relation| relation.name.to_string() == dependent.name);
        relation.is_some_and(|relation| {
            let flows = relation.columns.iter().filter_map(|own| own.computed.as_ref());
            let rows = relation.view.iter().map(|view| &view.rows);
            let mut sources = flows.chain(rows).flat_map(crate::flow::Flow::iter);
            sources.any(|source| is_column(&source.column, &change.table, column))
        })
    };
    callers(catalogue, &named).filter(shows).collect()
}

fn of_type(catalogue: &Catalogue, change: &Change, column: &Ident) -> BTreeSet<Dependent> {
    let mut found: BTreeSet<_> = views(catalogue.views_of(change)).collect();
    let generated = catalogue.generated_from(&change.table, column).into_iter();
    found.extend(generated.map(|name| Dependent::of(SchemaObjectKind::Column, name, &change.table)));
    found.extend(triggers_on(catalogue, &change.table, column));
    found.extend(policies_on(catalogue, change));
    found.extend(parsed_functions(catalogue, change));
    found.extend(through_rows(catalogue, change, column));
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

/// Triggers that are declared for the column, or ask for it in their condition.
fn triggers_on(catalogue: &Catalogue, table: &ObjectName, column: &Ident) -> Vec<Dependent> {
    // A row as a whole is another one without the column, and that is all.
    let declared = catalogue.triggers().iter().filter(|trigger| {
        trigger.table == *table && (trigger.columns.contains(column) || trigger.asks_for.contains(column))
    });
    declared.map(|trigger| Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table)).collect()
}
