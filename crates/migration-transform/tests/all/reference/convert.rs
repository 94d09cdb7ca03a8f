//! Conversions of one value.

use jiff::Span;
use jiff::civil::date;
use migration_transform::spec::{Target, Type, Unit};

use super::json::{decoded, quoted};

/// What a value becomes, which may be what it is; none if it is malformed.
pub(super) fn convert(json: &str, target: &Target) -> Option<String> {
    if json == "null" {
        return Some(json.to_owned());
    }
    let is_text = json.starts_with('"');
    if target.to == Type::String {
        return Some(if is_text { json.to_owned() } else { quoted(json) });
    }
    if target.to == Type::Json && !is_text {
        return Some(json.to_owned());
    }
    if is_text {
        let said = decoded(json)?;
        let trimmed = said.trim_matches([' ', '\t', '\n', '\r']);
        return match target.to {
            Type::Int => int(trimmed),
            Type::Float => float(trimmed),
            Type::Decimal => decimal(trimmed),
            Type::Bool => bool(trimmed),
            Type::Timestamp => timestamp(trimmed, target).map(|text| quoted(&text)),
            Type::Date => {
                timestamp(trimmed, &Target { zone: None, ..target.clone() }).map(|text| quoted(&text[..10]))
            }
            _ => parsed(trimmed),
        };
    }
    let is_number = json.starts_with(|sign: char| sign == '-' || sign.is_ascii_digit());
    match (target.to, json) {
        (Type::Bool, "true" | "1") => Some("true".to_owned()),
        (Type::Bool, "false" | "0") => Some("false".to_owned()),
        (Type::Int, "true") => Some("1".to_owned()),
        (Type::Int, "false") => Some("0".to_owned()),
        _ if !is_number => None,
        (Type::Int, _) => integral(json),
        (Type::Float, _) if json.contains(['.', 'e', 'E']) => Some(json.to_owned()),
        (Type::Float, _) => float(json),
        (Type::Decimal, _) => Some(json.to_owned()),
        (Type::Timestamp, _) => epoch(json, target.unit).map(|text| quoted(&text)),
        (Type::Date, _) => epoch(json, target.unit).map(|text| quoted(&text[..10])),
        _ => None,
    }
}

fn int(text: &str) -> Option<String> {
    let (sign, digits) = signed(text);
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    Some(if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") })
}

/// A JSON number whose value is integral.
fn integral(json: &str) -> Option<String> {
    if !json.contains(['.', 'e', 'E']) {
        return Some(json.to_owned());
    }
    let (sign, rest) = signed(json);
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    // An exponent that doesn't fit is far out of range in either direction.
    let exponent: i64 = exponent.parse().ok()?;
    let zeros = exponent
        .checked_sub(i64::try_from(fraction.len()).ok()?)?
        .checked_add(i64::try_from(digits.len() - significant.len()).ok()?)?;
    let zeros = usize::try_from(zeros).ok()?;
    (zeros <= 400 && significant.len() + zeros <= 400)
        .then(|| format!("{sign}{significant}{}", "0".repeat(zeros)))
}

/// The parts of a text in the grammar of floats: sign, digits before and after the dot, exponent with its letter.
fn float_parts(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (sign, rest) = signed(text);
    let (mantissa, exponent) = rest.find(['e', 'E']).map_or((rest, ""), |place| rest.split_at(place));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    let power = exponent.get(1..).map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
    let fits = digits(whole)
        && digits(fraction)
        && (whole.len() + fraction.len() > 0)
        && power.is_none_or(|power| !power.is_empty() && digits(power));
    fits.then_some((sign, whole, fraction, exponent))
}

fn float(text: &str) -> Option<String> {
    float_parts(text)?;
    let float: f64 = text.parse().ok()?;
    float.is_finite().then(|| serde_json::to_string(&float).unwrap())
}

fn decimal(text: &str) -> Option<String> {
    let (sign, whole, fraction, exponent) = float_parts(text)?;
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{dot}{fraction}{exponent}"))
}

fn bool(text: &str) -> Option<String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some("true".to_owned()),
        "false" | "f" | "no" | "n" | "off" | "0" => Some("false".to_owned()),
        _ => None,
    }
}

fn parsed(text: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    Some(text.replace(['\n', '\r'], ""))
}

/// The sign to be written (none for a plus) and the rest.
fn signed(text: &str) -> (&str, &str) {
    match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    }
}

fn timestamp(text: &str, target: &Target) -> Option<String> {
    if let Some(text) = epoch(text, target.unit) {
        return Some(text);
    }
    let zone = target.zone.as_ref().map_or("", |zone| zone.text());
    let (day, rest) = text.split_at_checked(10)?;
    let mut numbers = day.split('-').map(|part| number(part, if part.len() == 2 { 2 } else { 4 }));
    let (year, month, of_month) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() || &day[4..5] != "-" || &day[7..8] != "-" {
        return None;
    }
    jiff::civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(of_month).ok()?,
    )
    .ok()?;
    if rest.is_empty() {
        return Some(format!("{day}T00:00:00{zone}"));
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = rest.split_at_checked(8)?;
    let parts: Vec<i64> = time.split(':').map(|part| number(part, 2)).collect::<Option<_>>()?;
    let [hour, minute, second] = parts[..] else { return None };
    if hour > 23 || minute > 59 || second > 60 || (second == 60 && minute != 59) {
        return None;
    }
    let digits =
        rest.strip_prefix('.').map_or(0, |rest| rest.chars().take_while(char::is_ascii_digit).count());
    if rest.starts_with('.') && !(1..=9).contains(&digits) {
        return None;
    }
    let (fraction, offset) = rest.split_at(if digits > 0 { digits + 1 } else { 0 });
    let offset = match offset {
        "" => zone.to_owned(),
        "Z" | "z" => "Z".to_owned(),
        _ => {
            let (hours, minutes) = offset.strip_prefix(['+', '-'])?.split_once(':')?;
            if number(hours, 2)? > 23 || number(minutes, 2)? > 59 {
                return None;
            }
            offset.to_owned()
        }
    };
    Some(format!("{day}T{time}{fraction}{offset}"))
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.chars().all(|digit| digit.is_ascii_digit())).then(|| text.parse().unwrap())
}

/// The digits before and after the point, once an exponent has moved it; an exponent that is none is one far out of range.
fn pointed(whole: &str, fraction: &str, exponent: Option<i32>) -> (String, String) {
    if format!("{whole}{fraction}").chars().all(|digit| digit == '0') {
        return ("0".to_owned(), "0".to_owned());
    }
    let exponent = exponent.unwrap_or(5000).clamp(-5000, 5000);
    let zeros = "0".repeat(exponent.unsigned_abs() as usize);
    let all = format!("{zeros}{whole}{fraction}{zeros}");
    let point = usize::try_from(i32::try_from(zeros.len() + whole.len()).unwrap() + exponent).unwrap();
    (all[..point].to_owned(), all[point..].to_owned())
}

/// A number that counts since 1970.
fn epoch(text: &str, unit: Unit) -> Option<String> {
    let (sign, rest) = signed(text);
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || !digits(signed(exponent).1) {
        return None;
    }
    let (whole, fraction) = pointed(whole, fraction, exponent.parse().ok());
    let power = match unit {
        Unit::S => 0,
        Unit::Ms => 3,
        Unit::Us => 6,
        Unit::Ns => 9,
    };
    // In nanoseconds: nine digits after the dot, whatever comes after them has to be zeros.
    let all = format!("{}{fraction}{}", whole.trim_start_matches('0'), "0".repeat(9));
    let end = all.len() - 9 - fraction.len() + 9 - power;
    let all = if all.len() < end { format!("{all}{}", "0".repeat(end - all.len())) } else { all };
    if all[end..].chars().any(|digit| digit != '0') {
        return None;
    }
    let nanos: i128 = if end == 0 { 0 } else { all[..end].parse().ok()? };
    let nanos = if sign == "-" { -nanos } else { nanos };
    let (seconds, nanos) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    let days = i32::try_from(seconds.div_euclid(86_400)).ok()?;
    let day = date(1970, 1, 1).checked_add(Span::new().try_days(days).ok()?).ok()?;
    let of_day = seconds.rem_euclid(86_400);
    let time = format!("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60);
    let fraction = format!(".{nanos:09}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    (day.year() >= 0)
        .then(|| format!("{:04}-{:02}-{:02}T{time}{fraction}Z", day.year(), day.month(), day.day()))
}
