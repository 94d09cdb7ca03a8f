//! Memory for finished records, which is filled with zeros once and not for each chunk.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// Bytes that grow at their end: a slice of them is what [`Deref`] gives.
///
/// What is behind them is memory that was written at some time, with anything in it; so it is there to be written to without being
/// filled first, and emptying costs nothing.
#[derive(Clone, Default)]
pub struct Buffer {
    memory: Vec<u8>,
    /// What is kept free before the bytes.
    headroom: usize,
    start: usize,
    end: usize,
}

impl Buffer {
    /// Empties it, and keeps the memory.
    pub fn clear(&mut self) {
        (self.start, self.end) = (self.headroom, self.headroom);
    }

    /// Appends bytes.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        let end = self.end + bytes.len();
        self.memory[self.end..end].copy_from_slice(bytes);
        self.end = end;
    }

    /// Keeps the first `len` bytes, if there are more.
    pub fn truncate(&mut self, len: usize) {
        self.end = self.end.min(self.start + len);
    }

    /// Empties it, and keeps so much free from now on for [`Buffer::prepend`].
    pub(crate) fn set_headroom(&mut self, headroom: usize) {
        self.headroom = headroom;
        self.clear();
    }

    /// Puts bytes before the others; quick as far as there is headroom.
    pub(crate) fn prepend(&mut self, bytes: &[u8]) {
        self.make_room(0);
        if let Some(start) = self.start.checked_sub(bytes.len()) {
            self.memory[start..self.start].copy_from_slice(bytes);
            self.start = start;
        } else {
            self.memory.splice(self.start..self.start, bytes.iter().copied());
            self.end += bytes.len();
        }
    }

    /// Empties it, and gives memory back that is more than so much beside the headroom.
    pub(crate) fn shrink(&mut self, most: usize) {
        if self.memory.capacity() > self.headroom + most {
            self.memory = Vec::new();
        }
        self.clear();
    }

    /// Lends its memory, and where in it the bytes end, to whoever appends much; [`Buffer::close`] takes both back.
    pub(crate) fn open(&mut self) -> (Vec<u8>, usize) {
        self.make_room(0);
        (std::mem::take(&mut self.memory), self.end)
    }

    /// Takes back what [`Buffer::open`] lent.
    pub(crate) fn close(&mut self, memory: Vec<u8>, end: usize) {
        (self.memory, self.end) = (memory, end);
    }

    fn make_room(&mut self, len: usize) {
        if self.memory.len() < self.end + len {
            self.memory.resize(self.end + len, 0);
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.memory.get(self.start..self.end).unwrap_or_default()
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.memory.get_mut(self.start..self.end).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Buffer> for Vec<u8> {
    fn from(buffer: Buffer) -> Self {
        buffer.to_vec()
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Buffer {}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Buffer").field(&String::from_utf8_lossy(self)).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Buffer;

    proptest! {
        #[test]
        fn like_a_vector(headroom in 0..9usize, acts in prop::collection::vec((0..6u8, prop::collection::vec(any::<u8>(), 0..6)), 0..30)) {
            let (mut buffer, mut vector) = (Buffer::default(), Vec::new());
            for (act, bytes) in acts {
                match act {
                    0 => {
                        buffer.clear();
                        vector.clear();
                    }
                    1 => {
                        buffer.set_headroom(headroom);
                        vector.clear();
                    }
                    2 => {
                        buffer.prepend(&bytes);
                        vector.splice(0..0, bytes);
                    }
                    3 if bytes.is_empty() => {
                        buffer.shrink(8);
                        vector.clear();
                    }
                    3 => {
                        buffer.truncate(bytes.len());
                        vector.truncate(bytes.len());
                    }
                    4 => {
                        let (mut memory, end) = buffer.open();
                        memory.truncate(end);
                        memory.extend_from_slice(&bytes);
                        let end = memory.len();
                        memory.extend_from_slice(b"more");
                        buffer.close(memory, end);
                        vector.extend_from_slice(&bytes);
                    }
                    _ => {
                        buffer.extend_from_slice(&bytes);
                        vector.extend_from_slice(&bytes);
                    }
                }
                prop_assert_eq!(&*buffer, &*vector);
            }
        }
    }
}
