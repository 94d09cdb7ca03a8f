//! `ALTER TABLE`, and what else renames or moves a table.

mod at_once;
mod moved;

use sqlparser::ast::{
    self, AlterColumnOperation, AlterTable, AlterTableOperation as Op, ColumnOption, MySQLColumnPosition,
    RenameTableNameKind,
};

pub(crate) use at_once::aside;
pub(crate) use moved::renamed_table;

use super::cascade::{drop_column, drop_constraint};
use super::drop::remove_views_on;
use super::names;
use super::reread::rename_column;
use super::table::{add_column, add_constraint, compute, generation, resolve_references};
use crate::catalogue::{Catalogue, Parent, Relation};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow, Subtype};
use crate::name::{Ident, ObjectName};
use crate::result::{Findings, SchemaChange};
use crate::walk::{Scope, Walker};

pub(super) fn table(
    alter: &AlterTable,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let mut name = catalogue.canonical(&ObjectName::of(&alter.name, catalogue.dialect()));
    if catalogue.relation(&name).is_none() {
        if alter.if_exists {
            // It is taken for not there: what would be renamed is nothing.
            if !alter.operations.iter().any(|operation| matches!(operation, Op::RenameTable { .. })) {
                found.output(&name);
            }
            return Ok(());
        }
        // Never seen: what is done to it is still worth knowing.
        catalogue.put(Relation::assumed(name.clone()));
    }
    let operations = at_once::operations(alter, &name, catalogue, found);
    for operation in operations.iter() {
        if let Op::RenameTable { table_name: RenameTableNameKind::As(new) | RenameTableNameKind::To(new) } =
            operation
        {
            name = rename(&alter.name, new, catalogue, found);
            continue;
        }
        found.output(&name);
        apply(operation, &name, catalogue, found)?;
        if !alter.only && is_inherited(operation) {
            for child in catalogue.descendants(&name, false) {
                found.output(&child);
                apply(operation, &child, catalogue, found)?;
            }
        }
    }
    Ok(())
}

/// Whether what is done to a table is done to those that inherit from it, and to its partitions.
fn is_inherited(operation: &Op) -> bool {
    matches!(
        operation,
        Op::AddColumn { .. } | Op::DropColumn { .. } | Op::RenameColumn { .. } | Op::AlterColumn { .. }
    )
}

/// `ATTACH PARTITION`, `DETACH PARTITION`, `INHERIT`, `NO INHERIT`: who is whose child from now on.
fn family(name: &ObjectName, words: &[migration_syntax::Token<'_>], catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|token| token.is_word(word));
    let of_partition = is(1, "partition");
    let (begins, at) = match (is(0, "attach") || is(0, "inherit"), is(0, "no") && is(1, "inherit")) {
        (true, _) => (true, 1 + usize::from(of_partition)),
        (_, true) => (false, 2),
        _ if is(0, "detach") && of_partition => (false, 2),
        _ => return,
    };
    let Some((other, _)) = names::name_at(words, at, dialect) else { return };
    let (parent, child) = if of_partition { (name, &other) } else { (&other, name) };
    let table = catalogue.canonical(parent);
    let Some(child) = catalogue.relation_mut(child) else { return };
    child.parents.retain(|known| known.table != table);
    if begins {
        child.parents.push(Parent { table, of_partition });
    }
}

fn apply(
    operation: &Op,
    name: &ObjectName,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let ident = |ident: &ast::Ident| Ident::of(ident, dialect);
    match operation {
        Op::AddColumn { column_def, column_position, if_not_exists, .. } => {
            let column = ident(&column_def.name);
            let known = catalogue.known(name).is_some_and(|relation| relation.column(&column).is_some());
            if *if_not_exists && known {
                return Ok(());
            }
            define_column(column_def, column_position.as_ref(), name, catalogue)?;
            let flow = computed(name, &column, catalogue);
            found.column(ColumnRef::new(name, &column), flow);
        }
        Op::DropColumn { column_names, drop_behavior, .. } => {
            let cascade = matches!(drop_behavior, Some(ast::DropBehavior::Cascade));
            for column in column_names {
                let column = ident(column);
                found.column(ColumnRef::new(name, &column), Flow::default());
                found.changes.push(SchemaChange::DropColumn { table: name.clone(), column: column.clone() });
                if cascade && super::is_postgres(catalogue) {
                    remove_views_on(&ColumnRef::new(name, &column), catalogue, found);
                }
                drop_column(name, &column, cascade, catalogue);
            }
        }
        Op::RenameColumn { old_column_name, new_column_name } => {
            renamed(name, &ident(old_column_name), &ident(new_column_name), catalogue, found);
        }
        Op::ChangeColumn { old_name, new_name, data_type, options, column_position } => {
            let (old, new) = (ident(old_name), ident(new_name));
            if old != new {
                renamed(name, &old, &new, catalogue, found);
            }
            redefine(new_name, data_type, options, column_position.as_ref(), name, catalogue)?;
        }
        Op::ModifyColumn { col_name, data_type, options, column_position } => {
            found.column(ColumnRef::new(name, &ident(col_name)), Flow::default());
            redefine(col_name, data_type, options, column_position.as_ref(), name, catalogue)?;
        }
        Op::AlterColumn { column_name, op } => alter_column(&ident(column_name), op, name, catalogue, found)?,
        Op::AddConstraint { constraint, .. } => {
            let mut indexes = Vec::new();
            let Some(mut relation) = catalogue.known(name).cloned() else { return Ok(()) };
            add_constraint(constraint, &mut relation, &mut indexes, dialect);
            resolve_references(&mut relation, catalogue);
            catalogue.put(relation);
            indexes.into_iter().for_each(|index| catalogue.put_index(index));
        }
        Op::DropConstraint { name: constraint, drop_behavior, .. } => {
            let cascade = matches!(drop_behavior, Some(ast::DropBehavior::Cascade));
            drop_constraint(name, Some(&ident(constraint)), cascade, catalogue);
        }
        Op::DropForeignKey { name: constraint, .. } => {
            drop_constraint(name, Some(&ident(constraint)), false, catalogue);
        }
        Op::DropPrimaryKey { .. } => drop_constraint(name, None, false, catalogue),
        Op::RenameConstraint { old_name, new_name } => {
            let (old, new) = (ident(old_name), ident(new_name));
            if let Some(relation) = catalogue.relation_mut(name) {
                for known in relation.constraints.iter_mut().filter(|known| known.goes_by(&old)) {
                    known.name = Some(new.clone());
                }
            }
        }
        Op::DropIndex { name: index } => catalogue.remove_index(&ident(index)),
        _ => {}
    }
    Ok(())
}

/// Renames a table: its columns come from the old one's.
pub(super) fn rename(
    old: &ast::ObjectName,
    new: &ast::ObjectName,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> ObjectName {
    let dialect = catalogue.dialect();
    rename_to(&ObjectName::of(old, dialect), &ObjectName::of(new, dialect), catalogue, found)
}

pub(super) fn rename_to(
    old: &ObjectName,
    new: &ObjectName,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> ObjectName {
    let old = catalogue.known(old).map_or_else(|| old.clone(), |known| known.name.clone());
    if catalogue.index_named(&old).is_some() {
        // `ALTER TABLE` renames it as well.
        catalogue.rename_index(&old, &new.last());
        return new.clone();
    }
    if catalogue.known(&old).is_none() {
        catalogue.put(Relation::assumed(old.clone()));
    }
    // The new name stays in the old one's schema, unless it says otherwise.
    let new = if new.qualifiers().is_empty() { old.with_last(new.last()) } else { new.clone() };
    found.inputs.insert(old.clone());
    found.output(&new);
    for column in catalogue.known(&old).map(|relation| relation.columns.clone()).unwrap_or_default() {
        let flow = Flow::copy_of(ColumnRef::new(&old, &column.name));
        found.column(ColumnRef::new(&new, &column.name), flow);
    }
    catalogue.rename(&old, &new);
    if super::is_postgres(catalogue) {
        super::trigger::rebind_on(catalogue, &new);
    }
    found.changes.push(SchemaChange::RenameTable { from: old, to: new.clone() });
    new
}

fn renamed(table: &ObjectName, old: &Ident, new: &Ident, catalogue: &mut Catalogue, found: &mut Findings) {
    found.column(ColumnRef::new(table, new), Flow::copy_of(ColumnRef::new(table, old)));
    let shown = rename_column(table, old, new, catalogue);
    for (table, from, to) in [(table.clone(), old.clone(), new.clone())].into_iter().chain(shown) {
        found.changes.push(SchemaChange::RenameColumn { table, from, to });
    }
}

fn define_column(
    column: &ast::ColumnDef,
    position: Option<&MySQLColumnPosition>,
    table: &ObjectName,
    catalogue: &mut Catalogue,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let Some(mut relation) = catalogue.known(table).cloned() else { return Ok(()) };
    let mut indexes = Vec::new();
    add_column(column, &mut relation, &mut indexes, dialect);
    compute(generation(column).map(|expr| (&column.name, expr)).into_iter(), &mut relation, catalogue)?;
    let name = Ident::of(&column.name, dialect);
    if let Some(position) = position
        && let Some(from) = relation.columns.iter().position(|column| column.name == name)
    {
        let column = relation.columns.remove(from);
        let to = match position {
            MySQLColumnPosition::First => 0,
            MySQLColumnPosition::After(other) => {
                let other = Ident::of(other, dialect);
                let found = relation.columns.iter().position(|column| column.name == other);
                found.map_or(relation.columns.len(), |at| at + 1)
            }
        };
        relation.columns.insert(to, column);
    }
    resolve_references(&mut relation, catalogue);
    catalogue.put(relation);
    indexes.into_iter().for_each(|index| catalogue.put_index(index));
    Ok(())
}

fn redefine(
    name: &ast::Ident,
    data_type: &ast::DataType,
    options: &[ColumnOption],
    position: Option<&MySQLColumnPosition>,
    table: &ObjectName,
    catalogue: &mut Catalogue,
) -> Result<(), Fault> {
    let options =
        options.iter().map(|option| ast::ColumnOptionDef { name: None, option: option.clone() }).collect();
    let column = ast::ColumnDef { name: name.clone(), data_type: data_type.clone(), options };
    define_column(&column, position, table, catalogue)
}

fn computed(table: &ObjectName, column: &Ident, catalogue: &Catalogue) -> Flow {
    let relation = catalogue.known(table);
    relation.and_then(|relation| relation.column(column)?.computed.clone()).unwrap_or_default()
}

fn alter_column(
    column: &Ident,
    operation: &AlterColumnOperation,
    table: &ObjectName,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let mut flow = Flow::default();
    if let AlterColumnOperation::SetDataType { using: Some(using), .. } = operation {
        let mut walker = Walker::new(catalogue);
        let own = walker.base(table, None);
        flow = walker.expr(using, &Scope::of(vec![own], None))?.through(Subtype::Transformation);
    }
    found.column(ColumnRef::new(table, column), flow);
    let known = catalogue
        .relation_mut(table)
        .and_then(|relation| relation.columns.iter_mut().find(|c| c.name == *column));
    let Some(known) = known else { return Ok(()) };
    match operation {
        AlterColumnOperation::SetNotNull => known.nullable = false,
        AlterColumnOperation::DropNotNull => known.nullable = true,
        AlterColumnOperation::SetDefault { value } => known.default = Some(value.to_string()),
        AlterColumnOperation::DropDefault => known.default = None,
        AlterColumnOperation::SetDataType { data_type, .. } => known.data_type = data_type.to_string(),
        AlterColumnOperation::AddGenerated { .. } => {}
    }
    Ok(())
}

/// `ALTER … RENAME TO`, `… SET SCHEMA` and what moves nothing at all, by their words.
pub(super) fn by_words(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Option<Result<(), Fault>> {
    let dialect = catalogue.dialect();
    let tokens = names::words(statement.text, dialect);
    let mut at = 1;
    if tokens.get(at)?.is_word("materialized") || tokens.get(at)?.is_word("foreign") {
        at += 1;
    }
    let kind = tokens.get(at)?;
    if ["function", "procedure", "routine"].iter().any(|word| kind.is_word(word)) {
        super::routine::alter(&tokens, catalogue);
        return Some(Ok(()));
    }
    if kind.is_word("type") {
        super::composite::alter(&tokens, catalogue);
        return Some(Ok(()));
    }
    if kind.is_word("index") {
        super::index::alter(&tokens, catalogue);
        return Some(Ok(()));
    }
    if !(kind.is_word("table") || kind.is_word("view")) {
        let other = migration_syntax::StatementKind::Alter == statement.kind;
        return other.then_some(Ok(()));
    }
    let guarded = tokens.get(at + 1).is_some_and(|token| token.is_word("if"));
    let (name, mut at) = names::name_at(&tokens, names::skip_guards(&tokens, at + 1), dialect)?;
    let is_nothing = guarded && catalogue.relation(&name).is_none();
    if tokens.get(at).is_some_and(|token| token.text == "*") {
        at += 1;
    }
    let [first, second, rest @ ..] = tokens.get(at..)? else { return None };
    if first.is_word("rename") && second.is_word("to") {
        let (new, end) = names::name_at(rest, 0, dialect)?;
        if end == rest.len() {
            if is_nothing {
                return Some(Ok(()));
            }
            rename_to(&name, &new, catalogue, found);
            return Some(Ok(()));
        }
    }
    if first.is_word("set") && second.is_word("schema") {
        if is_nothing {
            return Some(Ok(()));
        }
        let schema = names::ident(rest.first()?, dialect)?;
        let moved = ObjectName::from_parts(&[schema, name.last()]);
        rename_to(&name, &moved, catalogue, found);
        return Some(Ok(()));
    }
    // One operation that is about no column: owners, storage, row security, triggers switched off.
    let one = !rest.iter().any(|token| token.text == ",");
    let idle = (first.is_word("owner") && second.is_word("to"))
        || ((first.is_word("enable")
            || first.is_word("disable")
            || first.is_word("force")
            || first.is_word("no"))
            && one)
        || (first.is_word("set")
            && (second.text == "(" || second.is_word("tablespace") || second.is_word("without")))
        || (first.is_word("reset") || first.is_word("cluster") || first.is_word("replica"))
        || ((first.is_word("attach") || first.is_word("detach")) && second.is_word("partition"));
    if idle || first.is_word("inherit") {
        family(&catalogue.canonical(&name), &tokens[at..], catalogue);
        found.output(&catalogue.canonical(&name));
        return Some(Ok(()));
    }
    None
}

/// The names behind `IF NOT EXISTS`.
pub(crate) fn guarded_names(text: &str, dialect: migration_syntax::Dialect) -> Vec<Ident> {
    let tokens = names::words(text, dialect);
    let guards = |window: &[migration_syntax::Token<'_>]| {
        ["if", "not", "exists"].iter().zip(window).all(|(word, token)| token.is_word(word))
    };
    let guarded = tokens.windows(4).filter(|window| guards(window));
    guarded.filter_map(|window| names::ident(&window[3], dialect)).collect()
}
