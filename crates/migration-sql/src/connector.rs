//! One connection to a database, addressed by URL.

use std::fmt;
use std::time::{Duration, Instant};

use migration_syntax::{Dialect, TokenKind, split, tokens};

use crate::backend::{self, Backend, Capabilities};
use crate::dump::DumpOptions;
use crate::error::{Error, Result};
use crate::identifier::quote;
use crate::url::DatabaseUrl;
use crate::value::{QueryOutput, Value};

/// How a connection is opened.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// How long to wait for a lock of somebody else before giving up; `None`: 30 s for a lock in the database, 10 minutes
    /// for another run of migrations.
    pub lock_timeout: Option<Duration>,
    /// How long to wait for another run of migrations; `None`: as `lock_timeout`.
    pub run_lock_timeout: Option<Duration>,
    /// How long a statement may take before the server ends it; `None`: as long as it needs. SQLite has no such bound.
    pub statement_timeout: Option<Duration>,
    /// What to do about a SQLite file that does not exist.
    pub missing: MissingDatabase,
    /// The schema to work in: on PostgreSQL the whole search path, on MySQL the database in place of the URL's. SQLite has
    /// none.
    pub schema: Option<String>,
    /// Whether that schema is created where it is missing, as `missing` says of a SQLite file.
    pub create_schema: bool,
}

/// What to do about a SQLite file that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingDatabase {
    /// Create it.
    #[default]
    Create,
    /// [`Error::DatabaseMissing`].
    Refuse,
    /// Act on an empty database in memory: for commands that only read.
    TreatAsEmpty,
}

/// One open connection to a database.
///
/// ```
/// # #[cfg(feature = "sqlite")] {
/// use migration_sql::{DatabaseConnector, Value};
///
/// let mut database = DatabaseConnector::open("sqlite::memory:")?;
/// database.execute_script("CREATE TABLE t (n INTEGER, name TEXT); INSERT INTO t VALUES (1, 'one');")?;
/// let inserted = database.execute("INSERT INTO t VALUES (?, ?)", &[Value::from(2), Value::from("two")])?;
/// assert_eq!(inserted.rows_affected, 1);
/// let found = database.execute("SELECT name FROM t WHERE n > ?", &[Value::from(1)])?;
/// assert_eq!(found.rows, [[Value::from("two")]]);
/// # }
/// # Ok::<(), migration_sql::Error>(())
/// ```
pub struct DatabaseConnector {
    url: DatabaseUrl,
    pub(crate) schema: Option<String>,
    pub(crate) backend: Box<dyn Backend>,
}

/// What a script came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScriptOutput {
    /// Statements that were executed.
    pub statements_executed: u64,
    /// Rows that they inserted, changed or deleted.
    pub rows_affected: u64,
}

impl DatabaseConnector {
    /// Opens the database that the text of a URL names, with the default options.
    ///
    /// # Errors
    /// As [`DatabaseConnector::connect`], and [`Error::Url`].
    pub fn open(url: &str) -> Result<Self> {
        Self::connect(&DatabaseUrl::parse(url)?, &ConnectOptions::default())
    }

    /// Opens the database that a URL names.
    ///
    /// # Errors
    /// [`Error::FeatureMissing`] when the backend isn't compiled in, [`Error::DatabaseMissing`], [`Error::Locked`], and
    /// [`Error::Connect`] with the database's own words.
    pub fn connect(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Self> {
        let backend = backend::connect(url, options)?;
        Ok(Self { url: url.clone(), schema: options.schema.clone(), backend })
    }

    /// The URL that it was opened with.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Which SQL it speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// Facts about the backend.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.backend.capabilities()
    }

    /// The version of the database, as it names itself.
    ///
    /// # Errors
    /// [`Error::Database`] when it does not answer.
    pub fn server_version(&mut self) -> Result<String> {
        self.backend.server_version().map_err(Error::database("the database did not tell its version"))
    }

    /// Runs one statement with bound parameters. Rows come back with the types that the database gives them.
    ///
    /// # Errors
    /// [`Error::NotOneStatement`] for a text with none or several, [`Error::SplitText`] for one that never ends, and
    /// [`Error::Database`] with the database's words; also when the number of parameters isn't the statement's.
    pub fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<QueryOutput> {
        execute_on(self.backend.as_mut(), sql, parameters)
    }

    /// Runs the statements of a text one after the other, each by itself unless the text opens a transaction.
    ///
    /// # Errors
    /// [`Error::SplitText`] before anything runs; [`Error::Database`] for the first statement that fails: those before it
    /// have taken effect.
    pub fn execute_script(&mut self, sql: &str) -> Result<ScriptOutput> {
        execute_script_on(self.backend.as_mut(), sql)
    }

    /// The names of the schemas that are not the database's own, sorted; on MySQL, of the databases.
    ///
    /// # Errors
    /// [`Error::SchemasUnsupported`] for SQLite, and [`Error::Database`] when they can't be read.
    pub fn schemas(&mut self) -> Result<Vec<String>> {
        let Some(select) = self.capabilities().schemas else {
            return Err(Error::SchemasUnsupported { dialect: self.dialect(), name: String::new() });
        };
        let found = self.backend.query(select, &[]);
        let found = found.map_err(Error::database("the schemas can't be read"))?.with_texts();
        let names = found.rows.iter().filter_map(|row| row.first()?.as_str()).map(str::to_owned);
        Ok(names.collect())
    }

    /// Makes a schema (on MySQL, a database) unless there is one of this name.
    ///
    /// # Errors
    /// [`Error::SchemasUnsupported`] for SQLite, and [`Error::Database`] when the server refuses.
    pub fn create_schema(&mut self, name: &str) -> Result<()> {
        let dialect = self.dialect();
        if self.capabilities().schemas.is_none() {
            return Err(Error::SchemasUnsupported { dialect, name: name.to_owned() });
        }
        let create = format!("CREATE SCHEMA IF NOT EXISTS {}", quote(dialect, name));
        self.backend.batch(&create).map_err(Error::database(format!("the schema `{name}` can't be created")))
    }

    /// The schema to work in, if one was asked for.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The schema as SQL text: deterministic, and runnable on an empty database.
    ///
    /// # Errors
    /// [`Error::Database`] when the database can't be read.
    pub fn dump(&mut self, options: &DumpOptions) -> Result<String> {
        self.backend.dump(options).map_err(Error::database("the schema can't be read"))
    }

    /// Diesel's own connection, to register SQL functions and collations that migrations use.
    #[cfg(feature = "sqlite")]
    pub fn sqlite_connection(&mut self) -> Option<&mut diesel::sqlite::SqliteConnection> {
        self.backend.as_any().downcast_mut()
    }

    pub(crate) fn backend(&mut self) -> &mut dyn Backend {
        self.backend.as_mut()
    }
}

/// One statement with bound parameters, as [`DatabaseConnector::execute`].
pub(crate) fn execute_on(backend: &mut dyn Backend, sql: &str, parameters: &[Value]) -> Result<QueryOutput> {
    let statements = split(sql, backend.dialect()).map_err(Error::SplitText)?;
    let [statement] = statements.as_slice() else {
        return Err(Error::NotOneStatement { found: statements.len() });
    };
    let expected = parameter_count(statement.text, backend.dialect());
    if expected != parameters.len() {
        return Err(Error::ParameterCount { expected, given: parameters.len() });
    }
    let output = backend.query_counting(statement.text, parameters, statement.kind.writes_rows());
    output.map_err(|error| backend::refused(backend, "the statement failed", error))
}

/// Statements one after the other, as [`DatabaseConnector::execute_script`].
pub(crate) fn execute_script_on(backend: &mut dyn Backend, sql: &str) -> Result<ScriptOutput> {
    let mut output = ScriptOutput::default();
    for statement in split(sql, backend.dialect()).map_err(Error::SplitText)? {
        let rows = backend.execute(statement.text, statement.kind.writes_rows());
        output.rows_affected += rows.map_err(|source| {
            let what = format!("the statement on line {} failed", statement.line);
            backend::refused(backend, &what, source)
        })?;
        output.statements_executed += 1;
    }
    Ok(output)
}

impl fmt::Debug for DatabaseConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConnector").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Waits until the database answers, and returns the connection.
///
/// # Errors
/// The last refusal when the time is up; at once for what waiting can't mend ([`Error::FeatureMissing`]).
pub fn wait_until_ready(url: &DatabaseUrl, timeout: Duration) -> Result<DatabaseConnector> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(50);
    loop {
        let options = ConnectOptions {
            lock_timeout: Some(Duration::from_secs(1).min(timeout)),
            missing: MissingDatabase::Refuse,
            ..ConnectOptions::default()
        };
        match DatabaseConnector::connect(url, &options) {
            Err(error @ Error::FeatureMissing { .. }) => return Err(error),
            Err(error) if start.elapsed() >= timeout => return Err(error),
            Err(error) => tracing::debug!(%error, "the database does not answer yet"),
            Ok(connector) => return Ok(connector),
        }
        std::thread::sleep(pause.min(timeout.saturating_sub(start.elapsed())));
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// How many values a statement takes: a `?` is one more than the largest so far, `?3` is the third, a name is one however
/// often it stands there (<https://www.sqlite.org/lang_expr.html#varparam>).
fn parameter_count(sql: &str, dialect: Dialect) -> usize {
    let mut largest = 0;
    let mut names = Vec::new();
    for token in tokens(sql, dialect).map_while(std::result::Result::ok) {
        // MySQL's variables count as parameters for the lexer.
        let is_variable = dialect == Dialect::Mysql && token.text.starts_with('@');
        if token.kind != TokenKind::Parameter || is_variable {
            continue;
        }
        match token.text.trim_start_matches(['?', '$']).parse::<usize>() {
            Ok(number) => largest = largest.max(number),
            Err(_) if token.text == "?" => largest += 1,
            Err(_) if !names.contains(&token.text) => {
                names.push(token.text);
                largest += 1;
            }
            Err(_) => {}
        }
    }
    largest
}
