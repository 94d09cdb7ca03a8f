//! Values of rows, by the type that SQLite has for each.

use diesel::row::{Field, Row};
use diesel::sqlite::{Sqlite, SqliteType, SqliteValue};

use crate::value::Value;

/// The names of a row's columns.
pub(super) fn columns<'stmt>(row: &impl Row<'stmt, Sqlite>) -> Vec<String> {
    let fields = (0..row.field_count()).filter_map(|place| row.get(place));
    fields.map(|field| field.field_name().unwrap_or_default().to_owned()).collect()
}

/// The values of a row of any shape.
pub(super) fn values<'stmt>(row: &impl Row<'stmt, Sqlite>) -> Vec<Value> {
    let fields = (0..row.field_count()).filter_map(|place| row.get(place));
    fields.map(|field| field.value().map_or(Value::Null, value)).collect()
}

fn value(mut value: SqliteValue<'_, '_, '_>) -> Value {
    match value.value_type() {
        None => Value::Null,
        Some(SqliteType::Long | SqliteType::Integer | SqliteType::SmallInt) => {
            Value::Integer(value.read_long())
        }
        Some(SqliteType::Double | SqliteType::Float) => Value::Float(value.read_double()),
        Some(SqliteType::Binary) => Value::Blob(value.read_blob().to_vec()),
        Some(SqliteType::Text) => match value.read_text() {
            // SQLite stores any bytes as text: what isn't UTF-8 has such a character in it by now, and comes back as the
            // bytes that it is.
            text if text.contains(char::REPLACEMENT_CHARACTER) => {
                match String::from_utf8(value.read_blob().to_vec()) {
                    Ok(text) => Value::Text(text),
                    Err(error) => Value::Blob(error.into_bytes()),
                }
            }
            text => Value::Text(text.to_owned()),
        },
    }
}
