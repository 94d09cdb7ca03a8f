//! Sixty-four bytes at once: which of them are quotes, digits, brackets.
//!
//! [`Simd`] is written once for every instruction set that is used, and once in portable Rust; which one runs is decided at
//! run time by [`dispatch`]. A property test holds each to the portable one. All `unsafe` of this crate is in [`x86`].

mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use self::portable::Portable;

/// What is looked at in one step.
pub(crate) type Block = [u8; BLOCK];

/// Bytes in a [`Block`].
pub(crate) const BLOCK: usize = 64;

/// Questions about a block; in the answers, bit `i` stands for byte `i`.
pub(crate) trait Simd: Copy {
    /// Quotes, backslashes and control characters: where a JSON string may end, or what can't simply be copied.
    fn string_stops(self, block: &Block) -> u64;
    /// Commas, closing brackets, blanks and control characters: what ends a number or a word.
    fn scalar_stops(self, block: &Block) -> u64;
    /// ASCII digits.
    fn digits(self, block: &Block) -> u64;
    /// What is needed to skip objects and arrays.
    fn nesting(self, block: &Block) -> Nesting;
    /// The bytes that are the same in both.
    fn equal(self, block: &Block, other: &Block) -> u64;
    /// Whether all bytes are the same for which a bit is set.
    #[inline(always)]
    fn agree(self, block: &Block, other: &Block, mask: u64) -> bool {
        self.equal(block, other) & mask == mask
    }
    /// Bytes that are one of two.
    fn either(self, block: &Block, one: u8, other: u8) -> u64;
    /// What is needed to find strings.
    fn marks(self, block: &Block) -> Marks;
    /// Writes `base + i` for each bit `i` that is set, from the lowest on. What stands behind them is anything.
    #[inline(always)]
    fn spread(self, bits: u64, base: u32, room: &mut [u32; BLOCK]) {
        let mut rest = bits;
        for places in room.chunks_exact_mut(8) {
            // More than may be needed: it is quicker than to ask each time.
            for place in places {
                *place = base.wrapping_add(rest.trailing_zeros());
                rest &= rest.wrapping_sub(1);
            }
            if rest == 0 {
                break;
            }
        }
    }
    /// Bit `i`: exclusive or of the bits up to and with `i`.
    fn prefix_xor(self, bits: u64) -> u64;
}

/// The signs that matter for how deep a byte is nested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nesting {
    pub(crate) quotes: u64,
    pub(crate) backslashes: u64,
    /// `{` and `[`.
    pub(crate) opening: u64,
    /// `}` and `]`.
    pub(crate) closing: u64,
    pub(crate) controls: u64,
}

/// The signs that strings begin and end with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Quotes and control characters.
    pub(crate) stops: u64,
    pub(crate) backslashes: u64,
}

/// Work that is compiled once for each instruction set. `run` has to be `#[inline(always)]`.
pub(crate) trait Job {
    /// What comes of it.
    type Output;
    /// Does the work.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// An instruction set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Level {
    /// None in particular.
    Portable,
    #[cfg(target_arch = "x86_64")]
    /// 32 bytes at once.
    Avx2(x86::Avx2),
    #[cfg(target_arch = "x86_64")]
    /// 64 bytes at once.
    Avx512(x86::Avx512),
}

impl Level {
    /// The best that this machine has.
    pub(crate) fn detect() -> Self {
        Self::all().pop().unwrap_or(Self::Portable)
    }

    /// All that this machine has, from the slowest.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(x86::Avx2::detect().map(Self::Avx2));
            all.extend(x86::Avx512::detect().map(Self::Avx512));
        }
        all
    }

    /// How the plan that is shown calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        }
    }
}

/// Does the work with the instruction set.
pub(crate) fn dispatch<J: Job>(level: Level, job: J) -> J::Output {
    match level {
        Level::Portable => job.run(Portable),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2(avx2) => avx2.run(job),
        #[cfg(target_arch = "x86_64")]
        Level::Avx512(avx512) => avx512.run(job),
    }
}

#[cfg(test)]
mod tests;
