//! What is in flight: records on their way in, and what became of them.

use std::ops::Range;

use crate::chunk::{Made, Reject};
use crate::json::is_blank;
use crate::reason::Reason;

/// How much of a record that is too long is kept for the rejects.
pub(crate) const HEAD: usize = 1024;

/// One chunk with all that belongs to it. Reused, so that a run allocates for as many as are in flight.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// Its place in the order of the input, from 0.
    pub(crate) index: u64,
    /// The input as it was read, and behind what was read anything.
    pub(crate) buffer: Vec<u8>,
    /// Where in it the whole records are.
    pub(crate) records: Range<usize>,
    /// What comes after those, if it is no record that can be looked at.
    pub(crate) odd: Option<Odd>,
    /// How much of the input this is.
    pub(crate) bytes_in: u64,
    /// What became of it.
    pub(crate) made: Made,
    /// Of what was no record its place among the whole ones, and how many bytes it has in all.
    cut: Option<(usize, u64)>,
}

/// What is no record that the engine could be given: it is behind the whole records in the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Odd {
    reason: Reason,
    head: Range<usize>,
    /// How many bytes it has in all, without the blanks around it.
    bytes: u64,
    /// Line ends before that.
    before: u64,
    /// Line ends in it.
    lines: u64,
}

/// How long a text is that comes in pieces, without the blanks around it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    /// Blanks at the beginning.
    blanks: u64,
    /// All to the last byte that is none.
    end: u64,
    all: u64,
}

impl Extent {
    pub(crate) fn add(&mut self, piece: &[u8]) {
        if self.end == 0 {
            self.blanks += piece.iter().take_while(|byte| is_blank(**byte)).count() as u64;
        }
        if let Some(last) = piece.iter().rposition(|byte| !is_blank(*byte)) {
            self.end = self.all + last as u64 + 1;
        }
        self.all += piece.len() as u64;
    }

    fn length(self) -> u64 {
        self.end.saturating_sub(self.blanks)
    }
}

impl Slot {
    /// One whose bytes get so much headroom.
    pub(crate) fn new(headroom: usize) -> Self {
        let mut slot = Self::default();
        slot.made.bytes.set_headroom(headroom);
        slot
    }

    /// Empties it, and keeps the memory, unless that is much more than usual. What is in the buffer doesn't count any more.
    pub(crate) fn clear(&mut self, usual: usize) {
        if self.buffer.capacity() > 4 * usual {
            self.buffer = Vec::new();
        }
        self.made.bytes.shrink(4 * usual);
        self.made.clear();
        (self.records, self.odd, self.cut, self.bytes_in) = (0..0, None, None, 0);
    }

    /// Notes that what is behind the whole records is longer than the limit; it has so many bytes and line ends.
    pub(crate) fn set_too_long(&mut self, extent: Extent, lines: u64) {
        let behind = &self.buffer[self.records.end..];
        let blanks = behind.iter().take_while(|byte| is_blank(**byte)).count();
        let before = behind[..blanks].iter().filter(|byte| **byte == b'\n').count() as u64;
        let start = self.records.end + blanks;
        let head = start..(start + HEAD).min(self.buffer.len());
        self.buffer.truncate(head.end);
        self.odd = Some(Odd { reason: Reason::TooLong, head, bytes: extent.length(), before, lines });
    }

    /// Notes what comes after the end of the array that holds all records, so many bytes, and so many line ends before it; nothing,
    /// where that end is missing.
    pub(crate) fn set_odd(&mut self, rest: &[u8], extent: Extent, before: u64) {
        let start = self.records.end;
        self.buffer.truncate(start);
        self.buffer.extend_from_slice(&rest[..rest.len().min(HEAD)]);
        let (head, bytes) = (start..self.buffer.len(), extent.length());
        self.odd = Some(Odd { reason: Reason::InvalidJson, head, bytes, before, lines: 0 });
    }

    /// Adds what was noted to the rejects.
    pub(crate) fn add_odd(&mut self) {
        let Some(Odd { reason, head, bytes, before, lines }) = self.odd.take() else { return };
        let made = &mut self.made;
        made.records_in += 1;
        // Offsets count from the whole records.
        let (start, end) = (head.start - self.records.start, head.end - self.records.start);
        let (record, line) = (made.records_in, made.lines + before + 1);
        made.rejects.push(Reject { record, line, reason, field: None, start, end });
        made.lines += lines;
        self.cut = Some((start, bytes));
    }

    /// The text of a reject: of one that is too long the beginning, and how many bytes it has in all. What a piece happened to hold
    /// more of makes no difference.
    pub(crate) fn text_of(&self, reject: &Reject) -> (&[u8], Option<u64>) {
        let from = self.records.start;
        let text = self.buffer.get(from + reject.start..from + reject.end).unwrap_or_default();
        let (text, bytes) = match self.cut {
            Some((start, bytes)) if start == reject.start => (text, bytes),
            _ if reject.reason == Reason::TooLong => {
                let mut extent = Extent::default();
                extent.add(text);
                (&text[..text.len().min(HEAD)], extent.length())
            }
            _ => return (text, None),
        };
        (text, Some(bytes).filter(|bytes| *bytes > text.len() as u64))
    }
}
