//! Opening a MySQL or MariaDB database and running statements.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::mysql::{Mysql, MysqlConnection};
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{BigInt, Binary, Bool, Double, Nullable, Text};
use diesel::{Connection, RunQueryDsl};
use migration_syntax::{Dialect, tokens};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::refusal::{self, translate};
use super::server::Server;
use super::value::Row;
use super::{blockers, dump, in_flight, locate, lock, objects, segments, show, tls, variables};
use crate::backend::{Backend, Capabilities, FoundTable, InFlight};
use crate::dump::DumpOptions;
use crate::error::{Blocker, DatabaseError, DatabaseErrorKind, Error, Result};
use crate::identifier::{parameters, quote};
use crate::plan::PlannedStatement;
use crate::rules::Rules;
use crate::url::{DatabaseUrl, MysqlTarget, Timeouts, UrlError};
use crate::value::{QueryOutput, Value};
use crate::{ConnectOptions, MissingDatabase};

/// How long a statement waits for a lock of somebody else, unless the URL or the options say otherwise.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a runner waits for another one to be done, unless the options say otherwise.
const RUN_LOCK_TIMEOUT: Duration = Duration::from_secs(600);

const CAPABILITIES: Capabilities = Capabilities {
    // <https://dev.mysql.com/doc/refman/en/implicit-commit.html>
    transactional_ddl: false,
    // Few migrations hold no DDL.
    group_commits: false,
    sends_whole: false,
    since_message: "NULL",
    begin: "START TRANSACTION",
    numbered_parameters: false,
    // A `TIMESTAMP` holds UTC, whatever the session's time zone is.
    utc_now: "CURRENT_TIMESTAMP",
    long_text: "LONGTEXT",
    replaces_into: true,
    journals_intent: true,
    schemas: Some(
        "SELECT schema_name FROM information_schema.schemata \
         WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') \
         ORDER BY schema_name",
    ),
};

/// One connection to a MySQL or MariaDB database.
pub(super) struct MysqlBackend {
    connection: MysqlConnection,
    target: MysqlTarget,
    server: Server,
    rules: &'static segments::MysqlRules,
    /// The database that the URL names: where the tracking tables stand.
    home: String,
    timeouts: Timeouts,
    run_lock_timeout: Duration,
    run_lock: Option<lock::RunLock>,
    /// Tables of storage engines without transactions; forgotten whenever a statement may have made one.
    pub(super) without_transactions: Option<Vec<(String, String)>>,
}

/// Opens the database that a URL names.
///
/// # Errors
/// [`Error::Connect`] with the server's or the client library's words.
pub(in crate::backend) fn connect(
    url: &DatabaseUrl,
    target: &MysqlTarget,
    options: &ConnectOptions,
) -> Result<Box<dyn Backend>> {
    let mut target = target.clone();
    if let Some(name) = &options.schema {
        if options.create_schema && options.missing == MissingDatabase::Create {
            create_database(&target, name)
                .map_err(|source| Error::Connect { url: url.to_string(), source })?;
        }
        target.database = Some(name.clone());
    }
    let refused = |source: DatabaseError| match (&target.database, source.kind) {
        (Some(name), DatabaseErrorKind::NoDatabase) if options.schema.is_some() => {
            Error::NoSuchSchema { name: name.clone() }
        }
        (Some(name), DatabaseErrorKind::NoDatabase) => {
            let sql = format!("CREATE DATABASE {}", quote(Dialect::Mysql, name));
            Error::NoSuchDatabase { name: name.clone(), create: target.client_command(sql), source }
        }
        _ => Error::Connect { url: url.to_string(), source },
    };
    let Some(home) = target.database.clone() else { return Err(UrlError::without_database().into()) };
    let timeouts = target.timeouts.or(options);
    let (connection, server, rules) = open(&target, &timeouts).map_err(refused)?;
    if server.is_too_old() {
        let (major, minor) = server.oldest();
        let message = format!("the server is too old: it is {}, {major}.{minor} is needed", server.text);
        return Err(refused(refusal::new(message, DatabaseErrorKind::TooOld)));
    }
    Ok(Box::new(MysqlBackend {
        connection,
        target,
        server,
        rules,
        home,
        timeouts,
        run_lock_timeout: options.run_lock_timeout.or(options.lock_timeout).unwrap_or(RUN_LOCK_TIMEOUT),
        run_lock: None,
        without_transactions: None,
    }))
}

/// Makes the database in which to work, unless it is there.
fn create_database(target: &MysqlTarget, name: &str) -> Result<(), DatabaseError> {
    let mut connection = establish(&MysqlTarget { database: None, ..target.clone() })?;
    let create = format!("CREATE DATABASE IF NOT EXISTS {}", quote(Dialect::Mysql, name));
    let made = connection.batch_execute(&create);
    made.map_err(|error| translate(&mut connection, &error))
}

/// A session with its settings, and the server that it is on.
fn open(
    target: &MysqlTarget,
    timeouts: &Timeouts,
) -> Result<(MysqlConnection, Server, &'static segments::MysqlRules), DatabaseError> {
    let mut connection = establish(target)?;
    let told = diesel::sql_query("SELECT @@version, @@sql_mode").get_result::<Row>(&mut connection);
    let told = told.map_err(|error| translate(&mut connection, &error))?;
    let text = |place: usize| told.values.get(place).and_then(Value::as_str).unwrap_or_default();
    let (server, rules) = (Server::read(text(0)), segments::MysqlRules::under(text(1)));
    // Both count whole seconds. Diesel sets the time zone to UTC, and a script is to find what the server's own client
    // would find.
    let seconds = timeouts.lock.unwrap_or(LOCK_TIMEOUT).as_millis().div_ceil(1000).max(1);
    let mut settings = format!(
        "SET SESSION time_zone = DEFAULT, lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}"
    );
    if let Some(timeout) = timeouts.statement {
        settings.push_str("; ");
        settings.push_str(&server.statement_timeout(timeout.as_millis()));
    }
    connection.batch_execute(&settings).map_err(|error| translate(&mut connection, &error))?;
    Ok((connection, server, rules))
}

/// A connection to the database of the target.
pub(super) fn establish(target: &MysqlTarget) -> Result<MysqlConnection, DatabaseError> {
    let connect_kind = DatabaseErrorKind::ConnectionLost;
    let mut parameters = tls::parameters(&target.tls).map_err(|why| refusal::new(why, connect_kind))?;
    parameters.extend(target.socket.clone().map(|path| ("unix_socket", path)));
    let parameters: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    // Diesel takes the name of the database as it stands in a URL: most can't stand there, and any can behind `USE`.
    let mark = if parameters.is_empty() { "" } else { "?" };
    let url = format!("{}{mark}{}", target.login, parameters.join("&"));
    let mut connection = MysqlConnection::establish(&url).map_err(refusal::of_connection)?;
    if tls::must_encrypt(&target.tls) {
        let cipher =
            diesel::sql_query("SHOW SESSION STATUS LIKE 'Ssl_cipher'").get_result::<Row>(&mut connection);
        let cipher = cipher.map_err(|error| translate(&mut connection, &error))?;
        if cipher.values.get(1).and_then(Value::as_str).unwrap_or_default().is_empty() {
            let message = "encryption was asked for, and the server offers none".to_owned();
            return Err(refusal::new(message, connect_kind));
        }
    }
    if let Some(database) = &target.database {
        let used = connection.batch_execute(&format!("USE {}", quote(Dialect::Mysql, database)));
        used.map_err(|error| match translate(&mut connection, &error) {
            error if matches!(error.kind, DatabaseErrorKind::Denied | DatabaseErrorKind::NoDatabase) => error,
            error => DatabaseError { kind: connect_kind, ..error },
        })?;
    }
    Ok(connection)
}

impl MysqlBackend {
    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// The database that the URL names.
    pub(super) fn home(&self) -> &str {
        &self.home
    }

    fn bound(&self, sql: &str, parameters: &[Value]) -> BoxedSqlQuery<'static, Mysql, SqlQuery> {
        let mut query = diesel::sql_query(sql).into_boxed::<Mysql>();
        for parameter in parameters {
            query = match parameter {
                Value::Null => query.bind::<Nullable<Text>, _>(None::<String>),
                Value::Bool(truth) => query.bind::<Bool, _>(*truth),
                Value::Integer(number) => query.bind::<BigInt, _>(*number),
                Value::Float(number) => query.bind::<Double, _>(*number),
                Value::Text(text) => query.bind::<Text, _>(text.clone()),
                Value::Blob(bytes) => query.bind::<Binary, _>(bytes.clone()),
            };
        }
        query
    }

    fn told<T>(&mut self, result: diesel::QueryResult<T>) -> Result<T, DatabaseError> {
        result.map_err(|error| translate(&mut self.connection, &error))
    }

    /// The database of unqualified names, which is another one after `USE`.
    pub(super) fn current_database(&mut self) -> Result<String, DatabaseError> {
        let output = self.query("SELECT DATABASE() AS current", &[])?;
        Ok(output.get(0, "current").and_then(Value::as_str).unwrap_or(&self.home).to_owned())
    }
}

impl Backend for MysqlBackend {
    fn dialect(&self) -> Dialect {
        Dialect::Mysql
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn server_version(&mut self) -> Result<String, DatabaseError> {
        Ok(self.server().text.clone())
    }

    fn check_writable(&mut self) -> Result<(), DatabaseError> {
        // Who may change a server that is read-only for others is not kept from it, unless it is for everybody.
        let select = "SELECT @@global.read_only AS read_only, @@innodb_read_only AS engine, \
                      (SELECT count(*) FROM information_schema.user_privileges WHERE privilege_type IN \
                      ('SUPER', 'CONNECTION_ADMIN', 'READ_ONLY ADMIN') \
                      AND grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')) AS may";
        let output = self.query(select, &[])?;
        let is_on = |column: &str| match output.get(0, column) {
            Some(Value::Text(text)) => !matches!(text.as_str(), "0" | "OFF"),
            value => value.and_then(Value::as_i64).unwrap_or(0) != 0,
        };
        let for_all = self.query("SHOW GLOBAL VARIABLES LIKE 'super_read_only'", &[])?;
        let for_all = for_all.get(0, "Value").and_then(Value::as_str) == Some("ON");
        if is_on("engine") || for_all || (is_on("read_only") && !is_on("may")) {
            let message = "the server takes no writes: it is read-only, as a replica is".to_owned();
            return Err(refusal::new(message, DatabaseErrorKind::ReadOnly));
        }
        Ok(())
    }

    fn find_tables(
        &mut self,
        schema: Option<&str>,
        tables: &[&str],
    ) -> Result<Vec<FoundTable>, DatabaseError> {
        let select = format!(
            "SELECT table_name AS name FROM information_schema.tables \
             WHERE table_schema = ? AND table_name IN ({})",
            parameters(CAPABILITIES, tables.len())
        );
        let home = schema.unwrap_or(&self.home).to_owned();
        let names: Vec<Value> =
            std::iter::once(home.as_str()).chain(tables.iter().copied()).map(Value::from).collect();
        let found = self.query(&select, &names)?.with_texts();
        let is_there = |table: &str| {
            // Whether case counts is the server's setting.
            let mut names = found.rows.iter().filter_map(|row| row.first()?.as_str());
            names.any(|name| name == table || name == table.to_lowercase())
        };
        let qualified =
            |table: &str| format!("{}.{}", quote(Dialect::Mysql, &home), quote(Dialect::Mysql, table));
        let found = |table: &&str| FoundTable { sql: qualified(table), exists: is_there(table) };
        Ok(tables.iter().map(found).collect())
    }

    fn read_table(&mut self, table: &str) -> Result<QueryOutput, DatabaseError> {
        self.set_utc(true)?;
        let output = self.query(&format!("SELECT * FROM {table}"), &[]);
        self.set_utc(false)?;
        output
    }

    fn set_utc(&mut self, on: bool) -> Result<(), DatabaseError> {
        self.batch(if on { "SET SESSION time_zone = '+00:00'" } else { "SET SESSION time_zone = DEFAULT" })
    }

    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<QueryOutput, DatabaseError> {
        if !returns_rows(sql) {
            return self.query_counting(sql, parameters, true);
        }
        let rows = if parameters.is_empty() && show::is_told_late(sql) {
            show::rows(&mut self.connection, sql)
        } else {
            self.bound(sql, parameters).load(&mut self.connection)
        };
        let mut rows = self.told(rows)?.into_iter();
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
        if !counts || returns_rows(sql) {
            let output = self.query(sql, parameters)?;
            let rows_affected = if counts { output.rows.len() as u64 } else { 0 };
            return Ok(QueryOutput { rows_affected, ..output });
        }
        let rows = self.bound(sql, parameters).execute(&mut self.connection);
        Ok(QueryOutput { rows_affected: self.told(rows)? as u64, ..QueryOutput::default() })
    }

    fn batch(&mut self, sql: &str) -> Result<(), DatabaseError> {
        let done = self.connection.batch_execute(sql);
        self.told(done)
    }

    fn execute(&mut self, sql: &str, counts: bool) -> Result<u64, DatabaseError> {
        if counts {
            return self.query_counting(sql, &[], true).map(|output| output.rows_affected);
        }
        // Whatever it is, it may have made a table, or changed the storage engine of one.
        self.without_transactions = None;
        self.batch(sql).map(|()| 0)
    }

    fn rules(&self) -> &'static dyn Rules {
        self.rules
    }

    fn fingerprint(&mut self, sql: &str) -> Result<Option<String>, DatabaseError> {
        in_flight::fingerprint(self, sql).map(Some)
    }

    fn look_for(&mut self, sql: &str, fingerprint: Option<&str>) -> Result<InFlight, DatabaseError> {
        in_flight::look_for(self, sql, fingerprint)
    }

    fn keep_session(&mut self, done: &[PlannedStatement]) -> Result<Option<String>, DatabaseError> {
        variables::assignment(self, done)
    }

    fn fingerprint_once_committed(&self, fingerprint: Option<&str>) -> Option<String> {
        fingerprint.map(in_flight::of_committed)
    }

    fn refusal_is_whole(&self, sql: &str) -> bool {
        matches!(objects::about(sql), objects::About::Unknown)
    }

    fn escapes_transaction(&mut self, sql: &str, any_database: bool) -> Result<bool, DatabaseError> {
        self.writes_without_transactions(sql, any_database)
    }

    fn reset_session(&mut self) -> Result<(), DatabaseError> {
        // The old session ends before the new one claims the database for itself.
        (self.connection, self.server, self.rules) = open(&self.target, &self.timeouts)?;
        self.without_transactions = None;
        match &self.run_lock {
            Some(lock) => lock::claim_again(&mut self.connection, &lock.history),
            None => Ok(()),
        }
    }

    fn lock(&mut self, history: &str, wait: &mut dyn FnMut(Option<&str>)) -> Result<()> {
        let start = Instant::now();
        let run_lock = lock::lock(&self.target, history, self.run_lock_timeout, wait)?;
        let left = self.run_lock_timeout.saturating_sub(start.elapsed());
        lock::claim(&mut self.connection, history, left, wait)?;
        self.run_lock = Some(run_lock);
        Ok(())
    }

    fn unlock(&mut self) {
        if let Some(lock) = self.run_lock.take() {
            lock::disclaim(&mut self.connection, &lock.history);
        }
    }

    fn locate(&mut self, sql: &str, error: &DatabaseError) -> Option<std::ops::Range<usize>> {
        locate::locate(sql, &error.message)
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

/// Whether a statement has a result to be read: diesel must know beforehand.
fn returns_rows(sql: &str) -> bool {
    let mut words =
        tokens(sql, Dialect::Mysql).map_while(std::result::Result::ok).filter(|token| !token.is_trivia());
    let reads =
        ["select", "values", "table", "with", "show", "explain", "describe", "desc", "analyze", "check", "("];
    let first = words.next();
    first.is_some_and(|first| reads.iter().any(|word| first.text.eq_ignore_ascii_case(word)))
        || words.any(|token| token.is_word("returning"))
}
