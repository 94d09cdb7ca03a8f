//! Strings of JSON: from the text between the quotes to what it means, and back.

use crate::value::scan::plain_len;

/// Why the text of a string means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Undecodable;

/// Appends what the text between two quotes means: escapes become the characters that they stand for.
///
/// # Errors
///
/// [`Undecodable`] for an escape that JSON does not have, and for half of a surrogate pair, which no UTF-8 text can hold.
/// What was appended until then stays.
pub(crate) fn decode(inner: &[u8], out: &mut Vec<u8>) -> Result<(), Undecodable> {
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = decode_escape(&rest[at + 1..], out)?;
    }
    out.extend_from_slice(rest);
    Ok(())
}

/// One escape, without its backslash; what follows it is returned.
fn decode_escape<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], Undecodable> {
    let [kind, rest @ ..] = text else { return Err(Undecodable) };
    let byte = match kind {
        b'"' | b'\\' | b'/' => *kind,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => return decode_unicode(rest, out),
        _ => return Err(Undecodable),
    };
    out.push(byte);
    Ok(rest)
}

fn decode_unicode<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], Undecodable> {
    let (first, mut rest) = hex4(text)?;
    let mut code = u32::from(first);
    if (0xd800..0xdc00).contains(&code) {
        let [b'\\', b'u', low @ ..] = rest else { return Err(Undecodable) };
        let (low, after) = hex4(low)?;
        if !(0xdc00..0xe000).contains(&low) {
            return Err(Undecodable);
        }
        code = 0x1_0000 + ((code - 0xd800) << 10) + (u32::from(low) - 0xdc00);
        rest = after;
    }
    // The second half of a pair on its own is no character either.
    let character = char::from_u32(code).ok_or(Undecodable)?;
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Ok(rest)
}

fn hex4(text: &[u8]) -> Result<(u16, &[u8]), Undecodable> {
    let (digits, rest) = text.split_first_chunk::<4>().ok_or(Undecodable)?;
    let mut value = 0;
    for digit in digits {
        let digit = char::from(*digit).to_digit(16).ok_or(Undecodable)?;
        value = value << 4 | digit as u16;
    }
    Ok((value, rest))
}

/// Appends `text` as a JSON string, quotes included, with the fewest escapes: `"`, `\` and control characters.
pub(crate) fn write(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    loop {
        let plain = plain_len(rest);
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        let len = rest[plain..].iter().position(special).map_or(rest.len(), |at| plain + at);
        out.extend_from_slice(&rest[..len]);
        let Some(byte) = rest.get(len) else { break };
        write_escape(*byte, out);
        rest = &rest[len + 1..];
    }
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(inner: &str) -> Option<String> {
        let mut out = Vec::new();
        decode(inner.as_bytes(), &mut out).ok()?;
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(decoded(r"na\u006de").as_deref(), Some("name"));
        assert_eq!(decoded(r#"\"\\\/\b\f\n\r\t"#).as_deref(), Some("\"\\/\u{8}\u{c}\n\r\t"));
        assert_eq!(decoded(r"\ud83d\ude00 \u00E9").as_deref(), Some("😀 é"));
    }

    #[test]
    fn half_a_pair_is_no_text() {
        for inner in
            [r"\ud800", r"\ud800x", r"\ud800\n", r"\ud800\u0041", r"\ude00", r"\u12", r"\u12g4", r"\x", "\\"]
        {
            assert_eq!(decoded(inner), None, "{inner}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_what_serde_json_writes(text in ".*") {
            let mut out = Vec::new();
            write(text.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out.clone()).unwrap(), serde_json::to_string(&text).unwrap());
            let mut back = Vec::new();
            decode(&out[1..out.len() - 1], &mut back).unwrap();
            assert_eq!(back, text.as_bytes());
        }
    }
}
