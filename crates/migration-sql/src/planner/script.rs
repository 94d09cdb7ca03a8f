//! A script's statements, as a plan lists them.

use migration_syntax::{LineIndex, SplitError, SplitOptions, Splitter};

use crate::error::{Error, Result};
use crate::plan::{Hidden, PlannedStatement, Segment, StatementAction};
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
    let lines = script.replaced.as_ref().map(|replaced| (replaced, LineIndex::new(&replaced.file)));
    let planned = |(place, statement): (usize, Result<migration_syntax::Statement<'_>, SplitError>)| {
        let statement = statement.map_err(|source| Error::Split {
            migration: migration.to_owned(),
            path: script.path.clone(),
            source: match &lines {
                Some((replaced, _)) => {
                    source.moved(&replaced.file, replaced.in_file(&(source.offset()..source.offset())).start)
                }
                None => source,
            },
        })?;
        let (mut sql, span) = (statement.text.to_owned(), statement.start..statement.end);
        let (mut hidden, mut line, mut start) = (None, statement.line, statement.start);
        if let Some((replaced, lines)) = &lines {
            (line, start) = (replaced.line(lines, span.start), replaced.in_file(&span).start);
            if let Some(shown) = replaced.shown(&script.text, &span) {
                let inside =
                    replaced.secrets().filter(|secret| secret.end > span.start && secret.start < span.end);
                let secrets = inside.map(|secret| script.text[secret].to_owned()).collect();
                hidden = Some(Hidden { sql: std::mem::replace(&mut sql, shown), secrets });
            }
        }
        Ok(PlannedStatement {
            number: place + 1,
            kind: statement.kind,
            sql,
            line,
            start,
            hidden,
            offset: statement.start,
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
        hidden: None,
        offset: 0,
        action: StatementAction::Call,
        session: false,
        copy_data: None,
    };
    let segment = Segment { first: 1, last: 1, transaction: true, foreign_keys: true };
    (vec![call], Execution { segments: vec![segment], ..Execution::default() })
}
