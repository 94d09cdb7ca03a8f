//! What is done to a schema, or to a database of MySQL, with all that is in it.

use migration_syntax::{Dialect, StatementKind, split};

use super::{alter, drop, names};
use crate::catalogue::Catalogue;
use crate::fault::Fault;
use crate::name::{Ident, ObjectName};
use crate::result::{Findings, Unanalysed};

/// Statements about a schema as a whole; none if it is not one, or one that touches nothing in it.
pub(super) fn by_words(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Option<Result<(), Fault>> {
    let dialect = catalogue.dialect();
    let tokens = || names::words(statement.text, dialect);
    match (statement.kind, dialect) {
        (StatementKind::CreateSchema, Dialect::Postgres) => {
            elements(statement, catalogue, found);
            Some(Ok(()))
        }
        (StatementKind::DropDatabase, Dialect::Mysql) => {
            let tokens = tokens();
            let (name, _) = names::name_at(&tokens, names::skip_guards(&tokens, 2), dialect)?;
            remove(&name.last(), catalogue, found);
            Some(Ok(()))
        }
        (StatementKind::Alter, Dialect::Postgres) => {
            let tokens = tokens();
            tokens.get(1).filter(|token| token.is_word("schema"))?;
            let (old, at) = names::name_at(&tokens, 2, dialect)?;
            if tokens.get(at)?.is_word("rename") && tokens.get(at + 1)?.is_word("to") {
                let new = names::ident(tokens.get(at + 2)?, dialect)?;
                rename(&old.last(), &new, catalogue, found);
            }
            Some(Ok(()))
        }
        _ => None,
    }
}

/// What stands in a `CREATE SCHEMA` is made in the schema, and looks for names there first.
fn elements(statement: &migration_syntax::Statement<'_>, catalogue: &mut Catalogue, found: &mut Findings) {
    let dialect = catalogue.dialect();
    let tokens = names::words(statement.text, dialect);
    let mut at = names::skip_guards(&tokens, 2);
    if tokens.get(at).is_some_and(|token| token.is_word("authorization")) {
        // The schema is called as its owner is.
        at += 1;
    }
    let Some(schema) = tokens.get(at).and_then(|token| names::ident(token, dialect)) else { return };
    let mut depth = 0usize;
    let mut starts = Vec::new();
    for token in tokens.iter().skip(at + 1) {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth == 0 && (token.is_word("create") || token.is_word("grant")) => {
                starts.push(token.start);
            }
            _ => {}
        }
    }
    catalogue.path.insert(0, schema);
    let ends = starts.iter().skip(1).copied().chain([statement.text.len()]);
    for (start, end) in starts.iter().copied().zip(ends) {
        let statements = statement.text.get(start..end).and_then(|text| split(text, dialect).ok());
        for mut inner in statements.into_iter().flatten() {
            inner.start += statement.start + start;
            inner.end += statement.start + start;
            let mut more = Findings::default();
            if let Err(fault) = super::apply(&inner, catalogue, &mut more) {
                let (start, end, reason) = (inner.start, inner.end, fault.to_string());
                more.unanalysed.push(Unanalysed { start, end, reason });
            }
            found.join(more);
        }
    }
    catalogue.path.remove(0);
}

/// All that is in a schema is called otherwise.
fn rename(old: &Ident, new: &Ident, catalogue: &mut Catalogue, found: &mut Findings) {
    for name in catalogue.inside(old) {
        let moved = ObjectName::from_parts(&[new.clone(), name.last()]);
        alter::rename_to(&name, &moved, catalogue, found);
    }
    catalogue.rename_routines(old, new);
}

/// A schema goes with all that is in it, and with what other schemas have that depends on it.
pub(super) fn remove(schema: &Ident, catalogue: &mut Catalogue, found: &mut Findings) {
    let inside = catalogue.inside(schema);
    for name in &inside {
        found.output(name);
        catalogue.remove(name);
    }
    catalogue.remove_routines(schema);
    if super::is_postgres(catalogue) {
        drop::remove_views_of(inside, catalogue, found);
    }
}
