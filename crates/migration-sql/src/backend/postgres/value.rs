//! Values from the wire: libpq's binary format, by the OID of the type (`src/include/catalog/pg_type.dat` of PostgreSQL).

use diesel::deserialize::{FromSql, QueryableByName};
use diesel::pg::{Pg, PgValue};
use diesel::row::{Field, NamedRow};
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::{Double, Float, SqlType};

use crate::value::Value;

/// A row of any shape.
pub(super) struct Row {
    pub(super) columns: Vec<String>,
    pub(super) values: Vec<Value>,
}

/// A parameter without a type: `NULL`, as the server infers it from its place.
#[derive(Debug, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(oid = 705, array_oid = 0))]
pub(super) struct Unknown;

impl ToSql<Unknown, Pg> for Unknown {
    fn to_sql<'b>(&'b self, _: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        Ok(diesel::serialize::IsNull::Yes)
    }
}

impl QueryableByName<Pg> for Row {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> diesel::deserialize::Result<Self> {
        let count = diesel::row::Row::field_count(row);
        let mut columns = Vec::with_capacity(count);
        let mut values = Vec::with_capacity(count);
        for place in 0..count {
            let field = diesel::row::Row::get(row, place).ok_or("a row ended before its last column")?;
            columns.push(field.field_name().unwrap_or_default().to_owned());
            values.push(match field.value() {
                None => Value::Null,
                Some(value) => decode(value)?,
            });
        }
        Ok(Self { columns, values })
    }
}

/// A value in the closest of our types; as its bytes where there is none.
fn decode(value: PgValue<'_>) -> diesel::deserialize::Result<Value> {
    let bytes = value.as_bytes();
    Ok(match value.get_oid().get() {
        16 => Value::Bool(bytes.first() == Some(&1)),
        20 | 21 | 23 => Value::Integer(integer(bytes)),
        // OIDs and transaction ids are unsigned.
        26 | 28 => Value::Integer(integer(bytes) & 0xffff_ffff),
        700 => Value::Float(f64::from(<f32 as FromSql<Float, Pg>>::from_sql(value)?)),
        701 => Value::Float(<f64 as FromSql<Double, Pg>>::from_sql(value)?),
        // "char", name, text, json, xml, unknown, bpchar, varchar
        18 | 19 | 25 | 114 | 142 | 705 | 1042 | 1043 => text(bytes),
        // The first byte of jsonb is the version of its format.
        3802 => text(bytes.get(1..).unwrap_or_default()),
        2950 => Value::Text(uuid(bytes)),
        1082 => Value::Text(date(integer(bytes))),
        1114 => Value::Text(timestamp(integer(bytes), "")),
        1184 => Value::Text(timestamp(integer(bytes), "Z")),
        1700 => numeric(bytes).map_or_else(|| Value::Blob(bytes.to_vec()), Value::Text),
        _ => Value::Blob(bytes.to_vec()),
    })
}

/// A signed number of 1, 2, 4 or 8 bytes, the highest first.
fn integer(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| *byte >= 0x80);
    bytes.iter().fold(if negative { -1 } else { 0 }, |number, byte| number << 8 | i64::from(*byte))
}

fn text(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes).map_or_else(|_| Value::Blob(bytes.to_vec()), Value::from)
}

fn uuid(bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}

/// Days since 2000-01-01; the ends of the range are the infinities.
fn date(days: i64) -> String {
    match i32::try_from(days) {
        Ok(i32::MAX) => "infinity".to_owned(),
        Ok(i32::MIN) => "-infinity".to_owned(),
        _ => {
            let date = jiff::civil::date(2000, 1, 1).checked_add(jiff::Span::new().days(days));
            date.map_or_else(|_| format!("2000-01-01 {days:+} days"), |date| date.to_string())
        }
    }
}

/// Microseconds since 2000-01-01T00:00:00; the ends of the range are the infinities.
fn timestamp(microseconds: i64, zone: &str) -> String {
    match microseconds {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        _ => {
            let since = jiff::SignedDuration::from_micros(microseconds);
            let time = jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0).checked_add(since);
            time.map_or_else(
                |_| format!("2000-01-01 {microseconds:+} microseconds"),
                |time| format!("{time}{zone}"),
            )
        }
    }
}

/// Groups of four decimal digits: their number, the weight of the first, the sign, digits behind the point, the groups
/// (`numeric_send` in PostgreSQL's `src/backend/utils/adt/numeric.c`).
fn numeric(bytes: &[u8]) -> Option<String> {
    let mut halves = bytes.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]]));
    let (_, weight, sign, scale) = (halves.next()?, halves.next()?, halves.next()?, halves.next()?);
    match u16::from_be_bytes(sign.to_be_bytes()) {
        0xC000 => return Some("NaN".to_owned()),
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => {}
    }
    let groups: Vec<i16> = halves.collect();
    let group =
        |place: i32| usize::try_from(i32::from(weight) - place).ok().and_then(|n| groups.get(n)).copied();
    let whole: String =
        (0..=i32::from(weight).max(0)).rev().map(|n| format!("{:04}", group(n).unwrap_or(0))).collect();
    let digits = usize::try_from(scale).ok()?;
    let behind: String =
        (1..).take(digits.div_ceil(4)).map(|n| format!("{:04}", group(-n).unwrap_or(0))).collect();
    let mut text = String::from(if sign == 0x4000 { "-" } else { "" });
    text.push_str(Some(whole.trim_start_matches('0')).filter(|whole| !whole.is_empty()).unwrap_or("0"));
    if digits > 0 {
        text.push('.');
        text.push_str(behind.get(..digits)?);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_width() {
        assert_eq!(integer(&[0xff, 0xfe]), -2);
        assert_eq!(integer(&[0, 0, 1, 0]), 256);
        assert_eq!(integer(&i64::MIN.to_be_bytes()), i64::MIN);
    }

    #[test]
    fn decimals() {
        let wire = |weight: i16, sign: u16, scale: i16, groups: &[i16]| {
            let head = [i16::try_from(groups.len()).unwrap(), weight, sign.cast_signed(), scale];
            let bytes: Vec<u8> = head.iter().chain(groups).flat_map(|half| half.to_be_bytes()).collect();
            numeric(&bytes).unwrap()
        };
        assert_eq!(wire(0, 0, 0, &[]), "0");
        assert_eq!(wire(1, 0x4000, 2, &[1, 2345, 6700]), "-12345.67");
        assert_eq!(wire(-1, 0, 5, &[1]), "0.00010");
        assert_eq!(wire(2, 0, 0, &[1]), "100000000");
        assert_eq!(wire(0, 0xC000, 0, &[]), "NaN");
    }

    #[test]
    fn times() {
        assert_eq!(timestamp(0, ""), "2000-01-01T00:00:00");
        assert_eq!(timestamp(-1_500_000, "Z"), "1999-12-31T23:59:58.5Z");
        assert_eq!(timestamp(i64::MAX, ""), "infinity");
        assert_eq!(date(366), "2001-01-01");
        assert_eq!(date(i64::from(i32::MIN)), "-infinity");
    }
}
