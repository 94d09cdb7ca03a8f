//! Where a part of a file begins and ends, if that can only be told from the file's beginning: rows of a CSV, in which a
//! line feed may be inside of quotes, and elements of a JSON array.
//!
//! A part is made of the records that begin in its range of bytes, as with lines. All that comes before is looked at for
//! quotes and brackets, and nothing more; that is much less than what the records themselves cost.

use std::io::{self, Read};
use std::ops::Range;

use super::CHUNK;
use super::cut::Cut;
use super::stream::fill;

/// The bytes of the records that begin in a range of a file of this length. `reader` is where the first record begins.
///
/// # Errors
/// What reading came to.
pub(crate) fn records_in(
    reader: &mut dyn Read,
    cutter: &mut dyn Cut,
    first: u64,
    length: u64,
    wanted: &Range<u64>,
) -> io::Result<Range<u64>> {
    let mut scan =
        Scan { reader, cutter, text: vec![b'\n'], at: 1, offset: first, begin: first, over: false };
    let start = scan.first_from(wanted.start)?.unwrap_or(length);
    // What comes after the last record belongs to it.
    let end = if wanted.end < length { scan.first_from(wanted.end)?.unwrap_or(length) } else { length };
    Ok(start..end)
}

struct Scan<'s> {
    reader: &'s mut dyn Read,
    cutter: &'s mut dyn Cut,
    /// What was read last, with the byte before it.
    text: Vec<u8>,
    /// How far that was looked at.
    at: usize,
    /// Where in the file that is.
    offset: u64,
    /// Where in the file the record begins that is being looked at.
    begin: u64,
    /// Whether no other record begins.
    over: bool,
}

impl Scan<'_> {
    /// Where the first record begins that begins at an offset or after it; `None` if there is none.
    fn first_from(&mut self, target: u64) -> io::Result<Option<u64>> {
        while self.begin < target && !self.over {
            if self.at == self.text.len() {
                let last = self.text.last().copied();
                self.text.clear();
                self.text.extend(last);
                self.at = 1;
                self.over = fill(self.reader, &mut self.text, CHUNK)? == 0;
                continue;
            }
            // All ends before the target at once; then the next one.
            let (end, most) = match usize::try_from(target.saturating_sub(self.offset)) {
                Ok(0) => (self.text.len(), Some(1)),
                Ok(before) => ((self.at.saturating_add(before)).min(self.text.len()), None),
                Err(_) => (self.text.len(), None),
            };
            // The cutter looks at the byte before.
            let text = &self.text[self.at - 1..end];
            let seen = match self.cutter.scan(text, 1, most) {
                Some(found) => {
                    self.begin = self.offset + found.next as u64 - 1;
                    self.over = found.closed;
                    found.seen
                }
                None => text.len(),
            };
            self.at += seen - 1;
            self.offset += seen as u64 - 1;
        }
        Ok((!self.over).then_some(self.begin))
    }
}

#[cfg(test)]
mod tests {
    use super::super::cut::{ArrayCutter, CsvCutter};
    use super::*;
    use crate::chunk::CsvDialect;

    /// A reader that hands out a byte at a time.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1).min(self.0.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    /// For each range between two places of the text: the same records as begin there by themselves.
    fn check(text: &str, first: usize, cutter: impl Fn() -> Box<dyn Cut>, begins: &[usize]) {
        let length = text.len() as u64;
        let at = |target: u64| {
            begins.iter().map(|begin| *begin as u64).find(|begin| *begin >= target).unwrap_or(length)
        };
        for start in 0..=length {
            for end in start..=length {
                let expected = at(start)..if end < length { at(end) } else { length };
                let mut reader = Slowly(&text.as_bytes()[first..]);
                let found = records_in(&mut reader, &mut *cutter(), first as u64, length, &(start..end));
                assert_eq!(found.unwrap(), expected, "{start}..{end}");
            }
        }
    }

    #[test]
    fn rows() {
        let text = "a,b\n1,\"x\ny\"\n2,\"\"\"\n\"\n\n3,it\"s\n4,5";
        let csv = || -> Box<dyn Cut> { Box::new(CsvCutter::new(CsvDialect::default())) };
        check(text, 4, csv, &[4, 12, 20, 28]);
    }

    #[test]
    fn elements() {
        let array = || -> Box<dyn Cut> { Box::<ArrayCutter>::default() };
        check(" [{\"a\":\"],[\"}, [1,2],3 ] ", 2, array, &[2, 14, 21]);
        check("[{},{", 1, array, &[1, 4]);
        check("[]", 1, array, &[1]);
    }
}
