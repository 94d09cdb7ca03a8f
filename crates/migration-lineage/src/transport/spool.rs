//! A folder for events that could not be sent: files of lines, in the order in which they were to be sent.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use migration_model::Checksum;
use thiserror::Error;

use super::patience::Patience;
use super::{OpenLineageConfig, Retry, SendError, Transport, TransportSettings, connect};

/// How many bytes may wait in a spool: more than a year of migrations, and less than a disk.
const LIMIT: u64 = 256 << 20;

/// How many bytes of events that were refused are kept.
const REFUSED_LIMIT: u64 = 16 << 20;

const EVENTS: &str = "ndjson";
const SENT: &str = "sent";

/// A folder for the events of one destination.
///
/// A file is written under another name and renamed when it is whole, so that who reads the folder never finds half of one.
/// Which of its events were sent is noted beside it after each, so that none is sent again after an interruption.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    number: AtomicU32,
}

/// What came of sending what waited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// How many events were sent.
    pub sent: u64,
    /// How many the server refused for good; they are in a file `refused.ndjson` of the folder.
    pub refused: u64,
    /// How many wait still.
    pub waiting: u64,
    /// Why, if any do.
    pub trouble: Option<String>,
    /// The folder.
    pub folder: Option<PathBuf>,
}

/// A spool that can't be used.
#[derive(Debug, Error)]
#[error("can't use {}", path.display())]
pub struct SpoolError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Sends what waits for the destination of these settings.
///
/// # Errors
/// [`SpoolError`] where the folder can't be read or written. A server that is away is no error: see [`Replayed::trouble`].
pub fn replay(config: &OpenLineageConfig) -> Result<Replayed, SpoolError> {
    let Some(folder) = &config.spool else { return Ok(Replayed::default()) };
    let spool = Spool::of(folder, &config.transport);
    if !spool.has_events() {
        return Ok(Replayed { folder: Some(spool.folder), ..Replayed::default() });
    }
    let mut transport = match connect(&config.transport) {
        Ok(transport) => transport,
        Err(error) => {
            let (waiting, trouble) = (spool.waiting(), Some(error.to_string()));
            return Ok(Replayed { waiting, trouble, folder: Some(spool.folder), ..Replayed::default() });
        }
    };
    let retry = match &config.transport {
        TransportSettings::Http(settings) => settings.retry.clone(),
        _ => Retry::never(),
    };
    let pause = |pause| {
        std::thread::sleep(pause);
        true
    };
    spool.replay(&mut *transport, &Patience { retry: &retry, end: &|| None, pause: &pause })
}

impl Spool {
    /// The spool of a destination below a folder. Nothing is made before there is something to keep.
    #[must_use]
    pub fn of(folder: &Path, transport: &TransportSettings) -> Self {
        let shown = transport.shown();
        let readable: String = shown
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' })
            .take(60)
            .collect();
        let name = format!("{readable}-{}", Checksum::of(&shown).short());
        Self { folder: folder.join(name), number: AtomicU32::new(0) }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether anything waits.
    #[must_use]
    pub fn has_events(&self) -> bool {
        !self.files().is_empty()
    }

    /// How many events wait.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        let lines = |path: &PathBuf| {
            let lines = fs::read_to_string(path).map_or(0, |text| text.lines().count() as u64);
            lines.saturating_sub(sent_of(path))
        };
        self.files().iter().map(lines).sum()
    }

    /// Keeps events, in order.
    ///
    /// # Errors
    /// [`SpoolError`] where they can't be written, or where too many wait already.
    pub fn keep(&self, events: &[String]) -> Result<(), SpoolError> {
        let failed = |source| SpoolError { path: self.folder.clone(), source };
        make_private(&self.folder).map_err(failed)?;
        let taken: u64 = self.files().iter().filter_map(|path| Some(fs::metadata(path).ok()?.len())).sum();
        let size: usize = events.iter().map(|event| event.len() + 1).sum();
        if taken + size as u64 > LIMIT {
            return Err(failed(io::Error::other("too many events wait there")));
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let name = format!("{now:020}-{}-{number:06}", std::process::id());
        let (part, whole) =
            (self.folder.join(format!("{name}.part")), self.folder.join(format!("{name}.{EVENTS}")));
        let mut text = String::with_capacity(size);
        for event in events {
            text.push_str(event);
            text.push('\n');
        }
        let mut file = private_file(&part).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        drop(file);
        fs::rename(&part, &whole).map_err(failed)
    }

    /// Puts an event aside that will never be taken.
    pub(super) fn refuse(&self, event: &str) {
        let path = self.folder.join("refused.ndjson");
        let room = fs::metadata(&path).map_or(0, |file| file.len()) < REFUSED_LIMIT;
        if room && make_private(&self.folder).is_ok() {
            // For people to look at: there is nobody to tell if it can't be written.
            let _ = private_file(&path).and_then(|mut file| file.write_all(format!("{event}\n").as_bytes()));
        }
    }

    /// Sends what waits, in order, up to the first event that can't be sent with some patience. Another process that is at it
    /// already is left alone.
    ///
    /// # Errors
    /// [`SpoolError`] where the folder can't be read or written.
    pub(super) fn replay(
        &self,
        transport: &mut dyn Transport,
        patience: &Patience<'_>,
    ) -> Result<Replayed, SpoolError> {
        let failed = |source| SpoolError { path: self.folder.clone(), source };
        let mut replayed = Replayed { folder: Some(self.folder.clone()), ..Replayed::default() };
        let lock = private_file(&self.folder.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                replayed.waiting = self.waiting();
                replayed.trouble = Some("another process sends them".to_owned());
                return Ok(replayed);
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        'files: for path in self.files() {
            let text = match fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(failed(source)),
            };
            let mut done = sent_of(&path);
            for event in text.lines().skip(usize::try_from(done).unwrap_or(usize::MAX)) {
                match patience.attempt(|left| transport.send(event, left)) {
                    None => {
                        replayed.trouble = Some("there was no time for more".to_owned());
                        break 'files;
                    }
                    Some(Ok(())) => replayed.sent += 1,
                    Some(Err(SendError::Refused { .. })) => {
                        replayed.refused += 1;
                        self.refuse(event);
                    }
                    Some(Err(SendError::Away { reason, .. })) => {
                        replayed.trouble = Some(reason);
                        break 'files;
                    }
                }
                done += 1;
                fs::write(path.with_extension(SENT), done.to_string()).map_err(failed)?;
            }
            // The events first: a note without events means nothing, events without their note would be sent again.
            fs::remove_file(&path).map_err(failed)?;
            let _ = fs::remove_file(path.with_extension(SENT));
        }
        replayed.waiting = self.waiting();
        Ok(replayed)
    }

    /// The files that wait, oldest first.
    fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == EVENTS))
            .filter(|path| path.file_stem().is_some_and(|stem| stem != "refused"))
            .collect();
        files.sort();
        files
    }
}

/// How many events of a file were sent.
fn sent_of(path: &Path) -> u64 {
    fs::read_to_string(path.with_extension(SENT)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// A folder that nobody else can read: statements are nobody else's business.
fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests;
