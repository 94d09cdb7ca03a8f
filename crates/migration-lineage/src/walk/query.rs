//! Queries: `WITH`, the body, order and limit.

use std::rc::Rc;

use migration_syntax::Dialect;
use sqlparser::ast::{self, Expr, LimitClause, OrderByKind, SetExpr, Statement};

use super::places::{is_open, spread};
use super::with_order::in_order;
use super::{Cte, OutColumn, Output, Relation, Scope, Unseen, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};
use crate::name::{Ident, ObjectName};

impl Walker<'_> {
    /// A query, seen from the scope around it.
    pub(crate) fn query(&mut self, query: &ast::Query, parent: Option<&Scope<'_>>) -> Result<Output, Fault> {
        self.spend()?;
        let visible = self.ctes.len();
        let output = self.query_inside(query, parent);
        self.ctes.truncate(visible);
        output
    }

    fn query_inside(&mut self, query: &ast::Query, parent: Option<&Scope<'_>>) -> Result<Output, Fault> {
        if let Some(with) = &query.with {
            self.with(with, parent)?;
        }
        if !query.pipe_operators.is_empty() {
            return Err(Fault::Unsupported("pipe operators"));
        }
        let order = match &query.order_by {
            Some(ast::OrderBy { kind: OrderByKind::Expressions(order), .. }) => order.as_slice(),
            _ => &[],
        };
        let mut output = match &*query.body {
            SetExpr::Select(select) => self.select(select, order, parent)?,
            body => {
                let mut output = self.body(body, parent)?;
                let scope = Scope { aliases: named(&output.columns), ..Scope::within(parent) };
                for item in order {
                    let flow = self.by_position(&item.expr, &output.columns);
                    let flow = match flow {
                        Some(flow) => flow,
                        None => self.expr(&item.expr, &scope)?,
                    };
                    output.rows.add(flow.through(Subtype::Sort));
                }
                output
            }
        };
        let limits = self.limits(query, parent)?;
        output.rows.add(limits);
        Ok(output)
    }

    fn limits(&mut self, query: &ast::Query, parent: Option<&Scope<'_>>) -> Result<Flow, Fault> {
        let mut exprs: Vec<&Expr> = Vec::new();
        match &query.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                exprs.extend(limit);
                exprs.extend(offset.as_ref().map(|offset| &offset.value));
                exprs.extend(limit_by);
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => exprs.extend([offset, limit]),
            None => {}
        }
        exprs.extend(query.fetch.as_ref().and_then(|fetch| fetch.quantity.as_ref()));
        let scope = Scope::within(parent);
        let mut flow = Flow::default();
        for expr in exprs {
            flow.add(self.expr(expr, &scope)?.through(Subtype::Filter));
        }
        Ok(flow)
    }

    /// The body of a query but for a plain `SELECT`, which wants to know the order.
    pub(super) fn body(&mut self, body: &SetExpr, parent: Option<&Scope<'_>>) -> Result<Output, Fault> {
        match body {
            SetExpr::Select(select) => self.select(select, &[], parent),
            SetExpr::Query(query) => self.query(query, parent),
            SetExpr::SetOperation { .. } => self.set_operation(body, parent),
            SetExpr::Values(values) => self.values(values, parent),
            SetExpr::Table(table) => {
                let names = [&table.schema_name, &table.table_name];
                let parts: Vec<_> =
                    names.into_iter().flatten().map(|part| Ident::new(part, false, self.dialect)).collect();
                let name = self.catalogue.canonical(&ObjectName::from_parts(&parts));
                let relation = self.named_relation(&name, None)?;
                Ok(Output { columns: all_columns(&relation), rows: Flow::default() })
            }
            SetExpr::Insert(statement)
            | SetExpr::Update(statement)
            | SetExpr::Delete(statement)
            | SetExpr::Merge(statement) => self.modify(statement, parent),
        }
    }

    /// Rows of values: column by column, whatever any row has there.
    pub(super) fn values(
        &mut self,
        values: &ast::Values,
        parent: Option<&Scope<'_>>,
    ) -> Result<Output, Fault> {
        let scope = Scope::within(parent);
        let mut columns: Vec<OutColumn> = Vec::new();
        for row in &values.rows {
            let row = self.row_of_values(row, &scope)?;
            for (index, value) in row.into_iter().enumerate() {
                match columns.get_mut(index) {
                    Some(column) => {
                        column.flow.add(value.flow);
                        column.star = column.star.take().or(value.star);
                        column.loose |= value.loose;
                    }
                    None => columns.push(value),
                }
            }
        }
        Ok(Output { columns, rows: Flow::default() })
    }

    pub(crate) fn with(&mut self, with: &ast::With, parent: Option<&Scope<'_>>) -> Result<(), Fault> {
        // SQLite takes any `WITH` for recursive.
        let recursive = with.recursive || self.dialect == Dialect::Sqlite;
        let name = |cte: &ast::Cte| self.ident(&cte.alias.name);
        // To MySQL a name is never one further behind; to MariaDB it is, if there is no table of that name.
        let is_table = |cte: &ast::Cte| {
            self.dialect == Dialect::Mysql
                && self.catalogue.relation(&ObjectName::from_parts(&[name(cte)])).is_some()
        };
        if !recursive || with.cte_tables.len() < 2 || with.cte_tables.iter().any(is_table) {
            let queries: Vec<_> = with.cte_tables.iter().collect();
            return self.with_queries(&queries, recursive, parent);
        }
        let queries = in_order(&with.cte_tables, self.dialect);
        let outside = self.awaited.len();
        // The next one is the last of them.
        let names: Vec<_> = queries.iter().rev().map(|cte| name(cte)).collect();
        self.awaited.extend(names);
        let result = self.with_queries(&queries, recursive, parent);
        self.awaited.truncate(outside);
        result
    }

    fn with_queries(
        &mut self,
        queries: &[&ast::Cte],
        recursive: bool,
        parent: Option<&Scope<'_>>,
    ) -> Result<(), Fault> {
        for cte in queries {
            let alias = self.ident(&cte.alias.name);
            self.awaited.pop_if(|awaited| *awaited == alias);
            let columns: Vec<_> = cte.alias.columns.iter().map(|column| self.ident(&column.name)).collect();
            let (output, inputs) = self.with_inputs(|walker| match &*cte.query.body {
                SetExpr::SetOperation { left, right, .. }
                    if recursive && mentions(&cte.query, &cte.alias.name) =>
                {
                    walker.recursive(&alias, &columns, cte, left, right, parent)
                }
                _ => walker.query(&cte.query, parent),
            })?;
            let modifies = matches!(
                &*cte.query.body,
                SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)
            );
            if modifies {
                inputs.iter().for_each(|table| self.read(table));
            }
            // What a change gives back is read from the table that it changes.
            let mut inputs = inputs;
            if modifies {
                let sources = output.columns.iter().flat_map(|column| column.flow.iter());
                inputs.extend(sources.filter_map(|source| source.column.table.clone()));
            }
            let relation = derived(alias.clone(), &output.columns, &columns);
            self.ctes.push((alias, Rc::new(Cte { relation, rows: output.rows, inputs })));
        }
        Ok(())
    }

    /// A recursive query: its own columns flow into themselves, so it is walked until nothing is added.
    fn recursive(
        &mut self,
        alias: &Ident,
        names: &[Ident],
        cte: &ast::Cte,
        left: &SetExpr,
        right: &SetExpr,
        parent: Option<&Scope<'_>>,
    ) -> Result<Output, Fault> {
        let visible = self.ctes.len();
        if let Some(with) = &cte.query.with {
            self.with(with, parent)?;
        }
        let mut output = self.body(left, parent)?;
        let rounds = output.columns.len() + 2;
        for _ in 0..rounds {
            let before =
                (output.columns.iter().map(|column| column.flow.len()).sum::<usize>(), output.rows.len());
            let relation = derived(alias.clone(), &output.columns, names);
            let itself = Cte { relation, rows: output.rows.clone(), inputs: Default::default() };
            self.ctes.push((alias.clone(), Rc::new(itself)));
            let next = self.body(right, parent)?;
            self.ctes.pop();
            output = self.union(output, next);
            let after =
                (output.columns.iter().map(|column| column.flow.len()).sum::<usize>(), output.rows.len());
            if before == after {
                break;
            }
        }
        self.ctes.truncate(visible);
        Ok(output)
    }

    pub(super) fn cte(&self, name: &Ident) -> Option<Rc<Cte>> {
        self.ctes.iter().rev().find(|(cte, _)| cte == name).map(|(_, cte)| cte.clone())
    }

    pub(super) fn use_cte(&mut self, cte: &Cte) -> Flow {
        cte.inputs.iter().for_each(|table| self.read(table));
        cte.rows.clone()
    }

    /// A statement inside `WITH` or `INSERT` that changes rows; what it returns is its output.
    fn modify(&mut self, statement: &Statement, parent: Option<&Scope<'_>>) -> Result<Output, Fault> {
        match statement {
            Statement::Insert(insert) => self.insert(insert, parent),
            Statement::Update(update) => self.update(update, parent),
            Statement::Delete(delete) => self.delete(delete, parent),
            Statement::Merge(merge) => self.merge(merge, parent),
            _ => Err(Fault::Unsupported("this statement inside another")),
        }
    }

    /// `ORDER BY 2`, `GROUP BY 1`.
    pub(super) fn by_position(&self, expr: &Expr, columns: &[OutColumn]) -> Option<Flow> {
        let Expr::Value(value) = expr else { return None };
        let ast::Value::Number(number, _) = &value.value else { return None };
        let index: usize = number.parse().ok()?;
        columns.get(index.checked_sub(1)?).map(|column| column.flow.clone())
    }
}

/// The columns with a name, as names that an `ORDER BY` can use.
pub(super) fn named(columns: &[OutColumn]) -> Vec<(Ident, Flow)> {
    columns.iter().filter_map(|column| Some((column.name.clone()?, column.flow.clone()))).collect()
}

/// A query's result as something in a `FROM`, with other names for its first columns.
pub(super) fn derived(alias: Ident, columns: &[OutColumn], names: &[Ident]) -> Relation {
    let mut relation = Relation::new(alias);
    if !names.is_empty() && is_open(columns) {
        // Which column each name is for can't be told but by its place.
        let flows = spread(columns, names.len(), false);
        relation.columns = names.iter().cloned().zip(flows).collect();
        return relation;
    }
    for (index, column) in columns.iter().enumerate() {
        if let Some(unseen) = &column.star {
            if !relation.open.contains(unseen) {
                relation.open.push(unseen.clone());
            }
            continue;
        }
        let name = names.get(index).or(column.name.as_ref()).cloned();
        relation.columns.push((
            name.unwrap_or_else(|| Ident::new("?column?", true, Dialect::Sqlite)),
            column.flow.clone(),
        ));
    }
    relation
}

/// What `*` is of a relation. Where columns stand that nobody has seen, nothing says either.
pub(super) fn all_columns(relation: &Relation) -> Vec<OutColumn> {
    let loose = !relation.open.is_empty();
    let known = |(name, flow): &(Ident, Flow)| OutColumn {
        loose,
        ..OutColumn::new(Some(name.clone()), flow.clone())
    };
    let star = |unseen: &Unseen| OutColumn { loose: !relation.columns.is_empty(), ..OutColumn::star(unseen) };
    relation.columns.iter().map(known).chain(relation.open.iter().map(star)).collect()
}

/// Whether a query's text has the name in it: whether it may be recursive. Too many are no harm.
fn mentions(query: &ast::Query, name: &ast::Ident) -> bool {
    query.to_string().to_lowercase().contains(&name.value.to_lowercase())
}
