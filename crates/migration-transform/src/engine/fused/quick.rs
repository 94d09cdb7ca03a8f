//! Conversions of the values that most fields hold, as edits of a block. All others go to [`Conversion::apply`].

use super::out::Out;
use crate::convert::Conversion;
use crate::engine::simd::{BLOCK, Block, Simd};

/// A conversion that is done at a glance where a value is as most are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quick {
    Int,
    Float,
    Bool,
    Timestamp,
}

impl Quick {
    /// `None`: nothing is done at a glance.
    pub(super) fn of(conversion: &Conversion) -> Option<Self> {
        match conversion {
            Conversion::Int => Some(Self::Int),
            Conversion::Float => Some(Self::Float),
            Conversion::Bool => Some(Self::Bool),
            Conversion::Timestamp { zone: None, .. } => Some(Self::Timestamp),
            _ => None,
        }
    }

    /// Appends what becomes of a string that fits into a block; `false` if that isn't clear at a glance, and nothing is appended.
    ///
    /// `block` begins with the opening quote, `inner` behind it, and `len` is the length of what is between the quotes. The
    /// quotes themselves are not looked at.
    #[inline(always)]
    pub(super) fn convert<S: Simd>(
        self,
        simd: S,
        block: &Block,
        inner: &Block,
        len: usize,
        out: &mut Out,
    ) -> bool {
        if len == 0 || len > BLOCK - 2 {
            return false;
        }
        match self {
            Self::Int => int(simd, inner, len, out),
            Self::Float => float(simd, inner, len, out),
            Self::Bool => bool(inner, len, out),
            Self::Timestamp => timestamp(simd, block, len, out),
        }
    }
}

#[inline(always)]
fn int<S: Simd>(simd: S, inner: &Block, len: usize, out: &mut Out) -> bool {
    let all = (1 << len) - 1;
    if simd.digits(inner) & all != all || inner[0] == b'0' {
        return false;
    }
    out.put_block(inner, len);
    true
}

/// `digits.digits` without a leading zero, of at most 15 digits: its own shortest text, but for zeros at the end.
#[inline(always)]
fn float<S: Simd>(simd: S, inner: &Block, len: usize, out: &mut Out) -> bool {
    let others = !simd.digits(inner) & ((1 << len) - 1);
    let point = others.trailing_zeros() as usize;
    let is_plain = others.is_power_of_two() && point > 0 && point + 1 < len && len <= 16;
    if !is_plain || inner[point] != b'.' || inner[0] == b'0' {
        return false;
    }
    let mut len = len - usize::from((inner[len - 1] == b'0') & (len > point + 2));
    while inner[len - 1] == b'0' && len > point + 2 {
        len -= 1;
    }
    out.put_block(inner, len);
    true
}

#[inline(always)]
fn bool(inner: &Block, len: usize, out: &mut Out) -> bool {
    // Without a branch between the two: nobody can predict which comes next.
    let first = [inner[0], inner[1], inner[2], inner[3]];
    let is_true = (len == 4) & (first == *b"true");
    let is_false = (len == 5) & (first == *b"fals") & (inner[4] == b'e');
    let is_word = is_true | is_false;
    if is_word {
        out.put_block(inner, len);
    }
    is_word
}

/// `YYYY-MM-DD HH:MM:SS`, and RFC 3339 in UTC without a fraction, up to the 28th of the month.
#[inline(always)]
fn timestamp<S: Simd>(simd: S, block: &Block, len: usize, out: &mut Out) -> bool {
    /// Which of the first nineteen bytes are digits.
    const SHAPE: u64 = 0b110_1101_1011_0110_1111;
    let is_zulu = (len == 20) & (block[11] == b'T') & (block[20] == b'Z');
    let is_local = (len == 19) & (block[11] == b' ');
    if !(is_zulu | is_local) || (simd.digits(block) >> 1) & 0x7_ffff != SHAPE {
        return false;
    }
    let signs = [block[5], block[8], block[14], block[17]];
    // Two digits compare as the numbers that they are.
    let two = |at: usize| u16::from_be_bytes([block[at], block[at + 1]]);
    let up_to = |at: usize, first: &[u8; 2], last: &[u8; 2]| {
        (two(at) >= u16::from_be_bytes(*first)) & (two(at) <= u16::from_be_bytes(*last))
    };
    let is_day = up_to(6, b"01", b"12") & up_to(9, b"01", b"28");
    let is_time = up_to(12, b"00", b"23") & up_to(15, b"00", b"59") & up_to(18, b"00", b"59");
    if (signs != *b"--::") | !(is_day & is_time) {
        return false;
    }
    let start = out.at;
    out.put_block(block, len + 2);
    out.patch(start, b'"');
    out.patch(start + 11, b'T');
    out.patch(start + len + 1, b'"');
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::buffer::Buffer;
    use crate::convert::Outcome;
    use crate::engine::simd::{Job, Level, dispatch};
    use crate::spec::Unit;

    struct Convert<'a>(&'a Conversion, &'a Block, usize, &'a mut Buffer);

    impl Job for Convert<'_> {
        type Output = bool;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> bool {
            let mut out = Out::new(self.3);
            let mut inner = [b'"'; BLOCK];
            inner[..BLOCK - 1].copy_from_slice(&self.1[1..]);
            let quick = Quick::of(self.0);
            let done = quick.is_some_and(|quick| quick.convert(simd, self.1, &inner, self.2, &mut out));
            out.give_back(self.3);
            done
        }
    }

    fn check(conversion: &Conversion, text: &str) -> bool {
        let raw = format!("\"{text}\"");
        let mut block = [b'7'; BLOCK];
        block[..raw.len()].copy_from_slice(raw.as_bytes());
        let mut quick = false;
        for level in Level::all() {
            let mut found = Buffer::default();
            found.extend_from_slice(b"x");
            quick = dispatch(level, Convert(conversion, &block, text.len(), &mut found));
            let mut expected = b"x".to_vec();
            if quick && conversion.apply(raw.as_bytes(), &mut expected) == Outcome::Unchanged {
                expected.extend_from_slice(raw.as_bytes());
            }
            assert_eq!(String::from_utf8(found.into()), String::from_utf8(expected), "{conversion:?} {raw}");
        }
        quick
    }

    const TIMESTAMP: Conversion = Conversion::Timestamp { unit: Unit::S, zone: None };

    #[test]
    fn usual_values_are_quick() {
        for (conversion, text) in [
            (Conversion::Int, "5000"),
            (Conversion::Float, "123.45"),
            (Conversion::Float, "1234.50"),
            (Conversion::Float, "12.00"),
            (Conversion::Bool, "true"),
            (Conversion::Bool, "false"),
            (TIMESTAMP, "2024-02-03 04:05:06"),
            (TIMESTAMP, "2024-02-03T04:05:06Z"),
        ] {
            assert!(check(&conversion, text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn quick_is_exact(
            text in "[0-9]{1,20}|-?[0-9]{0,9}\\.[0-9]{0,9}|true|false|True|[a-z]{0,6}|[0-2]0[0-9]{2}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z?|[0-9:/. TZ-]{19,20}",
        ) {
            for conversion in [Conversion::Int, Conversion::Float, Conversion::Bool, TIMESTAMP, Conversion::Decimal] {
                check(&conversion, &text);
            }
        }
    }
}
