//! JSON values one after the other.

use super::{Cut, Found};
use crate::engine::ValueEnds;

/// Cuts behind values, wherever the lines end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ValueCutter(ValueEnds);

impl Cut for ValueCutter {
    fn scan(&mut self, text: &[u8], seen: usize, most: Option<u64>) -> Option<Found> {
        let (mut at, mut records) = (seen, 0);
        while let Some(end) = self.0.next(text, at) {
            (at, records) = (end, records + 1);
            if most == Some(records) {
                return Some(Found { end, next: end, seen: end, records, closed: false });
            }
        }
        (records > 0).then_some(Found { end: at, next: at, seen: text.len(), records, closed: false })
    }
}
