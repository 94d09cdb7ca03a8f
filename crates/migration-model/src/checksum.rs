//! SHA-256 of a migration's text.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many hex digits the short form has that JSON metadata files and their tables carry.
const SHORT_DIGITS: usize = 16;

/// A SHA-256 (FIPS 180-4) in lower-case hex: 64 digits, or the first 16 where an older file or row holds only those.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Checksum(Box<str>);

impl Checksum {
    /// The checksum of just these bytes.
    #[must_use]
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self::finish(Sha256::digest(bytes.as_ref()).into())
    }

    /// The checksum of a text file's content whatever its line ends: `\r\n` counts as `\n` and a byte-order mark not at
    /// all, so that a checkout on another system doesn't look like an edit.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if !text.as_bytes().contains(&b'\r') {
            return Self::of(text);
        }
        let mut hash = Sha256::new();
        let mut parts = text.split("\r\n");
        if let Some(first) = parts.next() {
            hash.update(first);
        }
        for part in parts {
            hash.update("\n");
            hash.update(part);
        }
        Self::finish(hash.finalize().into())
    }

    /// A checksum as a file or a table states it, taken at its word.
    pub fn from_stored(digits: impl Into<String>) -> Self {
        Self(digits.into().into_boxed_str())
    }

    fn finish(digest: [u8; 32]) -> Self {
        const HEX: [u8; 16] = *b"0123456789abcdef";
        let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let mut text = String::with_capacity(2 * digest.len());
        text.extend(digits.map(|digit| char::from(HEX[usize::from(digit)])));
        Self(text.into())
    }

    /// The hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 16 digits.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..SHORT_DIGITS).unwrap_or(&self.0)
    }

    /// Whether both are of the same text: equal, or one is the short form of the other. Case doesn't matter.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        if a.len() == SHORT_DIGITS || b.len() == SHORT_DIGITS {
            self.short().eq_ignore_ascii_case(other.short())
        } else {
            a.eq_ignore_ascii_case(b)
        }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_test_vector() {
        // FIPS 180-4, example "abc".
        assert_eq!(
            Checksum::of("abc").as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn line_ends_and_byte_order_mark_do_not_count() {
        let unix = Checksum::of("a\nb\n");
        assert_eq!(Checksum::of_text("a\r\nb\r\n"), unix);
        assert_eq!(Checksum::of_text("\u{feff}a\nb\n"), unix);
        assert_ne!(Checksum::of_text("a\rb\n"), unix);
        assert_ne!(Checksum::of_text("a\nb"), unix);
        assert_eq!(Checksum::of_text(""), Checksum::of(""));
    }

    #[test]
    fn what_is_stored_is_read_as_it_stands() {
        let long = Checksum::of("abc");
        assert_eq!(Checksum::from_stored(long.as_str()), long);
        for text in ["", "ba7816bf8f01cfea", "\u{e9}".repeat(32).as_str(), "F".repeat(64).as_str()] {
            let stored = Checksum::from_stored(text);
            assert_eq!(stored.as_str(), text);
            let json = serde_json::to_string(&stored).unwrap();
            assert_eq!(json, format!("{text:?}"));
            assert_eq!(serde_json::from_str::<Checksum>(&json).unwrap(), stored);
        }
    }

    #[test]
    fn a_short_checksum_matches_the_long_one() {
        let long = Checksum::of("abc");
        let short = Checksum::from_stored("BA7816BF8F01CFEA");
        assert!(long.matches(&short) && short.matches(&long));
        assert!(!short.matches(&Checksum::of("abd")));
        assert!(!long.matches(&Checksum::from_stored("ba78")));
        assert!(!Checksum::from_stored("").matches(&long));
    }
}
