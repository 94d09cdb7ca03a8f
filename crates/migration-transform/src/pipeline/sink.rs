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
use super::place::is_special;
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

/// Takes the name of an output, so that no other run can, before anything is waited for. What is no file has none.
///
/// # Errors
/// If it can't be created, another run has it, or it is nothing that can be written so.
pub(crate) fn claim(
    pipeline: &Pipeline<'_>,
    output: &Output<'_>,
    format: FileFormat,
    replaces: bool,
) -> Result<Target, RunError> {
    let Output::File(path) = output else { return Ok(Target::Stream) };
    if !is_special(path) {
        let unsupported =
            |why: &str| Err(RunError::Unsupported { what: format!("`{}` {why}", path.display()) });
        if format == FileFormat::Parquet {
            if pipeline.append || Compression::of(path).is_some() {
                return unsupported(
                    "is to be Parquet, which compresses itself and to which nothing can be added",
                );
            }
            parquet::is_there(path)?;
        } else if pipeline.append
            && pipeline.to.or_else(|| FileFormat::of(path).ok()) == Some(FileFormat::Json)
        {
            return unsupported("is an array, to which nothing can be added");
        }
    }
    Target::claim(path, pipeline.append, replaces)
}

/// Opens an output whose name was claimed.
///
/// # Errors
/// If it can't be created.
pub(crate) fn open<'a>(
    pipeline: &Pipeline<'a>,
    output: Output<'a>,
    format: FileFormat,
    target: Target,
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
    let Some(file) = target.file() else {
        let file = special(&path, pipeline.blocked)?;
        let to = if is_parquet {
            parquet::writer(name.clone(), Box::new(file), &pipeline.parquet)?
        } else {
            Sink::Stream(writer(Compression::of(&path), &path, file)?)
        };
        return Ok(Opened { to, target, name, is_new: true });
    };
    let before = target.before();
    let to = if is_parquet {
        let not_created = |source| RunError::NotCreated { path: path.clone(), source };
        let file = file.try_clone().map_err(not_created)?;
        parquet::writer(name.clone(), Box::new(file), &pipeline.parquet)?
    } else {
        sink(file, &path, before)?
    };
    Ok(Opened { to, target, name, is_new: before == 0 })
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

/// A file for lines that are few, such as rejects, whose name was claimed.
///
/// # Errors
/// If it can't be created.
pub(crate) fn lines<'a>(
    path: &Path,
    target: &Target,
    blocked: Option<&'a AtomicBool>,
) -> Result<Box<dyn Finish + 'a>, RunError> {
    match target.file() {
        Some(file) => Ok(stream(file, path, target.before())?),
        None => writer(Compression::of(path), path, BufWriter::new(special(path, blocked)?)),
    }
}

impl Target {
    /// Takes the name of a file, to be added to or to be made; of what is no file nothing.
    ///
    /// # Errors
    /// If it can't be created, another run has it, or there is a file that isn't to be replaced.
    pub(crate) fn claim(path: &Path, append: bool, replaces: bool) -> Result<Self, RunError> {
        if is_special(path) {
            return Ok(Self::Stream);
        }
        if append {
            return Growing::open(path).map(Self::Grown);
        }
        Draft::create(path, replaces).map(|draft| Self::Draft(draft, path.to_owned()))
    }

    /// How many bytes it had.
    fn before(&self) -> u64 {
        if let Self::Grown(growing) = self { growing.before() } else { 0 }
    }

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
        ended.map_err(|source| failed(name, source))?;
        match self {
            Self::Draft(draft, _) => draft.publish(sync),
            Self::Grown(growing) => growing.keep(sync).map_err(|source| failed(name, source)),
            Self::Stream => Ok(()),
        }
    }
}
