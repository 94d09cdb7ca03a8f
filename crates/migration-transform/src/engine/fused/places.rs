//! Where the strings of whole lines begin and end, found a block at a time and ahead of who reads the records.

use crate::engine::simd::{BLOCK, Block, Marks, Simd};
use crate::engine::skip::{block_at, escaped};
use crate::value::scan::escape_end;

/// How many bytes are looked at before records are read again: what is found of them stays in the nearest cache.
const WINDOW: usize = 16 << 10;

/// What stands behind the last place.
const BEYOND: u32 = u32::MAX;

/// How many places can be asked for at once.
pub(super) const GROUP: usize = 4;

/// The places of quotes that are not escaped, and of control characters, line ends among them.
///
/// So a place that is no quote is where a record ends, or where something is wrong.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// As many as were ever needed at once, and room behind them.
    places: Vec<u32>,
    /// How many of them count.
    len: usize,
    /// Backslashes.
    escapes: Vec<u32>,
    /// The first that has not been passed.
    escape: usize,
    /// The first that has not been passed.
    next: usize,
    /// Up to where the text has been looked at, in whole lines.
    pub(super) until: usize,
}

impl Places {
    /// Another text.
    pub(super) fn forget(&mut self) {
        self.until = 0;
    }

    /// Looks at the lines from `at` on.
    #[inline(always)]
    pub(super) fn look<S: Simd>(&mut self, simd: S, text: &[u8], at: usize) {
        self.escapes.clear();
        (self.next, self.escape) = (0, 0);
        let mut found = 0;
        let (mut start, mut searched) = (at, at);
        let mut is_escaped = false;
        loop {
            let block = match block_at(text, start) {
                Some(block) => *block,
                None => padded(text, start),
            };
            let Marks { mut stops, backslashes } = simd.marks(&block);
            if backslashes != 0 || is_escaped {
                stops &= !(escaped(backslashes, &mut is_escaped) & simd.either(&block, b'"', b'"'));
                self.note(start, backslashes);
            }
            if self.places.len() < found + BLOCK + GROUP {
                self.places.resize(found + WINDOW / 2, 0);
            }
            // Chunks of 4 GiB and more don't come here.
            if let Some(room) = self.places.get_mut(found..).and_then(|room| room.first_chunk_mut()) {
                simd.spread(stops, start as u32, room);
            }
            found += stops.count_ones() as usize;
            start += BLOCK;
            if start >= text.len() {
                self.until = text.len();
                break;
            }
            if start - at >= WINDOW {
                // In a line that is longer than a window only what is new of it: not all of it for each block.
                if let Some(end) = memchr::memrchr(b'\n', &text[searched..start]) {
                    self.until = searched + end + 1;
                    break;
                }
                searched = start;
            }
        }
        self.len = found + GROUP;
        self.places[found..self.len].fill(BEYOND);
        self.escapes.push(BEYOND);
    }

    #[cold]
    fn note(&mut self, start: usize, backslashes: u64) {
        let mut rest = backslashes;
        while rest != 0 {
            self.escapes.push(start as u32 + rest.trailing_zeros());
            rest &= rest - 1;
        }
    }

    /// Passes what is before `at`; returns the number of the first place from there on.
    #[inline(always)]
    pub(super) fn go_to(&mut self, at: usize) -> usize {
        while self.all().get(self.next).is_some_and(|place| (*place as usize) < at) {
            self.next += 1;
        }
        self.next
    }

    /// A number that the next place is known to have at least.
    #[inline(always)]
    pub(super) fn pass(&mut self, number: usize) {
        self.next = number;
    }

    /// All that were found, and [`GROUP`] places behind the text.
    #[inline(always)]
    pub(super) fn all(&self) -> &[u32] {
        &self.places[..self.len]
    }

    /// Whether there are backslashes between two places. The first is behind all that were asked for before.
    #[inline(always)]
    pub(super) fn has_escapes(&mut self, start: usize, end: usize) -> bool {
        while self.escapes.get(self.escape).is_some_and(|escape| (*escape as usize) < start) {
            self.escape += 1;
        }
        self.escapes.get(self.escape).is_some_and(|first| (*first as usize) < end)
    }

    /// Whether those before a place begin escapes.
    #[cold]
    #[inline(never)]
    pub(super) fn escapes_hold(&self, text: &[u8], end: usize) -> bool {
        let mut behind = 0;
        for escape in &self.escapes[self.escape..] {
            let at = *escape as usize;
            if at >= end {
                break;
            }
            if at < behind {
                continue;
            }
            match escape_end(text, at) {
                Some(end) => behind = end,
                None => return false,
            }
        }
        true
    }
}

/// The rest of a text, and blanks behind it.
fn padded(text: &[u8], start: usize) -> Block {
    let mut block = [b' '; BLOCK];
    let rest = text.get(start..).unwrap_or_default();
    block[..rest.len()].copy_from_slice(rest);
    block
}
