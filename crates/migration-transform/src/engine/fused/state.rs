//! What is known of the record at hand: the values that expressions read, the conversions that failed.

use std::hint;

use super::ending::{self, Came, Cell, End};
use super::keys::Key;
use super::out::Out;
use super::program::{Action, Program, Programs};
use super::quick::Quick;
use crate::chunk::Made;
use crate::convert::Outcome;
use crate::engine::Engine;
use crate::engine::ops::{Scratch, warn};
use crate::engine::simd::{BLOCK, Simd};
use crate::engine::skip::block_at;
use crate::spec::OnError;
use crate::warnings::Place;

/// The state of one record. Memory is kept from record to record.
#[derive(Debug)]
pub(super) struct State {
    pub(super) cells: Vec<Cell>,
    failures: Vec<Failure>,
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
    /// The record is known to have no escapes.
    pub(super) is_plain: bool,
    /// Whether the record is kept, and by which operation it is not, where that is [`End::Either`].
    verdict: (bool, usize),
}

/// A conversion that failed: which, and where among the failed values its one is.
#[derive(Debug, Clone, Copy)]
struct Failure {
    program: u32,
    step: usize,
    start: usize,
    end: usize,
}

/// Where a field is: it begins at `at`, and its value is at `start..end`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) at: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a record is read with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'r, S> {
    pub(super) simd: S,
    pub(super) programs: &'r Programs,
    pub(super) text: &'r [u8],
}

impl State {
    pub(super) fn new(programs: &Programs) -> Self {
        Self {
            cells: vec![Cell::Missing; programs.cells],
            failures: Vec::new(),
            failed: Vec::new(),
            converted: Vec::new(),
            spare: Vec::new(),
            json: Vec::new(),
            decoded: Vec::new(),
            scratch: Scratch::default(),
            is_plain: false,
            verdict: (true, 0),
        }
    }

    /// Forgets the record before.
    #[inline(always)]
    pub(super) fn begin(&mut self) {
        self.failures.clear();
        self.failed.clear();
        if !self.cells.is_empty() {
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
        made.records_in += 1;
        made.lines += 1;
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
            End::Either => {
                let (keeps, op) = self.verdict;
                made.records_out += u64::from(keeps);
                made.filtered += u64::from(!keeps);
                out.at = hint::select_unpredictable(keeps, out.at, start);
                hint::select_unpredictable(keeps, usize::MAX, op)
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

    /// Does with a field what is to be done. From `copied` on nothing has been written yet.
    #[inline(always)]
    pub(super) fn field<S: Simd>(
        &mut self,
        reading: Reading<'_, S>,
        key: &Key,
        span: Span,
        copied: &mut usize,
        out: &mut Out,
    ) -> Option<()> {
        let Reading { programs, text, .. } = reading;
        let Span { at, start, end } = span;
        if let Some(program) = key.note {
            for cell in &programs.programs[program as usize].before {
                self.cells[*cell] = Cell::In(start, end);
            }
        }
        match key.action {
            Action::Copy => {}
            Action::Rename => {
                out.put_range(text, *copied, at);
                out.put_block(&key.new, key.new_len);
                *copied = start;
            }
            Action::Drop => {
                out.put_range(text, *copied, at);
                *copied = end;
            }
            Action::Run(program) => {
                out.put_range(text, *copied, at);
                let key_at = out.at;
                out.put_block(&key.new, key.new_len);
                if !self.value(reading, program, span, out)? {
                    out.at = key_at;
                }
                *copied = end;
            }
            Action::Leave => return None,
        }
        Some(())
    }

    /// Writes what becomes of a value; `Some(false)` if the field is removed.
    #[inline(always)]
    fn value<S: Simd>(
        &mut self,
        Reading { simd, programs, text }: Reading<'_, S>,
        number: u32,
        Span { start, end, .. }: Span,
        out: &mut Out,
    ) -> Option<bool> {
        let Program { conversions, quick, before, after, is_dropped } = &programs.programs[number as usize];
        for cell in before {
            self.cells[*cell] = Cell::In(start, end);
        }
        let written = out.at;
        let is_null = text[start] == b'n' && conversions.len() == 1;
        let mut kept = true;
        if conversions.is_empty() || is_null {
            out.put_range(text, start, end);
        } else if quick.is_none_or(|quick| !at_a_glance(simd, quick, text, (start, end), out)) {
            kept = self.convert_slowly(programs, number, &text[start..end], out)?;
        }
        for cell in after {
            self.cells[*cell] = if kept { Cell::Out(written, out.at) } else { Cell::Missing };
        }
        Some(kept && !*is_dropped)
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
            let Self { cells, scratch, is_plain, verdict, .. } = self;
            let came = Came { text, is_plain: *is_plain };
            what = ending::run(simd, programs, engine, (cells, verdict), came, out, scratch);
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
}

/// Appends what becomes of the value at `start..end`; `false` if that isn't clear at a glance, and nothing is appended.
#[inline(always)]
pub(super) fn at_a_glance<S: Simd>(
    simd: S,
    quick: Quick,
    text: &[u8],
    (start, end): (usize, usize),
    out: &mut Out,
) -> bool {
    let (Some(block), Some(inner)) = (block_at(text, start), block_at(text, start + 1)) else { return false };
    block[0] == b'"' && end - start <= BLOCK && quick.convert(simd, block, inner, end - start - 2, out)
}
