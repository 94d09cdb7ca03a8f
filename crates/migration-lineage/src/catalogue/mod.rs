//! What there is at one moment: tables, views, their columns and what hangs on them. Built by applying statements in
//! order, so that a history of migrations gives it.

mod change;
mod databases;
mod former;
mod indexes;
mod lookup;
mod needs;
mod remove;
mod routine;
mod rows;
mod schema;
mod session;

use std::collections::{BTreeMap, BTreeSet};

use migration_syntax::Dialect;

use crate::flow::{ColumnRef, Flow};
use crate::name::{Ident, ObjectName};
pub(crate) use former::Former;
pub(crate) use needs::Needs;
pub use routine::{Argument, ArgumentMode, Routine, RoutineKind};
pub(crate) use routine::{ArgumentType, Outs, Source as RoutineSource, canonical_type, is_base_type};
pub(crate) use session::Made;
use session::Session;

/// The tables, views, triggers, functions and indexes that the statements so far have left.
#[derive(Debug, Clone)]
pub struct Catalogue {
    dialect: Dialect,
    /// PostgreSQL's `search_path`, or the database that MySQL's `USE` named.
    pub(crate) path: Vec<Ident>,
    relations: BTreeMap<ObjectName, Relation>,
    triggers: Vec<Trigger>,
    /// By name: PostgreSQL tells those that share one by the types of their parameters.
    functions: BTreeMap<ObjectName, Vec<Routine>>,
    /// PostgreSQL's composite types, with the names of their fields.
    types: BTreeMap<ObjectName, Vec<Ident>>,
    indexes: Vec<Index>,
    policies: Vec<Policy>,
    databases: databases::Databases,
    /// The names of tables and views that were there once and are no more.
    gone: BTreeSet<ObjectName>,
    pub(crate) session: Session,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Its name, as it was given when it was made or renamed.
    pub name: ObjectName,
    /// What it is.
    pub kind: RelationKind,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Whether these are all; not so if the statement that made it could not be understood.
    pub complete: bool,
    /// Keys, checks and references.
    pub constraints: Vec<Constraint>,
    /// What makes it a view.
    pub view: Option<View>,
    /// PostgreSQL: the tables whose columns it has as well, for as long as it is their child.
    pub(crate) parents: Vec<Parent>,
    /// PostgreSQL: the columns by which its rows go to partitions.
    pub(crate) partition_key: Vec<Ident>,
    /// Of a temporary table: the one of its name that can't be seen as long as it is there.
    pub(crate) hides: Option<Box<Relation>>,
    /// Whether it goes with the session.
    pub(crate) temporary: bool,
    /// Whether it was only changed so far, so that it must have been there before all that was read.
    pub(crate) assumed: bool,
    /// Whether a statement about what it is was not understood.
    pub(crate) unread: bool,
}

/// A table that another inherits from, or is a partition of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parent {
    pub(crate) table: ObjectName,
    /// Whether it goes when the parent goes.
    pub(crate) of_partition: bool,
}

/// What a [`Relation`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RelationKind {
    /// A table.
    Table,
    /// A view.
    View,
    /// A view that holds its rows.
    MaterializedView,
}

/// A column of a table or view.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Its type as it was written; empty if none was.
    pub data_type: String,
    /// Whether it may hold no value.
    pub nullable: bool,
    /// The expression that it gets where an `INSERT` gives it no value.
    pub default: Option<String>,
    /// What a generated column is computed from, or what a view's column is.
    pub computed: Option<Flow>,
    /// MySQL: whether `*` leaves it out.
    pub(crate) invisible: bool,
}

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Its name, if it was given one.
    pub name: Option<Ident>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// The columns that it is about.
    pub columns: Vec<Ident>,
    /// Of a foreign key: the other table, and its columns if they were named.
    pub references: Option<(ObjectName, Vec<Ident>)>,
    /// The column whose definition it stands in, if it stands in one.
    pub(crate) within: Option<Ident>,
    /// Of a foreign key: whether its columns are emptied when the row that they refer to goes or changes.
    pub(crate) empties: bool,
    /// PostgreSQL: the name that it gave itself.
    pub(crate) by_default: Option<Ident>,
}

/// What a [`Constraint`] demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConstraintKind {
    /// `PRIMARY KEY`.
    PrimaryKey,
    /// `UNIQUE`.
    Unique,
    /// `CHECK`.
    Check,
    /// `FOREIGN KEY`.
    ForeignKey,
    /// PostgreSQL's `EXCLUDE`.
    Exclude,
}

/// What a view is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The query's text.
    pub query: String,
    /// The tables and views that it reads.
    pub inputs: BTreeSet<ObjectName>,
    /// Every column that it depends on, be it for a value or for the rows.
    pub reads: BTreeSet<ColumnRef>,
    /// What decides on its rows.
    pub rows: Flow,
    /// Tables whose columns are not known and show through it, as it selects `*` from them.
    pub open: Vec<ObjectName>,
    /// The functions that it calls, known or not.
    pub(crate) calls: BTreeSet<ObjectName>,
    /// Whether it was made with a list of its columns' names.
    pub(crate) names_columns: bool,
    /// SQLite: what names in the text mean that something else has by now.
    pub(crate) former: Former,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// Its name.
    pub name: Ident,
    /// The table that it watches.
    pub table: ObjectName,
    /// The columns of `UPDATE OF`.
    pub columns: Vec<Ident>,
    /// The function that it calls, where that is how triggers work.
    pub function: Option<ObjectName>,
    /// What it does itself.
    pub body: Effects,
    /// What decides whether it does anything.
    pub(crate) when: Flow,
    /// The columns of its table that its condition names.
    pub(crate) asks_for: BTreeSet<Ident>,
    /// PostgreSQL: the names of `REFERENCING`, under which it sees all rows that a statement has changed.
    pub(crate) transitions: Vec<Ident>,
}

/// What a body of statements reads and writes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    /// The tables and views that are read.
    pub inputs: BTreeSet<ObjectName>,
    /// The tables and views that are written.
    pub outputs: BTreeSet<ObjectName>,
    /// The columns that are read.
    pub reads: BTreeSet<ColumnRef>,
    /// The columns that are written, each with what it depends on.
    pub writes: BTreeMap<ColumnRef, Flow>,
    /// What decides on the rows of tables that are written.
    pub rows: BTreeMap<ObjectName, Flow>,
    /// What is given back, column by column.
    pub results: Vec<Flow>,
    /// Whether it may change the schema.
    pub changes_schema: bool,
    /// The functions and procedures that are called, known or not.
    pub(crate) calls: BTreeSet<ObjectName>,
    /// What it can't do without besides.
    pub(crate) needs: Needs,
    /// SQLite and MySQL: the tables of which it needs just as many columns as they have, as values stand in their places.
    pub(crate) counted: BTreeSet<ObjectName>,
}

/// An index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Its name; where that was left out, none.
    pub name: Option<Ident>,
    /// The table.
    pub table: ObjectName,
    /// The columns in its keys, expressions and condition.
    pub columns: BTreeSet<Ident>,
    /// Whether it keeps values unique.
    pub unique: bool,
    /// The columns that it sorts by, in order, up to the first expression.
    pub(crate) keys: Vec<Ident>,
}

/// PostgreSQL: a policy of row security.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Its name.
    pub name: Ident,
    /// The table that it guards.
    pub table: ObjectName,
    /// The columns that its conditions read.
    pub reads: BTreeSet<ColumnRef>,
}

impl Catalogue {
    /// An empty one.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Catalogue {
            dialect,
            path: Vec::new(),
            relations: BTreeMap::new(),
            triggers: Vec::new(),
            functions: BTreeMap::new(),
            types: BTreeMap::new(),
            indexes: Vec::new(),
            policies: Vec::new(),
            databases: databases::Databases::default(),
            gone: BTreeSet::new(),
            session: Session::default(),
        }
    }

    /// The dialect that names are compared by.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// All tables and views, by name.
    pub fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values()
    }

    /// All triggers, in the order in which they were made.
    #[must_use]
    pub fn triggers(&self) -> &[Trigger] {
        &self.triggers
    }

    /// All functions and procedures, by name; those that share one in the order in which they were made.
    pub fn routines(&self) -> impl Iterator<Item = &Routine> {
        self.functions.values().flatten()
    }

    /// All policies, in the order in which they were made.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// All indexes, in the order in which they were made.
    #[must_use]
    pub fn indexes(&self) -> &[Index] {
        &self.indexes
    }
}

impl Relation {
    pub(crate) fn table(name: ObjectName) -> Self {
        Relation {
            name,
            kind: RelationKind::Table,
            columns: Vec::new(),
            complete: true,
            constraints: Vec::new(),
            view: None,
            parents: Vec::new(),
            partition_key: Vec::new(),
            hides: None,
            temporary: false,
            assumed: false,
            unread: false,
        }
    }

    /// What was never made is changed: it must have been there, and nobody knows its columns.
    pub(crate) fn assumed(name: ObjectName) -> Self {
        Relation { complete: false, assumed: true, ..Relation::table(name) }
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &Ident) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == *name)
    }
}

impl Column {
    pub(crate) fn new(name: Ident) -> Self {
        Column {
            name,
            data_type: String::new(),
            nullable: true,
            default: None,
            computed: None,
            invisible: false,
        }
    }
}
