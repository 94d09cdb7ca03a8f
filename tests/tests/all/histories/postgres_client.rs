//! `psql` and `pg_dump`.

use std::process::Command;

use migration_kit::sql::DatabaseConnector;
use migration_tests::History;
use migration_tests::server::{Postgres, Shared, shared_postgres};

use super::run::Client;

/// The major version that the corpora's `postgres` stands for.
const RECORDED_BY: &str = "15";

/// A database on a PostgreSQL server.
pub(super) struct OnPostgres {
    database: Shared,
}

impl OnPostgres {
    /// Runs a text through `psql`. Returns what it complains of.
    fn psql(&self, sql: &str, arguments: &[&str]) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("script.sql");
        std::fs::write(&file, sql).unwrap();
        let output = Command::new("psql")
            .args(["-X", "-q"])
            .args(arguments)
            .arg("-f")
            .arg(&file)
            .arg(self.database.url())
            .output()
            .unwrap();
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

/// What a definition begins with, in the program's output. The columns of tables, and the bodies of functions, whose blanks and
/// comments were recorded otherwise, are compared with what the client makes of the same files now.
const DEFINITIONS: &[&str] = &[
    "ADD CONSTRAINT",
    "CREATE INDEX",
    "CREATE SEQUENCE",
    "CREATE TABLE",
    "CREATE TYPE",
    "CREATE UNIQUE INDEX",
    "CREATE VIEW",
];

/// The first lines of definitions, their blanks folded, in no order.
fn lines(schema: &str) -> String {
    let fold = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let folded = schema.lines().map(fold);
    let mut lines: Vec<String> =
        folded.filter(|line| DEFINITIONS.iter().any(|start| line.starts_with(start))).collect();
    lines.sort_unstable();
    lines.join("\n")
}

impl Client for OnPostgres {
    const DIALECT: &'static str = "postgres";

    fn fresh(history: &History) -> Self {
        let database = Self::empty();
        _ = database.psql(history.prelude.as_deref().unwrap_or_default(), &[]);
        database
    }

    fn empty() -> Self {
        let database = Self { database: shared_postgres() };
        // Roles belong to the whole server: they may be there from another history.
        _ = database.psql("CREATE ROLE postgres SUPERUSER;", &[]);
        database
    }

    fn server(&self) -> String {
        "postgres".to_owned()
    }

    fn open(&self) -> DatabaseConnector {
        DatabaseConnector::open(&self.database.url()).unwrap()
    }

    /// In one transaction, as the tools do; without one where it has statements that can't run in one.
    fn run(&self, _history: &History, sql: &str) -> Result<(), String> {
        let stop = ["-v", "ON_ERROR_STOP=1"];
        self.psql(sql, &[&stop[..], &["-1"]].concat()).or_else(|complaint| {
            let needs_none =
                complaint.contains("transaction block") || complaint.contains("unsafe use of new value");
            if needs_none { self.psql(sql, &stop) } else { Err(complaint) }
        })
    }

    /// The statements in no order.
    fn schema(&self) -> String {
        let output = Command::new("pg_dump")
            .args(["-s", "--no-owner", "--no-acl", "-T", "_migrations", "-T", "_migration_journal", "-d"])
            .arg(self.database.url())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("--") && !line.starts_with('\\') && !line.is_empty());
        let text = lines.collect::<Vec<_>>().join("\n");
        let mut statements: Vec<&str> = text.trim_end_matches(';').split(";\n").collect();
        statements.sort_unstable();
        statements.join(";\n")
    }

    fn beside_truth(&self, truth: &str) -> Option<(String, String)> {
        let version = self.database.query("SHOW server_version");
        let is_same = version.first().is_some_and(|version| version.starts_with(RECORDED_BY));
        is_same.then(|| (lines(truth), lines(&self.schema())))
    }
}

impl super::OfServer for Postgres {
    type Client = OnPostgres;
}
