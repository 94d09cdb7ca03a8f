//! Opening an output, and what becomes of it at the end.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::aligned::Aligned;
use super::compression::{Compression, Plain, writer};
use super::error::RunError;
use super::ledger::{Sink, failed};
use super::publish::Draft;
use super::{FileFormat, Output, Pipeline, parquet};

/// An output that is about to be written.
pub(crate) struct Opened<'a> {
    pub(crate) to: Sink<'a>,
    pub(crate) target: Target,
    pub(crate) name: String,
    /// Whether nothing is in it yet.
    pub(crate) is_new: bool,
}

/// What becomes of an output at the end.
pub(crate) enum Target {
    /// It gets its name.
    Draft(Draft, PathBuf),
    /// It has one, and had so many bytes before.
    Grown(Growing),
    /// Nothing.
    Stream,
}

/// A file that is added to. It gets its old length back if it is dropped before the end.
pub(crate) struct Growing {
    file: File,
    path: PathBuf,
    before: u64,
    done: bool,
}

impl Drop for Growing {
    fn drop(&mut self) {
        if !self.done {
            let _ = self.file.set_len(self.before);
        }
    }
}

/// Opens an output.
///
/// # Errors
/// If it can't be created.
pub(crate) fn open<'a>(
    pipeline: &Pipeline<'_>,
    output: Output<'a>,
    format: FileFormat,
) -> Result<Opened<'a>, RunError> {
    let is_parquet = format == FileFormat::Parquet;
    let path = match output {
        Output::Writer(name, writer) => {
            let to = if is_parquet {
                parquet::writer(name.clone(), writer, &pipeline.parquet)?
            } else {
                Sink::Stream(Box::new(Plain(writer)))
            };
            return Ok(Opened { to, target: Target::Stream, name, is_new: true });
        }
        Output::Sink(sink) => {
            let name = sink.name().to_owned();
            return Ok(Opened { to: Sink::Records(sink), target: Target::Stream, name, is_new: true });
        }
        Output::File(path) => path,
    };
    let name = format!("`{}`", path.display());
    let not_created = |source| RunError::NotCreated { path: path.clone(), source };
    let is_special = path.metadata().is_ok_and(|known| !known.is_file());
    if is_special {
        // A device or a pipe: it can't be replaced, and must not be.
        let file = File::options().write(true).open(&path).map_err(not_created)?;
        let to = if is_parquet {
            parquet::writer(name.clone(), Box::new(file), &pipeline.parquet)?
        } else {
            Sink::Stream(writer(Compression::of(&path), &path, file)?)
        };
        return Ok(Opened { to, target: Target::Stream, name, is_new: true });
    }
    if is_parquet {
        if pipeline.append || Compression::of(&path).is_some() {
            let what =
                format!("{name} is to be Parquet, which compresses itself and to which nothing can be added");
            return Err(RunError::Unsupported { what });
        }
        // Before the draft, so that a build that can't leaves nothing.
        parquet::is_there(&path)?;
        let draft = Draft::create(&path)?;
        let file = draft.file().try_clone().map_err(not_created)?;
        let to = parquet::writer(name.clone(), Box::new(file), &pipeline.parquet)?;
        return Ok(Opened { to, target: Target::Draft(draft, path), name, is_new: true });
    }
    if pipeline.append {
        return grow(pipeline, path, name);
    }
    let draft = Draft::create(&path)?;
    let to = sink(draft.file(), &path, 0)?;
    Ok(Opened { to, target: Target::Draft(draft, path), name, is_new: true })
}

fn grow(pipeline: &Pipeline<'_>, path: PathBuf, name: String) -> Result<Opened<'static>, RunError> {
    let not_created = |source| RunError::NotCreated { path: path.clone(), source };
    if pipeline.to.or_else(|| FileFormat::of(&path).ok()) == Some(FileFormat::Json) {
        return Err(RunError::Unsupported {
            what: format!("{name} is an array, to which nothing can be added"),
        });
    }
    let file = File::options().read(true).write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(not_created)?;
    if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
        return Err(RunError::Busy { path });
    }
    let before = file.metadata().map_err(not_created)?.len();
    if before > 0 && Compression::of(&path).is_none() {
        let mut last = [0];
        super::positioned::read_at(&file, &mut last, before - 1).map_err(not_created)?;
        if last != *b"\n" {
            return Err(RunError::Unsupported { what: format!("{name} does not end with a line's end") });
        }
    }
    let to = sink(&file, &path, before)?;
    Ok(Opened {
        to,
        target: Target::Grown(Growing { file, path, before, done: false }),
        name,
        is_new: before == 0,
    })
}

/// Several threads write to a file, unless it is compressed.
fn sink(file: &File, path: &Path, offset: u64) -> Result<Sink<'static>, RunError> {
    let Some(kind) = Compression::of(path) else { return Ok(Sink::Places(Aligned::after(offset))) };
    let prepared = file.try_clone().and_then(|mut file| {
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(offset))?;
        Ok(file)
    });
    let file = prepared.map_err(|source| RunError::NotCreated { path: path.to_owned(), source })?;
    Ok(Sink::Stream(writer(Some(kind), path, BufWriter::with_capacity(64 << 10, file))?))
}

impl Target {
    /// The file, where its places are written to.
    pub(crate) fn file(&self) -> Option<&File> {
        match self {
            Self::Draft(draft, _) => Some(draft.file()),
            Self::Grown(growing) => Some(&growing.file),
            Self::Stream => None,
        }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Draft(_, path) | Self::Grown(Growing { path, .. }) => Some(path),
            Self::Stream => None,
        }
    }

    /// Writes what is still held back, and gives the file its name.
    ///
    /// # Errors
    /// What writing came to.
    pub(crate) fn finish(self, to: Sink<'_>, name: &str, sync: bool) -> Result<(), RunError> {
        let ended = match to {
            Sink::Places(_) | Sink::Columns(_) => Ok(()),
            Sink::Stream(stream) => stream.finish(),
            Sink::Records(mut sink) => sink.finish(),
        };
        let published = ended.and_then(|()| match self {
            Self::Draft(draft, _) => draft.publish(sync),
            Self::Grown(mut growing) => {
                if sync {
                    growing.file.sync_all()?;
                }
                growing.done = true;
                Ok(())
            }
            Self::Stream => Ok(()),
        });
        published.map_err(|source| failed(name, source))
    }
}
