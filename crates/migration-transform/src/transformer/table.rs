//! The rows of a lookup, by their key.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::each::key_of;
use crate::chunk::CsvDialect;
use crate::engine::unclosed_quote;
use crate::error::Error;
use crate::reason::Reason;
use crate::spec::{Lookup, Table};
use crate::value::{Record, Value};

/// Rows by the text of their key.
#[derive(Debug, Default)]
pub(super) struct Rows(HashMap<Box<str>, Record>);

impl Rows {
    pub(super) fn get(&self, key: &str) -> Option<&Record> {
        self.0.get(key)
    }

    /// The rows of a step.
    pub(super) fn load(step: &Lookup, number: usize) -> Result<Self, Error> {
        let wrong = |why: String| Error::Step { step: number, why: format!("`lookup`: {why}") };
        let rows = match (&step.table, &step.key) {
            (Table::ByKey(by_key), None) => return Self::by_key(by_key).map_err(wrong),
            (Table::ByKey(_), Some(_)) => {
                return Err(wrong("rows by their key have no column `key`".to_owned()));
            }
            (_, None) => return Err(wrong("`key` is missing: the column that is looked in".to_owned())),
            (Table::Rows(rows), Some(_)) => rows.clone(),
            (Table::File(path), Some(_)) => {
                let bytes = fs::read(path).map_err(|source| Error::File {
                    step: number,
                    path: path.clone(),
                    source,
                })?;
                let in_file = |why: String| Error::Table { step: number, path: path.clone(), why };
                let Some(format) = Format::of(path) else {
                    let why = "a table is a .csv, .tsv, .ndjson or .jsonl";
                    return Err(wrong(format!("`{}`: {why}", path.display())));
                };
                let (columns, rows) = format.read(&bytes).map_err(in_file)?;
                let wanted = step.take.iter().map(|(_, column)| column).chain(&step.key);
                let lacks = |column: &&String| columns.as_ref().is_some_and(|all| !all.contains(column));
                if let Some(column) = { wanted }.find(lacks) {
                    return Err(in_file(format!("there is no column `{column}`")));
                }
                return Self::keyed(rows, step.key.as_deref().unwrap_or_default()).map_err(in_file);
            }
        };
        Self::keyed(rows, step.key.as_deref().unwrap_or_default()).map_err(wrong)
    }

    fn by_key(by_key: &Record) -> Result<Self, String> {
        let mut rows = Self::default();
        for field in by_key {
            let Value::Object(row) = field.value() else {
                return Err(format!("the row of `{}` is no table", field.name()));
            };
            rows.add(field.name(), row.clone())?;
        }
        Ok(rows)
    }

    fn keyed(list: Vec<Record>, column: &str) -> Result<Self, String> {
        let mut rows = Self::default();
        for (place, row) in list.into_iter().enumerate() {
            let number = place + 1;
            let field = row.field(column).ok_or_else(|| format!("row {number} has no `{column}`"))?;
            let key =
                key_of(field).ok_or_else(|| format!("row {number}: `{column}` is no text and no number"))?;
            let key = key.into_owned();
            rows.add(&key, row)?;
        }
        Ok(rows)
    }

    fn add(&mut self, key: &str, row: Record) -> Result<(), String> {
        match self.0.insert(key.into(), row) {
            None => Ok(()),
            Some(_) => Err(format!("more than one row has the key `{key}`")),
        }
    }
}

/// The columns of a table, where those are known, and its rows.
type Known = (Option<Vec<String>>, Vec<Record>);

/// What a table's file is written in.
#[derive(Clone, Copy, Debug)]
enum Format {
    /// CSV or TSV with a header, by what is between the values.
    Separated(u8),
    Ndjson,
}

impl Format {
    /// By the file's name.
    fn of(path: &Path) -> Option<Self> {
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_ascii_lowercase();
        match kind.as_str() {
            "csv" => Some(Self::Separated(b',')),
            "tsv" => Some(Self::Separated(b'\t')),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }

    fn read(self, bytes: &[u8]) -> Result<Known, String> {
        match self {
            Self::Separated(delimiter) => separated(bytes, delimiter),
            Self::Ndjson => Ok((None, lines(bytes)?)),
        }
    }
}

/// What is empty is null.
fn separated(bytes: &[u8], delimiter: u8) -> Result<Known, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // The reader would take all that follows for one value.
    if let Some(line) = unclosed_quote(bytes, &CsvDialect { delimiter, ..CsvDialect::default() }) {
        return Err(format!("line {line}: {}", Reason::UnclosedQuote));
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.map_err(|error| error.to_string())?;
        let value = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
        Ok(header.iter().zip(&row).map(|(name, text)| (name, value(text))).collect())
    };
    let rows = reader.records().map(row).collect::<Result<_, String>>()?;
    Ok((Some(header.iter().map(str::to_owned).collect()), rows))
}

fn lines(bytes: &[u8]) -> Result<Vec<Record>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(place, line)| {
            Record::from_json(line).map_err(|reason| format!("line {}: {reason}", place + 1))
        })
        .collect()
}
