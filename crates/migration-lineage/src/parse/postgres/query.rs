//! Queries: `WITH`, set operations, `VALUES`, order and limit.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    CommonTableExpr, CteMaterialize, LimitOption, List, Node, SelectStmt, SetOperation, SortBy, SortByDir,
    SortByNulls, WithClause,
};
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    Cte, CteAsMaterialized, Expr, Fetch, LimitClause, Offset, OffsetRows, OrderBy, OrderByExpr, OrderByKind,
    OrderByOptions, OrderBySort, Parens, Query, SetExpr, SetOperator, SetQuantifier, Statement, TableAlias,
    TableAliasColumnDef, Values, With,
};

use super::{Beyond, Lower, Lowered, inner, kind, names};

impl Lower<'_> {
    /// A sub-query.
    pub(super) fn subquery(&self, node: Option<&Node>) -> Lowered<Box<Query>> {
        match node.and_then(|node| node.node.as_ref()) {
            Some(NodeEnum::SelectStmt(select)) => self.query(select).map(Box::new),
            _ => Err(Beyond("a sub-query that is none")),
        }
    }

    pub(super) fn query(&self, select: &SelectStmt) -> Lowered<Query> {
        let mut query = bare(self.set(select)?);
        query.with = select.with_clause.as_ref().map(|with| self.with(with)).transpose()?;
        if !select.sort_clause.is_empty() {
            let kind = OrderByKind::Expressions(self.sort(&select.sort_clause)?);
            query.order_by = Some(OrderBy { kind, interpolate: None });
        }
        let count = self.limit(select.limit_count.as_deref())?;
        let offset = self.limit(select.limit_offset.as_deref())?;
        let offset = offset.map(|value| Offset { value, rows: OffsetRows::None });
        let with_ties = select.limit_option == LimitOption::WithTies as i32;
        let limit = if with_ties {
            query.fetch = Some(Fetch { with_ties, percent: false, quantity: count });
            None
        } else {
            count
        };
        if limit.is_some() || offset.is_some() {
            query.limit_clause = Some(LimitClause::LimitOffset { limit, offset, limit_by: Vec::new() });
        }
        Ok(query)
    }

    /// `LIMIT ALL` is a limit of null to PostgreSQL, and none here.
    fn limit(&self, node: Option<&Node>) -> Lowered<Option<Expr>> {
        match node.map(kind).transpose()? {
            Some(NodeEnum::AConst(value)) if value.isnull => Ok(None),
            Some(_) => self.maybe(node),
            None => Ok(None),
        }
    }

    /// A query without what surrounds it. A chain of set operations leans to the left, so only what is right of each is
    /// gone into.
    fn set(&self, select: &SelectStmt) -> Lowered<SetExpr> {
        let mut spine = Vec::new();
        let mut left = select;
        while is_set(left) {
            spine.push(left);
            left = left.larg.as_deref().ok_or(Beyond("a set operation of one side"))?;
            if is_wrapped(left) {
                break;
            }
        }
        let mut body = if spine.is_empty() { self.simple(select)? } else { self.side(left)? };
        for operation in spine.into_iter().rev() {
            let right = operation.rarg.as_deref().ok_or(Beyond("a set operation of one side"))?;
            let op = match SetOperation::try_from(operation.op) {
                Ok(SetOperation::SetopUnion) => SetOperator::Union,
                Ok(SetOperation::SetopIntersect) => SetOperator::Intersect,
                Ok(SetOperation::SetopExcept) => SetOperator::Except,
                _ => return Err(Beyond("a set operation")),
            };
            let set_quantifier = if operation.all { SetQuantifier::All } else { SetQuantifier::None };
            let right = Box::new(self.side(right)?);
            body = SetExpr::SetOperation { left: Box::new(body), op, set_quantifier, right };
        }
        Ok(body)
    }

    /// A side of a set operation: in brackets where it has an order, a limit, or an operation of its own.
    fn side(&self, select: &SelectStmt) -> Lowered<SetExpr> {
        if is_set(select) || is_wrapped(select) {
            return Ok(SetExpr::Query(Box::new(self.query(select)?)));
        }
        self.simple(select)
    }

    fn simple(&self, select: &SelectStmt) -> Lowered<SetExpr> {
        if select.values_lists.is_empty() {
            return Ok(SetExpr::Select(Box::new(self.select(select)?)));
        }
        Ok(SetExpr::Values(self.values(&select.values_lists)?))
    }

    pub(super) fn values(&self, rows: &[Node]) -> Lowered<Values> {
        let row = |node: &Node| match kind(node)? {
            NodeEnum::List(List { items }) => Ok(parens(self.exprs(items)?)),
            _ => Err(Beyond("a row of values")),
        };
        Ok(Values {
            explicit_row: false,
            value_keyword: false,
            rows: rows.iter().map(row).collect::<Lowered<_>>()?,
        })
    }

    pub(super) fn with(&self, with: &WithClause) -> Lowered<With> {
        let cte = |node: &Node| match kind(node)? {
            NodeEnum::CommonTableExpr(cte) => self.cte(cte),
            _ => Err(Beyond("a query of `WITH`")),
        };
        Ok(With {
            with_token: AttachedToken::empty(),
            recursive: with.recursive,
            cte_tables: with.ctes.iter().map(cte).collect::<Lowered<_>>()?,
        })
    }

    fn cte(&self, cte: &CommonTableExpr) -> Lowered<Cte> {
        if cte.search_clause.is_some() || cte.cycle_clause.is_some() {
            return Err(Beyond("`SEARCH` and `CYCLE`, which add columns"));
        }
        let query = match inner(&cte.ctequery)? {
            NodeEnum::SelectStmt(select) => self.query(select)?,
            change => match self.change(change)? {
                Some(Statement::Query(query)) => *query,
                Some(change) => bare(changing(change)?),
                None => return Err(Beyond("this statement in `WITH`")),
            },
        };
        let column = |name| TableAliasColumnDef { name, data_type: None };
        let columns = names::idents(&cte.aliascolnames)?.into_iter().map(column).collect();
        let materialized = match CteMaterialize::try_from(cte.ctematerialized) {
            Ok(CteMaterialize::Always) => Some(CteAsMaterialized::Materialized),
            Ok(CteMaterialize::Never) => Some(CteAsMaterialized::NotMaterialized),
            _ => None,
        };
        Ok(Cte {
            alias: TableAlias { explicit: false, name: names::ident(&cte.ctename), columns, at: None },
            query: Box::new(query),
            from: None,
            materialized,
            closing_paren_token: AttachedToken::empty(),
        })
    }

    pub(super) fn sort(&self, items: &[Node]) -> Lowered<Vec<OrderByExpr>> {
        let item = |node: &Node| match kind(node)? {
            NodeEnum::SortBy(sort) => self.sort_item(sort),
            _ => Err(Beyond("an item of an order")),
        };
        items.iter().map(item).collect()
    }

    fn sort_item(&self, sort: &SortBy) -> Lowered<OrderByExpr> {
        let order = match SortByDir::try_from(sort.sortby_dir) {
            Ok(SortByDir::SortbyAsc) => Some(OrderBySort::Asc),
            Ok(SortByDir::SortbyDesc) => Some(OrderBySort::Desc),
            Ok(SortByDir::SortbyUsing) => return Err(Beyond("an order by an operator")),
            _ => None,
        };
        let nulls_first = match SortByNulls::try_from(sort.sortby_nulls) {
            Ok(SortByNulls::SortbyNullsFirst) => Some(true),
            Ok(SortByNulls::SortbyNullsLast) => Some(false),
            _ => None,
        };
        let options = OrderByOptions { sort: order, nulls_first };
        Ok(OrderByExpr { expr: self.expr_in(&sort.node)?, options, with_fill: None })
    }
}

/// A query that is nothing but its body.
pub(super) fn bare(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

/// A statement that changes rows, as the body of a query.
pub(super) fn changing(statement: Statement) -> Lowered<SetExpr> {
    match statement {
        Statement::Insert(_) => Ok(SetExpr::Insert(statement)),
        Statement::Update(_) => Ok(SetExpr::Update(statement)),
        Statement::Delete(_) => Ok(SetExpr::Delete(statement)),
        Statement::Merge(_) => Ok(SetExpr::Merge(statement)),
        _ => Err(Beyond("this statement in `WITH`")),
    }
}

pub(super) fn parens<T>(content: T) -> Parens<T> {
    Parens { opening_token: AttachedToken::empty(), content, closing_token: AttachedToken::empty() }
}

fn is_set(select: &SelectStmt) -> bool {
    !matches!(
        SetOperation::try_from(select.op),
        Ok(SetOperation::Undefined | SetOperation::SetopNone) | Err(_)
    )
}

/// Whether it has what belongs to a whole query.
fn is_wrapped(select: &SelectStmt) -> bool {
    select.with_clause.is_some()
        || !select.sort_clause.is_empty()
        || select.limit_count.is_some()
        || select.limit_offset.is_some()
        || !select.locking_clause.is_empty()
}
