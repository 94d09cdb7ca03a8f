//! One pass over the records of a chunk.

use super::ending::End;
use super::keys::{Keys, START};
use super::out::Out;
use super::program::Programs;
use super::state::{Reading, Span, State};
use super::template::Template;
use super::value;
use crate::chunk::Made;
use crate::engine::Engine;
use crate::engine::simd::{Block, Job, Simd};
use crate::engine::skip::block_at;
use crate::json::is_blank;

/// What is remembered from record to record.
#[derive(Debug)]
pub(crate) struct Fused {
    pub(super) keys: Keys,
    template: Template,
    pub(super) state: State,
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
        Self { keys: Keys::new(), template: Template::default(), state: State::new(programs) }
    }
}

impl<G: General> Job for Pass<'_, G> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Pass { engine, programs, fused, text: utf8, made, mut general } = self;
        let text = utf8.as_bytes();
        let mut out = Out::new(&mut made.bytes);
        out.reserve(text.len() + text.len() / 8 + 4096);
        fused.template.begin();
        let mut at = 0;
        while at < text.len() {
            let start = out.at;
            let Fused { keys, template, state } = &mut *fused;
            let mut walk = Walk { simd, engine, programs, keys, state, text, utf8 };
            let mut read = template.record(&mut walk, at, &mut out);
            if read.is_none() {
                out.at = start;
                read = walk.record(at, &mut out, template);
            }
            if let Some((next, end)) = read {
                state.count(programs, end, start, &mut out, made);
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

/// One record of a chunk.
pub(super) struct Walk<'w, S> {
    pub(super) simd: S,
    pub(super) engine: &'w Engine,
    pub(super) programs: &'w Programs,
    pub(super) keys: &'w mut Keys,
    pub(super) state: &'w mut State,
    pub(super) text: &'w [u8],
    /// The same.
    pub(super) utf8: &'w str,
}

impl<S: Simd> Walk<'_, S> {
    /// Writes what becomes of the record that begins at `start`; returns where the next one begins.
    ///
    /// `None`: it has to go the general way, and what was written counts for nothing.
    #[inline(always)]
    fn record(&mut self, start: usize, out: &mut Out, template: &mut Template) -> Option<(usize, End)> {
        let text = self.text;
        if text[start] != b'{' {
            return None;
        }
        self.state.begin();
        self.state.is_plain = false;
        template.forget();
        let reading = Reading { simd: self.simd, programs: self.programs, text };
        let record = out.at;
        // What begins at `copied` and ends where something changes is copied as it is.
        let mut copied = start;
        let mut at = start;
        let mut key = START;
        let end = loop {
            let block = block_at(text, at)?;
            key = self.key(block, at, key)?;
            template.note(key, block.get(self.keys.get(key).len).copied());
            let found = self.keys.get(key);
            let start = at + found.len;
            let end = value::end(self.simd, text, block, at, found.len, self.engine.validate)?;
            let span = Span { at, start, end };
            self.state.field(reading, found, span, &mut copied, out)?;
            at = end;
            match text.get(at)? {
                b',' => {}
                b'}' => break at,
                _ => return None,
            }
        };
        let next = next_line(text, end + 1)?;
        template.learn(self.keys);
        self.end(start, next, (copied, end), record, out)
    }

    /// The end of a record that ends before `next`, and of which `rest` has not been written yet.
    #[inline(always)]
    pub(super) fn end(
        &mut self,
        start: usize,
        next: usize,
        rest: (usize, usize),
        record: usize,
        out: &mut Out,
    ) -> Option<(usize, End)> {
        if next - start > self.engine.limit {
            return None;
        }
        out.put_range(self.text, rest.0, rest.1);
        let end = self.state.end(self.simd, self.programs, self.engine, self.utf8, record, out)?;
        Some((next, end))
    }

    /// The number of the key whose comma or brace is at `at`, where `block` begins.
    #[inline(always)]
    fn key(&mut self, block: &Block, at: usize, before: u32) -> Option<u32> {
        let keys = &mut *self.keys;
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
}

/// The beginning of the next line, if there is nothing but blanks on the rest of this one.
#[inline(always)]
pub(super) fn next_line(text: &[u8], at: usize) -> Option<usize> {
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
