//! `FROM`: tables, sub-queries, functions and joins.

use sqlparser::ast::{
    self, Join, JoinConstraint, JoinOperator, JsonTableColumn, TableFactor, TableWithJoins,
};

use super::call::Results;
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
        use JoinOperator as J;
        let constraint = match &join.join_operator {
            J::Join(c) | J::Inner(c) | J::Left(c) | J::LeftOuter(c) | J::Right(c) | J::RightOuter(c) => c,
            J::FullOuter(c) | J::CrossJoin(c) | J::StraightJoin(c) | J::Semi(c) | J::Anti(c) => c,
            J::LeftSemi(c) | J::RightSemi(c) | J::LeftAnti(c) | J::RightAnti(c) => c,
            J::AsOf { .. } | J::ArrayJoin | J::LeftArrayJoin | J::InnerArrayJoin => {
                return Err(Fault::Unsupported("a join of another database"));
            }
            J::CrossApply | J::OuterApply => return Ok(()),
        };
        match constraint {
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
            TableFactor::Table { name, alias, args, .. } => {
                let args = args.as_ref().map_or(&[][..], |args| &args.args);
                if let Some(results) = self.call_with(name, args, scope)? {
                    self.results_relation(name, alias.as_ref(), results, scope);
                    return Ok(());
                }
                let flow = self.arguments(args, scope)?;
                self.function_relation(name, alias.as_ref(), flow, scope);
            }
            TableFactor::Function { name, args, alias, .. } => {
                if let Some(results) = self.call_with(name, args, scope)? {
                    self.results_relation(name, alias.as_ref(), results, scope);
                    return Ok(());
                }
                let flow = self.arguments(args, scope)?;
                self.function_relation(name, alias.as_ref(), flow, scope);
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
                let flow = self.expr(expr, scope)?;
                self.computed_relation(alias.as_ref(), flow, &[], scope);
            }
            TableFactor::UNNEST { alias, array_exprs, .. } => {
                let mut flow = Flow::default();
                for expr in array_exprs {
                    flow.add(self.expr(expr, scope)?);
                }
                self.computed_relation(alias.as_ref(), flow, &[], scope);
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
                self.computed_relation(alias.as_ref(), flow, &names, scope);
            }
            TableFactor::NestedJoin { table_with_joins, alias } => match alias {
                None => self.tables(table_with_joins, scope, rows)?,
                Some(alias) => {
                    let mut inner = Scope::within(scope.parent);
                    self.tables(table_with_joins, &mut inner, rows)?;
                    let (alias, names) = self.alias(Some(alias));
                    scope.relations.push(derived(alias, &everything(&inner), &names));
                }
            },
            TableFactor::XmlTable { passing, columns, alias, .. } => {
                let mut flow = Flow::default();
                for argument in &passing.arguments {
                    flow.add(self.expr(&argument.expr, scope)?);
                }
                let names: Vec<_> = columns.iter().map(|column| self.ident(&column.name)).collect();
                self.computed_relation(alias.as_ref(), flow, &names, scope);
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
        let table = self.catalogue.canonical(&written);
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

    /// A function in `FROM`: its columns come from its arguments, whatever they are called.
    fn function_relation(
        &mut self,
        name: &ast::ObjectName,
        alias: Option<&ast::TableAlias>,
        flow: Flow,
        scope: &mut Scope<'_>,
    ) {
        const JSON_EACH: &[&str] =
            &["key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json", "root"];
        let function = self.name(name).last();
        let columns = match function.key() {
            "json_each" | "json_tree" | "jsonb_each" | "json_each_text" | "jsonb_each_text" => JSON_EACH,
            "pragma_table_info" => &["cid", "name", "type", "notnull", "dflt_value", "pk"],
            _ => &[],
        };
        let mut names: Vec<_> = columns.iter().map(|name| Ident::new(name, true, self.dialect)).collect();
        if alias.is_none_or(|alias| alias.columns.is_empty()) {
            let own = alias.map_or(function.clone(), |alias| self.ident(&alias.name));
            names.push(own);
            names.push(function.clone());
            names.push(Ident::new("ordinality", true, self.dialect));
        }
        self.computed_relation(alias, flow, &names, scope);
        if alias.is_none()
            && let Some(relation) = scope.relations.last_mut()
        {
            relation.alias = function;
        }
    }

    /// A function of the catalogue in `FROM`: its columns are what it gives back.
    fn results_relation(
        &mut self,
        name: &ast::ObjectName,
        alias: Option<&ast::TableAlias>,
        results: Results,
        scope: &mut Scope<'_>,
    ) {
        let function = self.name(name).last();
        let (alias, names) = match alias {
            Some(alias) => self.alias(Some(alias)),
            None => (function.clone(), Vec::new()),
        };
        let all = results.value();
        let mut relation = Relation::new(alias.clone());
        let own = results.names.get(names.len()..).unwrap_or_default();
        let given = [names.as_slice(), own].concat();
        relation.columns = results.named(&given);
        if given.is_empty() {
            // One value, or a row of which nothing is known.
            relation.columns.extend([alias, function].map(|name| (name, all.clone())));
            relation.columns.dedup_by(|a, b| a.0 == b.0);
        }
        scope.relations.push(relation);
    }

    fn computed_relation(
        &self,
        alias: Option<&ast::TableAlias>,
        flow: Flow,
        columns: &[Ident],
        scope: &mut Scope<'_>,
    ) {
        let (alias, names) = self.alias(alias);
        let flow = flow.through(Subtype::Transformation);
        let mut relation = Relation::new(alias.clone());
        let names =
            if names.is_empty() && columns.is_empty() { vec![alias] } else { [&names, columns].concat() };
        relation.columns = names.into_iter().map(|name| (name, flow.clone())).collect();
        scope.relations.push(relation);
    }
}

/// Other names for the first columns.
fn rename_columns(relation: &mut Relation, names: &[Ident]) {
    for (column, name) in relation.columns.iter_mut().zip(names) {
        column.0 = name.clone();
    }
    if names.len() > relation.columns.len() && !relation.open.is_empty() {
        // Names for columns that nobody has seen: which is which can't be told.
        let whole = all_columns(relation).into_iter().filter(|column| column.star.is_some());
        let flow: Flow = whole.flat_map(|column| column.flow.into_sources()).collect();
        let rest = &names[relation.columns.len()..];
        relation.columns.extend(rest.iter().map(|name| (name.clone(), flow.clone())));
    }
}
