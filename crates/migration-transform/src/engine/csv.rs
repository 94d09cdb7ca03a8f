//! Records as rows of a CSV: null is empty, an empty text `""`, objects and arrays are their JSON text.

use super::names::{Names, OTHER, Slot};
use super::ops::Set;
use super::table::Table;
use crate::chunk::{CsvDialect, CsvLayout};
use crate::json::text;
use crate::reason::Reason;
use crate::warnings::{Place, Warnings};

/// The columns that go out.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    slots: Vec<Slot>,
    all: Set,
}

impl FromIterator<Slot> for Columns {
    fn from_iter<I: IntoIterator<Item = Slot>>(slots: I) -> Self {
        let mut columns = Self::default();
        for slot in slots {
            columns.slots.push(slot);
            columns.all.add(slot);
        }
        columns
    }
}

/// Of each name the entry that it was last seen in, from 1. All 0 between two rows.
#[derive(Debug, Default)]
pub(crate) struct LastPlaces(Vec<u32>);

impl LastPlaces {
    /// Says whether a name stands there twice.
    fn note(&mut self, table: &Table, names: &Names) -> bool {
        self.0.resize(names.len(), 0);
        let mut is_twice = false;
        for (entry, place) in table.entries.iter().zip(1..) {
            if entry.slot != OTHER {
                is_twice |= std::mem::replace(&mut self.0[entry.slot as usize], place) != 0;
            }
        }
        is_twice
    }

    /// The place in the table's entries.
    fn of(&self, slot: Slot) -> Option<usize> {
        self.0[slot as usize].checked_sub(1).map(|place| place as usize)
    }

    fn clear(&mut self, table: &Table) {
        for entry in &table.entries {
            if entry.slot != OTHER {
                self.0[entry.slot as usize] = 0;
            }
        }
    }
}

/// Appends a row. Of several fields with one name the last is written; the others, and a field that the layout has no column
/// for, are counted as [`Reason::ExtraField`].
///
/// # Errors
/// The number of the column whose value can't be written so that it is read as what it is: without quotes, one with a delimiter or
/// a line's end in it.
pub(crate) fn write(
    table: &Table,
    input: &[u8],
    names: &Names,
    columns: &Columns,
    layout: &CsvLayout,
    place: Place,
    (last, out, warnings): (&mut LastPlaces, &mut Vec<u8>, &mut Warnings),
) -> Result<(), usize> {
    let is_twice = last.note(table, names);
    let values = columns.slots.iter().map(|column| {
        let entry = last.of(*column)?;
        Some(table.text(input, table.entries[entry].value))
    });
    let written = row(values, &layout.dialect, out);
    if written.is_err() {
        last.clear(table);
        return written;
    }
    for (at, entry) in table.entries.iter().enumerate() {
        let is_written = columns.all.has(entry.slot) && (!is_twice || last.of(entry.slot) == Some(at));
        if !is_written {
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
    last.clear(table);
    Ok(())
}

/// The row with the names.
///
/// # Errors
/// The number of a name that can't be written, as with values.
pub(crate) fn header(layout: &CsvLayout) -> Result<Vec<u8>, usize> {
    let name = |column: &String| {
        let mut written = Vec::new();
        text::write(column.as_bytes(), &mut written);
        written
    };
    let names: Vec<Vec<u8>> = layout.columns.iter().map(name).collect();
    let mut out = Vec::new();
    row(names.iter().map(|name| Some(&name[..])), &layout.dialect, &mut out)?;
    Ok(out)
}

/// Appends values, which are JSON.
fn row<'v>(
    values: impl ExactSizeIterator<Item = Option<&'v [u8]>>,
    dialect: &CsvDialect,
    out: &mut Vec<u8>,
) -> Result<(), usize> {
    let (row, count) = (out.len(), values.len());
    for (number, value) in values.enumerate() {
        if number > 0 {
            out.push(dialect.delimiter);
        }
        let start = out.len();
        if let Some(value) = value {
            write_value(value, dialect, out);
        }
        if dialect.quote.is_none() && out[start..].iter().any(|byte| separates(*byte, dialect)) {
            return Err(number);
        }
        // A line of nothing would be no row.
        if count == 1 && out.len() == start {
            let quote = dialect.quote.ok_or(number)?;
            out.extend([quote, quote]);
        }
    }
    // Nor would one that looks like a comment.
    if dialect.comment.is_some() && out.get(row) == dialect.comment.as_ref() {
        if dialect.quote.is_none() {
            return Err(0);
        }
        quote_first(row, dialect, out);
    }
    out.push(b'\n');
    Ok(())
}

/// Whether it ends a value that isn't in quotes.
fn separates(byte: u8, dialect: &CsvDialect) -> bool {
    byte == dialect.delimiter || matches!(byte, b'\n' | b'\r')
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
    let needs = |byte: &u8| *byte == quote || separates(*byte, dialect);
    if out[start..].iter().any(needs) {
        put_in_quotes(start, quote, dialect, out);
    }
}

/// Puts the first value of a row into quotes.
fn quote_first(row: usize, dialect: &CsvDialect, out: &mut Vec<u8>) {
    let Some(quote) = dialect.quote else { return };
    let end =
        out[row..].iter().position(|byte| *byte == dialect.delimiter).map_or(out.len(), |end| row + end);
    let others = out.split_off(end);
    put_in_quotes(row, quote, dialect, out);
    out.extend_from_slice(&others);
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
