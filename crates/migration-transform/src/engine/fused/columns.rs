//! Rows of a CSV in one pass: each column has its key, and its values are converted while they are written as JSON.

use super::ending::{Cell, End};
use super::out::Out;
use super::program::{Action, Programs};
use super::walk::{Fused, General};
use crate::chunk::{CsvLayout, Made};
use crate::engine::Engine;
use crate::engine::simd::{BLOCK, Block, Job, Simd};
use crate::engine::skip::block_at;
use crate::json::text;

/// A pass over the rows of a chunk.
pub(crate) struct RowPass<'p, G> {
    pub(crate) engine: &'p Engine,
    pub(crate) programs: &'p Programs,
    pub(crate) fused: &'p mut Fused,
    pub(crate) layout: &'p CsvLayout,
    pub(crate) text: &'p str,
    pub(crate) made: &'p mut Made,
    pub(crate) general: G,
}

/// What becomes of a column.
#[derive(Debug)]
struct Column {
    action: Action,
    /// The comma, its name as a key, and the colon.
    key: Vec<u8>,
}

impl<G: General> Job for RowPass<'_, G> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { engine, programs, fused, layout, text, made, mut general } = self;
        let columns = columns(layout, engine, programs);
        let mut out = Out::new(std::mem::take(&mut made.bytes));
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let start = out.at;
            let mut row = Row { simd, engine, programs, fused, layout, columns: &columns, text };
            if let Some((next, end)) = row.read(at, &mut out) {
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

fn columns(layout: &CsvLayout, engine: &Engine, programs: &Programs) -> Vec<Column> {
    let column = |name: &String| {
        let mut key = vec![b','];
        text::write(name.as_bytes(), &mut key);
        let slot = engine.names.find(&key[2..key.len() - 1], &mut Vec::new());
        if let Some(name) = programs.new_name(slot) {
            key.truncate(1);
            key.extend_from_slice(engine.names.written(name));
        }
        key.push(b':');
        Column { action: programs.action(slot), key }
    };
    layout.columns.iter().map(column).collect()
}

/// One row.
struct Row<'r, S> {
    simd: S,
    engine: &'r Engine,
    programs: &'r Programs,
    fused: &'r mut Fused,
    layout: &'r CsvLayout,
    columns: &'r [Column],
    text: &'r str,
}

impl<S: Simd> Row<'_, S> {
    /// Writes what becomes of the row that begins at `start`; returns where the next one begins. `None`: the general way.
    #[inline(always)]
    fn read(&mut self, start: usize, out: &mut Out) -> Option<(usize, End)> {
        let bytes = self.text.as_bytes();
        let dialect = &self.layout.dialect;
        let first = bytes[start];
        if matches!(first, b'\n' | b'\r') || dialect.comment == Some(first) {
            return None;
        }
        self.fused.begin(self.programs);
        let record = out.at;
        let mut at = start;
        for (number, column) in self.columns.iter().enumerate() {
            let block = block_at(bytes, at)?;
            // Quotes are rare, and left to the other way.
            if dialect.quote == Some(block[0]) {
                return None;
            }
            let ends =
                self.simd.either(block, dialect.delimiter, b'\n') | self.simd.either(block, b'\r', b'\r');
            // The value has to fit into a block with its quotes.
            let len = ends.trailing_zeros() as usize;
            if len > BLOCK - 2 {
                return None;
            }
            let is_last = number + 1 == self.columns.len();
            if (block[len] == dialect.delimiter) == is_last {
                return None;
            }
            let is_plain = self.simd.string_stops(block).trailing_zeros() as usize >= len;
            self.field(column, block, len, is_plain, out)?;
            at += len + usize::from(!is_last);
        }
        let next = match &bytes[at..] {
            [b'\n', ..] => at + 1,
            [b'\r', b'\n', ..] => at + 2,
            _ => return None,
        };
        if at - start > self.engine.limit {
            return None;
        }
        let end = self.fused.end(self.programs, self.engine, self.text, record, out)?;
        Some((next, end))
    }

    /// Writes a field: the first `len` bytes of a block.
    #[inline(always)]
    fn field(
        &mut self,
        column: &Column,
        block: &Block,
        len: usize,
        is_plain: bool,
        out: &mut Out,
    ) -> Option<()> {
        match column.action {
            Action::Drop => return Some(()),
            Action::Leave => return None,
            Action::Copy | Action::Rename | Action::Run(_) => {}
        }
        let start = out.at;
        out.put(&column.key);
        let value = out.at;
        let mut kept = true;
        if len == 0 {
            out.put(b"null");
        } else if is_plain {
            let mut quoted = [b'"'; BLOCK];
            quoted[1..].copy_from_slice(&block[..BLOCK - 1]);
            quoted[len + 1] = b'"';
            match column.action {
                Action::Run(program) => {
                    kept = self.fused.convert(self.simd, self.programs, program, &quoted, len, out)?;
                }
                _ => out.put_block(&quoted, len + 2),
            }
        } else {
            let mut json = std::mem::take(&mut self.fused.json);
            json.clear();
            text::write(&block[..len], &mut json);
            match column.action {
                Action::Run(program) => {
                    kept = self.fused.convert_slowly(self.programs, program, &json, out)?;
                }
                _ => out.put(&json),
            }
            self.fused.json = json;
        }
        if let Action::Run(program) = column.action {
            let program = &self.programs.programs[program as usize];
            for cell in program.before.iter().chain(&program.after) {
                self.fused.cells[*cell] = if kept { Cell::Out(value, out.at) } else { Cell::Missing };
            }
            if program.is_dropped || !kept {
                out.at = start;
            }
        }
        Some(())
    }
}
