//! Chunks through the compiled chain, on one thread.

use std::sync::Arc;

use super::fused::{Fused, General, Pass, RowPass};
use super::lines::{Elements, Found, Lines};
use super::names::Slot;
use super::ops::{Context, Scratch};
use super::owned;
use super::rows::{self, Rows};
use super::simd::dispatch;
use super::table::Table;
use super::values::Values;
use super::{Engine, csv};
use crate::chunk::{Chunk, CsvLayout, Format, Made, Reject};
use crate::reason::Reason;
use crate::transformer::Verdict;
use crate::value::Record;
use crate::warnings::Place;

/// The scratch space of one thread, which keeps its memory from chunk to chunk.
#[derive(Debug)]
pub struct Worker<'e> {
    engine: &'e Engine,
    table: Table,
    scratch: Scratch,
    fused: Option<Fused>,
}

impl<'e> Worker<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        let fused = engine.programs.as_ref().map(Fused::new);
        Self { engine, table: Table::default(), scratch: Scratch::default(), fused }
    }

    /// Puts the records of a chunk through the chain. `made` is emptied first.
    ///
    /// An NDJSON record goes out as a line, an element of a JSON array as `,\n` and the object, a CSV record as a row.
    /// Chunks of 4 GiB and more are not taken: their records are rejected as [`Reason::TooLong`].
    pub fn process(&mut self, chunk: &Chunk<'_>, made: &mut Made) {
        made.clear();
        let text = chunk.bytes;
        // Checked at once; where that fails, each record by itself.
        let utf8 = simdutf8::basic::from_utf8(text).ok();
        let is_utf8 = utf8.is_some();
        let Self { engine, table, scratch, fused } = self;
        let on_one_line = matches!(chunk.format, Format::JsonArray | Format::JsonValues);
        let mut each = Each { engine, table, scratch, text, is_utf8, on_one_line, owned: None };
        match (&chunk.format, fused, &engine.programs, utf8) {
            (Format::Ndjson, Some(fused), Some(programs), Some(text)) if each.fits() => {
                dispatch(engine.level, Pass { engine, programs, fused, text, made, general: each });
            }
            (Format::Ndjson, ..) => {
                let mut at = 0;
                while at < text.len() {
                    at = each.line(at, made);
                }
            }
            (Format::JsonArray, ..) => {
                let mut elements = Elements::new(text);
                for found in elements.by_ref() {
                    each.record(found, made);
                }
                made.lines = elements.lines;
            }
            (Format::JsonValues, ..) => {
                let mut values = Values::new(text);
                for found in values.by_ref() {
                    each.record(found, made);
                }
                made.lines = values.lines;
            }
            (Format::Csv(layout), Some(fused), Some(programs), Some(text)) if programs.fit_rows() => {
                let general = EachRow::new(each, layout);
                dispatch(engine.level, RowPass { engine, programs, fused, layout, text, made, general });
            }
            (Format::Csv(layout), ..) => {
                let mut each = EachRow::new(each, layout);
                let mut at = 0;
                while at < text.len() {
                    at = each.line(at, made);
                }
            }
        }
    }
}

/// Records one by one, through the table.
struct Each<'w> {
    engine: &'w Engine,
    table: &'w mut Table,
    scratch: &'w mut Scratch,
    text: &'w [u8],
    is_utf8: bool,
    /// Line ends between tokens have to go.
    on_one_line: bool,
    /// The record at hand, if it is not in the table.
    owned: Option<Record>,
}

impl General for Each<'_> {
    fn line(&mut self, at: usize, made: &mut Made) -> usize {
        let mut lines = Lines::new(&self.text[at..]);
        let line = lines.next_line();
        made.lines += 1;
        if let Some((start, end)) = line {
            self.record(Found { start: at + start, end: at + end, line: made.lines }, made);
        }
        at + lines.at
    }
}

/// Rows of a CSV one by one, through the table.
struct EachRow<'w> {
    each: Each<'w>,
    rows: Rows<'w>,
    columns: Vec<(Slot, Box<[u8]>)>,
}

impl<'w> EachRow<'w> {
    fn new(each: Each<'w>, layout: &'w CsvLayout) -> Self {
        let rows = Rows::new(each.text, &layout.dialect, each.is_utf8);
        Self { columns: rows::columns(layout, &each.engine.names), rows, each }
    }
}

impl General for EachRow<'_> {
    fn line(&mut self, at: usize, made: &mut Made) -> usize {
        let Self { each, rows, columns } = self;
        rows.go_to(at, made.lines);
        let row = rows.next(each.table, columns, each.engine.limit);
        made.lines = rows.lines();
        if let Some(row) = row {
            made.records_in += 1;
            let verdict = match row.problem {
                None => each.apply(place(made, row.at.line), made),
                Some(reason) => reject(reason),
            };
            each.finish(row.at, verdict, made);
        }
        rows.at()
    }
}

impl Each<'_> {
    /// Whether places in the chunk can be written down.
    fn fits(&self) -> bool {
        u32::try_from(self.text.len()).is_ok()
    }

    /// One record of JSON.
    fn record(&mut self, found: Found, made: &mut Made) {
        made.records_in += 1;
        let Engine { names, validate, limit, .. } = self.engine;
        let record = &self.text[found.start..found.end];
        let verdict = if record.len() > *limit || !self.fits() {
            reject(Reason::TooLong)
        } else if !self.is_utf8 && simdutf8::basic::from_utf8(record).is_err() {
            reject(Reason::InvalidUtf8)
        } else {
            match self.table.read(&self.text[..found.end], found.start, names, *validate) {
                Ok(()) => self.apply(place(made, found.line), made),
                Err(reason) => reject(reason),
            }
        };
        self.finish(found, verdict, made);
    }

    /// All operations on the record in the table.
    fn apply(&mut self, place: Place, made: &mut Made) -> Verdict {
        let Engine { names, ops, .. } = self.engine;
        self.owned = None;
        let Self { text: input, table, scratch, owned, .. } = self;
        let mut context = Context { input, names, table, made, place, scratch, owned };
        for op in ops {
            let verdict = op.apply(&mut context);
            if verdict != Verdict::Keep {
                return verdict;
            }
        }
        if matches!(self.engine.output, Format::Csv(_)) { owned::settle(&mut context) } else { Verdict::Keep }
    }

    /// Writes the record, or counts why not.
    fn finish(&mut self, found: Found, verdict: Verdict, made: &mut Made) {
        match verdict {
            Verdict::Keep => match self.write(place(made, found.line), made) {
                Ok(()) => made.records_out += 1,
                Err(field) => Self::reject(found, Reason::DoesNotFit, Some(field), made),
            },
            Verdict::Filter => made.filtered += 1,
            Verdict::Reject { reason, field } => Self::reject(found, reason, field, made),
        }
    }

    fn reject(found: Found, reason: Reason, field: Option<Arc<str>>, made: &mut Made) {
        let Found { start, end, line } = found;
        made.rejects.push(Reject { record: made.records_in, line, reason, field, start, end });
    }

    /// Returns the name of a field that can't be written.
    fn write(&mut self, place: Place, made: &mut Made) -> Result<(), Arc<str>> {
        let Engine { names, output, columns, .. } = self.engine;
        let mut line = std::mem::take(&mut self.scratch.line);
        line.clear();
        match output {
            Format::Ndjson | Format::JsonValues => {
                self.write_json(&mut line);
                line.push(b'\n');
            }
            Format::JsonArray => {
                line.extend_from_slice(b",\n");
                self.write_json(&mut line);
            }
            Format::Csv(layout) => {
                let to = (&mut self.scratch.last, &mut line, &mut made.warnings);
                csv::write(self.table, self.text, names, columns, layout, place, to)
                    .map_err(|column| Arc::from(layout.columns[column].as_str()))?;
            }
        }
        made.bytes.extend_from_slice(&line);
        self.scratch.line = line;
        Ok(())
    }

    fn write_json(&mut self, line: &mut Vec<u8>) {
        let Some(record) = &self.owned else {
            let on_one_line = self.on_one_line && self.engine.output != Format::JsonArray;
            return self.table.write(self.text, &self.engine.names, on_one_line, line);
        };
        let json = &mut self.scratch.json;
        json.clear();
        record.write_json(json);
        line.extend_from_slice(json.as_bytes());
    }
}

fn place(made: &Made, line: u64) -> Place {
    Place { record: made.records_in, line }
}

fn reject(reason: Reason) -> Verdict {
    Verdict::Reject { reason, field: None }
}
