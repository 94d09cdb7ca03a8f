//! What an expression read, for whoever is told that it can't be computed.

use crate::path::Path;
use crate::value::text;
use crate::warnings::SHOWN;

/// Appends the fields that an expression read, as an object from paths to values; those that are missing are left out. No more
/// than a warning shows is of use, and not much more is written. `json` is a field's value by its place among the paths.
pub(crate) fn write_reads<T: AsRef<str>>(
    paths: &[Path],
    json: impl Fn(usize) -> Option<T>,
    out: &mut String,
) {
    let start = out.len();
    out.push('{');
    for (place, path) in paths.iter().enumerate() {
        let Some(value) = json(place) else { continue };
        if out.len() > start + SHOWN {
            break;
        }
        if out.len() > start + 1 {
            out.push(',');
        }
        text::encode(path.text(), out);
        out.push(':');
        let value = value.as_ref();
        out.push_str(&value[..value.floor_char_boundary(SHOWN + 1)]);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_shown_and_no_more_than_that() {
        let paths = ["a", "o.\"b c\"", "x"].map(|path| path.parse().unwrap());
        let shown = |values: [Option<String>; 3]| {
            let mut out = String::from("before ");
            write_reads(&paths, |place| values[place].clone(), &mut out);
            out
        };
        assert_eq!(shown([Some("3".into()), None, Some("\"é\"".into())]), r#"before {"a":3,"x":"é"}"#);
        assert_eq!(shown([None, Some("null".into()), None]), r#"before {"o.\"b c\"":null}"#);
        assert_eq!(shown([None, None, None]), "before {}");
        let long = shown([Some("é".repeat(5000)), Some("1".into()), Some("2".into())]);
        assert!(long.len() > SHOWN && long.len() < 200 && !long.contains("b c"), "{long}");
    }
}
