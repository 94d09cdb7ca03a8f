//! Statements about something that nothing has made: a column that is set `NOT NULL`, an index that is dropped. What depends on
//! it is nobody's business here, but a name that is misspelt is.

use migration_syntax::{Dialect, Token};
use sqlparser::ast::{self, AlterColumnOperation, AlterTableOperation as Op, Expr, Statement};

use super::change::{Change, ChangeKind};
use crate::catalogue::{Catalogue, ConstraintKind, Relation};
use crate::define;
use crate::name::{Ident, ObjectName};

/// What a tree names besides what it changes, where that is not there.
pub(super) fn named(statement: &Statement, catalogue: &Catalogue) -> Vec<Change> {
    let dialect = catalogue.dialect();
    let table = |name: &ast::ObjectName| catalogue.canonical(&ObjectName::of(name, dialect));
    let uses = |table: &ObjectName, column: Option<Ident>| {
        let change = Change::new(table.clone(), ChangeKind::Use { column, may_be_null: false }, None);
        change.unknown(catalogue).map(|_| change)
    };
    match statement {
        Statement::CreateIndex(create) if dialect == Dialect::Postgres => {
            let table = table(&create.table_name);
            let names = create.columns.iter().filter_map(|column| match &column.column.expr {
                Expr::Identifier(name) => Some(Ident::of(name, dialect)),
                _ => None,
            });
            let names = std::iter::once(None).chain(names.map(Some));
            names.filter_map(|name| uses(&table, name)).take(1).collect()
        }
        Statement::Truncate(truncate) if !truncate.if_exists => {
            truncate.table_names.iter().filter_map(|target| uses(&table(&target.name), None)).collect()
        }
        _ => Vec::new(),
    }
}

/// The column that an operation changes something of but its name, type or being there.
pub(super) fn of_column(operation: &Op, dialect: Dialect) -> Option<ChangeKind> {
    let Op::AlterColumn { column_name, op } = operation else { return None };
    let may_be_null = match op {
        AlterColumnOperation::SetDataType { .. } => return None,
        AlterColumnOperation::DropNotNull => true,
        _ => false,
    };
    Some(ChangeKind::Use { column: Some(Ident::of(column_name, dialect)), may_be_null })
}

/// PostgreSQL: why a column can't be without a value.
pub(super) fn keeps_not_null(catalogue: &Catalogue, change: &Change) -> Option<String> {
    let ChangeKind::Use { column: Some(column), may_be_null: true } = &change.kind else { return None };
    let key = catalogue.primary_key(&change.table);
    let is_key = catalogue.dialect() == Dialect::Postgres && key.contains(column);
    is_key.then(|| format!("{column} is in the primary key of {}", change.table))
}

/// PostgreSQL: an index or constraint that is dropped and was never made.
pub(super) fn dropped(catalogue: &Catalogue, change: &Change) -> Option<String> {
    if catalogue.dialect() != Dialect::Postgres || change.if_exists {
        return None;
    }
    match &change.kind {
        ChangeKind::DropIndex(_) => {
            let name = change.table.last();
            let is_index = catalogue.indexes().iter().any(|index| index.name.as_ref() == Some(&name));
            let known =
                is_index || catalogue.relations().any(|relation| may_have(catalogue, relation, &name));
            (!known).then(|| change.table.to_string())
        }
        ChangeKind::DropConstraint(Some(name)) => {
            let relation = catalogue.known(&change.table)?;
            // Those of a parent are theirs too, and what `NOT NULL` is called depends on the version.
            let known = !relation.complete
                || !relation.parents.is_empty()
                || relation.constraints.iter().any(|known| known.goes_by(name))
                || name.as_str().ends_with("_not_null");
            (!known).then(|| format!("{}.{name}", change.table))
        }
        _ => None,
    }
}

/// Whether a table may have an index of the name that no statement has named: of a key, of a parent, or one that was given none.
fn may_have(catalogue: &Catalogue, relation: &Relation, name: &Ident) -> bool {
    let of_key = relation.constraints.iter().any(|known| {
        !matches!(known.kind, ConstraintKind::Check | ConstraintKind::ForeignKey) && known.goes_by(name)
    });
    let unnamed = || {
        !relation.complete
            || !relation.parents.is_empty()
            || catalogue.indexes().iter().any(|index| index.name.is_none() && index.table == relation.name)
    };
    of_key || name.as_str().starts_with(&format!("{}_", relation.name.last())) && unnamed()
}

/// Statements that are read by their words: none if it is another, and no change if it changes nothing that others see.
pub(super) fn by_words(text: &str, catalogue: &Catalogue) -> Option<Vec<Change>> {
    if catalogue.dialect() != Dialect::Postgres {
        return None;
    }
    let tokens = define::words_of(text, catalogue.dialect());
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token: &Token<'_>| token.is_word(word));
    if is(0, "alter") && is(1, "sequence") {
        return Some(Vec::new());
    }
    if is(0, "alter") && is(1, "table") {
        let (name, at) = define::name_behind(&tokens, 2, catalogue.dialect())?;
        let family = (is(at, "attach") || is(at, "detach")) && is(at + 1, "partition");
        let table = catalogue.canonical(&name);
        let change = Change::new(table, ChangeKind::Use { column: None, may_be_null: false }, None);
        return family.then(|| change.unknown(catalogue).map(|_| change).into_iter().collect());
    }
    if is(0, "drop") && is(1, "trigger") && !is(2, "if") {
        let (name, at) = define::name_behind(&tokens, 2, catalogue.dialect())?;
        let (table, _) =
            define::name_behind(&tokens, at + 1, catalogue.dialect()).filter(|_| is(at, "on"))?;
        let table = catalogue.canonical(&table);
        let relation = catalogue.known(&table);
        let is_there =
            |trigger: &crate::catalogue::Trigger| trigger.name == name.last() && trigger.table == table;
        let lost = match relation {
            None => table.to_string(),
            Some(relation) if relation.parents.is_empty() && !catalogue.triggers().iter().any(is_there) => {
                format!("{table}.{}", name.last())
            }
            Some(_) => return Some(Vec::new()),
        };
        return Some(vec![Change::new(table, ChangeKind::Missing(lost), None)]);
    }
    None
}
