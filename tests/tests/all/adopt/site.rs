//! A directory of migrations and an empty database, on any of the databases.

use migration_kit::DatabaseConnector;
use migration_kit::sql::Value;
use migration_tests::server::Kind;
use migration_tests::{Command, Output, Project, Shared};

/// A directory of migrations and an empty database.
pub(crate) struct Site {
    pub(crate) project: Project,
    database: Option<Shared>,
}

/// Makes one with these files.
pub(crate) type Make<'a> = &'a dyn Fn(&str) -> Site;

impl Site {
    pub(crate) fn sqlite(files: &str) -> Self {
        Self { project: Project::new(files), database: None }
    }

    pub(crate) fn on<E: Kind>(files: &str) -> Self {
        Self { project: Project::new(files), database: Some(E::shared()) }
    }

    /// `sqlite`, `postgres`, `mariadb` or `mysql`.
    pub(crate) fn engine(&self) -> &'static str {
        match self.database.as_ref().map(Shared::engine) {
            None => "sqlite",
            Some("PostgreSQL") => "postgres",
            Some("MariaDB") => "mariadb",
            Some(_) => "mysql",
        }
    }

    pub(crate) fn url(&self) -> String {
        self.database.as_ref().map_or_else(|| self.project.url(), Shared::url)
    }

    pub(crate) fn migration(&self, arguments: &[&str]) -> Command {
        self.project.migration(arguments).env("DATABASE_URL", self.url())
    }

    /// Runs the command, which has to end with this code.
    pub(crate) fn run(&self, arguments: &[&str], code: i32) -> Output {
        self.migration(arguments).run().expect(code)
    }

    pub(crate) fn execute(&self, script: &str) {
        let mut connector = DatabaseConnector::open(&self.url()).unwrap();
        connector.execute_script(script).unwrap_or_else(|error| panic!("{error:?}: {script}"));
    }

    /// Rows, values separated by `|`.
    pub(crate) fn rows(&self, select: &str) -> Vec<String> {
        let mut connector = DatabaseConnector::open(&self.url()).unwrap();
        let output = connector.execute(select, &[]).unwrap_or_else(|error| panic!("{error:?}: {select}"));
        let text = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            Value::Null => "null".to_owned(),
            Value::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            other => serde_json::to_string(other).unwrap(),
        };
        output.rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect()
    }

    /// The ids that are recorded as applied here.
    pub(crate) fn recorded(&self) -> Vec<String> {
        self.rows("SELECT id FROM _migrations ORDER BY id")
    }

    pub(crate) fn has(&self, table: &str) -> bool {
        let mut connector = DatabaseConnector::open(&self.url()).unwrap();
        connector.execute(&format!("SELECT * FROM {table}"), &[]).is_ok()
    }
}
