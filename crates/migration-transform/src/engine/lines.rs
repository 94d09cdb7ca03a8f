//! Records of a chunk, one after the other.

use super::skip::nested_end;
use crate::json::is_blank;
use crate::value::scan::blanks_end;

/// Where a record is in its chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its first byte.
    pub(crate) start: usize,
    /// The byte after its last, blanks and line end not counted.
    pub(crate) end: usize,
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
}

/// The lines of NDJSON.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    text: &'a [u8],
    /// Where the next line begins.
    pub(crate) at: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Where the record on the next line begins and ends; `None` if the line is blank.
    pub(crate) fn next_line(&mut self) -> Option<(usize, usize)> {
        let start = self.at;
        let rest = &self.text[start..];
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.at = (start + len + 1).min(self.text.len());
        let (from, to) = without_blanks(&rest[..len])?;
        Some((start + from, start + to))
    }
}

/// Where a line begins and ends but for blanks; `None` if there is nothing else on it.
fn without_blanks(line: &[u8]) -> Option<(usize, usize)> {
    let first = line.iter().position(|byte| !is_blank(*byte))?;
    let last = line.iter().rposition(|byte| !is_blank(*byte))?;
    Some((first, last + 1))
}

/// The elements of a JSON array, with commas and blanks between them.
#[derive(Debug)]
pub(crate) struct Elements<'a> {
    text: &'a [u8],
    at: usize,
    /// Line ends before `at`.
    pub(crate) lines: u64,
}

impl<'a> Elements<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, lines: 0 }
    }

    fn go_to(&mut self, at: usize) {
        self.lines += memchr::memchr_iter(b'\n', &self.text[self.at..at]).count() as u64;
        self.at = at;
    }
}

impl Iterator for Elements<'_> {
    type Item = Found;

    /// What is no value ends at the next comma: it is for the reader of the record to say what is wrong with it. A comma with
    /// nothing before it is one, too.
    fn next(&mut self) -> Option<Found> {
        let start = blanks_end(self.text, self.at);
        self.go_to(start.min(self.text.len()));
        let line = self.lines + 1;
        let end = match self.text.get(start)? {
            b',' => {
                self.go_to(start + 1);
                return Some(Found { start, end: start + 1, line });
            }
            b'{' | b'[' => nested_end(self.text, start),
            b'"' => crate::value::scan::string_end(self.text, start).ok(),
            _ => None,
        };
        // Behind the value there may still be something else before the comma.
        let from = end.unwrap_or(start);
        let rest = &self.text[from..];
        let end = from + memchr::memchr(b',', rest).unwrap_or(rest.len());
        self.go_to((end + 1).min(self.text.len()));
        let (_, len) = without_blanks(&self.text[start..end])?;
        Some(Found { start, end: start + len, line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(records: impl Iterator<Item = Found>, text: &str) -> Vec<(&str, u64)> {
        records.map(|found| (&text[found.start..found.end], found.line)).collect()
    }

    #[test]
    fn lines_are_records() {
        let text = "\n{}\r\n \t\n [1] \n\nx";
        let mut lines = Lines::new(text.as_bytes());
        let mut found = Vec::new();
        while lines.at < text.len() {
            found.push(lines.next_line().map(|(start, end)| &text[start..end]));
        }
        assert_eq!(found, [None, Some("{}"), None, Some("[1]"), None, Some("x")]);
    }

    #[test]
    fn elements_are_records() {
        let text = "\n{\"a\":\",\"} ,\n{\"b\":[1,\n2]}, 5 ,\"x,\" y, [}";
        let elements = Elements::new(text.as_bytes());
        let expected = [("{\"a\":\",\"}", 2), ("{\"b\":[1,\n2]}", 3), ("5", 4), ("\"x,\" y", 4), ("[}", 4)];
        assert_eq!(found(elements, text), expected);
        let text = " ,{}\n,,\n ,[1],";
        let expected = [(",", 1), ("{}", 1), (",", 2), (",", 3), ("[1]", 3)];
        assert_eq!(found(Elements::new(text.as_bytes()), text), expected);
    }
}
