//! The file below: read at any place, never beyond its end.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

use crate::pipeline::positioned::read_at;

/// A file of a length that was looked at once.
pub(super) struct Positioned {
    file: Arc<File>,
    length: u64,
}

impl Positioned {
    pub(super) fn new(file: File, length: u64) -> Self {
        Self { file: Arc::new(file), length }
    }
}

impl Length for Positioned {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Positioned {
    type T = BufReader<Onward>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(Onward { file: Arc::clone(&self.file), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // A damaged file may ask for more than there is memory.
        let cut_off = || ParquetError::EOF("the file is shorter than it says".to_owned());
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(cut_off());
        }
        let mut buffer = vec![0; length];
        if read_at(&self.file, &mut buffer, start)? < length {
            return Err(cut_off());
        }
        Ok(buffer.into())
    }
}

/// The file from one place on.
pub(super) struct Onward {
    file: Arc<File>,
    at: u64,
}

impl Read for Onward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
