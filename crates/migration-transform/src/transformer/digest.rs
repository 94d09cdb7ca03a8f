//! SHA-256 of a value's text, with a key or without.

use std::fmt;

use sha2::{Digest as _, Sha256};

const BLOCK: usize = 64;

/// SHA-256, or HMAC-SHA-256 (RFC 2104) if there is a key.
#[derive(Clone)]
pub(crate) struct Digest {
    /// What the key makes of the beginning of the inner and of the outer message.
    keyed: Option<(Sha256, Sha256)>,
}

impl Digest {
    pub(crate) fn new(key: Option<&[u8]>) -> Self {
        Self { keyed: key.map(|key| (begun(key, 0x36), begun(key, 0x5c))) }
    }

    /// 64 hexadecimal digits in lower case.
    pub(crate) fn hex(&self, text: &[u8]) -> String {
        let digest = match &self.keyed {
            None => Sha256::digest(text),
            Some((inner, outer)) => {
                let inner = inner.clone().chain_update(text).finalize();
                outer.clone().chain_update(inner).finalize()
            }
        };
        digest
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }
}

fn begun(key: &[u8], pad: u8) -> Sha256 {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        let digest = Sha256::digest(key);
        block[..digest.len()].copy_from_slice(&digest);
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    Sha256::new().chain_update(block.map(|byte| byte ^ pad))
}

impl fmt::Debug for Digest {
    /// Never the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.keyed.is_some() { "HMAC-SHA-256" } else { "SHA-256" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, and test cases 2 and 6 of RFC 4231.
    #[test]
    fn digests_are_those_of_the_standards() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::new(None).hex(b"abc"), abc);
        let jefe = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(Digest::new(Some(b"Jefe")).hex(b"what do ya want for nothing?"), jefe);
        let long = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(Digest::new(Some(&[0xaa; 131])).hex(text), long);
    }
}
