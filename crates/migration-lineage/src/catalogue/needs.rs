//! What a body can't do without though no value of it comes from there.

use std::collections::BTreeSet;

use crate::flow::ColumnRef;
use crate::name::{Ident, ObjectName};

/// Tables and columns that a body names for something other than their values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Needs {
    /// Tables: those whose rows a variable has the type of, those that are locked or indexed.
    pub(crate) tables: BTreeSet<ObjectName>,
    /// Columns: those whose type a variable has, those that a statement changes the definition of.
    pub(crate) columns: BTreeSet<ColumnRef>,
    /// Columns that must not come to be: a name without a table in front of it would mean two then.
    pub(crate) absent: BTreeSet<ColumnRef>,
}

impl Needs {
    pub(crate) fn table(&mut self, table: ObjectName) {
        self.tables.insert(table);
    }

    /// A column, and the table that it is of.
    pub(crate) fn column(&mut self, table: &ObjectName, column: &Ident) {
        self.tables.insert(table.clone());
        self.columns.insert(ColumnRef::new(table, column));
    }

    pub(crate) fn join(&mut self, other: Needs) {
        self.tables.extend(other.tables);
        self.columns.extend(other.columns);
        self.absent.extend(other.absent);
    }

    /// The same under the names that they have now.
    pub(super) fn follow(
        &mut self,
        table: impl Fn(&ObjectName) -> ObjectName,
        column: impl Fn(&ColumnRef) -> ColumnRef,
    ) {
        self.tables = self.tables.iter().map(table).collect();
        self.columns = self.columns.iter().map(&column).collect();
        self.absent = self.absent.iter().map(column).collect();
    }
}
