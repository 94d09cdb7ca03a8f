//! `FROM`: tables, sub-queries, functions and joins.

use pg_query::NodeEnum;
use pg_query::protobuf::{JoinExpr, JoinType, List, Node, RangeFunction, RangeVar};
use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Join, JoinConstraint, JoinOperator, ObjectName,
    TableAlias, TableAliasColumnDef, TableFactor, TableWithJoins,
};

use super::{Beyond, Lower, Lowered, inner, kind, names};

impl Lower<'_> {
    pub(super) fn from(&self, nodes: &[Node]) -> Lowered<Vec<TableWithJoins>> {
        nodes.iter().map(|node| self.tables(kind(node)?)).collect()
    }

    /// One item, with the joins that it begins with in a row: a chain of joins leans to the left.
    fn tables(&self, node: &NodeEnum) -> Lowered<TableWithJoins> {
        let mut chain = Vec::new();
        let mut first = node;
        while let NodeEnum::JoinExpr(join) = first {
            if join.alias.is_some() {
                break;
            }
            chain.push(&**join);
            first = inner(&join.larg)?;
        }
        let relation = self.factor(first)?;
        let joins = chain.into_iter().rev().map(|join| self.join(join)).collect::<Lowered<_>>()?;
        Ok(TableWithJoins { relation, joins })
    }

    fn join(&self, join: &JoinExpr) -> Lowered<Join> {
        use JoinOperator as J;
        if join.join_using_alias.is_some() {
            return Err(Beyond("a name for the columns of `USING`"));
        }
        let constraint = if join.is_natural {
            JoinConstraint::Natural
        } else if !join.using_clause.is_empty() {
            let one = |name| ObjectName::from(vec![name]);
            JoinConstraint::Using(names::idents(&join.using_clause)?.into_iter().map(one).collect())
        } else {
            match self.maybe(join.quals.as_deref())? {
                Some(condition) => JoinConstraint::On(condition),
                None => JoinConstraint::None,
            }
        };
        let join_operator = match JoinType::try_from(join.jointype) {
            Ok(JoinType::JoinInner) if matches!(constraint, JoinConstraint::None) => J::CrossJoin(constraint),
            Ok(JoinType::JoinInner) => J::Join(constraint),
            Ok(JoinType::JoinLeft) => J::Left(constraint),
            Ok(JoinType::JoinRight) => J::Right(constraint),
            Ok(JoinType::JoinFull) => J::FullOuter(constraint),
            _ => return Err(Beyond("a join that nobody can write")),
        };
        Ok(Join { relation: self.factor(inner(&join.rarg)?)?, global: false, join_operator })
    }

    pub(super) fn factor(&self, node: &NodeEnum) -> Lowered<TableFactor> {
        match node {
            NodeEnum::RangeVar(relation) => table(relation),
            NodeEnum::RangeSubselect(derived) => Ok(TableFactor::Derived {
                lateral: derived.lateral,
                subquery: self.subquery(derived.subquery.as_deref())?,
                alias: names::alias_in(derived.alias.as_ref())?,
                sample: None,
            }),
            NodeEnum::RangeFunction(function) => self.range_function(function),
            // Which rows are taken is left to chance, so no column decides on it.
            NodeEnum::RangeTableSample(sample) => self.factor(inner(&sample.relation)?),
            NodeEnum::JoinExpr(join) => {
                let alias = names::alias_in(join.alias.as_ref())?;
                let table_with_joins = match alias {
                    None => self.tables(node)?,
                    Some(_) => {
                        let relation = self.tables(inner(&join.larg)?)?;
                        let mut tables = relation;
                        tables.joins.push(self.join(join)?);
                        tables
                    }
                };
                Ok(TableFactor::NestedJoin { table_with_joins: Box::new(table_with_joins), alias })
            }
            NodeEnum::RangeTableFunc(table) => self.xml_table(table),
            NodeEnum::JsonTable(table) => self.json_table(table),
            _ => Err(Beyond("this in `FROM`")),
        }
    }

    fn range_function(&self, range: &RangeFunction) -> Lowered<TableFactor> {
        let mut alias = names::alias_in(range.alias.as_ref())?;
        if let Some(alias) = &mut alias {
            self.declared(&range.coldeflist, alias)?;
        } else if !range.coldeflist.is_empty() {
            return Err(Beyond("columns of a function that has no name"));
        }
        let mut calls = Vec::new();
        for node in &range.functions {
            let NodeEnum::List(List { items }) = kind(node)? else { return Err(Beyond("a function")) };
            match items.as_slice() {
                [call, Node { node: None }] | [call] => calls.push(kind(call)?),
                _ => return Err(Beyond("columns of one function of several")),
            }
        }
        match calls.as_slice() {
            [call] if !range.is_rowsfrom => self.one_function(call, range, alias),
            // The number of rows is the last of the columns that are named.
            _ if !range.ordinality || alias.as_ref().is_some_and(|alias| !alias.columns.is_empty()) => {
                let calls = calls.into_iter().map(|call| self.expr_of(call)).collect::<Lowered<_>>()?;
                Ok(TableFactor::TableFunction { expr: Expr::Tuple(calls), alias })
            }
            _ => Err(Beyond("functions side by side with the number of the row")),
        }
    }

    fn one_function(
        &self,
        call: &NodeEnum,
        range: &RangeFunction,
        alias: Option<TableAlias>,
    ) -> Lowered<TableFactor> {
        let with_ordinality = range.ordinality;
        let Expr::Function(function) = self.expr_of(call)? else {
            let alias = alias.ok_or(Beyond("an expression in `FROM` that has no name"))?;
            return Ok(TableFactor::TableFunction { expr: self.expr_of(call)?, alias: Some(alias) });
        };
        let args = match function.args {
            FunctionArguments::List(list) if list.clauses.is_empty() => list.args,
            FunctionArguments::None => Vec::new(),
            _ => return Err(Beyond("an aggregate in `FROM`")),
        };
        let is_unnest = matches!(function.name.0.as_slice(), [only] if only.as_ident()
            .is_some_and(|name| name.value == "unnest"));
        let plain = |arg: &FunctionArg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
            _ => None,
        };
        if is_unnest && let Some(array_exprs) = args.iter().map(plain).collect::<Option<Vec<_>>>() {
            return Ok(TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset: false,
                with_offset_alias: None,
                with_ordinality,
            });
        }
        let lateral = range.lateral;
        Ok(TableFactor::Function { lateral, name: function.name, args, with_ordinality, alias })
    }

    /// `AS t(a int, b text)`.
    fn declared(&self, columns: &[Node], alias: &mut TableAlias) -> Lowered<()> {
        for node in columns {
            let NodeEnum::ColumnDef(column) = kind(node)? else { return Err(Beyond("a column")) };
            alias.columns.push(TableAliasColumnDef {
                name: names::ident(&column.colname),
                data_type: Some(self.data_type_in(column.type_name.as_ref())?),
            });
        }
        Ok(())
    }
}

/// A table under its name or alias.
pub(super) fn table(relation: &RangeVar) -> Lowered<TableFactor> {
    Ok(TableFactor::Table {
        name: names::relation(relation),
        alias: names::alias_in(relation.alias.as_ref())?,
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    })
}
