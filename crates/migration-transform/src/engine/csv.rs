//! Records as rows of a CSV: null is empty, an empty text `""`, objects and arrays are their JSON text.

use super::names::{Names, Slot};
use super::table::Table;
use crate::chunk::{CsvDialect, CsvLayout};
use crate::json::text;
use crate::reason::Reason;
use crate::warnings::{Place, Warnings};

/// Appends a row. A field that the layout has no column for is counted as [`Reason::ExtraField`]; of several with one name
/// the last is written.
pub(crate) fn write(
    table: &Table,
    input: &[u8],
    names: &Names,
    columns: &[Slot],
    layout: &CsvLayout,
    place: Place,
    (out, warnings): (&mut Vec<u8>, &mut Warnings),
) {
    let dialect = &layout.dialect;
    let row = out.len();
    for (number, column) in columns.iter().enumerate() {
        if number > 0 {
            out.push(dialect.delimiter);
        }
        let start = out.len();
        if let Some(entry) = table.last(*column) {
            write_value(table.text(input, table.entries[entry].value), dialect, out);
        }
        // A line of nothing would be no row.
        if columns.len() == 1 && out.len() == start {
            out.extend_from_slice(b"\"\"");
        }
    }
    // Nor would one that looks like a comment.
    if out.get(row).is_some() && out.get(row) == dialect.comment.as_ref() {
        quote_first(row, dialect, out);
    }
    out.push(b'\n');
    for entry in &table.entries {
        if !columns.contains(&entry.slot) {
            let key = table.key(input, names, entry);
            let mut name = Vec::new();
            let decoded = text::decode(&key[1..key.len() - 1], &mut name);
            let name = if decoded.is_ok() { &name } else { key };
            let field = String::from_utf8_lossy(name).into();
            let value = table.text(input, entry.value);
            warnings.add(&field, Reason::ExtraField, place, |text| {
                text.push_str(&String::from_utf8_lossy(value));
            });
        }
    }
}

fn write_value(value: &[u8], dialect: &CsvDialect, out: &mut Vec<u8>) {
    match value {
        b"null" => {}
        b"\"\"" => out.extend(dialect.quote.iter().flat_map(|quote| [*quote, *quote])),
        [b'"', inner @ .., b'"'] => {
            let start = out.len();
            if text::decode(inner, out).is_err() {
                // No text can hold it: as it is written.
                out.truncate(start);
                out.extend_from_slice(value);
            }
            quote_from(start, dialect, out);
        }
        _ => {
            let start = out.len();
            out.extend_from_slice(value);
            quote_from(start, dialect, out);
        }
    }
}

/// Puts what was appended since `start` into quotes if it needs them.
fn quote_from(start: usize, dialect: &CsvDialect, out: &mut Vec<u8>) {
    let Some(quote) = dialect.quote else { return };
    let needs = |byte: &u8| *byte == dialect.delimiter || *byte == quote || matches!(byte, b'\n' | b'\r');
    if out[start..].iter().any(needs) {
        put_in_quotes(start, quote, dialect, out);
    }
}

/// Puts the first value of a row into quotes.
fn quote_first(row: usize, dialect: &CsvDialect, out: &mut Vec<u8>) {
    let Some(quote) = dialect.quote else { return };
    let end =
        out[row..].iter().position(|byte| *byte == dialect.delimiter).map_or(out.len(), |end| row + end);
    out.insert(end, quote);
    out.insert(row, quote);
}

fn put_in_quotes(start: usize, quote: u8, dialect: &CsvDialect, out: &mut Vec<u8>) {
    let value = out.split_off(start);
    out.push(quote);
    for byte in value {
        match dialect.escape {
            _ if byte == quote && dialect.double_quote => out.push(quote),
            Some(escape) if byte == quote || byte == escape => out.push(escape),
            _ => {}
        }
        out.push(byte);
    }
    out.push(quote);
}
