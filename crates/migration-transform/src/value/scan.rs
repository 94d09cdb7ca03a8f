//! Where a JSON value ends, by the whole grammar of RFC 8259; nothing is decoded.

use crate::reason::Reason;

/// How many objects and arrays may be nested in one another, the record itself included.
pub const MAX_DEPTH: usize = 512;

/// The place after the value that begins at `at`.
///
/// # Errors
/// [`Reason::InvalidJson`] if there is no value, [`Reason::TooDeep`] if it is nested deeper than `depth`.
pub(crate) fn value_end(text: &[u8], mut at: usize, depth: usize) -> Result<usize, Reason> {
    walk(text, &mut at, depth)?;
    Ok(at)
}

/// The same with the place in `at`, where it also is if that is where the text stops being a value.
pub(crate) fn walk(text: &[u8], place: &mut usize, depth: usize) -> Result<(), Reason> {
    let mut open = Open::default();
    let mut at = *place;
    loop {
        *place = at;
        match text.get(at) {
            Some(&bracket @ (b'{' | b'[')) => {
                if open.depth == depth {
                    return Err(Reason::TooDeep);
                }
                let close = if bracket == b'{' { b'}' } else { b']' };
                at = blanks_end(text, at + 1);
                if text.get(at) != Some(&close) {
                    open.push(close);
                    if close == b'}' {
                        at = name_end(text, at)?;
                    }
                    continue;
                }
                at += 1;
            }
            Some(_) => at = scalar_end(text, at)?,
            None => return Err(Reason::InvalidJson),
        }
        // A value has ended: so may those around it.
        loop {
            *place = at;
            let Some(close) = open.last() else { return Ok(()) };
            at = blanks_end(text, at);
            match text.get(at) {
                Some(b',') => {
                    at = blanks_end(text, at + 1);
                    if close == b'}' {
                        at = name_end(text, at)?;
                    }
                    break;
                }
                Some(found) if *found == close => {
                    open.depth -= 1;
                    at += 1;
                }
                _ => return Err(Reason::InvalidJson),
            }
        }
    }
}

/// The brackets that have to be closed, a bit for each; memory is only asked for where they are more than [`MAX_DEPTH`].
#[derive(Default)]
struct Open {
    depth: usize,
    /// Whether it is that of an object.
    first: [u64; MAX_DEPTH / 64],
    more: Vec<u64>,
}

impl Open {
    fn push(&mut self, close: u8) {
        let (word, bit) = (self.depth / 64, 1 << (self.depth % 64));
        if word == self.first.len() + self.more.len() {
            self.more.push(0);
        }
        let word = match self.first.get_mut(word) {
            Some(word) => word,
            None => &mut self.more[word - MAX_DEPTH / 64],
        };
        *word = if close == b'}' { *word | bit } else { *word & !bit };
        self.depth += 1;
    }

    /// The bracket that closes the innermost.
    fn last(&self) -> Option<u8> {
        let place = self.depth.checked_sub(1)?;
        let word = self.first.get(place / 64).unwrap_or_else(|| &self.more[place / 64 - MAX_DEPTH / 64]);
        Some(if word >> (place % 64) & 1 == 1 { b'}' } else { b']' })
    }
}

/// The place of the value whose name begins at `at`: after the colon and blanks.
fn name_end(text: &[u8], at: usize) -> Result<usize, Reason> {
    let at = blanks_end(text, string_end(text, at)?);
    if text.get(at) == Some(&b':') { Ok(blanks_end(text, at + 1)) } else { Err(Reason::InvalidJson) }
}

/// The place after blanks, if there are any.
pub(crate) fn blanks_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

fn scalar_end(text: &[u8], at: usize) -> Result<usize, Reason> {
    let rest = &text[at..];
    let word =
        |word: &[u8]| if rest.starts_with(word) { Ok(at + word.len()) } else { Err(Reason::InvalidJson) };
    match rest.first() {
        Some(b'"') => string_end(text, at),
        Some(b't') => word(b"true"),
        Some(b'f') => word(b"false"),
        Some(b'n') => word(b"null"),
        _ => number_end(text, at).ok_or(Reason::InvalidJson),
    }
}

/// The place after the string that begins at `at`.
pub(crate) fn string_end(text: &[u8], at: usize) -> Result<usize, Reason> {
    if text.get(at) != Some(&b'"') {
        return Err(Reason::InvalidJson);
    }
    let mut at = at + 1;
    loop {
        at += plain_len(&text[at..]);
        match text.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape_end(text, at).ok_or(Reason::InvalidJson)?,
            Some(0..0x20) | None => return Err(Reason::InvalidJson),
            Some(_) => at += 1,
        }
    }
}

/// The place after the escape whose backslash is at `at`.
pub(crate) fn escape_end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at + 1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 2),
        b'u' => text.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit).then_some(at + 6),
        _ => None,
    }
}

/// How many bytes at least a text begins with that stand for themselves in a string: no quotes, backslashes, control
/// characters.
pub(crate) fn plain_len(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let mut len = 0;
    for eight in text.chunks_exact(8) {
        let mut word = [0; 8];
        word.copy_from_slice(eight);
        let word = u64::from_le_bytes(word);
        // The high bit of each byte that is below a limit, or zero once the byte looked for is taken away.
        let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
        let quotes = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslashes = below(word ^ (ONES * u64::from(b'\\')), 1);
        let stops = below(word, 0x20) | quotes | backslashes;
        if stops != 0 {
            // The lowest of them is right; those above it may be carries.
            return len + stops.trailing_zeros() as usize / 8;
        }
        len += 8;
    }
    len
}

/// The place after the number that begins at `at`.
pub(crate) fn number_end(text: &[u8], at: usize) -> Option<usize> {
    let digits = |at: usize| {
        let end = at + text.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (end > at).then_some(end)
    };
    let start = if text.get(at) == Some(&b'-') { at + 1 } else { at };
    let mut end = if text.get(start) == Some(&b'0') { start + 1 } else { digits(start)? };
    if text.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        end = digits(end + 1 + sign)?;
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_serde_json_ends_them() {
        for text in [
            "1",
            "-0",
            "1.5e-7",
            "1E400",
            "0",
            "[]",
            "{}",
            "[1,2]",
            r#"{"a":[{"b":null},true,false]}"#,
            r#""a\u00e9\ud800\n\/""#,
            " ",
            "",
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "1e",
            "1e+",
            "tru",
            "nul",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "{1:1}",
            "\"",
            "\"\\x\"",
            "\"\\u00g0\"",
            "\"a\nb\"",
            "[",
            "]",
            "{",
            "}",
            "[}",
            "{]",
            "[[]",
            "NaN",
            "Infinity",
            "'a'",
            "[ 1 , { \"a\" : [ ] } ]",
            "\u{b}1",
        ] {
            let ours = value_end(text.as_bytes(), 0, MAX_DEPTH).is_ok_and(|end| end == text.len());
            // A lone surrogate is within the grammar, but not within what serde_json can hold.
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text.replace("\\ud800", "")).is_ok();
            assert_eq!(ours, theirs && !text.starts_with(' '), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn plain_bytes_are_plain(text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let first = text.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(text.len());
            let len = plain_len(&text);
            assert!(len <= first && (len == first || (len.is_multiple_of(8) && len + 8 > text.len())), "{len} {first}");
        }
    }

    #[test]
    fn brackets_are_closed_by_their_own() {
        // Deeper than what is held without memory, and each of both kinds.
        let open: String = (0..1500).map(|n| if n % 3 == 0 { "{\"\":" } else { "[" }).collect();
        let close: String = (0..1500).rev().map(|n| if n % 3 == 0 { '}' } else { ']' }).collect();
        let text = format!("{open}1{close}");
        assert_eq!(value_end(text.as_bytes(), 0, usize::MAX), Ok(text.len()));
        for place in open.len() + 1..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[place] ^= b']' ^ b'}';
            assert_eq!(value_end(&wrong, 0, usize::MAX), Err(Reason::InvalidJson), "{place}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(value_end(nested(512).as_bytes(), 0, MAX_DEPTH), Ok(1024));
        assert_eq!(value_end(nested(513).as_bytes(), 0, MAX_DEPTH), Err(Reason::TooDeep));
    }
}
