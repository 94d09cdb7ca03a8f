//! What a change would break: asked of the catalogue, before anything runs.

mod absent;
mod block;
mod calls;
mod change;
mod confirm;
mod mysql;
mod postgres;
mod refusal;
mod simulate;
mod sound;
mod sqlite;
mod texts;
mod told;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use migration_model::SchemaObjectKind;
use migration_syntax::Dialect;
use serde::Serialize;
use sqlparser::ast;

use crate::catalogue::{Catalogue, Effects, Made, RelationKind, Routine};
use crate::define;
use crate::fault::Fault;
use crate::flow::Confidence;
use crate::name::{Ident, ObjectName};
use crate::parse;
use change::{Change, ChangeKind, together};

pub use confirm::{ChangeAction, Changed, EngineDependents, EngineOutcome};

/// What one change of the schema does to the rest of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Impact {
    /// Whether the database refuses the change.
    pub refused: bool,
    /// Because of whom, with all that would have to go with them.
    pub refused_by: BTreeSet<Dependent>,
    /// Why it is refused, where that is because of nobody: a name that is taken, a table that is a view.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What fails afterwards though the change is accepted.
    pub broken: BTreeSet<Dependent>,
    /// Views whose columns are other ones afterwards.
    pub reshaped: BTreeSet<Dependent>,
    /// What goes as well, without a word.
    pub vanished: BTreeSet<Dependent>,
    /// What is changed or taken away, where nothing that was read has made it: it is misspelt, or is there for another reason,
    /// and then nothing is known of what depends on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// What the database said when it refused the change in a copy of its schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_says: Option<String>,
}

/// Something that depends on what is changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dependent {
    /// What it is.
    pub kind: SchemaObjectKind,
    /// Its name; of a constraint that was given none, the one that PostgreSQL gives it.
    pub name: String,
    /// The table that it belongs to, if it belongs to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Whether the statements of the schema say so, or the database as well.
    pub confidence: Confidence,
    /// Whether the database says that it isn't so: then it counts for nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub denied: bool,
}

impl Dependent {
    /// Something without a table of its own.
    #[must_use]
    pub fn new(kind: SchemaObjectKind, name: impl fmt::Display) -> Self {
        Dependent { kind, name: name.to_string(), table: None, confidence: Confidence::Parsed, denied: false }
    }

    fn of(kind: SchemaObjectKind, name: impl fmt::Display, table: &ObjectName) -> Self {
        Dependent { table: Some(table.to_string()), ..Dependent::new(kind, name) }
    }
}

impl Impact {
    /// Leaves out what the same statement takes away itself.
    fn without(&mut self, catalogue: &Catalogue, change: &Change, all: &[Change]) {
        let same = |other: &&Change| other.statement == change.statement && !std::ptr::eq(*other, change);
        let others = || all.iter().filter(same);
        let at_once = catalogue.dialect() == Dialect::Postgres;
        let is_gone = |dependent: &Dependent, refuses: bool| {
            others().any(|other| {
                let table = other.table.to_string();
                match &other.kind {
                    // Of the others each has its turn.
                    ChangeKind::Drop if refuses && !at_once => false,
                    ChangeKind::Drop => dependent.name == table || dependent.table.as_ref() == Some(&table),
                    ChangeKind::DropConstraint(Some(name)) if !at_once => {
                        dependent.kind == SchemaObjectKind::Constraint
                            && dependent.table.as_ref() == Some(&table)
                            && dependent.name == name.as_str()
                    }
                    ChangeKind::DropColumn(column) if !at_once => {
                        dependent.kind == SchemaObjectKind::Column
                            && dependent.table.as_ref() == Some(&table)
                            && dependent.name == column.as_str()
                    }
                    _ => false,
                }
            })
        };
        self.refused_by.retain(|dependent| !is_gone(dependent, true));
        self.refused = self.reason.is_some() || !self.refused_by.is_empty();
        for list in [&mut self.broken, &mut self.reshaped, &mut self.vanished] {
            list.retain(|dependent| !is_gone(dependent, false));
        }
    }
}

impl Catalogue {
    /// What a statement would do to what depends on the things that it changes: one impact for each of its changes, in
    /// order. A statement that changes no schema has none.
    ///
    /// Nothing is changed by asking. By the rules of the catalogue's dialect; for MySQL those of MariaDB, which checks
    /// views when they are used.
    ///
    /// # Errors
    /// The statement is not understood; the text says why.
    pub fn impact(&self, statement: &str) -> Result<Vec<Impact>, String> {
        let changes = self.changes_of(statement)?;
        let tables: Vec<_> = changes.iter().map(|change| &change.table).collect();
        let mut now = define::with_tables(self, &tables).map_or(Cow::Borrowed(self), Cow::Owned);
        let mut impacts = Vec::new();
        let mut left = changes.as_slice();
        while let (group, rest @ [next, ..]) = left.split_at(together::count(left)) {
            impacts.extend(group.iter().map(|change| now.impact_of(change, &changes)));
            left = rest;
            let [change] = group else {
                together::make(group, now.to_mut());
                continue;
            };
            // A column that gets both another name and another type is asked for by its old one.
            let again = rest.iter().any(|next| next.column().is_some() && next.column() == change.column());
            // PostgreSQL drops all that a statement names at once.
            let at_once = |change: &Change| {
                matches!(change.kind, ChangeKind::Drop) && self.dialect() == Dialect::Postgres
            };
            if !again && !at_once(change) {
                change.make(now.to_mut());
            }
            if next.statement != change.statement {
                let done = &changes[..changes.len() - rest.len()];
                let dropped = done.iter().filter(|done| done.statement == change.statement);
                dropped.filter(|done| at_once(done)).for_each(|done| done.make(now.to_mut()));
            }
        }
        impacts.extend(left.iter().map(|change| now.impact_of(change, &changes)));
        swapped(&now, &changes, &mut impacts);
        told::in_order(self, &changes, &mut impacts);
        Ok(impacts)
    }

    fn changes_of(&self, statement: &str) -> Result<Vec<Change>, String> {
        let Some(made) = block::statements(statement, self) else { return self.changes_of_one(statement) };
        let mut changes = Vec::new();
        for (nth, Made { statement, conditional }) in made?.into_iter().enumerate() {
            // A condition usually asks whether there is something to change.
            let asked = |change: Change| Change {
                if_exists: change.if_exists || conditional,
                statement: nth,
                ..change
            };
            changes.extend(self.changes_of_one(&statement)?.into_iter().map(asked));
        }
        Ok(changes)
    }

    fn changes_of_one(&self, statement: &str) -> Result<Vec<Change>, String> {
        if let Some(changes) = absent::by_words(statement, self) {
            return Ok(changes);
        }
        let changes = change::by_words(statement, self);
        let changes = match changes {
            Some(change) => return Ok(vec![change]),
            None => parse::with_parsed(statement, self.dialect(), |trees| {
                Ok(trees.iter().flat_map(|tree| change::of(tree, self)).collect())
            }),
        };
        let mut changes: Vec<Change> = changes.map_err(|fault: Fault| fault.to_string())?;
        change::guard(statement, &mut changes, self.dialect());
        Ok(changes)
    }

    /// What one of the changes of a statement does.
    fn impact_of(&self, change: &Change, all: &[Change]) -> Impact {
        if refusal::passes_by(self, change) {
            return Impact::default();
        }
        let mut impact = match self.dialect() {
            Dialect::Postgres => postgres::impact(self, change),
            Dialect::Mysql => mysql::impact(self, change),
            Dialect::Sqlite => sqlite::impact(self, change),
        };
        let unknown = change.unknown(self).filter(|_| self.index_named(&change.table).is_none());
        impact.unknown = unknown.or(impact.unknown);
        impact.reason = refusal::reason(self, change).or(impact.reason);
        if impact.reason.is_some() {
            // Nobody else is asked.
            impact.refused_by.clear();
        }
        calls::follow(self, &mut impact);
        impact.without(self, change, all);
        if impact.refused {
            // Nothing happens, so nothing breaks.
            impact.broken.clear();
            impact.reshaped.clear();
            impact.vanished.clear();
        }
        impact
    }

    /// The views for which it holds, and all views that read one of them.
    pub(crate) fn views_where(
        &self,
        holds: impl Fn(&crate::catalogue::View) -> bool,
    ) -> BTreeSet<ObjectName> {
        let views =
            || self.relations().filter_map(|relation| Some((&relation.name, relation.view.as_ref()?)));
        let mut found = BTreeSet::new();
        let mut open: Vec<_> =
            views().filter(|(_, view)| holds(view)).map(|(name, _)| name.clone()).collect();
        while let Some(name) = open.pop() {
            if found.insert(name.clone()) {
                open.extend(
                    views().filter(|(_, view)| view.inputs.contains(&name)).map(|(name, _)| name.clone()),
                );
            }
        }
        found
    }

    /// The views that depend on what is changed, and those that depend on them.
    fn views_of(&self, change: &Change) -> BTreeSet<ObjectName> {
        self.views_where(|view| match change.column() {
            Some(column) => view.reads.iter().any(|read| is_column(read, &change.table, column)),
            None => view.inputs.contains(&change.table),
        })
    }

    /// The foreign keys of other tables (and of its own) that refer to the table, or to the column of it.
    fn references_to(&self, table: &ObjectName, column: Option<&Ident>) -> Vec<(ObjectName, Dependent)> {
        let mut found = Vec::new();
        for relation in self.relations() {
            for constraint in &relation.constraints {
                let Some((target, columns)) = &constraint.references else { continue };
                let key = || self.primary_key(table);
                let hit = column.is_none_or(|column| {
                    if columns.is_empty() { key().contains(column) } else { columns.contains(column) }
                });
                if target == table && hit {
                    let joined: Vec<_> = constraint.columns.iter().map(Ident::as_str).collect();
                    let given = constraint.known_name().map(ToString::to_string);
                    let name = given
                        .unwrap_or_else(|| format!("{}_{}_fkey", relation.name.last(), joined.join("_")));
                    found.push((
                        relation.name.clone(),
                        Dependent::of(SchemaObjectKind::Constraint, name, &relation.name),
                    ));
                }
            }
        }
        found
    }

    pub(crate) fn primary_key(&self, table: &ObjectName) -> Vec<Ident> {
        let relation = self.relation(table);
        let keys = relation.iter().flat_map(|relation| &relation.constraints);
        let keys = keys.filter(|constraint| constraint.kind == crate::catalogue::ConstraintKind::PrimaryKey);
        keys.flat_map(|key| key.columns.clone()).collect()
    }

    /// Generated columns of the same table that are computed from the column.
    pub(crate) fn generated_from(&self, table: &ObjectName, column: &Ident) -> Vec<Ident> {
        let relation = self.relation(table).filter(|relation| relation.kind == RelationKind::Table);
        let columns = relation.iter().flat_map(|relation| &relation.columns);
        let reads = |own: &&crate::catalogue::Column| {
            own.computed
                .iter()
                .flat_map(crate::flow::Flow::iter)
                .any(|source| is_column(&source.column, table, column))
        };
        columns.filter(reads).map(|own| own.name.clone()).collect()
    }
}

fn is_column(read: &crate::flow::ColumnRef, table: &ObjectName, column: &Ident) -> bool {
    read.table.as_ref() == Some(table) && read.name == *column
}

/// Whether a body names what is changed.
fn touches(body: &Effects, change: &Change) -> bool {
    match change.column() {
        Some(column) => {
            body.reads.iter().any(|read| is_column(read, &change.table, column))
                || body.writes.keys().any(|written| is_column(written, &change.table, column))
                || body.needs.columns.iter().any(|needed| is_column(needed, &change.table, column))
        }
        None => {
            body.inputs.contains(&change.table)
                || body.outputs.contains(&change.table)
                || body.needs.tables.contains(&change.table)
        }
    }
}

/// MySQL: what names a table is not broken if another one has the name in the end, with all of its columns.
fn swapped(after: &Catalogue, changes: &[Change], impacts: &mut [Impact]) {
    for (change, impact) in changes.iter().zip(impacts) {
        let ChangeKind::Rename(to) = &change.kind else { continue };
        let (Some(old), Some(new)) = (after.relation(to), after.relation(&change.table)) else { continue };
        if new.name != old.name && old.columns.iter().all(|column| new.column(&column.name).is_some()) {
            impact.broken.clear();
        }
    }
}

/// Whether a routine names what is changed. A column that only `*` reads is not missed under another name, nor by a
/// function that gives back the table's rows, whatever they have.
fn touched(routine: &Routine, change: &Change) -> bool {
    let Some(column) = change.column() else { return touches(&routine.body, change) };
    let gives_rows = || gives_rows_of(routine, &change.table);
    let through_star = routine.by_star.iter().any(|read| is_column(read, &change.table, column))
        && (matches!(change.kind, ChangeKind::RenameColumn(..)) || gives_rows());
    // A value that goes there by its place does so whatever the column's name is.
    let by_place = matches!(change.kind, ChangeKind::RenameColumn(..));
    let writes_it = || routine.body.writes.keys().any(|written| is_column(written, &change.table, column));
    touches(&routine.body, change) && (!through_star || !by_place && writes_it())
}

/// Whether a function gives back rows of a table.
fn gives_rows_of(routine: &Routine, table: &ObjectName) -> bool {
    let name = routine.returns.as_ref().map(ToString::to_string);
    is_type(name.as_deref(), table)
}

/// Whether a type is that of a table's rows, or an array of them.
fn is_type(name: Option<&str>, table: &ObjectName) -> bool {
    let plain = |name: &str| name.trim_end_matches("[]").to_lowercase().replace('"', "");
    let Some(name) = name.map(plain) else { return false };
    let table = plain(&table.to_string());
    name == table || (name.contains('.') != table.contains('.') && last_part(&name) == last_part(&table))
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// SQLite and MySQL: the routines and triggers that put values into the places of a table's columns, or take them from there,
/// when there is one more.
fn counting(catalogue: &Catalogue, change: &Change, column: &ast::ColumnDef) -> Vec<Dependent> {
    let has_place = column.options.iter().all(|option| match option.option {
        ast::ColumnOption::Invisible => false,
        ast::ColumnOption::Generated { generation_expr: Some(_), .. } => {
            catalogue.dialect() != Dialect::Sqlite
        }
        _ => true,
    });
    let counts = |body: &Effects| has_place && body.counted.contains(&change.table);
    let routines = catalogue.routines().filter(|routine| counts(&routine.body));
    let triggers = catalogue.triggers().iter().filter(|trigger| counts(&trigger.body));
    let routines = routines.map(|routine| Dependent::new(SchemaObjectKind::Function, &routine.name));
    let of_table = |trigger: &crate::catalogue::Trigger| {
        Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table)
    };
    routines.chain(triggers.map(of_table)).collect()
}

/// Whether a change takes a name away: of a table, a view or a column.
fn takes_away(change: &Change) -> bool {
    matches!(
        change.kind,
        ChangeKind::Drop | ChangeKind::Rename(_) | ChangeKind::DropColumn(_) | ChangeKind::RenameColumn(..)
    )
}

fn views(names: BTreeSet<ObjectName>) -> impl Iterator<Item = Dependent> {
    names.into_iter().map(|name| Dependent::new(SchemaObjectKind::View, name))
}
