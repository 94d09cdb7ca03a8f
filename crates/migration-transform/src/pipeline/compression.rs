//! Compressed files, told by their extension.

use std::io::{Read, Write};
use std::path::Path;

use super::error::RunError;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// By the extension of a file: `.gz` or `.zst`.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "gz" => Some(Self::Gzip),
            "zst" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// By the first bytes of a file (RFC 1952, RFC 8878), with which no text of ours can begin.
    pub(crate) fn begun_by(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A frame, or one to be skipped, with which some programs begin.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether it takes more of these first bytes to tell.
    pub(crate) fn may_be_begun_by(bytes: &[u8]) -> bool {
        matches!(
            bytes,
            [] | [0x1f]
                | [0x28]
                | [0x28, 0xb5]
                | [0x28, 0xb5, 0x2f]
                | [0x50..=0x5f]
                | [0x50..=0x5f, 0x2a]
                | [0x50..=0x5f, 0x2a, 0x4d]
        )
    }
}

/// What a build without the feature makes of a stream.
#[cfg(not(all(feature = "gzip", feature = "zstd")))]
fn missing<S, T>(_: S, path: &Path, feature: &'static str) -> Result<T, RunError> {
    Err(RunError::FeatureMissing { path: path.to_owned(), feature })
}

/// What comes out of a compressed file.
///
/// # Errors
/// If the build can't, or the text is none such.
pub(crate) fn reader<'a>(
    kind: Compression,
    path: &Path,
    from: Box<dyn Read + Send + 'a>,
) -> Result<Box<dyn Read + Send + 'a>, RunError> {
    match kind {
        #[cfg(feature = "gzip")]
        Compression::Gzip => Ok(Box::new(flate2::read::MultiGzDecoder::new(from))),
        #[cfg(not(feature = "gzip"))]
        Compression::Gzip => missing(from, path, "gzip"),
        #[cfg(feature = "zstd")]
        Compression::Zstd => {
            let reader = zstd::stream::read::Decoder::new(from);
            let failed = |source| RunError::Input { name: path.display().to_string(), begun: false, source };
            Ok(Box::new(reader.map_err(failed)?))
        }
        #[cfg(not(feature = "zstd"))]
        Compression::Zstd => missing(from, path, "zstd"),
    }
}

/// A writer that has an end.
pub(crate) trait Finish: Write + Send {
    /// Writes what is still held back.
    ///
    /// # Errors
    /// What writing came to.
    fn finish(self: Box<Self>) -> std::io::Result<()>;
}

/// A writer as it is.
pub(crate) struct Plain<W>(pub(crate) W);

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write + Send> Finish for Plain<W> {
    fn finish(mut self: Box<Self>) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[cfg(feature = "gzip")]
impl<W: Write + Send> Finish for flate2::write::GzEncoder<W> {
    fn finish(self: Box<Self>) -> std::io::Result<()> {
        flate2::write::GzEncoder::finish(*self)?.flush()
    }
}

#[cfg(feature = "zstd")]
impl<W: Write + Send> Finish for zstd::stream::write::Encoder<'static, W> {
    fn finish(self: Box<Self>) -> std::io::Result<()> {
        zstd::stream::write::Encoder::finish(*self)?.flush()
    }
}

/// What goes into a compressed file.
///
/// # Errors
/// If the build can't.
pub(crate) fn writer<'a, W: Write + Send + 'a>(
    kind: Option<Compression>,
    path: &Path,
    to: W,
) -> Result<Box<dyn Finish + 'a>, RunError> {
    match kind {
        None => Ok(Box::new(Plain(to))),
        #[cfg(feature = "gzip")]
        Some(Compression::Gzip) => {
            Ok(Box::new(flate2::write::GzEncoder::new(to, flate2::Compression::default())))
        }
        #[cfg(not(feature = "gzip"))]
        Some(Compression::Gzip) => missing(to, path, "gzip"),
        #[cfg(feature = "zstd")]
        Some(Compression::Zstd) => {
            let failed = |source| RunError::NotCreated { path: path.to_owned(), source };
            Ok(Box::new(zstd::stream::write::Encoder::new(to, 0).map_err(failed)?))
        }
        #[cfg(not(feature = "zstd"))]
        Some(Compression::Zstd) => missing(to, path, "zstd"),
    }
}
