//! `PREPARE`, `EXECUTE` and `DEALLOCATE` outside of a body.

use migration_syntax::{Dialect, split};

use super::{body, names, routine};
use crate::catalogue::Catalogue;
use crate::fault::Fault;
use crate::result::Findings;

/// MySQL prepares a text, which is read if it can be told; PostgreSQL the statement itself.
pub(super) fn statement(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
    found: &mut Findings,
) -> Result<(), Fault> {
    let dialect = catalogue.dialect();
    let tokens = names::words(statement.text, dialect);
    let is = |word: &str| tokens.first().is_some_and(|first| first.is_word(word));
    if is("deallocate") || is("drop") {
        return Ok(());
    }
    if dialect == Dialect::Mysql {
        routine::session(statement, catalogue, found);
        return Ok(());
    }
    let unknown = || Fault::Unsupported("a text that is put together when it runs");
    let (name, at) = names::name_at(&tokens, 1, dialect).ok_or_else(unknown)?;
    if is("prepare") {
        let start = tokens.iter().position(|token| token.is_word("as")).and_then(|at| tokens.get(at + 1));
        let text = start.and_then(|start| statement.text.get(start.start..)).ok_or_else(unknown)?;
        catalogue.session.prepare(name.last(), Some([text.to_owned()].into()));
        return Ok(());
    }
    let texts = catalogue.session.prepared(&name.last()).cloned().flatten().ok_or_else(unknown)?;
    let values = tokens.get(at + 1..tokens.len().saturating_sub(1)).unwrap_or_default();
    let values: Vec<String> = body::split_list(values).into_iter().map(body::join).collect();
    for text in texts {
        let filled = body::filled(&text, &values, dialect);
        let statements =
            split(&filled, dialect).map_err(|_| Fault::Unsupported("a text that is no statement"))?;
        for inner in &statements {
            let mut more = Findings::default();
            super::apply(inner, catalogue, &mut more)?;
            found.join(more);
        }
    }
    Ok(())
}
