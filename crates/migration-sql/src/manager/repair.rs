//! Decisions that a person takes: what the tracking table shall say from now on.

use super::{MigrationManager, State};
use crate::backend::{Backend, refused};
use crate::error::{DatabaseError, Error, Result};
use crate::plan::PlannedMigration;
use crate::planner::similar;
use crate::report::MigrationState;
use crate::tracking::Tracking;
use crate::{history, journal, status};

impl MigrationManager {
    /// Takes over the edit of an applied migration's file: the tracking table gets the file's checksum.
    ///
    /// # Errors
    /// [`Error::UnknownMigration`], [`Error::NotApplied`], and [`Error::Database`] when the table can't be written.
    pub fn accept(&mut self, id: &str) -> Result<()> {
        let id = self.known(id)?;
        self.decide(|this, state| {
            if !state.history.is_applied(&id) {
                return Err(Error::NotApplied { id });
            }
            let Some(migration) = this.set.get(&id) else { return Ok(()) };
            let planned = PlannedMigration::without_statements(migration);
            this.write(|backend, tables| {
                history::update_checksum(backend, &tables.history.sql, &id, &planned.checksum)?;
                keep(backend, tables, &planned)
            })
        })
    }

    /// Says that a migration is applied, without running it.
    ///
    /// # Errors
    /// [`Error::UnknownMigration`], [`Error::AlreadyApplied`], and [`Error::Database`] when the table can't be written.
    pub fn mark_applied(&mut self, id: &str) -> Result<()> {
        let id = self.known(id)?;
        self.decide(|this, state| {
            let Some(migration) = this.set.get(&id) else { return Ok(()) };
            // What was cut off on its way down, or when it ran again, has a row all the same.
            if !needs_mark(status::of(migration, &state.history, &state.journal)) {
                return Err(Error::AlreadyApplied { id });
            }
            let planned = PlannedMigration::without_statements(migration);
            this.write(|backend, tables| {
                history::insert(backend, &tables.history.sql, &planned, None)?;
                keep(backend, tables, &planned)
            })
        })
    }

    /// Says that a migration is not applied, without undoing anything. Also for one whose file is gone.
    ///
    /// # Errors
    /// [`Error::NotApplied`] when neither table knows it, and [`Error::Database`] when the tables can't be written.
    pub fn mark_pending(&mut self, id: &str) -> Result<()> {
        let id = self.set.find(id).map_or(id, |migration| migration.id.as_str()).to_owned();
        self.exclusively(|this| {
            let State { history, journal, .. } = this.read_state()?;
            if history.get(&id).is_none() && journal.get(&id).is_none() {
                let id = this.known(&id)?;
                return Err(Error::NotApplied { id });
            }
            this.write(|backend, tables| {
                history::delete(backend, &tables.history.sql, &id)?;
                journal::clear(backend, &tables.journal.sql, &id)
            })
        })
    }

    pub(super) fn known(&self, text: &str) -> Result<String> {
        let found = self.set.find(text).map(|migration| migration.id.clone());
        found
            .ok_or_else(|| Error::UnknownMigration { id: text.to_owned(), similar: similar(text, &self.set) })
    }

    fn decide<T>(&mut self, body: impl FnOnce(&mut Self, &State) -> Result<T>) -> Result<T> {
        self.exclusively(|this| {
            let state = this.read_state()?;
            body(this, &state)
        })
    }

    pub(super) fn write(
        &mut self,
        body: impl FnOnce(&mut dyn Backend, &Tracking) -> Result<(), DatabaseError>,
    ) -> Result<()> {
        let mut tables = Tracking::find(self.connector.backend(), &self.settings)?;
        self.check_environment(&tables)?;
        let backend = self.connector.backend.as_mut();
        let begin = backend.capabilities().begin;
        // Where tables can't be made in a transaction, this ends the one that is open; nothing is in it yet.
        let written = backend.batch(begin).and_then(|()| {
            tables
                .ensure(backend)
                .and_then(|()| {
                    if backend.capabilities().transactional_ddl { Ok(()) } else { backend.batch(begin) }
                })
                .and_then(|()| body(backend, &tables))
                .and_then(|()| backend.batch("COMMIT"))
                .inspect_err(|_| _ = backend.batch("ROLLBACK"))
        });
        written.map_err(|error| refused(backend, "the tracking tables can't be written", error))
    }
}

/// Keeps the down part of a migration that counts as applied from now on, in the place of what the journal said of it.
pub(super) fn keep(
    backend: &mut dyn Backend,
    tables: &Tracking,
    migration: &PlannedMigration,
) -> Result<(), DatabaseError> {
    match &migration.rollback {
        Some(rollback) => {
            let capabilities = backend.capabilities();
            journal::keeping_rollback(capabilities, &tables.journal.sql, migration, rollback).run(backend)
        }
        None => journal::clear(backend, &tables.journal.sql, &migration.id),
    }
}

/// Whether there is something to say of a migration by marking it as applied.
fn needs_mark(status: MigrationState) -> bool {
    status.is_pending() || status == MigrationState::Failed
}
