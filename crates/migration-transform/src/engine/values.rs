//! JSON values one after the other, with blanks or nothing between them, each on as many lines as it likes.

use super::lines::Found;
use crate::json::is_blank;

/// Finds where values end, however the text comes in pieces. Objects and arrays end with their last bracket; what is neither
/// ends with its line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ValueEnds {
    depth: u64,
    in_string: bool,
    escaped: bool,
    /// Whether something has begun that is no object and no array.
    in_line: bool,
}

impl ValueEnds {
    /// Looks at `text[at..]`, where the last call stopped, for the end of a value.
    pub(crate) fn next(&mut self, text: &[u8], at: usize) -> Option<usize> {
        for (at, &byte) in text.iter().enumerate().skip(at) {
            match byte {
                b'\n' if self.in_line => {
                    self.in_line = false;
                    return Some(at);
                }
                _ if self.in_line => {}
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' if self.in_string => self.in_string = false,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                b'"' if self.depth > 0 => self.in_string = true,
                _ if self.depth > 0 || is_blank(byte) => {}
                _ => self.in_line = true,
            }
        }
        None
    }
}

/// The values of a text.
#[derive(Debug)]
pub(crate) struct Values<'a> {
    text: &'a [u8],
    at: usize,
    ends: ValueEnds,
    /// Line ends before `at`.
    pub(crate) lines: u64,
}

impl<'a> Values<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, ends: ValueEnds::default(), lines: 0 }
    }

    fn go_to(&mut self, at: usize) {
        self.lines += memchr::memchr_iter(b'\n', &self.text[self.at..at]).count() as u64;
        self.at = at;
    }
}

impl Iterator for Values<'_> {
    type Item = Found;

    /// What has no end goes on to the end of the text.
    fn next(&mut self) -> Option<Found> {
        let blanks = self.text[self.at..].iter().position(|byte| !is_blank(*byte));
        let start = blanks.map_or(self.text.len(), |blanks| self.at + blanks);
        self.go_to(start);
        blanks?;
        let line = self.lines + 1;
        let next = self.ends.next(self.text, start).unwrap_or(self.text.len());
        self.go_to(next);
        let value = &self.text[start..next];
        let end = start + value.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
        Some(Found { start, end, line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_records() {
        let text = " {\n\"a\": \"}\\\"{\"}{}\n[1,\n{}] x {} \r\n }\n\n5\n{\"b\":\n";
        let mut values = Values::new(text.as_bytes());
        let found: Vec<_> =
            values.by_ref().map(|found| (&text[found.start..found.end], found.line)).collect();
        let expected = [
            ("{\n\"a\": \"}\\\"{\"}", 1),
            ("{}", 2),
            ("[1,\n{}]", 3),
            ("x {}", 4),
            ("}", 5),
            ("5", 7),
            ("{\"b\":", 8),
        ];
        assert_eq!(found, expected);
        assert_eq!(values.lines, 8);
    }
}
