//! `MERGE`.

use sqlparser::ast::{Merge, MergeAction, MergeInsertKind, MergeUpdateKind, TableFactor, TableWithJoins};

use super::super::query::all_columns;
use super::super::{Output, Scope, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};

impl Walker<'_> {
    pub(crate) fn merge(&mut self, merge: &Merge, parent: Option<&Scope<'_>>) -> Result<Output, Fault> {
        let TableFactor::Table { name, alias, .. } = &merge.table else {
            return Err(Fault::Unsupported("a merge into something that is no table"));
        };
        let table = self.table(name);
        self.found.output(&table);
        let alias = alias.as_ref().map(|alias| self.ident(&alias.name));
        let mut scope = Scope::of(vec![self.target(&table, alias)], parent);
        let mut rows = Flow::default();
        let source = TableWithJoins { relation: merge.source.clone(), joins: Vec::new() };
        self.tables(&source, &mut scope, &mut rows)?;
        rows.add(self.expr(&merge.on, &scope)?.through(Subtype::Join));
        for clause in &merge.clauses {
            if let Some(condition) = &clause.predicate {
                rows.add(self.expr(condition, &scope)?.through(Subtype::Filter));
            }
            match &clause.action {
                MergeAction::Insert(insert) => {
                    let names: Vec<_> =
                        insert.columns.iter().map(|column| self.name(column).last()).collect();
                    let output = match &insert.kind {
                        MergeInsertKind::Values(values) => {
                            let mut output = self.values(values, Some(&scope))?;
                            output.columns.iter_mut().for_each(|column| column.name = None);
                            output
                        }
                        MergeInsertKind::Row | MergeInsertKind::Wildcard => {
                            let columns = scope.relations.get(1).map(all_columns).unwrap_or_default();
                            Output { columns, rows: Flow::default() }
                        }
                    };
                    self.write_columns(&table, &names, &output);
                }
                MergeAction::Update(update) => match &update.kind {
                    MergeUpdateKind::Set(assignments) => {
                        self.assign(assignments, &table, &scope)?;
                    }
                    MergeUpdateKind::Wildcard => {
                        return Err(Fault::Unsupported("a merge of another database"));
                    }
                },
                MergeAction::Delete { .. } | MergeAction::DoNothing { .. } => {}
            }
        }
        self.found.rows(Some(&table), &rows);
        self.generated(&table);
        self.returning(None, merge.output.as_ref(), &table, rows, &scope)
    }
}
