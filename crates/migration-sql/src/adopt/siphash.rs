//! SipHash-1-3 with a key of zeros (Aumasson and Bernstein, 2012): what refinery's checksums are made of.

/// A hash on its way: the state, and the bytes that don't fill a word yet.
#[derive(Debug)]
pub(super) struct SipHash13 {
    state: [u64; 4],
    word: u64,
    length: u64,
}

impl SipHash13 {
    /// With a key of zeros.
    pub(super) fn new() -> Self {
        // "somepseudorandomlygeneratedbytes", as the paper has it.
        let state =
            [0x736f_6d65_7073_6575, 0x646f_7261_6e64_6f6d, 0x6c79_6765_6e65_7261, 0x7465_6462_7974_6573];
        Self { state, word: 0, length: 0 }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.word |= u64::from(*byte) << (8 * (self.length % 8));
            self.length += 1;
            if self.length.is_multiple_of(8) {
                self.absorb();
            }
        }
    }

    pub(super) fn finish(mut self) -> u64 {
        self.word |= self.length << 56;
        self.absorb();
        self.state[2] ^= 0xff;
        for _ in 0..3 {
            self.round();
        }
        self.state.iter().fold(0, |hash, part| hash ^ part)
    }

    fn absorb(&mut self) {
        self.state[3] ^= self.word;
        self.round();
        self.state[0] ^= self.word;
        self.word = 0;
    }

    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.state;
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
        self.state = [a, b, c, d];
    }
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::DefaultHasher;
    use std::hash::Hasher as _;

    use super::SipHash13;

    /// The standard library's hasher is the same function today. Should it become another one, this test may go.
    #[test]
    fn it_is_that_of_the_standard_library() {
        let text: Vec<u8> = (0..=255).collect();
        for length in [0, 1, 7, 8, 9, 15, 16, 63, 255] {
            let (mut ours, mut theirs) = (SipHash13::new(), DefaultHasher::new());
            ours.update(&text[..length]);
            theirs.write(&text[..length]);
            assert_eq!(ours.finish(), theirs.finish(), "{length}");
        }
    }
}
