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
            scope.relations.clear();
            self.tables(&update.table, &mut scope, &mut rows)?;
        }
        if let Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) = &update.from
        {
            for tables in from {
                self.tables(tables, &mut scope, &mut rows)?;
            }
        }
        if let Some(condition) = &update.selection {
            rows.add(self.expr(condition, &scope)?.through(Subtype::Filter));
        }
        for item in &update.order_by {
            rows.add(self.expr(&item.expr, &scope)?.through(Subtype::Sort));
        }
        let written = self.assign(&update.assignments, &table, &scope)?;
        for table in &written {
            self.found.output(table);
            self.found.rows(Some(table), &rows);
            self.generated(table);
        }
        if !update.table.joins.is_empty() {
            // MySQL joins what it changes as well; that alone makes it no input.
            self.only_changed(&written, &scope);
        }
        self.returning(update.returning.as_ref(), update.output.as_ref(), &table, rows, &scope)
    }
}
