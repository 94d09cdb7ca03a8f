//! Records in memory, and those of any source, as the pipeline reads them.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};

use migration_model::{RecordSink, RecordSource};

use crate::value::Record;

/// How much of a source is asked for at once.
const WANTED: usize = 256 << 10;

/// Owned records in memory, as a source and as a sink.
///
/// ```
/// use migration_transform::{DataMigrator, FieldRenameTransformer, Record, Records};
///
/// let mut migrator = DataMigrator::default();
/// migrator.add_transformer(FieldRenameTransformer::new([("a", "b")])?);
/// let mut migrated = Records::default();
/// let record = Record::from_json(r#"{"a":1.0}"#).unwrap();
/// let report = migrator.run(Records::from(vec![record]), &mut migrated)?;
/// assert_eq!(report.records_out, 1);
/// assert_eq!(migrated.into_vec()[0].to_json(), r#"{"b":1.0}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records(VecDeque<Record>);

impl Records {
    /// Those that are there, in order.
    #[must_use]
    pub fn into_vec(self) -> Vec<Record> {
        self.0.into()
    }
}

impl From<Vec<Record>> for Records {
    fn from(records: Vec<Record>) -> Self {
        Self(records.into())
    }
}

impl FromIterator<Record> for Records {
    fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
        Self(records.into_iter().collect())
    }
}

/// Hands out those at the front.
impl RecordSource for Records {
    fn name(&self) -> &str {
        "memory"
    }

    fn read(&mut self, records: &mut Vec<u8>, wanted: usize) -> io::Result<bool> {
        let before = records.len();
        let mut line = String::new();
        while records.len() - before < wanted.max(1) {
            let Some(record) = self.0.pop_front() else { break };
            line.clear();
            record.write_json(&mut line);
            // A value keeps the blanks with which it came, and one line is one record.
            if line.contains(['\n', '\r']) {
                line = line.replace(['\n', '\r'], " ");
            }
            records.extend_from_slice(line.as_bytes());
            records.push(b'\n');
        }
        Ok(records.len() > before)
    }
}

/// Adds records at the back.
impl RecordSink for Records {
    fn name(&self) -> &str {
        "memory"
    }

    fn write(&mut self, records: &[u8]) -> io::Result<()> {
        let text = std::str::from_utf8(records).map_err(io::Error::other)?;
        for line in text.lines() {
            let record = Record::from_json(line);
            self.0.push_back(record.map_err(|reason| io::Error::new(ErrorKind::InvalidData, reason.code()))?);
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes of a source, read as those of a pipe are.
pub(crate) struct Lines<'a> {
    source: Box<dyn RecordSource + 'a>,
    held: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(source: Box<dyn RecordSource + 'a>) -> Self {
        Self { source, held: Vec::new(), at: 0, ended: false }
    }
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.held.len() && !self.ended {
            self.held.clear();
            self.at = 0;
            self.ended = !self.source.read(&mut self.held, WANTED)?;
            // What comes at once is whole: the next record is another one.
            if self.held.last().is_some_and(|last| *last != b'\n') {
                self.held.push(b'\n');
            }
        }
        let length = buffer.len().min(self.held.len() - self.at);
        buffer[..length].copy_from_slice(&self.held[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}
