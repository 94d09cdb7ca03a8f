//! Where a place in the SQL of a JSON migration is in the file itself, escapes and all.

/// The byte offset in a JSON file of the byte at `offset` in the decoded string under a top-level key.
pub(crate) fn in_file(file: &str, key: &str, offset: usize) -> Option<usize> {
    let mut at = value_of(file, key)? + 1;
    let mut decoded = 0;
    while decoded < offset {
        let (length, bytes) = unit(file.get(at..)?)?;
        at += length;
        decoded += bytes;
    }
    Some(at)
}

/// The offset of the opening quote of a top-level key's string.
fn value_of(file: &str, key: &str) -> Option<usize> {
    let bytes = file.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b'"' => {
                let end = string_end(file, at)?;
                let after = file[end..].trim_start();
                if depth == 1 && &file[at + 1..end - 1] == key && after.starts_with(':') {
                    let value = after[1..].trim_start();
                    return value.starts_with('"').then_some(file.len() - value.len());
                }
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The offset behind the closing quote of the string that opens at `open`.
fn string_end(file: &str, open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let rest = file.get(at..)?;
        if rest.starts_with('"') {
            return Some(at + 1);
        }
        at += unit(rest)?.0;
    }
}

/// One character of a JSON string: how many bytes it takes in the file, and how many bytes it means.
fn unit(rest: &str) -> Option<(usize, usize)> {
    let first = rest.chars().next()?;
    if first != '\\' {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    if rest.as_bytes().get(1) != Some(&b'u') {
        return Some((2, 1)).filter(|_| rest.is_char_boundary(2));
    }
    let code = |at: usize| u32::from_str_radix(rest.get(at..at + 4)?, 16).ok();
    match code(2)? {
        // The two halves of a character outside of the basic plane.
        0xD800..=0xDBFF if rest.get(6..8) == Some("\\u") => Some((12, 4)),
        value => Some((6, char::from_u32(value).map_or(3, char::len_utf8))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_counted() {
        let file = r#"{"name": "sql", "x": {"sql": "no"}, "sql" : "a\n\u00e9\ud83e\udd80\"é wrong"}"#;
        let sql = "a\né🦀\"é wrong";
        let place = in_file(file, "sql", sql.find("wrong").unwrap()).unwrap();
        assert!(file[place..].starts_with("wrong"), "{}", &file[place..]);
        assert_eq!(in_file(file, "sql", 0), file.rfind("a\\n"));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for file in
            ["", "{", "{\"sql\": 1}", "{\"sql\": \"ab", "}", "{\"sql", "{\"sql\": \"\\", "{\"sql\":\"\\u12"]
        {
            assert_eq!(in_file(file, "sql", 9), None, "{file}");
        }
        assert_eq!(in_file("{\"sql\": \"abc\"}", "rollback_sql", 0), None);
    }
}
