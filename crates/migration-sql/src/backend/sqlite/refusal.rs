//! SQLite's refusals: their words and their kind.

use migration_syntax::Dialect;

use crate::error::{DatabaseError, DatabaseErrorKind};

/// Messages of the database are cut off after so many bytes.
const LONGEST_MESSAGE: usize = 2000;

/// An error of diesel's.
pub(super) fn translate(error: &diesel::result::Error) -> DatabaseError {
    use diesel::result::DatabaseErrorKind as Kind;
    match error {
        diesel::result::Error::DatabaseError(kind, information) => {
            let constraint = matches!(
                kind,
                Kind::UniqueViolation
                    | Kind::ForeignKeyViolation
                    | Kind::NotNullViolation
                    | Kind::CheckViolation
            );
            database_error(
                information.message().to_owned(),
                constraint.then_some(DatabaseErrorKind::Constraint),
            )
        }
        other => database_error(other.to_string(), None),
    }
}

/// Diesel passes SQLite's words on but not its code: the words of `sqlite3_errstr` tell the kind
/// (<https://www.sqlite.org/rescode.html>).
pub(super) fn database_error(mut message: String, kind: Option<DatabaseErrorKind>) -> DatabaseError {
    let kinds = [
        ("database is locked", DatabaseErrorKind::Busy),
        ("database table is locked", DatabaseErrorKind::Busy),
        ("database or disk is full", DatabaseErrorKind::Full),
        ("attempt to write a readonly database", DatabaseErrorKind::ReadOnly),
        ("file is not a database", DatabaseErrorKind::NotADatabase),
        ("unable to open database", DatabaseErrorKind::CantOpen),
        ("database disk image is malformed", DatabaseErrorKind::Corrupt),
        ("disk I/O error", DatabaseErrorKind::Io),
    ];
    let by_words = || kinds.iter().find(|(words, _)| message.contains(words)).map(|(_, kind)| *kind);
    let kind = kind.or_else(by_words).unwrap_or(DatabaseErrorKind::Statement);
    if message.len() > LONGEST_MESSAGE {
        // SQLite repeats the word that it stumbled over, however long that is.
        let end = (0..=LONGEST_MESSAGE).rev().find(|&end| message.is_char_boundary(end)).unwrap_or(0);
        message.replace_range(end.., "…");
    }
    DatabaseError { message, kind, sqlstate: None, dialect: Dialect::Sqlite, position: None }
}
