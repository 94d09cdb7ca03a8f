//! A script's statements, as a plan lists them.

use migration_syntax::{SplitOptions, Splitter};

use crate::error::{Error, Result};
use crate::plan::{PlannedStatement, Segment, StatementAction};
use crate::rules::Execution;
use crate::{Script, code};

/// Splits a script.
///
/// # Errors
/// [`Error::Split`] for a script that ends in the middle of something.
pub(super) fn statements(
    migration: &str,
    script: &Script,
    options: SplitOptions,
) -> Result<Vec<PlannedStatement>> {
    let planned = |(place, statement): (usize, Result<migration_syntax::Statement<'_>, _>)| {
        let statement = statement.map_err(|source| Error::Split {
            migration: migration.to_owned(),
            path: script.path.clone(),
            source,
        })?;
        Ok(PlannedStatement {
            number: place + 1,
            kind: statement.kind,
            sql: statement.text.to_owned(),
            line: statement.line,
            start: statement.start,
            action: StatementAction::Execute,
            session: false,
            copy_data: statement.copy_data.map(Into::into),
        })
    };
    Splitter::new(&script.text, options).enumerate().map(planned).collect()
}

/// A function as a script of one statement in a transaction of its own.
pub(super) fn function(script: &Script) -> (Vec<PlannedStatement>, Execution) {
    let call = PlannedStatement {
        number: 1,
        kind: code::KIND,
        sql: script.text.to_string(),
        line: 1,
        start: 0,
        action: StatementAction::Call,
        session: false,
        copy_data: None,
    };
    let segment = Segment { first: 1, last: 1, transaction: true, foreign_keys: true };
    (vec![call], Execution { segments: vec![segment], ..Execution::default() })
}
