//! Byte scanning: where a run of bytes ends. Pure functions over bytes and an offset, each linear in what it passes.

/// Whether a byte may continue a word: ASCII letters, digits, `_`, `$`, and every byte of a non-ASCII character.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    WORD[byte as usize]
}

/// Whether a byte is blank, the vertical tab included.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The end of the run from `at` in which every byte passes.
pub(crate) fn run(bytes: &[u8], at: usize, passes: impl Fn(u8) -> bool) -> usize {
    bytes[at..].iter().position(|byte| !passes(*byte)).map_or(bytes.len(), |length| at + length)
}

/// The end of the digits from `at` on.
pub(crate) fn digits(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |byte| byte.is_ascii_digit())
}

/// The offset of the first `byte` from `at` on.
pub(crate) fn find(bytes: &[u8], at: usize, byte: u8) -> Option<usize> {
    memchr::memchr(byte, &bytes[at..]).map(|length| at + length)
}

/// The offset of the first of these texts from `at` on.
pub(crate) fn find_all(bytes: &[u8], at: usize, text: &[u8]) -> Option<usize> {
    memchr::memmem::find(&bytes[at..], text).map(|length| at + length)
}

/// How often a `byte` stands in the text.
pub(crate) fn count(bytes: &[u8], byte: u8) -> usize {
    memchr::memchr_iter(byte, bytes).count()
}

/// The end of the line that `at` is in: the offset of its `\n`, or of the end.
pub(crate) fn line_end(bytes: &[u8], at: usize) -> usize {
    find(bytes, at, b'\n').unwrap_or(bytes.len())
}

/// The end of a quoted text whose inside begins at `at`: behind the closing quote, if there is one.
///
/// A doubled quote stands for itself; with `backslash`, so does any character behind one.
pub(crate) fn quoted(bytes: &[u8], mut at: usize, quote: u8, backslash: bool) -> Option<usize> {
    loop {
        let inside = bytes.get(at..)?;
        at += if backslash { memchr::memchr2(quote, b'\\', inside) } else { memchr::memchr(quote, inside) }?;
        if bytes[at] != quote || bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return Some(at + 1);
        }
    }
}

/// The end of a block comment whose inside begins at `at`: behind its `*/`, if there is one.
pub(crate) fn block_comment(bytes: &[u8], mut at: usize, nested: bool) -> Option<usize> {
    let mut depth = 1usize;
    loop {
        at += memchr::memchr2(b'*', b'/', bytes.get(at..)?)?;
        match (bytes[at], bytes.get(at + 1)?) {
            (b'*', b'/') => {
                at += 2;
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            (b'/', b'*') if nested => {
                at += 2;
                depth += 1;
            }
            _ => at += 1,
        }
    }
}

/// The end of the `/*!`, `/*!50003` or `/*M!100100` at `at`, if it begins a conditional comment.
///
/// Version 999999 is what the dump programs write to have something never executed: that is a comment.
pub(crate) fn conditional_start(bytes: &[u8], at: usize) -> Option<usize> {
    let mark = if bytes.get(at + 2) == Some(&b'M') { at + 3 } else { at + 2 };
    if bytes.get(mark) != Some(&b'!') {
        return None;
    }
    let end = run(bytes, mark + 1, |byte| byte.is_ascii_digit()).min(mark + 7);
    (&bytes[mark + 1..end] != b"999999").then_some(end)
}

/// The end of a number that begins at `at`, letters that the server would choke on included.
pub(crate) fn number(bytes: &[u8], at: usize, dollar: bool) -> usize {
    let alphanumeric = |at| run(bytes, at, |byte| is_word_byte(byte) && (dollar || byte != b'$'));
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = alphanumeric(at);
    if bytes.get(end) == Some(&b'.') && is_digit(end + 1) {
        end = alphanumeric(end + 1);
    }
    let is_hexadecimal = bytes.get(at + 1).is_some_and(|byte| matches!(byte, b'x' | b'X'));
    let is_exponent = matches!(bytes[end - 1], b'e' | b'E') && !is_hexadecimal;
    if is_exponent && matches!(bytes.get(end), Some(b'+' | b'-')) && is_digit(end + 1) {
        end = alphanumeric(end + 1);
    }
    end
}

/// The end of what may be the name in a tag `$name$`, which begins at `at`.
pub(crate) fn tag_name(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |byte| is_word_byte(byte) && byte != b'$')
}

/// The end of a parameter of SQLite that begins at `at` with `:`, `@`, `#` or `$`; one byte on if nothing follows.
///
/// The Tcl form `$a::b(c)` takes everything up to the `)` into the name, unless a blank comes first. Colons alone
/// are one token as well, which the engine refuses.
pub(crate) fn sqlite_parameter(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    let mut named = false;
    while let Some(&byte) = bytes.get(end) {
        if is_word_byte(byte) {
            named = true;
            end += 1;
        } else if byte == b':' && bytes.get(end + 1) == Some(&b':') {
            end += 2;
        } else if byte == b'(' && named {
            end = run(bytes, end + 1, |byte| byte != b')' && !is_blank(byte));
            return if bytes.get(end) == Some(&b')') { end + 1 } else { end };
        } else {
            break;
        }
    }
    end
}

const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let ascii = byte as u8;
        table[byte] = ascii.is_ascii_alphanumeric() || matches!(ascii, b'_' | b'$' | 0x80..);
        byte += 1;
    }
    table
};
