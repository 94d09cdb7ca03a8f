//! Aligned in a file for bytes that come in order. Whole blocks are written, by several threads at once; what is beyond the last one
//! is held back until the block is full.
//!
//! A file system keeps a file in pages. Two pieces that meet in the middle of one are more work for it than two that meet between pages, and
//! large pieces that begin at a multiple of a large power of two are the least (`docs/benchmarks.md` has figures).

use crate::buffer::Buffer;

/// Where blocks begin: at multiples of so many bytes.
pub(crate) const BLOCK: usize = 64 << 10;

/// The end of a file that is being written.
#[derive(Debug, Default)]
pub(crate) struct Aligned {
    /// Where what is held back belongs.
    offset: u64,
    /// Less than a block, but for long headers.
    held: Vec<u8>,
}

impl Aligned {
    /// Goes on at a place of a file.
    pub(crate) fn after(offset: u64) -> Self {
        Self { offset, held: Vec::new() }
    }

    /// Takes bytes, and leaves in `bytes` what is to be written, and returns where; `None` if nothing is yet.
    ///
    /// Bytes with a headroom of [`BLOCK`] are not moved.
    pub(crate) fn take(&mut self, bytes: &mut Buffer) -> Option<u64> {
        let known = self.held.len() + bytes.len();
        let beyond = usize::try_from((self.offset + known as u64) % BLOCK as u64).unwrap_or(0);
        // Where the file was longer before, its first block may be full before a block's worth was written.
        let whole = known.saturating_sub(beyond);
        if whole == 0 {
            self.held.extend_from_slice(bytes);
            bytes.clear();
            return None;
        }
        bytes.prepend(&self.held);
        self.held.clear();
        self.held.extend_from_slice(&bytes[whole..]);
        bytes.truncate(whole);
        let place = self.offset;
        self.offset += whole as u64;
        Some(place)
    }

    /// Takes bytes that are few.
    pub(crate) fn hold(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// What is held back, and where it belongs.
    pub(crate) fn rest(&mut self) -> (u64, Vec<u8>) {
        (self.offset, std::mem::take(&mut self.held))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_bytes_get_to_their_places(
            offset in prop_oneof![Just(0), Just(1), 0..3 * BLOCK as u64],
            headroom in prop_oneof![Just(0), Just(BLOCK)],
            lengths in prop::collection::vec(prop_oneof![0..9usize, 0..3 * BLOCK, Just(BLOCK)], 0..12),
        ) {
            let (mut places, mut bytes) = (Aligned::after(offset), Buffer::default());
            let (mut file, mut expected) = (Vec::new(), Vec::new());
            bytes.set_headroom(headroom);
            places.hold(b"header");
            expected.extend_from_slice(b"header");
            for (number, length) in lengths.into_iter().enumerate() {
                let piece = vec![number as u8; length];
                expected.extend_from_slice(&piece);
                bytes.clear();
                bytes.extend_from_slice(&piece);
                let Some(place) = places.take(&mut bytes) else {
                    prop_assert!(bytes.is_empty());
                    continue;
                };
                prop_assert_eq!(place, offset + file.len() as u64);
                file.extend_from_slice(&bytes);
                prop_assert_eq!((offset + file.len() as u64) % BLOCK as u64, 0);
                prop_assert!(places.held.len() < BLOCK);
            }
            let (place, rest) = places.rest();
            prop_assert_eq!(place, offset + file.len() as u64);
            file.extend_from_slice(&rest);
            prop_assert_eq!(file, expected);
        }
    }
}
