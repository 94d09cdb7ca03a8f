//! Which change a statement makes.

use sqlparser::ast::{self, AlterTableOperation as Op, ObjectType, RenameTableNameKind, Statement};

use crate::catalogue::Catalogue;
use crate::name::{Ident, ObjectName};

/// A change of one table or view.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) table: ObjectName,
    pub(super) kind: ChangeKind,
    /// Whether what depends on it goes with it.
    pub(super) cascade: bool,
    /// Whether nothing is to happen where it isn't there.
    pub(super) if_exists: bool,
}

/// What is done to it.
#[derive(Debug, Clone)]
pub(super) enum ChangeKind {
    Drop,
    Rename,
    AddColumn(ast::ColumnDef),
    DropColumn(Ident),
    RenameColumn(Ident, Ident),
    /// The column, and its new type as it is written.
    AlterType(Ident, String),
    DropIndex,
}

impl Change {
    fn renamed(table: ObjectName) -> Self {
        Self { table, kind: ChangeKind::Rename, cascade: false, if_exists: false }
    }

    /// The table or column that is changed, or taken away, and that the catalogue doesn't have.
    pub(super) fn unknown(&self, catalogue: &Catalogue) -> Option<String> {
        if self.if_exists || matches!(self.kind, ChangeKind::DropIndex | ChangeKind::AddColumn(_)) {
            return None;
        }
        let Some(relation) = catalogue.known(&self.table) else { return Some(self.table.to_string()) };
        let column = self.column().filter(|_| relation.complete)?;
        let is_there = relation.columns.iter().any(|known| known.name == *column);
        (!is_there).then(|| format!("{}.{column}", self.table))
    }

    /// The column that is there before the change and is changed.
    pub(super) fn column(&self) -> Option<&Ident> {
        match &self.kind {
            ChangeKind::DropColumn(column)
            | ChangeKind::RenameColumn(column, _)
            | ChangeKind::AlterType(column, _) => Some(column),
            _ => None,
        }
    }
}

/// What a tree changes.
pub(super) fn of(statement: &Statement, catalogue: &Catalogue) -> Vec<Change> {
    let dialect = catalogue.dialect();
    let table = |name: &ast::ObjectName| catalogue.canonical(&ObjectName::of(name, dialect));
    match statement {
        Statement::Drop { object_type, names, cascade, if_exists, .. } => {
            let kind = match object_type {
                ObjectType::Table | ObjectType::View | ObjectType::MaterializedView => ChangeKind::Drop,
                ObjectType::Index => ChangeKind::DropIndex,
                _ => return Vec::new(),
            };
            let (cascade, if_exists) = (*cascade, *if_exists);
            let change = |name| Change { table: table(name), kind: kind.clone(), cascade, if_exists };
            names.iter().map(change).collect()
        }
        Statement::RenameTable(renames) => {
            renames.iter().map(|rename| Change::renamed(table(&rename.old_name))).collect()
        }
        Statement::AlterTable(alter) => {
            let name = table(&alter.name);
            let change = |(kind, cascade, if_exists)| Change {
                table: name.clone(),
                kind,
                cascade,
                if_exists: if_exists || alter.if_exists,
            };
            alter
                .operations
                .iter()
                .flat_map(|operation| operations(operation, catalogue))
                .map(change)
                .collect()
        }
        _ => Vec::new(),
    }
}

/// What an operation changes, whether with what depends on it, and whether only if it is there.
fn operations(operation: &Op, catalogue: &Catalogue) -> Vec<(ChangeKind, bool, bool)> {
    let ident = |name: &ast::Ident| Ident::of(name, catalogue.dialect());
    let one = |kind| vec![(kind, false, false)];
    match operation {
        Op::AddColumn { column_def, .. } => one(ChangeKind::AddColumn(column_def.clone())),
        Op::DropColumn { column_names, drop_behavior, if_exists, .. } => {
            let cascade = matches!(drop_behavior, Some(ast::DropBehavior::Cascade));
            let dropped = |column| (ChangeKind::DropColumn(ident(column)), cascade, *if_exists);
            column_names.iter().map(dropped).collect()
        }
        Op::RenameColumn { old_column_name, new_column_name } => {
            one(ChangeKind::RenameColumn(ident(old_column_name), ident(new_column_name)))
        }
        Op::RenameTable { table_name: RenameTableNameKind::As(_) | RenameTableNameKind::To(_) } => {
            one(ChangeKind::Rename)
        }
        Op::ModifyColumn { col_name, data_type, .. } => {
            one(ChangeKind::AlterType(ident(col_name), data_type.to_string()))
        }
        Op::ChangeColumn { old_name, new_name, data_type, .. } => {
            let (old, new) = (ident(old_name), ident(new_name));
            let retyped = (ChangeKind::AlterType(old.clone(), data_type.to_string()), false, false);
            if old == new {
                vec![retyped]
            } else {
                vec![(ChangeKind::RenameColumn(old, new), false, false), retyped]
            }
        }
        Op::AlterColumn { column_name, op: ast::AlterColumnOperation::SetDataType { data_type, .. } } => {
            one(ChangeKind::AlterType(ident(column_name), data_type.to_string()))
        }
        _ => Vec::new(),
    }
}

/// Statements that the parser reads in other words.
pub(super) fn by_words(text: &str, catalogue: &Catalogue) -> Option<Change> {
    let (name, renamed) = crate::define::renamed_table(text, catalogue.dialect())?;
    renamed.then(|| Change::renamed(catalogue.canonical(&name)))
}
