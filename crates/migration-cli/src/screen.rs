//! Writing: stdout for what was asked for, stderr for everything else.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::Mutex;

use crate::args::GlobalArgs;
use crate::style::{WAITING, paint};

/// How much is said, and in which form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    /// One JSON object, nothing else.
    pub(crate) json: bool,
    /// Errors only.
    pub(crate) quiet: bool,
    /// Whole statements.
    pub(crate) verbose: bool,
}

impl View {
    pub(crate) fn new(flags: &GlobalArgs) -> Self {
        Self { json: flags.json, quiet: flags.quiet, verbose: flags.verbose > 0 }
    }
}

/// The first thing that went wrong on stdout; once it has, nothing more is written.
static TROUBLE: Mutex<Option<Trouble>> = Mutex::new(None);

#[derive(Debug, Clone)]
enum Trouble {
    /// The reader has seen enough.
    Closed,
    Failed(String),
}

/// Writes styled text to stdout, without its styles where they don't belong.
pub(crate) fn out(text: &str) {
    guarded(|| {
        let mut stdout = anstream::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    });
}

/// Has bytes written to stdout just as they are.
pub(crate) fn out_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    guarded(|| {
        let mut stdout = BufWriter::with_capacity(64 << 10, io::stdout().lock());
        write(&mut stdout)?;
        stdout.flush()
    });
}

/// What was to be written to stdout can't be had.
pub(crate) fn failed(error: &io::Error) {
    guarded(|| Err(io::Error::other(error.to_string())));
}

/// Writes styled text and a line end to stderr. If that fails there is nobody left to tell.
pub(crate) fn err(text: &str) {
    let mut stderr = anstream::stderr().lock();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.write_all(b"\n"))
        .and_then(|()| stderr.flush());
}

/// Why stdout could not be written; a reader that went away is no reason.
pub(crate) fn trouble() -> Option<String> {
    match &*TROUBLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(Trouble::Failed(why)) => Some(why.clone()),
        Some(Trouble::Closed) | None => None,
    }
}

fn guarded(write: impl FnOnce() -> io::Result<()>) {
    let mut trouble = TROUBLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if trouble.is_some() {
        return;
    }
    *trouble = match write() {
        Ok(()) => None,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Some(Trouble::Closed),
        Err(error) => Some(Trouble::Failed(error.to_string())),
    };
}

/// Text from a file or a database on one line, without characters that a terminal obeys.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.replace(char::is_control, "\u{fffd}"));
    words.collect::<Vec<_>>().join(" ")
}

/// The same, cut to `most` characters.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    // Of a text of megabytes only the beginning is looked at.
    let head = &text[..text.floor_char_boundary(most.saturating_mul(8).min(text.len()))];
    let line = one_line(head);
    if head.len() == text.len() && line.chars().count() <= most {
        return line;
    }
    line.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Text from a file or a database as it stands, without characters that a terminal obeys.
pub(crate) fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "\u{fffd}")
}

/// The same of a name, which keeps to its line: ends of lines and tabs are written as `\n` and the like.
pub(crate) fn printable_name(name: &str) -> String {
    printable(&name.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t"))
}

/// What a person should know though it is no error.
pub(crate) fn notes(warnings: &[String]) -> String {
    warnings.iter().map(|warning| format!("{} {}\n", paint(WAITING, "note:"), printable(warning))).collect()
}

/// `1 migration`, `2 migrations`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sql_is_shortened() {
        assert_eq!(shorten("SELECT\n   1", 20), "SELECT 1");
        assert_eq!(shorten("INSERT INTO t VALUES (1), (2), (3)", 20), "INSERT INTO t VALUE…");
        assert_eq!(shorten(&"é".repeat(10_000), 5), "éééé…");
        assert_eq!(shorten("a\u{1b}[31mb", 20), "a\u{fffd}[31mb");
    }

    #[test]
    fn nouns() {
        assert_eq!((count(1, "file"), count(0, "file")), ("1 file".to_owned(), "0 files".to_owned()));
    }
}
