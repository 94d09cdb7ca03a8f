//! `SELECT`: from, filter, list, groups, order.

use migration_syntax::Dialect;
use sqlparser::ast::{
    self, Distinct, Expr, NamedWindowExpr, OrderByExpr, SelectItem, SelectItemQualifiedWildcardKind,
};

use super::from::conditions;
use super::query::{all_columns, named};
use super::row::row_of;
use super::setops::group_by_all;
use super::{OutColumn, Output, Scope, Walker, column_name};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};

impl Walker<'_> {
    pub(super) fn select(
        &mut self,
        select: &ast::Select,
        order: &[OrderByExpr],
        parent: Option<&Scope<'_>>,
    ) -> Result<Output, Fault> {
        self.spend()?;
        // SQLite: the list's names mean something in conditions as well, behind the columns of tables.
        let named_early = self.dialect == Dialect::Sqlite;
        let defers = std::mem::replace(&mut self.defers_conditions, named_early);
        let read = self.from(&select.from, parent);
        self.defers_conditions = defers;
        let (mut scope, mut rows) = read?;
        if !select.lateral_views.is_empty() || !select.connect_by.is_empty() {
            return Err(Fault::Unsupported("a clause of another database"));
        }
        self.windows(&select.named_window, &mut scope)?;
        let filter = select.selection.as_ref();
        if let Some(condition) = filter.filter(|_| !named_early) {
            rows.add(self.expr(condition, &scope)?.through(Subtype::Filter));
        }
        let columns = self.projection(&select.projection, &scope)?;
        let aliases = named(&columns);
        if named_early {
            scope.aliases.clone_from(&aliases);
            for condition in conditions(&select.from) {
                rows.add(self.expr(condition, &scope)?.through(Subtype::Join));
            }
            if let Some(condition) = filter {
                rows.add(self.expr(condition, &scope)?.through(Subtype::Filter));
            }
            scope.aliases.clear();
        }

        rows.add(self.group_by(&select.group_by, &columns, &mut scope, &aliases)?);
        scope.aliases = aliases;
        for condition in select.having.iter().chain(&select.qualify) {
            rows.add(self.expr(condition, &scope)?.through(Subtype::Filter));
        }
        for item in order {
            rows.add(self.order_item(item, &columns, &scope)?.through(Subtype::Sort));
        }
        let mut output = Output { columns, rows };
        match &select.distinct {
            Some(Distinct::Distinct) => group_by_all(&mut output),
            Some(Distinct::On(exprs)) => {
                for expr in exprs {
                    let flow = match self.by_position(expr, &output.columns) {
                        Some(flow) => flow,
                        None => self.expr(expr, &scope)?,
                    };
                    output.rows.add(flow.through(Subtype::GroupBy));
                }
            }
            _ => {}
        }
        if let Some(into) = &select.into {
            self.make_table(into, &output);
        }
        Ok(output)
    }

    /// An item of `ORDER BY`: a position, a name of the list, or an expression over the tables.
    fn order_item(
        &mut self,
        item: &OrderByExpr,
        columns: &[OutColumn],
        scope: &Scope<'_>,
    ) -> Result<Flow, Fault> {
        if let Some(flow) = self.by_position(&item.expr, columns) {
            return Ok(flow);
        }
        if let Expr::Identifier(name) = &item.expr
            && let Some(flow) = scope.alias(&self.ident(name))
        {
            return Ok(flow.clone());
        }
        self.expr(&item.expr, scope)
    }

    fn windows(
        &mut self,
        windows: &[ast::NamedWindowDefinition],
        scope: &mut Scope<'_>,
    ) -> Result<(), Fault> {
        for window in windows {
            let flow = match &window.1 {
                NamedWindowExpr::NamedWindow(other) => self.window_named(other, scope),
                NamedWindowExpr::WindowSpec(spec) => self.window(spec, scope)?,
            };
            scope.windows.push((self.ident(&window.0), flow));
        }
        Ok(())
    }

    /// The select list, or what `RETURNING` gives.
    pub(crate) fn projection(
        &mut self,
        items: &[SelectItem],
        scope: &Scope<'_>,
    ) -> Result<Vec<OutColumn>, Fault> {
        let mut columns = Vec::with_capacity(items.len());
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expr) if let Some(row) = row_of(expr) => {
                    columns.extend(self.all_fields(row, scope)?);
                }
                SelectItem::UnnamedExpr(expr) => {
                    self.by_former = None;
                    let flow = self.expr(expr, scope)?;
                    let named_directly = matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
                    let former = self.by_former.take().filter(|_| named_directly);
                    let name = former.or_else(|| column_name(expr, self.dialect));
                    columns.push(OutColumn::new(name, flow));
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    let flow = self.expr(expr, scope)?;
                    columns.push(OutColumn::new(Some(self.ident(alias)), flow));
                }
                SelectItem::ExprWithAliases { expr, aliases } => {
                    let flow = self.expr(expr, scope)?.through(Subtype::Transformation);
                    let named = aliases.iter().map(|alias| self.ident(alias));
                    columns.extend(named.map(|name| OutColumn::new(Some(name), flow.clone())));
                }
                SelectItem::Wildcard(_) => {
                    let all = everything(scope);
                    all.iter().for_each(|column| self.touch(&column.flow));
                    columns.extend(all);
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let name = self.name(name);
                    match self.relation_of(name.parts(), scope) {
                        Some(relation) => {
                            let all = all_columns(relation);
                            all.iter().for_each(|column| self.touch(&column.flow));
                            columns.extend(all);
                        }
                        None => match self.fields_named(name.parts(), scope)? {
                            Some(all) => columns.extend(all),
                            None => {
                                return Err(Fault::Syntax(format!("`{name}.*` is of nothing in this query")));
                            }
                        },
                    }
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(expr), _) => {
                    columns.extend(self.all_fields(expr, scope)?);
                }
            }
        }
        Ok(columns)
    }

    /// `SELECT … INTO table`; a variable is none.
    fn make_table(&mut self, into: &ast::SelectInto, output: &Output) {
        for target in &into.targets {
            let parts = match target {
                Expr::Identifier(name) => vec![self.ident(name)],
                Expr::CompoundIdentifier(parts) => parts.iter().map(|part| self.ident(part)).collect(),
                _ => continue,
            };
            if self.dialect != Dialect::Postgres || self.in_routine {
                continue;
            }
            let name = crate::name::ObjectName::from_parts(&parts);
            let table = if into.temporary {
                self.catalogue.new_temporary_name(&name)
            } else {
                self.catalogue.new_name(&name)
            };
            self.found.output(&table);
            self.write_columns(&table, &[], output);
            let columns = output.columns.iter().filter_map(|column| column.name.clone()).collect();
            self.made = Some((table, columns));
        }
    }
}

/// What `*` is: the columns that a join made one of first, then the rest.
pub(super) fn everything(scope: &Scope<'_>) -> Vec<OutColumn> {
    let merged = scope.merged.iter();
    let mut columns: Vec<_> =
        merged.map(|(name, flow)| OutColumn::new(Some(name.clone()), flow.clone())).collect();
    for relation in &scope.relations {
        let is_merged =
            |column: &OutColumn| scope.merged.iter().any(|(name, _)| column.name.as_ref() == Some(name));
        columns.extend(all_columns(relation).into_iter().filter(|column| !is_merged(column)));
    }
    columns
}
