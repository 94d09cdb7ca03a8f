//! `CREATE TABLE`: columns and constraints.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    ColumnDef, ConstrType, Constraint, CreateStmt, CreateTableAsStmt, IndexElem, IntoClause, Node,
    ObjectType, TableLikeClause,
};
use sqlparser::ast::helpers::stmt_create_table::CreateTableBuilder;
use sqlparser::ast::{
    self, CheckConstraint, ColumnOption, ColumnOptionDef, CreateTableLike, CreateTableLikeKind, CreateView,
    DataType, ExcludeConstraint, ExcludeConstraintElement, ExcludeConstraintOperator, Expr,
    ForeignKeyConstraint, GeneratedAs, GeneratedExpressionMode, Ident, IndexColumn, KeyOrIndexDisplay,
    NullsDistinctOption, OrderByExpr, OrderByOptions, PrimaryKeyConstraint, Query, ReferentialAction,
    Statement, TableConstraint, UniqueConstraint, ViewColumnDef,
};

use super::{Beyond, Lower, Lowered, kind, names};

impl Lower<'_> {
    pub(super) fn create_table(&self, create: &CreateStmt) -> Lowered<Statement> {
        if create.of_typename.is_some() {
            return Err(Beyond("a table of a type"));
        }
        let mut columns = Vec::new();
        let mut constraints = Vec::new();
        let mut like = None;
        for element in &create.table_elts {
            match kind(element)? {
                NodeEnum::ColumnDef(column) => columns.push(self.column(column)?),
                NodeEnum::Constraint(constraint) => constraints.extend(self.constraint(constraint)?),
                NodeEnum::TableLikeClause(clause) if like.is_none() && columns.is_empty() => {
                    like = Some(like_of(clause)?);
                }
                // The order of a table's columns matters to an `INSERT` that names none.
                NodeEnum::TableLikeClause(_) => return Err(Beyond("`LIKE` behind other columns")),
                _ => return Err(Beyond("a part of a table")),
            }
        }
        let parent = |node: &Node| match kind(node)? {
            NodeEnum::RangeVar(relation) => Ok(names::relation(relation)),
            _ => Err(Beyond("a parent")),
        };
        let mut parents: Vec<_> = create.inh_relations.iter().map(parent).collect::<Lowered<_>>()?;
        let partition_of = if create.partbound.is_some() { parents.pop() } else { None };
        let create = CreateTableBuilder::new(names::relation_in(create.relation.as_ref())?)
            .if_not_exists(create.if_not_exists)
            .temporary(names::is_temporary(create.relation.as_ref()))
            .columns(columns)
            .constraints(constraints)
            .like(like)
            .inherits((!parents.is_empty()).then_some(parents))
            .partition_of(partition_of)
            .partition_by(self.partition_key(create)?);
        Ok(Statement::CreateTable(create.build()))
    }

    /// The columns and expressions of `PARTITION BY`, as one list.
    fn partition_key(&self, create: &CreateStmt) -> Lowered<Option<Box<Expr>>> {
        let Some(spec) = &create.partspec else { return Ok(None) };
        let mut keys = Vec::new();
        for node in &spec.part_params {
            let NodeEnum::PartitionElem(element) = kind(node)? else { return Err(Beyond("a partition key")) };
            keys.push(match &element.expr {
                Some(expr) => self.expr_in(&Some(expr.clone()))?,
                None => Expr::Identifier(names::ident(&element.name)),
            });
        }
        Ok(Some(Box::new(Expr::Tuple(keys))))
    }

    /// `CREATE TABLE … AS`, `CREATE MATERIALIZED VIEW`.
    pub(super) fn create_as(&self, create: &CreateTableAsStmt) -> Lowered<Statement> {
        let query = self.subquery(create.query.as_deref())?;
        let into = create.into.as_deref().ok_or(Beyond("a new table without a name"))?;
        let name = names::relation_in(into.rel.as_ref())?;
        if create.objtype == ObjectType::ObjectMatview as i32 {
            let columns = names::idents(&into.col_names)?;
            return Ok(Statement::CreateView(view(name, columns, query, true)));
        }
        let create = CreateTableBuilder::new(name)
            .if_not_exists(create.if_not_exists)
            .temporary(names::is_temporary(into.rel.as_ref()))
            .columns(named_columns(into)?)
            .query(Some(query));
        Ok(Statement::CreateTable(create.build()))
    }

    pub(super) fn column(&self, column: &ColumnDef) -> Lowered<ast::ColumnDef> {
        // A column of a partition is of the type that the parent says.
        let data_type = match &column.type_name {
            Some(name) => self.data_type(name)?,
            None => DataType::Unspecified,
        };
        let mut options = Vec::new();
        if let Some(collate) = &column.coll_clause {
            let option = ColumnOption::Collation(names::object(&collate.collname)?);
            options.push(ColumnOptionDef { name: None, option });
        }
        for node in &column.constraints {
            let NodeEnum::Constraint(constraint) = kind(node)? else { return Err(Beyond("a constraint")) };
            if let Some(option) = self.column_option(constraint)? {
                options.push(ColumnOptionDef { name: names::ident_or_none(&constraint.conname), option });
            }
        }
        Ok(ast::ColumnDef { name: names::ident(&column.colname), data_type, options })
    }

    fn column_option(&self, constraint: &Constraint) -> Lowered<Option<ColumnOption>> {
        use ConstrType as C;
        Ok(Some(match ConstrType::try_from(constraint.contype) {
            Ok(C::ConstrNull) => ColumnOption::Null,
            Ok(C::ConstrNotnull) => ColumnOption::NotNull,
            Ok(C::ConstrDefault) => ColumnOption::Default(self.expr_in(&constraint.raw_expr)?),
            Ok(C::ConstrIdentity) => ColumnOption::Generated {
                generated_as: match constraint.generated_when.as_str() {
                    "a" => GeneratedAs::Always,
                    _ => GeneratedAs::ByDefault,
                },
                sequence_options: None,
                generation_expr: None,
                generation_expr_mode: None,
                generated_keyword: true,
            },
            Ok(C::ConstrGenerated) => ColumnOption::Generated {
                generated_as: GeneratedAs::ExpStored,
                sequence_options: None,
                generation_expr: Some(self.expr_in(&constraint.raw_expr)?),
                generation_expr_mode: Some(match constraint.generated_kind.as_str() {
                    "v" => GeneratedExpressionMode::Virtual,
                    _ => GeneratedExpressionMode::Stored,
                }),
                generated_keyword: true,
            },
            Ok(C::ConstrCheck) => ColumnOption::Check(self.check(constraint)?),
            Ok(C::ConstrPrimary) => ColumnOption::PrimaryKey(primary_key(constraint)?),
            Ok(C::ConstrUnique) => ColumnOption::Unique(unique(constraint)?),
            Ok(C::ConstrForeign) => ColumnOption::ForeignKey(foreign_key(constraint)?),
            // When it is checked.
            Ok(
                C::ConstrAttrDeferrable
                | C::ConstrAttrNotDeferrable
                | C::ConstrAttrDeferred
                | C::ConstrAttrImmediate
                | C::ConstrAttrEnforced
                | C::ConstrAttrNotEnforced,
            ) => return Ok(None),
            _ => return Err(Beyond("a constraint of a column")),
        }))
    }

    /// A constraint of a table; none if it is `NOT NULL`, which has no place there.
    pub(super) fn constraint(&self, constraint: &Constraint) -> Lowered<Option<TableConstraint>> {
        if !constraint.indexname.is_empty() {
            return Err(Beyond("a constraint by an index that is there"));
        }
        Ok(Some(match ConstrType::try_from(constraint.contype) {
            Ok(ConstrType::ConstrCheck) => TableConstraint::Check(self.check(constraint)?),
            Ok(ConstrType::ConstrPrimary) => TableConstraint::PrimaryKey(primary_key(constraint)?),
            Ok(ConstrType::ConstrUnique) => TableConstraint::Unique(unique(constraint)?),
            Ok(ConstrType::ConstrForeign) => TableConstraint::ForeignKey(foreign_key(constraint)?),
            Ok(ConstrType::ConstrExclusion) => TableConstraint::Exclude(self.exclusion(constraint)?),
            _ => return Err(Beyond("a constraint of a table")),
        }))
    }

    fn check(&self, constraint: &Constraint) -> Lowered<CheckConstraint> {
        Ok(CheckConstraint {
            name: names::ident_or_none(&constraint.conname),
            expr: self.boxed(&constraint.raw_expr)?,
            no_inherit: constraint.is_no_inherit,
            enforced: None,
        })
    }

    fn exclusion(&self, constraint: &Constraint) -> Lowered<ExcludeConstraint> {
        let mut elements = Vec::new();
        for pair in &constraint.exclusions {
            let NodeEnum::List(pair) = kind(pair)? else { return Err(Beyond("an exclusion")) };
            let [element, operator] = pair.items.as_slice() else { return Err(Beyond("an exclusion")) };
            let NodeEnum::IndexElem(element) = kind(element)? else { return Err(Beyond("an exclusion")) };
            let NodeEnum::List(operator) = kind(operator)? else { return Err(Beyond("an exclusion")) };
            let operator = self.operator(&operator.items)?.to_string();
            let column = self.index_column(element)?;
            elements.push(ExcludeConstraintElement {
                column,
                operator: ExcludeConstraintOperator::Token(operator),
            });
        }
        Ok(ExcludeConstraint {
            name: names::ident_or_none(&constraint.conname),
            index_method: names::ident_or_none(&constraint.access_method),
            elements,
            include: names::idents(&constraint.including)?,
            where_clause: self.maybe(constraint.where_clause.as_deref())?.map(Box::new),
            characteristics: None,
        })
    }

    /// A column of an index, or an expression.
    pub(super) fn index_column(&self, element: &IndexElem) -> Lowered<IndexColumn> {
        let expr = match &element.expr {
            Some(expr) => self.expr(expr)?,
            None => Expr::Identifier(names::ident(&element.name)),
        };
        let options = OrderByOptions { sort: None, nulls_first: None };
        Ok(IndexColumn { column: OrderByExpr { expr, options, with_fill: None }, operator_class: None })
    }
}

/// The columns of `CREATE TABLE t (a, b) AS`, whose types are those of the query.
fn named_columns(into: &IntoClause) -> Lowered<Vec<ast::ColumnDef>> {
    let column = |name| ast::ColumnDef { name, data_type: DataType::Unspecified, options: Vec::new() };
    Ok(names::idents(&into.col_names)?.into_iter().map(column).collect())
}

pub(super) fn view(
    name: ast::ObjectName,
    columns: Vec<Ident>,
    query: Box<Query>,
    materialized: bool,
) -> CreateView {
    let column = |name| ViewColumnDef { name, data_type: None, options: None };
    CreateView {
        or_alter: false,
        or_replace: false,
        materialized,
        secure: false,
        name,
        name_before_not_exists: false,
        columns: columns.into_iter().map(column).collect(),
        query,
        options: ast::CreateTableOptions::None,
        cluster_by: Vec::new(),
        comment: None,
        with_no_schema_binding: false,
        if_not_exists: false,
        temporary: false,
        copy_grants: false,
        to: None,
        params: None,
    }
}

fn like_of(clause: &TableLikeClause) -> Lowered<CreateTableLikeKind> {
    let name = names::relation_in(clause.relation.as_ref())?;
    Ok(CreateTableLikeKind::Parenthesized(CreateTableLike { name, defaults: None }))
}

/// Columns by their names, as an index has them.
fn keys(nodes: &[Node]) -> Lowered<Vec<IndexColumn>> {
    let column = |name| {
        let options = OrderByOptions { sort: None, nulls_first: None };
        let column = OrderByExpr { expr: Expr::Identifier(name), options, with_fill: None };
        IndexColumn { column, operator_class: None }
    };
    Ok(names::idents(nodes)?.into_iter().map(column).collect())
}

fn primary_key(constraint: &Constraint) -> Lowered<PrimaryKeyConstraint> {
    Ok(PrimaryKeyConstraint {
        name: names::ident_or_none(&constraint.conname),
        index_name: None,
        index_type: None,
        columns: keys(&constraint.keys)?,
        include: names::idents(&constraint.including)?,
        index_options: Vec::new(),
        characteristics: None,
    })
}

fn unique(constraint: &Constraint) -> Lowered<UniqueConstraint> {
    Ok(UniqueConstraint {
        name: names::ident_or_none(&constraint.conname),
        index_name: None,
        index_type_display: KeyOrIndexDisplay::None,
        index_type: None,
        columns: keys(&constraint.keys)?,
        include: names::idents(&constraint.including)?,
        index_options: Vec::new(),
        characteristics: None,
        nulls_distinct: NullsDistinctOption::None,
    })
}

/// By the letters of PostgreSQL's `parsenodes.h`, `FKCONSTR_ACTION_…`.
fn action(letter: &str) -> Option<ReferentialAction> {
    Some(match letter {
        "r" => ReferentialAction::Restrict,
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull,
        "d" => ReferentialAction::SetDefault,
        _ => return None,
    })
}

fn foreign_key(constraint: &Constraint) -> Lowered<ForeignKeyConstraint> {
    Ok(ForeignKeyConstraint {
        name: names::ident_or_none(&constraint.conname),
        index_name: None,
        columns: names::idents(&constraint.fk_attrs)?,
        foreign_table: names::relation_in(constraint.pktable.as_ref())?,
        referred_columns: names::idents(&constraint.pk_attrs)?,
        on_delete: action(&constraint.fk_del_action),
        on_update: action(&constraint.fk_upd_action),
        match_kind: None,
        characteristics: None,
    })
}
