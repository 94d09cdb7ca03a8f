//! One runner at a time, and who holds a lock.
//!
//! Two advisory locks of sessions (<https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS>), both
//! asked for again and again: a session that waits inside `pg_advisory_lock` holds a snapshot, and the holder's `CREATE
//! INDEX CONCURRENTLY` would wait for that snapshot while the session waits for the holder. The server drops a lock with
//! its session, however that ends.
//!
//! The *run lock* is held by a connection of its own, which outlives the sessions that scripts leave their traces in. The
//! *claim* is held by the session that runs the scripts: when a runner dies, its session goes on with what it was sent
//! last, and may yet commit it. Who has the run lock waits for the claim as well, so that nothing of an earlier run is
//! under way when the next one looks what is in effect.

use std::time::Duration;

use diesel::pg::PgConnection;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};

use migration_model::Checksum;

use super::connection::establish;
use super::refusal::{self, translate};
use crate::backend::turn::{Contended, Turn};
use crate::error::{DatabaseError, DatabaseErrorKind, Error, Result};
use crate::url::ServerTarget;

/// The first number of a run lock: the ASCII of `migr`. The second tells histories apart.
const RUN: &str = "1835624306";

/// The same for a claim: `migs`.
const CLAIM: &str = "1835624307";

/// Which history of a database a lock is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(u32);

impl Key {
    /// The key of the history in a table, named as a statement has it. Two may have the same one, by a chance of one in two
    /// thousand millions: then their runs wait for each other.
    pub(super) fn of(history: &str) -> Self {
        let digest = Checksum::of(history.to_lowercase());
        let digits = digest.as_str().get(..8).unwrap_or_default();
        // Without the highest bit it is the same number with a sign, as the functions take it, and without, as the table of
        // locks shows it.
        Self(u32::from_str_radix(digits, 16).unwrap_or_default() >> 1)
    }
}

/// How often a waiting runner tries again.
const POLL: Duration = Duration::from_millis(50);

/// The run lock, held until the connection is closed.
pub(super) struct RunLock {
    #[expect(dead_code, reason = "it is held, not used")]
    connection: PgConnection,
    pub(super) key: Key,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

#[derive(QueryableByName)]
struct Holder {
    #[diesel(sql_type = Nullable<Text>)]
    who: Option<String>,
}

/// How long a session of this run may take to end before its claim is missed.
const OWN_SESSION_ENDS: Duration = Duration::from_secs(30);

/// Takes the run lock of a history.
///
/// # Errors
/// [`Error::Locked`] after `timeout`, [`Error::Database`] when the server can't be asked.
pub(super) fn lock(
    target: &ServerTarget,
    key: Key,
    timeout: Duration,
    wait: &mut dyn FnMut(Option<&str>),
) -> Result<RunLock> {
    let mut connection = establish(target).map_err(refused)?;
    take(&mut connection, &numbers(RUN, key), timeout, wait)?;
    Ok(RunLock { connection, key })
}

/// Takes the claim for the session that will run the scripts.
///
/// # Errors
/// [`Error::Locked`] after `timeout`, [`Error::Database`] when the server can't be asked.
pub(super) fn claim(
    connection: &mut PgConnection,
    key: Key,
    timeout: Duration,
    wait: &mut dyn FnMut(Option<&str>),
) -> Result<()> {
    // Where it can, the server ends a long statement whose client is gone, and with it the session
    // (`client_connection_check_interval`, PostgreSQL 14).
    let watch = "SELECT set_config(name, '1000', false) FROM pg_settings \
                 WHERE name = 'client_connection_check_interval' AND context = 'user'";
    if let Err(error) = diesel::sql_query(watch).execute(connection) {
        tracing::debug!(%error, "the server doesn't watch for clients that are gone");
    }
    take(connection, &numbers(CLAIM, key), timeout, wait)
}

/// The same for a session that takes the place of another one of this run.
pub(super) fn claim_again(connection: &mut PgConnection, key: Key) -> Result<(), DatabaseError> {
    claim(connection, key, OWN_SESSION_ENDS, &mut |_| {}).map_err(|error| match error {
        Error::Database { source, .. } => source,
        other => refusal::new(other.to_string(), DatabaseErrorKind::Busy),
    })
}

/// Gives the claim up, where there still is a session that holds it.
pub(super) fn disclaim(connection: &mut PgConnection, key: Key) {
    let release = format!("SELECT pg_advisory_unlock({})", numbers(CLAIM, key));
    if let Err(error) = diesel::sql_query(release).execute(connection) {
        tracing::debug!(%error, "the claim went with its session");
    }
}

/// The two numbers of a lock.
fn numbers(kind: &str, Key(history): Key) -> String {
    format!("{kind}, {history}")
}

fn take(
    connection: &mut PgConnection,
    key: &str,
    timeout: Duration,
    wait: &mut dyn FnMut(Option<&str>),
) -> Result<()> {
    Turn { timeout, poll: POLL, wait }.take(&mut AdvisoryLock { connection, key })
}

struct AdvisoryLock<'a> {
    connection: &'a mut PgConnection,
    key: &'a str,
}

impl Contended for AdvisoryLock<'_> {
    type Held = ();

    fn attempt(&mut self) -> Result<Option<()>> {
        let select = format!("SELECT pg_try_advisory_lock({}) AS taken", self.key);
        let taken: diesel::QueryResult<Taken> = diesel::sql_query(select).get_result(self.connection);
        Ok(taken.map_err(|error| refused(translate(&error)))?.taken.then_some(()))
    }

    /// The session.
    fn holder(&mut self) -> Option<String> {
        let select = "SELECT 'another run, session ' || pid || coalesce(' from ' || host(client_addr), '') AS who \
                      FROM pg_locks JOIN pg_stat_activity USING (pid) \
                      WHERE locktype = 'advisory' AND granted AND datname = current_database() \
                      AND (classid::bigint, objid::bigint) = (";
        let found = diesel::sql_query(format!("{select}{})", self.key)).get_result::<Holder>(self.connection);
        found.ok().and_then(|holder| holder.who)
    }
}

fn refused(source: DatabaseError) -> Error {
    Error::Database { what: "the lock can't be asked for".to_owned(), source }
}
