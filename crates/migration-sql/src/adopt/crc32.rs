//! CRC-32 as of ISO 3309 and of gzip (RFC 1952, section 8): what Flyway's checksums are made of.

/// The polynomial, its lowest power first.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// A checksum on its way.
#[derive(Debug)]
pub(super) struct Crc32(u32);

impl Crc32 {
    pub(super) fn new() -> Self {
        Self(!0)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let at = usize::from(self.0.to_le_bytes()[0] ^ byte);
            self.0 = TABLE[at] ^ (self.0 >> 8);
        }
    }

    pub(super) fn finish(self) -> u32 {
        !self.0
    }
}

/// What a byte comes to.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { POLYNOMIAL ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::Crc32;

    /// The check value of the catalogue of CRC algorithms (<https://reveng.sourceforge.io/crc-catalogue/all.htm>).
    #[test]
    fn the_check_value() {
        let mut crc = Crc32::new();
        crc.update(b"1234");
        crc.update(b"56789");
        assert_eq!(crc.finish(), 0xCBF4_3926);
        assert_eq!(Crc32::new().finish(), 0);
    }
}
