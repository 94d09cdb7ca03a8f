//! Where finished records are written: whole blocks at a time, of which only what is meant counts.

use crate::buffer::Buffer;
use crate::engine::simd::{BLOCK, Block};

/// How much room is made at once.
const STEP: usize = 4096;

/// The memory of a buffer.
#[derive(Debug)]
pub(super) struct Out {
    bytes: Vec<u8>,
    /// Where what is written ends.
    pub(super) at: usize,
}

/// A text that is appended again and again.
#[derive(Debug)]
pub(super) struct Snippet {
    block: Block,
    len: usize,
    /// All of it, if it doesn't fit into the block.
    long: Option<Box<[u8]>>,
}

impl Snippet {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        let fits = block.get_mut(..text.len()).map(|room| room.copy_from_slice(text)).is_some();
        Self { block, len: text.len(), long: (!fits).then(|| text.into()) }
    }
}

impl Out {
    /// Goes on with a buffer, until it is given back.
    pub(super) fn new(buffer: &mut Buffer) -> Self {
        let (bytes, at) = buffer.open();
        Self { bytes, at }
    }

    /// Gives the buffer back.
    pub(super) fn give_back(self, buffer: &mut Buffer) {
        buffer.close(self.bytes, self.at);
    }

    /// What was written from a place on.
    pub(super) fn text(&self, start: usize, end: usize) -> &[u8] {
        &self.bytes[start..end]
    }

    /// All of the buffer: what was written, and behind it anything.
    #[inline(always)]
    pub(super) fn written(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends what was written at a place once more.
    #[inline(always)]
    pub(super) fn repeat(&mut self, start: usize, end: usize) {
        let len = end - start;
        self.room(len);
        self.bytes.copy_within(start..end, self.at);
        self.at += len;
    }

    #[inline(always)]
    fn room(&mut self, len: usize) -> &mut [u8] {
        if self.bytes.len() - self.at < len {
            self.grow(len);
        }
        &mut self.bytes[self.at..self.at + len]
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, len: usize) {
        self.bytes.resize(self.at + len + STEP, 0);
    }

    /// Makes sure that no more room has to be made for so many bytes.
    pub(super) fn reserve(&mut self, len: usize) {
        if self.bytes.len() - self.at < len {
            self.bytes.resize(self.at + len, 0);
        }
    }

    /// Appends the first `len` bytes of a block.
    #[inline(always)]
    pub(super) fn put_block(&mut self, block: &Block, len: usize) {
        // Half a block seldom lies across two lines of the cache.
        match block.first_chunk::<{ BLOCK / 2 }>() {
            Some(half) if len <= BLOCK / 2 => self.room(BLOCK / 2).copy_from_slice(half),
            _ => self.room(BLOCK).copy_from_slice(block),
        }
        self.at += len;
    }

    /// Appends a snippet.
    #[inline(always)]
    pub(super) fn put_snippet(&mut self, snippet: &Snippet) {
        match &snippet.long {
            None => self.put_block(&snippet.block, snippet.len),
            Some(text) => self.put(text),
        }
    }

    /// Appends `text[start..end]`.
    #[inline(always)]
    pub(super) fn put_range(&mut self, text: &[u8], start: usize, end: usize) {
        let len = end - start;
        if len == 0 {
            return;
        }
        // Also what doesn't count: it is quicker than to ask.
        if len <= 2 * BLOCK
            && let Some(blocks) = text.get(start..).and_then(|rest| rest.first_chunk::<{ 2 * BLOCK }>())
        {
            self.room(2 * BLOCK).copy_from_slice(blocks);
            self.at += len;
            return;
        }
        if len <= 4 * BLOCK
            && let Some(blocks) = text.get(start..).and_then(|rest| rest.first_chunk::<{ 4 * BLOCK }>())
        {
            self.room(4 * BLOCK).copy_from_slice(blocks);
            self.at += len;
            return;
        }
        self.put(&text[start..end]);
    }

    /// Appends all of a text.
    #[inline(always)]
    pub(super) fn put(&mut self, text: &[u8]) {
        self.room(text.len()).copy_from_slice(text);
        self.at += text.len();
    }

    #[inline(always)]
    pub(super) fn push(&mut self, byte: u8) {
        self.room(1)[0] = byte;
        self.at += 1;
    }

    /// Replaces a byte that was written.
    #[inline(always)]
    pub(super) fn patch(&mut self, at: usize, byte: u8) {
        self.bytes[at] = byte;
    }
}
