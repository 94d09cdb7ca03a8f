//! Where an object or array ends, if all that is wanted is its end: strings closed, brackets balanced in number.

use super::simd::{BLOCK, Block, Nesting, Simd};
use crate::json::is_blank;

/// The place after the object or array that begins at `at`.
///
/// `None` if it does not end, or holds a control character that is no blank between tokens, or a backslash between them.
pub(crate) fn nested_end(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => {
                at = loose_string_end(text, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            byte if *byte == b'\\' || (*byte < 0x20 && !is_blank(*byte)) => return None,
            _ => {}
        }
        at += 1;
    }
}

/// Escapes are not looked at, but for what they escape.
fn loose_string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' if *text.get(at + 1)? >= 0x20 => at += 2,
            0x20.. => at += 1,
            _ => return None,
        }
    }
}

/// What [`nested_end`] finds, a block at a time. `None` also if the text ends before it is clear, or has a control character.
#[inline(always)]
pub(crate) fn nested_end_in_blocks<S: Simd>(simd: S, text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let mut depth = 0_u64;
    let mut in_string = 0_u64;
    let mut escape = false;
    while let Some(block) = block_at(text, at) {
        let Nesting { quotes, backslashes, opening, closing, controls } = simd.nesting(block);
        let escaped = escaped(backslashes, &mut escape);
        let strings = simd.prefix_xor(quotes & !escaped) ^ in_string;
        let (opening, closing) = (opening & !strings, closing & !strings);
        let end = if u64::from(closing.count_ones()) >= depth.max(1) {
            balanced_at(opening, closing, depth)
        } else {
            None
        };
        if let Some(end) = end {
            let within = u64::MAX >> (63 - end);
            return ((controls | (backslashes & !strings)) & within == 0).then_some(at + end as usize + 1);
        }
        if controls | (backslashes & !strings) != 0 {
            return None;
        }
        depth = depth + u64::from(opening.count_ones()) - u64::from(closing.count_ones());
        // All ones if the block ends within a string.
        in_string = (strings.cast_signed() >> 63).cast_unsigned();
        at += BLOCK;
    }
    None
}

/// The closing bracket with which all that is open is closed.
#[inline(always)]
fn balanced_at(opening: u64, closing: u64, depth: u64) -> Option<u32> {
    let mut rest = closing;
    let mut closed = 0;
    while rest != 0 {
        let at = rest.trailing_zeros();
        closed += 1;
        let opened = u64::from((opening & ((1 << at) - 1)).count_ones());
        if depth + opened == closed {
            return Some(at);
        }
        rest &= rest - 1;
    }
    None
}

/// The bytes after a backslash that is not itself escaped. `carried`: the block before ended with such a backslash.
#[inline(always)]
pub(crate) fn escaped(backslashes: u64, carried: &mut bool) -> u64 {
    const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    if backslashes == 0 {
        let first = u64::from(*carried);
        *carried = false;
        return first;
    }
    // Runs of backslashes: subtracting finds, of each run, the places whose number in the run is odd (simdjson's way).
    let escaped_before = u64::from(*carried);
    let starts = backslashes & !escaped_before;
    let maybe_escaped = starts << 1;
    let even_and_escapes = (maybe_escaped | ODD).wrapping_sub(starts);
    let escapes_and_ends = even_and_escapes ^ ODD;
    *carried = (escapes_and_ends & backslashes) >> 63 == 1;
    escapes_and_ends ^ (backslashes | escaped_before)
}

/// The block that begins at `at`, if the text is long enough.
#[inline(always)]
pub(crate) fn block_at(text: &[u8], at: usize) -> Option<&Block> {
    text.get(at..)?.first_chunk()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::simd::{Job, Level, dispatch};

    struct End<'a>(&'a [u8]);

    impl Job for End<'_> {
        type Output = Option<usize>;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Option<usize> {
            nested_end_in_blocks(simd, self.0, 0)
        }
    }

    #[track_caller]
    fn check(text: &str) {
        let expected = nested_end(text.as_bytes(), 0);
        let mut padded = text.as_bytes().to_vec();
        padded.extend_from_slice(&[b'x'; BLOCK]);
        for level in Level::all() {
            let found = dispatch(level, End(&padded));
            // Where there is a control character, the other is asked.
            if found != expected {
                assert!(
                    found.is_none() && text.bytes().any(|byte| byte < 0x20),
                    "{text}: {found:?} {expected:?}"
                );
            }
        }
    }

    #[test]
    fn ends_are_found() {
        assert_eq!(nested_end(br#"{"a":[1,{"b":"}\"]"}]}, "x""#, 0), Some(22));
        for text in
            [r"{}x", "[", "{\"", "[[]", r#"["\\"]"#, r#"["\\\"]"]"#, "[\"\\", "{\"a\tb\"}", "{\t}", "[}"]
        {
            check(text);
        }
        assert_eq!(nested_end(b"[\"\t\"]", 0), None);
        assert_eq!(nested_end(b"[\x01]", 0), None);
        assert_eq!(nested_end(b"[\t]", 0), Some(3));
    }

    proptest! {
        #[test]
        fn blocks_find_what_bytes_find(inner in r#"([a-z\[\]{}:,]|\\\\|\\"|"[a-z\[\]{}]{0,5}"|\\|"){0,200}"#, object in any::<bool>()) {
            check(&format!("{}{inner}", if object { '{' } else { '[' }));
            check(&format!("[\"{inner}\"]]]]]]"));
        }
    }
}
