//! Opening an input: what it is, where its records begin, and how they can be read.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::compression::{self, Compression};
use super::cut::{ArrayCutter, CsvCutter, Cut, LineCutter, ValueCutter, is_blank};
use super::direct::Direct;
use super::error::RunError;
use super::order::Feed;
use super::patience::{Interruptible, marked};
use super::place::is_special;
use super::records::Lines;
use super::slot::Slot;
use super::stream::{Stream, read_some};
use super::{FileFormat, Input, Pipeline, Shard, columns, parquet, part};
use crate::chunk::{CsvLayout, Format};
use crate::engine::{MAX_RECORD, ValueEnds};

/// A byte order mark in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// An input that is about to be read.
pub(crate) struct Source<'a> {
    pub(crate) feed: Feed<'a>,
    pub(crate) format: Format,
    pub(crate) name: String,
    /// How many bytes it has, if that is known.
    pub(crate) total: Option<u64>,
    /// How many lines come before the first record.
    pub(crate) lines: u64,
    /// How many bytes come before it: a header, the bracket of an array.
    pub(crate) bytes: u64,
    /// The records from the first one on, where they can be read once more.
    pub(crate) again: Option<Stream<'a>>,
}

/// Opens an input.
///
/// # Errors
/// If it can't be read, or is not what it should be.
pub(crate) fn open<'a>(
    pipeline: &Pipeline<'a>,
    input: Input<'a>,
    format: FileFormat,
    chunk: usize,
) -> Result<Source<'a>, RunError> {
    let (input, format) = match format {
        FileFormat::Parquet => (parquet::input(input, pipeline.shard)?, FileFormat::Ndjson),
        other => (input, other),
    };
    let (name, reader, total) = match input {
        Input::Reader(name, reader) => (name, reader, None),
        Input::Source(source) => {
            let (name, total) = (source.name().to_owned(), source.total_bytes());
            let reader: Box<dyn Read + Send + 'a> = Box::new(Lines::new(source));
            (name, reader, total)
        }
        Input::File(path) => {
            let name = path.display().to_string();
            let unreadable = |source| RunError::Input { name: name.clone(), begun: false, source };
            // A named pipe waits for somebody to write.
            let file = match is_special(&path) {
                true => marked(pipeline.blocked, || File::open(&path)),
                false => File::open(&path),
            };
            let file = file.map_err(unreadable)?;
            let known = file.metadata().map_err(unreadable)?;
            if known.is_dir() {
                return Err(unreadable(ErrorKind::IsADirectory.into()));
            }
            let mut compression = Compression::of(&path);
            if compression.is_none() && known.is_file() {
                let mut beginning = [0; 4];
                let read = super::positioned::read_at(&file, &mut beginning, 0).map_err(unreadable)?;
                compression = Compression::begun_by(&beginning[..read]);
            }
            if compression.is_some() && pipeline.shard.is_some() {
                let what = format!("`{name}` is compressed, and can't be read in shards");
                return Err(RunError::Unsupported { what });
            }
            if let (true, None, FileFormat::Ndjson, None) =
                (known.is_file(), compression, format, pipeline.limit)
            {
                return direct(pipeline, file, known.len(), chunk, name);
            }
            let total = Some(known.len()).filter(|_| known.is_file() && compression.is_none());
            if let (Some(shard), Some(length)) = (pipeline.shard, total) {
                return part(pipeline, file, length, format, shard, chunk, name);
            }
            let reader: Box<dyn Read + Send + 'a> = match pipeline.interrupt {
                Some(stop) => Box::new(Interruptible::new(file, stop)),
                None => Box::new(file),
            };
            let reader = match compression {
                Some(kind) => compression::reader(kind, Path::new(&name), reader)?,
                None => reader,
            };
            (name, reader, total)
        }
    };
    stream(pipeline, reader, format, chunk, name, total).map(|(source, _)| source)
}

/// Of rows and elements those that begin in a part of a file.
fn part<'a>(
    pipeline: &Pipeline<'_>,
    file: File,
    length: u64,
    format: FileFormat,
    shard: Shard,
    chunk: usize,
    name: String,
) -> Result<Source<'a>, RunError> {
    let unreadable = |source| RunError::Input { name: name.clone(), begun: false, source };
    let again = || file.try_clone().map_err(unreadable);
    let from_start = Box::new(Onward { file: again()?, at: 0 });
    let (mut source, first) = stream(pipeline, from_start, format, chunk, name.clone(), None)?;
    let (mut before, mut cutter): (Box<dyn Cut>, Box<dyn Cut>) = match &source.format {
        Format::Ndjson => return direct(pipeline, file, length, chunk, name),
        Format::Csv(layout) => {
            (Box::new(CsvCutter::new(layout.dialect)), Box::new(CsvCutter::new(layout.dialect)))
        }
        Format::JsonArray => (Box::<ArrayCutter>::default(), Box::<ArrayCutter>::default()),
        Format::JsonValues => (Box::<ValueCutter>::default(), Box::<ValueCutter>::default()),
    };
    let mut reader = Onward { file: again()?, at: first };
    let range = part::records_in(&mut reader, &mut *before, first, length, &shard.range(length));
    let Range { start, end } = range.map_err(unreadable)?;
    if source.format == Format::JsonArray && (end < length || start == length) {
        cutter = Box::new(ArrayCutter::of_part());
    } else if source.format == Format::JsonArray && start > first {
        cutter = Box::new(ArrayCutter::behind_comma());
    }
    if start > first {
        (source.lines, source.bytes) = (0, 0);
    }
    let reader = Onward { file: again()?, at: start }.take(end - start);
    let records = Stream::new(Box::new(reader), cutter, chunk, MAX_RECORD);
    let feed = std::mem::replace(&mut source.feed, Feed::Stream(Mutex::new((Box::new(records), 0))));
    if let Feed::Stream(all) = feed {
        source.again = Some(*all.into_inner().unwrap_or_else(PoisonError::into_inner).0);
    }
    source.total = Some(source.bytes + end - start);
    Ok(source)
}

fn direct<'a>(
    pipeline: &Pipeline<'_>,
    file: File,
    length: u64,
    chunk: usize,
    name: String,
) -> Result<Source<'a>, RunError> {
    let range = pipeline.shard.map_or(0..length, |shard| shard.range(length));
    let total = Some(range.end - range.start);
    let again =
        file.try_clone().map_err(|source| RunError::Input { name: name.clone(), begun: false, source })?;
    let again =
        Stream::new(Box::new(Onward { file: again, at: 0 }), Box::new(LineCutter), super::CHUNK, MAX_RECORD);
    let feed = Feed::Direct(Direct::new(file, range, length, chunk, MAX_RECORD));
    Ok(Source { feed, format: Format::Ndjson, name, total, lines: 0, bytes: 0, again: Some(again) })
}

/// What an error at the beginning of an input is called: that it is cut off isn't known before it is read.
fn unread(name: &str, source: std::io::Error) -> RunError {
    let begun = source.kind() == ErrorKind::UnexpectedEof;
    RunError::Input { name: name.to_owned(), begun, source }
}

/// The records of a reader, and how many bytes come before the first one.
fn stream<'a>(
    pipeline: &Pipeline<'_>,
    mut reader: Box<dyn Read + Send + 'a>,
    format: FileFormat,
    chunk: usize,
    name: String,
    total: Option<u64>,
) -> Result<(Source<'a>, u64), RunError> {
    let unreadable = |source| unread(&name, source);
    let mut head = Vec::new();
    begin(&mut reader, &mut head).map_err(unreadable)?;
    if let Some(kind) = Compression::begun_by(&head) {
        // A pipe has no name that could tell.
        let all = std::io::Cursor::new(std::mem::take(&mut head)).chain(reader);
        reader = compression::reader(kind, Path::new(&name), Box::new(all))?;
        begin(&mut reader, &mut head).map_err(unreadable)?;
    }
    let mut first = 0;
    if head.starts_with(BOM) {
        head.drain(..BOM.len());
        first = BOM.len() as u64;
    }
    let mut lines = 0;
    let mut json = Format::Ndjson;
    if format == FileFormat::Json {
        json = told_by_beginning(&mut reader, &mut head).map_err(unreadable)?;
        if json == Format::JsonArray {
            let start = head.iter().position(|byte| *byte == b'[').unwrap_or(0);
            lines = head[..start].iter().filter(|byte| **byte == b'\n').count() as u64;
            head.drain(..=start);
            first += start as u64 + 1;
        }
    }
    let dialect = format.dialect().map(|usual| pipeline.csv_input.input_dialect(usual));
    if let Some(dialect) = &dialect {
        columns::check(dialect, false)?;
    }
    let cutter: Box<dyn Cut> = match (dialect, &json) {
        (Some(dialect), _) => Box::new(CsvCutter::new(dialect)),
        (None, Format::JsonArray) => Box::new(ArrayCutter::default()),
        (None, Format::JsonValues) => Box::new(ValueCutter::default()),
        (None, _) => Box::new(LineCutter),
    };
    let mut stream = Stream::new(reader, cutter, chunk, MAX_RECORD).after(&head);
    let format = match dialect {
        None => json,
        Some(dialect) => {
            let mut columns = pipeline.csv_input.columns.clone();
            if dialect.header {
                let mut slot = Slot::default();
                stream.limit_to(Some(1));
                stream.next(&mut slot).map_err(unreadable)?;
                let row = &slot.buffer[slot.records.clone()];
                first += slot.bytes_in;
                lines += row.iter().filter(|byte| **byte == b'\n').count() as u64;
                let names = columns::of_header(&slot, &dialect, &name)?;
                columns.get_or_insert(names);
            }
            let Some(columns) = columns else {
                let why = "name them in the chain as `input = { header = false, columns = [...] }`";
                return Err(RunError::UnknownColumns { name, why });
            };
            Format::Csv(Arc::new(CsvLayout { dialect, columns }))
        }
    };
    stream.limit_to(pipeline.limit);
    let feed = Feed::Stream(Mutex::new((Box::new(stream), 0)));
    Ok((Source { feed, format, name, total, lines, bytes: first, again: None }, first))
}

/// Reads as much as it takes to tell what the first bytes are, and whatever else comes with that.
fn begin(reader: &mut dyn Read, head: &mut Vec<u8>) -> std::io::Result<()> {
    while Compression::may_be_begun_by(head) || BOM.starts_with(head) && head.len() < BOM.len() {
        if read_some(reader, head, 4096)? == 0 {
            break;
        }
    }
    Ok(())
}

/// How JSON is written, by its first sign and line, which are read to the end of `head`: an array, a record on each line, or
/// records over several lines.
fn told_by_beginning(reader: &mut dyn Read, head: &mut Vec<u8>) -> std::io::Result<Format> {
    while is_blank(head) && read_some(reader, head, 4096)? > 0 {}
    let start = head.iter().position(|byte| !is_blank(&[*byte]));
    match start.map(|start| head[start]) {
        Some(b'[') => return Ok(Format::JsonArray),
        Some(b'{') => {}
        _ => return Ok(Format::Ndjson),
    }
    let start = start.unwrap_or(0);
    loop {
        let length = memchr::memchr(b'\n', &head[start..]);
        let is_enough = length.is_some() || head.len() - start > super::CHUNK;
        if is_enough || read_some(reader, head, 4096)? == 0 {
            let line = &head[start..length.map_or(head.len(), |length| start + length)];
            let is_whole = ValueEnds::default().next(line, 0).is_some_and(|end| is_blank(&line[end..]));
            return Ok(if is_whole { Format::Ndjson } else { Format::JsonValues });
        }
    }
}

impl Source<'_> {
    /// Has `look` see chunks of the beginning until it says that it has seen enough. They come again later.
    ///
    /// # Errors
    /// If it can't be read, or there is more to see than should be held back.
    pub(crate) fn peek(&mut self, most: usize, mut look: impl FnMut(&[u8]) -> bool) -> Result<(), RunError> {
        let name = &self.name;
        let unreadable = |source| RunError::Input { name: name.clone(), begun: true, source };
        let mut again = self.again.take();
        let (mut held, mut bytes) = (VecDeque::new(), 0);
        loop {
            let mut slot = Slot::default();
            let more = match (&mut again, &mut self.feed) {
                (Some(stream), _) => stream.next(&mut slot),
                (None, Feed::Stream(stream)) => {
                    stream.get_mut().unwrap_or_else(PoisonError::into_inner).0.next(&mut slot)
                }
                (None, Feed::Direct(_)) => Ok(false),
            };
            if !more.map_err(unreadable)? {
                break;
            }
            let text = &slot.buffer[slot.records.clone()];
            bytes += text.len();
            let is_enough = look(text.strip_prefix(BOM).unwrap_or(text));
            if again.is_none() {
                held.push_back(slot);
            }
            if is_enough {
                break;
            }
            if bytes > most {
                let why = "no record of its beginning goes out; name them in the chain as `output = { columns = [...] }`";
                return Err(RunError::UnknownColumns { name: "the output".to_owned(), why });
            }
        }
        if let (None, Feed::Stream(stream)) = (&again, &mut self.feed) {
            stream.get_mut().unwrap_or_else(PoisonError::into_inner).0.unread(held);
        }
        Ok(())
    }
}

/// A file read from one place on, wherever others read it.
struct Onward {
    file: File,
    at: u64,
}

impl Read for Onward {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = super::positioned::read_at(&self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
