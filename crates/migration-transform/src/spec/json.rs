//! Chains from JSON, and where a text stops being JSON.

use super::misplaced::Misplaced;
use crate::error::Error;
use crate::value::scan::{blanks_end, escape_end, number_end};
use crate::value::{MAX_DEPTH, Value};

/// What a JSON text says.
///
/// # Errors
/// If it is none.
pub(super) fn read(text: &str) -> Result<Value, Error> {
    Value::from_json(text).map_err(|reason| {
        let (at, why) = fault(text).unwrap_or_else(|| (0, reason.code().to_owned()));
        Error::Syntax { language: "JSON", source: Misplaced::new(text, at, why).into() }
    })
}

/// Where a text stops being JSON, and why; none if it doesn't.
fn fault(text: &str) -> Option<(usize, String)> {
    let bytes = text.as_bytes();
    let missing = |at: usize, what: &str| {
        let found = text.get(at..).and_then(|rest| rest.chars().next());
        let shown = |sign: char| match sign {
            _ if sign.is_control() => format!("`{}`", sign.escape_debug()),
            _ => format!("`{sign}`"),
        };
        let found = found.map_or("the end".to_owned(), shown);
        Err((at, format!("{found} where {what} has to be")))
    };
    let name = |at: usize| {
        if bytes.get(at) != Some(&b'"') {
            return missing(at, "a name in double quotes");
        }
        let colon = blanks_end(bytes, string(bytes, at)?);
        if bytes.get(colon) == Some(&b':') {
            Ok(blanks_end(bytes, colon + 1))
        } else {
            missing(colon, "a colon")
        }
    };
    let mut open = Vec::new();
    let mut value = |mut at: usize| loop {
        let bracket = bytes.get(at).copied();
        if let Some(b'{' | b'[') = bracket {
            if open.len() == MAX_DEPTH {
                return Err((at, format!("more than {MAX_DEPTH} lists and objects in one another")));
            }
            let close = if bracket == Some(b'{') { b'}' } else { b']' };
            open.push(close);
            at = blanks_end(bytes, at + 1);
            if bytes.get(at) != Some(&close) {
                if close == b'}' {
                    at = name(at)?;
                }
                continue;
            }
        } else {
            at = match scalar(bytes, at)? {
                Some(end) => blanks_end(bytes, end),
                None => return missing(at, "a value"),
            };
        }
        // A value has ended, or an empty list is about to.
        loop {
            let Some(close) = open.last().copied() else { return Ok(at) };
            match bytes.get(at) {
                Some(found) if *found == close => {
                    open.pop();
                    at = blanks_end(bytes, at + 1);
                }
                Some(b',') => {
                    at = blanks_end(bytes, at + 1);
                    if close == b'}' {
                        at = name(at)?;
                    }
                    break;
                }
                _ => return missing(at, &format!("a comma or `{}`", char::from(close))),
            }
        }
    };
    let end = match value(blanks_end(bytes, 0)) {
        Ok(end) if end == bytes.len() => return None,
        Ok(end) => missing(end, "the end"),
        wrong => wrong,
    };
    end.err()
}

/// The end of a text, a number or a word; none if there is nothing of it.
fn scalar(bytes: &[u8], at: usize) -> Result<Option<usize>, (usize, String)> {
    let rest = bytes.get(at..).unwrap_or_default();
    let word = [&b"null"[..], b"true", b"false"].into_iter().find(|word| rest.starts_with(word));
    match rest.first() {
        Some(b'"') => string(bytes, at).map(Some),
        Some(b'-' | b'0'..=b'9') => {
            let end = number_end(bytes, at).ok_or_else(|| (at, "no number".to_owned()))?;
            let is_over = !matches!(bytes.get(end), Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
            if is_over { Ok(Some(end)) } else { Err((at, "no number".to_owned())) }
        }
        _ => Ok(word.map(|word| at + word.len())),
    }
}

/// The end of the text whose opening quote is at a place.
fn string(bytes: &[u8], start: usize) -> Result<usize, (usize, String)> {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape_end(bytes, at).ok_or_else(|| (at, "no escape".to_owned()))?,
            Some(0..0x20) => return Err((at, "a control character in a text".to_owned())),
            Some(_) => at += 1,
            None => return Err((start, "a text that isn't closed".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let check = |text: &str, told: &str| match read(text) {
            Err(Error::Syntax { language: "JSON", source }) => assert_eq!(source.to_string(), told, "{text}"),
            other => panic!("{text} is {other:?}"),
        };
        check("", "line 1, column 1: the end where a value has to be");
        check("{\n\"step\": [\n{]}", "line 3, column 2: `]` where a name in double quotes has to be");
        check("{\"é\" 1}", "line 1, column 6: `1` where a colon has to be");
        check("{\"a\":1,}", "line 1, column 8: `}` where a name in double quotes has to be");
        check("{\"a\":1 \"b\"", "line 1, column 8: `\"` where a comma or `}` has to be");
        check("[1,]", "line 1, column 4: `]` where a value has to be");
        check("[1", "line 1, column 3: the end where a comma or `]` has to be");
        check("[]]", "line 1, column 3: `]` where the end has to be");
        check("{\"a\": 'x'}", "line 1, column 7: `'` where a value has to be");
        check("[01]", "line 1, column 2: no number");
        check("[-]", "line 1, column 2: no number");
        check("[\"\\x\"]", "line 1, column 3: no escape");
        check("[\"a\nb\"]", "line 1, column 4: a control character in a text");
        check("[\"a]", "line 1, column 2: a text that isn't closed");
        check(&"[".repeat(600), "line 1, column 513: more than 512 lists and objects in one another");
    }

    proptest! {
        #[test]
        fn it_is_the_grammar_that_records_are_read_by(text in r#"([\[\]{},: "]|"a"|"\\[nx]"|[-]?[0-9]|[.]5|null|true|fals){0,12}"#) {
            prop_assert_eq!(fault(&text).is_none(), Value::from_json(&text).is_ok(), "{}", text);
        }
    }
}
