//! JSON strings: what they say, and how a text is written as one.

/// What the string between two double quotes says; none if it has an unpaired surrogate. The input is valid.
pub(crate) fn decode(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(place) = rest.find('\\') {
        text.push_str(&rest[..place]);
        let (sign, after) = escape(rest.get(place + 1..)?)?;
        text.push(sign);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// The characters of the same; none for a surrogate without its other half.
pub(crate) fn characters(inner: &str) -> impl Iterator<Item = Option<char>> {
    let mut rest = inner;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        if first != '\\' {
            rest = &rest[first.len_utf8()..];
            return Some(Some(first));
        }
        let escaped = escape(&rest[1..]);
        // In a valid string it is a surrogate otherwise: six signs.
        rest = escaped.map_or_else(|| rest.get(6..).unwrap_or_default(), |(_, after)| after);
        Some(escaped.map(|(sign, _)| sign))
    })
}

/// What an escape without its backslash stands for, and what comes after it.
fn escape(text: &str) -> Option<(char, &str)> {
    let after = text.get(1..)?;
    let sign = match text.as_bytes()[0] {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return code_point(after),
        other => char::from(other),
    };
    Some((sign, after))
}

/// The character whose digits (after `\u`) the text begins with, and what comes after it.
fn code_point(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| u32::from_str_radix(text.get(..4)?, 16).ok();
    let (high, rest) = (unit(text)?, text.get(4..)?);
    if let Some(sign) = char::from_u32(high) {
        return Some((sign, rest));
    }
    let low = unit(rest.strip_prefix("\\u")?)?;
    if !(0xD800..0xDC00).contains(&high) || !(0xDC00..0xE000).contains(&low) {
        return None;
    }
    let sign = char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))?;
    Some((sign, rest.get(6..)?))
}

/// Appends a text as a JSON string with the fewest escapes: `"`, `\` and control characters, of which `\b`, `\f`, `\n`,
/// `\r`, `\t` have short ones and the others four digits in lower case.
pub(crate) fn encode(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(place) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.push_str(&rest[..place]);
        match rest.as_bytes()[place] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.push_str("\\u00");
                out.push(char::from(HEX[usize::from(control >> 4)]));
                out.push(char::from(HEX[usize::from(control & 15)]));
            }
        }
        rest = &rest[place + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_written_as_serde_json_writes_them(text in ".*|\\PC*|[\\x00-\\x7f]*") {
            let mut written = String::new();
            encode(&text, &mut written);
            prop_assert_eq!(&written, &serde_json::to_string(&text).unwrap());
            prop_assert_eq!(decode(&written[1..written.len() - 1]), Some(text));
        }

        #[test]
        fn characters_are_those_of_utf_16(
            units in proptest::collection::vec(prop_oneof![Just(0x61), Just(0xe9), 0xd7ff_u16..0xe001], 0..9),
        ) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04X}")).collect();
            let expected = char::decode_utf16(units).map(Result::ok);
            prop_assert_eq!(characters(&escaped).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }

        #[test]
        fn characters_are_those_of_a_text(text in ".*|[\\x00-\\x7f]*") {
            let mut written = String::new();
            encode(&text, &mut written);
            let found: Option<String> = characters(&written[1..written.len() - 1]).collect();
            prop_assert_eq!(found, Some(text));
        }

        #[test]
        fn escapes_are_read_as_serde_json_reads_them(text in r#"(a|é|\\u[d][89abcdef]0[0-9]|\\u00e9|\\[bfnrt/"\\])*"#) {
            prop_assert_eq!(decode(&text), serde_json::from_str(&format!("\"{text}\"")).ok());
        }
    }
}
