//! Chunks through the compiled chain, on one thread.

use super::lines::{Elements, Found, Lines};
use super::ops::{Context, Scratch};
use super::table::Table;
use super::{Engine, csv, rows};
use crate::chunk::{Chunk, Format, Made, Reject};
use crate::reason::Reason;
use crate::transformer::Verdict;
use crate::warnings::Place;

/// The scratch space of one thread, which keeps its memory from chunk to chunk.
#[derive(Debug)]
pub struct Worker<'e> {
    engine: &'e Engine,
    table: Table,
    scratch: Scratch,
    /// Line ends between tokens have to go.
    on_one_line: bool,
}

impl<'e> Worker<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        Self { engine, table: Table::default(), scratch: Scratch::default(), on_one_line: false }
    }

    /// Puts the records of a chunk through the chain. `made` is emptied first.
    ///
    /// An NDJSON record goes out as a line, an element of a JSON array as `,\n` and the object, a CSV record as a row.
    /// Chunks of 4 GiB and more are not taken: their records are rejected as [`Reason::TooLong`].
    pub fn process(&mut self, chunk: &Chunk<'_>, made: &mut Made) {
        made.clear();
        self.on_one_line = chunk.format == Format::JsonArray;
        match &chunk.format {
            Format::Ndjson => {
                let mut lines = Lines::new(chunk.bytes);
                // Checked at once; where that fails, each record by itself.
                let is_utf8 = simdutf8::basic::from_utf8(chunk.bytes).is_ok();
                while let Some(found) = lines.next() {
                    self.record(chunk.bytes, found, is_utf8, made);
                }
                made.lines = lines.lines;
            }
            Format::JsonArray => {
                let mut elements = Elements::new(chunk.bytes);
                let is_utf8 = simdutf8::basic::from_utf8(chunk.bytes).is_ok();
                while let Some(found) = elements.next() {
                    self.record(chunk.bytes, found, is_utf8, made);
                }
                made.lines = elements.lines;
            }
            Format::Csv(layout) => self.rows(chunk.bytes, layout, made),
        }
    }

    /// One record of JSON.
    fn record(&mut self, text: &[u8], found: Found, is_utf8: bool, made: &mut Made) {
        made.records_in += 1;
        let Engine { names, validate, limit, .. } = self.engine;
        let record = &text[found.start..found.end];
        let verdict = if record.len() > *limit || u32::try_from(text.len()).is_err() {
            reject(Reason::TooLong)
        } else if !is_utf8 && simdutf8::basic::from_utf8(record).is_err() {
            reject(Reason::InvalidUtf8)
        } else {
            match self.table.read(&text[..found.end], found.start, names, *validate) {
                Ok(()) => self.apply(text, place(made, found.line), made),
                Err(reason) => reject(reason),
            }
        };
        self.finish(text, found, verdict, made);
    }

    /// The rows of a CSV.
    fn rows(&mut self, text: &[u8], layout: &crate::chunk::CsvLayout, made: &mut Made) {
        let mut rows = rows::Rows::new(text, &layout.dialect);
        let columns = rows::columns(layout, &self.engine.names);
        while let Some(found) = rows.next(&mut self.table, &columns, self.engine.limit) {
            made.records_in += 1;
            let verdict = match found.problem {
                None => self.apply(text, place(made, found.at.line), made),
                Some(reason) => reject(reason),
            };
            self.finish(text, found.at, verdict, made);
        }
        made.lines = rows.lines();
    }

    /// All operations on the record in the table.
    fn apply(&mut self, input: &[u8], place: Place, made: &mut Made) -> Verdict {
        let Engine { names, ops, .. } = self.engine;
        let mut context = Context { input, names, table: &mut self.table, made, place, scratch: &mut self.scratch };
        for op in ops {
            let verdict = op.apply(&mut context);
            if verdict != Verdict::Keep {
                return verdict;
            }
        }
        Verdict::Keep
    }

    /// Writes the record, or counts why not.
    fn finish(&mut self, input: &[u8], found: Found, verdict: Verdict, made: &mut Made) {
        match verdict {
            Verdict::Keep => {
                made.records_out += 1;
                self.write(input, place(made, found.line), made);
            }
            Verdict::Filter => made.filtered += 1,
            Verdict::Reject { reason, field } => {
                let Found { start, end, line } = found;
                made.rejects.push(Reject { record: made.records_in, line, reason, field, start, end });
            }
        }
    }

    fn write(&mut self, input: &[u8], place: Place, made: &mut Made) {
        let Engine { names, output, columns, .. } = self.engine;
        match output {
            Format::Ndjson => {
                self.table.write(input, names, self.on_one_line, &mut made.bytes);
                made.bytes.push(b'\n');
            }
            Format::JsonArray => {
                made.bytes.extend_from_slice(b",\n");
                self.table.write(input, names, false, &mut made.bytes);
            }
            Format::Csv(layout) => csv::write(&self.table, input, names, columns, layout, place, made),
        }
    }
}

fn place(made: &Made, line: u64) -> Place {
    Place { record: made.records_in, line }
}

fn reject(reason: Reason) -> Verdict {
    Verdict::Reject { reason, field: None }
}
