//! What an analysis gives: plain data, the same in Rust and in JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use migration_syntax::StatementKind;
use serde::{Serialize, Serializer};

use crate::flow::{ColumnRef, Flow, Source};
use crate::name::{Ident, ObjectName};

/// All statements of a text, analysed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Analysis {
    /// The statements, in order.
    pub statements: Vec<StatementLineage>,
    /// How much of the text was understood.
    pub coverage: Coverage,
}

/// Where one statement reads and writes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StatementLineage {
    /// What it does, by its leading keywords.
    pub kind: StatementKind,
    /// Byte offset of its first byte in the text.
    pub start: usize,
    /// Byte offset behind its last byte.
    pub end: usize,
    /// The line that it begins in, from 1.
    pub line: usize,
    /// The tables and views that it reads, without those that it only changes in place.
    pub inputs: Vec<ObjectName>,
    /// The tables and views that it writes, defines, changes or drops.
    pub outputs: Vec<ObjectName>,
    /// The columns that it writes, defines or returns, each with all that it depends on.
    pub columns: Vec<ColumnLineage>,
    /// What decides on the rows as a whole: joins, filters, groups and order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dataset: Vec<DatasetLineage>,
    /// What it renames, and the columns that it drops, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<SchemaChange>,
    /// The functions that it calls of which the types of values don't tell which is meant. What it does is what all of them do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ambiguous: Vec<AmbiguousCall>,
    /// What of it was not understood; empty if all was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unanalysed: Vec<Unanalysed>,
}

/// A change of names, which the columns alone can't tell from a copy and a loss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "change")]
#[non_exhaustive]
pub enum SchemaChange {
    /// A table or view got another name, or moved into another schema.
    RenameTable {
        /// The name before.
        from: ObjectName,
        /// The name after.
        to: ObjectName,
    },
    /// A column got another name.
    RenameColumn {
        /// Its table.
        table: ObjectName,
        /// The name before.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        from: Ident,
        /// The name after.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        to: Ident,
    },
    /// A column is gone.
    DropColumn {
        /// Its table.
        table: ObjectName,
        /// Its name.
        #[cfg_attr(feature = "schema", schemars(with = "String"))]
        column: Ident,
    },
}

/// Whether a table is one that changes of names are about.
pub(crate) fn is_renamed(name: &ObjectName, changes: &[SchemaChange]) -> bool {
    changes.iter().any(|change| match change {
        SchemaChange::RenameTable { from, to } => from == name || to == name,
        _ => false,
    })
}

/// Whether an edge between columns is what a change of names says already, perhaps by way of a name between the two.
pub(crate) fn is_rename(target: &ColumnRef, source: &Source, changes: &[SchemaChange]) -> bool {
    let own = |table: &ObjectName, column: &ColumnRef| column.table.as_ref() == Some(table);
    let becomes = |table: &ObjectName, column: &Ident| {
        changes.iter().any(|change| match change {
            SchemaChange::RenameColumn { table: known, from, to } => {
                known == table && from == column && *to == target.name
            }
            SchemaChange::RenameTable { .. } | SchemaChange::DropColumn { .. } => false,
        })
    };
    changes.iter().any(|change| match change {
        SchemaChange::RenameTable { from, to } => own(from, &source.column) && own(to, target),
        SchemaChange::RenameColumn { table, from, to } => {
            own(table, &source.column)
                && own(table, target)
                && source.column.name == *from
                && (target.name == *to || becomes(table, to))
        }
        SchemaChange::DropColumn { .. } => false,
    })
}

/// A column and what it depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColumnLineage {
    /// The column: `table.column`, or `column` if it is a query's result.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub target: ColumnRef,
    /// All that it depends on, that of the rows included.
    pub sources: Vec<Source>,
}

/// What decides on the rows of a table, or of a query's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatasetLineage {
    /// The table; none for a query's result.
    pub target: Option<ObjectName>,
    /// The columns that decide.
    pub sources: Vec<Source>,
}

/// A call that may mean several functions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AmbiguousCall {
    /// The name that is called.
    pub name: ObjectName,
    /// The functions, each with the types of its parameters.
    pub candidates: Vec<String>,
}

/// A part of a text that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unanalysed {
    /// Byte offset of its first byte in the text.
    pub start: usize,
    /// Byte offset behind its last byte.
    pub end: usize,
    /// Why.
    pub reason: String,
}

/// How many statements there were, and how many of them were understood as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coverage {
    /// All statements.
    pub statements: usize,
    /// Those without anything in `unanalysed`.
    pub analysed: usize,
    /// `analysed` of `statements`, from 0 to 1; 1 for no statements.
    pub ratio: f64,
}

impl Coverage {
    /// Counts.
    pub fn of<'a>(statements: impl IntoIterator<Item = &'a StatementLineage>) -> Self {
        let (mut all, mut analysed) = (0, 0);
        for statement in statements {
            all += 1;
            analysed += usize::from(statement.unanalysed.is_empty());
        }
        let ratio = if all == 0 { 1.0 } else { analysed as f64 / all as f64 };
        Coverage { statements: all, analysed, ratio }
    }
}

impl Serialize for ColumnRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is found while a statement is read.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) inputs: BTreeSet<ObjectName>,
    pub(crate) outputs: Vec<ObjectName>,
    columns: Vec<(ColumnRef, Flow)>,
    index: BTreeMap<ColumnRef, usize>,
    rows: BTreeMap<Option<ObjectName>, Flow>,
    pub(crate) changes: Vec<SchemaChange>,
    ambiguous: Vec<AmbiguousCall>,
    pub(crate) unanalysed: Vec<Unanalysed>,
    /// Every column that a name has meant, in statements that change the schema.
    pub(crate) touched: BTreeSet<ColumnRef>,
}

impl Findings {
    /// A table that is written, defined, changed or dropped.
    pub(crate) fn output(&mut self, table: &ObjectName) {
        if !self.outputs.contains(table) {
            self.outputs.push(table.clone());
        }
    }

    /// A call that may mean several functions.
    pub(crate) fn ambiguous(&mut self, name: &ObjectName, candidates: Vec<String>) {
        let call = AmbiguousCall { name: name.clone(), candidates };
        if !self.ambiguous.contains(&call) {
            self.ambiguous.push(call);
        }
    }

    /// A column of a table that gets a value.
    pub(crate) fn column(&mut self, target: ColumnRef, flow: Flow) {
        match self.index.get(&target) {
            Some(known) => self.columns[*known].1.add(flow),
            None => {
                self.index.insert(target.clone(), self.columns.len());
                self.columns.push((target, flow));
            }
        }
    }

    /// A column of a query's result: names may come twice.
    pub(crate) fn result(&mut self, target: ColumnRef, flow: Flow) {
        self.columns.push((target, flow));
    }

    /// Takes over what another walk has found.
    pub(crate) fn join(&mut self, other: Findings) {
        self.inputs.extend(other.inputs);
        other.outputs.iter().for_each(|table| self.output(table));
        for (target, flow) in other.columns {
            match target.table {
                Some(_) => self.column(target, flow),
                None => self.result(target, flow),
            }
        }
        for (table, flow) in &other.rows {
            self.rows(table.as_ref(), flow);
        }
        self.changes.extend(other.changes);
        other.ambiguous.into_iter().for_each(|call| self.ambiguous(&call.name, call.candidates));
        self.unanalysed.extend(other.unanalysed);
        self.touched.extend(other.touched);
    }

    /// Forgets what stands for something else: tables for which it holds, and their columns.
    pub(crate) fn forget(&mut self, stands: impl Fn(&ObjectName) -> bool) {
        let is = |column: &ColumnRef| column.table.as_ref().is_some_and(&stands);
        let keep =
            |flow: &Flow| -> Flow { flow.iter().filter(|source| !is(&source.column)).cloned().collect() };
        self.inputs.retain(|name| !stands(name));
        self.outputs.retain(|name| !stands(name));
        self.columns = std::mem::take(&mut self.columns)
            .into_iter()
            .filter(|(target, _)| !is(target))
            .map(|(target, flow)| (target, keep(&flow)))
            .collect();
        let told = self.columns.iter().enumerate().filter(|(_, (target, _))| target.table.is_some());
        self.index = told.map(|(at, (target, _))| (target.clone(), at)).collect();
        self.rows = std::mem::take(&mut self.rows)
            .into_iter()
            .filter(|(table, _)| !table.as_ref().is_some_and(&stands))
            .map(|(table, flow)| (table, keep(&flow)))
            .filter(|(_, flow)| !flow.is_empty())
            .collect();
    }

    /// The columns of tables that get a value, each with what it depends on.
    pub(crate) fn flows(&self) -> impl Iterator<Item = &(ColumnRef, Flow)> {
        self.columns.iter()
    }

    /// What decides on rows, by table.
    pub(crate) fn row_flows(&self) -> impl Iterator<Item = (&Option<ObjectName>, &Flow)> {
        self.rows.iter()
    }

    /// What a column has been found to get so far.
    pub(crate) fn column_flow(&self, target: &ColumnRef) -> Option<&Flow> {
        self.index.get(target).map(|index| &self.columns[*index].1)
    }

    /// What decides on the rows of a table.
    pub(crate) fn rows(&mut self, table: Option<&ObjectName>, flow: &Flow) {
        if !flow.is_empty() {
            self.rows.entry(table.cloned()).or_default().add_all(flow);
        }
    }

    pub(crate) fn finish(self, statement: &migration_syntax::Statement<'_>) -> StatementLineage {
        self.at(statement.kind, statement.start..statement.end, statement.line)
    }

    /// The lineage of what is at that place of a text.
    pub(crate) fn at(self, kind: StatementKind, span: Range<usize>, line: usize) -> StatementLineage {
        let rows = self.rows;
        let column = |(target, mut flow): (ColumnRef, Flow)| {
            if let Some(rows) = rows.get(&target.table) {
                flow.add_all(rows);
            }
            ColumnLineage { target, sources: flow.into_sources() }
        };
        let columns = self.columns.into_iter().map(column).collect();
        let dataset = |(target, flow): (Option<ObjectName>, Flow)| DatasetLineage {
            target,
            sources: flow.into_sources(),
        };
        StatementLineage {
            kind,
            start: span.start,
            end: span.end,
            line,
            inputs: self.inputs.into_iter().collect(),
            outputs: self.outputs,
            columns,
            dataset: rows.into_iter().map(dataset).collect(),
            changes: self.changes,
            ambiguous: self.ambiguous,
            unanalysed: self.unanalysed,
        }
    }
}
