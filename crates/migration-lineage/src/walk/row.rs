//! Values that are rows: of a table, a record, a function that gives back rows; and their fields.

use sqlparser::ast::{AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::query::all_columns;
use super::{OutColumn, Scope, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};
use crate::name::{Ident, ObjectName};
use crate::parse::ALL_FIELDS;

impl Walker<'_> {
    /// One row of `VALUES`. A row in it, as `NEW.*` is, stands for all of its columns.
    pub(super) fn row_of_values(
        &mut self,
        values: &[Expr],
        scope: &Scope<'_>,
    ) -> Result<Vec<OutColumn>, Fault> {
        let mut row: Vec<OutColumn> = Vec::with_capacity(values.len());
        for value in values {
            if let Some(value) = row_of(value) {
                row.extend(self.all_fields(value, scope)?);
                continue;
            }
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
            row.push(OutColumn::new(Some(name), flow));
        }
        Ok(row)
    }

    /// `(value).*`.
    pub(super) fn all_fields(&mut self, value: &Expr, scope: &Scope<'_>) -> Result<Vec<OutColumn>, Fault> {
        if let Expr::Identifier(name) = unwrapped(value)
            && let Some(relation) = scope.relation(&[self.ident(name)])
        {
            let all = all_columns(relation);
            all.iter().for_each(|column| self.touch(&column.flow));
            return Ok(all);
        }
        if let Some(fields) = self.fields(value, scope)? {
            let column = |(name, flow)| OutColumn::new(Some(name), flow);
            return Ok(fields.into_iter().map(column).collect());
        }
        let flow = self.expr(value, scope)?.through(Subtype::Transformation);
        Ok(vec![OutColumn::new(Some(Ident::star()), flow)])
    }

    /// The fields of a value that is a row, in order; none if it is none, or nothing is known of it.
    pub(super) fn fields(
        &mut self,
        value: &Expr,
        scope: &Scope<'_>,
    ) -> Result<Option<Vec<(Ident, Flow)>>, Fault> {
        let of_type = |names: Vec<Ident>, flow: Flow| {
            // What a type's value holds is a part of it.
            let part = flow.through(Subtype::Transformation);
            names.into_iter().map(|name| (name, part.clone())).collect()
        };
        match unwrapped(value) {
            Expr::Function(function) => {
                let Some(results) = self.call(function, scope)? else { return Ok(None) };
                let fields = results.named(&results.names);
                Ok((!fields.is_empty()).then_some(fields))
            }
            Expr::Cast { expr, data_type, .. } => {
                let Some(names) = self.row_named(&data_type.to_string()) else { return Ok(None) };
                Ok(Some(of_type(names, self.expr(expr, scope)?)))
            }
            column @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => {
                let flow = self.expr(column, scope)?;
                Ok(self.row_type_of(&flow).map(|names| of_type(names, flow)))
            }
            _ => Ok(None),
        }
    }

    /// `(value).field` of a row whose fields are known.
    pub(super) fn field(
        &mut self,
        value: &Expr,
        chain: &[AccessExpr],
        scope: &Scope<'_>,
    ) -> Result<Option<Flow>, Fault> {
        let (Expr::Nested(inner), [AccessExpr::Dot(Expr::Identifier(name))]) = (value, chain) else {
            return Ok(None);
        };
        if let Expr::Identifier(alias) = &**inner
            && scope.relation(&[self.ident(alias)]).is_some()
        {
            return Ok(None);
        }
        let name = self.ident(name);
        let fields = self.fields(inner, scope)?;
        Ok(fields
            .and_then(|fields| fields.into_iter().find(|(field, _)| *field == name))
            .map(|(_, flow)| flow))
    }

    /// `(column).*` where the column was looked for among the tables.
    pub(super) fn fields_named(
        &mut self,
        name: &[Ident],
        scope: &Scope<'_>,
    ) -> Result<Option<Vec<OutColumn>>, Fault> {
        let [column] = name else { return Ok(None) };
        let Some(flow) = scope.column(column) else { return Ok(None) };
        self.touch(&flow);
        let part = flow.clone().through(Subtype::Transformation);
        let field = |name| OutColumn::new(Some(name), part.clone());
        Ok(self.row_type_of(&flow).map(|names| names.into_iter().map(field).collect()))
    }

    /// The fields of a value that is a copy of a column, by the type of that.
    fn row_type_of(&self, flow: &Flow) -> Option<Vec<Ident>> {
        self.row_named(&self.type_text_of(flow)?)
    }

    /// The columns of a row type, by the text that names it.
    fn row_named(&self, data_type: &str) -> Option<Vec<Ident>> {
        let part = |text: &str| match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(quoted) => Ident::new(quoted, true, self.dialect),
            None => Ident::new(text, false, self.dialect),
        };
        let parts: Vec<Ident> = data_type.split('.').map(part).collect();
        self.catalogue.row_type(&ObjectName::from_parts(&parts))
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

/// The value of `(value).*`, where a text calls a function for it.
pub(super) fn row_of(expr: &Expr) -> Option<&Expr> {
    let Expr::Function(Function { name, args: FunctionArguments::List(list), .. }) = expr else {
        return None;
    };
    let is = name.0.last()?.as_ident()?.value == ALL_FIELDS;
    match list.args.as_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(value))] if is => Some(value),
        _ => None,
    }
}

fn unwrapped(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

fn numbered(at: usize, walker: &Walker<'_>) -> Ident {
    Ident::new(&format!("column{}", at + 1), true, walker.dialect)
}
