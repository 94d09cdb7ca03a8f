//! The JSON value that a string holds.

use super::{Changed, Converted};
use crate::json::is_blank;
use crate::value::scan::{MAX_DEPTH, value_end};

/// `text` as it stands, if it is one JSON value; line ends between its tokens are left out, so that a record stays a line.
pub(super) fn parse(text: &[u8], out: &mut Vec<u8>) -> Converted {
    if value_end(text, 0, MAX_DEPTH) != Ok(text.len()) {
        return None;
    }
    debug_assert!(!text.first().copied().is_some_and(is_blank));
    // A string of valid JSON holds no line end.
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'\n', b'\r', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    Some(Changed::Yes)
}
