//! `INSERT` and `REPLACE`, with upserts.

use migration_syntax::Dialect;
use sqlparser::ast::{
    ConflictTarget, Insert, OnConflictAction, OnInsert, SelectItem, SetExpr, TableFactor, TableObject,
};

use super::super::places::{is_open, spread};
use super::super::query::derived;
use super::super::{OutColumn, Output, Relation, Scope, Unseen, Walker};
use crate::catalogue::{Constraint, ConstraintKind};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow, Subtype};
use crate::name::{Ident, ObjectName};

impl Walker<'_> {
    pub(crate) fn insert(&mut self, insert: &Insert, parent: Option<&Scope<'_>>) -> Result<Output, Fault> {
        let TableObject::TableName(name) = &insert.table else {
            return Err(Fault::Unsupported("an insert into a table function"));
        };
        if insert.multi_table_insert_type.is_some() {
            return Err(Fault::Unsupported("an insert of another database"));
        }
        let table = self.table(name);
        self.found.output(&table);
        let mut names: Vec<_> = insert.columns.iter().map(|column| self.name(column).last()).collect();
        names.extend(insert.after_columns.iter().map(|column| self.ident(column)));

        let source = match &insert.source {
            Some(query) => {
                let mut output = self.query(query, parent)?;
                if let SetExpr::Values(_) = &*query.body {
                    self.unnumbered(&mut output.columns);
                }
                output
            }
            None => Output::default(),
        };
        self.write_columns(&table, &names, &source);
        self.count(insert, &table, &names);

        let alias = insert.table_alias.as_ref().map(|alias| self.ident(&alias.alias));
        let target = self.target(&table, alias);
        let mut scope = Scope::of(vec![target], parent);
        self.assign(&insert.assignments, &table, &scope)?;
        let proposed = self.proposed(&names, &source, &table);
        if insert.on.is_some() || insert.or.is_some() || insert.replace_into || insert.ignore {
            self.conflicts(insert, &proposed, &table);
        }
        match &insert.on {
            Some(OnInsert::OnConflict(conflict)) => {
                if let OnConflictAction::DoUpdate(update) = &conflict.action {
                    scope.relations.push(proposed);
                    self.assign(&update.assignments, &table, &scope)?;
                    if let Some(condition) = &update.selection {
                        let rows = self.expr(condition, &scope)?.through(Subtype::Filter);
                        self.found.rows(Some(&table), &rows);
                    }
                    scope.relations.pop();
                }
            }
            Some(OnInsert::DuplicateKeyUpdate(assignments)) => {
                scope.relations.push(proposed.clone().called(self.word("values")));
                if let Some(alias) = &insert.insert_alias {
                    let alias_name = self.name(&alias.row_alias).last();
                    let mut row = proposed.called(alias_name);
                    for (column, name) in row.columns.iter_mut().zip(alias.col_aliases.iter().flatten()) {
                        column.0 = self.ident(name);
                    }
                    if alias.col_aliases.is_some() {
                        row = row.without_qualifier();
                    }
                    scope.relations.push(row);
                }
                // The query's own tables can be named as well.
                if let Some(SetExpr::Select(select)) = insert.source.as_ref().map(|query| &*query.body) {
                    let (own, _) = self.from(&select.from, parent)?;
                    scope.relations.extend(own.relations);
                }
                self.assign(assignments, &table, &scope)?;
                scope.relations.truncate(1);
            }
            Some(_) | None => {}
        }
        self.generated(&table);
        self.returning(insert.returning.as_ref(), insert.output.as_ref(), &table, source.rows, &scope)
    }

    /// SQLite and MySQL: the tables that must not have more columns than they have, as values stand in their places.
    fn count(&mut self, insert: &Insert, table: &ObjectName, names: &[Ident]) {
        let Some(query) = insert.source.as_ref().filter(|_| self.dialect != Dialect::Postgres) else {
            return;
        };
        let is_empty =
            matches!(&*query.body, SetExpr::Values(values) if values.rows.iter().all(|row| row.is_empty()));
        if names.is_empty() && insert.assignments.is_empty() && !is_empty {
            self.counted.insert(table.clone());
        }
        let SetExpr::Select(select) = &*query.body else { return };
        let is_star =
            |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
        if !select.projection.iter().any(is_star) {
            return;
        }
        for tables in &select.from {
            for factor in tables.joins.iter().map(|join| &join.relation).chain([&tables.relation]) {
                if let TableFactor::Table { name, args: None, .. } = factor {
                    let table = self.table(name);
                    self.counted.insert(table);
                }
            }
        }
    }

    /// Whether a row is new or takes the place of another is decided by the columns that must be unique.
    fn conflicts(&mut self, insert: &Insert, proposed: &Relation, table: &ObjectName) {
        let named = match &insert.on {
            Some(OnInsert::OnConflict(conflict)) => match &conflict.conflict_target {
                Some(ConflictTarget::Columns(columns)) => {
                    columns.iter().map(|column| self.ident(column)).collect()
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let unique = |constraint: &&Constraint| {
            matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
        };
        let keys = match self.catalogue.known(table) {
            Some(relation) if named.is_empty() => {
                relation.constraints.iter().filter(unique).flat_map(|key| key.columns.clone()).collect()
            }
            _ => named,
        };
        let mut rows = Flow::default();
        for key in &keys {
            rows.add(proposed.column(key).unwrap_or_default());
            rows.add(Flow::copy_of(ColumnRef::new(table, key)));
        }
        self.found.rows(Some(table), &rows.through(Subtype::Join));
    }

    /// The row that was to be inserted: the table's columns with the query's values.
    fn proposed(&self, names: &[Ident], source: &Output, table: &ObjectName) -> Relation {
        let known: Vec<Ident> = match self.catalogue.known(table) {
            Some(relation) if names.is_empty() => {
                relation.columns.iter().map(|column| column.name.clone()).collect()
            }
            _ => names.to_vec(),
        };
        let hidden = is_open(&source.columns);
        let mut relation = Relation::new(self.word("excluded"));
        if hidden && !known.is_empty() {
            let flows = spread(&source.columns, known.len(), !names.is_empty());
            relation.columns = known.into_iter().zip(flows).collect();
        } else {
            let columns: Vec<OutColumn> =
                source.columns.iter().filter(|column| column.star.is_none()).cloned().collect();
            relation = derived(relation.alias, &columns, &known);
            let rest = known.into_iter().skip(columns.len());
            relation.columns.extend(rest.map(|name| (name, Flow::default())));
        }
        // Any other column has its default, or what a `*` hides.
        let stars = source.columns.iter().filter_map(|column| column.star.as_ref());
        let mut others = Flow::default();
        stars.filter(|_| names.is_empty()).for_each(|star| others.add(star.whole()));
        match self.catalogue.known(table) {
            Some(relation_of) if relation_of.complete => {
                for column in &relation_of.columns {
                    if relation.listed(&column.name).is_none() {
                        relation.columns.push((column.name.clone(), others.clone()));
                    }
                }
            }
            _ => relation.open.push(Unseen::From(others)),
        }
        relation.only_qualified()
    }
}
