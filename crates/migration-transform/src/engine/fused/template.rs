//! Records that have the very keys of those before, in the same order.
//!
//! Where a field begins follows from the places of the quotes alone, and not from where the value before it ended: that is only
//! compared at the end. So the machine need not wait for one field before it begins with the next.

use super::ending::End;
use super::keys::Keys;
use super::out::Out;
use super::places::{GROUP, Places};
use super::state::Span;
use super::value;
use super::walk::{Walk, next_line};
use crate::engine::simd::{Block, Simd};
use crate::engine::skip::block_at;

/// The fields of the records before.
#[derive(Debug, Default)]
pub(super) struct Template {
    fields: Vec<Field>,
    places: Places,
    /// The keys of the last record that was read in another way, and of the one before it.
    last: [Vec<u32>; 2],
    /// How many more records than not had these keys. Without any it is not tried.
    trust: i32,
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
    key: u32,
    is_copied: bool,
}

impl Template {
    /// A new chunk, and for a template that was given up another chance.
    pub(super) fn begin(&mut self) {
        self.places.forget();
        self.trust = self.trust.max(i32::from(!self.fields.is_empty()));
    }

    /// A record begins that is read in another way.
    pub(super) fn forget(&mut self) {
        self.last.swap(0, 1);
        self.last[0].clear();
    }

    /// It has this key.
    #[inline(always)]
    pub(super) fn note(&mut self, key: u32) {
        self.last[0].push(key);
    }

    /// It was read. Where two in a row are like each other, and unlike the template, those after them are expected to be too.
    #[inline(always)]
    pub(super) fn learn(&mut self, keys: &Keys) {
        let is_new = self.trust <= 0 && self.last[0] == self.last[1];
        if is_new && !self.fields.iter().map(|field| field.key).eq(self.last[0].iter().copied()) {
            self.adopt(keys);
        }
    }

    #[cold]
    #[inline(never)]
    fn adopt(&mut self, keys: &Keys) {
        self.fields.clear();
        for number in &self.last[0] {
            let key = keys.get(*number);
            let mut separator = key.separator;
            separator[0] = if self.fields.is_empty() { b'{' } else { b',' };
            let mask = key.mask | 1;
            let is_copied = key.is_copied();
            self.fields.push(Field { separator, mask, len: key.len, lead: key.lead, key: *number, is_copied });
        }
        self.trust = 1;
    }

    /// Reads a record. `None`: it isn't like the template, or has values that are neither texts, words nor numbers.
    #[inline(always)]
    pub(super) fn record<S: Simd>(
        &mut self,
        walk: &mut Walk<'_, S>,
        start: usize,
        out: &mut Out,
    ) -> Option<(usize, End)> {
        if self.trust <= 0 {
            return None;
        }
        let read = self.read(walk, start, out);
        self.trust = if read.is_some() { (self.trust + 1).min(64) } else { self.trust - 4 };
        read
    }

    #[inline(always)]
    fn read<S: Simd>(
        &mut self,
        walk: &mut Walk<'_, S>,
        start: usize,
        out: &mut Out,
    ) -> Option<(usize, End)> {
        let Walk { simd, programs, keys, state, text, .. } = walk;
        let (simd, text) = (*simd, *text);
        if start >= self.places.until {
            self.places.look(simd, text, start);
        }
        state.begin();
        let record = out.at;
        let mut number = self.places.go_to(start);
        let places = self.places.all();
        let mut copied = start;
        // Where the next field has to begin. What is wrong with a record is seen at its end.
        let mut expected = start;
        let mut wrong = 0;
        for field in &self.fields {
            let [open, _, third, fourth]: &[u32; GROUP] = places.get(number..)?.first_chunk()?;
            let at = (*open as usize).wrapping_sub(field.lead);
            let block = block_at(text, at)?;
            if simd.equal(block, &field.separator) & field.mask != field.mask {
                return None;
            }
            wrong |= at ^ expected;
            let start = at + field.len;
            let is_text = *third as usize == start;
            let fourth = *fourth as usize;
            number += if is_text { GROUP } else { GROUP / 2 };
            // Texts and nulls without a branch between them: nobody can predict which comes next.
            let word = value::word(block, field.len);
            let ends_text = is_text & (word[0] == b'"') & (text.get(fourth) == Some(&b'"'));
            let is_null = !is_text & (word == *b"null");
            let mut end = if is_text { fourth + 1 } else { start + 4 };
            if !(ends_text | is_null) {
                end = value::scalar(simd, text, block, at, field.len)?;
            }
            expected = end;
            if !field.is_copied {
                let key = keys.get(field.key);
                state.field(simd, programs, text, key, Span { at, start, end }, &mut copied, out)?;
            }
        }
        if wrong != 0 || text.get(expected) != Some(&b'}') {
            return None;
        }
        let next = next_line(text, expected + 1)?;
        self.places.pass(number);
        if !self.places.escapes_hold(text, start, next) {
            return None;
        }
        walk.end(start, next, (copied, expected), record, out)
    }
}
