//! Whether a text is one JSON value, by the grammar of RFC 8259. The text must be valid UTF-8; nothing is decoded.

use super::is_blank;

/// How deep objects and arrays may be nested where they are looked into.
pub(crate) const MAX_DEPTH: usize = 512;

/// Why a text is no JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// It breaks the grammar.
    Syntax,
    /// It is nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// Checks that `text` is exactly one value, with blanks around it.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn validate(text: &[u8]) -> Result<(), Invalid> {
    let end = skip_value(text, skip_blanks(text, 0))?;
    if skip_blanks(text, end) == text.len() { Ok(()) } else { Err(Invalid::Syntax) }
}

/// One bit for each open bracket: is it an object?
struct Open {
    objects: [u64; MAX_DEPTH / 64],
    depth: usize,
}

impl Open {
    fn push(&mut self, object: bool) -> Result<(), Invalid> {
        if self.depth == MAX_DEPTH {
            return Err(Invalid::TooDeep);
        }
        let (word, bit) = (self.depth / 64, 1 << (self.depth % 64));
        self.objects[word] = if object { self.objects[word] | bit } else { self.objects[word] & !bit };
        self.depth += 1;
        Ok(())
    }

    fn is_object(&self) -> bool {
        let top = self.depth - 1;
        self.objects[top / 64] >> (top % 64) & 1 == 1
    }
}

/// The end of the value that starts at `at`. No recursion: a hostile text must not use up the stack.
fn skip_value(text: &[u8], mut at: usize) -> Result<usize, Invalid> {
    let mut open = Open { objects: [0; MAX_DEPTH / 64], depth: 0 };
    loop {
        // A value is expected here.
        at = match text.get(at) {
            Some(b'{') => {
                open.push(true)?;
                at = skip_blanks(text, at + 1);
                if text.get(at) == Some(&b'}') {
                    open.depth -= 1;
                    at + 1
                } else {
                    at = skip_key(text, at)?;
                    continue;
                }
            }
            Some(b'[') => {
                open.push(false)?;
                at = skip_blanks(text, at + 1);
                if text.get(at) == Some(&b']') {
                    open.depth -= 1;
                    at + 1
                } else {
                    continue;
                }
            }
            Some(b'"') => skip_string(text, at)?,
            Some(b't') => skip_word(text, at, b"true")?,
            Some(b'f') => skip_word(text, at, b"false")?,
            Some(b'n') => skip_word(text, at, b"null")?,
            _ => skip_number(text, at).ok_or(Invalid::Syntax)?,
        };
        // A value has ended: what is around it goes on or ends too.
        loop {
            if open.depth == 0 {
                return Ok(at);
            }
            at = skip_blanks(text, at);
            match (text.get(at), open.is_object()) {
                (Some(b','), true) => {
                    at = skip_key(text, skip_blanks(text, at + 1))?;
                    break;
                }
                (Some(b','), false) => {
                    at = skip_blanks(text, at + 1);
                    break;
                }
                (Some(b'}'), true) | (Some(b']'), false) => {
                    open.depth -= 1;
                    at += 1;
                }
                _ => return Err(Invalid::Syntax),
            }
        }
    }
}

fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    while text.get(at).copied().is_some_and(is_blank) {
        at += 1;
    }
    at
}

/// A key, the colon and the blanks after it.
fn skip_key(text: &[u8], at: usize) -> Result<usize, Invalid> {
    let at = skip_blanks(text, skip_string(text, at)?);
    if text.get(at) == Some(&b':') { Ok(skip_blanks(text, at + 1)) } else { Err(Invalid::Syntax) }
}

fn skip_word(text: &[u8], at: usize, word: &[u8]) -> Result<usize, Invalid> {
    if text[at..].starts_with(word) { Ok(at + word.len()) } else { Err(Invalid::Syntax) }
}

/// The end of the string that starts at `at`: no control character in it, only the escapes that there are.
fn skip_string(text: &[u8], mut at: usize) -> Result<usize, Invalid> {
    if text.get(at) != Some(&b'"') {
        return Err(Invalid::Syntax);
    }
    at += 1;
    loop {
        match text.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at += escape_len(&text[at..]).ok_or(Invalid::Syntax)?,
            Some(0x20..) => at += 1,
            _ => return Err(Invalid::Syntax),
        }
    }
}

/// How long the escape is that the text starts with, backslash included.
fn escape_len(text: &[u8]) -> Option<usize> {
    match text.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => text.get(2..6)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
        _ => None,
    }
}

/// The end of the number that starts at `at`: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
pub(crate) fn skip_number(text: &[u8], mut at: usize) -> Option<usize> {
    at += usize::from(text.get(at) == Some(&b'-'));
    at = match text.get(at)? {
        b'0' => at + 1,
        b'1'..=b'9' => skip_digits(text, at),
        _ => return None,
    };
    if text.get(at) == Some(&b'.') {
        at = some_digits(text, at + 1)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        at = some_digits(text, at)?;
    }
    Some(at)
}

fn skip_digits(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

fn some_digits(text: &[u8], at: usize) -> Option<usize> {
    let end = skip_digits(text, at);
    (end > at).then_some(end)
}

/// Whether a JSON number has neither fraction nor exponent.
pub(crate) fn is_integer(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_valid(text: &str) -> bool {
        validate(text.as_bytes()).is_ok()
    }

    #[test]
    fn the_grammar_of_rfc_8259() {
        for text in [
            "null",
            " true ",
            "false",
            "0",
            "-0",
            "-0.0e-0",
            "1E400",
            "12.50",
            "\"\"",
            r#""\u0000\ud800\/""#,
            "[]",
            "[ ]",
            "{}",
            "[1,[2,{\"a\":[]}]]",
            "{\"a\":1,\"a\":2}",
            "{ \"a\" : [ 1 , 2 ] }",
            "\"\u{7f}\u{2028}é\"",
            "[[],{}]",
        ] {
            assert!(is_valid(text), "{text}");
        }
        for text in [
            "",
            " ",
            "nul",
            "nulll",
            "True",
            "01",
            "-",
            "+1",
            ".5",
            "5.",
            "1e",
            "1e+",
            "0x1",
            "NaN",
            "Infinity",
            "'a'",
            "\"",
            "\"\t\"",
            "\"\n\"",
            r#""\x""#,
            r#""\u12""#,
            r#""\u12G4""#,
            "[",
            "]",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1}",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\" 1}",
            "{1:1}",
            "{\"a\":1]",
            "1 2",
            "{}{}",
            "\u{feff}1",
            "[1]x",
            "/*c*/1",
            "\u{c}1",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(validate(nested(MAX_DEPTH).as_bytes()), Ok(()));
        assert_eq!(validate(nested(MAX_DEPTH + 1).as_bytes()), Err(Invalid::TooDeep));
        assert_eq!(validate("[".repeat(100_000).as_bytes()), Err(Invalid::TooDeep));
    }

    proptest::proptest! {
        #[test]
        fn accepts_what_serde_json_accepts(text in r#"[\[\]{}:,"\\ 0-9eE.+\-a-fntrlsu]{0,12}"#) {
            let mut parser = serde_json::Deserializer::from_str(&text);
            // What is ignored is not decoded, so that halves of surrogate pairs and large numbers pass, as here.
            let theirs = <serde::de::IgnoredAny as serde::Deserialize>::deserialize(&mut parser).and_then(|_| parser.end());
            assert_eq!(is_valid(&text), theirs.is_ok(), "{text}");
        }
    }
}
