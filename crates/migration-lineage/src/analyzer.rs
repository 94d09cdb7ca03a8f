//! The analyzer: statements in, lineage out, the catalogue moved along.

use migration_syntax::{Dialect, SplitError, Statement, StatementKind, split};

use crate::catalogue::Catalogue;
use crate::define;
use crate::fault::Fault;
use crate::parse;
use crate::result::{Analysis, Coverage, Findings, StatementLineage, Unanalysed};

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

    /// Analyses a whole text.
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
        if let Err(fault) = self.read(statement, &mut found) {
            found.unanalysed.push(Unanalysed {
                start: statement.start,
                end: statement.end,
                reason: fault.to_string(),
            });
        }
        found.finish(statement)
    }

    fn read(&mut self, statement: &Statement<'_>, found: &mut Findings) -> Result<(), Fault> {
        if moves_nothing(statement.kind) {
            return Ok(());
        }
        if let Some(result) = define::by_words(statement, &mut self.catalogue, found) {
            return result;
        }
        let catalogue = &mut self.catalogue;
        let read = parse::with_parsed(statement.text, catalogue.dialect(), |trees| {
            let mut found = Findings::default();
            for tree in trees {
                define::statement(tree, catalogue, &mut found)?;
            }
            Ok(found)
        });
        match read {
            Ok(all) => *found = all,
            Err(fault) => {
                define::left_open(statement, &mut self.catalogue, found);
                return Err(fault);
            }
        }
        Ok(())
    }
}

/// Statements that touch no table's columns, whatever they say.
fn moves_nothing(kind: StatementKind) -> bool {
    use StatementKind as K;
    kind.is_transaction_control()
        || matches!(
            kind,
            K::Pragma
                | K::Vacuum
                | K::Analyze
                | K::Reindex
                | K::Cluster
                | K::Optimize
                | K::Attach
                | K::Detach
                | K::Show
                | K::Lock
                | K::Unlock
                | K::Comment
                | K::Grant
                | K::Revoke
                | K::CreateDatabase
                | K::CreateSchema
                | K::CreateType
                | K::CreateSequence
                | K::CreateExtension
                | K::DropDatabase
        )
}
