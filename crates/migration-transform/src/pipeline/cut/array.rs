//! Elements of a JSON array.

use super::{Cut, Found};

/// Cuts behind the commas of an array whose opening bracket is gone already. The closing one ends it; where an element had to be
/// before it, it is taken for that, as what it is: no JSON.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ArrayCutter {
    depth: u64,
    in_string: bool,
    escaped: bool,
    /// Whether the element that is being looked at has anything in it.
    begun: bool,
    /// Whether there has to be one, as there was a comma.
    is_due: bool,
    closed: bool,
}

impl ArrayCutter {
    /// For elements of an array whose closing bracket comes after them.
    pub(crate) fn of_part() -> Self {
        Self { closed: true, ..Self::default() }
    }

    /// For elements that come behind a comma.
    pub(crate) fn behind_comma() -> Self {
        Self { is_due: true, ..Self::default() }
    }
}

impl Cut for ArrayCutter {
    fn scan(&mut self, text: &[u8], seen: usize, most: Option<u64>) -> Option<Found> {
        let (mut records, mut end) = (0, None);
        for (at, &byte) in text.iter().enumerate().skip(seen) {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => (self.in_string, self.begun) = (true, true),
                b'{' | b'[' => (self.depth, self.begun) = (self.depth + 1, true),
                b']' if self.depth == 0 => {
                    self.closed = true;
                    records += u64::from(self.begun || self.is_due);
                    let end = if self.is_due && !self.begun { at + 1 } else { at };
                    return Some(Found { end, next: at + 1, seen: at + 1, records, closed: true });
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                b',' if self.depth == 0 => {
                    (records, end, self.begun, self.is_due) = (records + 1, Some(at + 1), false, true);
                    if most == Some(records) {
                        return Some(Found {
                            end: at + 1,
                            next: at + 1,
                            seen: at + 1,
                            records,
                            closed: false,
                        });
                    }
                }
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => self.begun = true,
            }
        }
        let end = end?;
        Some(Found { end, next: end, seen: text.len(), records, closed: false })
    }

    fn separator(&self) -> Option<u8> {
        Some(b',')
    }

    fn is_cut_off(&self) -> bool {
        !self.closed
    }
}
