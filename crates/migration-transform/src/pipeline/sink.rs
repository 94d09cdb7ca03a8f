//! Opening an output, and what becomes of it at the end.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::aligned::Aligned;
use super::compression::{Compression, Finish, Plain, writer};
use super::error::RunError;
use super::grown::Growing;
use super::ledger::{Sink, failed};
use super::patience::{Marked, marked};
use super::publish::{Draft, is_special};
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

/// Opens an output.
///
/// # Errors
/// If it can't be created.
pub(crate) fn open<'a>(
    pipeline: &Pipeline<'a>,
    output: Output<'a>,
    format: FileFormat,
) -> Result<Opened<'a>, RunError> {
    let is_parquet = format == FileFormat::Parquet;
    let path = match output {
        Output::Writer(name, writer) => {
            let to = if is_parquet {
                parquet::writer(name.clone(), writer, &pipeline.parquet)?
            } else {
                Sink::Stream(Box::new(Plain(Marked::new(writer, pipeline.blocked))))
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
    if is_special(&path) {
        let file = special(&path, pipeline.blocked)?;
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
    if pipeline.to.or_else(|| FileFormat::of(&path).ok()) == Some(FileFormat::Json) {
        return Err(RunError::Unsupported {
            what: format!("{name} is an array, to which nothing can be added"),
        });
    }
    let growing = Growing::open(&path)?;
    let to = sink(growing.file(), &path, growing.before())?;
    let is_new = growing.before() == 0;
    Ok(Opened { to, target: Target::Grown(growing), name, is_new })
}

/// Several threads write to a file, unless it is compressed.
fn sink(file: &File, path: &Path, offset: u64) -> Result<Sink<'static>, RunError> {
    match Compression::of(path) {
        None => Ok(Sink::Places(Aligned::after(offset))),
        Some(_) => stream(file, path, offset).map(Sink::Stream),
    }
}

/// One writes from a place on.
fn stream(file: &File, path: &Path, offset: u64) -> Result<Box<dyn Finish>, RunError> {
    let prepared = file.try_clone().and_then(|mut file| {
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(offset))?;
        Ok(file)
    });
    let file = prepared.map_err(|source| RunError::NotCreated { path: path.to_owned(), source })?;
    writer(Compression::of(path), path, BufWriter::with_capacity(64 << 10, file))
}

/// A device or a pipe. It may take as long as it likes to be opened, and to take something.
fn special<'a>(path: &Path, blocked: Option<&'a AtomicBool>) -> Result<Marked<'a, File>, RunError> {
    let opened = marked(blocked, || File::options().write(true).open(path));
    let file = opened.map_err(|source| RunError::NotCreated { path: path.to_owned(), source })?;
    Ok(Marked::new(file, blocked))
}

/// A file for lines that are few, such as rejects; with `append` at its end.
///
/// # Errors
/// If it can't be created.
pub(crate) fn lines<'a>(
    path: &Path,
    append: bool,
    blocked: Option<&'a AtomicBool>,
) -> Result<(Box<dyn Finish + 'a>, Target), RunError> {
    if is_special(path) {
        let file = BufWriter::new(special(path, blocked)?);
        return Ok((writer(Compression::of(path), path, file)?, Target::Stream));
    }
    let (file, before, target);
    if append {
        let growing = Growing::open(path)?;
        (file, before) = (growing.file().try_clone(), growing.before());
        target = Target::Grown(growing);
    } else {
        let draft = Draft::create(path)?;
        (file, before) = (draft.file().try_clone(), 0);
        target = Target::Draft(draft, path.to_owned());
    }
    let file = file.map_err(|source| RunError::NotCreated { path: path.to_owned(), source })?;
    Ok((stream(&file, path, before)?, target))
}

impl Target {
    /// The file, where its places are written to.
    pub(crate) fn file(&self) -> Option<&File> {
        match self {
            Self::Draft(draft, _) => Some(draft.file()),
            Self::Grown(growing) => Some(growing.file()),
            Self::Stream => None,
        }
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Draft(_, path) => Some(path),
            Self::Grown(growing) => Some(growing.path()),
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
            Self::Grown(growing) => growing.keep(sync),
            Self::Stream => Ok(()),
        });
        published.map_err(|source| failed(name, source))
    }
}
