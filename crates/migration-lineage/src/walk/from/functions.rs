//! Functions in `FROM`: which columns they have, and from which arguments these come.

use migration_syntax::Dialect;
use sqlparser::ast::{self, DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, TableAlias};

use super::super::scope::Unseen;
use super::super::{Relation, Scope, Walker, column_name};
use super::shapes::Shape;
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};
use crate::name::{Ident, ObjectName};

/// The rows of one function, or of several side by side.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// A column without a name of its own is called as the relation is.
    columns: Vec<(Option<Ident>, Flow)>,
    /// Those that can be named and are not among `*`.
    hidden: Vec<(Ident, Flow)>,
    /// Where columns come from that nobody has seen.
    unseen: Option<Flow>,
    /// What a body gives back, column by column, of which it may be that only the statement knows the names.
    results: Vec<Flow>,
    /// What the relation is called where it is given no other name.
    name: Option<Ident>,
}

impl Rows {
    /// Columns of these names, which all come from the same.
    pub(super) fn of(name: Ident, columns: impl IntoIterator<Item = Ident>, flow: &Flow) -> Self {
        let flow = flow.clone().through(Subtype::Transformation);
        let columns = columns.into_iter().map(|name| (Some(name), flow.clone())).collect();
        Rows { columns, name: Some(name), ..Rows::default() }
    }

    fn value(flow: Flow) -> (Option<Ident>, Flow) {
        (None, flow.through(Subtype::Transformation))
    }

    /// All of it, in one.
    fn whole(&self) -> Flow {
        let mut flow = self.unseen.clone().unwrap_or_default();
        self.columns.iter().for_each(|(_, column)| flow.add_all(column));
        flow
    }

    /// With the columns of another function beside it: a value is called as its own function is.
    fn beside(mut self, other: Rows) -> Self {
        let name = other.name;
        self.columns
            .extend(other.columns.into_iter().map(|(own, flow)| (own.or_else(|| name.clone()), flow)));
        self.hidden.extend(other.hidden);
        if let Some(unseen) = other.unseen {
            self.unseen.get_or_insert_default().add(unseen);
        }
        self
    }
}

impl Walker<'_> {
    /// A call in `FROM`.
    pub(super) fn rows_of_call(
        &mut self,
        name: &ast::ObjectName,
        args: &[FunctionArg],
        scope: &Scope<'_>,
    ) -> Result<Rows, Fault> {
        let function = self.name(name).last();
        let mut rows = Rows { name: Some(function.clone()), ..Rows::default() };
        if let Some(results) = self.call_with(name, args, scope)? {
            let own = results.named(&results.names);
            rows.columns = own.into_iter().map(|(name, flow)| (Some(name), flow)).collect();
            let all = results.value();
            match results.columns.as_slice() {
                _ if !rows.columns.is_empty() => {}
                [_] => rows.columns.push((None, all)),
                _ => rows.unseen = Some(all),
            }
            rows.results = results.columns;
            return Ok(rows);
        }
        let mut flows = Vec::with_capacity(args.len());
        for arg in args {
            flows.push(self.argument(arg, scope)?);
        }
        let mut all = Flow::default();
        flows.iter().for_each(|flow| all.add_all(flow));
        let all = all.through(Subtype::Transformation);
        match Shape::of(function.key(), self.dialect) {
            Shape::Columns(columns, hidden) => {
                let named = |name: &&str| self.word(name);
                rows.columns = columns.iter().map(|name| (Some(named(name)), all.clone())).collect();
                rows.hidden = hidden.iter().map(|name| (named(name), all.clone())).collect();
            }
            Shape::Value => rows.columns.push(Rows::value(all)),
            Shape::ValueOfEach => rows = self.rows_of_each(function, flows),
            Shape::OfFirst => match self.columns_of_type(args.first()) {
                Some(columns) => {
                    rows.columns = columns.into_iter().map(|name| (Some(name), all.clone())).collect();
                }
                None => rows.unseen = Some(all),
            },
            Shape::Unknown => rows.unseen = Some(all),
        }
        Ok(rows)
    }

    /// `unnest(a, b)`: a column for each; if there are several, PostgreSQL has as many functions side by side.
    pub(super) fn rows_of_each(&self, function: Ident, flows: Vec<Flow>) -> Rows {
        let several = flows.len() > 1;
        let own = || several.then(|| function.clone());
        let columns = flows.into_iter().map(Rows::value).map(|(_, flow)| (own(), flow)).collect();
        Rows { columns, name: Some(function), ..Rows::default() }
    }

    /// An expression that stands for rows; several of them side by side where it is a tuple.
    pub(super) fn rows_of_expr(&mut self, expr: &Expr, scope: &Scope<'_>) -> Result<Rows, Fault> {
        match expr {
            Expr::Function(function) => {
                let args = match &function.args {
                    FunctionArguments::List(list) => list.args.as_slice(),
                    FunctionArguments::None => &[],
                    FunctionArguments::Subquery(_) => {
                        return Err(Fault::Unsupported("a query in a function in `FROM`"));
                    }
                };
                self.rows_of_call(&function.name, args, scope)
            }
            Expr::Tuple(parts) if parts.len() != 1 => {
                let mut rows = Rows::default();
                for part in parts {
                    rows = rows.beside(self.rows_of_expr(part, scope)?);
                }
                Ok(rows)
            }
            other => {
                if let Expr::Tuple(parts) = other
                    && let [only] = parts.as_slice()
                {
                    return self.rows_of_expr(only, scope);
                }
                let flow = self.expr(other, scope)?;
                Ok(Rows {
                    columns: vec![Rows::value(flow)],
                    name: column_name(other, self.dialect),
                    ..Rows::default()
                })
            }
        }
    }

    /// The columns of the table whose row type a value is cast to: `NULL::orders`.
    fn columns_of_type(&self, value: Option<&FunctionArg>) -> Option<Vec<Ident>> {
        let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))) = value else { return None };
        let mut expr = expr;
        while let Expr::Nested(inner) = expr {
            expr = inner;
        }
        let Expr::Cast { data_type: DataType::Custom(name, _), .. } = expr else { return None };
        self.catalogue.row_type(&ObjectName::of(name, self.dialect))
    }

    /// Puts rows among what can be named: under their alias, with the names that it gives to their columns.
    pub(super) fn seat(
        &self,
        mut rows: Rows,
        ordinality: bool,
        alias: Option<&TableAlias>,
        scope: &mut Scope<'_>,
    ) {
        let (alias, names) = match alias {
            Some(given) => self.alias(Some(given)),
            None => (rows.name.take().unwrap_or_else(|| self.alias(None).0), Vec::new()),
        };
        let mut whole = rows.whole();
        let is_unnamed = rows.unseen.is_some() || matches!(rows.columns.as_slice(), [(None, _)]);
        let is_row = is_unnamed && names.len() > 1 + usize::from(ordinality);
        if is_row || !names.is_empty() && rows.unseen.is_some() {
            // Whoever knows the columns has named them all. One value for all of them is a row, of which each is a part.
            whole = if is_row { whole.through(Subtype::Transformation) } else { whole };
            rows.unseen = None;
            rows.columns.clear();
            if rows.results.len() > 1 {
                rows.columns.extend(rows.results.into_iter().map(|flow| (None, flow)));
            }
        } else if ordinality {
            rows.columns.push((Some(self.word("ordinality")), whole.clone()));
        }
        let mut relation = Relation::new(alias.clone());
        let count = rows.columns.len().max(names.len());
        let mut columns = rows.columns.into_iter();
        for at in 0..count {
            let (own, flow) = columns.next().unwrap_or_else(|| (None, whole.clone()));
            let name = names.get(at).cloned().or(own).unwrap_or_else(|| alias.clone());
            relation.columns.push((name, flow));
        }
        relation.open.extend(rows.unseen.map(Unseen::From));
        relation.hidden = rows.hidden;
        if self.dialect == Dialect::Postgres {
            // The row, as a value.
            relation.hidden.push((alias, whole));
        }
        scope.relations.push(relation);
    }

    /// SQLite: a virtual table of the catalogue, called with what it is to look for.
    pub(super) fn searched(&self, name: &ast::ObjectName) -> Option<ObjectName> {
        let table = self.name(name);
        let known = self.catalogue.relation(&table).filter(|_| self.dialect == Dialect::Sqlite)?;
        Some(known.name.clone())
    }
}
