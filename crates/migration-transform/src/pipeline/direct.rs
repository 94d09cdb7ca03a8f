//! Lines of a file that can be read at any place: each chunk by itself, by whichever thread comes first.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memchr;

use super::positioned::read_at;
use super::slot::{Extent, Slot};

/// So much more than a chunk is read at once: it ends behind the record that ends there.
const MORE: usize = 4096;

/// A range of a file: the lines that begin in it.
#[derive(Debug)]
pub(crate) struct Direct {
    file: File,
    range: Range<u64>,
    /// Length of the file when it was opened.
    length: u64,
    chunk: usize,
    limit: usize,
    next: AtomicU64,
}

impl Direct {
    pub(crate) fn new(file: File, range: Range<u64>, length: u64, chunk: usize, limit: usize) -> Self {
        Self { file, range, length, chunk, limit, next: AtomicU64::new(0) }
    }

    /// Takes the next chunk; `None` at the end.
    pub(crate) fn claim(&self) -> Option<u64> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        (self.start(index) < self.range.end).then_some(index)
    }

    /// Reads the lines that begin in a chunk.
    ///
    /// # Errors
    /// What reading came to.
    pub(crate) fn read(&self, index: u64, slot: &mut Slot) -> io::Result<()> {
        let (start, end) = (self.start(index), self.start(index + 1).min(self.range.end));
        slot.bytes_in = end - start;
        // The byte before tells whether a line begins here.
        let from = start.saturating_sub(1);
        let buffer = &mut slot.buffer;
        let mut read = self.more(buffer, 0, from, length(end - from) + MORE)?;
        let held = length(end - from).min(read);
        let first = if start > 0 {
            match memchr(b'\n', &buffer[..held]) {
                Some(at) if at + 1 < held => at + 1,
                // Nothing begins here.
                _ => {
                    slot.records = 0..0;
                    return Ok(());
                }
            }
        } else if buffer[..read].starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        // The last line that begins here ends at or behind the chunk's last byte.
        let mut seen = held.saturating_sub(1).max(first);
        let stop = loop {
            if let Some(at) = memchr(b'\n', &buffer[seen..read]) {
                break seen + at + 1;
            }
            seen = read;
            if seen - first > self.limit + self.chunk {
                buffer.truncate(read);
                return self.skip(slot, first, from);
            }
            read += self.more(buffer, read, from + seen as u64, self.chunk)?;
            if read == seen {
                break seen;
            }
        };
        slot.records = first..stop;
        Ok(())
    }

    /// The last line of a chunk is longer than the limit.
    fn skip(&self, slot: &mut Slot, first: usize, from: u64) -> io::Result<()> {
        let begin = memchr::memrchr(b'\n', &slot.buffer[first..]).map_or(first, |at| first + at + 1);
        let mut at = from + slot.buffer.len() as u64;
        let (mut rest, mut extent) = (Vec::new(), Extent::default());
        extent.add(&slot.buffer[begin..]);
        loop {
            let read = self.more(&mut rest, 0, at, self.chunk)?;
            let end = memchr(b'\n', &rest[..read]);
            extent.add(&rest[..end.unwrap_or(read)]);
            if read == 0 || end.is_some() {
                break;
            }
            at += read as u64;
        }
        slot.records = first..begin;
        slot.set_too_long(extent, 1);
        Ok(())
    }

    fn start(&self, index: u64) -> u64 {
        self.range.start.saturating_add(index.saturating_mul(self.chunk as u64))
    }

    /// Reads so many bytes of the file to a place of the buffer, which is made longer if need be; fewer only at its end. Returns
    /// how many that are.
    fn more(&self, buffer: &mut Vec<u8>, place: usize, from: u64, wanted: usize) -> io::Result<usize> {
        let wanted = wanted.min(length(self.length.saturating_sub(from)));
        if buffer.len() < place + wanted {
            buffer.resize(place + wanted, 0);
        }
        read_at(&self.file, &mut buffer[place..place + wanted], from)
    }
}

/// Of a piece of a file that is read at once.
fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
