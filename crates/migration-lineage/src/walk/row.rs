//! Values that are rows: of a table, a record, a function that gives back rows; and their fields.

use sqlparser::ast::Expr;

use super::query::all_columns;
use super::{OutColumn, Scope, Walker};
use crate::fault::Fault;
use crate::name::Ident;

impl Walker<'_> {
    /// One row of `VALUES`. A row in it, as `NEW.*` is, stands for all of its columns.
    pub(super) fn row_of_values(
        &mut self,
        values: &[Expr],
        scope: &Scope<'_>,
    ) -> Result<Vec<OutColumn>, Fault> {
        let mut row: Vec<OutColumn> = Vec::with_capacity(values.len());
        for value in values {
            if let Expr::QualifiedWildcard(name, _) = value
                && let Some(relation) = scope.relation(self.name(name).parts())
            {
                let all = all_columns(relation);
                all.iter().for_each(|column| self.touch(&column.flow));
                row.extend(all);
                continue;
            }
            let flow = self.expr(value, scope)?;
            let name = numbered(row.len(), self);
            row.push(OutColumn { name: Some(name), flow, star: None });
        }
        Ok(row)
    }

    /// Takes the names away that `VALUES` gives to its columns: nobody would look for `column1` in a table.
    pub(super) fn unnumbered(&self, columns: &mut [OutColumn]) {
        for (at, column) in columns.iter_mut().enumerate() {
            if column.name == Some(numbered(at, self)) {
                column.name = None;
            }
        }
    }
}

fn numbered(at: usize, walker: &Walker<'_>) -> Ident {
    Ident::new(&format!("column{}", at + 1), true, walker.dialect)
}
