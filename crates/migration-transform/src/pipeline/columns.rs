//! Which columns a CSV has.

use std::fs::File;
use std::sync::Arc;

use super::compression::Compression;
use super::cut::{CsvCutter, Cut};
use super::error::RunError;
use super::slot::Slot;
use super::source::Source;
use super::stream::Stream;
use super::{FileFormat, Output, Pipeline};
use crate::chain::Chain;
use crate::chunk::{Chunk, CsvDialect, CsvLayout, Format, Made};
use crate::engine::MAX_RECORD;
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
    let columns = match (&pipeline.csv_output.columns, output) {
        (Some(columns), _) => columns.clone(),
        (None, Output::File(path))
            if pipeline.append && path.metadata().is_ok_and(|known| known.len() > 0) =>
        {
            if Compression::of(path).is_some() || !dialect.header {
                let why = "name them in the chain as `output = { columns = [...] }`";
                return Err(RunError::UnknownColumns { name: path.display().to_string(), why });
            }
            let name = path.display().to_string();
            let unreadable = |source| RunError::Input { name: name.clone(), begun: false, source };
            let file = File::open(path).map_err(unreadable)?;
            let cutter: Box<dyn Cut> = Box::new(CsvCutter::new(dialect));
            let mut stream = Stream::new(Box::new(file), cutter, 4096, MAX_RECORD);
            let mut slot = Slot::default();
            stream.limit_to(Some(1));
            stream.next(&mut slot).map_err(unreadable)?;
            parse(&slot.buffer[slot.records.clone()], &dialect, &name)?
        }
        _ => first(pipeline, chain, source)?,
    };
    Ok(Format::Csv(Arc::new(CsvLayout { dialect, columns })))
}

/// The fields of the first record that goes out; none if there is none.
fn first(pipeline: &Pipeline<'_>, chain: &Chain, source: &mut Source<'_>) -> Result<Vec<String>, RunError> {
    let engine = pipeline.compile(chain, Format::Ndjson)?;
    let (mut worker, mut made, mut columns) = (engine.worker(), Made::default(), Vec::<String>::new());
    let format = source.format.clone();
    source.peek(MOST, |bytes| {
        worker.process(&Chunk { bytes, format: format.clone() }, &mut made);
        let line = made.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if let Some(record) = std::str::from_utf8(line).ok().and_then(|line| Record::from_json(line).ok()) {
            for field in record.iter() {
                if !columns.iter().any(|known| known == field.name()) {
                    columns.push(field.name().to_owned());
                }
            }
        }
        made.records_out > 0
    })?;
    Ok(columns)
}

/// The names in the first row of a CSV.
///
/// # Errors
/// If they are no UTF-8, or it has more rows: what ends a record here is a line feed.
pub(crate) fn parse(row: &[u8], dialect: &CsvDialect, name: &str) -> Result<Vec<String>, RunError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(dialect.delimiter)
        .quoting(dialect.quote.is_some())
        .quote(dialect.quote.unwrap_or(b'"'))
        .escape(dialect.escape)
        .double_quote(dialect.double_quote)
        .comment(dialect.comment)
        .from_reader(row);
    let unknown = |why| Err(RunError::UnknownColumns { name: name.to_owned(), why });
    let mut rows = reader.records();
    match (rows.next(), rows.next()) {
        (None, _) => Ok(Vec::new()),
        (Some(Err(_)), _) => unknown("its first row is no text in UTF-8"),
        // A file of rows would be taken for its header.
        (_, Some(_)) => unknown("its lines end with CR alone, where LF or CR LF is needed"),
        (Some(Ok(record)), None) => Ok(record.iter().map(str::to_owned).collect()),
    }
}

/// The row with the names, if there is to be one.
pub(crate) fn header(format: &Format) -> Vec<u8> {
    let Format::Csv(layout) = format else { return Vec::new() };
    let CsvLayout { dialect, columns } = &**layout;
    if !dialect.header || columns.is_empty() {
        return Vec::new();
    }
    let style = if dialect.quote.is_some() { csv::QuoteStyle::Necessary } else { csv::QuoteStyle::Never };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.delimiter)
        .quote(dialect.quote.unwrap_or(b'"'))
        .quote_style(style)
        .double_quote(dialect.double_quote)
        .escape(dialect.escape.unwrap_or(b'\\'))
        .from_writer(Vec::new());
    // Writing to memory can't fail.
    let _ = writer.write_record(columns);
    writer.into_inner().unwrap_or_default()
}
