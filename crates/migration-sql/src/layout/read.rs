//! Reading text files, many of them, with as few calls as can be.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use super::LoadError;
use super::listing::Kind;

/// Most migrations fit into this, so that a file costs an open, two reads (the second sees the end) and a close, and
/// where nobody knows yet what it is, a look before that.
const BUFFER: usize = 64 * 1024;

/// Reads files one after the other into one buffer.
pub(super) struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { buffer: Vec::with_capacity(BUFFER) }
    }

    /// The text of a file whose kind the listing of its folder says.
    pub(super) fn text(&mut self, path: &Path, kind: Kind) -> Result<&str, LoadError> {
        let read = match kind {
            Kind::File => self.read(path),
            Kind::Link | Kind::Directory => self.read_unknown(path),
        };
        read.map_err(|source| LoadError::unreadable(path, source))?;
        self.decode(path)
    }

    /// The text of a file; `None` if there is no such file (but not if a link leads nowhere).
    pub(super) fn text_if_present(&mut self, path: &Path) -> Result<Option<&str>, LoadError> {
        // What the name itself stands for, as that tells both in one call.
        let read = match path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error),
            Ok(found) if found.is_file() => self.read(path),
            Ok(_) => self.read_unknown(path),
        };
        read.map_err(|source| LoadError::unreadable(path, source))?;
        self.decode(path).map(Some)
    }

    fn read_unknown(&mut self, path: &Path) -> io::Result<()> {
        let kind = std::fs::metadata(path)?.file_type();
        if !kind.is_file() && !kind.is_dir() {
            // To open a pipe would be to wait for somebody to write into it.
            return Err(io::Error::other("it is no regular file"));
        }
        self.read(path)
    }

    fn read(&mut self, path: &Path) -> io::Result<()> {
        self.buffer.clear();
        // `take` has no other use than to keep `read_to_end` from asking for the size and the position of the file.
        File::open(path)?.take(u64::MAX).read_to_end(&mut self.buffer).map(drop)
    }

    fn decode(&self, path: &Path) -> Result<&str, LoadError> {
        std::str::from_utf8(&self.buffer).map_err(|error| {
            let offset = error.valid_up_to();
            let (line, column) = place(&self.buffer, offset);
            LoadError::NotUtf8 { path: path.to_owned(), offset, line, column }
        })
    }
}

/// The line and the column, in characters and both from 1, of a byte.
pub(super) fn place(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places_count_characters() {
        let text = "é = 1\n😀x".as_bytes();
        assert_eq!(place(text, 0), (1, 1));
        assert_eq!(place(text, 2), (1, 2));
        assert_eq!(place(text, text.len() - 1), (2, 2));
        assert_eq!(place(text, 99), (2, 3));
    }
}
