//! Parts of migrations that are Rust and not SQL.

use std::fmt;
use std::sync::Arc;

use migration_syntax::{Dialect, StatementKind, split};

use crate::backend::Backend;
use crate::connector;
use crate::error::{DatabaseError, DatabaseErrorKind, Error, Result};
use crate::plan::{PlannedStatement, StatementAction};
use crate::request::Interrupt;
use crate::rules::Role;
use crate::value::{QueryOutput, Value};

/// Why a step in Rust did not manage to do its work.
pub type StepError = Box<dyn std::error::Error + Send + Sync>;

type Function = dyn Fn(&mut StepContext<'_>) -> Result<(), StepError> + Send + Sync;

/// A function that is a part of a migration.
#[derive(Clone)]
pub(crate) struct Code(Arc<Function>);

impl Code {
    pub(crate) fn new(
        function: impl Fn(&mut StepContext<'_>) -> Result<(), StepError> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(function))
    }

    /// Calls the function in the transaction that is open. Returns how many rows it wrote.
    pub(crate) fn call(
        &self,
        backend: &mut dyn Backend,
        interrupt: &Interrupt,
    ) -> Result<u64, DatabaseError> {
        let dialect = backend.dialect();
        let mut context = StepContext { backend, interrupt, rows_affected: 0 };
        // What is half done is undone with the transaction; nothing of ours is left in an odd state.
        let called = std::panic::AssertUnwindSafe(|| (self.0)(&mut context));
        match std::panic::catch_unwind(called) {
            Ok(Ok(())) => Ok(context.rows_affected),
            Ok(Err(error)) => Err(as_database_error(error.as_ref(), dialect)),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
                Err(refusal(format!("the step panicked: {text}"), dialect))
            }
        }
    }
}

/// Two are the same if they are one.
impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

/// What a step in Rust is given: the connection, in the transaction of its migration.
pub struct StepContext<'a> {
    backend: &'a mut dyn Backend,
    interrupt: &'a Interrupt,
    rows_affected: u64,
}

impl StepContext<'_> {
    /// Which SQL the database speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// Whether the run was asked to stop: a long step looks now and then, and returns an error.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.is_triggered()
    }

    /// Runs one statement with bound parameters, as [`DatabaseConnector::execute`](crate::DatabaseConnector::execute).
    ///
    /// # Errors
    /// As there, and [`Error::InStep`] for a statement that would end the transaction.
    pub fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<QueryOutput> {
        self.check(sql)?;
        let output = connector::execute_on(self.backend, sql, parameters)?;
        self.rows_affected += output.rows_affected;
        Ok(output)
    }

    /// Runs the statements of a text one after the other.
    ///
    /// # Errors
    /// As [`StepContext::execute`].
    pub fn execute_script(&mut self, sql: &str) -> Result<()> {
        self.check(sql)?;
        let output = connector::execute_script_on(self.backend, sql)?;
        self.rows_affected += output.rows_affected;
        Ok(())
    }

    /// The transaction is the migration's: it ends with the row that says that it is applied.
    fn check(&self, sql: &str) -> Result<()> {
        let rules = self.backend.rules();
        for statement in split(sql, self.backend.dialect()).map_err(Error::SplitText)? {
            let planned = PlannedStatement {
                number: 1,
                kind: statement.kind,
                sql: statement.text.to_owned(),
                line: statement.line,
                start: 0,
                hidden: None,
                offset: 0,
                action: StatementAction::Execute,
                session: false,
                copy_data: None,
            };
            if !matches!(
                rules.meaning(&planned).role,
                Role::Plain | Role::Opaque | Role::Savepoint | Role::Release
            ) {
                return Err(Error::InStep { sql: planned.sql });
            }
        }
        Ok(())
    }
}

impl fmt::Debug for StepContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepContext").field("dialect", &self.dialect()).finish_non_exhaustive()
    }
}

/// The kind of statement as which a plan lists a step in Rust.
pub(crate) const KIND: StatementKind = StatementKind::Other;

/// The error with its causes; what a database said stays what it is.
fn as_database_error(error: &(dyn std::error::Error + 'static), dialect: Dialect) -> DatabaseError {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if let Some(told) = current.downcast_ref::<DatabaseError>() {
            return told.clone();
        }
        if let Some(Error::Database { source, .. }) = current.downcast_ref::<Error>() {
            return source.clone();
        }
        cause = current.source();
    }
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        message.push_str(&format!(": {current}"));
        cause = current.source();
    }
    refusal(message, dialect)
}

fn refusal(message: String, dialect: Dialect) -> DatabaseError {
    DatabaseError { message, kind: DatabaseErrorKind::Statement, sqlstate: None, dialect, position: None }
}
