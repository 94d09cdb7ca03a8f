//! Opening a SQLite database and running statements.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::Connection;
use diesel::connection::{LoadConnection, SimpleConnection};
use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use migration_syntax::Dialect;

use super::refusal::{database_error, translate};
use super::value::{columns, values};
use super::{dump, locate, lock, segments};
use crate::backend::{Backend, Capabilities, FoundTable, InFlight};
use crate::dump::DumpOptions;
use crate::error::{Blocker, DatabaseError, DatabaseErrorKind, Error, Result};
use crate::identifier::{parameters, quote};
use crate::rules::Rules;
use crate::url::{DatabaseUrl, SqliteMode, SqliteTarget};
use crate::value::{QueryOutput, Value};
use crate::{ConnectOptions, MissingDatabase};

/// How long a statement waits for another process's lock, unless the URL or the options say otherwise.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a runner waits for another one to be done, unless the options say otherwise.
const RUN_LOCK_TIMEOUT: Duration = Duration::from_secs(600);

const CAPABILITIES: Capabilities = Capabilities {
    transactional_ddl: true,
    group_commits: true,
    sends_whole: false,
    since_message: "NULL",
    begin: "BEGIN IMMEDIATE",
    numbered_parameters: false,
    utc_now: "CURRENT_TIMESTAMP",
    long_text: "TEXT",
    replaces_into: false,
    // `VACUUM`, `ATTACH` and the pragmas that run alone do no harm when they run twice.
    journals_intent: false,
    schemas: None,
};

/// One connection to a SQLite database.
pub(super) struct SqliteBackend {
    connection: SqliteConnection,
    /// What to open again for a fresh session; `None` for a database in memory, which would be gone.
    location: Option<String>,
    path: Option<PathBuf>,
    busy_timeout: Duration,
    run_lock_timeout: Duration,
    run_lock: Option<lock::RunLock>,
}

/// Opens the database that a URL names.
///
/// # Errors
/// [`Error::DatabaseMissing`] where there is none and none may be created, [`Error::Connect`] with SQLite's words.
pub(in crate::backend) fn connect(
    url: &DatabaseUrl,
    target: &SqliteTarget,
    options: &ConnectOptions,
) -> Result<Box<dyn Backend>> {
    if let Some(name) = &options.schema {
        return Err(Error::SchemasUnsupported { dialect: Dialect::Sqlite, name: name.clone() });
    }
    let mut location = None;
    if let Some(path) = &target.path {
        let exists = exists(url, path)?;
        if !exists && options.missing == MissingDatabase::Refuse {
            return Err(Error::DatabaseMissing { path: path.clone() });
        }
        if exists || options.missing == MissingDatabase::Create {
            check_parent(url, path)?;
            location = Some(uri(path, target.mode));
        }
    }
    let busy_timeout = target.busy_timeout.or(options.lock_timeout).unwrap_or(BUSY_TIMEOUT);
    let refused = |source| Error::Connect { url: url.to_string(), source };
    let connection = open(location.as_deref(), busy_timeout).map_err(refused)?;
    let mut backend = SqliteBackend {
        connection,
        path: location.is_some().then(|| target.path.clone()).flatten(),
        location,
        busy_timeout,
        run_lock_timeout: options.run_lock_timeout.or(options.lock_timeout).unwrap_or(RUN_LOCK_TIMEOUT),
        run_lock: None,
    };
    // Opening reads nothing: ask for the schema now, so that a file that is no database is found before anything runs.
    match backend.query("SELECT count(*) FROM sqlite_schema", &[]) {
        Ok(_) => Ok(Box::new(backend)),
        Err(error) if error.kind == DatabaseErrorKind::Busy => {
            Err(crate::backend::locked(&mut backend, None))
        }
        Err(error) => Err(refused(error)),
    }
}

/// Whether there is something at a path; an error where that can't be found out, so that nobody takes it for a no.
fn exists(url: &DatabaseUrl, path: &Path) -> Result<bool> {
    path.try_exists().map_err(|error| {
        let (kind, dialect) = (DatabaseErrorKind::CantOpen, Dialect::Sqlite);
        let source =
            DatabaseError { kind, message: error.to_string(), sqlstate: None, dialect, position: None };
        Error::Connect { url: url.to_string(), source }
    })
}

/// SQLite only says that it can't open the file; say which folder is missing.
fn check_parent(url: &DatabaseUrl, path: &Path) -> Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let problem = match parent {
        Some(parent) if !parent.exists() => format!("the folder {} does not exist", parent.display()),
        Some(parent) if !parent.is_dir() => format!("{} is not a folder", parent.display()),
        _ if path.is_dir() => format!("{} is a folder", path.display()),
        _ => return Ok(()),
    };
    let message = if path.is_relative() && Path::new("/").join(path).parent().is_some_and(Path::exists) {
        format!("{problem} (an absolute path takes four slashes: sqlite:////{})", path.display())
    } else {
        problem
    };
    let source = DatabaseError {
        kind: DatabaseErrorKind::CantOpen,
        message,
        sqlstate: None,
        dialect: Dialect::Sqlite,
        position: None,
    };
    Err(Error::Connect { url: url.to_string(), source })
}

/// The URI form, so that no character of the path and no leading `file:` is read as something else
/// (<https://www.sqlite.org/uri.html>).
fn uri(path: &Path, mode: SqliteMode) -> String {
    let mut uri = String::from(if path.is_absolute() { "file://" } else { "file:" });
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            byte => _ = write!(uri, "%{byte:02X}"),
        }
    }
    uri + "?mode=" + mode.as_str()
}

fn open(location: Option<&str>, busy_timeout: Duration) -> Result<SqliteConnection, DatabaseError> {
    let connection = SqliteConnection::establish(location.unwrap_or(":memory:"));
    let mut connection = connection.map_err(|error| {
        let message = match error {
            diesel::ConnectionError::BadConnection(message) => message,
            other => other.to_string(),
        };
        database_error(message, None)
    })?;
    let pragmas = format!("PRAGMA busy_timeout = {}; PRAGMA foreign_keys = ON;", busy_timeout.as_millis());
    connection.batch_execute(&pragmas).map_err(|error| translate(&error))?;
    Ok(connection)
}

impl Backend for SqliteBackend {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn server_version(&mut self) -> Result<String, DatabaseError> {
        let output = self.query("SELECT sqlite_version() AS version", &[])?;
        Ok(output.get(0, "version").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    fn check_writable(&mut self) -> Result<(), DatabaseError> {
        // Setting the version number to what it is writes the header page, which the rollback leaves as it was.
        let version = self.query("SELECT user_version AS n FROM pragma_user_version", &[])?;
        let version = version.get(0, "n").and_then(Value::as_i64).unwrap_or(0);
        self.batch("BEGIN IMMEDIATE")?;
        let written = self.batch(&format!("PRAGMA user_version = {version}"));
        self.batch("ROLLBACK")?;
        written
    }

    fn find_tables(&mut self, _: Option<&str>, tables: &[&str]) -> Result<Vec<FoundTable>, DatabaseError> {
        let names = parameters(CAPABILITIES, tables.len());
        let select = format!(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name COLLATE NOCASE IN ({names})"
        );
        let names: Vec<Value> = tables.iter().copied().map(Value::from).collect();
        let found = self.query(&select, &names)?;
        let is_there = |table: &str| {
            let mut names = found.rows.iter().filter_map(|row| row.first()?.as_str());
            names.any(|name| name.eq_ignore_ascii_case(table))
        };
        // A temporary table of the same name would come first.
        let qualified = |table: &str| format!("main.{}", quote(Dialect::Sqlite, table));
        let found = |table: &&str| FoundTable { sql: qualified(table), exists: is_there(table) };
        Ok(tables.iter().map(found).collect())
    }

    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<QueryOutput, DatabaseError> {
        let mut query = diesel::sql_query(sql).into_boxed::<Sqlite>();
        for parameter in parameters {
            query = match parameter {
                Value::Null => query.bind::<Nullable<Text>, _>(None::<String>),
                Value::Bool(truth) => query.bind::<BigInt, _>(i64::from(*truth)),
                Value::Integer(number) => query.bind::<BigInt, _>(*number),
                Value::Float(number) => query.bind::<Double, _>(*number),
                Value::Text(text) => query.bind::<Text, _>(text.clone()),
                Value::Blob(bytes) => query.bind::<Binary, _>(bytes.clone()),
            };
        }
        let rows = self.connection.load(query).map_err(|error| translate(&error))?;
        let mut output = QueryOutput::default();
        for row in rows {
            let row = row.map_err(|error| translate(&error))?;
            if output.rows.is_empty() {
                output.columns = columns(&row);
            }
            output.rows.push(values(&row));
        }
        Ok(output)
    }

    fn batch(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.connection.batch_execute(sql).map_err(|error| translate(&error))
    }

    fn execute(&mut self, sql: &str, counts: bool) -> Result<u64, DatabaseError> {
        self.batch(sql)?;
        if counts { self.changes() } else { Ok(0) }
    }

    fn query_counting(
        &mut self,
        sql: &str,
        parameters: &[Value],
        counts: bool,
    ) -> Result<QueryOutput, DatabaseError> {
        let mut output = self.query(sql, parameters)?;
        if counts {
            output.rows_affected = self.changes()?;
        }
        Ok(output)
    }

    fn rules(&self) -> &'static dyn Rules {
        &segments::SqliteRules
    }

    fn set_foreign_keys(&mut self, on: bool) -> Result<(), DatabaseError> {
        self.batch(if on { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" })
    }

    fn defers_constraints(&mut self) -> Result<bool, DatabaseError> {
        let select = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%deferred%' LIMIT 1";
        Ok(!self.query(select, &[])?.rows.is_empty())
    }

    fn foreign_key_violations(&mut self) -> Result<Vec<(String, u64)>, DatabaseError> {
        let count = "SELECT \"table\" AS child, parent, fkid, count(*) AS n FROM pragma_foreign_key_check \
                     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
        let output = self.query(count, &[])?;
        let text = |row: usize, column: &str| {
            output.get(row, column).and_then(Value::as_str).unwrap_or("?").to_owned()
        };
        let number = |row: usize, column: &str| output.get(row, column).and_then(Value::as_i64).unwrap_or(0);
        Ok((0..output.rows.len())
            .map(|row| {
                let constraint = format!("\"{}\" -> \"{}\"", text(row, "child"), text(row, "parent"));
                (constraint, number(row, "n").unsigned_abs())
            })
            .collect())
    }

    fn look_for(&mut self, _: &str, _: Option<&str>) -> Result<InFlight, DatabaseError> {
        Ok(InFlight::NotDone)
    }

    fn reset_session(&mut self) -> Result<(), DatabaseError> {
        if let Some(location) = &self.location {
            self.connection = open(Some(location), self.busy_timeout)?;
            return Ok(());
        }
        // A database in memory would be lost with its connection: put back the switches that outlive a script.
        self.batch(
            "PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF; PRAGMA ignore_check_constraints = OFF; \
             PRAGMA recursive_triggers = OFF; PRAGMA writable_schema = RESET; PRAGMA case_sensitive_like = OFF; \
             PRAGMA defer_foreign_keys = OFF;",
        )
    }

    fn lock(&mut self, history: &str, wait: &mut dyn FnMut(Option<&str>)) -> Result<()> {
        let path = self.path.as_deref();
        self.run_lock =
            path.map(|path| lock::lock(path, history, self.run_lock_timeout, wait)).transpose()?;
        Ok(())
    }

    fn unlock(&mut self) {
        self.run_lock = None;
    }

    fn locate(&mut self, sql: &str, error: &DatabaseError) -> Option<std::ops::Range<usize>> {
        locate::locate(sql, &error.message, |sql| self.batch(sql).err().map(|error| error.message))
    }

    fn blocked_by(&mut self, _: Option<&str>) -> Vec<Blocker> {
        self.path.as_deref().map(lock::holders_of).unwrap_or_default()
    }

    fn lock_timeout(&self) -> Duration {
        self.busy_timeout
    }

    fn dump(&mut self, options: &DumpOptions) -> Result<String, DatabaseError> {
        dump::dump(self, options)
    }

    fn as_any(&mut self) -> &mut dyn std::any::Any {
        &mut self.connection
    }
}

impl SqliteBackend {
    /// Rows that the last statement inserted, changed or deleted.
    fn changes(&mut self) -> Result<u64, DatabaseError> {
        let output = self.query("SELECT changes() AS n", &[])?;
        Ok(output.get(0, "n").and_then(Value::as_i64).and_then(|n| n.try_into().ok()).unwrap_or(0))
    }
}
