//! Environments, hooks, several histories and tenants, through the command.

mod histories;
mod hooks;
mod marker;
mod settings;
mod tenants;

use migration_tests::server::Shared;
use migration_tests::{Command, Project};
use serde_json::Value;

/// Two migrations and three environments in SQLite files of their own; production is protected.
fn project() -> Project {
    Project::new(
        "\
//- migrations/1_a.up.sql
CREATE TABLE a (x int);
//- migrations/1_a.down.sql
DROP TABLE a;
//- migrations/2_b.up.sql
CREATE TABLE b (x int);
//- migrations/2_b.down.sql
DROP TABLE b;
//- migration.toml
lock_timeout = 7

[env.dev]
database_url = 'sqlite:///dev.db'

[env.staging]
database_url_env = 'STAGING_URL'

[env.production]
database_url = 'sqlite:///production.db'
protected = true
lock_timeout = 60
",
    )
}

/// The command in the folder, with no database but that of the environment.
fn migration(project: &Project, arguments: &[&str]) -> Command {
    Command::migration(arguments).current_dir(project.root())
}

/// The report of a command that ends like this.
#[track_caller]
fn report(project: &Project, arguments: &[&str], exit: i32) -> Value {
    migration(project, &[arguments, &["--json"]].concat()).run().expect(exit).json()
}

/// The report of a command that is refused before anything is begun.
#[track_caller]
fn refused(project: &Project, arguments: &[&str], exit: i32, code: &str) -> Value {
    let report = report(project, arguments, exit);
    assert_eq!(report["error"]["code"], code, "{report:#}");
    report
}

/// The name of a schema that no other test has; what has it is dropped with this.
struct Schema<'a> {
    database: &'a Shared,
    name: String,
}

impl<'a> Schema<'a> {
    fn new(database: &'a Shared, name: &str) -> Self {
        // MySQL's stand beside the databases of other tests.
        let url = database.url();
        let unique = url.rsplit('/').next().and_then(|rest| rest.split('?').next()).unwrap_or_default();
        Self { database, name: format!("{name}_{unique}") }
    }

    /// The name in the quotes of the database.
    fn quoted(&self) -> String {
        let quote = if self.is_postgres() { '"' } else { '`' };
        format!("{quote}{}{quote}", self.name.replace(quote, &format!("{quote}{quote}")))
    }

    fn is_postgres(&self) -> bool {
        self.database.url().starts_with("postgres")
    }

    /// Runs SQL in which `{}` stands for the schema.
    fn query(&self, sql: &str) -> Vec<String> {
        self.database.query(&sql.replace("{}", &self.quoted()))
    }
}

impl Drop for Schema<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let cascade = if self.is_postgres() { " CASCADE" } else { "" };
            drop(self.query(&format!("DROP SCHEMA IF EXISTS {{}}{cascade}")));
        }
    }
}
