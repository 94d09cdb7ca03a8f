//! Which columns a CSV has.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compression::{self, Compression};
use super::cut::{CsvCutter, Cut};
use super::error::RunError;
use super::slot::Slot;
use super::source::Source;
use super::stream::Stream;
use super::{FileFormat, Output, Pipeline, shadow};
use crate::chain::Chain;
use crate::chunk::{Chunk, CsvDialect, CsvLayout, Format, Made};
use crate::engine::{MAX_RECORD, csv_header, unclosed_quote};
use crate::error::Error;
use crate::value::Record;

/// How much of an input is looked through for a first record that goes out.
const MOST: usize = 8 << 20;

/// How the output is written: of a CSV with its columns. Those are the ones that were asked for, else those of the file
/// that is added to, else the fields of the first record that goes out.
///
/// # Errors
/// If the columns can't be told.
pub(crate) fn of_output(
    pipeline: &Pipeline<'_>,
    chain: &Chain,
    source: &mut Source<'_>,
    output: &Output<'_>,
    to: FileFormat,
) -> Result<Format, RunError> {
    let Some(usual) = to.dialect() else {
        return Ok(if to == FileFormat::Json { Format::JsonArray } else { Format::Ndjson });
    };
    let dialect = pipeline.csv_output.dialect(usual);
    check(&dialect, true)?;
    let has_rows = |path: &&PathBuf| path.metadata().is_ok_and(|known| known.is_file() && known.len() > 0);
    let grown = match output {
        Output::File(path) if pipeline.append => Some(path).filter(has_rows),
        _ => None,
    };
    let columns = match (grown, &pipeline.csv_output.columns) {
        (Some(path), named) if dialect.header => {
            let columns = of_file(path, &dialect)?;
            if named.as_ref().is_some_and(|named| *named != columns) {
                let why = "its header is another than the columns that the chain names; without those it is gone by";
                return Err(RunError::Unsupported { what: format!("`{}`: {why}", path.display()) });
            }
            columns
        }
        (_, Some(columns)) => columns.clone(),
        (Some(path), None) => {
            let why = "name them in the chain as `output = { columns = [...] }`";
            return Err(RunError::UnknownColumns { name: path.display().to_string(), why });
        }
        (None, None) => first(pipeline, chain, source)?,
    };
    Ok(Format::Csv(Arc::new(CsvLayout { dialect, columns })))
}

/// The header of a file, whether it is compressed or not.
fn of_file(path: &Path, dialect: &CsvDialect) -> Result<Vec<String>, RunError> {
    let name = path.display().to_string();
    let unreadable = |source| RunError::Input { name: name.clone(), begun: false, source };
    let mut file: Box<dyn Read + Send> = Box::new(File::open(path).map_err(unreadable)?);
    if let Some(kind) = Compression::of(path) {
        file = compression::reader(kind, path, file)?;
    }
    let cutter: Box<dyn Cut> = Box::new(CsvCutter::new(*dialect));
    let mut stream = Stream::new(file, cutter, 4096, MAX_RECORD);
    let mut slot = Slot::default();
    stream.limit_to(Some(1));
    stream.next(&mut slot).map_err(unreadable)?;
    of_header(&slot, dialect, &name)
}

/// The fields of the first record that goes out and has any. If there is none, those that a row would have; none if the input has no
/// columns either.
fn first(pipeline: &Pipeline<'_>, chain: &Chain, source: &mut Source<'_>) -> Result<Vec<String>, RunError> {
    let engine = pipeline.compile(chain, Format::Ndjson)?;
    let (mut worker, mut made, mut columns) = (engine.worker(), Made::default(), Vec::<String>::new());
    let format = source.format.clone();
    source.peek(MOST, |bytes| {
        worker.process(&Chunk { bytes, format: format.clone() }, &mut made);
        let lines = made.bytes.split(|byte| *byte == b'\n');
        columns = lines.map(fields).find(|fields| !fields.is_empty()).unwrap_or_default();
        !columns.is_empty()
    })?;
    if let (true, Format::Csv(layout)) = (columns.is_empty(), &format) {
        columns = shadow::fields(chain, &layout.columns)?;
    }
    Ok(columns)
}

/// The names in a record.
pub(super) fn fields(line: &[u8]) -> Vec<String> {
    let mut names = Vec::<String>::new();
    if let Some(record) = std::str::from_utf8(line).ok().and_then(|line| Record::from_json(line).ok()) {
        for field in record.iter() {
            if !names.iter().any(|known| known == field.name()) {
                names.push(field.name().to_owned());
            }
        }
    }
    names
}

/// Whether rows in a dialect can be read as what they are; those that go out also have to be written so.
///
/// # Errors
/// If not.
pub(crate) fn check(dialect: &CsvDialect, goes_out: bool) -> Result<(), RunError> {
    let CsvDialect { delimiter, quote, escape, double_quote, comment, .. } = *dialect;
    let escape = escape.filter(|_| quote.is_some());
    let signs = [("delimiter", Some(delimiter)), ("quote", quote), ("escape", escape), ("comment", comment)];
    let part = if goes_out { "output" } else { "input" };
    let wrong = |why: String| Err(Error::Spec { why: format!("`{part}`: {why}") }.into());
    for (at, (name, sign)) in signs.iter().enumerate() {
        for (other, same) in &signs[at + 1..] {
            if let (Some(sign), true) = (sign, sign == same) {
                return wrong(format!("`{}` can't be `{name}` and `{other}` at once", char::from(*sign)));
            }
        }
    }
    if goes_out && quote.is_some() && !double_quote && escape.is_none() {
        return wrong("a quote in a value could not be told from its end: that takes `escape`, or `double_quote = true`".to_owned());
    }
    Ok(())
}

/// The names in the first row of a CSV, which was read into a slot.
///
/// # Errors
/// If it is longer than the longest record, they are no UTF-8, or the row doesn't end since a quote in it doesn't.
pub(crate) fn of_header(slot: &Slot, dialect: &CsvDialect, name: &str) -> Result<Vec<String>, RunError> {
    let row = &slot.buffer[slot.records.clone()];
    let unknown = |why| Err(RunError::UnknownColumns { name: name.to_owned(), why });
    if slot.odd.is_some() {
        return unknown("its first row is longer than 8 MiB");
    }
    if unclosed_quote(row, dialect).is_some() {
        return unknown("a quote in its first row is never closed");
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(dialect.delimiter)
        .quoting(dialect.quote.is_some())
        .quote(dialect.quote.unwrap_or(b'"'))
        .escape(dialect.escape)
        .double_quote(dialect.double_quote)
        .comment(dialect.comment)
        .from_reader(row);
    match reader.records().next() {
        None => Ok(Vec::new()),
        Some(Err(_)) => unknown("its first row is no text in UTF-8"),
        Some(Ok(record)) => Ok(record.iter().map(str::to_owned).collect()),
    }
}

/// The row with the names, if there is to be one.
///
/// # Errors
/// If a name can't be written without quotes.
pub(crate) fn header(format: &Format) -> Result<Vec<u8>, RunError> {
    let Format::Csv(layout) = format else { return Ok(Vec::new()) };
    if !layout.dialect.header || layout.columns.is_empty() {
        return Ok(Vec::new());
    }
    csv_header(layout).map_err(|column| RunError::Unsupported {
        what: format!("the name `{}` can't be in the header without quotes", layout.columns[column]),
    })
}
