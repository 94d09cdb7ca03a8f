//! Whole statements: which kind is lowered where, and which kinds touch no rows at all.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    CopyStmt, CreatePolicyStmt, DefElem, DropBehavior, DropStmt, ExplainStmt, IndexStmt, Node, ObjectType,
    TruncateStmt,
};
use sqlparser::ast::{
    CopySource, CopyTarget, CreateIndex, CreatePolicy, DescribeAlias, ObjectName, Statement, Truncate,
    TruncateTableTarget,
};

use super::{Beyond, Lower, Lowered, inner, kind, names, table};

impl Lower<'_> {
    /// The statements that say the same to the rest of the analysis; none where it would learn nothing.
    pub(super) fn statement(&self, node: &NodeEnum) -> Lowered<Vec<Statement>> {
        if let Some(change) = self.change(node)? {
            return Ok(vec![change]);
        }
        Ok(vec![match node {
            NodeEnum::SelectStmt(select) => Statement::Query(Box::new(self.query(select)?)),
            NodeEnum::CreateStmt(create) => self.create_table(create)?,
            NodeEnum::CreateForeignTableStmt(create) => {
                self.create_table(create.base_stmt.as_ref().ok_or(Beyond("a foreign table"))?)?
            }
            NodeEnum::CreateTableAsStmt(create) => self.create_as(create)?,
            NodeEnum::ViewStmt(view) => {
                let name = names::relation_in(view.view.as_ref())?;
                let columns = names::idents(&view.aliases)?;
                let query = self.subquery(view.query.as_deref())?;
                let mut made = table::view(name, columns, query, false);
                made.or_replace = view.replace;
                made.temporary = names::is_temporary(view.view.as_ref());
                Statement::CreateView(made)
            }
            NodeEnum::AlterTableStmt(alter) => return self.alter_table(alter),
            NodeEnum::RenameStmt(rename) => return self.rename(rename),
            NodeEnum::DropStmt(drop) => return drop_objects(drop),
            NodeEnum::IndexStmt(index) => self.index(index)?,
            NodeEnum::CopyStmt(copy) => self.copy(copy)?,
            NodeEnum::ExplainStmt(explain) => return self.explain(explain),
            NodeEnum::TruncateStmt(truncated) => truncate(truncated)?,
            NodeEnum::CreatePolicyStmt(policy) => self.policy(policy)?,
            idle if is_idle(idle) => return Ok(Vec::new()),
            _ => return Err(Beyond("this statement")),
        }])
    }

    fn index(&self, index: &IndexStmt) -> Lowered<Statement> {
        let columns = |nodes: &[Node]| -> Lowered<Vec<_>> {
            let column = |node: &Node| match kind(node)? {
                NodeEnum::IndexElem(element) => self.index_column(element),
                _ => Err(Beyond("a column of an index")),
            };
            nodes.iter().map(column).collect()
        };
        let included = |node: &Node| match kind(node)? {
            NodeEnum::IndexElem(element) => Ok(names::ident(&element.name)),
            _ => Err(Beyond("a column of an index")),
        };
        Ok(Statement::CreateIndex(CreateIndex {
            name: names::ident_or_none(&index.idxname).map(|name| ObjectName::from(vec![name])),
            table_name: names::relation_in(index.relation.as_ref())?,
            using: None,
            columns: columns(&index.index_params)?,
            unique: index.unique,
            concurrently: index.concurrent,
            r#async: false,
            if_not_exists: index.if_not_exists,
            include: index.index_including_params.iter().map(included).collect::<Lowered<_>>()?,
            nulls_distinct: None,
            with: Vec::new(),
            predicate: self.maybe(index.where_clause.as_deref())?,
            index_options: Vec::new(),
            alter_options: Vec::new(),
        }))
    }

    fn copy(&self, copy: &CopyStmt) -> Lowered<Statement> {
        let source = match &copy.relation {
            Some(relation) => CopySource::Table {
                table_name: names::relation(relation),
                columns: names::idents(&copy.attlist)?,
            },
            None => match inner(&copy.query)? {
                NodeEnum::SelectStmt(select) => CopySource::Query(Box::new(self.query(select)?)),
                _ => return Err(Beyond("a copy of what a change gives back")),
            },
        };
        let target = if copy.is_from { CopyTarget::Stdin } else { CopyTarget::Stdout };
        Ok(Statement::Copy {
            source,
            to: !copy.is_from,
            target,
            options: Vec::new(),
            legacy_options: Vec::new(),
            values: Vec::new(),
        })
    }

    /// What is explained only is not run.
    fn explain(&self, explain: &ExplainStmt) -> Lowered<Vec<Statement>> {
        let analyze = |node: &Node| matches!(&node.node, Some(NodeEnum::DefElem(option)) if option.defname == "analyze" && is_on(option));
        let mut statements = self.statement(inner(&explain.query)?)?;
        let analyze = explain.options.iter().any(analyze);
        let explained = |statement| Statement::Explain {
            describe_alias: DescribeAlias::Explain,
            analyze,
            verbose: false,
            query_plan: false,
            estimate: false,
            statement: Box::new(statement),
            format: None,
            options: None,
        };
        Ok(statements.drain(..).map(explained).collect())
    }

    fn policy(&self, policy: &CreatePolicyStmt) -> Lowered<Statement> {
        Ok(Statement::CreatePolicy(CreatePolicy {
            name: names::ident(&policy.policy_name),
            table_name: names::relation_in(policy.table.as_ref())?,
            policy_type: None,
            command: None,
            to: None,
            using: self.maybe(policy.qual.as_deref())?,
            with_check: self.maybe(policy.with_check.as_deref())?,
        }))
    }
}

/// An option is on unless it says that it is off.
fn is_on(option: &DefElem) -> bool {
    match option.arg.as_deref().and_then(|node| node.node.as_ref()) {
        Some(NodeEnum::String(text)) => !matches!(text.sval.as_str(), "false" | "off"),
        Some(NodeEnum::Integer(number)) => number.ival != 0,
        Some(NodeEnum::Boolean(truth)) => truth.boolval,
        _ => true,
    }
}

fn drop_objects(drop: &DropStmt) -> Lowered<Vec<Statement>> {
    use sqlparser::ast::ObjectType as To;
    let object_type = match ObjectType::try_from(drop.remove_type) {
        Ok(ObjectType::ObjectTable | ObjectType::ObjectForeignTable) => To::Table,
        Ok(ObjectType::ObjectView) => To::View,
        Ok(ObjectType::ObjectMatview) => To::MaterializedView,
        Ok(ObjectType::ObjectSchema) => To::Schema,
        Ok(ObjectType::ObjectIndex) => To::Index,
        // Routines, triggers and policies are read by their words; the rest holds no rows.
        Ok(ObjectType::ObjectFunction | ObjectType::ObjectProcedure | ObjectType::ObjectRoutine) => {
            return Err(Beyond("a routine"));
        }
        _ => return Ok(Vec::new()),
    };
    Ok(vec![Statement::Drop {
        object_type,
        if_exists: drop.missing_ok,
        names: drop.objects.iter().map(names::object_of).collect::<Lowered<_>>()?,
        cascade: drop.behavior == DropBehavior::DropCascade as i32,
        restrict: false,
        purge: false,
        temporary: false,
        table: None,
    }])
}

fn truncate(truncate: &TruncateStmt) -> Lowered<Statement> {
    let target = |node: &Node| match kind(node)? {
        NodeEnum::RangeVar(relation) => {
            Ok(TruncateTableTarget { name: names::relation(relation), only: false, has_asterisk: false })
        }
        _ => Err(Beyond("a table to be emptied")),
    };
    Ok(Statement::Truncate(Truncate {
        table_names: truncate.relations.iter().map(target).collect::<Lowered<_>>()?,
        partitions: None,
        table: true,
        if_exists: false,
        identity: None,
        cascade: None,
        on_cluster: None,
    }))
}

/// Statements that read no rows, write none, and change no table's columns. What runs code of its own (`CALL`, `EXECUTE`,
/// `CREATE RULE`) is not among them.
fn is_idle(node: &NodeEnum) -> bool {
    use NodeEnum as N;
    matches!(
        node,
        N::AlterCollationStmt(_)
            | N::AlterDatabaseRefreshCollStmt(_)
            | N::AlterDatabaseSetStmt(_)
            | N::AlterDatabaseStmt(_)
            | N::AlterDefaultPrivilegesStmt(_)
            | N::AlterDomainStmt(_)
            | N::AlterEnumStmt(_)
            | N::AlterEventTrigStmt(_)
            | N::AlterExtensionContentsStmt(_)
            | N::AlterExtensionStmt(_)
            | N::AlterFdwStmt(_)
            | N::AlterForeignServerStmt(_)
            | N::AlterFunctionStmt(_)
            | N::AlterObjectDependsStmt(_)
            | N::AlterOpFamilyStmt(_)
            | N::AlterOperatorStmt(_)
            | N::AlterOwnerStmt(_)
            | N::AlterPublicationStmt(_)
            | N::AlterRoleSetStmt(_)
            | N::AlterRoleStmt(_)
            | N::AlterSeqStmt(_)
            | N::AlterStatsStmt(_)
            | N::AlterSubscriptionStmt(_)
            | N::AlterSystemStmt(_)
            | N::AlterTableMoveAllStmt(_)
            | N::AlterTableSpaceOptionsStmt(_)
            | N::AlterTsconfigurationStmt(_)
            | N::AlterTsdictionaryStmt(_)
            | N::AlterTypeStmt(_)
            | N::AlterUserMappingStmt(_)
            | N::CheckPointStmt(_)
            | N::ClosePortalStmt(_)
            | N::ClusterStmt(_)
            | N::CommentStmt(_)
            | N::CompositeTypeStmt(_)
            | N::ConstraintsSetStmt(_)
            | N::CreateAmStmt(_)
            | N::CreateCastStmt(_)
            | N::CreateConversionStmt(_)
            | N::CreateDomainStmt(_)
            | N::CreateEnumStmt(_)
            | N::CreateEventTrigStmt(_)
            | N::CreateExtensionStmt(_)
            | N::CreateFdwStmt(_)
            | N::CreateForeignServerStmt(_)
            | N::CreateOpClassStmt(_)
            | N::CreateOpFamilyStmt(_)
            | N::CreatePlangStmt(_)
            | N::CreatePublicationStmt(_)
            | N::CreateRangeStmt(_)
            | N::CreateRoleStmt(_)
            | N::CreateSeqStmt(_)
            | N::CreateStatsStmt(_)
            | N::CreateSubscriptionStmt(_)
            | N::CreateTableSpaceStmt(_)
            | N::CreateTransformStmt(_)
            | N::CreateUserMappingStmt(_)
            | N::CreatedbStmt(_)
            | N::DeallocateStmt(_)
            | N::DefineStmt(_)
            | N::DiscardStmt(_)
            | N::DropRoleStmt(_)
            | N::DropSubscriptionStmt(_)
            | N::DropTableSpaceStmt(_)
            | N::DropUserMappingStmt(_)
            | N::DropdbStmt(_)
            | N::GrantRoleStmt(_)
            | N::GrantStmt(_)
            | N::ListenStmt(_)
            | N::LoadStmt(_)
            | N::LockStmt(_)
            | N::NotifyStmt(_)
            | N::ReassignOwnedStmt(_)
            | N::ReindexStmt(_)
            | N::SecLabelStmt(_)
            | N::TransactionStmt(_)
            | N::UnlistenStmt(_)
            | N::VacuumStmt(_)
            | N::VariableSetStmt(_)
            | N::VariableShowStmt(_)
    )
}
