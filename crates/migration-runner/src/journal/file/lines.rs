//! From bytes to entries: what counts, and what was cut off.

use serde_json::{Map, Value};

use super::super::{Entry, JournalError};

/// What a file says.
pub(super) struct Lines {
    /// The migration that it is about; `None` if not even that was written.
    pub(super) migration: Option<String>,
    /// Its entries.
    pub(super) entries: Vec<Entry<'static>>,
    /// How many bytes of it count; what follows was never completed.
    pub(super) length: usize,
}

/// Reads a file: a line with the migration's id as a JSON text, and a line for each entry.
///
/// An entry counts once its line is complete. A machine that loses power may leave anything behind the last line that was
/// flushed, so lines that make no sense are taken for such a rest as long as no good line follows; if one does, the file
/// is damaged.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Lines, JournalError> {
    let mut lines = Lines { migration: None, entries: Vec::new(), length: 0 };
    let mut rest = None;
    let mut start = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let end = start + line.len();
        match (line.ends_with(b"\n") && lines.take(number, line), rest) {
            (true, None) => lines.length = end,
            (true, Some(bad)) => {
                return Err(JournalError::new(format!(
                    "line {bad} of {name} makes no sense, but a later one does"
                )));
            }
            (false, _) if is_foreign(line) => {
                return Err(JournalError::new(format!("line {} of {name} is no entry", number + 1)));
            }
            (false, None) => rest = Some(number + 1),
            (false, Some(_)) => {}
        }
        start = end;
    }
    Ok(lines)
}

impl Lines {
    /// Whether it could make sense of a line.
    fn take(&mut self, number: usize, line: &[u8]) -> bool {
        if number == 0 {
            self.migration = serde_json::from_slice(line).ok();
            return self.migration.is_some();
        }
        let entry = serde_json::from_slice(line).ok();
        let is_entry = entry.is_some();
        self.entries.extend(entry);
        is_entry
    }
}

/// Whether a line that is no entry was certainly completed: a whole object that somebody else wrote, such as a later
/// version. To drop it would be to forget something.
fn is_foreign(line: &[u8]) -> bool {
    line.ends_with(b"\n") && serde_json::from_slice::<Map<String, Value>>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::super::{Ledger, Note};
    use super::*;

    const ENTRY: &str = r#"{"at":"2026-11-22T19:27:27Z","note":"step_done","step":"a","direction":"up"}"#;

    #[test]
    fn cut_off_anywhere() {
        let whole = format!("\"m\"\n{ENTRY}\n{ENTRY}\n");
        let line = ENTRY.len() + 1;
        for cut in 0..=whole.len() {
            let lines = read("f", &whole.as_bytes()[..cut]).unwrap();
            let complete = cut.saturating_sub(4) / line;
            assert_eq!(lines.entries.len(), complete, "{cut}");
            assert_eq!(lines.migration.is_some(), cut >= 4, "{cut}");
            assert_eq!(lines.length, if cut < 4 { 0 } else { 4 + complete * line }, "{cut}");
        }
    }

    #[test]
    fn a_rest_of_any_bytes_does_not_count() {
        for rest in ["\0\0\0\0", "\0\n\0\n", "{\n}\n{", "\n\n", "\u{fffd}", "7\n"] {
            let lines = read("f", format!("\"m\"\n{ENTRY}\n{rest}").as_bytes()).unwrap();
            assert_eq!((lines.entries.len(), lines.length), (1, ENTRY.len() + 5), "{rest:?}");
        }
        assert_eq!(read("f", b"\xff\xfe\n").unwrap().length, 0);
    }

    #[test]
    fn damage_in_the_middle_is_an_error() {
        let damaged = format!("\"m\"\n{ENTRY}\n{}\n{ENTRY}\n", &ENTRY[1..]);
        let error = read("f", damaged.as_bytes()).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "line 3 of f makes no sense, but a later one does");
        assert!(read("f", format!("m\n{ENTRY}\n").as_bytes()).is_err());
    }

    #[test]
    fn notes_of_a_later_version_are_not_forgotten() {
        let unknown = ENTRY.replace("step_done", "step_sung");
        let error = read("f", format!("\"m\"\n{unknown}\n").as_bytes()).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "line 2 of f is no entry");
        let known = read("f", format!("\"m\"\n{ENTRY}\n").as_bytes()).unwrap();
        assert!(matches!(known.entries[0].note, Note::StepDone { .. }));
        assert!(known.entries.into_iter().collect::<Ledger>().is_in_effect());
    }
}
