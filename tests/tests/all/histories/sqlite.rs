//! SQLite's library, in the version that we are built with: `sqlite3_exec` cuts the text by itself. (The `sqlite3` program of
//! many systems is older than some histories ask for.) What the program made of the same files is in the recorded schemas.

use std::cell::RefCell;
use std::path::PathBuf;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{Binary, Nullable, Text};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection};
use migration_kit::sql::DatabaseConnector;
use migration_kit::syntax::{Dialect, split};
use migration_tests::{History, Project};

use super::run::Client;

/// A database file.
pub(super) struct Sqlite {
    project: Project,
    connection: RefCell<SqliteConnection>,
}

/// Functions that two projects' own programs bring along. In empty tables one is as good as another.
#[diesel::declare_sql_function]
extern "SQL" {
    fn normalize(text: Nullable<Text>, form: Text) -> Nullable<Text>;

    fn bin2b64(bytes: Nullable<Binary>) -> Nullable<Text>;

    fn b642bin(text: Nullable<Text>) -> Nullable<Binary>;
}

fn bring_functions(connection: &mut SqliteConnection) {
    normalize_utils::register_impl(connection, |text: Option<String>, _: String| text).unwrap();
    bin2b64_utils::register_impl(connection, |bytes: Option<Vec<u8>>| bytes.map(|_| "Ynl0ZXM=".to_owned()))
        .unwrap();
    b642bin_utils::register_impl(connection, |text: Option<String>| text.map(String::into_bytes)).unwrap();
}

#[derive(QueryableByName)]
struct Definition {
    #[diesel(sql_type = Text)]
    sql: String,
}

/// Statements with their blanks folded, in no order.
fn normalized(schema: &str) -> String {
    let statements = split(schema, Dialect::Sqlite).unwrap();
    let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut statements: Vec<String> = statements.iter().map(|statement| fold(statement.text)).collect();
    statements.sort_unstable();
    statements.join("\n")
}

impl Sqlite {
    fn path(&self) -> PathBuf {
        self.project.path("app.db")
    }

    fn connect(path: &std::path::Path) -> SqliteConnection {
        let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
        bring_functions(&mut connection);
        connection
    }
}

impl Client for Sqlite {
    const DIALECT: &'static str = "sqlite";

    fn fresh(history: &History) -> Self {
        let database = Self::empty();
        let prelude = history.prelude.as_deref().unwrap_or_default();
        database.connection.borrow_mut().batch_execute(prelude).unwrap();
        database
    }

    fn empty() -> Self {
        let project = Project::new("");
        let connection = RefCell::new(Self::connect(&project.path("app.db")));
        Self { project, connection }
    }

    fn server(&self) -> String {
        "sqlite".to_owned()
    }

    fn open(&self) -> DatabaseConnector {
        self.project.connect()
    }

    fn extend(&self, connector: &mut DatabaseConnector) {
        bring_functions(connector.sqlite_connection().unwrap());
    }

    /// A file that fails leaves nothing: the database is put back as it was.
    fn run(&self, _history: &History, sql: &str) -> Result<(), String> {
        let kept = self.project.path("kept.db");
        std::fs::copy(self.path(), &kept).unwrap();
        let outcome = self.connection.borrow_mut().batch_execute(sql).map_err(|error| error.to_string());
        if outcome.is_err() {
            // Closed before the file is put back, and without what the script began.
            self.connection.replace(SqliteConnection::establish(":memory:").unwrap());
            std::fs::copy(&kept, self.path()).unwrap();
        }
        // What a script does to its session doesn't reach the next.
        self.connection.replace(Self::connect(&self.path()));
        outcome
    }

    fn schema(&self) -> String {
        let select = "SELECT sql || char(10) || ';' AS sql FROM sqlite_schema WHERE sql IS NOT NULL \
                      AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                      AND tbl_name NOT IN ('_migrations', '_migration_journal')";
        let mut connection = Self::connect(&self.path());
        let rows: Vec<Definition> = diesel::sql_query(select).load(&mut connection).unwrap();
        normalized(&rows.into_iter().map(|row| row.sql).collect::<Vec<_>>().join("\n"))
    }

    fn beside_truth(&self, truth: &str) -> Option<(String, String)> {
        let without_own: Vec<_> = normalized(truth)
            .lines()
            .filter(|line| !line.contains("sqlite_sequence("))
            .map(str::to_owned)
            .collect();
        Some((without_own.join("\n"), self.schema()))
    }
}
