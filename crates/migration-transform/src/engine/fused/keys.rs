//! Keys as they are written, with the key that is likely to come next.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::program::{Action, Programs};
use super::quick::Quick;
use crate::engine::names::{KeyHasher, Names};
use crate::engine::simd::{BLOCK, Block, Simd};
use crate::value::scan::{blanks_end, string_end};

/// How many spellings of keys are remembered. Records with others go the general way.
const MAX_KEYS: usize = 8192;

/// How many keys are found at a glance.
const PROBES: usize = 1024;

/// The number of the key before the first one.
pub(super) const START: u32 = 0;

/// A key with the comma before it and the colon after it, blanks included.
#[derive(Debug)]
pub(super) struct Key {
    /// As it is written. The first byte is a comma or a brace, and is not compared.
    pub(super) separator: Block,
    /// The bytes of the separator that are compared.
    pub(super) mask: u64,
    /// Where in the separator the key's opening quote stands.
    pub(super) lead: usize,
    /// The length of the separator.
    pub(super) len: usize,
    /// The key that came after it last time.
    pub(super) next: u32,
    /// Another one came instead.
    missed: bool,
    pub(super) action: Action,
    /// A program of which all there is to do is that the value is read.
    pub(super) note: Option<u32>,
    pub(super) edit: Edit,
    /// The comma, the key's new name and the colon.
    pub(super) new: Block,
    pub(super) new_len: usize,
}

/// What is done with most fields, by itself: each with less to ask than the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// Nothing.
    None,
    /// The value stays as written.
    Rename,
    /// The value is converted, and nothing else reads it.
    Convert(Quick),
    /// What the action says.
    Other,
}

/// All keys that have been seen.
#[derive(Debug)]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// Keys by their length and first bytes: where to look first.
    probes: Box<[u32; PROBES]>,
    by_text: HashMap<Box<[u8]>, u32, BuildHasherDefault<KeyHasher>>,
    scratch: Vec<u8>,
}

impl Keys {
    pub(super) fn new() -> Self {
        let (separator, new) = ([0; BLOCK], [0; BLOCK]);
        // Never equal to anything.
        let start = Key {
            separator,
            mask: 1,
            lead: 0,
            len: 0,
            next: 0,
            missed: false,
            action: Action::Copy,
            note: None,
            edit: Edit::None,
            new,
            new_len: 0,
        };
        Self {
            keys: vec![start],
            probes: Box::new([START; PROBES]),
            by_text: HashMap::default(),
            scratch: Vec::new(),
        }
    }

    /// A key by its number.
    #[inline(always)]
    pub(super) fn get(&self, number: u32) -> &Key {
        &self.keys[number as usize]
    }

    /// The number of the key at `at`, which is expected to come after another one.
    #[inline(always)]
    pub(super) fn is_next<S: Simd>(&self, simd: S, block: &Block, before: u32) -> Option<u32> {
        let expected = self.get(before).next;
        let key = self.get(expected);
        simd.agree(block, &key.separator, key.mask).then_some(expected)
    }

    /// The number of the key in a block, if it is found at a glance.
    #[inline(always)]
    pub(super) fn probe<S: Simd>(&mut self, simd: S, block: &Block, before: u32) -> Option<u32> {
        let number = self.probes[place(simd, block)];
        let key = self.get(number);
        if !simd.agree(block, &key.separator, key.mask) {
            return None;
        }
        self.expect(before, number);
        Some(number)
    }

    /// The number of the key in a block, whose closing quote stands at `end`, if it is found at a glance. It isn't learnt which
    /// key came before it.
    #[inline(always)]
    pub(super) fn at_once<S: Simd>(&self, simd: S, block: &Block, end: usize) -> Option<u32> {
        let number = self.probes[place_of(block, end)];
        let key = self.get(number);
        simd.agree(block, &key.separator, key.mask).then_some(number)
    }

    /// Makes a key found at a glance.
    #[inline(always)]
    pub(super) fn remember<S: Simd>(&mut self, simd: S, block: &Block, number: u32) {
        self.probes[place(simd, block)] = number;
    }

    /// A key came that was not expected. One that is somewhere else once does not change what is expected.
    #[inline(always)]
    fn expect(&mut self, before: u32, number: u32) {
        let Some(before) = self.keys.get_mut(before as usize) else { return };
        if before.missed || before.next == START {
            before.next = number;
        }
        before.missed = !before.missed;
    }

    /// The number of the key whose comma or brace is at `at`. `None`: the record has to go the general way.
    #[inline(never)]
    pub(super) fn look_up(
        &mut self,
        text: &[u8],
        at: usize,
        before: u32,
        names: &Names,
        programs: &Programs,
    ) -> Option<u32> {
        let key_start = blanks_end(text, at + 1);
        let key_end = string_end(text, key_start).ok()?;
        let colon = blanks_end(text, key_end);
        if text.get(colon) != Some(&b':') {
            return None;
        }
        let end = blanks_end(text, colon + 1);
        // A line end is a blank to who reads JSON, and the end of the record here.
        let separator = text.get(at + 1..end).filter(|separator| !separator.contains(&b'\n'))?;
        let number = match self.by_text.get(separator) {
            Some(number) => *number,
            None => self.add(text, at, end, (key_start, key_end), names, programs)?,
        };
        self.expect(before, number);
        Some(number)
    }

    fn add(
        &mut self,
        text: &[u8],
        at: usize,
        end: usize,
        (key_start, key_end): (usize, usize),
        names: &Names,
        programs: &Programs,
    ) -> Option<u32> {
        let len = end - at;
        // The block has to hold the first byte of the value too.
        if self.keys.len() == MAX_KEYS || len >= BLOCK - 1 {
            return None;
        }
        let inner = &text[key_start + 1..key_end - 1];
        let slot = names.find(inner, &mut self.scratch);
        let is_renamed = programs.new_name(slot).is_some();
        let (action, note) = match programs.action(slot) {
            Action::Run(number) => match programs.programs.get(number as usize) {
                Some(program) if program.conversions.is_empty() => {
                    let action = match (program.is_dropped, is_renamed) {
                        (true, _) => Action::Drop,
                        (false, true) => Action::Rename,
                        (false, false) => Action::Copy,
                    };
                    (action, Some(number))
                }
                _ => (Action::Run(number), None),
            },
            action => (action, None),
        };
        let mut new = vec![b','];
        match programs.new_name(slot) {
            Some(name) => new.extend_from_slice(names.written(name)),
            None => new.extend_from_slice(&text[key_start..key_end]),
        }
        new.push(b':');
        if new.len() > BLOCK {
            return None;
        }
        let is_compact = new.get(1..) == text.get(at + 1..end);
        let action = if action == Action::Copy && !is_compact { Action::Rename } else { action };
        let mut key = Key {
            separator: [0; BLOCK],
            // The comma is looked at where the value before ends.
            mask: ((1 << len) - 1) & !1,
            lead: key_start - at,
            len,
            next: START,
            missed: false,
            action,
            note,
            edit: match (action, note) {
                (Action::Copy, None) => Edit::None,
                (Action::Rename, None) => Edit::Rename,
                (Action::Run(program), _) => programs.only_quick(program).map_or(Edit::Other, Edit::Convert),
                _ => Edit::Other,
            },
            new: [0; BLOCK],
            new_len: new.len(),
        };
        key.separator[..len].copy_from_slice(&text[at..end]);
        key.new[..new.len()].copy_from_slice(&new);
        let number = u32::try_from(self.keys.len()).ok()?;
        self.keys.push(key);
        self.by_text.insert(text[at + 1..end].into(), number);
        Some(number)
    }
}

/// Where a key is looked for at first.
#[inline(always)]
fn place<S: Simd>(simd: S, block: &Block) -> usize {
    place_of(block, (simd.string_stops(block) & (u64::MAX << 2)).trailing_zeros() as usize)
}

/// The same where it is known where its closing quote stands.
#[inline(always)]
fn place_of(block: &Block, end: usize) -> usize {
    let mut word = [0; 8];
    word.copy_from_slice(&block[2..10]);
    let mixed = (u64::from_le_bytes(word) ^ ((end as u64) << 59)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 54) as usize ^ end) & (PROBES - 1)
}
