//! The tables that keep the books: where they stand, and making them.

use crate::backend::{Backend, Capabilities, FoundTable, refused};
use crate::error::{DatabaseError, Error, Result};
use crate::identifier::quote;
use crate::settings::Settings;
use crate::{history, journal};

/// The tracking table and the journal of one history.
#[derive(Debug, Clone)]
pub(crate) struct Tracking {
    pub(crate) history: Table,
    pub(crate) journal: Table,
    /// Holds the marker; made when that is written.
    pub(crate) environment: Table,
    /// Whether they were made in the transaction that is open: undone with it.
    uncommitted: bool,
}

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// Its name as the settings have it.
    pub(crate) name: String,
    /// The same as it stands in a statement: quoted, and qualified so that no `USE` and no search path of a script leads
    /// elsewhere.
    pub(crate) sql: String,
    pub(crate) exists: bool,
}

impl Table {
    fn new(name: &str, found: FoundTable) -> Self {
        Self { name: name.to_owned(), sql: found.sql, exists: found.exists }
    }
}

impl Tracking {
    /// Looks where the tables are. Creates none.
    ///
    /// # Errors
    /// [`Error::Database`] when that can't be found out.
    pub(crate) fn find(backend: &mut dyn Backend, settings: &Settings) -> Result<Self> {
        let names = [&settings.history_table, &settings.journal_table, &settings.environment_table];
        let names = names.map(String::as_str);
        let what = format!("the table `{}` can't be read", settings.history_table);
        let found = backend.find_tables(settings.history_schema.as_deref(), &names);
        let mut found = found.map_err(|e| refused(backend, &what, e))?.into_iter();
        let mut next = |name: &str| {
            let nowhere = || FoundTable { sql: quote(backend.dialect(), name), exists: false };
            Table::new(name, found.next().unwrap_or_else(nowhere))
        };
        let [history, journal, environment] = names.map(&mut next);
        Ok(Self { history, journal, environment, uncommitted: false })
    }

    /// Makes the tables unless they are there, in the transaction that is open where the database can.
    pub(crate) fn ensure(&mut self, backend: &mut dyn Backend) -> Result<(), DatabaseError> {
        if !self.history.exists {
            backend.batch(&history::creation(&self.history.sql))?;
            self.uncommitted = true;
        }
        if !self.journal.exists {
            backend.batch(&journal::creation(backend.capabilities(), &self.journal.sql))?;
            self.uncommitted = true;
        }
        self.made();
        Ok(())
    }

    /// What [`Tracking::ensure`] runs, and that it was run and committed is for [`Tracking::made`] to say.
    pub(crate) fn creations(&self, capabilities: Capabilities) -> Vec<String> {
        let history = (!self.history.exists).then(|| history::creation(&self.history.sql));
        let journal = (!self.journal.exists).then(|| journal::creation(capabilities, &self.journal.sql));
        history.into_iter().chain(journal).collect()
    }

    /// The tables are there.
    pub(crate) fn made(&mut self) {
        self.history.exists = true;
        self.journal.exists = true;
    }

    /// The transaction that was open was committed.
    pub(crate) fn committed(&mut self) {
        self.uncommitted = false;
    }

    /// The transaction that was open was undone, or a part of it. Making a table that is there does no harm.
    pub(crate) fn undone(&mut self) {
        if std::mem::take(&mut self.uncommitted) {
            self.history.exists = false;
            self.journal.exists = false;
        }
    }
}

/// An error about a table that isn't what it should be.
pub(crate) fn foreign(table: &Table, why: String) -> Error {
    Error::ForeignTable { table: table.name.clone(), why }
}
