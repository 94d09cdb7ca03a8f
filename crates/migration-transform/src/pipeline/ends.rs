//! The two ends of a run: where records come from and where they go.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use migration_model::{RecordSink, RecordSource};

use super::patience::Interruptible;

/// Where records come from. Each [`RecordSource`] becomes one by `into`.
pub enum Input<'a> {
    /// A file. Compressed if its name ends in `.gz` or `.zst`.
    File(PathBuf),
    /// A stream under a name for messages.
    Reader(String, Box<dyn Read + Send + 'a>),
    /// Something that has records. Always NDJSON, whatever [`Pipeline::from`](crate::Pipeline::from) says.
    Source(Box<dyn RecordSource + 'a>),
}

impl<'a> Input<'a> {
    /// The process's standard input. Where it is a pipe or a terminal, waiting for it ends as soon as `stop` is set (on Unix).
    #[must_use]
    pub fn stdin(stop: &'a AtomicBool) -> Self {
        let reader: Box<dyn Read + Send + 'a> = match Interruptible::stdin(stop) {
            Ok(reader) => Box::new(reader),
            Err(_) => Box::new(io::stdin()),
        };
        Self::Reader("stdin".to_owned(), reader)
    }
}

/// Where records go. Each [`RecordSink`] becomes one by `into`.
pub enum Output<'a> {
    /// A file, which gets its name when it is complete. Compressed if its name ends in `.gz` or `.zst`.
    File(PathBuf),
    /// A stream under a name for messages.
    Writer(String, Box<dyn Write + Send + 'a>),
    /// Something that takes records. Always NDJSON, whatever [`Pipeline::to`](crate::Pipeline::to) says, and as closely
    /// looked at as [`Validate::Full`](crate::Validate::Full) does. It is finished when all that a run has to publish
    /// is published, and not at all if the run fails.
    Sink(Box<dyn RecordSink + 'a>),
}

impl<'a, S: RecordSource + 'a> From<S> for Input<'a> {
    fn from(source: S) -> Self {
        Self::Source(Box::new(source))
    }
}

impl<'a, S: RecordSink + 'a> From<S> for Output<'a> {
    fn from(sink: S) -> Self {
        Self::Sink(Box::new(sink))
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Reader(name, _) => write!(f, "Reader({name})"),
            Self::Source(source) => write!(f, "Source({})", source.name()),
        }
    }
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Writer(name, _) => write!(f, "Writer({name})"),
            Self::Sink(sink) => write!(f, "Sink({})", sink.name()),
        }
    }
}
