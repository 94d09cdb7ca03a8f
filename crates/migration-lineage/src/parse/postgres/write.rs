//! `INSERT`, `UPDATE`, `DELETE` and `MERGE`.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    CmdType, DeleteStmt, InferClause, InsertStmt, MergeMatchKind, MergeStmt, MergeWhenClause, MultiAssignRef,
    Node, OnConflictClause, RangeVar, ResTarget, ReturningClause, UpdateStmt, WithClause,
};
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    Assignment, AssignmentTarget, ConflictTarget, Delete, DoUpdate, Expr, FromTable, Ident, Insert, Merge,
    MergeAction, MergeClause, MergeClauseKind, MergeInsertExpr, MergeInsertKind, MergeUpdateExpr,
    MergeUpdateKind, ObjectName, OnConflict, OnConflictAction, OnInsert, OutputClause, SelectItem, Statement,
    TableAliasWithoutColumns, TableObject, TableWithJoins, Update, UpdateTableFromKind, Values,
};

use super::query::{bare, changing, parens};
use super::{Beyond, Lower, Lowered, from, inner, kind, names};

impl Lower<'_> {
    /// A statement that changes rows; none if it is another one.
    pub(super) fn change(&self, node: &NodeEnum) -> Lowered<Option<Statement>> {
        let (statement, with) = match node {
            NodeEnum::InsertStmt(insert) => (Statement::Insert(self.insert(insert)?), &insert.with_clause),
            NodeEnum::UpdateStmt(update) => (Statement::Update(self.update(update)?), &update.with_clause),
            NodeEnum::DeleteStmt(delete) => (Statement::Delete(self.delete(delete)?), &delete.with_clause),
            NodeEnum::MergeStmt(merge) => (Statement::Merge(self.merge(merge)?), &merge.with_clause),
            _ => return Ok(None),
        };
        self.behind_with(statement, with.as_ref()).map(Some)
    }

    /// `WITH` stands before the statement, so what has it is a query whose body the statement is.
    fn behind_with(&self, statement: Statement, with: Option<&WithClause>) -> Lowered<Statement> {
        let Some(with) = with else { return Ok(statement) };
        let mut query = bare(changing(statement)?);
        query.with = Some(self.with(with)?);
        Ok(Statement::Query(Box::new(query)))
    }

    fn insert(&self, insert: &InsertStmt) -> Lowered<Insert> {
        let relation = insert.relation.as_ref().ok_or(Beyond("an insert into nothing"))?;
        let alias = relation
            .alias
            .as_ref()
            .map(|alias| TableAliasWithoutColumns { explicit: true, alias: names::ident(&alias.aliasname) });
        let column = |node: &Node| Ok(ObjectName::from(vec![names::ident(&target(node)?.name)]));
        let source = match &insert.select_stmt {
            Some(source) => Some(self.subquery(Some(source))?),
            None => None,
        };
        Ok(Insert {
            insert_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            or: None,
            ignore: false,
            into: true,
            table: TableObject::TableName(names::relation(relation)),
            table_alias: alias,
            columns: insert.cols.iter().map(column).collect::<Lowered<_>>()?,
            overwrite: false,
            source,
            assignments: Vec::new(),
            partitioned: None,
            after_columns: Vec::new(),
            has_table_keyword: false,
            on: insert
                .on_conflict_clause
                .as_deref()
                .map(|conflict| self.conflict(conflict, relation))
                .transpose()?
                .map(OnInsert::OnConflict),
            returning: self.returning(insert.returning_clause.as_ref())?,
            output: None,
            replace_into: false,
            priority: None,
            insert_alias: None,
            settings: None,
            format_clause: None,
            multi_table_insert_type: None,
            multi_table_into_clauses: Vec::new(),
            multi_table_when_clauses: Vec::new(),
            multi_table_else_clause: None,
        })
    }

    fn conflict(&self, conflict: &OnConflictClause, table: &RangeVar) -> Lowered<OnConflict> {
        let is_update = conflict.action == pg_query::protobuf::OnConflictAction::OnconflictUpdate as i32;
        let action = if is_update {
            OnConflictAction::DoUpdate(DoUpdate {
                assignments: self.assignments(&conflict.target_list, table)?,
                selection: self.maybe(conflict.where_clause.as_deref())?,
            })
        } else {
            OnConflictAction::DoNothing
        };
        let conflict_target = match conflict.infer.as_deref() {
            Some(infer) if !infer.conname.is_empty() => {
                Some(ConflictTarget::OnConstraint(ObjectName::from(vec![names::ident(&infer.conname)])))
            }
            Some(infer) => Some(ConflictTarget::Columns(inferred(infer)?)),
            None => None,
        };
        Ok(OnConflict { conflict_target, action })
    }

    fn update(&self, update: &UpdateStmt) -> Lowered<Update> {
        let table = update.relation.as_ref().ok_or(Beyond("an update of nothing"))?;
        let from = self.from(&update.from_clause)?;
        Ok(Update {
            update_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            table: alone(table)?,
            assignments: self.assignments(&update.target_list, table)?,
            from: (!from.is_empty()).then_some(UpdateTableFromKind::AfterSet(from)),
            selection: self.maybe(update.where_clause.as_deref())?,
            returning: self.returning(update.returning_clause.as_ref())?,
            output: None,
            or: None,
            order_by: Vec::new(),
            limit: None,
        })
    }

    fn delete(&self, delete: &DeleteStmt) -> Lowered<Delete> {
        let table = delete.relation.as_ref().ok_or(Beyond("a delete from nothing"))?;
        let using = self.from(&delete.using_clause)?;
        Ok(Delete {
            delete_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            tables: Vec::new(),
            from: FromTable::WithFromKeyword(vec![alone(table)?]),
            using: (!using.is_empty()).then_some(using),
            selection: self.maybe(delete.where_clause.as_deref())?,
            returning: self.returning(delete.returning_clause.as_ref())?,
            output: None,
            order_by: Vec::new(),
            limit: None,
        })
    }

    fn merge(&self, merge: &MergeStmt) -> Lowered<Merge> {
        let table = merge.relation.as_ref().ok_or(Beyond("a merge into nothing"))?;
        let clause = |node: &Node| match kind(node)? {
            NodeEnum::MergeWhenClause(when) => self.merge_clause(when, table),
            _ => Err(Beyond("a clause of `MERGE`")),
        };
        let returned = self.returning(merge.returning_clause.as_ref())?;
        let output = returned.map(|select_items| OutputClause::Returning {
            returning_token: AttachedToken::empty(),
            select_items,
        });
        Ok(Merge {
            merge_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            into: true,
            table: from::table(table)?,
            source: self.factor(inner(&merge.source_relation)?)?,
            on: self.boxed(&merge.join_condition)?,
            clauses: merge.merge_when_clauses.iter().map(clause).collect::<Lowered<_>>()?,
            output,
        })
    }

    fn merge_clause(&self, when: &MergeWhenClause, table: &RangeVar) -> Lowered<MergeClause> {
        let clause_kind = match MergeMatchKind::try_from(when.match_kind) {
            Ok(MergeMatchKind::MergeWhenMatched) => MergeClauseKind::Matched,
            Ok(MergeMatchKind::MergeWhenNotMatchedBySource) => MergeClauseKind::NotMatchedBySource,
            Ok(MergeMatchKind::MergeWhenNotMatchedByTarget) => MergeClauseKind::NotMatched,
            _ => return Err(Beyond("a clause of `MERGE`")),
        };
        let token = AttachedToken::empty;
        let action = match CmdType::try_from(when.command_type) {
            Ok(CmdType::CmdUpdate) => MergeAction::Update(MergeUpdateExpr {
                update_token: token(),
                kind: MergeUpdateKind::Set(self.assignments(&when.target_list, table)?),
                update_predicate: None,
                delete_predicate: None,
            }),
            Ok(CmdType::CmdInsert) => {
                let column = |node: &Node| Ok(ObjectName::from(vec![names::ident(&target(node)?.name)]));
                // No values at all is `DEFAULT VALUES`.
                let row = parens(self.exprs(&when.values)?);
                let values = Values { explicit_row: false, value_keyword: false, rows: vec![row] };
                MergeAction::Insert(MergeInsertExpr {
                    insert_token: token(),
                    columns: when.target_list.iter().map(column).collect::<Lowered<_>>()?,
                    kind_token: token(),
                    kind: MergeInsertKind::Values(values),
                    insert_predicate: None,
                })
            }
            Ok(CmdType::CmdDelete) => MergeAction::Delete { delete_token: token() },
            Ok(CmdType::CmdNothing) => MergeAction::DoNothing { do_token: token(), nothing_token: token() },
            _ => return Err(Beyond("an action of `MERGE`")),
        };
        let predicate = self.maybe(when.condition.as_deref())?;
        Ok(MergeClause { when_token: token(), clause_kind, predicate, action })
    }

    /// `SET`. The columns of `(a, b) = …` are one by one in the tree, each with the whole value.
    fn assignments(&self, targets: &[Node], table: &RangeVar) -> Lowered<Vec<Assignment>> {
        let mut assignments = Vec::with_capacity(targets.len());
        let mut rest = targets;
        while let [first, after @ ..] = rest {
            let assigned = target(first)?;
            rest = after;
            if let NodeEnum::MultiAssignRef(several) = inner(&assigned.val)? {
                let more = usize::try_from(several.ncolumns).unwrap_or_default().saturating_sub(1);
                let (others, behind) =
                    after.split_at_checked(more).ok_or(Beyond("an assignment to several columns"))?;
                assignments.push(self.several(assigned, others, several)?);
                rest = behind;
                continue;
            }
            let value = self.expr_in(&assigned.val)?;
            let value = self.partial(value, assigned, table)?;
            let name = ObjectName::from(vec![names::ident(&assigned.name)]);
            assignments.push(Assignment { target: AssignmentTarget::ColumnName(name), value });
        }
        Ok(assignments)
    }

    fn several(&self, first: &ResTarget, others: &[Node], source: &MultiAssignRef) -> Lowered<Assignment> {
        let mut columns = vec![first];
        for node in others {
            columns.push(target(node)?);
        }
        if columns.iter().any(|column| !column.indirection.is_empty()) {
            return Err(Beyond("parts of columns among several"));
        }
        let name = |column: &ResTarget| ObjectName::from(vec![names::ident(&column.name)]);
        let columns = columns.into_iter().map(name).collect();
        let value = match inner(&source.source)? {
            NodeEnum::RowExpr(row) => Expr::Tuple(self.exprs(&row.args)?),
            other => self.expr_of(other)?,
        };
        Ok(Assignment { target: AssignmentTarget::Tuple(columns), value })
    }

    /// A part of a column is set (`a[1] = …`): the rest of what it is comes from what it was.
    fn partial(&self, value: Expr, assigned: &ResTarget, table: &RangeVar) -> Lowered<Expr> {
        if assigned.indirection.is_empty() {
            return Ok(value);
        }
        let called = table.alias.as_ref().map_or(&table.relname, |alias| &alias.aliasname);
        if assigned.name == *called {
            // `SET t.a = …`: to PostgreSQL a field `a` of a column `t`, to whoever wrote it most likely another thing.
            return Err(Beyond("a part of a column that is called as its table is"));
        }
        let before = Expr::CompoundIdentifier(vec![names::ident(called), names::ident(&assigned.name)]);
        Ok(Expr::Tuple(vec![self.access(before, &assigned.indirection)?, value]))
    }

    fn returning(&self, clause: Option<&ReturningClause>) -> Lowered<Option<Vec<SelectItem>>> {
        match clause {
            Some(clause) if !clause.options.is_empty() => Err(Beyond("other names for `OLD` and `NEW`")),
            Some(clause) => self.targets(&clause.exprs).map(Some),
            None => Ok(None),
        }
    }
}

/// The columns by which an upsert finds its row: those of an index on expressions are the columns in these.
fn inferred(infer: &InferClause) -> Lowered<Vec<Ident>> {
    let mut columns = Vec::new();
    for node in &infer.index_elems {
        let NodeEnum::IndexElem(element) = kind(node)? else { return Err(Beyond("a key")) };
        match &element.expr {
            None => columns.push(names::ident(&element.name)),
            Some(expr) => columns.extend(columns_in(expr)?),
        }
    }
    Ok(columns)
}

/// The columns in an expression of an index. Nothing that can't be in one is gone into.
fn columns_in(expr: &Node) -> Lowered<Vec<Ident>> {
    let mut columns = Vec::new();
    let mut open = vec![expr];
    while let Some(node) = open.pop() {
        match kind(node)? {
            NodeEnum::ColumnRef(column) => {
                let name = column.fields.last().ok_or(Beyond("a column without a name"))?;
                columns.push(names::ident(names::string(name)?));
            }
            NodeEnum::AConst(_) => {}
            NodeEnum::FuncCall(call) => open.extend(&call.args),
            NodeEnum::CoalesceExpr(coalesce) => open.extend(&coalesce.args),
            NodeEnum::AExpr(operation) => {
                open.extend(operation.lexpr.iter().chain(&operation.rexpr).map(|node| &**node));
            }
            NodeEnum::TypeCast(cast) => open.extend(cast.arg.as_deref()),
            NodeEnum::CollateClause(collate) => open.extend(collate.arg.as_deref()),
            _ => return Err(Beyond("a key that is computed in this way")),
        }
    }
    Ok(columns)
}

fn target(node: &Node) -> Lowered<&ResTarget> {
    match kind(node)? {
        NodeEnum::ResTarget(target) => Ok(target),
        _ => Err(Beyond("a target")),
    }
}

fn alone(table: &RangeVar) -> Lowered<TableWithJoins> {
    Ok(TableWithJoins { relation: from::table(table)?, joins: Vec::new() })
}
