//! Records from what can only be read from its beginning to its end: pipes, compressed files, CSV, JSON arrays.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};

use memchr::memchr_iter;

use super::cut::{Cut, is_blank};
use super::slot::{Extent, HEAD, Slot};

/// Reads chunks in order.
pub(crate) struct Stream<'a> {
    reader: Box<dyn Read + Send + 'a>,
    cut: Box<dyn Cut + 'a>,
    /// What was read and not handed out yet; begins where a record does.
    tail: Vec<u8>,
    /// How much of that the cutter has seen.
    seen: usize,
    /// What is handed out again first.
    taken_back: VecDeque<Slot>,
    /// How many bytes to read at once.
    chunk: usize,
    /// Longest record.
    limit: usize,
    /// How many more records are wanted.
    left: Option<u64>,
    ended: bool,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(
        reader: Box<dyn Read + Send + 'a>,
        cut: Box<dyn Cut + 'a>,
        chunk: usize,
        limit: usize,
    ) -> Self {
        Self {
            reader,
            cut,
            tail: Vec::new(),
            seen: 0,
            taken_back: VecDeque::new(),
            chunk,
            limit,
            left: None,
            ended: false,
        }
    }

    /// The same, of which something was read already.
    pub(crate) fn after(mut self, read: &[u8]) -> Self {
        self.tail.extend_from_slice(read);
        self
    }

    /// Hands out so many more records and then ends; all that there are without a number.
    pub(crate) fn limit_to(&mut self, records: Option<u64>) {
        self.left = records;
        self.ended = records == Some(0);
    }

    /// Takes back chunks that were handed out, all that there were.
    pub(crate) fn unread(&mut self, chunks: VecDeque<Slot>) {
        self.taken_back = chunks;
    }

    /// The next chunk; `false` at the end.
    ///
    /// # Errors
    /// What reading came to.
    pub(crate) fn next(&mut self, slot: &mut Slot) -> io::Result<bool> {
        if let Some(chunk) = self.taken_back.pop_front() {
            (slot.records, slot.odd, slot.bytes_in) = (chunk.records, chunk.odd, chunk.bytes_in);
            slot.buffer = chunk.buffer;
            return Ok(true);
        }
        if self.ended {
            return Ok(false);
        }
        let buffer = &mut slot.buffer;
        buffer.clear();
        buffer.append(&mut self.tail);
        let mut seen = std::mem::take(&mut self.seen);
        loop {
            if seen < buffer.len()
                && let Some(found) = self.cut.scan(buffer, seen, self.left)
            {
                self.tail.extend_from_slice(&buffer[found.next..]);
                self.seen = found.seen - found.next;
                slot.records = 0..found.end;
                slot.bytes_in = found.next as u64;
                if let Some(left) = &mut self.left {
                    *left = left.saturating_sub(found.records);
                    self.ended = *left == 0;
                }
                // What comes behind isn't waited for if it isn't wanted.
                if found.closed && !self.ended {
                    self.close(slot)?;
                }
                return Ok(true);
            }
            seen = buffer.len();
            if seen > self.limit {
                return self.skip(slot).map(|()| true);
            }
            let wanted = if seen < self.chunk { self.chunk - seen } else { self.chunk };
            // If only some are wanted, they may be there already.
            let read = if self.left.is_some() { read_some } else { fill };
            if read(&mut self.reader, buffer, wanted)? == 0 {
                self.ended = true;
                slot.records = 0..buffer.len();
                slot.bytes_in = buffer.len() as u64;
                if self.cut.is_cut_off() {
                    slot.set_odd(b"", Extent::default(), 0);
                }
                return Ok(slot.bytes_in > 0 || slot.odd.is_some());
            }
        }
    }

    /// Reads over a record that is longer than the limit; the buffer has its beginning.
    fn skip(&mut self, slot: &mut Slot) -> io::Result<()> {
        let count = |text: &[u8]| memchr_iter(b'\n', text).count() as u64;
        let (mut lines, mut bytes) = (count(&slot.buffer), slot.buffer.len() as u64);
        let mut rest = Vec::with_capacity(self.chunk + 1);
        let mut last = slot.buffer.last().copied().unwrap_or_default();
        let mut extent = Extent::default();
        extent.add(&slot.buffer);
        loop {
            // The cutter looks at the byte before.
            rest.clear();
            rest.push(last);
            if fill(&mut self.reader, &mut rest, self.chunk)? == 0 {
                self.ended = true;
                break;
            }
            last = rest[rest.len() - 1];
            if let Some(found) = self.cut.scan(&rest, 1, Some(1)) {
                lines += count(&rest[1..found.next]);
                let record = &rest[1..found.end.max(1)];
                let separator = self.cut.separator().filter(|_| !found.closed);
                extent.add(record.strip_suffix(separator.as_slice()).unwrap_or(record));
                bytes += found.next as u64 - 1;
                self.tail.extend_from_slice(&rest[found.next..]);
                self.seen = found.seen - found.next;
                self.ended = found.closed;
                break;
            }
            lines += count(&rest[1..]);
            extent.add(&rest[1..]);
            bytes += rest.len() as u64 - 1;
        }
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(1);
            self.ended |= *left == 0;
        }
        slot.records = 0..0;
        slot.bytes_in = bytes;
        slot.set_too_long(extent, lines);
        Ok(())
    }

    /// After the bracket that closes an array only blanks may come; what else comes, to the end, is rejected as one record.
    fn close(&mut self, slot: &mut Slot) -> io::Result<()> {
        self.ended = true;
        let (mut rest, mut odd, mut lines) = (std::mem::take(&mut self.tail), Vec::new(), 0);
        let mut extent = Extent::default();
        loop {
            slot.bytes_in += rest.len() as u64;
            if odd.is_empty() {
                let blanks = rest.iter().take_while(|byte| is_blank(&[**byte])).count();
                lines += memchr_iter(b'\n', &rest[..blanks]).count() as u64;
                rest.drain(..blanks);
            }
            extent.add(&rest);
            if odd.len() < HEAD {
                odd.append(&mut rest);
            }
            rest.clear();
            if fill(&mut self.reader, &mut rest, self.chunk)? == 0 {
                break;
            }
        }
        if !odd.is_empty() {
            slot.set_odd(&odd, extent, lines);
        }
        Ok(())
    }
}

/// Reads so many bytes to the end of a buffer; fewer only at the end.
pub(crate) fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
    let start = buffer.len();
    buffer.resize(start + wanted, 0);
    let mut read = 0;
    while read < wanted {
        match reader.read(&mut buffer[start + read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                buffer.truncate(start + read);
                return Err(error);
            }
        }
    }
    buffer.truncate(start + read);
    Ok(read)
}

/// Reads what there is to the end of a buffer, at most so many bytes; none only at the end.
pub(crate) fn read_some(reader: &mut dyn Read, buffer: &mut Vec<u8>, most: usize) -> io::Result<usize> {
    let start = buffer.len();
    buffer.resize(start + most, 0);
    let read = loop {
        match reader.read(&mut buffer[start..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => break read,
        }
    };
    buffer.truncate(start + *read.as_ref().unwrap_or(&0));
    read
}
