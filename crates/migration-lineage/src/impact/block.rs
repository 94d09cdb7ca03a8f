//! Blocks and calls: which statements they run that change the schema.

use migration_syntax::{StatementKind, split};

use crate::catalogue::{Catalogue, Made};
use crate::define;
use crate::result::Findings;

/// The changes of the schema that a block or a call makes when it runs now, in order; none if it is neither.
///
/// # Errors
/// A part of it is not understood, so that it may change anything.
pub(super) fn statements(text: &str, catalogue: &Catalogue) -> Option<Result<Vec<Made>, String>> {
    let statements = split(text, catalogue.dialect()).ok()?;
    let [statement] = statements.as_slice() else { return None };
    if !matches!(statement.kind, StatementKind::Do | StatementKind::Call | StatementKind::Select) {
        return None;
    }
    let mut copy = catalogue.clone();
    copy.session.made = Some(Vec::new());
    let mut found = Findings::default();
    let read = define::apply(statement, &mut copy, &mut found);
    let made = copy.session.made.take().unwrap_or_default();
    let not_understood = found.unanalysed.into_iter().next().map(|part| part.reason);
    Some(match read.map_err(|fault| fault.to_string()) {
        Err(reason) => Err(reason),
        Ok(()) => not_understood.map_or(Ok(made), Err),
    })
}
