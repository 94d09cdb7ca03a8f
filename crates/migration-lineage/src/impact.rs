//! What a change would break: asked of the catalogue, before anything runs.

mod block;
mod change;
mod confirm;
mod mysql;
mod postgres;
mod simulate;
mod sqlite;

use std::collections::BTreeSet;
use std::fmt;

use migration_model::SchemaObjectKind;
use migration_syntax::Dialect;
use serde::Serialize;

use crate::catalogue::{Catalogue, Effects, Made, RelationKind};
use crate::fault::Fault;
use crate::flow::Confidence;
use crate::name::{Ident, ObjectName};
use crate::parse;
use change::{Change, ChangeKind};

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
        Ok(self.changes_of(statement)?.iter().map(|change| self.impact_of(change)).collect())
    }

    fn changes_of(&self, statement: &str) -> Result<Vec<Change>, String> {
        let Some(made) = block::statements(statement, self) else { return self.changes_of_one(statement) };
        let mut changes = Vec::new();
        for Made { statement, conditional } in made? {
            // A condition usually asks whether there is something to change.
            let asked = |change: Change| Change { if_exists: change.if_exists || conditional, ..change };
            changes.extend(self.changes_of_one(&statement)?.into_iter().map(asked));
        }
        Ok(changes)
    }

    fn changes_of_one(&self, statement: &str) -> Result<Vec<Change>, String> {
        let changes = change::by_words(statement, self);
        let changes = match changes {
            Some(change) => Ok(vec![change]),
            None => parse::with_parsed(statement, self.dialect(), |trees| {
                Ok(trees.iter().flat_map(|tree| change::of(tree, self)).collect())
            }),
        };
        changes.map_err(|fault: Fault| fault.to_string())
    }

    fn impact_of(&self, change: &Change) -> Impact {
        let mut impact = match self.dialect() {
            Dialect::Postgres => postgres::impact(self, change),
            Dialect::Mysql => mysql::impact(self, change),
            Dialect::Sqlite => sqlite::impact(self, change),
        };
        impact.unknown = change.unknown(self);
        if impact.refused {
            // Nothing happens, so nothing breaks.
            impact.broken.clear();
            impact.reshaped.clear();
            impact.vanished.clear();
        }
        impact
    }

    /// The views for which it holds, and all views that read one of them.
    fn views_where(&self, holds: impl Fn(&crate::catalogue::View) -> bool) -> BTreeSet<ObjectName> {
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
                    let given = constraint.name.as_ref().map(ToString::to_string);
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

    fn primary_key(&self, table: &ObjectName) -> Vec<Ident> {
        let relation = self.relation(table);
        let keys = relation.iter().flat_map(|relation| &relation.constraints);
        let keys = keys.filter(|constraint| constraint.kind == crate::catalogue::ConstraintKind::PrimaryKey);
        keys.flat_map(|key| key.columns.clone()).collect()
    }

    /// Generated columns of the same table that are computed from the column.
    fn generated_from(&self, table: &ObjectName, column: &Ident) -> Vec<Ident> {
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
        }
        None => body.inputs.contains(&change.table) || body.outputs.contains(&change.table),
    }
}

/// Whether a change takes a name away: of a table, a view or a column.
fn takes_away(change: &Change) -> bool {
    !matches!(change.kind, ChangeKind::AddColumn(_) | ChangeKind::AlterType(..) | ChangeKind::DropIndex)
}

fn views(names: BTreeSet<ObjectName>) -> impl Iterator<Item = Dependent> {
    names.into_iter().map(|name| Dependent::new(SchemaObjectKind::View, name))
}
