//! What goes between the pipeline and the engine: whole records in, finished bytes and counts out.

use std::sync::Arc;

use crate::buffer::Buffer;
use crate::reason::Reason;
use crate::warnings::Warnings;

/// Whole records of one input, cut at record ends by the pipeline.
#[derive(Clone, Debug)]
pub struct Chunk<'a> {
    /// The records with what separates them.
    pub bytes: &'a [u8],
    /// How they are written.
    pub format: Format,
}

/// How records are written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// A JSON object on each line.
    Ndjson,
    /// Elements of a JSON array, separated by commas and blanks.
    JsonArray,
    /// JSON values one after the other, each on any number of lines. What goes out is [`Format::Ndjson`].
    JsonValues,
    /// Rows of a CSV or TSV.
    Csv(Arc<CsvLayout>),
}

/// What has to be known to read or write the rows of a CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvLayout {
    /// How values are separated and quoted.
    pub dialect: CsvDialect,
    /// The names of the columns, in order.
    pub columns: Vec<String>,
}

/// How values are separated and quoted, with the names and meanings of the `csv` crate's options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvDialect {
    /// Between values: a comma, or a tab for TSV.
    pub delimiter: u8,
    /// Around values; none if a quote is a sign like others.
    pub quote: Option<u8>,
    /// Before a quote inside of quotes, where quotes aren't doubled.
    pub escape: Option<u8>,
    /// Whether two quotes inside of quotes are one.
    pub double_quote: bool,
    /// A line that begins with it is skipped.
    pub comment: Option<u8>,
    /// Whether the first row has the names of the columns.
    pub header: bool,
}

impl Default for CsvDialect {
    fn default() -> Self {
        Self {
            delimiter: b',',
            quote: Some(b'"'),
            escape: None,
            double_quote: true,
            comment: None,
            header: true,
        }
    }
}

/// What a worker made of a chunk; reused, so that nothing is allocated per chunk.
///
/// `records_in = records_out + filtered + rejects.len()`, always.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The records that go out.
    pub bytes: Buffer,
    /// Records that came in; blank lines are none.
    pub records_in: u64,
    /// Records that go out.
    pub records_out: u64,
    /// Records that a condition left out.
    pub filtered: u64,
    /// Lines that came in, blank ones included.
    pub lines: u64,
    /// Records that do not go out because something is wrong with them, in order.
    pub rejects: Vec<Reject>,
    /// What was odd about those that do.
    pub warnings: Warnings,
}

/// A record that does not go out because something is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Number of the record, from 1 within the chunk.
    pub record: u64,
    /// Number of the line on which it begins, from 1 within the chunk.
    pub line: u64,
    /// What is wrong.
    pub reason: Reason,
    /// Which field; none if it is the whole record.
    pub field: Option<Arc<str>>,
    /// First byte of the record in the chunk.
    pub start: usize,
    /// The byte after its last, without the line's end.
    pub end: usize,
}

impl Made {
    /// Empties all, and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rejects.clear();
        self.warnings.clear();
        (self.records_in, self.records_out, self.filtered, self.lines) = (0, 0, 0, 0);
    }
}
