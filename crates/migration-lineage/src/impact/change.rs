//! Which change a statement makes.

pub(super) mod together;

use migration_syntax::Dialect;
use sqlparser::ast::{
    self, AlterTableOperation as Op, ObjectType, RenameTableNameKind, Statement, TableConstraint,
};
use together::Together;

use super::absent;
use crate::catalogue::{Catalogue, RelationKind};
use crate::define;
use crate::name::{Ident, ObjectName};

/// A change of one table or view.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) table: ObjectName,
    pub(super) kind: ChangeKind,
    /// What the statement takes the table or view for, where it says so.
    pub(super) said: Option<RelationKind>,
    /// Whether what depends on it goes with it.
    pub(super) cascade: bool,
    /// Whether nothing is to happen where it isn't there; of a new column, where it is.
    pub(super) if_exists: bool,
    /// PostgreSQL: whether those that inherit from the table are left as they are.
    pub(super) only: bool,
    /// Which of the statements of a block it is of.
    pub(super) statement: usize,
    /// The columns of indexes that the same statement makes, in order.
    pub(super) adds: Vec<Vec<Ident>>,
    /// MySQL: of an `ALTER TABLE`, what all of its actions come to.
    pub(super) together: Option<Together>,
    /// MySQL: the column behind which a column is put.
    pub(super) behind: Option<Ident>,
}

/// What is done to it.
#[derive(Debug, Clone)]
pub(super) enum ChangeKind {
    Drop,
    /// The new name, in full.
    Rename(ObjectName),
    AddColumn(ast::ColumnDef),
    DropColumn(Ident),
    RenameColumn(Ident, Ident),
    AlterType(Ident, NewType),
    /// A constraint by its name; without one the primary key.
    DropConstraint(Option<Ident>),
    /// The index is what goes by the name of the table; the table, if it is said.
    DropIndex(Option<ObjectName>),
    /// A view gets another query, which gives these columns.
    ReplaceView(Vec<Ident>),
    /// Something else about a table, or a column of it, that has to be there.
    Use {
        column: Option<Ident>,
        /// Whether the column may have no value from then on.
        may_be_null: bool,
    },
    /// Something is taken away that nothing has made.
    Missing(String),
}

/// What a column becomes.
#[derive(Debug, Clone)]
pub(super) struct NewType {
    /// The type as it is written.
    pub(super) name: String,
    pub(super) not_null: bool,
    /// Whether a character set or collation is said, of which the catalogue knows nothing.
    pub(super) charset: bool,
}

impl NewType {
    fn of(data_type: &ast::DataType, options: &[ast::ColumnOption]) -> Self {
        let is = |holds: fn(&ast::ColumnOption) -> bool| options.iter().any(holds);
        NewType {
            name: data_type.to_string(),
            not_null: is(|option| matches!(option, ast::ColumnOption::NotNull)),
            charset: is(|option| {
                matches!(option, ast::ColumnOption::CharacterSet(_) | ast::ColumnOption::Collation(_))
            }),
        }
    }
}

impl Change {
    pub(super) fn new(table: ObjectName, kind: ChangeKind, said: Option<RelationKind>) -> Self {
        Self {
            table,
            kind,
            said,
            cascade: false,
            if_exists: false,
            only: false,
            statement: 0,
            adds: Vec::new(),
            together: None,
            behind: None,
        }
    }

    /// The table or column that is changed, or taken away, and that the catalogue doesn't have.
    pub(super) fn unknown(&self, catalogue: &Catalogue) -> Option<String> {
        if self.if_exists {
            return None;
        }
        match &self.kind {
            ChangeKind::DropIndex(_) => return absent::dropped(catalogue, self),
            ChangeKind::Missing(name) => return Some(name.clone()),
            _ => {}
        }
        let Some(relation) = catalogue.known(&self.table) else { return Some(self.table.to_string()) };
        if relation.unread && !matches!(self.kind, ChangeKind::Drop | ChangeKind::Rename(_)) {
            // What it is made of was not understood, so anything may be in the way.
            return Some(self.table.to_string());
        }
        if let ChangeKind::DropConstraint(_) = &self.kind {
            return absent::dropped(catalogue, self);
        }
        let is_twice = |column: &Ident| self.together.as_ref().is_some_and(|all| all.frees_twice(column));
        let is_there = |column: &&Ident| {
            relation.columns.iter().any(|known| known.name == **column) && !is_twice(column)
        };
        let is_given =
            |column: &&Ident| self.together.as_ref().is_some_and(|together| together.gives(column));
        let behind = self.behind.as_ref().filter(|behind| !is_given(behind));
        let used = match &self.kind {
            ChangeKind::Use { column, .. } => column.as_ref(),
            _ => self.column(),
        };
        let named = used.into_iter().chain(behind).filter(|_| relation.complete || relation.assumed);
        let missing = named.into_iter().find(|column| !is_there(column))?;
        Some(format!("{}.{missing}", self.table))
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

    /// Makes the change, as far as it matters to others of the same statement.
    pub(super) fn make(&self, catalogue: &mut Catalogue) {
        let dialect = catalogue.dialect();
        match &self.kind {
            ChangeKind::Drop => drop(catalogue.remove(&self.table)),
            ChangeKind::Rename(to) => catalogue.rename(&self.table, to),
            ChangeKind::RenameColumn(old, new) => {
                define::rename_column(&self.table, old, new, catalogue);
            }
            ChangeKind::DropConstraint(name) => {
                define::drop_constraint(&self.table, name.as_ref(), false, catalogue);
            }
            ChangeKind::DropColumn(column) => {
                define::drop_column(&self.table, column, self.cascade, catalogue);
            }
            ChangeKind::AddColumn(column) => {
                let column = crate::catalogue::Column::new(Ident::of(&column.name, dialect));
                if let Some(relation) = catalogue.relation_mut(&self.table)
                    && relation.column(&column.name).is_none()
                {
                    relation.columns.push(column);
                }
            }
            ChangeKind::AlterType(..)
            | ChangeKind::DropIndex(_)
            | ChangeKind::ReplaceView(_)
            | ChangeKind::Use { .. }
            | ChangeKind::Missing(_) => {}
        }
    }
}

/// What a tree changes.
pub(super) fn of(statement: &Statement, catalogue: &Catalogue) -> Vec<Change> {
    let dialect = catalogue.dialect();
    let table = |name: &ast::ObjectName| catalogue.canonical(&ObjectName::of(name, dialect));
    match statement {
        Statement::Drop { object_type, names, cascade, if_exists, table: of_table, .. } => {
            let (kind, said) = match object_type {
                ObjectType::Table => (ChangeKind::Drop, Some(RelationKind::Table)),
                ObjectType::View => (ChangeKind::Drop, Some(RelationKind::View)),
                ObjectType::MaterializedView => (ChangeKind::Drop, Some(RelationKind::MaterializedView)),
                ObjectType::Index => (ChangeKind::DropIndex(of_table.as_ref().map(table)), None),
                _ => return Vec::new(),
            };
            let (cascade, if_exists) = (*cascade, *if_exists);
            let change = |name| Change { cascade, if_exists, ..Change::new(table(name), kind.clone(), said) };
            names.iter().map(change).collect()
        }
        Statement::RenameTable(renames) => {
            let change = |rename: &ast::RenameTable| {
                let old = table(&rename.old_name);
                let new = ObjectName::of(&rename.new_name, dialect);
                renamed(old, &new, None)
            };
            renames.iter().map(change).collect()
        }
        Statement::AlterTable(alter) => {
            let name = table(&alter.name);
            let adds: Vec<_> = alter.operations.iter().filter_map(|op| added_index(op, catalogue)).collect();
            let change = |change: Change| Change {
                if_exists: change.if_exists || alter.if_exists,
                only: alter.only,
                adds: adds.clone(),
                ..change
            };
            let changes =
                alter.operations.iter().flat_map(|operation| operations(&name, operation, catalogue));
            let mut changes: Vec<_> = changes.map(change).collect();
            if dialect == Dialect::Mysql {
                let together = Together::of(&changes, catalogue);
                changes.iter_mut().for_each(|change| change.together = Some(together.clone()));
            }
            changes
        }
        Statement::CreateView(create) if create.or_replace => {
            let given = create.columns.iter().map(|column| &column.name);
            replaced(&create.name, &given.collect::<Vec<_>>(), &create.query, catalogue)
        }
        Statement::AlterView { name, columns, query, .. } => {
            replaced(name, &columns.iter().collect::<Vec<_>>(), query, catalogue)
        }
        other => absent::named(other, catalogue),
    }
}

fn renamed(old: ObjectName, new: &ObjectName, said: Option<RelationKind>) -> Change {
    let new = if new.qualifiers().is_empty() { old.with_last(new.last()) } else { new.clone() };
    Change::new(old, ChangeKind::Rename(new), said)
}

/// A view that is there, and whose columns are known before and after.
fn replaced(
    name: &ast::ObjectName,
    given: &[&ast::Ident],
    query: &ast::Query,
    catalogue: &Catalogue,
) -> Vec<Change> {
    let name = ObjectName::of(name, catalogue.dialect());
    let known = catalogue.relation(&name).filter(|relation| relation.view.is_some() && relation.complete);
    let Some(known) = known else { return Vec::new() };
    let given: Vec<_> = given.iter().map(|name| Ident::of(name, catalogue.dialect())).collect();
    let columns = define::columns_of(query, &given, catalogue);
    let change = |columns| Change::new(known.name.clone(), ChangeKind::ReplaceView(columns), None);
    columns.map(change).into_iter().collect()
}

/// What an operation changes.
fn operations(table: &ObjectName, operation: &Op, catalogue: &Catalogue) -> Vec<Change> {
    let ident = |name: &ast::Ident| Ident::of(name, catalogue.dialect());
    let change = |kind| Change::new(table.clone(), kind, Some(RelationKind::Table));
    let one = |kind| vec![change(kind)];
    let behind = |position: &Option<ast::MySQLColumnPosition>| match position {
        Some(ast::MySQLColumnPosition::After(other)) => Some(ident(other)),
        Some(ast::MySQLColumnPosition::First) | None => None,
    };
    let cascades =
        |behaviour: &Option<ast::DropBehavior>| matches!(behaviour, Some(ast::DropBehavior::Cascade));
    match operation {
        Op::AddColumn { column_def, if_not_exists, column_position, .. } => {
            let kind = ChangeKind::AddColumn(column_def.clone());
            vec![Change { if_exists: *if_not_exists, behind: behind(column_position), ..change(kind) }]
        }
        Op::DropColumn { column_names, drop_behavior, if_exists, .. } => {
            let (cascade, if_exists) = (cascades(drop_behavior), *if_exists);
            let dropped = |column| {
                let kind = ChangeKind::DropColumn(ident(column));
                Change { cascade, if_exists, ..change(kind) }
            };
            column_names.iter().map(dropped).collect()
        }
        Op::RenameColumn { old_column_name, new_column_name } => {
            one(ChangeKind::RenameColumn(ident(old_column_name), ident(new_column_name)))
        }
        Op::RenameTable { table_name: RenameTableNameKind::As(new) | RenameTableNameKind::To(new) } => {
            let new = ObjectName::of(new, catalogue.dialect());
            vec![renamed(table.clone(), &new, Some(RelationKind::Table))]
        }
        Op::ModifyColumn { col_name, data_type, options, column_position } => {
            let kind = ChangeKind::AlterType(ident(col_name), NewType::of(data_type, options));
            vec![Change { behind: behind(column_position), ..change(kind) }]
        }
        Op::ChangeColumn { old_name, new_name, data_type, options, column_position } => {
            let (old, new) = (ident(old_name), ident(new_name));
            let retyped = change(ChangeKind::AlterType(old.clone(), NewType::of(data_type, options)));
            let retyped = Change { behind: behind(column_position), ..retyped };
            if old == new { vec![retyped] } else { vec![change(ChangeKind::RenameColumn(old, new)), retyped] }
        }
        Op::AlterColumn { column_name, op: ast::AlterColumnOperation::SetDataType { data_type, .. } } => {
            one(ChangeKind::AlterType(ident(column_name), NewType::of(data_type, &[])))
        }
        Op::DropConstraint { name, drop_behavior, if_exists, .. } => {
            let kind = ChangeKind::DropConstraint(Some(ident(name)));
            vec![Change { cascade: cascades(drop_behavior), if_exists: *if_exists, ..change(kind) }]
        }
        Op::DropForeignKey { name, .. } => one(ChangeKind::DropConstraint(Some(ident(name)))),
        Op::DropPrimaryKey { .. } => one(ChangeKind::DropConstraint(None)),
        Op::DropIndex { name } => {
            let index = ObjectName::from_parts(&[ident(name)]);
            vec![Change::new(index, ChangeKind::DropIndex(Some(table.clone())), None)]
        }
        other => {
            let other = absent::of_column(other, catalogue.dialect()).map(change);
            let matters = |change: &Change| {
                change.unknown(catalogue).is_some() || absent::keeps_not_null(catalogue, change).is_some()
            };
            other.filter(matters).into_iter().collect()
        }
    }
}

/// The columns of an index that an operation makes.
fn added_index(operation: &Op, catalogue: &Catalogue) -> Option<Vec<Ident>> {
    let Op::AddConstraint { constraint, .. } = operation else { return None };
    let columns = match constraint {
        TableConstraint::PrimaryKey(key) => &key.columns,
        TableConstraint::Unique(key) => &key.columns,
        TableConstraint::Index(key) => &key.columns,
        _ => return None,
    };
    Some(define::leading_columns(columns, catalogue.dialect()))
}

/// `ADD COLUMN IF NOT EXISTS` in MariaDB, which the tree doesn't say.
pub(super) fn guard(text: &str, changes: &mut [Change], dialect: Dialect) {
    if dialect != Dialect::Mysql || changes.iter().all(|change| change.if_exists) {
        return;
    }
    let guarded = define::guarded_names(text, dialect);
    for change in changes {
        if let ChangeKind::AddColumn(column) = &change.kind {
            change.if_exists |= guarded.contains(&Ident::of(&column.name, dialect));
        }
    }
}

/// Statements that the parser reads in other words.
pub(super) fn by_words(text: &str, catalogue: &Catalogue) -> Option<Change> {
    let moved = define::renamed_table(text, catalogue.dialect())?;
    let old = catalogue.canonical(&moved.from);
    Some(renamed(old, &moved.to, Some(moved.said)))
}
