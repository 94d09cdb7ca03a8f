//! What may be the id of a migration.

use thiserror::Error;

use crate::message::clip;

/// The longest id, in bytes of UTF-8: ids are stored in a `VARCHAR(255)` column and are file names.
pub const MAX_ID_BYTES: usize = 255;

/// A text that can't be the id of a migration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{:?} can't be a migration id: {reason}", clip(id))]
pub struct InvalidId {
    /// The text that was given.
    pub id: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Checks that `id` can name a migration: in a table, in a file name and in a log line.
///
/// Any Unicode text will do, quotes and emoji included, as long as it can't leave the directory that its file lives in.
///
/// # Errors
/// [`InvalidId`] for an empty id, one over [`MAX_ID_BYTES`], one with a control character or a path separator, one that
/// is `.` or `..`, and one that begins or ends with a blank.
pub fn check_id(id: &str) -> Result<(), InvalidId> {
    // Nearly all ids are plain, and there may be thousands.
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (1..=MAX_ID_BYTES).contains(&id.len()) && id.as_bytes().iter().all(plain) {
        return Ok(());
    }
    let reason = if id.is_empty() {
        "it is empty"
    } else if id.len() > MAX_ID_BYTES {
        "it is longer than 255 bytes"
    } else if id.chars().any(char::is_control) {
        "it contains a control character"
    } else if id.contains(['/', '\\']) {
        "it contains a path separator"
    } else if id == "." || id == ".." {
        "it names a directory"
    } else if id.trim() != id {
        "it begins or ends with a blank"
    } else {
        return Ok(());
    };
    Err(InvalidId { id: id.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_but_harmless_ids_are_accepted() {
        for id in ["1", "2024-01-01-000000_o'brien", "🦀 launch", "a\"b", "..a", "naïve"] {
            assert_eq!(check_id(id), Ok(()), "{id}");
        }
    }

    #[test]
    fn ids_that_leave_the_directory_or_the_column_are_refused() {
        let long = "x".repeat(MAX_ID_BYTES + 1);
        for id in ["", "../etc/passwd", "a/b", "a\\b", "..", ".", "a\nb", "a\0b", " a", "a ", long.as_str()] {
            assert!(check_id(id).is_err(), "{id:?}");
        }
    }
}
