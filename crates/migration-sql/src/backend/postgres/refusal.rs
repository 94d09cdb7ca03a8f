//! The server's refusals: their words, their kind, their SQLSTATE.

use migration_syntax::Dialect;

use crate::error::{DatabaseError, DatabaseErrorKind};

/// A refusal in our own words.
pub(super) fn new(message: String, kind: DatabaseErrorKind) -> DatabaseError {
    DatabaseError { message, kind, sqlstate: None, dialect: Dialect::Postgres, position: None }
}

/// A connection that was not to be had.
pub(super) fn of_connection(message: &str) -> DatabaseError {
    // The client library has no code for it either.
    let denials = [
        "password authentication failed",
        "no password supplied",
        "authentication failed for user",
        "no pg_hba.conf entry",
        "permission denied for database",
        "is not permitted to log in",
    ];
    let kind = if denials.iter().any(|words| message.contains(words))
        || (message.contains("role \"") && message.contains("\" does not exist"))
    {
        DatabaseErrorKind::Denied
    } else if missing_database(message).is_some() {
        DatabaseErrorKind::NoDatabase
    } else {
        DatabaseErrorKind::ConnectionLost
    };
    new(message.trim().to_owned(), kind)
}

/// The name of the database that a server says it doesn't have.
pub(super) fn missing_database(message: &str) -> Option<&str> {
    let (_, name) = message.split_once("database \"")?;
    Some(name.rsplit_once("\" does not exist")?.0)
}

/// An error of diesel's.
pub(super) fn translate(error: &diesel::result::Error) -> DatabaseError {
    use diesel::result::DatabaseErrorKind as Kind;
    let diesel::result::Error::DatabaseError(kind, information) = error else {
        return new(error.to_string(), DatabaseErrorKind::Statement);
    };
    let mut message = information.message().to_owned();
    for more in [information.details(), information.hint()].into_iter().flatten() {
        message.push_str(&format!(" ({more})"));
    }
    let by_kind = match kind {
        Kind::UniqueViolation => Some("23505"),
        Kind::ForeignKeyViolation => Some("23503"),
        Kind::NotNullViolation => Some("23502"),
        Kind::CheckViolation => Some("23514"),
        Kind::ExclusionViolation => Some("23P01"),
        Kind::RestrictViolation => Some("23001"),
        Kind::SerializationFailure => Some("40001"),
        Kind::ReadOnlyTransaction => Some("25006"),
        Kind::ClosedConnection => Some("08006"),
        _ => None,
    };
    let sqlstate = by_kind.or_else(|| by_words(information.message()));
    let position = information.statement_position().and_then(|position| usize::try_from(position).ok());
    DatabaseError { sqlstate: sqlstate.map(str::to_owned), position, ..new(message, kind_of(sqlstate)) }
}

fn kind_of(sqlstate: Option<&str>) -> DatabaseErrorKind {
    match sqlstate.unwrap_or_default() {
        "55P03" => DatabaseErrorKind::Busy,
        "53100" => DatabaseErrorKind::Full,
        "25006" => DatabaseErrorKind::ReadOnly,
        "42501" => DatabaseErrorKind::Denied,
        "58030" => DatabaseErrorKind::Io,
        code if code.starts_with("08") || code.starts_with("57P") => DatabaseErrorKind::ConnectionLost,
        code if code.starts_with("23") => DatabaseErrorKind::Constraint,
        _ => DatabaseErrorKind::Statement,
    }
}

/// Diesel passes on the server's words and for most errors not its SQLSTATE. Where the server speaks English, its words
/// tell the code (<https://www.postgresql.org/docs/current/errcodes-appendix.html>); else there is none.
fn by_words(message: &str) -> Option<&'static str> {
    let words: &[(&str, &str, &str)] = &[
        ("syntax error at ", "", "42601"),
        ("column ", " does not exist", "42703"),
        ("relation ", " does not exist", "42P01"),
        ("table ", " does not exist", "42P01"),
        ("function ", " does not exist", "42883"),
        ("operator does not exist", "", "42883"),
        ("type ", " does not exist", "42704"),
        ("index ", " does not exist", "42704"),
        ("schema ", " does not exist", "3F000"),
        ("relation ", " already exists", "42P07"),
        ("column ", " already exists", "42701"),
        ("function ", " already exists", "42723"),
        ("schema ", " already exists", "42P06"),
        ("", " already exists", "42710"),
        ("permission denied", "", "42501"),
        ("must be owner of ", "", "42501"),
        ("canceling statement due to lock timeout", "", "55P03"),
        ("canceling statement due to statement timeout", "", "57014"),
        ("deadlock detected", "", "40P01"),
        ("could not extend file", "", "53100"),
        ("terminating connection due to administrator command", "", "57P01"),
        ("server closed the connection unexpectedly", "", "08006"),
        ("no connection to the server", "", "08003"),
        ("", " cannot run inside a transaction block", "25001"),
    ];
    let says = |(begin, part, _): &&(&str, &str, &str)| message.starts_with(begin) && message.contains(part);
    words.iter().find(says).map(|(.., code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_the_code() {
        let code = |message| by_words(message).unwrap_or("none");
        assert_eq!(code("column \"x\" does not exist"), "42703");
        assert_eq!(code("type \"mood\" already exists"), "42710");
        assert_eq!(code("VACUUM cannot run inside a transaction block"), "25001");
        assert_eq!(code("something new"), "none");
    }

    #[test]
    fn words_tell_why_there_is_no_connection() {
        let kind = |message: &str| of_connection(message).kind;
        let prefix = "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  ";
        assert_eq!(
            kind(&format!("{prefix}database \"a \"b\" does not exist")),
            DatabaseErrorKind::NoDatabase
        );
        assert_eq!(missing_database("database \"a \"b\" does not exist"), Some("a \"b"));
        assert_eq!(
            kind(&format!("{prefix}password authentication failed for user \"me\"")),
            DatabaseErrorKind::Denied
        );
        assert_eq!(kind(&format!("{prefix}role \"me\" does not exist")), DatabaseErrorKind::Denied);
        assert_eq!(
            kind(&format!("{prefix}sorry, too many clients already")),
            DatabaseErrorKind::ConnectionLost
        );
    }

    #[test]
    fn codes_tell_the_kind() {
        assert_eq!(kind_of(Some("55P03")), DatabaseErrorKind::Busy);
        assert_eq!(kind_of(Some("57P01")), DatabaseErrorKind::ConnectionLost);
        assert_eq!(kind_of(Some("23505")), DatabaseErrorKind::Constraint);
        assert_eq!(kind_of(None), DatabaseErrorKind::Statement);
    }
}
