//! The place of a failure in the file.

use migration_syntax::LineIndex;

use super::Executor;
use crate::error::{DatabaseError, DatabaseErrorKind, FailurePlace};
use crate::plan::{PlannedMigration, PlannedStatement, StatementAction};

impl Executor<'_> {
    /// Where a statement stands in its file, and what in it the error is about.
    pub(super) fn place(
        &mut self,
        planned: &PlannedMigration,
        statement: &PlannedStatement,
        error: &DatabaseError,
    ) -> FailurePlace {
        let about_the_statement = matches!(
            error.kind,
            DatabaseErrorKind::Statement | DatabaseErrorKind::Constraint | DatabaseErrorKind::Denied
        ) && statement.action == StatementAction::Execute;
        let word = about_the_statement.then(|| self.backend.locate(statement.sent(), error)).flatten();
        let within = word.unwrap_or(0..statement.sent().len());
        let span = statement.offset + within.start..statement.offset + within.end;
        let script = self.script(&planned.id);
        let replaced = script.and_then(|script| script.replaced.as_ref());
        let span = replaced.map_or(span.clone(), |replaced| replaced.in_file(&span));
        let position = script
            .filter(|script| script.code.is_none())
            .map(|script| LineIndex::new(script.in_file()).line_column(span.start));
        FailurePlace {
            path: planned.path.clone(),
            statement: Some(statement.number),
            sql: Some(statement.sql.clone()),
            span: Some(span),
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
        }
    }
}
