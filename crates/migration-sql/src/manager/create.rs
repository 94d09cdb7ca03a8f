//! New migrations, written by a program.

use std::path::PathBuf;

use migration_model::Migration;

use super::MigrationManager;
use crate::error::{Error, Result};
use crate::layout::{Layout, LoadError, NewMigration, write_new};
use crate::set::MigrationSet;

impl MigrationManager {
    /// Writes a new migration into the directory that was loaded (`migrations` if none was) and takes it up.
    ///
    /// An empty directory gets the `json` layout; any other keeps its own. `description` may be empty; `rollback_sql` is
    /// what undoes it; `dependencies` are ids of migrations that exist.
    ///
    /// # Errors
    /// [`Error::Load`] for a name that can't be one, a dependency that doesn't exist, and a directory that can't be
    /// written: nothing is left behind then.
    pub fn create_migration(
        &mut self,
        name: &str,
        description: &str,
        sql: &str,
        rollback_sql: Option<&str>,
        dependencies: &[&str],
    ) -> Result<Migration> {
        let directory = self.directory.clone().unwrap_or_else(|| PathBuf::from("migrations"));
        let options = self.load_options();
        let before = match MigrationSet::load_with(&directory, &options) {
            Ok(set) => set,
            Err(LoadError::DirectoryMissing { .. }) => MigrationSet::default(),
            Err(error) => return Err(error.into()),
        };
        if let Some(id) = dependencies.iter().find(|id| before.find(id).is_none()) {
            return Err(Error::UnknownMigration { id: (*id).to_owned(), similar: None });
        }
        let layout = before.layout.or(self.settings.layout).unwrap_or(Layout::Json);
        let dependencies =
            dependencies.iter().filter_map(|id| before.find(id)).map(|m| m.id.clone()).collect();
        let request = NewMigration {
            name: name.to_owned(),
            description: Some(description.to_owned()).filter(|text| !text.is_empty()),
            sql: Some(sql.to_owned()),
            rollback_sql: rollback_sql.map(str::to_owned),
            dependencies,
            at: jiff::Timestamp::now(),
        };
        // Where there is a folder for each kind of database, it is written to the one that was read.
        write_new(before.root.as_ref().unwrap_or(&directory), layout, &request)?;
        self.load_migrations_from_directory(&directory)?;
        let created = self.set.migrations().iter().find(|migration| before.get(&migration.id).is_none());
        created
            .map(Migration::from)
            .ok_or_else(|| Error::UnknownMigration { id: name.to_owned(), similar: None })
    }
}
