//! Environments, hooks, several histories and tenants, through the command.

mod hooks;
mod marker;
mod settings;

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
