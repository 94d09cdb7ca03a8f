//! The file of rejected records: NDJSON, with all that is known of each.

use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::Pipeline;
use super::compression::{Finish, Plain};
use super::error::RunError;
use super::ledger::{Sink, failed};
use super::patience::Marked;
use super::sink::{self, Target};
use crate::chunk::Reject;
use crate::value::Value;
use crate::warnings::Place;

/// A file of rejected records, published at the end of a run that succeeds; or a stream of them.
pub(crate) struct RejectFile<'a> {
    name: String,
    // Dropped before the target, which undoes what is written.
    to: Box<dyn Finish + 'a>,
    target: Target,
}

impl<'a> RejectFile<'a> {
    /// Takes the name of the file that a run is to have, if it is to have one.
    ///
    /// # Errors
    /// If it can't be created, or another run has it.
    pub(crate) fn claim(pipeline: &Pipeline<'_>) -> Result<Option<Target>, RunError> {
        let path = pipeline.rejects.as_ref().filter(|_| pipeline.rejects_to.is_none());
        path.map(|path| Target::claim(path, pipeline.append, pipeline.overwrite)).transpose()
    }

    /// Begins what a run is to have, if it is to have any, in the file that was claimed.
    ///
    /// # Errors
    /// If it can't be created.
    pub(crate) fn open(pipeline: &Pipeline<'a>, target: Option<Target>) -> Result<Option<Self>, RunError> {
        if let Some(writer) = &pipeline.rejects_to {
            let to =
                Box::new(Plain(BufWriter::new(Marked::new(Shared(Arc::clone(writer)), pipeline.blocked))));
            return Ok(Some(Self { name: "the rejects".to_owned(), to, target: Target::Stream }));
        }
        let (Some(path), Some(target)) = (&pipeline.rejects, target) else { return Ok(None) };
        let to = sink::lines(path, &target, pipeline.blocked)?;
        Ok(Some(Self { name: format!("`{}`", path.display()), to, target }))
    }

    /// Adds one.
    ///
    /// # Errors
    /// What writing came to.
    pub(crate) fn write(
        &mut self,
        reject: &Reject,
        before: Place,
        text: (&[u8], Option<u64>),
    ) -> Result<(), RunError> {
        let line = line(reject, before, text);
        self.to.write_all(line.as_bytes()).map_err(|source| failed(&self.name, source))
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// What writing came to.
    pub(crate) fn publish(self, sync: bool) -> Result<(), RunError> {
        self.target.finish(Sink::Stream(self.to), &self.name, sync)
    }
}

/// A writer that others may have, too.
struct Shared(Arc<Mutex<dyn Write + Send>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// One rejected record. Bytes that are no UTF-8 are written in Base64, so that nothing of them is lost. Where the text is only the
/// beginning, it says how many bytes there are in all.
fn line(reject: &Reject, before: Place, (text, bytes): (&[u8], Option<u64>)) -> String {
    let (record, line) = (before.record + reject.record, before.line + reject.line);
    let field = reject.field.as_deref().map_or_else(|| "null".to_owned(), quoted);
    let (name, value) = match std::str::from_utf8(text) {
        Ok(text) => ("text", quoted(text)),
        // Cut within a character.
        Err(error) if bytes.is_some() && error.error_len().is_none() => {
            ("text", quoted(&String::from_utf8_lossy(&text[..error.valid_up_to()])))
        }
        Err(_) => ("base64", quoted(&base64(text))),
    };
    let bytes = bytes.map_or_else(String::new, |bytes| format!(",\"bytes\":{bytes}"));
    let reason = reject.reason.code();
    format!(
        "{{\"record\":{record},\"line\":{line},\"reason\":\"{reason}\",\"field\":{field},\"{name}\":{value}{bytes}}}\n"
    )
}

fn quoted(text: &str) -> String {
    Value::from(text.to_owned()).to_json()
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for sign in 0..4 {
            let six = (bits >> (18 - 6 * sign)) as usize & 63;
            text.push(if sign <= group.len() { char::from(SIGNS[six]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Reason;

    #[test]
    fn nothing_is_lost() {
        let reject =
            Reject { record: 2, line: 3, reason: Reason::InvalidUtf8, field: None, start: 0, end: 0 };
        let before = Place { record: 10, line: 20 };
        assert_eq!(
            line(&reject, before, (b"{\"a\n", None)),
            "{\"record\":12,\"line\":23,\"reason\":\"invalid-utf8\",\"field\":null,\"text\":\"{\\\"a\\n\"}\n"
        );
        assert!(line(&reject, before, (b"\xff", None)).ends_with("\"base64\":\"/w==\"}\n"));
        assert!(line(&reject, before, (b"a\xc3", None)).ends_with("\"base64\":\"YcM=\"}\n"));
        // Of what is cut off, half a character is nothing that is wrong.
        assert!(line(&reject, before, (b"a\xc3", Some(9))).ends_with("\"text\":\"a\",\"bytes\":9}\n"));
        assert!(line(&reject, before, (b"\xffa", Some(9))).ends_with("\"base64\":\"/2E=\",\"bytes\":9}\n"));
        assert_eq!(base64(b"fooba"), "Zm9vYmE=");
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }
}
