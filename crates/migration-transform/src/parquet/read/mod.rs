//! A file as a source of records: columns are decoded a batch at a time and put together.

mod assemble;
mod column;
mod decimal;
mod file;
mod kind;

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use ::parquet::column::reader::ColumnReader;
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use migration_model::RecordSource;

use assemble::{Field, Node};
use column::Column;
use file::Positioned;

use crate::guard;
use crate::pipeline::Shard;

/// How many bytes of values, as they are without compression, are decoded at once.
const BATCH: u64 = 1 << 20;
/// How many records at most.
const MOST: u64 = 4096;

/// The records of a file, or of some of its row groups.
pub(crate) struct Reader {
    name: String,
    file: SerializedFileReader<Positioned>,
    fields: Vec<Field>,
    /// Row groups that are still to be read.
    groups: Range<usize>,
    /// Of the row group that is being read.
    readers: Vec<ColumnReader>,
    columns: Vec<Column>,
    /// Records of that row group that are still to be decoded.
    left: u64,
    /// How many of them at once.
    batch: u64,
    /// Records that are decoded.
    ready: u64,
}

impl Reader {
    /// Opens a file; of a part the row groups with a number in its range.
    ///
    /// # Errors
    /// If it can't be read, is no Parquet, or has a column that can't be read.
    pub(crate) fn open(path: &Path, shard: Option<Shard>) -> io::Result<Self> {
        let file = File::open(path)?;
        let known = file.metadata()?;
        if known.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !known.is_file() {
            return Err(io::Error::other(
                "a Parquet file is read from its end, which a pipe or device doesn't have",
            ));
        }
        let positioned = Positioned::new(file, known.len());
        let file = guarded(|| SerializedFileReader::new(positioned).map_err(damaged))?;
        let metadata = file.metadata();
        // The crate below asserts it.
        let begins_before = |column: &ColumnChunkMetaData| {
            let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
            start < 0 || column.compressed_size() < 0
        };
        if metadata.row_groups().iter().any(|group| group.columns().iter().any(begins_before)) {
            return Err(io::Error::other("the Parquet file is damaged: a column begins before it"));
        }
        let number = metadata.num_row_groups() as u64;
        let groups = shard.map_or(0..number, |shard| shard.range(number));
        let at = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let schema = metadata.file_metadata().schema_descr_ptr();
        let fields = Node::of_schema(&schema).map_err(io::Error::other)?;
        let columns = schema.columns().iter().map(Column::new).collect::<Result<_, _>>();
        Ok(Self {
            name: path.display().to_string(),
            fields,
            groups: at(groups.start)..at(groups.end),
            readers: Vec::new(),
            columns: columns.map_err(io::Error::other)?,
            left: 0,
            batch: 1,
            ready: 0,
            file,
        })
    }

    /// Decodes the next records; `false` if there are no more.
    fn next_batch(&mut self) -> io::Result<bool> {
        while self.left == 0 {
            let Some(group) = self.groups.next() else { return Ok(false) };
            let group = self.file.get_row_group(group).map_err(damaged)?;
            let metadata = group.metadata();
            let size = |size: i64| u64::try_from(size).unwrap_or(0);
            self.left = size(metadata.num_rows());
            let each = size(metadata.total_byte_size()) / self.left.max(1);
            self.batch = (BATCH / each.max(1)).clamp(1, MOST);
            self.readers.clear();
            for column in 0..self.columns.len() {
                self.readers.push(group.get_column_reader(column).map_err(damaged)?);
            }
        }
        let wanted = self.batch.min(self.left);
        for (column, reader) in self.columns.iter_mut().zip(&mut self.readers) {
            let records =
                column.fill(reader, usize::try_from(wanted).unwrap_or(usize::MAX)).map_err(damaged)?;
            if records as u64 != wanted {
                return Err(io::Error::other("a column has fewer values than its row group has records"));
            }
        }
        self.left -= wanted;
        self.ready = wanted;
        Ok(true)
    }

    fn lines(&mut self, records: &mut Vec<u8>, wanted: usize) -> io::Result<bool> {
        let before = records.len();
        while records.len() - before < wanted.max(1) && (self.ready > 0 || self.next_batch()?) {
            self.ready -= 1;
            assemble::record(&self.fields, &mut self.columns, records).map_err(io::Error::other)?;
            records.push(b'\n');
        }
        Ok(records.len() > before)
    }
}

impl RecordSource for Reader {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&mut self, records: &mut Vec<u8>, wanted: usize) -> io::Result<bool> {
        guarded(|| self.lines(records, wanted))
    }
}

/// What the crate below says of a file.
fn damaged(error: ::parquet::errors::ParquetError) -> io::Error {
    io::Error::other(error)
}

/// The crate below has places at which a damaged file makes it panic: that is an error of the file.
fn guarded<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    guard::guarded(work).unwrap_or_else(|| Err(io::Error::other("the Parquet file is damaged")))
}
