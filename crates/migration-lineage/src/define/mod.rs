//! What each statement means: what it reads and writes, and how it changes the catalogue.

mod alter;
mod body;
mod drop;
mod names;
mod policy;
mod routine;
mod table;
mod trigger;
mod view;

use migration_syntax::{Dialect, StatementKind};
use sqlparser::ast::{self, Statement};

use crate::catalogue::{Catalogue, Index, Relation};
use crate::fault::Fault;
use crate::flow::ColumnRef;
use crate::name::{Ident, ObjectName};
use crate::result::Findings;
use crate::walk::{Output, Scope, Walker};

pub(crate) use alter::renamed_table;
pub(crate) use table::names_of;

/// Statements that are read by their words, as their bodies are in languages of their own; none if it is not one.
pub(crate) fn by_words(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Option<Result<(), Fault>> {
    match statement.kind {
        StatementKind::CreateTrigger => Some(trigger::create(statement, catalogue, found)),
        StatementKind::CreateFunction | StatementKind::CreateProcedure => {
            Some(routine::create(statement, catalogue, found))
        }
        StatementKind::Do => Some(routine::block(statement, catalogue, found)),
        StatementKind::DropTrigger => Some(trigger::drop(statement, catalogue)),
        StatementKind::Set | StatementKind::Use => {
            names::set_path(statement.text, catalogue);
            Some(Ok(()))
        }
        StatementKind::Refresh => Some(view::refresh(statement, catalogue, found)),
        StatementKind::Prepare => Some(Err(Fault::Unsupported("a text that is put together when it runs"))),
        StatementKind::AlterTable | StatementKind::Alter => alter::by_words(statement, catalogue, found),
        StatementKind::Drop | StatementKind::DropIndex => drop::by_words(statement, catalogue),
        StatementKind::Create if policy::is_create(statement) => Some(policy::create(statement, catalogue)),
        StatementKind::Create => names::moves_nothing(statement.text).then_some(Ok(())),
        _ => None,
    }
}

/// A statement that was not understood: what it names is kept in the catalogue as something with unknown columns.
pub(crate) fn left_open(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) {
    let words: &[&str] = match statement.kind {
        StatementKind::CreateTable => &["table"],
        StatementKind::CreateView => &["view"],
        StatementKind::AlterTable => &["table"],
        _ => return,
    };
    let Some(name) = names::after(statement.text, catalogue.dialect(), words) else { return };
    match catalogue.relation_mut(&name) {
        Some(known) => known.complete = false,
        None => {
            let mut relation = Relation::table(catalogue.new_name(&name));
            relation.complete = false;
            catalogue.put(relation);
        }
    }
    found.output(&catalogue.canonical(&name));
}

/// A statement's tree.
pub(crate) fn statement(
    statement: &Statement,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    match statement {
        Statement::Query(_)
        | Statement::Insert(_)
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::Merge(_)
        | Statement::Truncate(_)
        | Statement::Copy { .. }
        | Statement::LoadData { .. } => {
            let mut walker = Walker::new(catalogue);
            let made = rows(statement, &mut walker, None)?;
            let more = walker.finish();
            if let Some((table, columns)) = made {
                let mut relation = Relation::table(table);
                relation.complete = !columns.iter().any(Ident::is_star);
                relation.columns = columns
                    .into_iter()
                    .filter(|name| !name.is_star())
                    .map(crate::catalogue::Column::new)
                    .collect();
                catalogue.put(relation);
            }
            found.join(more);
            Ok(())
        }
        Statement::Explain { statement: inner, analyze, .. } => {
            if *analyze {
                self::statement(inner, catalogue, found)
            } else {
                Ok(())
            }
        }
        Statement::CreateTable(create) => table::create(create, catalogue, found),
        Statement::CreateVirtualTable { name, module_name, module_args, .. } => {
            table::create_virtual(name, module_name, module_args, catalogue, found);
            Ok(())
        }
        Statement::CreateView(create) => view::create(create, catalogue, found),
        Statement::AlterView { name, columns, query, .. } => {
            view::put(name, columns, query, false, catalogue, found)
        }
        Statement::AlterTable(alter) => alter::table(alter, catalogue, found),
        Statement::RenameTable(renames) => {
            for rename in renames {
                alter::rename(&rename.old_name, &rename.new_name, catalogue, found);
            }
            Ok(())
        }
        Statement::Drop { object_type, names, cascade, .. } => {
            drop::objects(*object_type, names, *cascade, catalogue, found);
            Ok(())
        }
        Statement::DropFunction(drop) => {
            for function in &drop.func_desc {
                catalogue.remove_routine(&ObjectName::of(&function.name, catalogue.dialect()));
            }
            Ok(())
        }
        Statement::CreateIndex(create) => index(create, catalogue),
        _ => Ok(()),
    }
}

/// A statement that reads and writes rows. What `SELECT … INTO` makes is given back.
pub(crate) fn rows(
    statement: &Statement,
    walker: &mut Walker<'_>,
    parent: Option<&Scope<'_>>,
) -> Result<Option<(ObjectName, Vec<Ident>)>, Fault> {
    let output = match statement {
        Statement::Query(query) => walker.query(query, parent)?,
        Statement::Insert(insert) => walker.insert(insert, parent)?,
        Statement::Update(update) => walker.update(update, parent)?,
        Statement::Delete(delete) => walker.delete(delete, parent)?,
        Statement::Merge(merge) => walker.merge(merge, parent)?,
        Statement::Truncate(truncate) => {
            for target in &truncate.table_names {
                let table = walker.table(&target.name);
                walker.found.output(&table);
            }
            return Ok(None);
        }
        Statement::LoadData { table_name, .. } => {
            let table = walker.table(table_name);
            walker.found.output(&table);
            return Ok(None);
        }
        Statement::Copy { source, to, .. } => return copy(source, *to, walker, parent).map(|()| None),
        _ => return Err(Fault::Unsupported("this statement inside another")),
    };
    if let Some(made) = walker.made.take() {
        return Ok(Some(made));
    }
    if !walker.in_routine {
        result(&output, walker);
    }
    Ok(None)
}

/// What a query gives to whoever asked.
fn result(output: &Output, walker: &mut Walker<'_>) {
    let unnamed = Ident::new("?column?", true, walker.dialect);
    for column in &output.columns {
        let name = column.name.clone().unwrap_or_else(|| unnamed.clone());
        walker.found.result(ColumnRef { table: None, name }, column.flow.clone());
    }
    walker.found.rows(None, &output.rows);
}

fn copy(
    source: &ast::CopySource,
    to: bool,
    walker: &mut Walker<'_>,
    parent: Option<&Scope<'_>>,
) -> Result<(), Fault> {
    match source {
        ast::CopySource::Table { table_name, columns } => {
            let table = walker.table(table_name);
            if to {
                walker.read(&table);
                return Ok(());
            }
            walker.found.output(&table);
            for column in columns {
                let name = walker.ident(column);
                walker.found.column(ColumnRef::new(&table, &name), Default::default());
            }
        }
        ast::CopySource::Query(query) => {
            let output = walker.query(query, parent)?;
            result(&output, walker);
        }
    }
    Ok(())
}

fn index(create: &ast::CreateIndex, catalogue: &mut Catalogue) -> Result<(), Fault> {
    let mut walker = Walker::new(catalogue);
    let table = walker.table(&create.table_name);
    let relation = walker.base(&table, None);
    let scope = Scope::of(vec![relation], None);
    let mut columns = std::collections::BTreeSet::new();
    let keys = create.columns.iter().map(|column| &column.column.expr);
    for expr in keys.chain(&create.predicate) {
        let flow = walker.expr(expr, &scope)?;
        columns.extend(flow.iter().map(|source| source.column.name.clone()));
    }
    columns.extend(create.include.iter().map(|column| walker.ident(column)));
    let name = create.name.as_ref().map(|name| walker.name(name).last());
    catalogue.put_index(Index { name, table, columns, unique: create.unique });
    Ok(())
}

/// Whether the schema in which a name is looked for first can be told from the text.
pub(crate) fn is_postgres(catalogue: &Catalogue) -> bool {
    catalogue.dialect() == Dialect::Postgres
}
