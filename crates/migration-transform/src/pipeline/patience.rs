//! What may keep a run waiting, such as a pipe that nobody writes to, and how the run can be left all the same.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// A file or pipe whose reading ends with an error as soon as a flag is set, even while it waits.
pub(crate) struct Interruptible<'a> {
    file: File,
    stop: &'a AtomicBool,
    /// Whether it may wait at all.
    waits: bool,
}

impl<'a> Interruptible<'a> {
    pub(crate) fn new(file: File, stop: &'a AtomicBool) -> Self {
        let waits = file.metadata().map_or(true, |known| !known.is_file());
        Self { file, stop, waits }
    }

    /// Stdin, without a buffer of its own.
    #[cfg(unix)]
    pub(crate) fn stdin(stop: &'a AtomicBool) -> io::Result<Self> {
        use std::os::fd::AsFd;
        Ok(Self::new(io::stdin().as_fd().try_clone_to_owned()?.into(), stop))
    }

    /// Stdin, without a buffer of its own.
    #[cfg(windows)]
    pub(crate) fn stdin(stop: &'a AtomicBool) -> io::Result<Self> {
        use std::os::windows::io::AsHandle;
        Ok(Self::new(io::stdin().as_handle().try_clone_to_owned()?.into(), stop))
    }

    /// Until there is something to read, be it the end.
    #[cfg(unix)]
    fn wait(&self) -> io::Result<()> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        use rustix::io::Errno;

        /// How long the flag may go unseen.
        const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        while !self.stop.load(Ordering::Relaxed) {
            match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&LOOK)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::other("interrupted"))
    }

    /// Only between two calls.
    #[cfg(not(unix))]
    fn wait(&self) -> io::Result<()> {
        if self.stop.load(Ordering::Relaxed) { Err(io::Error::other("interrupted")) } else { Ok(()) }
    }
}

impl Read for Interruptible<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.waits {
            self.wait()?;
        }
        self.file.read(buffer)
    }
}

/// Does something that may wait, and says so meanwhile.
pub(crate) fn marked<T>(blocked: Option<&AtomicBool>, work: impl FnOnce() -> T) -> T {
    let Some(blocked) = blocked else { return work() };
    blocked.store(true, Ordering::Relaxed);
    let done = work();
    blocked.store(false, Ordering::Relaxed);
    done
}

/// A writer that says so while it may wait.
pub(crate) struct Marked<'a, W> {
    writer: W,
    blocked: Option<&'a AtomicBool>,
}

impl<'a, W> Marked<'a, W> {
    pub(crate) fn new(writer: W, blocked: Option<&'a AtomicBool>) -> Self {
        Self { writer, blocked }
    }
}

impl<W: Write> Write for Marked<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        marked(self.blocked, || self.writer.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        marked(self.blocked, || self.writer.flush())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::thread::{sleep, spawn};
    use std::time::Duration;

    use super::*;

    #[test]
    fn waiting_can_be_ended() {
        static STOP: AtomicBool = AtomicBool::new(false);
        let (reader, mut writer) = io::pipe().unwrap();
        let mut reader = Interruptible::new(File::from(std::os::fd::OwnedFd::from(reader)), &STOP);
        let mut buffer = [0; 9];
        writer.write_all(b"abc").unwrap();
        assert_eq!(reader.read(&mut buffer).unwrap(), 3);
        let stopper = spawn(|| {
            sleep(Duration::from_millis(150));
            STOP.store(true, Ordering::Relaxed);
        });
        assert_eq!(reader.read(&mut buffer).unwrap_err().to_string(), "interrupted");
        stopper.join().unwrap();
        drop(writer);
        STOP.store(false, Ordering::Relaxed);
        assert_eq!(reader.read(&mut buffer).unwrap(), 0);
    }
}
