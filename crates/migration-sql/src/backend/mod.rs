//! What a backend must be able to do; one folder per backend, with the same files in each.

use std::time::Duration;

use migration_syntax::Dialect;

use crate::ConnectOptions;
use crate::dump::DumpOptions;
use crate::error::{Blocker, DatabaseError, DatabaseErrorKind, Error, Result, listed};
use crate::plan::PlannedStatement;
use crate::rules::Rules;
use crate::url::{DatabaseUrl, UrlTarget};
use crate::value::{QueryOutput, Value};

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(not(feature = "mysql"))]
#[path = "mysql_disabled.rs"]
mod mysql;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod order;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(not(feature = "postgres"))]
#[path = "postgres_disabled.rs"]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(not(feature = "sqlite"))]
#[path = "sqlite_disabled.rs"]
mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod turn;

/// Facts about a backend: what the engine branches on instead of names, and what a caller may want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether `CREATE`, `ALTER` and `DROP` can be rolled back.
    pub transactional_ddl: bool,
    /// Whether a commit costs so much that consecutive migrations share one.
    pub group_commits: bool,
    /// Whether a migration that is one transaction is sent as one message where nothing has to be counted.
    pub sends_whole: bool,
    /// The milliseconds since a message came in, where one can be sent whole.
    pub since_message: &'static str,
    /// What opens a transaction that may write.
    pub begin: &'static str,
    /// Whether the parameters of a statement are `$1`, `$2`, … and not `?`.
    pub numbered_parameters: bool,
    /// The time as UTC, for a column without a time zone.
    pub utc_now: &'static str,
    /// The type of texts of any length.
    pub long_text: &'static str,
    /// Whether a row is put in the place of another one by `REPLACE INTO`, and not by `ON CONFLICT … DO UPDATE`.
    pub replaces_into: bool,
    /// Whether some statements that run outside of a transaction can't simply be run again after a crash, so that the
    /// journal notes them beforehand.
    pub journals_intent: bool,
    /// The query that finds the names of the schemas that are not the database's own (on MySQL: databases); `None` where
    /// there are none.
    pub schemas: Option<&'static str>,
}

/// What became of a statement that was in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(any(feature = "postgres", feature = "mysql")),
    expect(dead_code, reason = "SQLite needs not look")
)]
pub(crate) enum InFlight {
    /// It took effect.
    Done,
    /// It did not, or running it again does no harm.
    NotDone,
    /// That can't be found out.
    Undecided,
}

/// Where a table stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundTable {
    /// Its name as it stands in a statement: quoted, and qualified.
    pub(crate) sql: String,
    /// Whether it is there; else this is where it would be created.
    pub(crate) exists: bool,
}

/// One open connection.
pub(crate) trait Backend: Send {
    /// Which backend.
    fn dialect(&self) -> Dialect;

    /// Its facts.
    fn capabilities(&self) -> Capabilities;

    /// The version of the database, as it names itself.
    fn server_version(&mut self) -> Result<String, DatabaseError>;

    /// Fails if the database can't be written now. Changes nothing.
    fn check_writable(&mut self) -> Result<(), DatabaseError>;

    /// Where the tables of these names stand, or would if they were created now, in their order. `schema` is where to look
    /// (the database, on MySQL); `None`: where an unqualified name leads. Only given where there are
    /// [schemas](Capabilities::schemas).
    fn find_tables(
        &mut self,
        schema: Option<&str>,
        tables: &[&str],
    ) -> Result<Vec<FoundTable>, DatabaseError>;

    /// All rows of a table (named as a statement has it), with times in UTC.
    fn read_table(&mut self, table: &str) -> Result<QueryOutput, DatabaseError> {
        self.query(&format!("SELECT * FROM {table}"), &[])
    }

    /// Has times without a zone mean UTC, or what they meant before; only where the session has a say in that.
    fn set_utc(&mut self, _on: bool) -> Result<(), DatabaseError> {
        Ok(())
    }

    /// Runs one statement with bound parameters and reads its rows.
    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<QueryOutput, DatabaseError>;

    /// The same, and with `counts` the number of rows that the statement inserted, changed or deleted.
    fn query_counting(
        &mut self,
        sql: &str,
        parameters: &[Value],
        counts: bool,
    ) -> Result<QueryOutput, DatabaseError>;

    /// Runs statements without parameters and drops their rows.
    fn batch(&mut self, sql: &str) -> Result<(), DatabaseError>;

    /// Runs one statement of a script and drops its rows. Returns how many rows it inserted, changed or deleted; that is
    /// only asked for (`counts`) of statements that do such a thing.
    fn execute(&mut self, sql: &str, counts: bool) -> Result<u64, DatabaseError>;

    /// Runs `COPY … FROM stdin` with the data that stands behind it. Returns how many rows were copied. Only the rules of
    /// PostgreSQL find such data; another database says that it knows no `COPY`.
    fn copy_in(&mut self, sql: &str, _data: &str) -> Result<u64, DatabaseError> {
        self.execute(sql, false)
    }

    /// How this backend runs scripts; speaks to no database.
    fn rules(&self) -> &'static dyn Rules;

    /// Turns the enforcement of foreign keys on or off, outside of a transaction; only asked of a backend whose rules say
    /// so.
    fn set_foreign_keys(&mut self, _on: bool) -> Result<(), DatabaseError> {
        Ok(())
    }

    /// Whether some constraint may be checked no earlier than on commit, so that a shared commit would not tell whose
    /// violation it is.
    fn defers_constraints(&mut self) -> Result<bool, DatabaseError> {
        Ok(false)
    }

    /// How many rows break a foreign key, by constraint; empty where the database enforces them always.
    fn foreign_key_violations(&mut self) -> Result<Vec<(String, u64)>, DatabaseError> {
        Ok(Vec::new())
    }

    /// What tells later whether a statement took effect: a digest of what it is about, as that is now. `None` where the
    /// statement itself tells enough. Only asked where [`Capabilities::journals_intent`].
    fn fingerprint(&mut self, _sql: &str) -> Result<Option<String>, DatabaseError> {
        Ok(None)
    }

    /// Whether a statement that was in flight when a run was cut off took effect, found out by looking; `fingerprint` was
    /// taken before it ran. What it left half done is removed. Only asked where [`Capabilities::journals_intent`].
    fn look_for(&mut self, sql: &str, fingerprint: Option<&str>) -> Result<InFlight, DatabaseError>;

    /// What these statements left in the session that running them again might not bring back, as a statement that does;
    /// `None` where there is no such thing.
    fn keep_session(&mut self, _done: &[PlannedStatement]) -> Result<Option<String>, DatabaseError> {
        Ok(None)
    }

    /// What is noted in the transaction of a statement of which nobody knows whether it commits: it lasts if it does.
    fn fingerprint_once_committed(&self, fingerprint: Option<&str>) -> Option<String> {
        fingerprint.map(str::to_owned)
    }

    /// Whether a statement that the server refused has left nothing behind, though [`Backend::look_for`] can't see that.
    fn refusal_is_whole(&self, _sql: &str) -> bool {
        false
    }

    /// Whether a statement takes effect at once though it stands in a transaction, as one that writes a table of a storage
    /// engine without transactions. With `any_database` an unqualified name may be that of a table in any.
    fn escapes_transaction(&mut self, _sql: &str, _any_database: bool) -> Result<bool, DatabaseError> {
        Ok(false)
    }

    /// Makes the session what it was when it was opened, whatever the last script did to it.
    fn reset_session(&mut self) -> Result<(), DatabaseError>;

    /// Keeps other runners out until [`Backend::unlock`] that keep their history in the same table (`history`, as it stands
    /// in a statement). A runner that dies lets go: at once where nothing of it runs on, else as soon as the server is done
    /// with what it was sent last.
    ///
    /// # Errors
    /// [`Error::Locked`] when the time to wait is over.
    fn lock(&mut self, history: &str, wait: &mut dyn FnMut(Option<&str>)) -> Result<()>;

    /// Lets the next runner in.
    fn unlock(&mut self);

    /// Byte span within `sql` of what the error is about, if it can be told.
    fn locate(&mut self, sql: &str, error: &DatabaseError) -> Option<std::ops::Range<usize>>;

    /// Who holds the lock that a statement waited for in vain; of no particular statement, who may.
    fn blocked_by(&mut self, sql: Option<&str>) -> Vec<Blocker>;

    /// How long a statement waits for a lock.
    fn lock_timeout(&self) -> Duration;

    /// The schema as SQL text.
    fn dump(&mut self, options: &DumpOptions) -> Result<String, DatabaseError>;

    /// The backend's own connection, for those who know which one it is.
    #[cfg(feature = "sqlite")]
    fn as_any(&mut self) -> &mut dyn std::any::Any;
}

/// Opens a connection.
pub(crate) fn connect(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Box<dyn Backend>> {
    match url.target() {
        UrlTarget::Sqlite(target) => sqlite::connect(url, target, options),
        UrlTarget::Postgres(target) => postgres::connect(url, target, options),
        UrlTarget::Mysql(target) => mysql::connect(url, target, options),
    }
}

/// A refusal as an error; one for a lock says who holds it.
pub(crate) fn refused(backend: &mut dyn Backend, what: &str, source: DatabaseError) -> Error {
    if source.kind == DatabaseErrorKind::Busy {
        return locked(backend, None);
    }
    Error::Database { what: what.to_owned(), source }
}

/// The error of a statement that waited for a lock in vain.
pub(crate) fn locked(backend: &mut dyn Backend, sql: Option<&str>) -> Error {
    Error::Locked { holder: listed(&backend.blocked_by(sql)), waited: backend.lock_timeout() }
}
