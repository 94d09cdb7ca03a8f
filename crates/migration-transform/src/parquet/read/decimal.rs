//! Decimals as text: every digit, and as many after the point as the column's scale says.

/// From a number without its point.
pub(super) fn write(number: i128, scale: usize, out: &mut Vec<u8>) {
    let mut buffer = itoa::Buffer::new();
    place(number < 0, buffer.format(number.unsigned_abs()).as_bytes(), scale, out);
}

/// From a number without its point, as bytes: two's complement, the highest first.
pub(super) fn write_bytes(bytes: &[u8], scale: usize, out: &mut Vec<u8>) {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let fill = if negative { 0xff } else { 0 };
    if bytes.len() <= 16 {
        let mut whole = [fill; 16];
        whole[16 - bytes.len()..].copy_from_slice(bytes);
        return write(i128::from_be_bytes(whole), scale, out);
    }
    place(negative, &digits(bytes, negative), scale, out);
}

/// The digits of the absolute value.
fn digits(bytes: &[u8], negative: bool) -> Vec<u8> {
    let mut magnitude = bytes.to_vec();
    if negative {
        let mut carry = true;
        for byte in magnitude.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    // Nine digits at a time, the lowest first.
    let mut digits = Vec::new();
    while magnitude.iter().any(|byte| *byte != 0) {
        let mut rest = 0_u64;
        for byte in &mut magnitude {
            let whole = rest << 8 | u64::from(*byte);
            *byte = (whole / 1_000_000_000) as u8;
            rest = whole % 1_000_000_000;
        }
        for _ in 0..9 {
            digits.push(b'0' + (rest % 10) as u8);
            rest /= 10;
        }
    }
    let length = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    digits.truncate(length);
    digits.reverse();
    digits
}

fn place(negative: bool, digits: &[u8], scale: usize, out: &mut Vec<u8>) {
    if negative {
        out.push(b'-');
    }
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    out.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    if scale > 0 {
        out.push(b'.');
        out.resize(out.len() + (scale - fraction.len()), b'0');
        out.extend_from_slice(fraction);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let check = |number: i128, scale: usize, text: &str| {
            let mut out = Vec::new();
            write(number, scale, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), text);
            // Longer than 128 bits, and the same number.
            let mut bytes = vec![if number < 0 { 0xff } else { 0 }; 5];
            bytes.extend_from_slice(&number.to_be_bytes());
            let mut out = Vec::new();
            write_bytes(&bytes, scale, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), text);
        };
        check(0, 0, "0");
        check(0, 3, "0.000");
        check(5, 2, "0.05");
        check(-5, 2, "-0.05");
        check(1_234_500, 4, "123.4500");
        check(-1_000_000_000_000, 0, "-1000000000000");
        check(i128::MIN, 38, "-1.70141183460469231731687303715884105728");
        check(i128::MAX, 0, "170141183460469231731687303715884105727");
    }
}
