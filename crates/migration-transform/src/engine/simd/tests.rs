//! Each instruction set answers as the portable code does, and that as a byte at a time.

use proptest::prelude::*;

use super::*;

/// All answers about two blocks.
struct All<'a>(&'a Block, &'a Block);

#[derive(Debug, PartialEq)]
struct Answers {
    single: [u64; 6],
    nesting: Nesting,
    marks: Marks,
    places: Vec<u32>,
    agree: [bool; 3],
}

impl Job for All<'_> {
    type Output = Answers;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Answers {
        let Self(block, other) = self;
        let stops = simd.string_stops(block);
        let mut places = [0; BLOCK];
        simd.spread(stops, 7, &mut places);
        Answers {
            single: [
                simd.string_stops(block),
                simd.scalar_stops(block),
                simd.digits(block),
                simd.equal(block, other),
                simd.either(block, other[0], other[1]),
                simd.prefix_xor(simd.string_stops(other)),
            ],
            nesting: simd.nesting(block),
            marks: simd.marks(block),
            places: places[..stops.count_ones() as usize].to_vec(),
            agree: masks(block, other).map(|mask| simd.agree(block, other, mask)),
        }
    }
}

/// Some bytes, all that are the same, and one more.
fn masks(block: &Block, other: &Block) -> [u64; 3] {
    let same = (0..BLOCK).filter(|at| block[*at] == other[*at]).map(|at| 1 << at).sum();
    [bits(block, |byte| byte & 1 == 0), same, same | 1 << (other[0] & 63)]
}

fn bits(block: &Block, test: impl Fn(u8) -> bool) -> u64 {
    (0..BLOCK).filter(|at| test(block[*at])).map(|at| 1 << at).sum()
}

fn check(block: &Block, other: &Block) {
    let stops = |byte: u8| byte == b'"' || byte == b'\\' || byte < 0x20;
    let mut parity = 0;
    let expected = Answers {
        single: [
            bits(block, stops),
            bits(block, |byte| b",}]".contains(&byte) || byte <= b' '),
            bits(block, |byte| byte.is_ascii_digit()),
            (0..BLOCK).filter(|at| block[*at] == other[*at]).map(|at| 1 << at).sum(),
            bits(block, |byte| byte == other[0] || byte == other[1]),
            (0..BLOCK)
                .map(|at| {
                    parity ^= u64::from(stops(other[at]));
                    parity << at
                })
                .sum(),
        ],
        nesting: Nesting {
            quotes: bits(block, |byte| byte == b'"'),
            backslashes: bits(block, |byte| byte == b'\\'),
            opening: bits(block, |byte| b"{[".contains(&byte)),
            closing: bits(block, |byte| b"}]".contains(&byte)),
            controls: bits(block, |byte| byte < 0x20),
        },
        marks: Marks {
            stops: bits(block, |byte| byte == b'"' || byte < 0x20),
            backslashes: bits(block, |byte| byte == b'\\'),
        },
        places: (7..).zip(block).filter(|(_, byte)| stops(**byte)).map(|(place, _)| place).collect(),
        agree: masks(block, other)
            .map(|mask| (0..BLOCK).all(|at| mask & 1 << at == 0 || block[at] == other[at])),
    };
    for level in Level::all() {
        assert_eq!(dispatch(level, All(block, other)), expected, "{}", level.name());
    }
}

#[test]
fn every_byte_at_every_place() {
    for byte in 0..=255 {
        for at in 0..BLOCK {
            let mut block = [b'x'; BLOCK];
            block[at] = byte;
            check(&block, &[byte; BLOCK]);
        }
    }
}

fn a_byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), proptest::sample::select(br#""\{}[],: 09/;"#.to_vec()), Just(0x1f), Just(0x20)]
}

proptest! {
    #[test]
    fn all_say_the_same(block in proptest::collection::vec(a_byte(), BLOCK), other in proptest::collection::vec(a_byte(), BLOCK)) {
        check(&block.try_into().unwrap(), &other.try_into().unwrap());
    }
}
