//! Where the value of a field ends, from the block in which its key begins.

use crate::engine::Validate;
use crate::engine::simd::{BLOCK, Block, Simd};
use crate::engine::skip::{block_at, nested_end_in_blocks};
use crate::engine::table::value_end_as;
use crate::value::scan::{number_end, string_end};

/// The place after the value that begins at `at + len`, where `block` begins at `at`. `None`: it has to be looked at closely.
#[inline(always)]
pub(super) fn end<S: Simd>(
    simd: S,
    text: &[u8],
    block: &Block,
    at: usize,
    len: usize,
    validate: Validate,
) -> Option<usize> {
    let start = at + len;
    match block[len] {
        b'"' => {
            let stops = simd.string_stops(block) & (u64::MAX << (len + 1)) & (u64::MAX << 1);
            if stops == 0 {
                return far_string_end(simd, text, at + BLOCK);
            }
            let stop = stops.trailing_zeros() as usize;
            if block[stop] == b'"' { Some(at + stop + 1) } else { string_end(text, start).ok() }
        }
        b'{' | b'[' => {
            if validate == Validate::Structure
                && let Some(end) = nested_end_in_blocks(simd, text, start)
            {
                return Some(end);
            }
            value_end_as(text, start, validate).ok()
        }
        _ => scalar_end(simd, text, block, at, len),
    }
}

/// The end of a string of which everything before `at` has been seen.
#[inline(never)]
fn far_string_end<S: Simd>(simd: S, text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let stops = simd.string_stops(block_at(text, at)?);
        if stops != 0 {
            let stop = at + stops.trailing_zeros() as usize;
            // Where there are escapes, the record is read in the other way.
            return match text[stop] {
                b'"' => Some(stop + 1),
                b'\\' => string_rest_end(text, stop),
                _ => None,
            };
        }
        at += BLOCK;
    }
}

/// The end of a string from a place within it, which is not behind a backslash.
fn string_rest_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => match text.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                b'u' if text.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at += 6,
                _ => return None,
            },
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

/// Numbers and words.
#[inline(always)]
fn scalar_end<S: Simd>(simd: S, text: &[u8], block: &Block, at: usize, len: usize) -> Option<usize> {
    let start = at + len;
    let stops = simd.scalar_stops(block) & (u64::MAX << len);
    if stops == 0 {
        // Long, or near the end of the block.
        return value_end_as(text, start, Validate::Full).ok();
    }
    let end = at + stops.trailing_zeros() as usize;
    let is_value = match block[len] {
        b'n' => text[start..end] == *b"null",
        b't' => text[start..end] == *b"true",
        b'f' => text[start..end] == *b"false",
        b'1'..=b'9' => {
            let rest = simd.digits(block) >> len;
            let size = end - start;
            // Most numbers are plain integers.
            rest.trailing_ones() as usize >= size || number_end(text, start) == Some(end)
        }
        _ => number_end(text, start) == Some(end),
    };
    is_value.then_some(end)
}
