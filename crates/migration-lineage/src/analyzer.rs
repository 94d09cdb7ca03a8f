//! The analyzer: statements in, lineage out, the catalogue moved along.

mod lossy;

use std::sync::Arc;

use migration_syntax::{Dialect, SplitError, Statement, split};

use crate::catalogue::Catalogue;
use crate::define;
use crate::result::{Analysis, Coverage, Findings, StatementLineage, Unanalysed};
use crate::secrets::mask_message;
use crate::undo::{Needed, Undo};

/// Reads statements in the order in which they would run, and knows after each what there is.
#[derive(Debug, Clone)]
pub struct Analyzer {
    catalogue: Catalogue,
    /// None where nothing goes back to it.
    undo: Undo<Option<Arc<Catalogue>>>,
}

impl Analyzer {
    /// An analyzer that begins with an empty database.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Analyzer::with_catalogue(Catalogue::new(dialect))
    }

    /// An analyzer that begins with what there is.
    #[must_use]
    pub fn with_catalogue(catalogue: Catalogue) -> Self {
        Analyzer { catalogue, undo: Undo::default() }
    }

    /// What there is after the statements so far.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Analyses a whole text. [`analyze_lossy`](Self::analyze_lossy) takes what can't be cut into statements as well.
    ///
    /// # Errors
    /// The text can't be cut into statements. A statement that is not understood is no error: it says so in its
    /// `unanalysed`.
    pub fn analyze(&mut self, text: &str) -> Result<Analysis, SplitError> {
        let statements = split(text, self.catalogue.dialect())?;
        let statements = self.statements(&statements);
        let coverage = Coverage::of(&statements);
        Ok(Analysis { statements, coverage })
    }

    /// Analyses statements that follow each other in a text.
    fn statements(&mut self, statements: &[Statement<'_>]) -> Vec<StatementLineage> {
        let needed = self.needed(statements);
        statements.iter().map(|statement| self.remembering(statement, needed.has(statement))).collect()
    }

    /// At which of the statements that follow something goes back to what there is.
    pub(crate) fn needed(&self, statements: &[Statement<'_>]) -> Needed {
        self.undo.needed(statements, self.catalogue.dialect())
    }

    /// Analyses one statement and applies it to the catalogue. One that rolls a transaction back, or to a savepoint, makes the
    /// catalogue what it was; not in MySQL, where changes of the schema can't be rolled back.
    pub fn statement(&mut self, statement: &Statement<'_>) -> StatementLineage {
        self.remembering(statement, true)
    }

    /// The same, where it is known whether something goes back to what there was before the statement.
    pub(crate) fn remembering(&mut self, statement: &Statement<'_>, needed: bool) -> StatementLineage {
        let (dialect, catalogue) = (self.catalogue.dialect(), &self.catalogue);
        let now = || needed.then(|| Arc::new(catalogue.clone()));
        if let Some(before) = self.undo.follow(statement, dialect, now).flatten() {
            self.catalogue.go_back(&before);
        }
        let mut found = Findings::default();
        if let Err(fault) = define::apply(statement, &mut self.catalogue, &mut found) {
            found.unanalysed.push(Unanalysed {
                start: statement.start,
                end: statement.end,
                reason: fault.to_string(),
            });
        }
        for part in &mut found.unanalysed {
            // A parser says what it stumbled over.
            part.reason = mask_message(&part.reason, statement.text, self.catalogue.dialect());
        }
        found.finish(statement)
    }
}
