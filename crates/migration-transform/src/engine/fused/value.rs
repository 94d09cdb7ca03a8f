//! Where the value of a field ends, from the block in which its key begins.

use crate::engine::Validate;
use crate::engine::simd::{BLOCK, Block, Simd};
use crate::engine::skip::{block_at, nested_end_in_blocks};
use crate::engine::table::value_end_as;
use crate::value::scan::{escape_end, number_end, string_end};

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
    let first = block[len];
    // Texts and nulls are found without a branch between them: nobody can predict which comes next.
    let is_text = first == b'"';
    let stops = if is_text { simd.string_stops(block) } else { simd.scalar_stops(block) };
    let stops = stops & (u64::MAX << len) & !(1 << len);
    let stop = (stops.trailing_zeros() as usize) & (BLOCK - 1);
    let ends_text = is_text & (block[stop] == b'"');
    let ends_null = (word(block, len) == *b"null") & (stop == len + 4);
    if (stops != 0) & (ends_text | ends_null) {
        return Some(at + stop + usize::from(is_text));
    }
    match first {
        b'"' if stops == 0 => far_string_end(simd, text, at + BLOCK),
        b'"' => string_end(text, start).ok(),
        b'{' | b'[' => {
            if validate == Validate::Structure
                && let Some(end) = nested_end_in_blocks(simd, text, start)
            {
                return Some(end);
            }
            // A line end is a blank between tokens to who reads JSON, and the end of the record here.
            let line = memchr::memchr(b'\n', &text[start..]).map_or(text, |len| &text[..start + len]);
            value_end_as(line, start, validate).ok()
        }
        _ if stops == 0 => value_end_as(text, start, Validate::Full).ok(),
        _ => scalar_end(simd, text, block, at, len, stop),
    }
}

/// The place after the number or the word that begins at `at + len`, where `block` begins at `at`. `None`: it is neither.
#[inline(always)]
pub(super) fn scalar<S: Simd>(simd: S, text: &[u8], block: &Block, at: usize, len: usize) -> Option<usize> {
    let stops = simd.scalar_stops(block) & (u64::MAX << len);
    if stops == 0 {
        return matches!(block[len], b'-' | b'0'..=b'9').then(|| number_end(text, at + len))?;
    }
    scalar_end(simd, text, block, at, len, stops.trailing_zeros() as usize)
}

/// Four bytes of a block; zeros where it ends before.
#[inline(always)]
pub(super) fn word(block: &Block, at: usize) -> [u8; 4] {
    block.get(at..).and_then(|rest| rest.first_chunk().copied()).unwrap_or_default()
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
            b'\\' => at = escape_end(text, at)?,
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

/// Numbers and words, which end at `stop`.
#[inline(always)]
fn scalar_end<S: Simd>(
    simd: S,
    text: &[u8],
    block: &Block,
    at: usize,
    len: usize,
    stop: usize,
) -> Option<usize> {
    let size = stop - len;
    let (start, end) = (at + len, at + stop);
    let is_value = match block[len] {
        b'1'..=b'9' => {
            // Most numbers are plain integers.
            let digits = simd.digits(block) >> len;
            let whole = digits.trailing_ones() as usize;
            if whole < size && block[len + whole] == b'.' {
                let fraction = (digits >> (whole + 1)).trailing_ones() as usize;
                (fraction > 0 && whole + 1 + fraction == size) || number_end(text, start) == Some(end)
            } else {
                whole >= size || number_end(text, start) == Some(end)
            }
        }
        b't' => size == 4 && word(block, len) == *b"true",
        b'f' => size == 5 && word(block, len + 1) == *b"alse",
        _ => number_end(text, start) == Some(end),
    };
    is_value.then_some(end)
}
