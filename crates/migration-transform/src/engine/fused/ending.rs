//! What is computed when a record has been read: conditions and new fields.

use bumpalo::Bump;

use super::out::Out;
use super::program::{Ending, Part, Parts, Programs};
use crate::engine::Engine;
use crate::engine::compute::{self, Compiled};
use crate::engine::ops::{Op, Scratch};
use crate::engine::simd::{BLOCK, Simd};
use crate::engine::skip::block_at;
use crate::expression::{Fields, MAX_TEXT, Operand, Raw};

/// Where a value is that an expression reads.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Cell {
    /// There is no such field.
    #[default]
    Missing,
    /// In the record as it came.
    In(usize, usize),
    /// In what was written.
    Out(usize, usize),
}

/// Where values come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came<'t> {
    /// The whole chunk.
    pub(super) text: &'t str,
    /// The record is known to have no escapes.
    pub(super) is_plain: bool,
}

/// The fields that an expression reads.
struct CellFields<'c> {
    cells: &'c [Cell],
    reads: &'c [(u32, Vec<String>)],
    came: Came<'c>,
    out: &'c Out,
}

impl Fields for CellFields<'_> {
    fn field<'a>(&'a self, slot: usize, arena: &'a Bump) -> Operand<'a> {
        let Some((_, below)) = self.reads.get(slot) else { return Operand::Null };
        match self.cells.get(slot).copied().unwrap_or_default() {
            Cell::Missing => Operand::Null,
            Cell::In(start, end) => compute::operand(self.came.text.get(start..end), below, arena),
            Cell::Out(start, end) => {
                compute::operand(std::str::from_utf8(self.out.text(start, end)).ok(), below, arena)
            }
        }
    }
}

impl<'c> CellFields<'c> {
    /// A field as it is written, if it is clear at a glance what it says.
    #[inline(always)]
    fn raw<S: Simd>(&self, simd: S, place: usize) -> Raw<'c> {
        let (text, start, end, is_plain) = match self.cells.get(place) {
            Some(Cell::In(start, end)) => (self.came.text.as_bytes(), *start, *end, self.came.is_plain),
            Some(Cell::Out(start, end)) => (self.out.written(), *start, *end, false),
            Some(Cell::Missing) | None => return Raw::Null,
        };
        if self.reads.get(place).is_none_or(|(_, below)| !below.is_empty()) {
            return Raw::Unclear;
        }
        match text[start] {
            b'"' if is_plain => Raw::Text(&text[start + 1..], end - start - 2),
            b'"' => {
                let Some(block) = block_at(text, start) else { return Raw::Unclear };
                let stop = start + (simd.string_stops(block) & !1).trailing_zeros() as usize;
                let is_plain = stop + 1 == end
                    || (end - start > BLOCK && memchr::memchr(b'\\', &text[start..end]).is_none());
                if is_plain { Raw::Text(&text[start + 1..], end - start - 2) } else { Raw::Unclear }
            }
            b'n' => Raw::Null,
            b'{' | b'[' => Raw::Unclear,
            _ => Raw::Bare(&text[start..], end - start),
        }
    }
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Keep,
    /// Left out by the operation with this number.
    Filter(usize),
    /// One of the two, by the last operation that could have left it out. Nobody can predict which, so nobody should branch.
    Either,
    /// It has to go the general way.
    Leave,
}

/// Computes what there is to compute, and appends the new fields.
#[inline(always)]
pub(super) fn run<S: Simd>(
    simd: S,
    programs: &Programs,
    engine: &Engine,
    (cells, verdict): (&mut [Cell], &mut (bool, usize)),
    came: Came<'_>,
    out: &mut Out,
    scratch: &mut Scratch,
) -> End {
    for (number, ending) in programs.endings.iter().enumerate() {
        match ending {
            Ending::KeepWhere { op, first } => {
                let Some(Op::KeepWhere(step)) = engine.ops.get(*op) else { return End::Leave };
                let Compiled { reads, test, .. } = &step.condition;
                let fields = CellFields { cells: &cells[*first..], reads, came, out };
                let held = match test.as_ref().map(|test| test.holds(&|place| fields.raw(simd, place))) {
                    Some(Ok(truth)) if number + 1 == programs.endings.len() => {
                        *verdict = (truth == Some(true), *op);
                        return End::Either;
                    }
                    Some(Ok(truth)) => Some(truth == Some(true)),
                    _ => holds(&step.condition, &fields, scratch),
                };
                match held {
                    Some(true) => {}
                    Some(false) => return End::Filter(*op),
                    None => return End::Leave,
                }
            }
            Ending::Set { op, field, first, cells: readers, key, parts } => {
                let Some(Op::Set(step)) = engine.ops.get(*op) else { return End::Leave };
                let Some((_, _, compiled)) = step.fields.get(*field) else { return End::Leave };
                let before = out.at;
                out.put_snippet(key);
                let start = out.at;
                let (values, reads) = (&cells[*first..], &*compiled.reads);
                let made = parts.as_ref().and_then(|parts| make(simd, parts, values, reads, came, out));
                if made.is_none() {
                    out.at = start;
                    let fields = CellFields { cells: values, reads, came, out };
                    if !evaluate(compiled, &fields, scratch) {
                        out.at = before;
                        return End::Leave;
                    }
                    out.put(scratch.json.as_bytes());
                }
                for cell in readers {
                    cells[*cell] = Cell::Out(start, out.at);
                }
            }
        }
    }
    End::Keep
}

/// Evaluates a condition; `None` if it fails.
#[inline(never)]
fn holds(compiled: &Compiled, fields: &CellFields<'_>, scratch: &mut Scratch) -> Option<bool> {
    let held = compiled.expression.holds_in(fields, &scratch.bump).ok();
    scratch.bump.reset();
    held
}

/// Evaluates a computed field to the scratch's JSON; `false` if it fails.
#[inline(never)]
fn evaluate(compiled: &Compiled, fields: &CellFields<'_>, scratch: &mut Scratch) -> bool {
    scratch.json.clear();
    let result = compiled.expression.evaluate_in(fields, &scratch.bump);
    let result = result.map(|value| value.write_json(&mut scratch.json));
    scratch.bump.reset();
    result.is_ok()
}

/// Writes a computed field from fields as they are written; `None` if it isn't clear what it is.
#[inline(always)]
fn make<S: Simd>(
    simd: S,
    parts: &Parts,
    cells: &[Cell],
    reads: &[(u32, Vec<String>)],
    came: Came<'_>,
    out: &mut Out,
) -> Option<()> {
    match parts {
        Parts::Copy(place) => match (CellFields { cells, reads, came, out }).raw(simd, *place) {
            Raw::Null => out.put(b"null"),
            Raw::Text(..) | Raw::Bare(..) => put_cell(cells, *place, 0, came.text, out),
            Raw::Unclear => return None,
        },
        Parts::Join { parts, skips_null } => {
            let start = out.at;
            let mut is_null = false;
            out.push(b'"');
            for part in parts {
                match part {
                    Part::Written(written) => out.put_snippet(written),
                    Part::Field(place) => match (CellFields { cells, reads, came, out }).raw(simd, *place) {
                        Raw::Text(..) => put_cell(cells, *place, 1, came.text, out),
                        Raw::Bare(..) => put_cell(cells, *place, 0, came.text, out),
                        Raw::Null => is_null |= !*skips_null,
                        Raw::Unclear => return None,
                    },
                }
            }
            // If what it says is, too, is for evaluation to tell.
            if out.at - start > MAX_TEXT {
                return None;
            }
            if is_null {
                out.at = start;
                out.put(b"null");
            } else {
                out.push(b'"');
            }
        }
    }
    Some(())
}

/// Appends a value without its first and last `margin` bytes.
#[inline(always)]
fn put_cell(cells: &[Cell], place: usize, margin: usize, text: &str, out: &mut Out) {
    match cells.get(place) {
        Some(Cell::In(start, end)) => out.put_range(text.as_bytes(), start + margin, end - margin),
        Some(Cell::Out(start, end)) => out.repeat(start + margin, end - margin),
        Some(Cell::Missing) | None => {}
    }
}
