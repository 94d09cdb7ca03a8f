//! Records that have the very keys of those before, in the same order.
//!
//! Where a field begins follows from the places of the quotes alone, and not from where the value before it ended: that is only
//! compared at the end. So the machine need not wait for one field before it begins with the next.

use super::ending::End;
use super::keys::Keys;
use super::out::Out;
use super::places::{GROUP, Places};
use super::program::{Action, Programs};
use super::quick::Quick;
use super::state::{Reading, Span, at_a_glance};
use super::value;
use super::walk::{Walk, next_line};
use crate::engine::simd::{Block, Simd};
use crate::engine::skip::block_at;

/// The fields of the records before.
#[derive(Debug, Default)]
pub(super) struct Template {
    fields: Vec<Field>,
    /// What is done with those that don't stay as they are.
    edits: Vec<Edit>,
    /// Where the fields of the record at hand are.
    spans: Vec<Span>,
    places: Places,
    /// The keys of the fields.
    keys: Vec<u32>,
    /// The keys of the last record that was read in another way, and of the one before it.
    last: [Vec<u32>; 2],
    /// The last of them has had no objects and arrays so far.
    is_flat: bool,
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
}

/// What is done with a field.
#[derive(Debug)]
struct Edit {
    what: What,
    /// The number of the field.
    place: usize,
    /// The comma, the key's new name and the colon.
    new: Block,
    new_len: usize,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Rename,
    /// Its value is converted, and nothing else reads it.
    Convert(Quick, u32),
    /// What there is to do where the key with this number is found.
    Other(u32),
}

impl Template {
    /// A new chunk, and for a template that was given up another chance.
    pub(super) fn begin(&mut self) {
        self.places.forget();
        self.trust = self.trust.max(i32::from(!self.fields.is_empty()));
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
    pub(super) fn learn(&mut self, keys: &Keys, programs: &Programs) {
        if self.is_flat && self.trust <= 0 && self.last[0] == self.last[1] && self.last[0] != self.keys {
            self.adopt(keys, programs);
        }
    }

    #[cold]
    #[inline(never)]
    fn adopt(&mut self, keys: &Keys, programs: &Programs) {
        self.fields.clear();
        self.edits.clear();
        self.keys.clone_from(&self.last[0]);
        for (place, number) in self.keys.iter().enumerate() {
            let key = keys.get(*number);
            let mut separator = key.separator;
            separator[0] = if place == 0 { b'{' } else { b',' };
            self.fields.push(Field { separator, mask: key.mask | 1, len: key.len, lead: key.lead });
            if key.is_copied() {
                continue;
            }
            let what = match key.action {
                Action::Rename if key.note.is_none() => What::Rename,
                Action::Run(program) => match programs.only_quick(program) {
                    Some(quick) => What::Convert(quick, *number),
                    None => What::Other(*number),
                },
                _ => What::Other(*number),
            };
            self.edits.push(Edit { what, place, new: key.new, new_len: key.new_len });
        }
        self.spans.clear();
        self.spans.resize(self.fields.len(), Span::default());
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
    fn read<S: Simd>(&mut self, walk: &mut Walk<'_, S>, start: usize, out: &mut Out) -> Option<(usize, End)> {
        let text = walk.text;
        if start >= self.places.until {
            self.places.look(walk.simd, text, start);
        }
        let (end, number) = self.find(walk.simd, text, start)?;
        let next = next_line(text, end + 1)?;
        self.places.pass(number);
        if !self.places.escapes_hold(text, start, next) {
            return None;
        }
        let Walk { simd, programs, keys, state, .. } = walk;
        let reading = Reading { simd: *simd, programs, text };
        state.begin();
        let record = out.at;
        let mut copied = start;
        for Edit { what, place, new, new_len } in &self.edits {
            let span @ Span { at, start, end } = *self.spans.get(*place)?;
            let key = match *what {
                What::Rename => {
                    out.put_range(text, copied, at);
                    out.put_block(new, *new_len);
                    copied = start;
                    continue;
                }
                What::Convert(quick, key) => {
                    let before = out.at;
                    out.put_range(text, copied, at);
                    out.put_block(new, *new_len);
                    if at_a_glance(*simd, quick, text, (start, end), out) {
                        copied = end;
                        continue;
                    }
                    out.at = before;
                    key
                }
                What::Other(key) => key,
            };
            state.field(reading, keys.get(key), span, &mut copied, out)?;
        }
        walk.end(start, next, (copied, end), record, out)
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
            let [open, _, third, fourth]: &[u32; GROUP] = places.get(number..)?.first_chunk()?;
            let at = (*open as usize).wrapping_sub(field.lead);
            let block = block_at(text, at)?;
            if simd.equal(block, &field.separator) & field.mask != field.mask {
                return None;
            }
            wrong |= at ^ expected;
            let start = at + field.len;
            let word = value::word(block, field.len);
            let end;
            if *third as usize == start {
                if word[0] != b'"' || text.get(*fourth as usize) != Some(&b'"') {
                    return None;
                }
                end = *fourth as usize + 1;
                number += GROUP;
            } else {
                end = if word == *b"null" {
                    start + 4
                } else {
                    value::scalar(simd, text, block, at, field.len)?
                };
                number += GROUP / 2;
            }
            *span = Span { at, start, end };
            expected = end;
        }
        (wrong == 0 && text.get(expected) == Some(&b'}')).then_some((expected, number))
    }
}
