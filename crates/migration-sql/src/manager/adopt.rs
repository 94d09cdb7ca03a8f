//! What counts as applied without having been run here: another tool's history, and baselines.

use super::{MigrationManager, State};
use crate::adopt::{
    self, AdoptReport, AdoptRequest, AdoptedMigration, Adoption, BaselineReport, ForeignHistory, Mapping,
};
use crate::error::{AdoptError, Error, Result};
use crate::history::{self, RowState};
use crate::plan::PlannedMigration;
use crate::request::Request;

impl MigrationManager {
    /// Takes over the history that another tool keeps in this database: what its table says is applied is recorded as
    /// applied, with the times that it has. Runs nothing, and leaves the tool's table alone. A second time there is nothing
    /// left to do.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")] {
    /// use migration_sql::{AdoptRequest, DatabaseConnector, MigrationManager, Tool};
    ///
    /// let directory = tempfile::tempdir()?;
    /// std::fs::write(directory.path().join("1_users.up.sql"), "CREATE TABLE users (id INTEGER)")?;
    /// let mut manager = MigrationManager::new(DatabaseConnector::open("sqlite::memory:")?);
    /// manager.load_migrations_from_directory(directory.path())?;
    /// // What golang-migrate leaves.
    /// manager.connector().execute_script(
    ///     "CREATE TABLE users (id INTEGER);
    ///      CREATE TABLE schema_migrations (version uint64, dirty bool);
    ///      INSERT INTO schema_migrations VALUES (1, false)",
    /// )?;
    /// assert!(manager.apply_pending_migrations().is_err(), "it would run again");
    ///
    /// let report = manager.adopt(&AdoptRequest::default())?;
    /// assert_eq!((report.tool, report.adopted()), (Tool::GolangMigrate, 1));
    /// assert!(manager.apply_pending_migrations()?.results.is_empty());
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Adopt`] says why the history can't be taken for granted: nothing is written then. Also
    /// [`Error::RowFailed`], [`Error::Locked`], and [`Error::Database`] when the tables can't be read or written.
    pub fn adopt(&mut self, request: &AdoptRequest) -> Result<AdoptReport> {
        let report = self.survey(request)?;
        if request.dry_run {
            self.check_writable()?;
            return Ok(report);
        }
        if report.adopted() == 0 {
            return Ok(report);
        }
        self.exclusively(|this| {
            // Another runner may have been at work until now.
            let report = this.survey(request)?;
            let new: Vec<_> = report.migrations.iter().filter(|m| m.status == Adoption::Adopted).collect();
            this.check_writable()?;
            this.record(&new)?;
            Ok(report)
        })
    }

    /// Says that everything up to a migration, in order, is applied, without running it: for a database that was made by
    /// other means. What is applied already has to be how the directory begins.
    ///
    /// # Errors
    /// [`Error::UnknownMigration`], [`Error::Adopt`] when the history doesn't allow it, [`Error::RowFailed`],
    /// [`Error::Locked`], and [`Error::Database`] when the tables can't be read or written.
    pub fn baseline(&mut self, id: &str, dry_run: bool) -> Result<BaselineReport> {
        let id = self.known(id)?;
        let choose = |this: &mut Self| {
            let state = this.read_state()?;
            this.check_environment(&state.tracking)?;
            this.check_finished(&state)?;
            let target = this.set.position(&id).unwrap_or_default();
            let mut report = adopt::choose(&this.set, &state.history, target, dry_run)?;
            report.warnings.clone_from(&this.set.warnings);
            Ok::<_, Error>(report)
        };
        let report = choose(self)?;
        if dry_run {
            self.check_writable()?;
            return Ok(report);
        }
        if report.adopted() == 0 {
            return Ok(report);
        }
        self.exclusively(|this| {
            let report = choose(this)?;
            let new = report.migrations.iter().filter(|m| m.status == Adoption::Adopted);
            let planned: Vec<_> = new.filter_map(|m| this.set.get(&m.id)).collect();
            let planned: Vec<_> = planned.into_iter().map(PlannedMigration::without_statements).collect();
            this.check_writable()?;
            this.write(|backend, tables| {
                for migration in &planned {
                    history::insert(backend, &tables.history.sql, migration, None)?;
                    super::repair::keep(backend, tables, migration)?;
                }
                Ok(())
            })?;
            Ok(report)
        })
    }

    /// The histories of other tools that say that something is applied, as long as ours says nothing: a database that
    /// [`MigrationManager::adopt`] is for.
    ///
    /// # Errors
    /// [`Error::Database`] when the tables can't be read.
    pub fn foreign_histories(&mut self) -> Result<Vec<ForeignHistory>> {
        let state = self.read_state()?;
        self.foreign_beside(&state)
    }

    /// Refuses to apply migrations where another tool has applied some and nobody has said yet what that means.
    pub(super) fn check_foreign(&mut self, state: &State, request: &Request) -> Result<()> {
        if request.ignore_foreign {
            return Ok(());
        }
        let found = self.foreign_beside(state)?;
        if found.is_empty() { Ok(()) } else { Err(AdoptError::ForeignTool { found }.into()) }
    }

    fn foreign_beside(&mut self, state: &State) -> Result<Vec<ForeignHistory>> {
        let is_ours = state.history.rows.iter().any(|row| row.state != RowState::NotApplied);
        if is_ours || state.journal.iter().next().is_some() {
            return Ok(Vec::new());
        }
        let own = [self.settings.history_table.as_str(), self.settings.journal_table.as_str()];
        adopt::found_beside(self.connector.backend.as_mut(), own)
    }

    /// What adopting would come to.
    fn survey(&mut self, request: &AdoptRequest) -> Result<AdoptReport> {
        self.set.check_written_for(self.connector.dialect())?;
        let state = self.read_state()?;
        self.check_environment(&state.tracking)?;
        self.check_finished(&state)?;
        let backend = self.connector.backend();
        let found = adopt::find(backend, request)?;
        let entries = adopt::read(backend, &found)?;
        let mapping = Mapping {
            tool: found.tool,
            table: &found.table,
            set: &self.set,
            history: &state.history,
            request,
        };
        let mut report = adopt::map(&mapping, &entries)?;
        report.warnings.splice(0..0, self.set.warnings.iter().cloned());
        Ok(report)
    }

    /// Nothing may be half done when the history changes.
    fn check_finished(&self, state: &State) -> Result<()> {
        if let Some(row) = state.history.rows.iter().find(|row| row.state == RowState::Failed) {
            let table = self.settings.history_table.clone();
            return Err(Error::RowFailed { id: row.id.clone(), table });
        }
        match state.journal.iter().map(|(id, _)| id).min() {
            Some(id) => Err(AdoptError::Unfinished { id: id.to_owned() }.into()),
            None => Ok(()),
        }
    }

    /// Notes all of them, or none.
    fn record(&mut self, new: &[&AdoptedMigration]) -> Result<()> {
        let planned: Vec<_> = new
            .iter()
            .filter_map(|new| Some((PlannedMigration::without_statements(self.set.get(&new.id)?), *new)))
            .collect();
        let written = self.write(|backend, tables| {
            // The times are in UTC, whatever zone the session is in.
            backend.set_utc(true)?;
            for (migration, new) in &planned {
                let at = new.applied_at.as_deref();
                history::insert_at(backend, &tables.history.sql, migration, at, new.execution_time_ms)?;
                super::repair::keep(backend, tables, migration)?;
            }
            Ok(())
        });
        // Of a connection that is gone there is no more to say than what was said.
        let reset = self.connector.backend().set_utc(false);
        written.and_then(|()| reset.map_err(Error::database("the time zone of the session can't be reset")))
    }
}
