//! Text that can be read twice, whatever it comes from.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// Of what can't be read twice, and of a text with an error in it, no more is kept in memory.
const MOST: u64 = 16 << 20;

/// Where the text is.
#[derive(Debug)]
pub(super) enum Input {
    /// A file, or a copy without a name of what comes from a pipe.
    File(File),
    Memory(Vec<u8>),
}

impl Input {
    pub(super) fn of_file(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.is_file() { Ok(Self::File(file)) } else { Self::of_pipe(file) }
    }

    pub(super) fn of_stdin() -> io::Result<Self> {
        Self::of_pipe(io::stdin().lock())
    }

    fn of_pipe(mut pipe: impl Read) -> io::Result<Self> {
        let mut head = Vec::new();
        if pipe.by_ref().take(MOST).read_to_end(&mut head)? < MOST as usize {
            return Ok(Self::Memory(head));
        }
        let mut copy = tempfile::tempfile()?;
        copy.write_all(&head)?;
        io::copy(&mut pipe, &mut copy)?;
        Ok(Self::File(copy))
    }

    pub(super) fn reader(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Self::File(file) => {
                let mut file = file;
                file.rewind()?;
                Box::new(file)
            }
            Self::Memory(bytes) => Box::new(&bytes[..]),
        })
    }

    /// All of it, if that is no more than may be kept.
    pub(super) fn text(&self) -> Option<String> {
        let mut bytes = Vec::new();
        let length = self.reader().ok()?.take(MOST).read_to_end(&mut bytes).ok()?;
        if length == MOST as usize { None } else { String::from_utf8(bytes).ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_a_pipe_can_be_read_twice() {
        for (length, is_file) in [(10, false), (MOST + 10, true)] {
            let input = Input::of_pipe(io::repeat(b'x').take(length)).unwrap();
            assert_eq!(matches!(input, Input::File(_)), is_file);
            for _ in 0..2 {
                assert_eq!(io::copy(&mut input.reader().unwrap(), &mut io::sink()).unwrap(), length);
            }
            assert_eq!(input.text().is_none(), is_file);
        }
    }
}
