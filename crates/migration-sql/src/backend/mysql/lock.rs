//! One runner at a time.
//!
//! Two named locks of sessions (<https://dev.mysql.com/doc/refman/en/locking-functions.html>), which the server drops with
//! the session, however that ends. The *run lock* is held by a connection of its own, which outlives the sessions that
//! scripts leave their traces in. The *claim* is held by the session that runs the scripts: when a runner dies, its session
//! goes on with what it was sent last. Who has the run lock waits for the claim as well, so that nothing of an earlier run
//! is under way when the next one looks what is in effect.

use std::time::Duration;

use diesel::mysql::MysqlConnection;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};
use migration_model::Checksum;
use migration_syntax::StatementKind::{Do, Load, Select};
use migration_syntax::{Dialect, StatementKind, split};

use super::connection::establish;
use super::refusal::{self, translate};
use crate::backend::turn::{Contended, Turn};
use crate::error::{DatabaseError, DatabaseErrorKind, Error, Result};
use crate::url::MysqlTarget;

/// How often a waiting runner tries again.
const POLL: Duration = Duration::from_millis(50);

/// How long a session of this run may take to end before its claim is missed.
const OWN_SESSION_ENDS: Duration = Duration::from_secs(30);

/// The run lock, held until the connection is closed.
pub(super) struct RunLock {
    #[expect(dead_code, reason = "it is held, not used")]
    connection: MysqlConnection,
    /// The history table that it is about, as it stands in a statement.
    pub(super) history: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    host: String,
    #[diesel(sql_type = Nullable<Text>)]
    running: Option<String>,
}

/// Names are the server's, not a database's, have at most 64 characters, and case doesn't count.
fn name(kind: &str, history: &str) -> String {
    format!(
        "migration {kind} {}",
        Checksum::of(history.to_lowercase()).as_str().get(..32).unwrap_or_default()
    )
}

/// Takes the run lock of the history in a table.
///
/// # Errors
/// [`Error::Locked`] after `timeout`, [`Error::Database`] when the server can't be asked.
pub(super) fn lock(
    target: &MysqlTarget,
    history: &str,
    timeout: Duration,
    wait: &mut dyn FnMut(Option<&str>),
) -> Result<RunLock> {
    let mut connection = establish(target).map_err(refused)?;
    take(&mut connection, &name("run", history), timeout, wait, |_, _| {})?;
    Ok(RunLock { connection, history: history.to_owned() })
}

/// Takes the claim for the session that will run the scripts.
///
/// # Errors
/// [`Error::Locked`] after `timeout`, [`Error::Database`] when the server can't be asked.
pub(super) fn claim(
    connection: &mut MysqlConnection,
    history: &str,
    timeout: Duration,
    wait: &mut dyn FnMut(Option<&str>),
) -> Result<()> {
    take(connection, &name("claim", history), timeout, wait, end_orphan)
}

/// The same for a session that takes the place of another one of this run.
pub(super) fn claim_again(connection: &mut MysqlConnection, history: &str) -> Result<(), DatabaseError> {
    let taken = take(connection, &name("claim", history), OWN_SESSION_ENDS, &mut |_| {}, |_, _| {});
    taken.map_err(|error| match error {
        Error::Database { source, .. } => source,
        other => refusal::new(other.to_string(), DatabaseErrorKind::Busy),
    })
}

/// Gives the claim up, where there still is a session that holds it.
pub(super) fn disclaim(connection: &mut MysqlConnection, history: &str) {
    let released =
        diesel::sql_query("DO RELEASE_LOCK(?)").bind::<Text, _>(name("claim", history)).execute(connection);
    if let Err(error) = released {
        tracing::debug!(%error, "the claim went with its session");
    }
}

fn take(
    connection: &mut MysqlConnection,
    name: &str,
    timeout: Duration,
    wait: &mut dyn FnMut(Option<&str>),
    impatient: fn(&mut MysqlConnection, &Session),
) -> Result<()> {
    Turn { timeout, poll: POLL, wait }.take(&mut NamedLock { connection, name, impatient })
}

struct NamedLock<'a> {
    connection: &'a mut MysqlConnection,
    name: &'a str,
    /// What is done about the holder when it takes long.
    impatient: fn(&mut MysqlConnection, &Session),
}

impl NamedLock<'_> {
    fn session(&mut self) -> Option<Session> {
        let select = "SELECT CAST(id AS SIGNED) AS id, host, info AS running FROM information_schema.processlist \
                      WHERE id = IS_USED_LOCK(?)";
        diesel::sql_query(select).bind::<Text, _>(self.name).get_result(self.connection).ok()
    }
}

impl Contended for NamedLock<'_> {
    type Held = ();

    fn attempt(&mut self) -> Result<Option<()>> {
        let taken: diesel::QueryResult<Number> =
            diesel::sql_query("SELECT CAST(GET_LOCK(?, 0) AS SIGNED) AS number")
                .bind::<Text, _>(self.name)
                .get_result(self.connection);
        let taken = taken.map_err(|error| refused(translate(self.connection, &error)))?;
        Ok((taken.number == Some(1)).then_some(()))
    }

    fn holder(&mut self) -> Option<String> {
        self.session().map(|session| format!("another run, session {} from {}", session.id, session.host))
    }

    fn impatient(&mut self) {
        if let Some(session) = self.session() {
            (self.impatient)(self.connection, &session);
        }
    }
}

fn refused(source: DatabaseError) -> Error {
    Error::Database { what: "the lock can't be asked for".to_owned(), source }
}

/// Ends the statement of a runner that is gone (its run lock is ours) if it would be undone anyway. One that changes the
/// schema is let finish: its work is not lost, as the journal finds it done.
fn end_orphan(connection: &mut MysqlConnection, session: &Session) {
    let Some(running) = &session.running else { return };
    let kind = split(running, Dialect::Mysql).ok().and_then(|statements| Some(statements.first()?.kind));
    let undone = |kind: StatementKind| kind.writes_rows() || matches!(kind, Select | Do | Load);
    if !kind.is_some_and(undone) {
        return;
    }
    tracing::info!(session = session.id, "ending what a runner that is gone left running");
    if let Err(error) = diesel::sql_query(format!("KILL CONNECTION {}", session.id)).execute(connection) {
        tracing::debug!(%error, "it can't be ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_the_server() {
        let long = name("claim", &"x".repeat(64));
        assert!(long.len() <= 64, "{long}");
        assert_ne!(long, name("run", &"x".repeat(64)));
    }
}
