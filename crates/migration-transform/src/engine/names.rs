//! Names of fields that steps speak of, as small numbers.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::json::text;

/// A name that a step speaks of; [`OTHER`] for all others.
pub(crate) type Slot = u32;

/// A name that no step speaks of.
pub(crate) const OTHER: Slot = u32::MAX;

/// The names, each with its number.
#[derive(Debug, Default)]
pub(crate) struct Names {
    slots: HashMap<Box<[u8]>, Slot, BuildHasherDefault<KeyHasher>>,
    /// Each as JSON, with quotes.
    written: Vec<Box<[u8]>>,
}

impl Names {
    /// The number of a name, a new one if need be.
    pub(crate) fn add(&mut self, name: &str) -> Slot {
        if let Some(slot) = self.slots.get(name.as_bytes()) {
            return *slot;
        }
        let slot = Slot::try_from(self.written.len()).unwrap_or(OTHER);
        let mut written = Vec::new();
        text::write(name.as_bytes(), &mut written);
        self.written.push(written.into());
        self.slots.insert(name.as_bytes().into(), slot);
        slot
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.written.len()
    }

    /// The name as JSON, with quotes.
    pub(crate) fn written(&self, slot: Slot) -> &[u8] {
        self.written.get(slot as usize).map_or(b"\"\"", AsRef::as_ref)
    }

    /// The number of the key whose text between the quotes is `inner`. A key with half of a surrogate pair has no name.
    pub(crate) fn find(&self, inner: &[u8], scratch: &mut Vec<u8>) -> Slot {
        let name = if memchr::memchr(b'\\', inner).is_some() {
            scratch.clear();
            if text::decode(inner, scratch).is_err() {
                return OTHER;
            }
            scratch
        } else {
            inner
        };
        self.slots.get(name).copied().unwrap_or(OTHER)
    }
}

/// Eight bytes at a time. What an input chooses is only looked up, or bounded in number: no input makes it slow.
#[derive(Debug, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
        let mut word = [0; 8];
        word[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
        self.write_u64(u64::from_le_bytes(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }

    fn write_usize(&mut self, _: usize) {}

    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_decoded() {
        let mut names = Names::default();
        let (name, quoted) = (names.add("name"), names.add("a\"b"));
        assert_eq!((names.add("name"), names.len()), (name, 2));
        let mut scratch = Vec::new();
        let mut find = |inner: &str| names.find(inner.as_bytes(), &mut scratch);
        assert_eq!(
            [find("name"), find(r"na\u006de"), find(r#"a\"b"#), find(r"a\u0022b")],
            [name, name, quoted, quoted]
        );
        assert_eq!([find("Name"), find(r"\ud800"), find("")], [OTHER; 3]);
        assert_eq!(names.written(quoted), br#""a\"b""#);
    }
}
