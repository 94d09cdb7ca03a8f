//! `ALTER TABLE` and what else renames.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    self, AlterTableCmd, AlterTableStmt, AlterTableType, Constraint, ObjectType, RangeVar, RenameStmt,
};
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation as Op, DropBehavior, GeneratedAs, ObjectName,
    RenameTableNameKind, Statement,
};

use super::{Beyond, Lower, Lowered, kind, names};

impl Lower<'_> {
    pub(super) fn alter_table(&self, alter: &AlterTableStmt) -> Lowered<Vec<Statement>> {
        let kind_of = ObjectType::try_from(alter.objtype);
        let holds_rows = matches!(
            kind_of,
            Ok(ObjectType::ObjectTable
                | ObjectType::ObjectView
                | ObjectType::ObjectMatview
                | ObjectType::ObjectForeignTable)
        );
        if !holds_rows {
            // An index, a sequence, a type: no columns of a table.
            return Ok(Vec::new());
        }
        let mut operations = Vec::new();
        for node in &alter.cmds {
            let NodeEnum::AlterTableCmd(command) = kind(node)? else { return Err(Beyond("a command")) };
            operations.extend(self.alter_command(command)?);
        }
        if operations.is_empty() {
            // Something that says the same about the columns: nothing.
            operations.push(Op::DisableRowLevelSecurity);
        }
        let table = Altered { relation: alter.relation.as_ref(), if_exists: alter.missing_ok };
        Ok(vec![table.by(operations)?])
    }

    /// One command; none if it is about no column.
    fn alter_command(&self, command: &AlterTableCmd) -> Lowered<Option<Op>> {
        use AlterTableType as T;
        let column = |op| Op::AlterColumn { column_name: names::ident(&command.name), op };
        let definition = command.def.as_deref().and_then(|node| node.node.as_ref());
        Ok(Some(match AlterTableType::try_from(command.subtype) {
            Ok(T::AtAddColumn) => {
                let Some(NodeEnum::ColumnDef(definition)) = definition else {
                    return Err(Beyond("a new column"));
                };
                Op::AddColumn {
                    column_keyword: true,
                    if_not_exists: command.missing_ok,
                    column_def: self.column(definition)?,
                    column_position: None,
                }
            }
            Ok(T::AtDropColumn) => Op::DropColumn {
                has_column_keyword: true,
                column_names: vec![names::ident(&command.name)],
                if_exists: command.missing_ok,
                drop_behavior: behaviour(command),
            },
            Ok(T::AtColumnDefault) => column(match definition {
                Some(value) => AlterColumnOperation::SetDefault { value: self.expr_of(value)? },
                None => AlterColumnOperation::DropDefault,
            }),
            Ok(T::AtSetNotNull) => column(AlterColumnOperation::SetNotNull),
            Ok(T::AtDropNotNull) => column(AlterColumnOperation::DropNotNull),
            Ok(T::AtAlterColumnType) => {
                let Some(NodeEnum::ColumnDef(definition)) = definition else {
                    return Err(Beyond("a changed column"));
                };
                column(AlterColumnOperation::SetDataType {
                    data_type: self.data_type_in(definition.type_name.as_ref())?,
                    using: self.maybe(definition.raw_default.as_deref())?,
                    had_set: true,
                })
            }
            Ok(T::AtAddIdentity) => column(AlterColumnOperation::AddGenerated {
                generated_as: Some(GeneratedAs::Always),
                sequence_options: None,
            }),
            Ok(T::AtAddConstraint) => {
                let Some(NodeEnum::Constraint(constraint)) = definition else {
                    return Err(Beyond("a new constraint"));
                };
                return self.added_constraint(constraint);
            }
            Ok(T::AtDropConstraint) => Op::DropConstraint {
                if_exists: command.missing_ok,
                name: names::ident(&command.name),
                drop_behavior: behaviour(command),
            },
            Ok(subtype) if is_idle(subtype) => return Ok(None),
            _ => return Err(Beyond("this command of `ALTER TABLE`")),
        }))
    }

    /// A constraint on an index that is there says nothing new about columns.
    fn added_constraint(&self, constraint: &Constraint) -> Lowered<Option<Op>> {
        if !constraint.indexname.is_empty() {
            return Ok(None);
        }
        let added = self.constraint(constraint)?;
        let not_valid = constraint.skip_validation;
        Ok(added.map(|constraint| Op::AddConstraint { constraint, not_valid }))
    }

    pub(super) fn rename(&self, rename: &RenameStmt) -> Lowered<Vec<Statement>> {
        let (old, new) = (names::ident(&rename.subname), names::ident(&rename.newname));
        let operation = match ObjectType::try_from(rename.rename_type) {
            Ok(ObjectType::ObjectColumn) => Op::RenameColumn { old_column_name: old, new_column_name: new },
            Ok(ObjectType::ObjectTabconstraint) => Op::RenameConstraint { old_name: old, new_name: new },
            Ok(
                ObjectType::ObjectTable
                | ObjectType::ObjectView
                | ObjectType::ObjectMatview
                | ObjectType::ObjectForeignTable,
            ) => {
                let table_name = RenameTableNameKind::To(ObjectName::from(vec![new]));
                Op::RenameTable { table_name }
            }
            Ok(ObjectType::ObjectSchema) => return Err(Beyond("a schema with another name")),
            _ => return Ok(Vec::new()),
        };
        let table = Altered { relation: rename.relation.as_ref(), if_exists: rename.missing_ok };
        Ok(vec![table.by(vec![operation])?])
    }
}

/// The table that is changed, and whether it need not be there.
struct Altered<'n> {
    relation: Option<&'n RangeVar>,
    if_exists: bool,
}

impl Altered<'_> {
    fn by(&self, operations: Vec<Op>) -> Lowered<Statement> {
        Ok(Statement::AlterTable(AlterTable {
            name: names::relation_in(self.relation)?,
            if_exists: self.if_exists,
            only: self.relation.is_some_and(|relation| !relation.inh),
            operations,
            location: None,
            on_cluster: None,
            table_type: None,
            end_token: AttachedToken::empty(),
        }))
    }
}

/// Whether what depends on it goes with it.
fn behaviour(command: &AlterTableCmd) -> Option<DropBehavior> {
    let cascades = command.behavior == protobuf::DropBehavior::DropCascade as i32;
    cascades.then_some(DropBehavior::Cascade)
}

/// Commands about how a table is kept, and not about what is in it.
fn is_idle(command: AlterTableType) -> bool {
    use AlterTableType as T;
    matches!(
        command,
        T::AtSetStatistics
            | T::AtSetOptions
            | T::AtResetOptions
            | T::AtSetStorage
            | T::AtSetCompression
            | T::AtAlterConstraint
            | T::AtValidateConstraint
            | T::AtAddIndexConstraint
            | T::AtAlterColumnGenericOptions
            | T::AtChangeOwner
            | T::AtClusterOn
            | T::AtDropCluster
            | T::AtSetLogged
            | T::AtSetUnLogged
            | T::AtDropOids
            | T::AtSetAccessMethod
            | T::AtSetTableSpace
            | T::AtSetRelOptions
            | T::AtResetRelOptions
            | T::AtReplaceRelOptions
            | T::AtEnableTrig
            | T::AtEnableAlwaysTrig
            | T::AtEnableReplicaTrig
            | T::AtDisableTrig
            | T::AtEnableTrigAll
            | T::AtDisableTrigAll
            | T::AtEnableTrigUser
            | T::AtDisableTrigUser
            | T::AtEnableRule
            | T::AtEnableAlwaysRule
            | T::AtEnableReplicaRule
            | T::AtDisableRule
            | T::AtAddInherit
            | T::AtDropInherit
            | T::AtAddOf
            | T::AtDropOf
            | T::AtReplicaIdentity
            | T::AtEnableRowSecurity
            | T::AtDisableRowSecurity
            | T::AtForceRowSecurity
            | T::AtNoForceRowSecurity
            | T::AtGenericOptions
            | T::AtAttachPartition
            | T::AtDetachPartition
            | T::AtDetachPartitionFinalize
            | T::AtSetIdentity
            | T::AtDropIdentity
    )
}
