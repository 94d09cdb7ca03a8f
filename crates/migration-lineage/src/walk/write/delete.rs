//! `DELETE`, from one table or from several.

use migration_syntax::Dialect;
use sqlparser::ast::{Delete, FromTable, TableFactor};

use super::super::{Output, Relation, Scope, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};
use crate::name::ObjectName;

impl Walker<'_> {
    pub(crate) fn delete(&mut self, delete: &Delete, parent: Option<&Scope<'_>>) -> Result<Output, Fault> {
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let mut scope = Scope::within(parent);
        let mut rows = Flow::default();
        // MySQL's `FROM` only says which of the tables behind `USING` it means.
        let read: &[_] = if self.dialect == Dialect::Mysql && delete.using.is_some() { &[] } else { from };
        for tables in read.iter().chain(delete.using.iter().flatten()) {
            self.tables(tables, &mut scope, &mut rows)?;
        }
        let targets: Vec<ObjectName> = match &delete.using {
            // `DELETE t FROM t JOIN u`
            _ if !delete.tables.is_empty() => {
                delete.tables.iter().map(|name| self.named_target(&self.name(name), &scope)).collect()
            }
            // MySQL: `DELETE FROM t USING t JOIN u`
            _ => from
                .iter()
                .filter_map(|tables| match &tables.relation {
                    TableFactor::Table { name, .. } => Some(self.named_target(&self.name(name), &scope)),
                    _ => None,
                })
                .collect(),
        };
        if targets.is_empty() {
            return Err(Fault::Unsupported("a delete from something that is no table"));
        }
        if let Some(condition) = &delete.selection {
            rows.add(self.expr(condition, &scope)?.through(Subtype::Filter));
        }
        for item in &delete.order_by {
            rows.add(self.expr(&item.expr, &scope)?.through(Subtype::Sort));
        }
        for table in &targets {
            self.found.output(table);
            self.found.rows(Some(table), &rows);
        }
        // Whose rows go is named in the clause; that alone makes it no input.
        self.only_changed(&targets, &scope);
        let [table, ..] = targets.as_slice() else { return Ok(Output { columns: Vec::new(), rows }) };
        self.returning(delete.returning.as_ref(), delete.output.as_ref(), table, rows, &scope)
    }

    /// What a name in the list of targets means: an alias of the clause, or a table.
    fn named_target(&self, name: &ObjectName, scope: &Scope<'_>) -> ObjectName {
        let named = |relation: &&Relation| match name.parts() {
            [only] => relation.alias == *only,
            _ => false,
        };
        let found = scope.relations.iter().find(named).and_then(|relation| relation.table.clone());
        found.unwrap_or_else(|| self.catalogue.canonical(name))
    }
}
