//! Arithmetic: integers of up to 128 bits exactly, everything else in 64-bit floats.

use super::evaluate::Evaluated;
use super::node::Operator;
use super::operand::Operand;
use crate::reason::Reason;

pub(super) fn calculate<'a>(operator: Operator, left: Operand<'a>, right: Operand<'a>) -> Evaluated<'a> {
    if left == Operand::Null || right == Operand::Null {
        return Ok(Operand::Null);
    }
    if let (Some(left), Some(right)) = (left.int(), right.int()) {
        return integers(operator, left, right);
    }
    floats(operator, left.float()?, right.float()?)
}

fn integers<'a>(operator: Operator, left: i128, right: i128) -> Evaluated<'a> {
    let divides = matches!(operator, Operator::Divide | Operator::Remainder);
    if divides && right == 0 {
        return Err(Reason::DivisionByZero);
    }
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        // The smallest integer by -1 leaves nothing over, but is too large.
        Operator::Remainder => Some(left.wrapping_rem(right)),
        Operator::Divide if left.wrapping_rem(right) == 0 => left.checked_div(right),
        #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is wanted")]
        Operator::Divide => return floats(operator, left as f64, right as f64),
    };
    result.map(Operand::Int).ok_or(Reason::Overflow)
}

fn floats<'a>(operator: Operator, left: f64, right: f64) -> Evaluated<'a> {
    let divides = matches!(operator, Operator::Divide | Operator::Remainder);
    if divides && right == 0.0 {
        return Err(Reason::DivisionByZero);
    }
    finite(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left % right,
    })
}

pub(super) fn negate(value: Operand<'_>) -> Evaluated<'_> {
    match value {
        Operand::Null => Ok(Operand::Null),
        _ => match value.int() {
            Some(int) => int.checked_neg().map(Operand::Int).ok_or(Reason::Overflow),
            None => finite(-value.float()?),
        },
    }
}

pub(super) fn absolute(value: Operand<'_>) -> Evaluated<'_> {
    match value.int() {
        Some(int) => int.checked_abs().map(Operand::Int).ok_or(Reason::Overflow),
        None => finite(value.float()?.abs()),
    }
}

/// To an integer.
pub(super) fn integral<'a>(value: Operand<'a>, round: fn(f64) -> f64) -> Evaluated<'a> {
    if let Some(int) = value.int() {
        return Ok(Operand::Int(int));
    }
    let float = round(value.float()?);
    // 2^127; below it every integral float is an i128.
    if float.abs() < 170_141_183_460_469_231_731_687_303_715_884_105_728.0 {
        #[expect(clippy::cast_possible_truncation, reason = "it is integral and in range")]
        let int = float as i128;
        return Ok(Operand::Int(int));
    }
    Err(Reason::Overflow)
}

/// To a number of decimals, half away from zero; a negative number of them are zeros before the point. What is rounded are the
/// digits of the shortest text of a float, so that `2.675` becomes `2.68`.
pub(super) fn rounded<'a>(value: Operand<'a>, digits: i128) -> Evaluated<'a> {
    if let Some(int) = value.int() {
        return if digits < 0 { rounded_int(int, digits.unsigned_abs()) } else { Ok(Operand::Int(int)) };
    }
    let float = value.float()?;
    if !float.is_finite() {
        return Err(Reason::Overflow);
    }
    // Without an exponent: at most 309 digits before the dot and 1100 after it.
    let text = format!("{}", float.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut kept = [whole, fraction].concat().into_bytes();
    let count = digits.saturating_add(whole.len() as i128);
    if count >= kept.len() as i128 {
        return Ok(Operand::Float(float));
    }
    let Ok(count) = usize::try_from(count) else { return Ok(Operand::Float(0_f64.copysign(float))) };
    let up = kept[count] >= b'5';
    kept.truncate(count);
    if up && !increment(&mut kept) {
        kept.insert(0, b'1');
    }
    let kept = String::from_utf8(kept).map_err(|_| Reason::Malformed)?;
    let rounded: f64 = format!("0{kept}e{}", -digits).parse().map_err(|_| Reason::Malformed)?;
    finite(rounded.copysign(float))
}

/// To so many zeros at the end.
fn rounded_int<'a>(int: i128, zeros: u128) -> Evaluated<'a> {
    // From 39 zeros on, even the largest integer is less than half of one.
    let power = u32::try_from(zeros).ok().and_then(|zeros| 10_i128.checked_pow(zeros));
    let Some(power) = power else { return Ok(Operand::Int(0)) };
    let (whole, rest) = (int / power, int % power);
    let up = if rest.unsigned_abs() * 2 >= power.unsigned_abs() { int.signum() } else { 0 };
    (whole + up).checked_mul(power).map(Operand::Int).ok_or(Reason::Overflow)
}

/// Adds one to decimal digits; says whether there was room.
fn increment(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return true;
        }
        *digit = b'0';
    }
    false
}

fn finite<'a>(float: f64) -> Evaluated<'a> {
    if float.is_finite() { Ok(Operand::Float(float)) } else { Err(Reason::Overflow) }
}
