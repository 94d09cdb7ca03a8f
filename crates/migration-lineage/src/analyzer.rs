//! The analyzer: statements in, lineage out, the catalogue moved along.

mod lossy;

use migration_syntax::{Dialect, SplitError, Statement, split};

use crate::catalogue::Catalogue;
use crate::define;
use crate::result::{Analysis, Coverage, Findings, StatementLineage, Unanalysed};
use crate::secrets::mask_message;

/// Reads statements in the order in which they would run, and knows after each what there is.
#[derive(Debug, Clone)]
pub struct Analyzer {
    catalogue: Catalogue,
}

impl Analyzer {
    /// An analyzer that begins with an empty database.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Analyzer { catalogue: Catalogue::new(dialect) }
    }

    /// An analyzer that begins with what there is.
    #[must_use]
    pub fn with_catalogue(catalogue: Catalogue) -> Self {
        Analyzer { catalogue }
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
        let statements: Vec<_> = statements.iter().map(|statement| self.statement(statement)).collect();
        let coverage = Coverage::of(&statements);
        Ok(Analysis { statements, coverage })
    }

    /// Analyses one statement and applies it to the catalogue.
    pub fn statement(&mut self, statement: &Statement<'_>) -> StatementLineage {
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
