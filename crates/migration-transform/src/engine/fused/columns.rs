//! Rows of a CSV in one pass: each column has its key, and its values are converted while they are written as JSON.

use super::ending::{Cell, End};
use super::out::Out;
use super::program::{Action, Program, Programs};
use super::state::State;
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
    key: Block,
    key_len: usize,
}

impl<G: General> Job for RowPass<'_, G> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { engine, programs, fused, layout, text, made, mut general } = self;
        let columns = columns(layout, engine, programs);
        let mut out = Out::new(&mut made.bytes);
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let start = out.at;
            let mut row = Row { simd, engine, programs, fused, layout, columns: &columns, text };
            if let Some((next, end)) = row.read(at, &mut out) {
                fused.state.count(programs, end, start, &mut out, made);
                at = next;
                continue;
            }
            out.at = start;
            out.give_back(&mut made.bytes);
            at = general.line(at, made);
            out = Out::new(&mut made.bytes);
        }
        out.give_back(&mut made.bytes);
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
        let key_len = key.len();
        key.resize(key_len.max(BLOCK), 0);
        // One that doesn't fit leaves all to the other way.
        let fit = key.first_chunk().filter(|_| key_len <= BLOCK);
        let action = if fit.is_some() { programs.action(slot) } else { Action::Leave };
        Column { action, key: fit.copied().unwrap_or([0; BLOCK]), key_len }
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
        self.fused.state.begin();
        self.fused.state.is_plain = false;
        let record = out.at;
        let mut at = start;
        for (number, column) in self.columns.iter().enumerate() {
            // With the byte before the value, in the place where its quote is going to be.
            let mut framed = block_at(bytes, at.checked_sub(1)?)?;
            let mut inner = block_at(bytes, at)?;
            let is_quoted = dialect.quote == Some(inner[0]);
            let quick = if is_quoted { self.quoted(inner) } else { self.plain(framed) };
            let value = match quick {
                Some(len) => {
                    if is_quoted {
                        (framed, inner) = (inner, block_at(bytes, at + 1)?);
                    }
                    at += len + if is_quoted { 2 } else { 0 };
                    if len == 0 && !is_quoted { Value::Null } else { Value::Plain(framed, inner, len) }
                }
                None => {
                    at = self.decode(at, is_quoted)?;
                    Value::Written
                }
            };
            self.field(column, value, out)?;
            let is_last = number + 1 == self.columns.len();
            if (bytes.get(at) == Some(&dialect.delimiter)) == is_last {
                return None;
            }
            at += usize::from(!is_last);
        }
        let next = match &bytes[at..] {
            [b'\n', ..] => at + 1,
            [b'\r', b'\n', ..] => at + 2,
            _ => return None,
        };
        if at - start > self.engine.limit {
            return None;
        }
        let end = self.fused.state.end(self.simd, self.programs, self.engine, self.text, record, out)?;
        Some((next, end))
    }

    /// The length of a value without quotes, behind the first byte of a block, if it means itself in JSON and fits into
    /// the block with its quotes.
    #[inline(always)]
    fn plain(&self, framed: &Block) -> Option<usize> {
        let delimiter = self.layout.dialect.delimiter;
        let delimiters = self.simd.either(framed, delimiter, delimiter) & !1;
        let stops = (self.simd.string_stops(framed) & !1) | delimiters;
        let stop = stops.trailing_zeros() as usize;
        let end = *framed.get(stop)?;
        (end == delimiter || matches!(end, b'\n' | b'\r')).then_some(stop - 1)
    }

    /// The length of a value between the quotes with which a block begins, if it means itself in JSON.
    #[inline(always)]
    fn quoted(&self, block: &Block) -> Option<usize> {
        let dialect = &self.layout.dialect;
        let stop = (self.simd.string_stops(block) & !1).trailing_zeros() as usize;
        let after = *block.get(stop + 1)?;
        let is_alone = after == dialect.delimiter || matches!(after, b'\n' | b'\r');
        let is_plain = is_alone && block[stop] == b'"' && block[0] == b'"' && dialect.escape.is_none();
        is_plain.then_some(stop - 1)
    }

    /// Decodes any other value to JSON; returns the place after it. `None`: the general way.
    #[inline(never)]
    fn decode(&mut self, start: usize, is_quoted: bool) -> Option<usize> {
        let dialect = &self.layout.dialect;
        let rest = &self.text.as_bytes()[start..];
        let State { json, decoded, .. } = &mut self.fused.state;
        json.clear();
        let Some(quote) = dialect.quote.filter(|_| is_quoted) else {
            let len = memchr::memchr3(dialect.delimiter, b'\n', b'\r', rest)?;
            text::write(&rest[..len], json);
            return Some(start + len);
        };
        if dialect.escape.is_some() {
            return None;
        }
        decoded.clear();
        let mut at = 1;
        loop {
            let len = memchr::memchr(quote, &rest[at..])?;
            decoded.extend_from_slice(&rest[at..at + len]);
            at += len + 1;
            match rest.get(at)? {
                byte if *byte == quote && dialect.double_quote => decoded.push(quote),
                byte if *byte == dialect.delimiter || matches!(byte, b'\n' | b'\r') => break,
                _ => return None,
            }
            at += 1;
        }
        // Lines are counted elsewhere.
        if memchr::memchr(b'\n', decoded).is_some() {
            return None;
        }
        text::write(decoded, json);
        Some(start + at)
    }

    /// Writes a field.
    #[inline(always)]
    fn field(&mut self, column: &Column, value: Value<'_>, out: &mut Out) -> Option<()> {
        match column.action {
            Action::Drop => return Some(()),
            Action::Leave => return None,
            Action::Copy | Action::Rename | Action::Run(_) => {}
        }
        let start = out.at;
        out.put_block(&column.key, column.key_len);
        let written = out.at;
        let mut kept = true;
        match (value, column.action) {
            (Value::Null, _) => out.put(b"null"),
            (Value::Plain(framed, inner, len), Action::Run(program)) => {
                kept = self.convert(program, framed, inner, len, out)?;
            }
            (Value::Plain(framed, _, len), _) => put_quoted(framed, len, out),
            (Value::Written, Action::Run(program)) => {
                let json = std::mem::take(&mut self.fused.state.json);
                kept = self.fused.state.convert_slowly(self.programs, program, &json, out)?;
                self.fused.state.json = json;
            }
            (Value::Written, _) => out.put(&self.fused.state.json),
        }
        if let Action::Run(program) = column.action {
            let program = &self.programs.programs[program as usize];
            for cell in program.before.iter().chain(&program.after) {
                self.fused.state.cells[*cell] = if kept { Cell::Out(written, out.at) } else { Cell::Missing };
            }
            if program.is_dropped || !kept {
                out.at = start;
            }
        }
        Some(())
    }
    /// Writes what becomes of a value that means itself in JSON; `Some(false)` if the field is removed.
    #[inline(always)]
    fn convert(
        &mut self,
        program: u32,
        framed: &Block,
        inner: &Block,
        len: usize,
        out: &mut Out,
    ) -> Option<bool> {
        let Program { conversions, quick, .. } = &self.programs.programs[program as usize];
        if conversions.is_empty() {
            put_quoted(framed, len, out);
            return Some(true);
        }
        if quick.is_none_or(|quick| !quick.convert(self.simd, framed, inner, len, out)) {
            let mut quoted = [b'"'; BLOCK];
            quoted[1..=len].copy_from_slice(&framed[1..=len]);
            return self.fused.state.convert_slowly(self.programs, program, &quoted[..len + 2], out);
        }
        Some(true)
    }
}

/// A value of a row.
#[derive(Debug, Clone, Copy)]
enum Value<'v> {
    /// Nothing, without quotes.
    Null,
    /// So many bytes of the second block, which begins a byte behind the first; they mean themselves in JSON.
    Plain(&'v Block, &'v Block, usize),
    /// Has been decoded to JSON.
    Written,
}

/// Appends `len` bytes from the second of a block on, in quotes.
#[inline(always)]
fn put_quoted(framed: &Block, len: usize, out: &mut Out) {
    let start = out.at;
    out.put_block(framed, len + 2);
    out.patch(start, b'"');
    out.patch(start + len + 1, b'"');
}
