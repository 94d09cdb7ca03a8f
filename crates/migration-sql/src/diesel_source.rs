//! Both ways between Diesel and this crate: our sets as Diesel's `MigrationSource`, and Diesel's sources as our sets.

#[cfg(feature = "sqlite")]
mod record;

use std::fmt;

use diesel::backend::Backend;
use diesel::connection::BoxableConnection;
use diesel::migration::{Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion};

use crate::set::{MigrationSet, SqlMigration};

type DieselResult<T> = diesel::migration::Result<T>;

/// A set runs through Diesel's `MigrationHarness`, in the set's order where Diesel's own (by version) agrees with it.
impl<DB: Backend> MigrationSource<DB> for MigrationSet {
    fn migrations(&self) -> DieselResult<Vec<Box<dyn Migration<DB>>>> {
        Ok(self
            .migrations()
            .iter()
            .map(|m| Box::new(DieselMigration::new(m)) as Box<dyn Migration<DB>>)
            .collect())
    }
}

/// One migration of a set, as Diesel sees it.
struct DieselMigration {
    migration: SqlMigration,
    name: Name,
    metadata: Metadata,
}

struct Name {
    id: String,
    version: String,
}

struct Metadata {
    run_in_transaction: bool,
}

impl DieselMigration {
    fn new(migration: &SqlMigration) -> Self {
        let version = migration.version.clone().unwrap_or_else(|| migration.id.clone());
        Self {
            migration: migration.clone(),
            name: Name { id: migration.id.clone(), version },
            metadata: Metadata { run_in_transaction: migration.run_in_transaction },
        }
    }
}

impl<DB: Backend> Migration<DB> for DieselMigration {
    fn run(&self, connection: &mut dyn BoxableConnection<DB>) -> DieselResult<()> {
        Ok(connection.batch_execute(&self.migration.up.text)?)
    }

    fn revert(&self, connection: &mut dyn BoxableConnection<DB>) -> DieselResult<()> {
        match &self.migration.down {
            Some(down) => Ok(connection.batch_execute(&down.text)?),
            None => Err(format!("migration `{}` has no down part", self.migration.id).into()),
        }
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &self.metadata
    }

    fn name(&self) -> &dyn MigrationName {
        &self.name
    }
}

impl MigrationMetadata for Metadata {
    fn run_in_transaction(&self) -> bool {
        self.run_in_transaction
    }
}

impl MigrationName for Name {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(&self.version)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}
