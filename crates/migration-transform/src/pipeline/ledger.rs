//! What happens in the order of the input: places are given out, counts added up, rejects written.

use std::io::{self, ErrorKind, Write};

use migration_model::{Event, Observer, RecordSink, RejectedRecord};
use sha2::{Digest, Sha256};

use super::aligned::Aligned;
use super::columnar::{Columnar, Origin};
use super::compression::Finish;
use super::error::RunError;
use super::rejects::RejectFile;
use super::report::Report;
use super::slot::Slot;
use crate::chunk::Format;
use crate::warnings::{Place, Warnings};

/// Where finished records go.
pub(crate) enum Sink<'a> {
    /// To places in a file, by several threads at once.
    Places(Aligned),
    /// One after the other.
    Stream(Box<dyn Finish + 'a>),
    /// To the columns of a file.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "there is no other such format yet"))]
    Columns(Box<dyn Columnar + 'a>),
    /// To whoever takes records.
    Records(Box<dyn RecordSink + 'a>),
}

/// The order of a run.
pub(crate) struct Ledger<'a> {
    pub(crate) sink: Sink<'a>,
    pub(crate) name: String,
    pub(crate) output: Format,
    /// Where a record that does not fit in came from.
    pub(crate) origin: Origin,
    pub(crate) rejects: Option<RejectFile<'a>>,
    pub(crate) report: Report,
    pub(crate) warnings: Warnings,
    pub(crate) strict: bool,
    pub(crate) digest: Option<Sha256>,
    pub(crate) observer: Option<&'a dyn Observer>,
    /// Size of the input, if that is known.
    pub(crate) total: Option<u64>,
    pub(crate) before: Place,
    /// What is left of the records, where that is known from the format alone.
    pub(crate) begun: bool,
}

impl Ledger<'_> {
    /// Takes the next chunk over. Returns the place of its bytes, if they are still to be written there.
    ///
    /// # Errors
    /// What writing came to; with `strict` the first thing that is wrong with a record.
    pub(crate) fn take(&mut self, slot: &mut Slot) -> Result<Option<u64>, RunError> {
        if let Sink::Columns(columns) = &mut self.sink {
            let misfits = columns.take(&slot.made.bytes)?;
            self.origin.reject(slot, misfits);
        }
        if self.strict {
            self.refuse(slot)?;
        }
        let before = self.before;
        if let Some(file) = &mut self.rejects {
            for reject in &slot.made.rejects {
                file.write(reject, before, slot.text_of(reject))?;
            }
        }
        for reject in &slot.made.rejects {
            self.report.add_reject(reject.reason);
            if let Sink::Records(sink) = &mut self.sink {
                let (record, line) = (before.record + reject.record, before.line + reject.line);
                let (reason, field) = (reject.reason.code(), reject.field.as_deref());
                let rejected = RejectedRecord::new(record, line, reason, field, slot.text_of(reject).0);
                sink.reject(&rejected).map_err(|error| failed(&self.name, error))?;
            }
        }
        self.warnings.merge(&slot.made.warnings, before);
        let made = &mut slot.made;
        self.before.record += made.records_in;
        self.before.line += made.lines;
        self.report.records_in += made.records_in;
        self.report.records_out += made.records_out;
        self.report.filtered += made.filtered;
        self.report.bytes_in += slot.bytes_in;
        if self.output == Format::JsonArray && !self.begun && !made.bytes.is_empty() {
            // Elements begin with the comma that separates them from the one before.
            made.bytes[0] = b'[';
            self.begun = true;
        }
        self.count(&slot.made.bytes);
        let place = match &mut self.sink {
            Sink::Places(places) => places.take(&mut slot.made.bytes),
            _ => self.pass_on(&slot.made.bytes).map(|()| None)?,
        };
        if let Some(observer) = self.observer {
            let (records, bytes, total_bytes) = (self.report.records_in, self.report.bytes_in, self.total);
            // An observer that fails changes nothing.
            let _ = observer.on_event(&Event::RecordsRead { records, bytes, total_bytes });
        }
        Ok(place)
    }

    /// Writes bytes of our own, such as a header.
    ///
    /// # Errors
    /// What writing came to.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), RunError> {
        self.count(bytes);
        match &mut self.sink {
            Sink::Places(places) => {
                places.hold(bytes);
                Ok(())
            }
            _ => self.pass_on(bytes),
        }
    }

    /// What is still to be written, and where, after everything else.
    pub(crate) fn rest(&mut self) -> Option<(u64, Vec<u8>)> {
        match &mut self.sink {
            Sink::Places(places) => Some(places.rest()),
            _ => None,
        }
    }

    fn count(&mut self, bytes: &[u8]) {
        self.report.bytes_out += bytes.len() as u64;
        if let Some(digest) = &mut self.digest {
            digest.update(bytes);
        }
    }

    /// To what takes bytes one after the other.
    fn pass_on(&mut self, bytes: &[u8]) -> Result<(), RunError> {
        let written = match &mut self.sink {
            Sink::Stream(stream) => stream.write_all(bytes),
            Sink::Records(sink) if !bytes.is_empty() => sink.write(bytes),
            Sink::Records(_) | Sink::Columns(_) | Sink::Places(_) => Ok(()),
        };
        written.map_err(|error| self.failed(error))
    }

    /// What comes after the last record.
    pub(crate) fn end(&self) -> &'static [u8] {
        match (&self.output, self.begun) {
            (Format::JsonArray, true) => b"\n]\n",
            (Format::JsonArray, false) => b"[]\n",
            _ => b"",
        }
    }

    /// What an error of writing is called.
    pub(crate) fn failed(&self, source: io::Error) -> RunError {
        failed(&self.name, source)
    }

    /// The first thing that is wrong in a chunk.
    fn refuse(&self, slot: &Slot) -> Result<(), RunError> {
        let reject = slot.made.rejects.first();
        let warning = slot.made.warnings.examples().iter().min_by_key(|example| example.record);
        let Place { record, line } = self.before;
        match (reject, warning) {
            (None, None) => Ok(()),
            (Some(reject), _) if warning.is_none_or(|warning| reject.record <= warning.record) => {
                Err(RunError::Strict {
                    record: record + reject.record,
                    line: line + reject.line,
                    field: reject.field.as_deref().map(str::to_owned),
                    reason: reject.reason,
                    text: shortened(&String::from_utf8_lossy(slot.text_of(reject).0)),
                })
            }
            (_, Some(warning)) => Err(RunError::Strict {
                record: record + warning.record,
                line: line + warning.line,
                field: Some(warning.field.to_string()),
                reason: warning.reason,
                text: warning.value.clone(),
            }),
            (Some(_), None) => Ok(()),
        }
    }
}

/// What an error of writing is called.
pub(crate) fn failed(name: &str, source: io::Error) -> RunError {
    if source.kind() == ErrorKind::BrokenPipe {
        RunError::ReaderGone
    } else {
        RunError::Output { name: name.to_owned(), source }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
