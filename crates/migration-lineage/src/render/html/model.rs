//! What a page shows: tables with their columns, the edges between them, and the statements that made them.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::graph::EdgeKind;

/// Tables first, then their columns, all numbered from 0 in one row; edges name their ends by these numbers.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) tables: Vec<Table>,
    pub(super) columns: Vec<Column>,
    pub(super) edges: Vec<Edge>,
    /// From the column that a foreign key refers to, to the one that refers.
    pub(super) references: Vec<(usize, usize)>,
    pub(super) statements: Vec<Statement>,
    /// Numbers of what was asked about.
    pub(super) focus: Vec<usize>,
}

/// A table, a view, or something else, which has no columns then.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// What people call it: `table`, `view`, `dashboard`.
    pub(super) kind: String,
    /// Its columns, as places in [`Model::columns`].
    pub(super) columns: Range<usize>,
    /// The statements that define or write it, as places in [`Model::statements`].
    pub(super) statements: Vec<usize>,
    pub(super) past: Vec<Past>,
}

/// A column of a table.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// As it was written; empty if nobody knows.
    pub(super) data_type: String,
    pub(super) key: Key,
    pub(super) past: Vec<Past>,
}

/// What a column is to its table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) primary: bool,
    pub(super) unique: bool,
    pub(super) foreign: bool,
    pub(super) required: bool,
}

/// What something was called, how it came to that name, and in which migration.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) name: String,
    pub(super) by: Option<EdgeKind>,
    pub(super) migration: Option<String>,
}

/// All ways in which one thing leads to another.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kinds: BTreeSet<EdgeKind>,
    /// Whether none of them lets the value be told.
    pub(super) masking: bool,
    pub(super) statements: BTreeSet<usize>,
}

/// A statement of a migration.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) migration: String,
    pub(super) line: Option<usize>,
    pub(super) sql: String,
}

impl Model {
    /// The table that a numbered thing is, or is a column of.
    pub(super) fn table_of(&self, number: usize) -> usize {
        let Some(column) = number.checked_sub(self.tables.len()) else { return number };
        self.tables.partition_point(|table| table.columns.end <= column)
    }

    /// Which tables lead to which others, each pair once, in order.
    pub(super) fn pairs(&self) -> Vec<(usize, usize)> {
        let pairs = self.edges.iter().map(|edge| (self.table_of(edge.from), self.table_of(edge.to)));
        let pairs: BTreeSet<_> = pairs.filter(|(from, to)| from != to).collect();
        pairs.into_iter().collect()
    }
}
