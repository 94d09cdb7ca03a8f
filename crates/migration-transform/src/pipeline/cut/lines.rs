//! A record on each line.

use memchr::{memchr, memrchr};

use super::{Cut, Found};

/// Cuts behind line feeds. A line of blanks is no record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineCutter;

impl Cut for LineCutter {
    fn scan(&mut self, text: &[u8], seen: usize, most: Option<u64>) -> Option<Found> {
        let Some(most) = most else {
            let end = seen + memrchr(b'\n', &text[seen..])? + 1;
            return Some(Found { end, next: end, seen: text.len(), records: 0, closed: false });
        };
        // Only few are wanted, so that what was seen may be seen again.
        let (mut at, mut records, mut end) = (0, 0, 0);
        while records < most {
            let Some(length) = memchr(b'\n', &text[at..]) else { break };
            if !is_blank(&text[at..at + length]) {
                records += 1;
                end = at + length + 1;
            }
            at += length + 1;
        }
        let seen = if records == most { end } else { text.len() };
        (records > 0).then_some(Found { end, next: end, seen, records, closed: false })
    }
}

/// Whether a line has nothing but JSON's blanks.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}
