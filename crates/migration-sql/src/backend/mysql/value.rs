//! Values from the wire: the binary protocol of prepared statements, as the client library hands it on.

use std::mem::{offset_of, size_of};
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::deserialize::QueryableByName;
use diesel::mysql::data_types::MysqlTime;
use diesel::mysql::{Mysql, MysqlType, MysqlValue};
use diesel::row::{Field, NamedRow};

use crate::value::Value;

/// A row of any shape.
pub(super) struct Row {
    pub(super) columns: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl QueryableByName<Mysql> for Row {
    fn build<'a>(row: &impl NamedRow<'a, Mysql>) -> diesel::deserialize::Result<Self> {
        let count = diesel::row::Row::field_count(row);
        let mut columns = Vec::with_capacity(count);
        let mut values = Vec::with_capacity(count);
        for place in 0..count {
            let field = diesel::row::Row::get(row, place).ok_or("a row ended before its last column")?;
            columns.push(field.field_name().unwrap_or_default().to_owned());
            // Diesel panics at types that it doesn't know: those of space, and a column that is nothing but `NULL`.
            let read = || field.value().map_or(Ok(Value::Null), decode);
            let value = catch_unwind(AssertUnwindSafe(read));
            values.push(value.map_err(|_| {
                let name = field.field_name().unwrap_or_default();
                format!("the type of the column `{name}` can't be read: convert it in the query")
            })??);
        }
        Ok(Self { columns, values })
    }
}

/// A value in the closest of our types; as its bytes where there is none.
fn decode(value: MysqlValue<'_>) -> diesel::deserialize::Result<Value> {
    let bytes = value.as_bytes();
    Ok(match value.value_type() {
        MysqlType::Tiny | MysqlType::Short | MysqlType::Long | MysqlType::LongLong => {
            Value::Integer(signed(bytes))
        }
        MysqlType::UnsignedTiny
        | MysqlType::UnsignedShort
        | MysqlType::UnsignedLong
        | MysqlType::UnsignedLongLong => whole(unsigned(bytes.iter().rev())),
        // The highest byte first, unlike all other numbers.
        MysqlType::Bit => whole(unsigned(bytes.iter())),
        MysqlType::Float => match bytes.try_into() {
            // Through its shortest text, so that 0.1 does not become 0.10000000149.
            Ok(four) => f32::from_le_bytes(four).to_string().parse().map_or(Value::Null, Value::Float),
            Err(_) => Value::Blob(bytes.to_vec()),
        },
        MysqlType::Double => match bytes.try_into() {
            Ok(eight) => Value::Float(f64::from_le_bytes(eight)),
            Err(_) => Value::Blob(bytes.to_vec()),
        },
        MysqlType::Date => Value::Text(Moment::read(bytes)?.date()),
        MysqlType::Time => {
            let moment = Moment::read(bytes)?;
            Value::Text(moment.time(moment.date[2]))
        }
        MysqlType::DateTime | MysqlType::Timestamp => {
            let moment = Moment::read(bytes)?;
            Value::Text(format!("{}T{}", moment.date(), moment.time(0)))
        }
        // A text of a binary collation comes as `Blob`, as bytes do.
        _ => text(bytes),
    })
}

/// Whatever is UTF-8 is taken for a text.
fn text(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes).map_or_else(|_| Value::Blob(bytes.to_vec()), Value::from)
}

/// A signed number of 1, 2, 4 or 8 bytes, the lowest first.
fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
    bytes.iter().rev().fold(if negative { -1 } else { 0 }, |number, byte| number << 8 | i64::from(*byte))
}

/// The highest byte first.
fn unsigned<'a>(bytes: impl Iterator<Item = &'a u8>) -> u64 {
    bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// As text where it is too large for a number of ours.
fn whole(number: u64) -> Value {
    i64::try_from(number).map_or_else(|_| Value::Text(number.to_string()), Value::Integer)
}

/// A date, a time or both, as the server prints them. A date may be zero or have parts that are
/// (<https://dev.mysql.com/doc/refman/en/date-and-time-types.html>), a time may be more than a day, or negative, which
/// diesel's own type does not read.
struct Moment {
    date: [u32; 3],
    clock: [u32; 3],
    microseconds: u64,
    negative: bool,
}

impl Moment {
    /// From the client library's structure; an end that is missing is zero.
    fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() <= offset_of!(MysqlTime, neg) {
            return Err(format!("a date or time of {} bytes", bytes.len()));
        }
        let number = |at: usize| {
            let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
            four.map_or(0, u32::from_ne_bytes)
        };
        let (year, month, day) =
            (offset_of!(MysqlTime, year), offset_of!(MysqlTime, month), offset_of!(MysqlTime, day));
        let (hour, minute, second) =
            (offset_of!(MysqlTime, hour), offset_of!(MysqlTime, minute), offset_of!(MysqlTime, second));
        // As wide as the C compiler's `unsigned long`; there are fewer than a million, and on the machines that put the
        // highest byte first they stand behind zeros.
        let at = offset_of!(MysqlTime, second_part);
        let low = if cfg!(target_endian = "big") { size_of::<std::ffi::c_ulong>() - 4 } else { 0 };
        Ok(Self {
            date: [year, month, day].map(number),
            clock: [hour, minute, second].map(number),
            microseconds: u64::from(number(at + low)),
            negative: bytes[offset_of!(MysqlTime, neg)] != 0,
        })
    }

    fn date(&self) -> String {
        let [year, month, day] = self.date;
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// With the hours of so many days.
    fn time(&self, days: u32) -> String {
        let [hours, minutes, seconds] = self.clock;
        let sign = if self.negative { "-" } else { "" };
        let fraction = format!("{:06}", self.microseconds);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{:02}:{minutes:02}:{seconds:02}{point}{fraction}", days * 24 + hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_width() {
        assert_eq!(signed(&[0xfe, 0xff]), -2);
        assert_eq!(signed(&[0, 1, 0, 0]), 256);
        assert_eq!(signed(&i64::MIN.to_le_bytes()), i64::MIN);
        assert_eq!(whole(unsigned([0xff; 8].iter())), Value::from("18446744073709551615"));
        assert_eq!(whole(unsigned([1, 2].iter())), Value::Integer(258));
    }
}
