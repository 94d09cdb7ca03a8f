//! What each statement means: what it reads and writes, and how it changes the catalogue.

mod alter;
mod body;
mod cascade;
mod composite;
mod directive;
mod drop;
mod event;
mod index;
mod names;
mod policy;
mod prepared;
mod reread;
mod routine;
mod rule;
mod schema;
mod switch;
mod table;
mod trigger;
mod view;

use std::ops::Range;

use migration_syntax::{Dialect, StatementKind};
use sqlparser::ast::{self, Expr, Statement};

use crate::catalogue::{Catalogue, Index, Relation, RelationKind};
use crate::fault::Fault;
use crate::flow::ColumnRef;
use crate::name::{Ident, ObjectName};
use crate::parse;
use crate::result::{Findings, Unanalysed};
use crate::walk::{Called, Output, Returned, Scope, Walker};

pub(crate) use alter::{aside, guarded_names, renamed_table};
pub(crate) use body::{Texts, is_arguments, is_stand_in};
pub(crate) use cascade::{drop_column, drop_constraint, same_columns};
pub(crate) use names::{mentions, name_behind, words as words_of};
pub(crate) use reread::{Reread, rename_column, reread, views_in_order};
pub(crate) use routine::with_tables;
pub(crate) use table::{leading_columns, names_of};
pub(crate) use view::columns_of;

/// Analyses a statement and applies it to the catalogue.
pub(crate) fn apply(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    if let Some(result) = schema::by_words(statement, catalogue, found) {
        return result;
    }
    if statement.kind == StatementKind::Pragma {
        directive::pragma(statement.text, catalogue);
    }
    if moves_nothing(statement.kind) {
        if statement.kind == StatementKind::CreateType {
            composite::create(statement.text, catalogue);
        }
        return Ok(());
    }
    if catalogue.asks_for_databases() {
        catalogue.meet(&names::tables(statement.text, catalogue.dialect()));
    }
    if let Some(rest) = directive::without(statement, catalogue) {
        return rest.iter().try_for_each(|inner| {
            let mut more = Findings::default();
            let result = apply(inner, catalogue, &mut more);
            found.join(more);
            result
        });
    }
    let without_marks = names::without_marks(statement.text, catalogue.dialect());
    let mut marked = *statement;
    if let Some(text) = &without_marks {
        marked.text = text;
    }
    if let Some(result) = by_words(&marked, catalogue, found) {
        return result;
    }
    let read = parse::with_parsed(statement.text, catalogue.dialect(), |trees| {
        let mut found = Findings::default();
        for tree in trees {
            self::statement(tree, catalogue, &mut found, &(statement.start..statement.end))?;
        }
        Ok(found)
    });
    match read {
        Ok(all) => {
            *found = all;
            if statement.kind == StatementKind::AlterTable {
                trigger::follow_columns(catalogue, found);
            }
            Ok(())
        }
        Err(fault) => {
            left_open(statement, catalogue, found);
            Err(fault)
        }
    }
}

/// Statements that touch no table's columns, whatever they say.
pub(crate) fn moves_nothing(kind: StatementKind) -> bool {
    use StatementKind as K;
    kind.is_transaction_control()
        || matches!(
            kind,
            K::Pragma
                | K::Vacuum
                | K::Analyze
                | K::Reindex
                | K::Cluster
                | K::Optimize
                | K::Attach
                | K::Detach
                | K::Show
                | K::Lock
                | K::Unlock
                | K::Comment
                | K::Grant
                | K::Revoke
                | K::CreateDatabase
                | K::CreateSchema
                | K::CreateType
                | K::CreateSequence
                | K::CreateExtension
                | K::DropDatabase
        )
}

/// How many calls of one statement are followed into what they do to the schema.
const MOST_CALLS: usize = 128;

/// Statements that are read by their words, as their bodies are in languages of their own; none if it is not one.
fn by_words(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Option<Result<(), Fault>> {
    let dialect = catalogue.dialect();
    match statement.kind {
        StatementKind::CreateTrigger => Some(trigger::create(statement, catalogue, found)),
        StatementKind::CreateFunction | StatementKind::CreateProcedure => {
            Some(routine::create(statement, catalogue, found))
        }
        StatementKind::Do => Some(routine::block(statement, catalogue, found)),
        StatementKind::DropTrigger => Some(trigger::drop(statement, catalogue)),
        StatementKind::Set | StatementKind::Use => {
            names::set_path(statement.text, catalogue);
            switch::set(statement.text, catalogue);
            if catalogue.dialect() == Dialect::Mysql && statement.text.contains('@') {
                routine::session(statement, catalogue, found);
            }
            Some(Ok(()))
        }
        StatementKind::Select if names::selects_into_variables(statement.text, catalogue.dialect()) => {
            routine::session(statement, catalogue, found);
            Some(Ok(()))
        }
        StatementKind::Load if catalogue.dialect() == Dialect::Mysql => load(statement, catalogue, found),
        StatementKind::Refresh => Some(view::refresh(statement, catalogue, found)),
        StatementKind::Prepare => Some(prepared::statement(statement, catalogue, found)),
        StatementKind::Create | StatementKind::Alter
            if dialect == Dialect::Mysql && event::define(statement, catalogue, found).is_some() =>
        {
            Some(Ok(()))
        }
        StatementKind::AlterTable | StatementKind::Alter => alter::by_words(statement, catalogue, found),
        StatementKind::Drop | StatementKind::DropIndex => drop::by_words(statement, catalogue),
        StatementKind::Create if dialect == Dialect::Postgres && rule::is_create(statement) => {
            Some(rule::create(statement, catalogue, found))
        }
        StatementKind::Create if policy::is_create(statement) => Some(policy::create(statement, catalogue)),
        StatementKind::Create => names::moves_nothing(statement.text).then_some(Ok(())),
        _ => None,
    }
}

/// MySQL's `LOAD DATA`, with all its clauses: the table that it fills.
fn load(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &Catalogue,
    found: &mut Findings,
) -> Option<Result<(), Fault>> {
    let name = names::after(statement.text, catalogue.dialect(), &["table"])?;
    found.output(&catalogue.canonical(&name));
    Some(Ok(()))
}

/// A statement that was not understood: what it names is kept in the catalogue as something with unknown columns.
fn left_open(statement: &migration_syntax::Statement<'_>, catalogue: &mut Catalogue, found: &mut Findings) {
    let words: &[&str] = match statement.kind {
        StatementKind::CreateTable => &["table"],
        StatementKind::CreateView => &["view"],
        StatementKind::AlterTable => &["table"],
        _ => return,
    };
    let Some(name) = names::after(statement.text, catalogue.dialect(), words) else { return };
    match catalogue.relation_mut(&name) {
        Some(known) => {
            known.complete = false;
            known.unread = true;
        }
        None => {
            let mut relation = Relation::assumed(catalogue.new_name(&name));
            relation.unread = true;
            relation.assumed = statement.kind == StatementKind::AlterTable;
            catalogue.put(relation);
        }
    }
    found.output(&catalogue.canonical(&name));
}

/// A statement's tree; `at` is where its text is.
fn statement(
    statement: &Statement,
    catalogue: &mut Catalogue,
    found: &mut Findings,
    at: &Range<usize>,
) -> Result<(), Fault> {
    match statement {
        Statement::Query(_)
        | Statement::Insert(_)
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::Merge(_)
        | Statement::Truncate(_)
        | Statement::Copy { .. }
        | Statement::Call(_)
        | Statement::LoadData { .. } => {
            let mut walker = Walker::new(catalogue);
            let made = rows(statement, &mut walker, None)?;
            let called = std::mem::take(&mut walker.called);
            let returned = std::mem::take(&mut walker.returned);
            let more = walker.finish();
            for Returned { to, flow } in returned {
                if let [name] = to.as_slice() {
                    catalogue.session.keep(name.clone(), None, flow);
                }
            }
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
            run_called(&called, catalogue, found, at);
            Ok(())
        }
        Statement::Declare { stmts } => {
            // A cursor reads what its query does.
            for query in stmts.iter().filter_map(|declared| declared.for_query.clone()) {
                self::statement(&Statement::Query(query), catalogue, found, at)?;
            }
            Ok(())
        }
        Statement::Explain { statement: inner, analyze, .. } => {
            if *analyze {
                self::statement(inner, catalogue, found, at)
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
            let name = catalogue.canonical(&ObjectName::of(name, catalogue.dialect()));
            view::put(&name, columns, query, RelationKind::View, catalogue, found)
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
    if let Statement::Copy { source, to, .. } = statement {
        return copy(source, *to, walker, parent).map(|()| None);
    }
    let gives =
        !matches!(statement, Statement::Truncate(_) | Statement::LoadData { .. } | Statement::Call(_));
    let output = output_of(statement, walker, parent)?;
    if let Some(made) = walker.made.take() {
        return Ok(Some(made));
    }
    if gives {
        result(&output, walker);
    }
    Ok(None)
}

/// The same, with what it gives.
fn output_of(
    statement: &Statement,
    walker: &mut Walker<'_>,
    parent: Option<&Scope<'_>>,
) -> Result<Output, Fault> {
    match statement {
        Statement::Query(query) => walker.query(query, parent),
        Statement::Insert(insert) => walker.insert(insert, parent),
        Statement::Update(update) => walker.update(update, parent),
        Statement::Delete(delete) => walker.delete(delete, parent),
        Statement::Merge(merge) => walker.merge(merge, parent),
        Statement::Call(function) => {
            let none = Scope::default();
            walker.function(function, parent.unwrap_or(&none))?;
            Ok(Output::default())
        }
        Statement::Truncate(truncate) => {
            for target in &truncate.table_names {
                let table = walker.table(&target.name);
                walker.found.output(&table);
            }
            Ok(Output::default())
        }
        Statement::LoadData { table_name, .. } => {
            let table = walker.table(table_name);
            walker.found.output(&table);
            Ok(Output::default())
        }
        _ => Err(Fault::Unsupported("this statement inside another")),
    }
}

/// Functions that were called and change the schema: what each does, once.
fn run_called(called: &[Called], catalogue: &mut Catalogue, found: &mut Findings, at: &Range<usize>) {
    if catalogue.session.nesting == 0 {
        catalogue.session.calls = 0;
    }
    let mut done: Vec<&Called> = Vec::new();
    for call in called {
        if done.contains(&call) {
            continue;
        }
        catalogue.session.calls += 1;
        if catalogue.session.calls > MOST_CALLS {
            let (start, end, reason) = (at.start, at.end, Fault::TooLarge.to_string());
            found.unanalysed.push(Unanalysed { start, end, reason });
            return;
        }
        done.push(call);
        let texts: Vec<_> = if call.texts.is_empty() {
            let known = |value: &Expr| body::known_texts(value, catalogue);
            call.arguments.iter().map(|value| value.as_ref().map(known)).collect()
        } else {
            call.texts.clone()
        };
        let mut named = catalogue.routines_named(&call.name).iter();
        let Some(routine) = named.find(|routine| routine.signature() == call.signature).cloned() else {
            continue;
        };
        if let Some(more) = routine::call(&routine, &texts, catalogue, at) {
            found.join(more);
        }
    }
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
    walker.follows_calls = false;
    let table = walker.table(&create.table_name);
    let relation = walker.base(&table, None);
    let scope = Scope::of(vec![relation], None);
    let mut columns = std::collections::BTreeSet::new();
    let leading = leading_columns(&create.columns, catalogue.dialect());
    let keys = create.columns.iter().map(|column| &column.column.expr);
    for expr in keys.chain(&create.predicate) {
        let flow = walker.expr(expr, &scope)?;
        columns.extend(flow.iter().map(|source| source.column.name.clone()));
    }
    columns.extend(create.include.iter().map(|column| walker.ident(column)));
    let name = create.name.as_ref().map(|name| walker.name(name).last());
    // Names of indexes are those of a schema; in MySQL, of a table.
    let is_there = |known: &Index| {
        let beside = match catalogue.dialect() {
            Dialect::Mysql => known.table == table,
            _ => known.table.qualifiers() == table.qualifiers(),
        };
        beside && name.is_some() && known.name == name
    };
    if create.if_not_exists && catalogue.indexes().iter().any(is_there) {
        return Ok(());
    }
    catalogue.put_index(Index { name, table, columns, unique: create.unique, keys: leading });
    Ok(())
}

/// Whether the schema in which a name is looked for first can be told from the text.
pub(crate) fn is_postgres(catalogue: &Catalogue) -> bool {
    catalogue.dialect() == Dialect::Postgres
}
