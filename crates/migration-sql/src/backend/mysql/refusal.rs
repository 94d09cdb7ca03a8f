//! The server's refusals: their words, their kind, their SQLSTATE.

use diesel::connection::SimpleConnection;
use diesel::mysql::MysqlConnection;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};
use migration_syntax::Dialect;

use crate::error::{DatabaseError, DatabaseErrorKind};

/// A refusal in our own words.
pub(super) fn new(message: String, kind: DatabaseErrorKind) -> DatabaseError {
    DatabaseError { message, kind, sqlstate: None, dialect: Dialect::Mysql, position: None }
}

/// A connection that was not to be had.
pub(super) fn of_connection(error: diesel::ConnectionError) -> DatabaseError {
    let message = match error {
        diesel::ConnectionError::BadConnection(message) => message,
        other => other.to_string(),
    };
    let kind = if message.contains("Access denied for user") {
        DatabaseErrorKind::Denied
    } else {
        DatabaseErrorKind::ConnectionLost
    };
    new(message.trim().to_owned(), kind)
}

/// What the server says of its last error when it is asked.
#[derive(QueryableByName)]
struct Condition {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    words: Option<String>,
}

/// An error of diesel's, which has only the server's words. The number and the SQLSTATE the server still knows.
pub(super) fn translate(connection: &mut MysqlConnection, error: &diesel::result::Error) -> DatabaseError {
    let diesel::result::Error::DatabaseError(_, information) = error else {
        return new(error.to_string(), DatabaseErrorKind::Statement);
    };
    let message = information.message();
    if is_lost(message) {
        let sqlstate = Some("08S01".to_owned());
        return DatabaseError { sqlstate, ..new(message.to_owned(), DatabaseErrorKind::ConnectionLost) };
    }
    let condition = condition(connection).filter(|condition| condition.words.as_deref() == Some(message));
    let (number, sqlstate) = condition.map_or((None, None), |condition| (condition.number, condition.state));
    // "General error" says nothing.
    let sqlstate = sqlstate.filter(|state| state != "HY000");
    DatabaseError { sqlstate, ..new(without_line(message).to_owned(), kind_of(number.unwrap_or(0))) }
}

fn condition(connection: &mut MysqlConnection) -> Option<Condition> {
    let ask = "GET DIAGNOSTICS CONDITION 1 @migration_number = MYSQL_ERRNO, @migration_state = RETURNED_SQLSTATE, \
               @migration_words = MESSAGE_TEXT";
    connection.batch_execute(ask).ok()?;
    let read = "SELECT CAST(@migration_number AS SIGNED) AS number, @migration_state AS state, @migration_words AS words";
    diesel::sql_query(read).get_result(connection).ok()
}

/// Errors of the client library (2000 and up), for which there is nobody to be asked.
fn is_lost(message: &str) -> bool {
    // MySQL's library says `MySQL server has gone away`, MariaDB's `Server has gone away`.
    let message = message.to_lowercase();
    let words = [
        "server has gone away",
        "lost connection to",
        "can't connect to",
        "connection was killed",
        "commands out of sync",
        "server is not connected",
        // The server's own last words to a session.
        "server shutdown in progress",
        "reading communication packets",
        "writing communication packets",
        "disconnected by the server",
    ];
    words.iter().any(|words| message.contains(words))
}

/// Without the line that the server counted in the statement: what counts is the one in the file.
fn without_line(message: &str) -> &str {
    match message.rsplit_once(" at line ") {
        Some((words, line)) if line.bytes().all(|byte| byte.is_ascii_digit()) => words,
        _ => message,
    }
}

/// <https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html>,
/// <https://mariadb.com/kb/en/mariadb-error-code-reference/>
fn kind_of(number: i64) -> DatabaseErrorKind {
    match number {
        // A lock was waited for in vain; a deadlock; it was not to be waited for.
        1205 | 1213 | 3572 => DatabaseErrorKind::Busy,
        1021 | 1114 | 3675 => DatabaseErrorKind::Full,
        // `read_only` and its kin; a read-only transaction.
        1290 | 1792 | 1836 => DatabaseErrorKind::ReadOnly,
        1194 | 1195 | 1712 => DatabaseErrorKind::Corrupt,
        1026 | 1030 => DatabaseErrorKind::Io,
        1022 | 1048 | 1062 | 1169 | 1216 | 1217 | 1364 | 1451 | 1452 | 1557 | 1586 | 1761 | 1762 | 3819
        | 4025 => DatabaseErrorKind::Constraint,
        1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1410 | 1419 => DatabaseErrorKind::Denied,
        1049 => DatabaseErrorKind::NoDatabase,
        // The server shuts down; the session was killed.
        1053 | 1927 | 3168 => DatabaseErrorKind::ConnectionLost,
        _ => DatabaseErrorKind::Statement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_line_is_left_out() {
        assert_eq!(without_line("near 'x' at line 12"), "near 'x'");
        assert_eq!(without_line("unknown place at line break"), "unknown place at line break");
    }

    #[test]
    fn numbers_tell_the_kind() {
        assert_eq!(kind_of(1205), DatabaseErrorKind::Busy);
        assert_eq!(kind_of(1062), DatabaseErrorKind::Constraint);
        assert_eq!(kind_of(1064), DatabaseErrorKind::Statement);
        assert!(is_lost("Lost connection to server during query"));
        assert!(is_lost("Got an error reading communication packets"));
        assert!(is_lost("Server has gone away") && is_lost("MySQL server has gone away"));
        assert!(!is_lost("Table 'a.b' doesn't exist"));
    }
}
