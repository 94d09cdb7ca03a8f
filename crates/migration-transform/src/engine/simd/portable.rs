//! In plain Rust: simple loops that the compiler turns into what the machine has at least.

use super::{Block, Marks, Nesting, Simd};

/// Runs everywhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

/// The bits of the bytes for which `test` holds.
#[inline(always)]
fn bits(block: &Block, test: impl Fn(u8) -> bool) -> u64 {
    let mut bits = 0;
    for (group, bytes) in block.chunks_exact(8).enumerate() {
        let mut of_group = 0_u64;
        for (at, byte) in bytes.iter().enumerate() {
            of_group |= u64::from(test(*byte)) << at;
        }
        bits |= of_group << (8 * group);
    }
    bits
}

impl Simd for Portable {
    #[inline(always)]
    fn string_stops(self, block: &Block) -> u64 {
        bits(block, |byte| (byte == b'"') | (byte == b'\\') | (byte < 0x20))
    }

    #[inline(always)]
    fn scalar_stops(self, block: &Block) -> u64 {
        bits(block, |byte| (byte == b',') | (byte == b'}') | (byte == b']') | (byte <= 0x20))
    }

    #[inline(always)]
    fn digits(self, block: &Block) -> u64 {
        bits(block, |byte| byte.is_ascii_digit())
    }

    #[inline(always)]
    fn nesting(self, block: &Block) -> Nesting {
        Nesting {
            quotes: bits(block, |byte| byte == b'"'),
            backslashes: bits(block, |byte| byte == b'\\'),
            opening: bits(block, |byte| byte & !0x20 == b'['),
            closing: bits(block, |byte| byte & !0x20 == b']'),
            controls: bits(block, |byte| byte < 0x20),
        }
    }

    #[inline(always)]
    fn equal(self, block: &Block, other: &Block) -> u64 {
        let mut bits = 0;
        for (at, (byte, other)) in block.iter().zip(other).enumerate() {
            bits |= u64::from(byte == other) << at;
        }
        bits
    }

    #[inline(always)]
    fn either(self, block: &Block, one: u8, other: u8) -> u64 {
        bits(block, |byte| (byte == one) | (byte == other))
    }

    #[inline(always)]
    fn marks(self, block: &Block) -> Marks {
        Marks {
            stops: bits(block, |byte| (byte == b'"') | (byte < 0x20)),
            backslashes: bits(block, |byte| byte == b'\\'),
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
