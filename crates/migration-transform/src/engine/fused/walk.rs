//! One pass over the records of a chunk.

use super::ending::{self, Cell, End};
use super::keys::{Keys, START};
use super::out::Out;
use super::program::{Action, Program, Programs};
use super::{quick, value};
use crate::chunk::Made;
use crate::convert::Outcome;
use crate::engine::Engine;
use crate::engine::ops::{Scratch, warn};
use crate::engine::simd::{BLOCK, Block, Job, Simd};
use crate::engine::skip::block_at;
use crate::json::is_blank;
use crate::spec::OnError;
use crate::warnings::Place;

/// What is remembered from record to record.
#[derive(Debug)]
pub(crate) struct Fused {
    keys: Keys,
    pub(super) cells: Vec<Cell>,
    /// Failed conversions of the record at hand.
    pub(super) failures: Vec<Failure>,
    /// The values that could not be converted.
    failed: Vec<u8>,
    /// What a conversion made, where it isn't done in place.
    converted: Vec<u8>,
    spare: Vec<u8>,
    /// A value as JSON, where it comes as something else.
    pub(super) json: Vec<u8>,
    /// And without the quotes and escapes that it comes with.
    pub(super) decoded: Vec<u8>,
    scratch: Scratch,
}

/// A conversion that failed: which, and where among the failed values its one is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    program: u32,
    step: usize,
    start: usize,
    end: usize,
}

/// The other way for a record.
pub(crate) trait General {
    /// Takes the line that begins at `at` through; returns the beginning of the next.
    fn line(&mut self, at: usize, made: &mut Made) -> usize;
}

/// A pass over a chunk.
pub(crate) struct Pass<'p, G> {
    pub(crate) engine: &'p Engine,
    pub(crate) programs: &'p Programs,
    pub(crate) fused: &'p mut Fused,
    pub(crate) text: &'p str,
    pub(crate) made: &'p mut Made,
    pub(crate) general: G,
}

impl Fused {
    pub(crate) fn new(programs: &Programs) -> Self {
        Self {
            keys: Keys::new(),
            cells: vec![Cell::Missing; programs.cells],
            failures: Vec::new(),
            failed: Vec::new(),
            json: Vec::new(),
            decoded: Vec::new(),
            converted: Vec::new(),
            spare: Vec::new(),
            scratch: Scratch::default(),
        }
    }
}

impl<G: General> Job for Pass<'_, G> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Pass { engine, programs, fused, text: utf8, made, mut general } = self;
        let text = utf8.as_bytes();
        let mut out = Out::new(std::mem::take(&mut made.bytes));
        out.reserve(text.len() + text.len() / 8 + 4096);
        let mut at = 0;
        while at < text.len() {
            let start = out.at;
            let mut walk = Walk { simd, engine, programs, fused, text, utf8 };
            if let Some((next, end)) = walk.record(at, &mut out) {
                made.records_in += 1;
                made.lines += 1;
                fused.count(programs, end, start, &mut out, made);
                at = next;
                continue;
            }
            out.at = start;
            made.bytes = out.into_bytes();
            at = general.line(at, made);
            out = Out::new(std::mem::take(&mut made.bytes));
        }
        made.bytes = out.into_bytes();
    }
}

impl Fused {
    /// Forgets the record before.
    #[inline(always)]
    pub(super) fn begin(&mut self, programs: &Programs) {
        self.failures.clear();
        self.failed.clear();
        if programs.cells > 0 {
            self.cells.fill(Cell::Missing);
        }
    }

    /// Counts a record that was written from `start` on.
    #[inline(always)]
    pub(super) fn count(
        &mut self,
        programs: &Programs,
        end: End,
        start: usize,
        out: &mut Out,
        made: &mut Made,
    ) {
        let last_op = match end {
            End::Filter(op) => {
                made.filtered += 1;
                out.at = start;
                op
            }
            End::Keep | End::Leave => {
                made.records_out += 1;
                usize::MAX
            }
        };
        if !self.failures.is_empty() {
            self.report(programs, last_op, made);
        }
    }

    /// Counts the failed conversions of the operations before `last_op`.
    #[cold]
    #[inline(never)]
    fn report(&mut self, programs: &Programs, last_op: usize, made: &mut Made) {
        let place = Place { record: made.records_in, line: made.lines };
        for Failure { program, step, start, end } in self.failures.drain(..) {
            let step = &programs.programs[program as usize].conversions[step];
            if step.op < last_op {
                warn(made, &step.field, place, &self.failed[start..end]);
            }
        }
    }

    /// The end of a record, of which all fields are written: each with a comma before it.
    #[inline(always)]
    pub(super) fn end<S: Simd>(
        &mut self,
        simd: S,
        programs: &Programs,
        engine: &Engine,
        text: &str,
        record: usize,
        out: &mut Out,
    ) -> Option<End> {
        let mut what = End::Keep;
        if !programs.endings.is_empty() {
            let Self { cells, scratch, .. } = self;
            what = ending::run(simd, programs, engine, cells, text, out, scratch);
            if what == End::Leave {
                return None;
            }
        }
        if out.at == record {
            out.push(b'{');
        }
        out.patch(record, b'{');
        out.put(b"}\n");
        Some(what)
    }

    /// Writes what becomes of a string that fits into a block; `Some(false)` if the field is removed.
    #[inline(always)]
    pub(super) fn convert<S: Simd>(
        &mut self,
        simd: S,
        programs: &Programs,
        number: u32,
        quoted: &Block,
        len: usize,
        out: &mut Out,
    ) -> Option<bool> {
        match programs.programs[number as usize].conversions.as_slice() {
            [] => out.put_block(quoted, len + 2),
            [step] if quick::convert(simd, &step.conversion, quoted, len, out) => {}
            _ => return self.convert_slowly(programs, number, &quoted[..len + 2], out),
        }
        Some(true)
    }

    /// All conversions of a value, one after the other; `Some(false)` if the field is removed.
    #[inline(never)]
    pub(super) fn convert_slowly(
        &mut self,
        programs: &Programs,
        number: u32,
        value: &[u8],
        out: &mut Out,
    ) -> Option<bool> {
        let Self { converted, spare, failures, failed, .. } = self;
        let mut is_new = false;
        for (step, what) in programs.programs[number as usize].conversions.iter().enumerate() {
            spare.clear();
            let raw = if is_new { &**converted } else { value };
            match what.conversion.apply(raw, spare) {
                Outcome::Unchanged => continue,
                Outcome::Changed => {}
                Outcome::Malformed if what.on_error == OnError::RejectRecord => return None,
                Outcome::Malformed => {
                    let start = failed.len();
                    failed.extend_from_slice(raw);
                    failures.push(Failure { program: number, step, start, end: failed.len() });
                    match what.on_error {
                        OnError::Null => spare.extend_from_slice(b"null"),
                        OnError::DropField => return Some(false),
                        OnError::Keep | OnError::RejectRecord => continue,
                    }
                }
            }
            std::mem::swap(converted, spare);
            is_new = true;
        }
        out.put(if is_new { converted } else { value });
        Some(true)
    }
}

/// One record of a chunk.
struct Walk<'w, S> {
    simd: S,
    engine: &'w Engine,
    programs: &'w Programs,
    fused: &'w mut Fused,
    text: &'w [u8],
    /// The same.
    utf8: &'w str,
}

impl<S: Simd> Walk<'_, S> {
    /// Writes what becomes of the record that begins at `start`; returns where the next one begins.
    ///
    /// `None`: it has to go the general way, and what was written counts for nothing.
    #[inline(always)]
    fn record(&mut self, start: usize, out: &mut Out) -> Option<(usize, End)> {
        let text = self.text;
        if text[start] != b'{' {
            return None;
        }
        self.fused.begin(self.programs);
        let record = out.at;
        // What begins at `copied` and ends where something changes is copied as it is.
        let mut copied = start;
        let mut at = start;
        let mut key = START;
        let end = loop {
            let block = block_at(text, at)?;
            key = self.key(block, at, key)?;
            let found = self.fused.keys.get(key);
            let value = at + found.len;
            let end = value::end(self.simd, text, block, at, found.len, self.engine.validate)?;
            if let Some(program) = found.note {
                for cell in &self.programs.programs[program as usize].before {
                    self.fused.cells[*cell] = Cell::In(value, end);
                }
            }
            match found.action {
                Action::Copy => {}
                Action::Rename => {
                    out.put_range(text, copied, at);
                    out.put_block(&found.new, found.new_len);
                    copied = value;
                }
                Action::Drop => {
                    out.put_range(text, copied, at);
                    copied = end;
                }
                Action::Run(program) => {
                    out.put_range(text, copied, at);
                    let key_at = out.at;
                    out.put_block(&found.new, found.new_len);
                    if !self.value(program, value, end, out)? {
                        out.at = key_at;
                    }
                    copied = end;
                }
                Action::Leave => return None,
            }
            at = end;
            match text.get(at)? {
                b',' => {}
                b'}' => break at,
                _ => return None,
            }
        };
        let next = next_line(text, end + 1)?;
        if next - start > self.engine.limit {
            return None;
        }
        out.put_range(text, copied, end);
        let end = self.fused.end(self.simd, self.programs, self.engine, self.utf8, record, out)?;
        Some((next, end))
    }

    /// The number of the key whose comma or brace is at `at`, where `block` begins.
    #[inline(always)]
    fn key(&mut self, block: &Block, at: usize, before: u32) -> Option<u32> {
        let keys = &mut self.fused.keys;
        if let Some(key) = keys.is_next(self.simd, block, before) {
            return Some(key);
        }
        if let Some(key) = keys.probe(self.simd, block, before) {
            return Some(key);
        }
        let key = keys.look_up(self.text, at, before, &self.engine.names, self.programs)?;
        keys.remember(self.simd, block, key);
        Some(key)
    }

    /// Writes what becomes of the value at `start..end`; `Some(false)` if the field is removed.
    #[inline(always)]
    fn value(&mut self, number: u32, start: usize, end: usize, out: &mut Out) -> Option<bool> {
        let Program { conversions, before, after, is_dropped } = &self.programs.programs[number as usize];
        let text = self.text;
        for cell in before {
            self.fused.cells[*cell] = Cell::In(start, end);
        }
        let written = out.at;
        let kept = match conversions.as_slice() {
            [] => {
                out.put_range(text, start, end);
                true
            }
            [_] if text[start] == b'n' => {
                out.put_range(text, start, end);
                true
            }
            _ => match block_at(text, start) {
                Some(block) if text[start] == b'"' && end - start <= BLOCK => {
                    self.fused.convert(self.simd, self.programs, number, block, end - start - 2, out)?
                }
                _ => self.fused.convert_slowly(self.programs, number, &text[start..end], out)?,
            },
        };
        for cell in after {
            self.fused.cells[*cell] = if kept { Cell::Out(written, out.at) } else { Cell::Missing };
        }
        Some(kept && !*is_dropped)
    }
}

/// The beginning of the next line, if there is nothing but blanks on the rest of this one.
#[inline(always)]
fn next_line(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        match text.get(at) {
            Some(b'\n') => return Some(at + 1),
            Some(byte) if is_blank(*byte) => at += 1,
            Some(_) => return None,
            None => return Some(at),
        }
    }
}
