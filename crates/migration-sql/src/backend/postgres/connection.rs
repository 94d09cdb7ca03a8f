//! Opening a PostgreSQL database and running statements.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{BigInt, Bool, Bytea, Double, Nullable, Text};
use diesel::{Connection, RunQueryDsl};
use migration_syntax::{Dialect, tokens};

use super::refusal::{self, translate};
use super::value::{Row, Unknown};
use super::{blockers, copy, dump, in_flight, locate, lock, segments};
use crate::backend::{Backend, Capabilities, FoundTable, InFlight};
use crate::dump::DumpOptions;
use crate::error::{Blocker, DatabaseError, DatabaseErrorKind, Error, Result};
use crate::identifier::quote;
use crate::rules::Rules;
use crate::url::{DatabaseUrl, ServerTarget, Timeouts};
use crate::value::{QueryOutput, Value};
use crate::{ConnectOptions, MissingDatabase};

/// How long a statement waits for a lock of somebody else, unless the URL or the options say otherwise.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// The oldest version that this works with, as `server_version_num` counts; older ones lack functions that it asks.
const OLDEST: i64 = 100_000;

/// How long a runner waits for another one to be done, unless the options say otherwise.
const RUN_LOCK_TIMEOUT: Duration = Duration::from_secs(600);

const CAPABILITIES: Capabilities = Capabilities {
    transactional_ddl: true,
    // One transaction for many migrations would hold the locks of all their tables until its end.
    group_commits: false,
    sends_whole: true,
    since_message: "(extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000)::integer",
    begin: "BEGIN",
    numbered_parameters: true,
    utc_now: "CURRENT_TIMESTAMP AT TIME ZONE 'UTC'",
    long_text: "TEXT",
    replaces_into: false,
    journals_intent: true,
    schemas: Some(
        "SELECT nspname FROM pg_catalog.pg_namespace \
         WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY nspname",
    ),
};

/// One connection to a PostgreSQL database.
pub(super) struct PostgresBackend {
    connection: PgConnection,
    target: ServerTarget,
    rules: &'static segments::PostgresRules,
    /// The one schema of the search path, if one was asked for.
    schema: Option<String>,
    timeouts: Timeouts,
    run_lock_timeout: Duration,
    run_lock: Option<lock::RunLock>,
}

/// Opens the database that a URL names.
///
/// # Errors
/// [`Error::Connect`] with the server's or the client library's words.
pub(in crate::backend) fn connect(
    url: &DatabaseUrl,
    target: &ServerTarget,
    options: &ConnectOptions,
) -> Result<Box<dyn Backend>> {
    let timeouts = target.timeouts.or(options);
    let (mut connection, rules) =
        open(target, &timeouts, options.schema.as_deref()).map_err(
            |source| match refusal::missing_database(&source.message) {
                Some(name) if source.kind == DatabaseErrorKind::NoDatabase => {
                    let (name, sql) =
                        (name.to_owned(), format!("CREATE DATABASE {}", quote(Dialect::Postgres, name)));
                    Error::NoSuchDatabase { name, create: target.client_command(sql), source }
                }
                _ => Error::Connect { url: url.to_string(), source },
            },
        )?;
    if let Some(name) = &options.schema {
        see_to_schema(&mut connection, name, options)?;
    }
    Ok(Box::new(PostgresBackend {
        connection,
        target: target.clone(),
        rules,
        schema: options.schema.clone(),
        timeouts,
        run_lock_timeout: options.run_lock_timeout.or(options.lock_timeout).unwrap_or(RUN_LOCK_TIMEOUT),
        run_lock: None,
    }))
}

/// Looks whether a schema is there, and makes it where that is wanted.
fn see_to_schema(connection: &mut PgConnection, name: &str, options: &ConnectOptions) -> Result<()> {
    let what = || format!("the schema `{name}` can't be used");
    let refused = |error| Error::Database { what: what(), source: translate(&error) };
    let select = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1)";
    let found: Row =
        diesel::sql_query(select).bind::<Text, _>(name).get_result(connection).map_err(refused)?;
    if found.values.first() == Some(&Value::Bool(true)) {
        return Ok(());
    }
    match (options.create_schema, options.missing) {
        (false, _) | (true, MissingDatabase::Refuse) => Err(Error::NoSuchSchema { name: name.to_owned() }),
        (true, MissingDatabase::TreatAsEmpty) => Ok(()),
        (true, MissingDatabase::Create) => {
            let create = format!("CREATE SCHEMA IF NOT EXISTS {}", quote(Dialect::Postgres, name));
            connection.batch_execute(&create).map_err(refused)
        }
    }
}

fn open(
    target: &ServerTarget,
    timeouts: &Timeouts,
    schema: Option<&str>,
) -> Result<(PgConnection, &'static segments::PostgresRules), DatabaseError> {
    let mut connection = establish(target)?;
    let mut settings = format!(
        // Diesel sets the time zone to UTC, and a script is to find what the server's own client would find.
        "SET lock_timeout = {}; SET idle_in_transaction_session_timeout = 0; SET TIME ZONE DEFAULT;",
        timeouts.lock.unwrap_or(LOCK_TIMEOUT).as_millis()
    );
    if let Some(timeout) = timeouts.statement {
        settings.push_str(&format!("SET statement_timeout = {};", timeout.as_millis()));
    }
    if let Some(schema) = schema {
        settings.push_str(&format!("SET search_path TO {};", quote(Dialect::Postgres, schema)));
    }
    connection.batch_execute(&settings).map_err(|error| translate(&error))?;
    let ask = "SELECT current_setting('standard_conforming_strings') = 'on', \
               current_setting('server_version_num')::integer, current_setting('server_version')";
    let told: Row = diesel::sql_query(ask).get_result(&mut connection).map_err(|error| translate(&error))?;
    let number = told.values.get(1).and_then(Value::as_i64).unwrap_or(i64::MAX);
    if number < OLDEST {
        let version = told.values.get(2).and_then(Value::as_str).unwrap_or_default();
        let message = format!("the server is too old: it is {version}, {} is needed", OLDEST / 10_000);
        return Err(refusal::new(message, DatabaseErrorKind::CantOpen));
    }
    let rules = &segments::RULES[usize::from(told.values.first() == Some(&Value::Bool(true)))];
    Ok((connection, rules))
}

/// A connection that is known by its name to whoever looks at the server's list of sessions.
pub(super) fn establish(target: &ServerTarget) -> Result<PgConnection, DatabaseError> {
    let mut connection = PgConnection::establish(&target.url).map_err(|error| match error {
        diesel::ConnectionError::BadConnection(message) => refusal::of_connection(&message),
        other => refusal::of_connection(&other.to_string()),
    })?;
    connection.batch_execute("SET application_name = 'migration'").map_err(|error| translate(&error))?;
    Ok(connection)
}

impl PostgresBackend {
    fn bound(&self, sql: &str, parameters: &[Value]) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
        let mut query = diesel::sql_query(sql).into_boxed::<Pg>();
        for parameter in parameters {
            query = match parameter {
                // Without a type the server takes the one that the place has.
                Value::Null => query.bind::<Nullable<Unknown>, _>(None::<Unknown>),
                Value::Bool(truth) => query.bind::<Bool, _>(*truth),
                Value::Integer(number) => query.bind::<BigInt, _>(*number),
                Value::Float(number) => query.bind::<Double, _>(*number),
                Value::Text(text) => query.bind::<Text, _>(text.clone()),
                Value::Blob(bytes) => query.bind::<Bytea, _>(bytes.clone()),
            };
        }
        query
    }
}

impl Backend for PostgresBackend {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn server_version(&mut self) -> Result<String, DatabaseError> {
        let output = self.query("SELECT current_setting('server_version') AS version", &[])?;
        Ok(output.get(0, "version").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    fn check_writable(&mut self) -> Result<(), DatabaseError> {
        let output =
            self.query("SELECT current_setting('transaction_read_only') = 'on' AS read_only", &[])?;
        if output.get(0, "read_only") == Some(&Value::Bool(true)) {
            let message = "the server takes no writes: a replica, or a read-only session".to_owned();
            return Err(refusal::new(message, DatabaseErrorKind::ReadOnly));
        }
        Ok(())
    }

    fn find_tables(
        &mut self,
        schema: Option<&str>,
        tables: &[&str],
    ) -> Result<Vec<FoundTable>, DatabaseError> {
        // As an unqualified name is resolved: along the search path. A new one comes to stand in its first schema.
        let names: Vec<String> = (0..tables.len()).map(|n| format!("${}", n + 2)).collect();
        let select = format!(
            "SELECT given.name, n.nspname AS home, coalesce(given.home, current_schema()) AS first \
             FROM (SELECT unnest(ARRAY[{}]) AS name, $1::text AS home) AS given \
             LEFT JOIN pg_catalog.pg_class c \
             ON c.oid = to_regclass(coalesce(quote_ident(given.home) || '.', '') || quote_ident(given.name)) \
             LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
            names.join(", ")
        );
        let schema = schema.map_or(Value::Null, Value::from);
        let given: Vec<Value> =
            std::iter::once(schema).chain(tables.iter().copied().map(Value::from)).collect();
        let output = self.query(&select, &given)?;
        let found = |table: &&str| {
            let row = output.rows.iter().find(|row| row.first().and_then(Value::as_str) == Some(table));
            let text = |place: usize| row.and_then(|row| row.get(place)).and_then(Value::as_str);
            let quoted = |name: &str| quote(Dialect::Postgres, name);
            let sql = match text(1).or(text(2)) {
                Some(schema) => format!("{}.{}", quoted(schema), quoted(table)),
                // There is none that it could stand in: for the server to say.
                None => quoted(table),
            };
            FoundTable { sql, exists: text(1).is_some() }
        };
        Ok(tables.iter().map(found).collect())
    }

    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<QueryOutput, DatabaseError> {
        let rows: Vec<Row> =
            self.bound(sql, parameters).load(&mut self.connection).map_err(|error| translate(&error))?;
        let mut rows = rows.into_iter();
        let Some(first) = rows.next() else { return Ok(QueryOutput::default()) };
        let values = std::iter::once(first.values).chain(rows.map(|row| row.values)).collect();
        Ok(QueryOutput { columns: first.columns, rows: values, rows_affected: 0 })
    }

    fn query_counting(
        &mut self,
        sql: &str,
        parameters: &[Value],
        counts: bool,
    ) -> Result<QueryOutput, DatabaseError> {
        // Rows that come back of a statement that writes are those that it wrote; libpq's count is lost on the way.
        let returns =
            tokens(sql, Dialect::Postgres).map_while(std::result::Result::ok).any(|t| t.is_word("returning"));
        if counts && !returns {
            let rows = self.bound(sql, parameters).execute(&mut self.connection);
            let rows_affected = rows.map_err(|error| translate(&error))? as u64;
            return Ok(QueryOutput { rows_affected, ..QueryOutput::default() });
        }
        let mut output = self.query(sql, parameters)?;
        output.rows_affected = if counts { output.rows.len() as u64 } else { 0 };
        Ok(output)
    }

    fn batch(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.connection.batch_execute(sql).map_err(|error| translate(&error))
    }

    fn execute(&mut self, sql: &str, counts: bool) -> Result<u64, DatabaseError> {
        // The simple protocol takes every statement and tells no count.
        if counts {
            self.query_counting(sql, &[], true).map(|output| output.rows_affected)
        } else {
            self.batch(sql).map(|()| 0)
        }
    }

    fn copy_in(&mut self, sql: &str, data: &str) -> Result<u64, DatabaseError> {
        copy::copy_in(&mut self.connection, sql, data)
    }

    fn rules(&self) -> &'static dyn Rules {
        self.rules
    }

    fn fingerprint(&mut self, sql: &str) -> Result<Option<String>, DatabaseError> {
        in_flight::fingerprint(self, sql)
    }

    fn look_for(&mut self, sql: &str, fingerprint: Option<&str>) -> Result<InFlight, DatabaseError> {
        in_flight::look_for(self, sql, fingerprint)
    }

    fn reset_session(&mut self) -> Result<(), DatabaseError> {
        // The old session ends before the new one claims the database for itself.
        (self.connection, self.rules) = open(&self.target, &self.timeouts, self.schema.as_deref())?;
        match &self.run_lock {
            Some(lock) => lock::claim_again(&mut self.connection, lock.key),
            None => Ok(()),
        }
    }

    fn lock(&mut self, history: &str, wait: &mut dyn FnMut(Option<&str>)) -> Result<()> {
        let start = Instant::now();
        let run_lock = lock::lock(&self.target, lock::Key::of(history), self.run_lock_timeout, wait)?;
        let left = self.run_lock_timeout.saturating_sub(start.elapsed());
        lock::claim(&mut self.connection, run_lock.key, left, wait)?;
        self.run_lock = Some(run_lock);
        Ok(())
    }

    fn unlock(&mut self) {
        if let Some(lock) = self.run_lock.take() {
            lock::disclaim(&mut self.connection, lock.key);
        }
    }

    fn locate(&mut self, sql: &str, error: &DatabaseError) -> Option<std::ops::Range<usize>> {
        locate::locate(sql, error)
    }

    fn blocked_by(&mut self, sql: Option<&str>) -> Vec<Blocker> {
        blockers::blockers(&self.target, sql)
    }

    fn lock_timeout(&self) -> Duration {
        self.timeouts.lock.unwrap_or(LOCK_TIMEOUT)
    }

    fn dump(&mut self, options: &DumpOptions) -> Result<String, DatabaseError> {
        dump::dump(self, options)
    }

    #[cfg(feature = "sqlite")]
    fn as_any(&mut self) -> &mut dyn std::any::Any {
        &mut self.connection
    }
}
