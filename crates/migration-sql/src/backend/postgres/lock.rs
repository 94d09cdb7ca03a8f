//! One runner at a time, and who holds a lock.
//!
//! An advisory lock of the session (<https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS>), on a
//! connection of its own that is idle between two tries: a session that waits inside `pg_advisory_lock` holds a snapshot,
//! and the holder's `CREATE INDEX CONCURRENTLY` would wait for that snapshot while the session waits for the holder. The
//! server drops the lock with the connection, however that ends.

use std::time::{Duration, Instant};

use diesel::pg::PgConnection;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};

use super::connection::establish;
use super::refusal::translate;
use crate::error::{DatabaseError, Error, Result};
use crate::url::ServerTarget;

/// Two numbers that name the lock in a database: the ASCII of `migrate`, in part.
const KEY: &str = "1835624306, 1635018093";

/// How often a waiting runner tries again.
const POLL: Duration = Duration::from_millis(50);

/// After how long a waiting runner says that it waits.
const PATIENCE: Duration = Duration::from_millis(500);

/// The lock, held until the connection is closed.
struct RunLock(#[expect(dead_code, reason = "it is held, not used")] PgConnection);

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

/// Takes the lock of the database.
///
/// # Errors
/// [`Error::Locked`] after `timeout`, [`Error::Database`] when the server can't be asked.
pub(super) fn lock(
    target: &ServerTarget,
    timeout: Duration,
    wait: &mut dyn FnMut(Option<&str>),
) -> Result<Box<dyn Send>> {
    let refused =
        |source: DatabaseError| Error::Database { what: "the lock can't be asked for".to_owned(), source };
    let mut connection = establish(target).map_err(refused)?;
    let start = Instant::now();
    let mut told = false;
    loop {
        let taken: Taken = diesel::sql_query(format!("SELECT pg_try_advisory_lock({KEY}) AS taken"))
            .get_result(&mut connection)
            .map_err(|error| refused(translate(&error)))?;
        if taken.taken {
            return Ok(Box::new(RunLock(connection)));
        }
        if start.elapsed() >= timeout {
            return Err(Error::Locked { holder: holder(&mut connection), waited: timeout });
        }
        if !told && start.elapsed() >= PATIENCE {
            told = true;
            wait(holder(&mut connection).as_deref());
        }
        std::thread::sleep(POLL);
    }
}

/// The session that holds the lock.
fn holder(connection: &mut PgConnection) -> Option<String> {
    let select = "SELECT 'another run, session ' || pid || coalesce(' from ' || host(client_addr), '') AS who \
                  FROM pg_locks JOIN pg_stat_activity USING (pid) \
                  WHERE locktype = 'advisory' AND granted AND datname = current_database() \
                  AND (classid::bigint, objid::bigint) = (";
    let found = diesel::sql_query(format!("{select}{KEY})")).get_result::<Holder>(connection);
    found.ok().and_then(|holder| holder.who)
}

/// The sessions that stand in the way of others, and since when: asked on a connection of its own, as the one that was
/// kept waiting is in a failed transaction.
pub(super) fn blockers(target: &ServerTarget) -> Option<String> {
    let mut connection = establish(target).ok()?;
    let select = "SELECT string_agg(format('session %s (%s, %s since %s)', pid, usename, state, xact_start), ', ') AS who \
                  FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                  AND backend_type = 'client backend' AND application_name <> 'migration' AND xact_start IS NOT NULL";
    diesel::sql_query(select).get_result::<Holder>(&mut connection).ok().and_then(|holder| holder.who)
}
