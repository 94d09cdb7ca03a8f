//! Where records come from and where they go: what a stream of records asks of a table, a queue, or anything else that
//! has records.
//!
//! Records are handed over as plain data: NDJSON, many at once. A file or a pipe needs none of this, as whoever runs a
//! stream reads and writes those himself.

use std::io;

/// Something that has records.
///
/// ```
/// use migration_model::RecordSource;
///
/// let mut source: &[u8] = b"{\"id\":1}\n{\"id\":2}\n";
/// let mut records = Vec::new();
/// assert!(source.read(&mut records, 10)?); // at least 10 bytes, or all that there are
/// assert_eq!(records, b"{\"id\":1}\n{\"id\":2}\n");
/// assert!(!source.read(&mut records, 10)?);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait RecordSource: Send {
    /// What messages call it, such as `` table `users` ``.
    fn name(&self) -> &str;

    /// Appends the next records: NDJSON (a JSON object and a line feed each), in UTF-8, whole. It should be about `wanted`
    /// bytes, and may be fewer or more; memory is bounded by what comes at once. Returns `false` at the end, when nothing
    /// was appended; it isn't asked again then.
    ///
    /// A line that is no JSON object is rejected with its reason and ends nothing.
    ///
    /// # Errors
    /// If no more can be read. The run ends, and the sink is not finished. What is no error of the system goes into
    /// [`io::Error::other`].
    fn read(&mut self, records: &mut Vec<u8>, wanted: usize) -> io::Result<bool>;

    /// How many bytes all its records have, if that is known: for progress only.
    fn total_bytes(&self) -> Option<u64> {
        None
    }
}

/// Something that takes records.
///
/// ```
/// use migration_model::RecordSink;
///
/// let mut sink = Vec::new();
/// sink.write(b"{\"id\":1}\n")?;
/// sink.finish()?;
/// assert_eq!(sink, b"{\"id\":1}\n");
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait RecordSink: Send {
    /// What messages call it, such as `` table `users` ``.
    fn name(&self) -> &str;

    /// Takes records in the order of the source: NDJSON, whole, at least one. One thread calls at a time, not always the
    /// same, and the others wait only when too many records are ready.
    ///
    /// # Errors
    /// If they can't be taken. The run ends, and [`RecordSink::finish`] is not called. What is no error of the system goes
    /// into [`io::Error::other`].
    fn write(&mut self, records: &[u8]) -> io::Result<()>;

    /// Is told of a record that does not go out, in order, before the records of the same chunk are written. It isn't
    /// part of what was asked for, so that nothing happens unless a sink wants it.
    ///
    /// # Errors
    /// As [`RecordSink::write`].
    fn reject(&mut self, _rejected: &RejectedRecord<'_>) -> io::Result<()> {
        Ok(())
    }

    /// All records were written: makes them durable and lets others see them. A sink that is dropped before must not pass
    /// what it has for complete.
    ///
    /// # Errors
    /// If it can't; nothing is complete then.
    fn finish(&mut self) -> io::Result<()>;
}

/// A record with which something is wrong, as it came from the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectedRecord<'a> {
    /// Its number in the source, from 1.
    pub record: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// What is wrong: a code such as `invalid-json`.
    pub reason: &'a str,
    /// Which field; none if it is the whole record.
    pub field: Option<&'a str>,
    /// Its bytes, which need not be UTF-8; of one that is too long only the beginning.
    pub text: &'a [u8],
}

impl<'a> RejectedRecord<'a> {
    /// The record of this number, on this line, with what is wrong and its bytes.
    #[must_use]
    pub fn new(record: u64, line: u64, reason: &'a str, field: Option<&'a str>, text: &'a [u8]) -> Self {
        Self { record, line, reason, field, text }
    }
}

/// NDJSON in memory.
impl RecordSource for &[u8] {
    fn name(&self) -> &str {
        "memory"
    }

    fn read(&mut self, records: &mut Vec<u8>, wanted: usize) -> io::Result<bool> {
        let least = wanted.clamp(1, self.len().max(1)).min(self.len());
        // Up to the end of the record in which that many bytes end.
        let end = match self[..least].last() {
            None => return Ok(false),
            Some(b'\n') => least,
            Some(_) => {
                let more = self[least..].iter().position(|byte| *byte == b'\n');
                more.map_or(self.len(), |at| least + at + 1)
            }
        };
        let (now, later) = self.split_at(end);
        records.extend_from_slice(now);
        *self = later;
        Ok(true)
    }

    fn total_bytes(&self) -> Option<u64> {
        Some(self.len() as u64)
    }
}

/// NDJSON in memory. It has nothing to hide what isn't complete: that is whether [`RecordSink::finish`] was called.
impl RecordSink for Vec<u8> {
    fn name(&self) -> &str {
        "memory"
    }

    fn write(&mut self, records: &[u8]) -> io::Result<()> {
        self.extend_from_slice(records);
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Declares that what holds a source or sink is one.
macro_rules! holders {
    ($($holder:ty),*) => {
        $(
            impl<T: RecordSource + ?Sized> RecordSource for $holder {
                fn name(&self) -> &str {
                    (**self).name()
                }

                fn read(&mut self, records: &mut Vec<u8>, wanted: usize) -> io::Result<bool> {
                    (**self).read(records, wanted)
                }

                fn total_bytes(&self) -> Option<u64> {
                    (**self).total_bytes()
                }
            }

            impl<T: RecordSink + ?Sized> RecordSink for $holder {
                fn name(&self) -> &str {
                    (**self).name()
                }

                fn write(&mut self, records: &[u8]) -> io::Result<()> {
                    (**self).write(records)
                }

                fn reject(&mut self, rejected: &RejectedRecord<'_>) -> io::Result<()> {
                    (**self).reject(rejected)
                }

                fn finish(&mut self) -> io::Result<()> {
                    (**self).finish()
                }
            }
        )*
    };
}

holders!(&mut T, Box<T>);

#[cfg(test)]
mod tests {
    use super::*;

    /// What a source hands out, call by call.
    fn pieces(mut source: Box<dyn RecordSource + '_>, wanted: usize) -> Vec<String> {
        let (mut pieces, mut records) = (Vec::new(), Vec::new());
        while source.read(&mut records, wanted).unwrap() {
            pieces.push(String::from_utf8(std::mem::take(&mut records)).unwrap());
        }
        assert!(records.is_empty());
        pieces
    }

    #[test]
    fn memory_is_cut_behind_records() {
        let mut text: &[u8] = b"{}\n{\"a\":1}\n\n{}";
        assert_eq!(text.total_bytes(), Some(14));
        assert_eq!(pieces(Box::new(text), 0), ["{}\n", "{\"a\":1}\n", "\n", "{}"]);
        assert_eq!(pieces(Box::new(text), 3), ["{}\n", "{\"a\":1}\n", "\n{}"]);
        assert_eq!(pieces(Box::new(&mut text), usize::MAX), ["{}\n{\"a\":1}\n\n{}"]);
        // It was lent, and is empty now.
        assert!(pieces(Box::new(text), 1).is_empty());
    }

    #[test]
    fn a_lent_sink_takes_all() {
        struct Counts([usize; 3]);
        impl RecordSink for Counts {
            fn name(&self) -> &str {
                "counts"
            }

            fn write(&mut self, _: &[u8]) -> io::Result<()> {
                self.0[0] += 1;
                Ok(())
            }

            fn reject(&mut self, rejected: &RejectedRecord<'_>) -> io::Result<()> {
                self.0[1] += rejected.text.len();
                Ok(())
            }

            fn finish(&mut self) -> io::Result<()> {
                self.0[2] += 1;
                Ok(())
            }
        }
        let mut counts = Counts([0; 3]);
        let mut sink: Box<dyn RecordSink + '_> = Box::new(&mut counts);
        sink.write(b"{}\n").unwrap();
        sink.reject(&RejectedRecord::new(2, 2, "invalid-json", None, b"{,}")).unwrap();
        sink.finish().unwrap();
        assert_eq!(sink.name(), "counts");
        drop(sink);
        assert_eq!(counts.0, [1, 3, 1]);
    }
}
