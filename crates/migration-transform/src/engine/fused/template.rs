//! Records that are read from the places of their quotes: those that have the keys of those before in the same order, and those
//! that have keys of which all are known.
//!
//! Where a field begins follows from the places alone, and not from where the value before it ended: that is only compared at
//! the end. So the machine need not wait for one field before it begins with the next.

use super::ending::End;
use super::keys::{Edit, Keys};
use super::out::Out;
use super::places::{GROUP, Places};
use super::state::{Reading, Span, State, at_a_glance};
use super::value;
use super::walk::{Walk, next_line};
use crate::engine::simd::{Block, Simd};
use crate::engine::skip::block_at;

/// What is expected of records, from those before.
#[derive(Debug, Default)]
pub(super) struct Template {
    places: Places,
    fields: Vec<Field>,
    /// The keys of the fields.
    keys: Vec<u32>,
    /// Those with which there is something to do: the number of the field, and of its key.
    edits: Vec<(usize, u32)>,
    /// Where the fields of the record at hand are.
    spans: Vec<Span>,
    /// The same for a record with keys in any order: only those with which there is something to do, with their keys.
    found: Vec<(Span, u32)>,
    /// The keys of the last record that was read in another way, and of the one before it.
    last: [Vec<u32>; 2],
    /// The last of them has had no objects and arrays so far.
    is_flat: bool,
    /// Whether records have had these keys in this order of late.
    in_order: Trust,
    /// Whether they have had known keys, and neither objects nor arrays.
    in_any_order: Trust,
}

/// A field that is expected.
#[derive(Debug)]
struct Field {
    /// The comma or brace before it, its key and the colon.
    separator: Block,
    /// The bytes of it that are compared: all.
    mask: u64,
    len: usize,
    /// Where in the separator the key's opening quote stands.
    lead: usize,
}

/// How many more records than not were as expected. Without any, nothing is expected.
#[derive(Debug, Default)]
struct Trust(i32);

impl Trust {
    fn is_there(&self) -> bool {
        self.0 > 0
    }

    #[inline(always)]
    fn note(&mut self, was_right: bool) {
        self.0 = if was_right { (self.0 + 1).min(64) } else { (self.0 - 4).max(0) };
    }
}

impl Template {
    /// A new chunk, and for what was given up another chance.
    pub(super) fn begin(&mut self) {
        self.places.forget();
        if !self.in_order.is_there() && !self.fields.is_empty() {
            self.in_order.note(true);
        }
    }

    /// A record begins that is read in another way.
    pub(super) fn forget(&mut self) {
        if self.is_flat {
            self.last.swap(0, 1);
        }
        self.is_flat = true;
        self.last[0].clear();
    }

    /// It has this key, with a value that begins with a byte. One with objects or arrays is none to expect more of.
    #[inline(always)]
    pub(super) fn note(&mut self, key: u32, first: Option<u8>) {
        self.is_flat &= !matches!(first, Some(b'{' | b'['));
        if self.is_flat {
            self.last[0].push(key);
        }
    }

    /// It was read. Where two in a row are like each other, and unlike the template, those after them are expected to be too.
    #[inline(always)]
    pub(super) fn learn(&mut self, keys: &Keys) {
        self.in_any_order.note(self.is_flat);
        let is_new = self.is_flat && !self.in_order.is_there();
        if is_new && self.last[0] == self.last[1] && self.last[0] != self.keys {
            self.adopt(keys);
        }
    }

    #[cold]
    #[inline(never)]
    fn adopt(&mut self, keys: &Keys) {
        self.fields.clear();
        self.edits.clear();
        self.keys.clone_from(&self.last[0]);
        for (place, number) in self.keys.iter().enumerate() {
            let key = keys.get(*number);
            let mut separator = key.separator;
            separator[0] = if place == 0 { b'{' } else { b',' };
            self.fields.push(Field { separator, mask: key.mask | 1, len: key.len, lead: key.lead });
            if key.edit != Edit::None {
                self.edits.push((place, *number));
            }
        }
        self.spans.clear();
        self.spans.resize(self.fields.len(), Span::default());
        self.in_order.note(true);
    }

    /// Reads a record. `None`: it isn't as expected, or has values that are neither texts, words nor numbers.
    #[inline(always)]
    pub(super) fn record<S: Simd>(
        &mut self,
        walk: &mut Walk<'_, S>,
        start: usize,
        out: &mut Out,
    ) -> Option<(usize, End)> {
        let record = out.at;
        if self.in_order.is_there() {
            let read = self.read_in_order(walk, start, out);
            self.in_order.note(read.is_some());
            if read.is_some() {
                return read;
            }
            out.at = record;
        }
        if !self.in_any_order.is_there() {
            return None;
        }
        let read = self.read_in_any_order(walk, start, out);
        self.in_any_order.note(read.is_some());
        read
    }

    #[inline(always)]
    fn read_in_order<S: Simd>(
        &mut self,
        walk: &mut Walk<'_, S>,
        start: usize,
        out: &mut Out,
    ) -> Option<(usize, End)> {
        self.look(walk, start);
        let (end, number) = self.find(walk.simd, walk.text, start)?;
        let next = self.line(walk.text, start, end, number, &mut walk.state.is_plain)?;
        let fields = self.edits.iter().filter_map(|(place, key)| Some((*self.spans.get(*place)?, *key)));
        write(walk, fields, (start, end, next), out)
    }

    #[inline(always)]
    fn read_in_any_order<S: Simd>(
        &mut self,
        walk: &mut Walk<'_, S>,
        start: usize,
        out: &mut Out,
    ) -> Option<(usize, End)> {
        self.look(walk, start);
        let (end, number) = self.find_any(walk.simd, walk.text, start, walk.keys)?;
        let next = self.line(walk.text, start, end, number, &mut walk.state.is_plain)?;
        write(walk, self.found.iter().copied(), (start, end, next), out)
    }

    #[inline(always)]
    fn look<S: Simd>(&mut self, walk: &Walk<'_, S>, start: usize) {
        if start >= self.places.until {
            self.places.look(walk.simd, walk.text, start);
        }
    }

    /// The end of the line of a record, if it ends with it and its escapes are such; tells whether it has none.
    #[inline(always)]
    fn line(
        &mut self,
        text: &[u8],
        start: usize,
        end: usize,
        number: usize,
        is_plain: &mut bool,
    ) -> Option<usize> {
        let next = next_line(text, end + 1)?;
        self.places.pass(number);
        *is_plain = !self.places.has_escapes(start, next);
        (*is_plain || self.places.escapes_hold(text, next)).then_some(next)
    }

    /// Finds the fields of a record; returns the place of its closing brace, and the number of the first place behind it.
    ///
    /// By itself, so that the little that it needs stays in registers.
    #[inline(always)]
    fn find<S: Simd>(&mut self, simd: S, text: &[u8], start: usize) -> Option<(usize, usize)> {
        let mut number = self.places.go_to(start);
        let places = self.places.all();
        // Where the next field has to begin. What is wrong with a record is seen at its end.
        let mut expected = start;
        let mut wrong = 0;
        for (field, span) in self.fields.iter().zip(&mut self.spans) {
            let group: &[u32; GROUP] = places.get(number..)?.first_chunk()?;
            let at = (group[0] as usize).wrapping_sub(field.lead);
            let block = block_at(text, at)?;
            if !simd.agree(block, &field.separator, field.mask) {
                return None;
            }
            wrong |= at ^ expected;
            let end = value_end(simd, text, block, at, field.len, group, &mut number)?;
            *span = Span { at, start: at + field.len, end };
            expected = end;
        }
        (wrong == 0 && text.get(expected) == Some(&b'}')).then_some((expected, number))
    }

    /// The same for keys in any order.
    #[inline(always)]
    fn find_any<S: Simd>(
        &mut self,
        simd: S,
        text: &[u8],
        start: usize,
        keys: &Keys,
    ) -> Option<(usize, usize)> {
        let mut number = self.places.go_to(start);
        let places = self.places.all();
        self.found.clear();
        let mut expected = start;
        let mut wrong = usize::from(text[start] ^ b'{');
        loop {
            let group: &[u32; GROUP] = places.get(number..)?.first_chunk()?;
            let at = (group[0] as usize).wrapping_sub(1);
            let block = block_at(text, at)?;
            let key_number = keys.at_once(simd, block, (group[1] as usize).wrapping_sub(at))?;
            let key = keys.get(key_number);
            wrong |= at ^ expected;
            let end = value_end(simd, text, block, at, key.len, group, &mut number)?;
            if key.edit != Edit::None {
                self.found.push((Span { at, start: at + key.len, end }, key_number));
            }
            expected = end;
            match text.get(end)? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        (wrong == 0).then_some((expected, number))
    }
}

/// The end of a value, which is found by the places from its key's opening quote on; and how many of them are behind it then.
#[inline(always)]
fn value_end<S: Simd>(
    simd: S,
    text: &[u8],
    block: &Block,
    at: usize,
    len: usize,
    [_, _, third, fourth]: &[u32; GROUP],
    number: &mut usize,
) -> Option<usize> {
    let word = value::word(block, len);
    // A branch, though it can't always be foreseen: without, each field would have to wait for the one before.
    if *third as usize == at + len {
        *number += GROUP;
        let is_text = word[0] == b'"' && text.get(*fourth as usize) == Some(&b'"');
        return is_text.then_some(*fourth as usize + 1);
    }
    *number += GROUP / 2;
    if word == *b"null" { Some(at + len + 4) } else { value::scalar(simd, text, block, at, len) }
}

/// Writes the record from `start` to its brace at `end`, behind which the next line begins at `next`; `fields` are those with
/// which there is something to do, each with the number of its key.
#[inline(always)]
fn write<S: Simd>(
    walk: &mut Walk<'_, S>,
    fields: impl Iterator<Item = (Span, u32)>,
    (start, end, next): (usize, usize, usize),
    out: &mut Out,
) -> Option<(usize, End)> {
    let Walk { simd, programs, keys, state, text, .. } = walk;
    let reading = Reading { simd: *simd, programs, text };
    state.begin();
    let (record, mut copied) = (out.at, start);
    for (span, key) in fields {
        edit(reading, state, keys, span, key, &mut copied, out)?;
    }
    walk.end(start, next, (copied, end), record, out)
}

/// Does with a field what is to be done.
#[inline(always)]
fn edit<S: Simd>(
    reading: Reading<'_, S>,
    state: &mut State,
    keys: &Keys,
    span: Span,
    key: u32,
    copied: &mut usize,
    out: &mut Out,
) -> Option<()> {
    let (Span { at, start, end }, key, text) = (span, keys.get(key), reading.text);
    match key.edit {
        Edit::None => return Some(()),
        Edit::Rename => {
            out.put_range(text, *copied, at);
            out.put_block(&key.new, key.new_len);
            *copied = start;
            return Some(());
        }
        Edit::Convert(quick) => {
            let before = out.at;
            out.put_range(text, *copied, at);
            out.put_block(&key.new, key.new_len);
            if at_a_glance(reading.simd, quick, text, (start, end), out) {
                *copied = end;
                return Some(());
            }
            out.at = before;
        }
        Edit::Other => {}
    }
    state.field(reading, key, span, copied, out)
}
