//! What the values of a column mean, and their JSON.

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use ::parquet::data_type::Int96;
use ::parquet::schema::types::Type;

use super::column::Stored;
use super::decimal;
use crate::convert::time::{epoch_date, epoch_timestamp};
use crate::json::text;
use crate::parquet::base64;
use crate::spec::Unit;
use crate::value::{MAX_DEPTH, scan};

/// Most digits after the point, and bytes, of a decimal: far more than any program writes.
const MOST_DIGITS: usize = 1000;

/// What the values of a column mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Bools, floats and integers as they are stored.
    Plain,
    Unsigned,
    Half,
    Decimal {
        scale: usize,
    },
    Date,
    Time(Unit),
    Timestamp {
        unit: Unit,
        is_utc: bool,
    },
    Int96,
    Text,
    Json,
    Uuid,
    Interval,
    Binary,
}

impl Kind {
    /// # Errors
    /// If that is something that no text is known for.
    pub(super) fn of(kind: &Type) -> Result<Self, String> {
        let info = kind.get_basic_info();
        let physical = kind.get_physical_type();
        let is_bytes = matches!(physical, Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY);
        let usual = match physical {
            Physical::INT96 => Self::Int96,
            Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => Self::Binary,
            _ => Self::Plain,
        };
        let unit = |unit: TimeUnit| match unit {
            TimeUnit::MILLIS => Unit::Ms,
            TimeUnit::MICROS => Unit::Us,
            TimeUnit::NANOS => Unit::Ns,
        };
        let decimal = |scale: i32| match usize::try_from(scale) {
            Ok(scale) if scale <= MOST_DIGITS => Ok(Self::Decimal { scale }),
            _ => Err(format!("a decimal with {scale} digits after the point")),
        };
        if let Some(logical) = info.logical_type_ref() {
            return match logical {
                LogicalType::String | LogicalType::Enum if is_bytes => Ok(Self::Text),
                LogicalType::Json if is_bytes => Ok(Self::Json),
                LogicalType::Uuid if is_bytes => Ok(Self::Uuid),
                LogicalType::Float16 if is_bytes => Ok(Self::Half),
                LogicalType::Decimal(decimals) => decimal(decimals.scale),
                LogicalType::Integer(integer) if !integer.is_signed => Ok(Self::Unsigned),
                LogicalType::Date => Ok(Self::Date),
                LogicalType::Time(time) => Ok(Self::Time(unit(time.unit))),
                LogicalType::Timestamp(time) => {
                    Ok(Self::Timestamp { unit: unit(time.unit), is_utc: time.is_adjusted_to_u_t_c })
                }
                _ => Ok(usual),
            };
        }
        match info.converted_type() {
            ConvertedType::UTF8 | ConvertedType::ENUM if is_bytes => Ok(Self::Text),
            ConvertedType::JSON if is_bytes => Ok(Self::Json),
            ConvertedType::INTERVAL if is_bytes => Ok(Self::Interval),
            ConvertedType::DECIMAL => decimal(kind.get_scale()),
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64 => Ok(Self::Unsigned),
            ConvertedType::DATE => Ok(Self::Date),
            ConvertedType::TIME_MILLIS => Ok(Self::Time(Unit::Ms)),
            ConvertedType::TIME_MICROS => Ok(Self::Time(Unit::Us)),
            ConvertedType::TIMESTAMP_MILLIS => Ok(Self::Timestamp { unit: Unit::Ms, is_utc: true }),
            ConvertedType::TIMESTAMP_MICROS => Ok(Self::Timestamp { unit: Unit::Us, is_utc: true }),
            _ => Ok(usual),
        }
    }

    /// Appends a value as JSON.
    pub(super) fn write(self, value: Stored<'_>, out: &mut Vec<u8>) {
        let integer = match value {
            Stored::Bool(bool) => return out.extend_from_slice(if bool { b"true" } else { b"false" }),
            Stored::Float(float) => return self::float(f64::from(float), Some(float), out),
            Stored::Double(float) => return self::float(float, None, out),
            Stored::Int96(time) => return int96(time, out),
            Stored::Bytes(bytes) => return self.bytes(bytes, out),
            Stored::Int(integer) if self == Self::Unsigned => i64::from(integer.cast_unsigned()),
            Stored::Int(integer) => i64::from(integer),
            Stored::Long(integer) => integer,
        };
        match self {
            Self::Unsigned if matches!(value, Stored::Long(_)) => {
                out.extend_from_slice(itoa::Buffer::new().format(integer.cast_unsigned()).as_bytes());
            }
            Self::Decimal { scale } => decimal::write(i128::from(integer), scale, out),
            Self::Date => {
                let seconds = i128::from(integer) * 86_400;
                let date = epoch_date(itoa::Buffer::new().format(seconds).as_bytes(), Unit::S, out);
                if date.is_none() {
                    number(i128::from(integer), out);
                }
            }
            Self::Time(unit) => time(integer, unit, out),
            Self::Timestamp { unit, is_utc } => timestamp(i128::from(integer), unit, is_utc, out),
            _ => number(i128::from(integer), out),
        }
    }

    fn bytes(self, bytes: &[u8], out: &mut Vec<u8>) {
        match (self, bytes) {
            (Self::Text, _) => text::write(bytes, out),
            (Self::Json, _) => json(bytes, out),
            (Self::Decimal { scale }, _) if bytes.len() <= MOST_DIGITS => {
                decimal::write_bytes(bytes, scale, out);
            }
            (Self::Half, &[low, high]) => {
                let float = half(u16::from_le_bytes([low, high]));
                self::float(f64::from(float), Some(float), out);
            }
            (Self::Uuid, _) if bytes.len() == 16 => uuid(bytes, out),
            (Self::Interval, &[m0, m1, m2, m3, d0, d1, d2, d3, s0, s1, s2, s3]) => {
                let [months, days, millis] =
                    [[m0, m1, m2, m3], [d0, d1, d2, d3], [s0, s1, s2, s3]].map(u32::from_le_bytes);
                let (seconds, millis) = (millis / 1000, millis % 1000);
                out.extend_from_slice(format!("\"P{months}M{days}DT{seconds}.{millis:03}S\"").as_bytes());
            }
            _ => {
                out.push(b'"');
                base64::encode(bytes, out);
                out.push(b'"');
            }
        }
    }
}

fn number(number: i128, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// The shortest text; what JSON has no number for as a text.
fn float(double: f64, single: Option<f32>, out: &mut Vec<u8>) {
    let mut buffer = zmij::Buffer::new();
    let text = match single {
        _ if double.is_nan() => "\"NaN\"",
        _ if double.is_infinite() && double > 0.0 => "\"Infinity\"",
        _ if double.is_infinite() => "\"-Infinity\"",
        Some(single) => buffer.format_finite(single),
        None => buffer.format_finite(double),
    };
    out.extend_from_slice(text.as_bytes());
}

/// A float of 16 bits (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (bits >> 15, i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2_f32.powi(exponent - 25),
    };
    if sign == 0 { size } else { -size }
}

/// RFC 3339, without an offset if it isn't UTC; a number if the year has more than four digits.
fn timestamp(count: i128, unit: Unit, is_utc: bool, out: &mut Vec<u8>) {
    let mut buffer = itoa::Buffer::new();
    let count = buffer.format(count);
    if epoch_timestamp(count.as_bytes(), unit, out).is_none() {
        out.extend_from_slice(count.as_bytes());
    } else if !is_utc {
        out.truncate(out.len() - 2);
        out.push(b'"');
    }
}

/// Nanoseconds of a day and the Julian day's number.
fn int96(time: &Int96, out: &mut Vec<u8>) {
    let [low, high, day] = match time.data() {
        [low, high, day] => [low, high, day].map(|word| i128::from(*word)),
        _ => [0; 3],
    };
    // 1970-01-01 is the day 2 440 588.
    let nanoseconds = (day - 2_440_588) * 86_400_000_000_000 + (high << 32 | low);
    timestamp(nanoseconds, Unit::Ns, false, out);
}

/// `HH:MM:SS`, with as many digits of a fraction as it takes.
fn time(count: i64, unit: Unit, out: &mut Vec<u8>) {
    let per_second = match unit {
        Unit::S => 1,
        Unit::Ms => 1000,
        Unit::Us => 1_000_000,
        Unit::Ns => 1_000_000_000,
    };
    let (seconds, fraction) = (count.div_euclid(per_second), count.rem_euclid(per_second));
    if !(0..86_400).contains(&seconds) {
        return number(i128::from(count), out);
    }
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let nanoseconds = format!("{:09}", fraction * (1_000_000_000 / per_second));
    let fraction = nanoseconds.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    out.extend_from_slice(format!("\"{hour:02}:{minute:02}:{second:02}{point}{fraction}\"").as_bytes());
}

fn uuid(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend_from_slice(format!("{byte:02x}").as_bytes());
    }
    out.push(b'"');
}

/// JSON as it is, on one line; as a text if it is none.
fn json(bytes: &[u8], out: &mut Vec<u8>) {
    let start = scan::blanks_end(bytes, 0);
    match scan::value_end(bytes, start, MAX_DEPTH) {
        Ok(end) if scan::blanks_end(bytes, end) == bytes.len() => {
            let line = |byte: &u8| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte };
            out.extend(bytes[start..end].iter().map(line));
        }
        _ => text::write(bytes, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kind: Kind, value: Stored<'_>) -> String {
        let mut out = Vec::new();
        kind.write(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times() {
        let utc = Kind::Timestamp { unit: Unit::Us, is_utc: true };
        let local = Kind::Timestamp { unit: Unit::Ms, is_utc: false };
        assert_eq!(written(utc, Stored::Long(1_704_164_645_120_000)), "\"2024-01-02T03:04:05.12Z\"");
        assert_eq!(written(local, Stored::Long(-1)), "\"1969-12-31T23:59:59.999\"");
        assert_eq!(written(utc, Stored::Long(i64::MAX)), i64::MAX.to_string());
        assert_eq!(written(Kind::Date, Stored::Int(-1)), "\"1969-12-31\"");
        assert_eq!(written(Kind::Date, Stored::Int(i32::MIN)), i32::MIN.to_string());
        assert_eq!(written(Kind::Time(Unit::Us), Stored::Long(3_661_000_500)), "\"01:01:01.0005\"");
        assert_eq!(written(Kind::Time(Unit::Ms), Stored::Int(-1)), "-1");
        let mut time = Int96::new();
        time.set_data(1, 0, 2_440_589);
        assert_eq!(written(Kind::Int96, Stored::Int96(&time)), "\"1970-01-02T00:00:00.000000001\"");
    }

    #[test]
    fn numbers() {
        assert_eq!(written(Kind::Unsigned, Stored::Int(-1)), "4294967295");
        assert_eq!(written(Kind::Unsigned, Stored::Long(-1)), "18446744073709551615");
        assert_eq!(written(Kind::Plain, Stored::Float(0.1)), "0.1");
        assert_eq!(written(Kind::Plain, Stored::Double(5.0)), "5.0");
        assert_eq!(written(Kind::Plain, Stored::Double(f64::NEG_INFINITY)), "\"-Infinity\"");
        assert_eq!(written(Kind::Half, Stored::Bytes(&[0, 0x3e])), "1.5");
        assert_eq!(written(Kind::Half, Stored::Bytes(&[1, 0x80])), "-5.9604645e-8");
        assert_eq!(written(Kind::Half, Stored::Bytes(&[0, 0x7c])), "\"Infinity\"");
    }

    #[test]
    fn bytes() {
        assert_eq!(written(Kind::Binary, Stored::Bytes(b"a\xff")), "\"Yf8=\"");
        assert_eq!(written(Kind::Json, Stored::Bytes(b" {\"a\":\n1.0} ")), "{\"a\": 1.0}");
        assert_eq!(written(Kind::Json, Stored::Bytes(b"{\"a\"")), r#""{\"a\"""#);
        assert_eq!(
            written(Kind::Interval, Stored::Bytes(&[1, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0])),
            "\"P1M2DT0.007S\""
        );
        let uuid = written(Kind::Uuid, Stored::Bytes(&[0xab; 16]));
        assert_eq!(uuid, "\"abababab-abab-abab-abab-abababababab\"");
    }
}
