//! AVX2 and AVX-512 of x86-64.
#![expect(
    unsafe_code,
    reason = "invariant: a value of `Avx2` or `Avx512` exists only where `detect` has found the features named in its \
              `target_feature` lists; and every load is of a whole `Block` behind a reference"
)]

use std::arch::x86_64::*;

use super::{BLOCK, Block, Job, Marks, Nesting, Simd};

/// The machine has AVX2, and what came with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(());

/// The machine has AVX-512 for bytes with their compression (VBMI2), and what came with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(());

impl Avx2 {
    pub(crate) fn detect() -> Option<Self> {
        let has_all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("pclmulqdq");
        has_all.then_some(Self(()))
    }

    pub(crate) fn run<J: Job>(self, job: J) -> J::Output {
        #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
        fn inner<J: Job>(avx2: Avx2, job: J) -> J::Output {
            job.run(avx2)
        }
        // SAFETY: `self` exists, so the machine has the features.
        unsafe { inner(self, job) }
    }
}

impl Avx512 {
    pub(crate) fn detect() -> Option<Self> {
        let has_all = Avx2::detect().is_some()
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi2");
        has_all.then_some(Self(()))
    }

    pub(crate) fn run<J: Job>(self, job: J) -> J::Output {
        #[target_feature(
            enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq"
        )]
        fn inner<J: Job>(avx512: Avx512, job: J) -> J::Output {
            job.run(avx512)
        }
        // SAFETY: `self` exists, so the machine has the features.
        unsafe { inner(self, job) }
    }
}

/// Both halves of a block.
#[target_feature(enable = "avx2")]
#[inline]
fn halves(block: &Block) -> (__m256i, __m256i) {
    // SAFETY: a block has 64 bytes, and the loads need no alignment.
    unsafe { (_mm256_loadu_si256(block.as_ptr().cast()), _mm256_loadu_si256(block.as_ptr().add(32).cast())) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn bits(low: __m256i, high: __m256i) -> u64 {
    let low = u64::from(_mm256_movemask_epi8(low).cast_unsigned());
    let high = u64::from(_mm256_movemask_epi8(high).cast_unsigned());
    low | high << 32
}

#[target_feature(enable = "avx2")]
#[inline]
fn is(half: __m256i, byte: u8) -> __m256i {
    _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte.cast_signed()))
}

/// Bytes up to `limit`.
#[target_feature(enable = "avx2")]
#[inline]
fn at_most(half: __m256i, limit: u8) -> __m256i {
    _mm256_cmpeq_epi8(_mm256_min_epu8(half, _mm256_set1_epi8(limit.cast_signed())), half)
}

macro_rules! on_avx2 {
    ($block:expr, |$half:ident| $test:expr) => {{
        #[target_feature(enable = "avx2")]
        #[inline]
        fn test($half: __m256i) -> __m256i {
            $test
        }
        #[target_feature(enable = "avx2")]
        #[inline]
        fn all(block: &Block) -> u64 {
            let (low, high) = halves(block);
            bits(test(low), test(high))
        }
        // SAFETY: `self` exists, so the machine has AVX2.
        unsafe { all($block) }
    }};
}

impl Simd for Avx2 {
    #[inline(always)]
    fn string_stops(self, block: &Block) -> u64 {
        on_avx2!(block, |half| {
            let quotes = _mm256_or_si256(is(half, b'"'), is(half, b'\\'));
            _mm256_or_si256(quotes, at_most(half, 0x1f))
        })
    }

    #[inline(always)]
    fn scalar_stops(self, block: &Block) -> u64 {
        on_avx2!(block, |half| {
            let folded = _mm256_or_si256(half, _mm256_set1_epi8(0x20));
            let ends = _mm256_or_si256(is(half, b','), is(folded, b'}'));
            _mm256_or_si256(ends, at_most(half, 0x20))
        })
    }

    #[inline(always)]
    fn digits(self, block: &Block) -> u64 {
        on_avx2!(block, |half| at_most(_mm256_sub_epi8(half, _mm256_set1_epi8(0x30)), 9))
    }

    #[inline(always)]
    fn nesting(self, block: &Block) -> Nesting {
        Nesting {
            quotes: on_avx2!(block, |half| is(half, b'"')),
            backslashes: on_avx2!(block, |half| is(half, b'\\')),
            opening: on_avx2!(block, |half| is(_mm256_or_si256(half, _mm256_set1_epi8(0x20)), b'{')),
            closing: on_avx2!(block, |half| is(_mm256_or_si256(half, _mm256_set1_epi8(0x20)), b'}')),
            controls: on_avx2!(block, |half| at_most(half, 0x1f)),
        }
    }

    #[inline(always)]
    fn equal(self, block: &Block, other: &Block) -> u64 {
        #[target_feature(enable = "avx2")]
        #[inline]
        fn all(block: &Block, other: &Block) -> u64 {
            let ((low, high), (other_low, other_high)) = (halves(block), halves(other));
            bits(_mm256_cmpeq_epi8(low, other_low), _mm256_cmpeq_epi8(high, other_high))
        }
        // SAFETY: `self` exists, so the machine has AVX2.
        unsafe { all(block, other) }
    }

    #[inline(always)]
    fn either(self, block: &Block, one: u8, other: u8) -> u64 {
        #[target_feature(enable = "avx2")]
        #[inline]
        fn all(block: &Block, one: u8, other: u8) -> u64 {
            let (low, high) = halves(block);
            bits(
                _mm256_or_si256(is(low, one), is(low, other)),
                _mm256_or_si256(is(high, one), is(high, other)),
            )
        }
        // SAFETY: `self` exists, so the machine has AVX2.
        unsafe { all(block, one, other) }
    }

    #[inline(always)]
    fn marks(self, block: &Block) -> Marks {
        Marks {
            stops: on_avx2!(block, |half| _mm256_or_si256(is(half, b'"'), at_most(half, 0x1f))),
            backslashes: on_avx2!(block, |half| is(half, b'\\')),
        }
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        // SAFETY: `self` exists, so the machine has carry-less multiplication.
        unsafe { prefix_xor(bits) }
    }
}

/// A carry-less product with all ones.
#[target_feature(enable = "pclmulqdq")]
#[inline]
fn prefix_xor(bits: u64) -> u64 {
    let product = _mm_clmulepi64_si128(_mm_set_epi64x(0, bits.cast_signed()), _mm_set1_epi8(-1), 0);
    _mm_cvtsi128_si64(product).cast_unsigned()
}

#[target_feature(enable = "avx512f")]
#[inline]
fn whole(block: &Block) -> __m512i {
    // SAFETY: a block has 64 bytes, and the load needs no alignment.
    unsafe { _mm512_loadu_si512(block.as_ptr().cast()) }
}

/// The places of all bits at once: the numbers 0 to 63, of which those stay that have a bit.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2")]
#[inline]
fn spread(bits: u64, base: u32, room: &mut [u32; BLOCK]) {
    const NUMBERS: Block = {
        let mut numbers = [0; BLOCK];
        let mut number = 0;
        while number < BLOCK {
            numbers[number] = number as u8;
            number += 1;
        }
        numbers
    };
    let base = _mm512_set1_epi32(base.cast_signed());
    let mut places = _mm512_maskz_compress_epi8(bits, whole(&NUMBERS));
    let mut rest = bits.count_ones();
    for room in room.chunks_exact_mut(16) {
        let wide = _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(places)), base);
        // SAFETY: there is room for 16 numbers, and the store needs no alignment.
        unsafe { _mm512_storeu_si512(room.as_mut_ptr().cast(), wide) };
        if rest <= 16 {
            break;
        }
        rest -= 16;
        places = _mm512_alignr_epi64(places, places, 2);
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn are(bytes: __m512i, byte: u8) -> u64 {
    _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()))
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn below(bytes: __m512i, limit: u8) -> u64 {
    _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(limit.cast_signed()))
}

macro_rules! on_avx512 {
    ($block:expr, |$bytes:ident| -> $output:ty { $test:expr }) => {{
        #[target_feature(enable = "avx512f,avx512bw")]
        #[inline]
        fn all(block: &Block) -> $output {
            let $bytes = whole(block);
            $test
        }
        // SAFETY: `self` exists, so the machine has AVX-512.
        unsafe { all($block) }
    }};
}

impl Simd for Avx512 {
    #[inline(always)]
    fn string_stops(self, block: &Block) -> u64 {
        on_avx512!(block, |bytes| -> u64 { are(bytes, b'"') | are(bytes, b'\\') | below(bytes, 0x20) })
    }

    #[inline(always)]
    fn scalar_stops(self, block: &Block) -> u64 {
        on_avx512!(block, |bytes| -> u64 {
            are(bytes, b',') | are(_mm512_or_si512(bytes, _mm512_set1_epi8(0x20)), b'}') | below(bytes, 0x21)
        })
    }

    #[inline(always)]
    fn digits(self, block: &Block) -> u64 {
        on_avx512!(block, |bytes| -> u64 { below(_mm512_sub_epi8(bytes, _mm512_set1_epi8(0x30)), 10) })
    }

    #[inline(always)]
    fn nesting(self, block: &Block) -> Nesting {
        on_avx512!(block, |bytes| -> Nesting {
            {
                let folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
                Nesting {
                    quotes: are(bytes, b'"'),
                    backslashes: are(bytes, b'\\'),
                    opening: are(folded, b'{'),
                    closing: are(folded, b'}'),
                    controls: below(bytes, 0x20),
                }
            }
        })
    }

    #[inline(always)]
    fn equal(self, block: &Block, other: &Block) -> u64 {
        #[target_feature(enable = "avx512f,avx512bw")]
        #[inline]
        fn all(block: &Block, other: &Block) -> u64 {
            _mm512_cmpeq_epi8_mask(whole(block), whole(other))
        }
        // SAFETY: `self` exists, so the machine has AVX-512.
        unsafe { all(block, other) }
    }

    #[inline(always)]
    fn either(self, block: &Block, one: u8, other: u8) -> u64 {
        #[target_feature(enable = "avx512f,avx512bw")]
        #[inline]
        fn all(block: &Block, one: u8, other: u8) -> u64 {
            let bytes = whole(block);
            are(bytes, one) | are(bytes, other)
        }
        // SAFETY: `self` exists, so the machine has AVX-512.
        unsafe { all(block, one, other) }
    }

    #[inline(always)]
    fn marks(self, block: &Block) -> Marks {
        on_avx512!(block, |bytes| -> Marks {
            Marks { stops: are(bytes, b'"') | below(bytes, 0x20), backslashes: are(bytes, b'\\') }
        })
    }

    #[inline(always)]
    fn spread(self, bits: u64, base: u32, room: &mut [u32; BLOCK]) {
        // SAFETY: `self` exists, so the machine has AVX-512.
        unsafe { spread(bits, base, room) }
    }

    #[inline(always)]
    fn prefix_xor(self, bits: u64) -> u64 {
        // SAFETY: `self` exists, so the machine has carry-less multiplication.
        unsafe { prefix_xor(bits) }
    }
}
