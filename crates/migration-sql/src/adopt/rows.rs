//! The rows of a table, read by the names of its columns whatever the database's own types are.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::hex;
use crate::value::{QueryOutput, Value};

/// The rows of a table.
#[derive(Debug)]
pub(super) struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    columns: &'a [String],
    values: &'a [Value],
}

impl Rows {
    pub(super) fn new(output: QueryOutput) -> Self {
        Self { columns: output.columns, rows: output.rows }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|values| Row { columns: &self.columns, values })
    }
}

impl<'a> Row<'a> {
    fn get(self, column: &str) -> Option<&'a Value> {
        let place = self.columns.iter().position(|name| name.eq_ignore_ascii_case(column))?;
        self.values.get(place).filter(|value| !value.is_null())
    }

    /// Whether there is a value at all.
    pub(super) fn has(self, column: &str) -> bool {
        self.get(column).is_some()
    }

    pub(super) fn text(self, column: &str) -> Option<String> {
        match self.get(column)? {
            Value::Text(text) => Some(text.clone()),
            Value::Integer(number) => Some(number.to_string()),
            Value::Blob(bytes) => String::from_utf8(bytes.clone()).ok(),
            _ => None,
        }
    }

    pub(super) fn number(self, column: &str) -> Option<i128> {
        match self.get(column)? {
            Value::Integer(number) => Some(i128::from(*number)),
            Value::Bool(truth) => Some(i128::from(*truth)),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub(super) fn truth(self, column: &str) -> Option<bool> {
        match self.get(column)? {
            Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => self.number(column).map(|number| number != 0),
        }
    }

    /// Bytes as hexadecimal digits.
    pub(super) fn digits(self, column: &str) -> Option<String> {
        match self.get(column)? {
            Value::Blob(bytes) => Some(hex::digits(bytes)),
            // Bytes that happen to be a text come as one.
            Value::Text(text) => Some(hex::digits(text.as_bytes())),
            _ => None,
        }
    }

    /// A time: with a zone, or without as UTC, or as milliseconds since 1970 (what Prisma writes into SQLite). A time that
    /// can't be read is not worth a refusal. To the microsecond, which is what all databases keep.
    pub(super) fn time(self, column: &str) -> Option<Timestamp> {
        let time = match self.get(column)? {
            Value::Integer(milliseconds) => Timestamp::from_millisecond(*milliseconds).ok(),
            Value::Text(text) => {
                let text = text.trim();
                let zoned = || text.parse::<DateTime>();
                text.parse()
                    .ok()
                    .or_else(|| zoned().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp()))
            }
            _ => None,
        };
        Timestamp::from_microsecond(time?.as_microsecond()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_whatever_their_type() {
        let columns = ["n", "t", "b", "z"].map(str::to_owned).to_vec();
        let row = vec![Value::from("7"), Value::from(true), Value::Blob(vec![0, 255]), Value::Null];
        let rows = Rows::new(QueryOutput { columns, rows: vec![row], rows_affected: 0 });
        let row = rows.iter().next().unwrap();
        assert_eq!((row.number("N"), row.text("n").as_deref()), (Some(7), Some("7")));
        assert_eq!((row.truth("t"), row.number("t")), (Some(true), Some(1)));
        assert_eq!(row.digits("b").as_deref(), Some("00ff"));
        assert!(!row.has("z") && row.text("z").is_none() && !row.has("nothing"));
    }

    #[test]
    fn times_however_they_are_written() {
        let time = |value: Value| {
            let output =
                QueryOutput { columns: vec!["at".into()], rows: vec![vec![value]], rows_affected: 0 };
            Rows::new(output).iter().next().unwrap().time("at").map(|time| time.to_string())
        };
        assert_eq!(time("2024-05-01 12:00:00".into()).unwrap(), "2024-05-01T12:00:00Z");
        assert_eq!(time("2024-05-01T12:00:00.25+02:00".into()).unwrap(), "2024-05-01T10:00:00.25Z");
        assert_eq!(time(Value::Integer(1_714_564_800_000)).unwrap(), "2024-05-01T12:00:00Z");
        assert_eq!(time("yesterday".into()), None);
    }
}
