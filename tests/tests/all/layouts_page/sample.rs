//! A directory in a layout, written by the names that its tool uses and not by our own writers.

use std::fs;
use std::path::{Path, PathBuf};

use migration_kit::sql::{Layout, LoadError, LoadOptions, MigrationSet, RunReport};
use migration_kit::{DatabaseConnector, MigrationManager};
use tempfile::TempDir;

/// A folder with directories of migrations, and a place for a database.
pub(super) struct Sample {
    folder: TempDir,
    to: Layout,
}

impl Sample {
    /// An empty one.
    pub(super) fn new(to: Layout) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), to }
    }

    /// The directory that is meant if no other is named.
    pub(super) fn directory(&self) -> PathBuf {
        self.folder.path().join("migrations")
    }

    /// The text of a file below the directory.
    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// The up script of a migration, behind the comment by which the layout's tool knows it, in a folder (empty: the
    /// directory itself).
    pub(super) fn migration(&self, folder: &str, version: &str, name: &str, sql: &str) -> PathBuf {
        let text = match self.to {
            Layout::Goose => format!("-- +goose Up\n{sql}"),
            Layout::Dbmate if !sql.starts_with("-- migrate:up") => format!("-- migrate:up\n{sql}"),
            _ => sql.to_owned(),
        };
        self.script(folder, version, name, &text)
    }

    /// The file of an up script with just this text in it.
    pub(super) fn script(&self, folder: &str, version: &str, name: &str, text: &str) -> PathBuf {
        let stem = format!("{version}_{name}");
        let (file, text) = match self.to {
            Layout::Diesel => (format!("{stem}/up.sql"), text.to_owned()),
            Layout::Json => {
                let json = serde_json::json!({"id": stem, "name": name, "sql": text});
                (format!("{stem}.json"), json.to_string())
            }
            Layout::GolangMigrate => (format!("{stem}.up.sql"), text.to_owned()),
            Layout::Flyway | Layout::Refinery => (format!("V{version}__{name}.sql"), text.to_owned()),
            Layout::Prisma => (format!("{stem}/migration.sql"), text.to_owned()),
            _ => (format!("{stem}.sql"), text.to_owned()),
        };
        self.write(Path::new(folder).join(file).to_str().unwrap(), &text)
    }

    pub(super) fn options(&self) -> LoadOptions {
        LoadOptions::from(Some(self.to))
    }

    pub(super) fn load(&self) -> Result<MigrationSet, LoadError> {
        MigrationSet::load_with(self.directory(), &self.options())
    }

    /// Applies what is pending to the sample's database.
    pub(super) fn up(&self, set: MigrationSet) -> Result<RunReport, migration_kit::sql::Error> {
        let url = format!("sqlite:///{}", self.folder.path().join("app.db").display());
        let mut manager = MigrationManager::new(DatabaseConnector::open(&url)?);
        manager.use_set(set);
        manager.apply_pending_migrations()
    }
}

/// The ids of the migrations that a report is about.
pub(super) fn ids(report: &RunReport) -> Vec<&str> {
    report.results.iter().map(|result| result.migration_id.as_str()).collect()
}

/// What became of a file that was put beside one migration: a warning names it, or it runs, or nobody speaks of it.
pub(super) fn beside(loaded: &Result<MigrationSet, LoadError>, file: &str) -> String {
    match loaded {
        Err(_) => "refused",
        Ok(set) if set.warnings.iter().any(|warning| warning.contains(file)) => "left out",
        Ok(set) if set.len() > 1 => "a migration",
        Ok(_) => "no",
    }
    .to_owned()
}
