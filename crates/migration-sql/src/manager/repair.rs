//! Decisions that a person takes: what the tracking table shall say from now on.

use super::MigrationManager;
use crate::error::{DatabaseError, Error, Result};
use crate::planner::similar;
use crate::{history, journal};

impl MigrationManager {
    /// Takes over the edit of an applied migration's file: the tracking table gets the file's checksum.
    ///
    /// # Errors
    /// [`Error::UnknownMigration`], [`Error::NotApplied`], and [`Error::Database`] when the table can't be written.
    pub fn accept(&mut self, id: &str) -> Result<()> {
        let id = self.known(id)?;
        self.decide(|this, applied| {
            if !applied(&id) {
                return Err(Error::NotApplied { id });
            }
            let checksum = this.set.get(&id).map(|migration| migration.checksum.clone());
            let table = this.settings.history_table.clone();
            let Some(checksum) = checksum else { return Ok(()) };
            this.write(|backend| history::update_checksum(backend, &table, &id, &checksum))
        })
    }

    /// Says that a migration is applied, without running it.
    ///
    /// # Errors
    /// [`Error::UnknownMigration`], [`Error::AlreadyApplied`], and [`Error::Database`] when the table can't be written.
    pub fn mark_applied(&mut self, id: &str) -> Result<()> {
        let id = self.known(id)?;
        self.decide(|this, applied| {
            if applied(&id) {
                return Err(Error::AlreadyApplied { id });
            }
            let Some(migration) = this.set.get(&id) else { return Ok(()) };
            let planned = crate::plan::PlannedMigration::without_statements(migration);
            let (history_table, journal_table) =
                (this.settings.history_table.clone(), this.settings.journal_table.clone());
            this.write(|backend| {
                history::create(backend, &history_table)?;
                history::insert(backend, &history_table, &planned, None)?;
                journal::forget(backend, &journal_table, &id)
            })
        })
    }

    /// Says that a migration is not applied, without undoing anything. Also for one whose file is gone.
    ///
    /// # Errors
    /// [`Error::NotApplied`] when neither table knows it, and [`Error::Database`] when the tables can't be written.
    pub fn mark_pending(&mut self, id: &str) -> Result<()> {
        let id = self.set.find(id).map_or(id, |migration| migration.id.as_str()).to_owned();
        let (history_table, journal_table) =
            (self.settings.history_table.clone(), self.settings.journal_table.clone());
        self.exclusively(|this| {
            let (history, journal) = this.read_state()?;
            if history.get(&id).is_none() && journal.get(&id).is_none() {
                let id = this.known(&id)?;
                return Err(Error::NotApplied { id });
            }
            this.write(|backend| {
                if history.get(&id).is_some() {
                    history::delete(backend, &history_table, &id)?;
                }
                journal::forget(backend, &journal_table, &id)
            })
        })
    }

    fn known(&self, text: &str) -> Result<String> {
        let found = self.set.find(text).map(|migration| migration.id.clone());
        found
            .ok_or_else(|| Error::UnknownMigration { id: text.to_owned(), similar: similar(text, &self.set) })
    }

    fn decide<T>(&mut self, body: impl FnOnce(&mut Self, &dyn Fn(&str) -> bool) -> Result<T>) -> Result<T> {
        self.exclusively(|this| {
            let (history, _) = this.read_state()?;
            body(this, &|id| history.is_applied(id))
        })
    }

    fn write(
        &mut self,
        body: impl FnOnce(&mut dyn crate::backend::Backend) -> Result<(), DatabaseError>,
    ) -> Result<()> {
        let backend = self.connector.backend();
        let begin = backend.capabilities().begin;
        let written = backend.batch(begin).and_then(|()| {
            body(backend)
                .and_then(|()| backend.batch("COMMIT"))
                .inspect_err(|_| _ = backend.batch("ROLLBACK"))
        });
        written
            .map_err(|error| crate::backend::refused(backend, "the tracking tables can't be written", error))
    }
}
