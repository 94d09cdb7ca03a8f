//! Booleans from the spellings that people use.

use super::{Changed, Converted};

/// `true`/`false`, `t`/`f`, `yes`/`no`, `y`/`n`, `on`/`off`, `1`/`0`, in any ASCII case.
pub(super) fn text(text: &[u8], out: &mut Vec<u8>) -> Converted {
    const TRUE: &[&[u8]] = &[b"true", b"t", b"yes", b"y", b"on", b"1"];
    const FALSE: &[&[u8]] = &[b"false", b"f", b"no", b"n", b"off", b"0"];
    let is_one_of = |words: &[&[u8]]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(TRUE) {
        out.extend_from_slice(b"true");
    } else if is_one_of(FALSE) {
        out.extend_from_slice(b"false");
    } else {
        return None;
    }
    Some(Changed::Yes)
}

/// The JSON numbers `1` and `0`.
pub(super) fn number(number: &[u8], out: &mut Vec<u8>) -> Converted {
    match number {
        b"1" => out.extend_from_slice(b"true"),
        b"0" => out.extend_from_slice(b"false"),
        _ => return None,
    }
    Some(Changed::Yes)
}
