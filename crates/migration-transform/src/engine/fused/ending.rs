//! What is computed when a record has been read: conditions and new fields.

use bumpalo::Bump;

use super::out::Out;
use super::program::{Ending, Programs};
use crate::engine::compute::{self, Compiled};
use crate::engine::names::Names;
use crate::engine::ops::{Op, Scratch};
use crate::expression::{Fields, Operand};

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

/// The fields that an expression reads.
struct CellFields<'c> {
    cells: &'c [Cell],
    reads: &'c [(u32, Vec<String>)],
    text: &'c str,
    out: &'c Out,
}

impl Fields for CellFields<'_> {
    fn field<'a>(&'a self, slot: usize, arena: &'a Bump) -> Operand<'a> {
        let Some((_, below)) = self.reads.get(slot) else { return Operand::Null };
        match self.cells.get(slot).copied().unwrap_or_default() {
            Cell::Missing => Operand::Null,
            Cell::In(start, end) => compute::operand(self.text.get(start..end), below, arena),
            Cell::Out(start, end) => {
                compute::operand(std::str::from_utf8(self.out.text(start, end)).ok(), below, arena)
            }
        }
    }
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Keep,
    /// Left out by the operation with this number.
    Filter(usize),
    /// It has to go the general way.
    Leave,
}

/// Computes what there is to compute, and appends the new fields.
pub(super) fn run(
    programs: &Programs,
    ops: &[Op],
    names: &Names,
    cells: &mut [Cell],
    text: &str,
    out: &mut Out,
    scratch: &mut Scratch,
) -> End {
    for ending in &programs.endings {
        match ending {
            Ending::KeepWhere { op, first } => {
                let Some(Op::KeepWhere(step)) = ops.get(*op) else { return End::Leave };
                let Compiled { expression, reads } = &step.condition;
                let fields = CellFields { cells: &cells[*first..], reads, text, out };
                let held = expression.holds_in(&fields, &scratch.bump);
                scratch.bump.reset();
                match held {
                    Ok(true) => {}
                    Ok(false) => return End::Filter(*op),
                    Err(_) => return End::Leave,
                }
            }
            Ending::Set { op, field, first, cells: readers } => {
                let Some(Op::Set(step)) = ops.get(*op) else { return End::Leave };
                let Some((slot, _, Compiled { expression, reads })) = step.fields.get(*field) else {
                    return End::Leave;
                };
                scratch.json.clear();
                let fields = CellFields { cells: &cells[*first..], reads, text, out };
                let result = expression.evaluate_in(&fields, &scratch.bump);
                let result = result.map(|value| value.write_json(&mut scratch.json));
                scratch.bump.reset();
                if result.is_err() {
                    return End::Leave;
                }
                out.push(b',');
                out.put(names.written(*slot));
                out.push(b':');
                let start = out.at;
                out.put(scratch.json.as_bytes());
                for cell in readers {
                    cells[*cell] = Cell::Out(start, out.at);
                }
            }
        }
    }
    End::Keep
}
