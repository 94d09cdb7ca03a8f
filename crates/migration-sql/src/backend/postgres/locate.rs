//! The place in a statement that an error is about: the server tells it.

use std::ops::Range;

use migration_syntax::{Dialect, tokens};

use crate::error::DatabaseError;

/// Byte span of the word at the position that the server states, which counts characters from 1.
pub(super) fn locate(sql: &str, error: &DatabaseError) -> Option<Range<usize>> {
    let (start, _) = sql.char_indices().nth(error.position?.checked_sub(1)?)?;
    let words = tokens(sql, Dialect::Postgres).map_while(Result::ok);
    let end = words.map(|token| token.end).find(|end| *end > start).unwrap_or(sql.len());
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::super::refusal;
    use super::*;
    use crate::error::DatabaseErrorKind;

    #[test]
    fn positions_count_characters() {
        let error =
            DatabaseError { position: Some(13), ..refusal::new(String::new(), DatabaseErrorKind::Statement) };
        let sql = "SELECT 'é', nowhere";
        assert_eq!(&sql[locate(sql, &error).unwrap()], "nowhere");
        assert_eq!(locate("SELECT", &error), None);
    }
}
