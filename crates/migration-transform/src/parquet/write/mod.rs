//! A file as a sink of records: each is taken apart to the columns of a row group, which is written when it is full.

mod buffer;
mod guess;
mod scalar;
mod schema;
mod shred;

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::basic::{Compression, GzipLevel, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;

use crate::pipeline::RunError;
use crate::pipeline::columnar::{Columnar, Misfit};
use crate::spec::{Column, Columns, ParquetCompression, ParquetOptions};
use buffer::Buffer;
use guess::Guess;
use shred::Shredder;

/// How many bytes of records are looked at before the columns are known, if nobody says them.
const LOOK: usize = 8 << 20;
/// How many records a row group has at most, and how many bytes of values.
const ROW_GROUP: u64 = 100_000;
const ROW_GROUP_BYTES: usize = 32 << 20;
/// How many columns records may seem to have: with more of them, names are data.
const MOST_COLUMNS: usize = 10_000;

/// A file that is being written.
pub(crate) struct Writer<'a> {
    name: String,
    options: ParquetOptions,
    stage: Stage<'a>,
}

enum Stage<'a> {
    /// The columns are not known yet.
    Guessing {
        to: Box<dyn Write + Send + 'a>,
        guess: Guess,
        held: Vec<u8>,
    },
    Writing(Box<Open<'a>>),
    /// There is nothing more to be done.
    Over,
}

/// What a file is written with.
struct Open<'a> {
    file: SerializedFileWriter<Box<dyn Write + Send + 'a>>,
    shredder: Shredder,
    buffers: Vec<Buffer>,
    /// Records in the buffers, and about how many bytes those are.
    records: u64,
    bytes: usize,
    most: u64,
}

impl<'a> Writer<'a> {
    /// # Errors
    /// If nothing can be written.
    pub(crate) fn new(
        name: String,
        to: Box<dyn Write + Send + 'a>,
        options: &ParquetOptions,
    ) -> Result<Self, RunError> {
        let stage = match &options.schema {
            None => Stage::Guessing { to, guess: Guess::default(), held: Vec::new() },
            Some(schema) => Stage::Writing(Box::new(open(to, schema, false, options, &name)?)),
        };
        Ok(Self { name, options: options.clone(), stage })
    }

    /// The columns are those of the records that are there.
    fn settle(&mut self) -> Result<(), RunError> {
        let (to, guess, held) = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Guessing { to, guess, held } => (to, guess, held),
            known => {
                self.stage = known;
                return Ok(());
            }
        };
        let unknown = |why| RunError::UnknownColumns { name: self.name.clone(), why };
        let columns = match guess.column() {
            Some(Column::Object(columns)) => columns,
            _ => {
                return Err(unknown(
                    "no record with a field goes out; name them in the chain as `parquet = { schema = {...} }`",
                ));
            }
        };
        let mut open = open(to, &columns, true, &self.options, &self.name)?;
        if open.buffers.len() > MOST_COLUMNS {
            return Err(unknown(
                "the first records have more than 10 000 fields; name them in the chain as `parquet = { schema = {...} }`",
            ));
        }
        if !open.take(&held, &self.name)?.is_empty() {
            return Err(unknown(
                "the first records don't agree; name them in the chain as `parquet = { schema = {...} }`",
            ));
        }
        self.stage = Stage::Writing(Box::new(open));
        Ok(())
    }
}

impl Columnar for Writer<'_> {
    fn take(&mut self, lines: &[u8]) -> Result<Vec<Misfit>, RunError> {
        match &mut self.stage {
            Stage::Guessing { guess, held, .. } => {
                let misfits = guess.take(lines, held);
                if held.len() >= LOOK {
                    self.settle()?;
                }
                Ok(misfits)
            }
            Stage::Writing(open) => open.take(lines, &self.name),
            Stage::Over => Ok(Vec::new()),
        }
    }

    fn finish(&mut self) -> Result<u64, RunError> {
        self.settle()?;
        let Stage::Writing(mut open) = std::mem::replace(&mut self.stage, Stage::Over) else { return Ok(0) };
        open.flush().and_then(|()| open.file.finish()).map_err(|error| failed(&self.name, error))?;
        let written = open.file.bytes_written() as u64;
        let flushed = open.file.inner_mut().flush();
        flushed.map_err(|error| crate::pipeline::failed(&self.name, error))?;
        Ok(written)
    }
}

fn open<'a>(
    to: Box<dyn Write + Send + 'a>,
    columns: &Columns,
    is_guess: bool,
    options: &ParquetOptions,
    name: &str,
) -> Result<Open<'a>, RunError> {
    let schema = schema::of(columns).map_err(|error| failed(name, error))?;
    let compression = match options.compression.unwrap_or_default() {
        ParquetCompression::Snappy => Compression::SNAPPY,
        ParquetCompression::Zstd => Compression::ZSTD(ZstdLevel::default()),
        ParquetCompression::Gzip => Compression::GZIP(GzipLevel::default()),
        ParquetCompression::Lz4 => Compression::LZ4_RAW,
        ParquetCompression::None => Compression::UNCOMPRESSED,
    };
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_created_by(concat!("migration-transform version ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let file =
        SerializedFileWriter::new(to, schema, Arc::new(properties)).map_err(|error| failed(name, error))?;
    let (shredder, buffers) = Shredder::new(columns, is_guess);
    let most = options.row_group.map_or(ROW_GROUP, |most| u64::from(most.get()));
    Ok(Open { file, shredder, buffers, records: 0, bytes: 0, most })
}

impl Open<'_> {
    /// Takes records apart. Those that don't fit leave nothing behind.
    fn take(&mut self, lines: &[u8], name: &str) -> Result<Vec<Misfit>, RunError> {
        let mut misfits = Vec::new();
        for (line, record) in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).zip(0..) {
            match self.shredder.shred(line, &mut self.buffers) {
                Ok(()) => {
                    self.records += 1;
                    self.bytes += line.len() + 4 * self.buffers.len();
                }
                Err(shred::Unfit { reason, path }) => misfits.push(Misfit { record, reason, field: path }),
            }
            if self.records >= self.most || self.bytes >= ROW_GROUP_BYTES {
                self.flush().map_err(|error| failed(name, error))?;
            }
        }
        Ok(misfits)
    }

    /// Writes a row group.
    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.records == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for buffer in &mut self.buffers {
            let Some(mut column) = group.next_column()? else { break };
            buffer.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        (self.records, self.bytes) = (0, 0);
        Ok(())
    }
}

/// What writing came to, as the error that the system had if it was one.
fn failed(name: &str, error: ParquetError) -> RunError {
    let error = match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    };
    crate::pipeline::failed(name, error)
}
