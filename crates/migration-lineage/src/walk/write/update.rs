//! `UPDATE`, of one table or of several.

use sqlparser::ast::{TableFactor, Update, UpdateTableFromKind};

use super::super::{Output, Scope, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};

impl Walker<'_> {
    pub(crate) fn update(&mut self, update: &Update, parent: Option<&Scope<'_>>) -> Result<Output, Fault> {
        let TableFactor::Table { name, alias, .. } = &update.table.relation else {
            return Err(Fault::Unsupported("an update of something that is no table"));
        };
        let table = self.table(name);
        let alias = alias.as_ref().map_or_else(|| self.name(name).last(), |alias| self.ident(&alias.name));
        let mut scope = Scope::of(vec![self.target(&table, Some(alias))], parent);
        let mut rows = Flow::default();
        if !update.table.joins.is_empty() {
            let read_before = self.inputs().contains(&table);
            scope.relations.clear();
            self.tables(&update.table, &mut scope, &mut rows)?;
            if !read_before {
                self.forget(&table);
            }
        }
        if let Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) = &update.from {
            for tables in from {
                self.tables(tables, &mut scope, &mut rows)?;
            }
        }
        let joined = scope.relations.len() > 1;
        if let Some(condition) = &update.selection {
            rows.add(self.expr(condition, &scope)?.through(Subtype::Filter));
        }
        for item in &update.order_by {
            rows.add(self.expr(&item.expr, &scope)?.through(Subtype::Sort));
        }
        let before = self.found.outputs.len();
        self.assign(&update.assignments, &table, &scope)?;
        // With a join, what is written may be another table than the first.
        if !joined || self.found.outputs.len() == before || self.found.writes(&table) {
            self.found.output(&table);
        }
        let written: Vec<_> = self.found.outputs[before.min(self.found.outputs.len())..].to_vec();
        for table in written.iter().chain(std::iter::once(&table)) {
            self.found.rows(Some(table), &rows);
            if joined && *table != scope.relations[0].table.clone().unwrap_or_else(|| table.clone()) {
                self.forget(table);
            }
        }
        self.generated(&table);
        self.returning(update.returning.as_ref(), update.output.as_ref(), &scope)
    }
}
