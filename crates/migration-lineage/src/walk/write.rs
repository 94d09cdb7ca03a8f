//! `INSERT`, `UPDATE`, `DELETE`, `MERGE`: which column gets which value.

mod delete;
mod insert;
mod merge;
mod update;

use migration_syntax::Dialect;
use sqlparser::ast::{Assignment, AssignmentTarget, Expr, OutputClause, SelectItem};

use super::places::{is_open, spread};
use super::{Output, Relation, Scope, Walker};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow};
use crate::name::{Ident, ObjectName};

impl Walker<'_> {
    /// A query's columns written to a table: to those named, else to the table's in order, else under their own names.
    pub(crate) fn write_columns(&mut self, table: &ObjectName, names: &[Ident], output: &Output) {
        let known: Vec<Ident> = match self.catalogue.known(table) {
            Some(relation) if names.is_empty() && relation.complete => relation
                .columns
                .iter()
                .filter(|column| relation.view.is_some() || !is_generated(column) && !column.invisible)
                .map(|column| column.name.clone())
                .collect(),
            _ => names.to_vec(),
        };
        if is_open(&output.columns) && !known.is_empty() {
            // PostgreSQL fills the first columns if there are too few values, unless columns are named.
            let exact = !names.is_empty() || self.dialect != Dialect::Postgres;
            for (name, flow) in known.iter().zip(spread(&output.columns, known.len(), exact)) {
                self.found.column(ColumnRef::new(table, name), flow);
            }
            self.found.rows(Some(table), &output.rows);
            self.generated(table);
            return;
        }
        for (index, column) in output.columns.iter().enumerate() {
            let Some(name) = known.get(index).or(column.name.as_ref()) else { continue };
            self.found.column(ColumnRef::new(table, name), column.flow.clone());
        }
        self.found.rows(Some(table), &output.rows);
        self.generated(table);
    }

    /// Generated columns change with those that they are computed from.
    pub(super) fn generated(&mut self, table: &ObjectName) {
        let Some(relation) = self.catalogue.known(table).filter(|relation| relation.view.is_none()) else {
            return;
        };
        for column in &relation.columns {
            let Some(flow) = &column.computed else { continue };
            let mut sources = Flow::default();
            for source in flow.iter() {
                let Some(written) = self.found.column_flow(&source.column) else { continue };
                sources.add(written.clone().through_masked(source.subtype, source.masking));
            }
            if !sources.is_empty() {
                self.found.column(ColumnRef::new(table, &column.name), sources);
            }
        }
    }

    /// `SET` of one table, or of the tables of a scope. Gives the tables that it writes to.
    fn assign(
        &mut self,
        assignments: &[Assignment],
        table: &ObjectName,
        scope: &Scope<'_>,
    ) -> Result<Vec<ObjectName>, Fault> {
        let mut written = Vec::new();
        for assignment in assignments {
            match &assignment.target {
                AssignmentTarget::ColumnName(name) => {
                    let name = self.name(name);
                    let (table, column) = self.target_of(&name, table, scope);
                    let flow = self.expr(&assignment.value, scope)?;
                    self.found.column(ColumnRef::new(&table, &column), flow);
                    if !written.contains(&table) {
                        written.push(table);
                    }
                }
                AssignmentTarget::Tuple(names) => {
                    let flows = self.tuple(&assignment.value, names.len(), scope)?;
                    for (name, flow) in names.iter().zip(flows) {
                        let (table, column) = self.target_of(&self.name(name), table, scope);
                        self.found.column(ColumnRef::new(&table, &column), flow);
                        if !written.contains(&table) {
                            written.push(table);
                        }
                    }
                }
            }
        }
        Ok(written)
    }

    /// The values of `SET (a, b) = …`.
    fn tuple(&mut self, value: &Expr, count: usize, scope: &Scope<'_>) -> Result<Vec<Flow>, Fault> {
        match value {
            Expr::Tuple(values) if values.len() == count => {
                values.iter().map(|value| self.expr(value, scope)).collect()
            }
            Expr::Subquery(query) => {
                let output = self.query(query, Some(scope))?;
                let with_rows = |mut flow: Flow| {
                    flow.add_all(&output.rows);
                    flow
                };
                Ok(output.columns.iter().map(|column| with_rows(column.flow.clone())).collect())
            }
            other => {
                let flow = self.expr(other, scope)?;
                Ok(vec![flow; count])
            }
        }
    }

    /// Takes back that the tables of a scope were read which the statement only changes: not those that it reads once more,
    /// nor those whose values go into a column of another. Which rows another loses or keeps is no value.
    fn only_changed(&mut self, changed: &[ObjectName], scope: &Scope<'_>) {
        for table in changed {
            let is_joined = scope.relations.iter().any(|relation| relation.table.as_ref() == Some(table));
            if is_joined && !self.serves_another(table, changed) {
                self.unread(table);
            }
        }
    }

    fn serves_another(&self, table: &ObjectName, changed: &[ObjectName]) -> bool {
        let is_another = |target: &&(ColumnRef, Flow)| {
            target.0.table.as_ref().is_some_and(|target| target != table && changed.contains(target))
        };
        let mut flows = self.found.flows().filter(is_another);
        flows.any(|(_, flow)| flow.iter().any(|source| source.column.table.as_ref() == Some(table)))
    }

    /// What a statement gives back of the rows that it wrote.
    fn returning(
        &mut self,
        items: Option<&Vec<SelectItem>>,
        clause: Option<&OutputClause>,
        table: &ObjectName,
        rows: Flow,
        scope: &Scope<'_>,
    ) -> Result<Output, Fault> {
        let items = match (items, clause) {
            (Some(items), _) => items,
            (
                None,
                Some(
                    OutputClause::Returning { select_items, .. } | OutputClause::Output { select_items, .. },
                ),
            ) => select_items,
            (None, None) => return Ok(Output { columns: Vec::new(), rows }),
        };
        // PostgreSQL: a row as it was, and as it is now. What is called so in the statement itself comes first.
        let of_row = |name: &str| Some(self.base(table, Some(self.word(name))).only_qualified());
        let named = if self.dialect == Dialect::Postgres { ["old", "new"].map(of_row) } else { [None, None] };
        let around = Scope::of(named.into_iter().flatten().collect(), scope.parent);
        let (relations, merged) = (scope.relations.clone(), scope.merged.clone());
        let scope = Scope { relations, merged, ..Scope::within(Some(&around)) };
        Ok(Output { columns: self.projection(items, &scope)?, rows })
    }

    /// What an assignment's name means: a column of a table that is changed.
    fn target_of(&self, name: &ObjectName, table: &ObjectName, scope: &Scope<'_>) -> (ObjectName, Ident) {
        let qualified = self.relation_of(name.qualifiers(), scope).filter(|_| !name.qualifiers().is_empty());
        if let Some(other) = qualified.and_then(|relation| relation.table.clone()) {
            return (other, name.last());
        }
        // MySQL changes several tables at once: an unqualified column is of the one that has it.
        let column = name.last();
        let mut owners = scope.relations.iter().filter(|relation| relation.known(&column).is_some());
        if let (Some(owner), None) = (owners.next(), owners.next())
            && let Some(owner) = &owner.table
            && owner != table
            && scope
                .relations
                .first()
                .is_some_and(|first| first.open.is_empty() && first.known(&column).is_none())
        {
            return (owner.clone(), column);
        }
        (table.clone(), column)
    }

    /// The table under its alias, and under the name by which an upsert names the row that was to be inserted.
    fn target(&self, table: &ObjectName, alias: Option<Ident>) -> Relation {
        self.base(table, alias)
    }
}

/// Whether a table (a view computes all of its columns) computes the column, so that it is not among those that an `INSERT` fills
/// in order.
///
/// All three databases want it left out or named `DEFAULT`.
fn is_generated(column: &crate::catalogue::Column) -> bool {
    column.computed.is_some()
}
