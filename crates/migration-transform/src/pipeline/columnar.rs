//! Outputs of columns with types: what a record is that doesn't fit, and where in the input it came from.

use std::sync::Arc;

use super::cut::{ArrayCutter, CsvCutter, Cut, LineCutter, ValueCutter};
use super::error::RunError;
use super::slot::Slot;
use crate::chunk::{Chunk, Format, Made, Reject};
use crate::engine::Engine;
use crate::json::is_blank;
use crate::reason::Reason;

/// Takes finished records, and says which of them don't fit.
pub(crate) trait Columnar: Send {
    /// Takes records: valid JSON objects, one on each line.
    ///
    /// # Errors
    /// What writing came to.
    fn take(&mut self, lines: &[u8]) -> Result<Vec<Misfit>, RunError>;

    /// Writes all that is still held back. Returns the size of the file.
    ///
    /// # Errors
    /// What writing came to.
    fn finish(&mut self) -> Result<u64, RunError>;
}

/// A record that doesn't fit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// The how manieth it is of those that were handed over at once, from 0.
    pub(crate) record: u64,
    /// What is wrong.
    pub(crate) reason: Reason,
    /// The path of the field.
    pub(crate) field: String,
}

/// How finished records come about.
pub(crate) struct Origin {
    engine: Arc<Engine>,
    input: Format,
}

impl Origin {
    pub(crate) fn new(engine: Arc<Engine>, input: Format) -> Self {
        Self { engine, input }
    }

    /// Rejects the records that misfits were made from, which are in order. To find them, records are sent through the
    /// chain once more, one by one: this is rare, and costs nothing elsewhere.
    pub(crate) fn reject(&self, slot: &mut Slot, misfits: Vec<Misfit>) {
        let mut misfits = misfits.into_iter().peekable();
        if misfits.peek().is_none() {
            return;
        }
        let mut cutter: Box<dyn Cut> = match &self.input {
            Format::Ndjson => Box::new(LineCutter),
            Format::Csv(layout) => Box::new(CsvCutter::new(layout.dialect)),
            Format::JsonArray => Box::<ArrayCutter>::default(),
            Format::JsonValues => Box::<ValueCutter>::default(),
        };
        let text = &slot.buffer[slot.records.clone()];
        let (mut worker, mut made) = (self.engine.worker(), Made::default());
        let (mut at, mut lines, mut records, mut out) = (0, 0, 0, 0);
        let mut rejects = Vec::new();
        while at < text.len()
            && let Some(misfit) = misfits.peek()
        {
            let next = cutter.scan(&text[at..], 0, Some(1)).map_or(text.len(), |found| at + found.next);
            let piece = &text[at..next];
            worker.process(&Chunk { bytes: piece, format: self.input.clone() }, &mut made);
            records += made.records_in;
            if made.records_out > 0 {
                if out == misfit.record {
                    let (start, end) = inside(piece, &self.input);
                    let line = lines + newlines(&piece[..start]) + 1;
                    let field = Some(misfit.field.as_str().into());
                    let (start, end) = (at + start, at + end);
                    rejects.push(Reject { record: records, line, reason: misfit.reason, field, start, end });
                    misfits.next();
                }
                out += made.records_out;
            }
            lines += newlines(piece);
            at = next;
        }
        slot.made.records_out -= rejects.len() as u64;
        slot.made.rejects.append(&mut rejects);
        slot.made.rejects.sort_by_key(|reject| reject.record);
    }
}

/// Where in a piece the record is, without what separates it from others.
fn inside(piece: &[u8], input: &Format) -> (usize, usize) {
    let separates = |byte: &u8| match input {
        Format::Csv(_) => matches!(byte, b'\n' | b'\r'),
        Format::Ndjson | Format::JsonArray | Format::JsonValues => is_blank(*byte) || *byte == b',',
    };
    let mark = if piece.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let start = piece[mark..].iter().position(|byte| !separates(byte)).map_or(mark, |at| mark + at);
    let end = piece.iter().rposition(|byte| !separates(byte)).map_or(start, |last| last + 1);
    (start, end.max(start))
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
