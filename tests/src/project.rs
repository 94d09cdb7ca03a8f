//! A throw-away folder with migrations and a SQLite database.

use std::path::{Path, PathBuf};

use migration_kit::sql::{DatabaseConnector, MigrationManager};
use tempfile::TempDir;

use crate::Command;

/// A throw-away folder with migrations and a SQLite database; gone when it is dropped.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// Files are given as one text: a line `//- path` begins each.
    #[must_use]
    pub fn new(files: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        std::fs::create_dir(project.path("migrations")).expect("a folder of migrations");
        project.write(files);
        project
    }

    /// Writes more files, or others in place of those that are there.
    pub fn write(&self, files: &str) {
        for file in files.split("//- ").skip(1) {
            let (name, text) = file.split_once('\n').expect("a line with a path, then its text");
            let path = self.path(name.trim());
            std::fs::create_dir_all(path.parent().expect("a path below the folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
    }

    /// A path below the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The URL of its database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("sqlite:///{}", self.path("app.db").display())
    }

    /// A connection to its database.
    #[must_use]
    pub fn connect(&self) -> DatabaseConnector {
        DatabaseConnector::open(&self.url()).expect("a connection")
    }

    /// A manager of its migrations.
    #[must_use]
    pub fn manager(&self) -> MigrationManager {
        let mut manager = MigrationManager::new(self.connect());
        manager.load_migrations_from_directory(self.path("migrations")).expect("a directory that loads");
        manager
    }

    /// The `migration` command, run in the folder and pointed at its database.
    #[must_use]
    pub fn migration(&self, arguments: &[&str]) -> Command {
        Command::migration(arguments).current_dir(self.root()).env("DATABASE_URL", self.url())
    }

    /// The rows of a query, as one line each, values separated by `|`.
    #[must_use]
    pub fn query(&self, sql: &str) -> Vec<String> {
        let output = self.connect().execute(sql, &[]).expect("a query that works");
        let text = |value: &migration_kit::sql::Value| serde_json::to_string(value).expect("a value");
        output.rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect()
    }
}
