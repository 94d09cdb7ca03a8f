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
}

/// What is no record that the engine could be given: it is behind the whole records in the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Odd {
    reason: Reason,
    head: Range<usize>,
    /// Line ends before that.
    before: u64,
    /// Line ends in it.
    lines: u64,
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
        (self.records, self.odd, self.bytes_in) = (0..0, None, 0);
    }

    /// Notes that what is behind the whole records is longer than the limit; it has so many line ends.
    pub(crate) fn set_too_long(&mut self, lines: u64) {
        let start = self.records.end;
        let end = (start + HEAD).min(self.buffer.len());
        self.buffer.truncate(end);
        self.odd = Some(Odd { reason: Reason::TooLong, head: start..end, before: 0, lines });
    }

    /// Notes what comes after the end of the array that holds all records, and so many line ends; nothing, where that end is
    /// missing.
    pub(crate) fn set_odd(&mut self, rest: &[u8], before: u64) {
        let start = self.records.end;
        self.buffer.truncate(start);
        self.buffer.extend_from_slice(&rest[..rest.len().min(HEAD)]);
        self.odd =
            Some(Odd { reason: Reason::InvalidJson, head: start..self.buffer.len(), before, lines: 0 });
    }

    /// Adds what was noted to the rejects.
    pub(crate) fn add_odd(&mut self) {
        let Some(Odd { reason, head, before, lines }) = self.odd.take() else { return };
        let made = &mut self.made;
        made.records_in += 1;
        // It begins behind the blanks that separate it from what was before.
        let text = &self.buffer[head.clone()];
        let blanks = text.iter().take_while(|byte| is_blank(**byte)).count();
        let before = before + text[..blanks].iter().filter(|byte| **byte == b'\n').count() as u64;
        // Offsets count from the whole records.
        let (start, end) = (head.start + blanks - self.records.start, head.end - self.records.start);
        let (record, line) = (made.records_in, made.lines + before + 1);
        made.rejects.push(Reject { record, line, reason, field: None, start, end });
        made.lines += lines;
    }

    /// The text of a reject.
    pub(crate) fn text_of(&self, reject: &Reject) -> &[u8] {
        let from = self.records.start;
        self.buffer.get(from + reject.start..from + reject.end).unwrap_or_default()
    }
}
