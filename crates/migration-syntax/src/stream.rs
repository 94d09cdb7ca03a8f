//! Splitting what is read piece by piece. There is one splitter: it works on a window of the text, and where the
//! window doesn't tell what the next token is, it waits for a larger one.

use std::io::{self, Read};

use crate::error::{Fault, Stop};
use crate::splitter::Cut;
use crate::{SplitError, SplitOptions, Splitter, Statement, scan};

/// So much is asked of the reader at once.
const CHUNK: usize = 64 << 10;

/// Cuts what a reader gives into [`Statement`]s: the same as [`split`](crate::split) would make of the whole text.
///
/// Memory is bounded by the largest statement (or comment) and not by the text: the window holds the statement that is
/// being read, at most once more as much of what follows, and a chunk of 64 KiB. The rows behind a `COPY … FROM stdin`
/// belong to their statement. Time is linear in the length of the text, however the reader cuts it into pieces.
///
/// A statement is handed out when the bytes behind it have been read, 16 or less, or the end.
///
/// ```
/// use migration_syntax::{Dialect, StreamSplitter};
///
/// let file = "CREATE TABLE t (a text);\nINSERT INTO t VALUES (';');".as_bytes();
/// let mut splitter = StreamSplitter::new(file, Dialect::Postgres);
/// let mut lines = Vec::new();
/// while let Some(statement) = splitter.next_statement()? {
///     lines.push((statement.line, statement.start..statement.end));
/// }
/// assert_eq!(lines, [(1, 0..23), (2, 25..51)]);
/// # Ok::<(), migration_syntax::StreamError>(())
/// ```
#[derive(Debug)]
pub struct StreamSplitter<R> {
    source: Source<R>,
    /// The window: all of the text that is still needed.
    text: String,
    /// The offset of the first NUL in the window.
    first_nul: Option<usize>,
    /// Where the window begins in the text.
    base: Place,
    /// Over no text, between calls.
    splitter: Splitter<'static>,
    /// Why nothing follows the window.
    failed: Option<StreamError>,
    /// Whether there is nothing more to come: the end, or an error.
    is_done: bool,
}

/// A place in the text.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: usize,
    /// From 1.
    line: usize,
    /// From 1.
    column: usize,
}

/// Why a reader's text can't be cut into statements.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The text itself.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// A byte that is no UTF-8.
    #[error("text that is not UTF-8, at offset {offset}")]
    NotUtf8 {
        /// How many bytes come before.
        offset: usize,
    },
    /// The reader has failed.
    #[error("the text can't be read")]
    Read(#[source] io::Error),
}

impl<R: Read> StreamSplitter<R> {
    /// A splitter of what the reader has still to give. No buffer is needed around the reader.
    pub fn new(reader: R, options: impl Into<SplitOptions>) -> Self {
        StreamSplitter {
            source: Source::new(reader),
            text: String::new(),
            first_nul: None,
            base: Place { offset: 0, line: 1, column: 1 },
            splitter: Splitter::new("", options),
            failed: None,
            is_done: false,
        }
    }

    /// The next statement, and `None` behind the last one. Its offsets and its line are those in the whole text.
    ///
    /// # Errors
    ///
    /// Those of [`split`](crate::split), when they are reached and not before the statements in front of them; a
    /// failing reader; and text that is not UTF-8. After an error there is nothing more.
    pub fn next_statement(&mut self) -> Result<Option<Statement<'_>>, StreamError> {
        match self.cut() {
            Ok(Some(cut)) => Ok(Some(cut.of(&self.text, self.base.offset))),
            Ok(None) => {
                self.is_done = true;
                Ok(None)
            }
            Err(error) => {
                self.is_done = true;
                Err(error)
            }
        }
    }

    /// How many bytes are held.
    #[cfg(test)]
    pub(crate) fn window(&self) -> usize {
        self.text.capacity()
    }

    fn cut(&mut self) -> Result<Option<Cut>, StreamError> {
        while !self.is_done {
            let is_whole = self.source.is_at_end && self.failed.is_none();
            let mut splitter = self.splitter.take_over(&self.text, self.first_nul, is_whole);
            let found = splitter.cut();
            let passed = match found {
                // The rest is moved, so that there must be something to gain.
                Err(Stop::Starved) => Some(splitter.passed()).filter(|passed| *passed > self.text.len() / 2),
                _ => None,
            };
            passed.iter().for_each(|passed| splitter.drop_front(*passed));
            self.splitter = splitter.take_over("", None, true);
            match found {
                Ok(cut) => return Ok(cut),
                Err(Stop::Fault(fault)) => return Err(self.place(fault).into()),
                Err(Stop::Starved) => {
                    self.forget(passed.unwrap_or(0));
                    self.read()?;
                }
            }
        }
        Ok(None)
    }

    /// Drops the beginning of the window.
    fn forget(&mut self, passed: usize) {
        if passed > 0 {
            self.base = self.base.behind(&self.text[..passed]);
            self.text.drain(..passed);
            self.first_nul = self.first_nul.map(|at| at - passed);
        }
    }

    /// Lengthens the window behind the next token's start to twice what it is, or to the end of the text.
    ///
    /// A token that the window doesn't hold is read again from its start, which so takes linear time all in all.
    fn read(&mut self) -> Result<(), StreamError> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        let token = self.text.len().saturating_sub(self.splitter.at());
        let enough = self.text.len() + token.max(1);
        while self.text.len() < enough && !self.source.is_at_end && self.failed.is_none() {
            let known = self.text.len();
            // What came before the trouble is split first, however it was cut into pieces.
            self.failed = self.source.read(&mut self.text).err().map(|trouble| match trouble {
                Trouble::NotUtf8 => StreamError::NotUtf8 { offset: self.base.offset + self.text.len() },
                Trouble::Read(error) => StreamError::Read(error),
            });
            if self.first_nul.is_none() {
                self.first_nul = scan::find(self.text.as_bytes(), known, 0);
            }
        }
        Ok(())
    }

    fn place(&self, fault: Fault) -> SplitError {
        let before = &self.text[..self.text.floor_char_boundary(fault.offset)];
        let place = self.base.behind(before);
        let fault = Fault { offset: self.base.offset + fault.offset, ..fault };
        SplitError::at(fault, place.line, place.column)
    }
}

impl Place {
    /// The place behind a text that begins here; counted as [`LineIndex`](crate::LineIndex) does.
    fn behind(self, text: &str) -> Place {
        let offset = self.offset + text.len();
        let text = if self.offset == 0 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        let (line, column) = match text.rfind('\n') {
            Some(end) => (self.line + scan::count(text.as_bytes(), b'\n'), text[end..].chars().count()),
            None => (self.line, self.column + text.chars().count()),
        };
        Place { offset, line, column }
    }
}

/// A reader whose bytes become text.
#[derive(Debug)]
struct Source<R> {
    reader: R,
    chunk: Box<[u8]>,
    /// So many bytes at the start of the chunk are the beginning of a character whose rest was not yet read.
    pending: usize,
    is_at_end: bool,
}

enum Trouble {
    /// Behind the text so far.
    NotUtf8,
    Read(io::Error),
}

impl<R: Read> Source<R> {
    fn new(reader: R) -> Self {
        Source { reader, chunk: vec![0; CHUNK].into_boxed_slice(), pending: 0, is_at_end: false }
    }

    /// Appends what the reader gives at once.
    fn read(&mut self, text: &mut String) -> Result<(), Trouble> {
        let length = loop {
            match self.reader.read(&mut self.chunk[self.pending..]) {
                Ok(length) => break length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Trouble::Read(error)),
            }
        };
        self.is_at_end = length == 0;
        let bytes = &self.chunk[..self.pending + length];
        let valid = match std::str::from_utf8(bytes) {
            Ok(more) => {
                text.push_str(more);
                bytes.len()
            }
            Err(error) => {
                let valid = error.valid_up_to();
                text.push_str(std::str::from_utf8(&bytes[..valid]).unwrap_or_default());
                if error.error_len().is_some() || self.is_at_end {
                    return Err(Trouble::NotUtf8);
                }
                valid
            }
        };
        let end = bytes.len();
        self.chunk.copy_within(valid..end, 0);
        self.pending = end - valid;
        Ok(())
    }
}
