//! In plain Rust: eight bytes at once, as the bytes of an integer.

use super::{Block, Marks, Nesting, Simd};

/// Runs everywhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

/// A byte in each byte of a word.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The highest bit of each byte.
const HIGH: u64 = each(0x80);

/// The bits of the bytes for which `test` holds, which is given eight of them and says so by the highest bit of each.
#[inline(always)]
fn bits(block: &Block, test: impl Fn(u64) -> u64) -> u64 {
    let mut bits = 0;
    for (group, word) in block.as_chunks().0.iter().enumerate() {
        bits |= gathered(test(u64::from_le_bytes(*word))) << (8 * group);
    }
    bits
}

/// The highest bits of the eight bytes, beside each other.
#[inline(always)]
fn gathered(found: u64) -> u64 {
    // Each bit gets to its place in the highest byte, and no two meet on the way.
    ((found & HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Bytes less than `limit`, which is at most 128.
#[inline(always)]
fn less(word: u64, limit: u8) -> u64 {
    // The sum of no byte reaches the next one.
    !((word & !HIGH).wrapping_add(each(0x80 - limit)) | word)
}

#[inline(always)]
fn is(word: u64, byte: u8) -> u64 {
    less(word ^ each(byte), 1)
}

impl Simd for Portable {
    #[inline(always)]
    fn string_stops(self, block: &Block) -> u64 {
        bits(block, |word| is(word, b'"') | is(word, b'\\') | less(word, 0x20))
    }

    #[inline(always)]
    fn scalar_stops(self, block: &Block) -> u64 {
        bits(block, |word| is(word, b',') | is(word | each(0x20), b'}') | less(word, 0x21))
    }

    #[inline(always)]
    fn digits(self, block: &Block) -> u64 {
        bits(block, |word| less(word ^ each(b'0'), 10))
    }

    #[inline(always)]
    fn nesting(self, block: &Block) -> Nesting {
        Nesting {
            quotes: bits(block, |word| is(word, b'"')),
            backslashes: bits(block, |word| is(word, b'\\')),
            opening: bits(block, |word| is(word | each(0x20), b'{')),
            closing: bits(block, |word| is(word | each(0x20), b'}')),
            controls: bits(block, |word| less(word, 0x20)),
        }
    }

    #[inline(always)]
    fn equal(self, block: &Block, other: &Block) -> u64 {
        let mut bits = 0;
        let words = block.as_chunks().0.iter().zip(other.as_chunks().0);
        for (group, (word, other)) in words.enumerate() {
            let unlike = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
            bits |= gathered(less(unlike, 1)) << (8 * group);
        }
        bits
    }

    #[inline(always)]
    fn agree(self, block: &Block, other: &Block, mask: u64) -> bool {
        let mut rest = mask;
        for (word, other) in block.as_chunks().0.iter().zip(other.as_chunks().0) {
            // Most masks are short.
            if rest == 0 {
                break;
            }
            let unlike = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
            if gathered(less(unlike, 1)) & rest & 0xff != rest & 0xff {
                return false;
            }
            rest >>= 8;
        }
        true
    }

    #[inline(always)]
    fn either(self, block: &Block, one: u8, other: u8) -> u64 {
        bits(block, |word| is(word, one) | is(word, other))
    }

    #[inline(always)]
    fn marks(self, block: &Block) -> Marks {
        Marks {
            stops: bits(block, |word| is(word, b'"') | less(word, 0x20)),
            backslashes: bits(block, |word| is(word, b'\\')),
        }
    }

    #[inline(always)]
    fn prefix_xor(self, mut bits: u64) -> u64 {
        for shift in [1, 2, 4, 8, 16, 32] {
            bits ^= bits << shift;
        }
        bits
    }
}
