//! `FROM`: tables, sub-queries, functions and joins.

use sqlparser::ast::{
    self, Expr, Join, JoinConstraint, JoinOperator, JsonTableColumn, TableFactor, TableWithJoins,
};

mod functions;
mod shapes;

use self::functions::Rows;
use super::places::{is_open, spread};
use super::query::{all_columns, derived};
use super::scope::unresolved;
use super::select::everything;
use super::{Relation, Scope, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};
use crate::name::{Ident, ObjectName};

impl Walker<'_> {
    /// A `FROM` clause: what can be named, and what decides on its rows.
    pub(super) fn from<'p>(
        &mut self,
        from: &[TableWithJoins],
        parent: Option<&'p Scope<'p>>,
    ) -> Result<(Scope<'p>, Flow), Fault> {
        let mut scope = Scope::within(parent);
        let mut rows = Flow::default();
        for tables in from {
            self.tables(tables, &mut scope, &mut rows)?;
        }
        Ok((scope, rows))
    }

    /// Tables joined, added to what the clause has so far.
    pub(super) fn tables(
        &mut self,
        tables: &TableWithJoins,
        scope: &mut Scope<'_>,
        rows: &mut Flow,
    ) -> Result<(), Fault> {
        let first = scope.relations.len();
        self.factor(&tables.relation, scope, rows)?;
        for join in &tables.joins {
            let right = scope.relations.len();
            self.factor(&join.relation, scope, rows)?;
            self.join(join, first, right, scope, rows)?;
        }
        Ok(())
    }

    fn join(
        &mut self,
        join: &Join,
        first: usize,
        right: usize,
        scope: &mut Scope<'_>,
        rows: &mut Flow,
    ) -> Result<(), Fault> {
        let Some(constraint) = constraint(&join.join_operator) else {
            return match join.join_operator {
                JoinOperator::CrossApply | JoinOperator::OuterApply => Ok(()),
                _ => Err(Fault::Unsupported("a join of another database")),
            };
        };
        match constraint {
            JoinConstraint::On(_) if self.defers_conditions => {}
            JoinConstraint::On(condition) => {
                rows.add(self.expr(condition, scope)?.through(Subtype::Join));
            }
            JoinConstraint::Using(names) => {
                let names: Vec<_> = names.iter().map(|name| self.name(name).last()).collect();
                self.merge_columns(&names, first, right, scope, rows);
            }
            JoinConstraint::Natural => {
                let mut shared = Vec::new();
                for relation in &scope.relations[right..] {
                    for (name, _) in &relation.columns {
                        let left = scope.relations[first..right].iter();
                        if left.clone().any(|left| left.listed(name).is_some()) && !shared.contains(name) {
                            shared.push(name.clone());
                        }
                    }
                }
                self.merge_columns(&shared, first, right, scope, rows);
            }
            JoinConstraint::None => {}
        }
        Ok(())
    }

    /// Columns of both sides that become one: by the standard, the first of both that has a value.
    fn merge_columns(
        &mut self,
        names: &[Ident],
        first: usize,
        right: usize,
        scope: &mut Scope<'_>,
        rows: &mut Flow,
    ) {
        for name in names {
            let side = |relations: &[Relation]| {
                let known = relations.iter().find_map(|relation| relation.listed(name).cloned());
                known.or_else(|| {
                    let mut open = relations.iter().filter(|relation| !relation.open.is_empty());
                    match (open.next(), open.next()) {
                        (Some(one), None) => one.column(name),
                        (Some(_), Some(_)) => Some(unresolved(name)),
                        _ => None,
                    }
                })
            };
            self.lost |=
                [&scope.relations[first..right], &scope.relations[right..]].iter().any(|relations| {
                    relations
                        .iter()
                        .all(|relation| relation.open.is_empty() && relation.listed(name).is_none())
                });
            let already =
                scope.merged.iter().find(|(merged, _)| merged == name).map(|(_, flow)| flow.clone());
            let mut flow = already.or_else(|| side(&scope.relations[first..right])).unwrap_or_default();
            flow.add(side(&scope.relations[right..]).unwrap_or_default());
            self.touch(&flow);
            rows.add(flow.clone().through(Subtype::Join));
            match scope.merged.iter_mut().find(|(merged, _)| merged == name) {
                Some(known) => known.1 = flow,
                None => scope.merged.push((name.clone(), flow)),
            }
        }
    }

    fn factor(&mut self, factor: &TableFactor, scope: &mut Scope<'_>, rows: &mut Flow) -> Result<(), Fault> {
        self.spend()?;
        match factor {
            TableFactor::Table { name, alias, args: None, with_ordinality: false, .. } => {
                let relation = self.table_factor(name, alias.as_ref(), rows)?;
                scope.relations.push(relation);
            }
            TableFactor::Table { name, alias, args, with_ordinality, .. } => {
                let args = args.as_ref().map_or(&[][..], |args| &args.args);
                if let Some(table) = self.searched(name) {
                    rows.add(self.arguments(args, scope)?.through(Subtype::Filter));
                    let alias = alias.as_ref().map(|alias| self.ident(&alias.name));
                    let relation = self.named_relation(&table, alias)?;
                    scope.relations.push(relation);
                    return Ok(());
                }
                let made = self.rows_of_call(name, args, scope)?;
                self.seat(made, *with_ordinality, alias.as_ref(), scope);
            }
            TableFactor::Function { name, args, with_ordinality, alias, .. } => {
                let made = self.rows_of_call(name, args, scope)?;
                self.seat(made, *with_ordinality, alias.as_ref(), scope);
            }
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                let output = if *lateral {
                    self.query(subquery, Some(scope))?
                } else {
                    self.query(subquery, scope.parent)?
                };
                rows.add(output.rows);
                let (alias, names) = self.alias(alias.as_ref());
                scope.relations.push(derived(alias, &output.columns, &names));
            }
            TableFactor::TableFunction { expr, alias } => {
                let made = self.rows_of_expr(expr, scope)?;
                self.seat(made, false, alias.as_ref(), scope);
            }
            TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } => {
                let mut flows = Vec::with_capacity(array_exprs.len());
                for expr in array_exprs {
                    flows.push(self.expr(expr, scope)?);
                }
                let function = self.word("unnest");
                self.calls.insert(ObjectName::from_parts(std::slice::from_ref(&function)));
                let made = self.rows_of_each(function, flows);
                self.seat(made, *with_ordinality, alias.as_ref(), scope);
            }
            TableFactor::JsonTable { json_expr, columns, alias, .. } => {
                let flow = self.expr(json_expr, scope)?;
                let mut names = Vec::new();
                let mut open: Vec<_> = columns.iter().rev().collect();
                while let Some(column) = open.pop() {
                    match column {
                        JsonTableColumn::Named(column) => names.push(self.ident(&column.name)),
                        JsonTableColumn::ForOrdinality(name) => names.push(self.ident(name)),
                        JsonTableColumn::Nested(nested) => open.extend(nested.columns.iter().rev()),
                    }
                }
                let made = Rows::of(self.word("json_table"), names, &flow);
                self.seat(made, false, alias.as_ref(), scope);
            }
            TableFactor::NestedJoin { table_with_joins, alias } => match alias {
                None => self.tables(table_with_joins, scope, rows)?,
                Some(alias) => {
                    let mut inner = Scope::within(scope.parent);
                    let defers = std::mem::replace(&mut self.defers_conditions, false);
                    let read = self.tables(table_with_joins, &mut inner, rows);
                    self.defers_conditions = defers;
                    read?;
                    let (alias, names) = self.alias(Some(alias));
                    scope.relations.push(derived(alias, &everything(&inner), &names));
                }
            },
            TableFactor::XmlTable { passing, columns, alias, .. } => {
                let mut flow = Flow::default();
                for argument in &passing.arguments {
                    flow.add(self.expr(&argument.expr, scope)?);
                }
                let names = columns.iter().map(|column| self.ident(&column.name));
                let made = Rows::of(self.word("xmltable"), names, &flow);
                self.seat(made, false, alias.as_ref(), scope);
            }
            _ => return Err(Fault::Unsupported("a table expression of another database")),
        }
        Ok(())
    }

    fn table_factor(
        &mut self,
        name: &ast::ObjectName,
        alias: Option<&ast::TableAlias>,
        rows: &mut Flow,
    ) -> Result<Relation, Fault> {
        let written = self.name(name);
        let (called, names) = match alias {
            Some(alias) => self.alias(Some(alias)),
            None => (written.last(), Vec::new()),
        };
        if let [only] = written.parts()
            && let Some(cte) = self.cte(only)
        {
            rows.add(self.use_cte(&cte));
            let mut relation = cte.relation.clone();
            relation.alias = called;
            rename_columns(&mut relation, &names);
            return Ok(relation);
        }
        if let [only] = written.parts()
            && self.awaited.contains(only)
        {
            return Err(Fault::Unsupported("queries of a `WITH` that read each other"));
        }
        let key = self.catalogue.key(&written);
        let former = self.former.and_then(|former| former.table(|name| self.catalogue.key(name) == key));
        let table = former.cloned().unwrap_or_else(|| self.catalogue.canonical(&written));
        let mut relation = self.named_relation(&table, Some(called))?;
        rename_columns(&mut relation, &names);
        Ok(relation)
    }

    /// A table that is read.
    pub(super) fn named_relation(
        &mut self,
        table: &ObjectName,
        alias: Option<Ident>,
    ) -> Result<Relation, Fault> {
        self.spend()?;
        let relation = self.base(table, alias);
        // PostgreSQL's trigger functions name their row so; it is no table.
        if !self.is_pseudo(table) {
            self.read(table);
        }
        Ok(relation)
    }

    fn is_pseudo(&self, table: &ObjectName) -> bool {
        self.in_routine && matches!(table.parts(), [only] if only.is("new") || only.is("old"))
            || matches!(table.parts(), [only] if only.is("dual"))
    }

    fn alias(&self, alias: Option<&ast::TableAlias>) -> (Ident, Vec<Ident>) {
        match alias {
            Some(alias) => {
                let names = alias.columns.iter().map(|column| self.ident(&column.name)).collect();
                (self.ident(&alias.name), names)
            }
            None => (Ident::new("", true, self.dialect), Vec::new()),
        }
    }
}

/// The conditions of joins that can name all that stands in the clause.
pub(super) fn conditions(from: &[TableWithJoins]) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut open: Vec<_> = from.iter().rev().collect();
    while let Some(tables) = open.pop() {
        for join in &tables.joins {
            if let Some(JoinConstraint::On(condition)) = constraint(&join.join_operator) {
                found.push(condition);
            }
        }
        let factors = tables.joins.iter().map(|join| &join.relation).chain([&tables.relation]);
        open.extend(factors.filter_map(|factor| match factor {
            TableFactor::NestedJoin { table_with_joins, alias: None } => Some(&**table_with_joins),
            _ => None,
        }));
    }
    found
}

/// How two tables are joined, where that is by a constraint.
fn constraint(operator: &JoinOperator) -> Option<&JoinConstraint> {
    use JoinOperator as J;
    match operator {
        J::Join(c) | J::Inner(c) | J::Left(c) | J::LeftOuter(c) | J::Right(c) | J::RightOuter(c) => Some(c),
        J::FullOuter(c) | J::CrossJoin(c) | J::StraightJoin(c) | J::Semi(c) | J::Anti(c) => Some(c),
        J::LeftSemi(c) | J::RightSemi(c) | J::LeftAnti(c) | J::RightAnti(c) => Some(c),
        _ => None,
    }
}

/// Other names for the first columns.
fn rename_columns(relation: &mut Relation, names: &[Ident]) {
    if names.is_empty() {
        return;
    }
    let columns = all_columns(relation);
    if is_open(&columns) {
        // Which is which can't be told but by its place.
        let flows = spread(&columns, names.len(), false);
        relation.columns = names.iter().cloned().zip(flows).collect();
        relation.open.clear();
        return;
    }
    for (column, name) in relation.columns.iter_mut().zip(names) {
        column.0 = name.clone();
    }
}
