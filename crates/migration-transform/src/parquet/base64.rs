//! Bytes as text: RFC 4648, section 4.

const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends the text of bytes.
pub(super) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    for three in bytes.chunks(3) {
        let whole =
            three.iter().fold(0_u32, |whole, byte| whole << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let sign = SIGNS[(whole >> (18 - 6 * place) & 63) as usize];
            out.push(if place > three.len() { b'=' } else { sign });
        }
    }
}

/// Appends the bytes that a text says; `None` if it is no such text.
pub(super) fn decode(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let groups = text.len() / 4;
    for (number, four) in text.chunks(4).enumerate() {
        let padding = four.iter().rev().take_while(|sign| **sign == b'=').count();
        if padding > 2 || (padding > 0 && number + 1 < groups) {
            return None;
        }
        let mut whole = 0;
        for sign in &four[..4 - padding] {
            let value = match sign {
                b'A'..=b'Z' => sign - b'A',
                b'a'..=b'z' => sign - b'a' + 26,
                b'0'..=b'9' => sign - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            whole = whole << 6 | u32::from(value);
        }
        whole <<= 6 * padding;
        let [_, bytes @ ..] = whole.to_be_bytes();
        let (said, unsaid) = bytes.split_at(3 - padding);
        // Bits that say nothing have to be zero, so that each value has one text.
        if unsaid.iter().any(|byte| *byte != 0) {
            return None;
        }
        out.extend_from_slice(said);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            let (mut encoded, mut decoded) = (Vec::new(), Vec::new());
            encode(bytes.as_bytes(), &mut encoded);
            assert_eq!(encoded, text.as_bytes());
            assert_eq!(decode(text.as_bytes(), &mut decoded), Some(()));
            assert_eq!(decoded, bytes.as_bytes());
        }
        for wrong in ["Zg", "Zg=", "Z===", "====", "Zh==", "Zg==Zg==", "Z g=", "Zm9\n"] {
            assert_eq!(decode(wrong.as_bytes(), &mut Vec::new()), None, "{wrong}");
        }
    }
}
