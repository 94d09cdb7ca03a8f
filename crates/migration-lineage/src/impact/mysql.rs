//! MySQL and MariaDB: keys and generated columns are guarded; views, triggers and functions are looked at when they are
//! used.

mod columns;
mod keys;

use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind, counting, takes_away, texts, touched, views};
use crate::catalogue::{Catalogue, ConstraintKind};
use crate::flow::Subtype;
use crate::name::{Ident, ObjectName};

pub(super) fn impact(catalogue: &Catalogue, change: &Change) -> Impact {
    let mut impact = Impact::default();
    refuse(catalogue, change, &mut impact);
    if takes_away(change) && !change.is_given_again() {
        break_texts(catalogue, change, &mut impact);
    }
    match &change.kind {
        ChangeKind::AddColumn(definition) => {
            let column = Ident::of(&definition.name, catalogue.dialect());
            texts::confuse(catalogue, &change.table, &column, &mut impact);
            impact.broken.extend(counting(catalogue, change, definition));
        }
        ChangeKind::AlterType(column, new) => reshape(catalogue, change, column, &new.name, &mut impact),
        ChangeKind::DropColumn(column) => vanish(catalogue, change, column, &mut impact),
        ChangeKind::ReplaceView(new) => lose(catalogue, change, new, &mut impact),
        _ => {}
    }
    impact
}

/// Views, functions and triggers are texts.
fn break_texts(catalogue: &Catalogue, change: &Change, impact: &mut Impact) {
    impact.broken.extend(views(catalogue.views_of(change)));
    let broken = catalogue.routines().filter(|routine| touched(routine, change));
    impact.broken.extend(broken.map(|routine| Dependent::new(SchemaObjectKind::Function, &routine.name)));
    for trigger in catalogue.triggers().iter().filter(|trigger| texts::trips(catalogue, trigger, change)) {
        if !(matches!(change.kind, ChangeKind::Drop) && trigger.table == change.table) {
            impact.broken.insert(Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table));
        }
    }
}

fn refuse(catalogue: &Catalogue, change: &Change, impact: &mut Impact) {
    let references = |column| catalogue.references_to(&change.table, column).into_iter();
    match &change.kind {
        ChangeKind::Drop => {
            impact.refused_by.extend(keys::referring(catalogue, &change.table));
        }
        ChangeKind::DropIndex(_) | ChangeKind::DropConstraint(_) if !catalogue.session.unchecked_keys => {
            impact.refused_by.extend(keys::without_index(catalogue, change));
        }
        ChangeKind::AlterType(..) if keeps_type(catalogue, change) => {}
        ChangeKind::DropColumn(column) | ChangeKind::AlterType(column, _) => {
            impact.refused_by.extend(references(Some(column)).map(|(_, dependent)| dependent));
            let relation = catalogue.known(&change.table);
            for constraint in relation.iter().flat_map(|relation| &relation.constraints) {
                let hit = constraint.columns.contains(column);
                let shared = constraint.kind == ConstraintKind::Check && constraint.columns.len() > 1;
                let guards = match change.kind {
                    ChangeKind::DropColumn(_) => constraint.kind == ConstraintKind::ForeignKey || shared,
                    _ => constraint.kind == ConstraintKind::ForeignKey,
                };
                if hit && guards {
                    let name = constraint.known_name().map(ToString::to_string).unwrap_or_default();
                    impact.refused_by.insert(Dependent::of(
                        SchemaObjectKind::Constraint,
                        name,
                        &change.table,
                    ));
                }
            }
            if matches!(change.kind, ChangeKind::DropColumn(_)) {
                impact.refused_by.extend(columns::guards(catalogue, change, column));
                let empties = relation.is_some_and(|relation| columns::leaves_none(relation, change));
                impact.reason = empties.then(|| format!("{} would have no column", change.table));
                let generated = catalogue.generated_from(&change.table, column).into_iter();
                impact.refused_by.extend(
                    generated.map(|name| Dependent::of(SchemaObjectKind::Column, name, &change.table)),
                );
            }
        }
        _ => {}
    }
    impact.refused = !impact.refused_by.is_empty();
}

/// What reads columns that a view has no more.
fn lose(catalogue: &Catalogue, change: &Change, new: &[Ident], impact: &mut Impact) {
    let old = catalogue.known(&change.table).into_iter().flat_map(|view| &view.columns);
    for column in old.filter(|column| !new.contains(&column.name)) {
        let lost = Change { kind: ChangeKind::DropColumn(column.name.clone()), ..change.clone() };
        break_texts(catalogue, &lost, impact);
    }
}

/// Whether a column keeps its type, so that the keys that it is in don't mind: only they may not empty it once it takes no
/// nulls.
pub(super) fn keeps_type(catalogue: &Catalogue, change: &Change) -> bool {
    let ChangeKind::AlterType(column, new) = &change.kind else { return false };
    let Some(relation) = catalogue.relation(&change.table) else { return false };
    let Some(known) = relation.column(column) else { return false };
    let empties = relation.constraints.iter().any(|key| key.empties && key.columns.contains(column));
    !new.charset && stored(&known.data_type) == stored(&new.name) && !(new.not_null && empties)
}

/// A type as it is stored: one name for each, and numbers without the width that they are shown with.
fn stored(data_type: &str) -> String {
    let text = data_type.to_ascii_lowercase();
    let (base, arguments) = text.split_once('(').unwrap_or((&text, ""));
    let (arguments, rest) = arguments.split_once(')').unwrap_or(("", arguments));
    let (base, behind) = base.trim().split_once(' ').unwrap_or((base.trim(), ""));
    let (base, is_whole) = match base {
        "integer" | "int" => ("int", true),
        "tinyint" | "smallint" | "mediumint" | "bigint" => (base, true),
        "boolean" | "bool" => ("tinyint", true),
        "numeric" | "dec" | "fixed" => ("decimal", false),
        "character" => ("char", false),
        _ => (base, false),
    };
    let arguments: String = arguments.split_whitespace().collect();
    let arguments = if is_whole { String::new() } else { arguments };
    [base, &arguments, behind.trim(), rest.trim()].join(" ").trim().to_owned()
}

/// Views that show a copy of the column have another type, unless only its length is another.
fn reshape(catalogue: &Catalogue, change: &Change, column: &Ident, new: &str, impact: &mut Impact) {
    let known = catalogue.known(&change.table).and_then(|relation| relation.column(column));
    if known.is_some_and(|known| base(&known.data_type) == base(new)) {
        return;
    }
    let mut open: Vec<(ObjectName, Ident)> = vec![(change.table.clone(), column.clone())];
    while let Some((table, column)) = open.pop() {
        for relation in catalogue.relations().filter(|relation| relation.view.is_some()) {
            let copies = |own: &&crate::catalogue::Column| {
                own.computed.iter().flat_map(crate::flow::Flow::iter).any(|source| {
                    source.subtype == Subtype::Identity && super::is_column(&source.column, &table, &column)
                })
            };
            for own in relation.columns.iter().filter(copies) {
                if impact.reshaped.insert(Dependent::new(SchemaObjectKind::View, &relation.name)) {
                    open.push((relation.name.clone(), own.name.clone()));
                }
            }
        }
    }
}

/// A type without its length.
fn base(data_type: &str) -> String {
    data_type.split(['(', ' ']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Indexes and keys on that column alone go with it.
fn vanish(catalogue: &Catalogue, change: &Change, column: &Ident, impact: &mut Impact) {
    let alone = |columns: &[Ident]| columns == std::slice::from_ref(column);
    let relation = catalogue.known(&change.table);
    for constraint in relation.iter().flat_map(|relation| &relation.constraints) {
        if !alone(&constraint.columns) {
            continue;
        }
        let name = match constraint.kind {
            ConstraintKind::PrimaryKey => "PRIMARY".to_owned(),
            _ => constraint.name.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        if constraint.kind != ConstraintKind::Check {
            impact.vanished.insert(Dependent::of(SchemaObjectKind::Index, &name, &change.table));
        }
        impact.vanished.insert(Dependent::of(SchemaObjectKind::Constraint, name, &change.table));
    }
    for index in catalogue.indexes().iter().filter(|index| index.table == change.table) {
        let columns: Vec<_> = index.columns.iter().cloned().collect();
        if let Some(name) = index.name.as_ref().filter(|_| alone(&columns)) {
            impact.vanished.insert(Dependent::of(SchemaObjectKind::Index, name, &change.table));
            if index.unique {
                impact.vanished.insert(Dependent::of(SchemaObjectKind::Constraint, name, &change.table));
            }
        }
    }
}
