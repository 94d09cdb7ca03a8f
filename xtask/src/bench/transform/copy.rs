//! The floor: a copy of the file with the same threads and the same pieces, and nothing else.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::bench::measure::Invocation;
use crate::step::{Failure, Result};

/// What this program is called with to copy: `cargo xtask bench copy FROM TO SHIFT`, where so many bytes are left free at the
/// beginning.
pub(in crate::bench) const COMMAND: &str = "copy";

const PIECE: u64 = 256 << 10;

pub(super) fn invocation(from: &Path, to: &Path, folder: &Path, shift: u64) -> Result<Invocation> {
    let us = std::env::current_exe().map_err(|error| Failure::new(error.to_string()))?;
    let words: [OsString; 5] =
        ["bench".into(), COMMAND.into(), from.into(), to.into(), shift.to_string().into()];
    Ok(Invocation::new(&us, folder).args(words))
}

/// Copies a file with as many threads as there are cores.
#[cfg(unix)]
pub(in crate::bench) fn child(words: &[String]) -> Result {
    use std::os::unix::fs::FileExt;

    let [from, to, shift] = words else { return Err(Failure::new("a copy is from somewhere to somewhere")) };
    let shift: u64 = shift.parse().map_err(|_| Failure::new(format!("`{shift}` is no number of bytes")))?;
    let failed = |error: std::io::Error| Failure::new(format!("{from} to {to}: {error}"));
    let (source, target) = (File::open(from).map_err(failed)?, File::create(to).map_err(failed)?);
    let length = source.metadata().map_err(failed)?.len();
    let next = AtomicU64::new(0);
    let work = || -> std::io::Result<()> {
        let mut buffer = vec![0; usize::try_from(PIECE).unwrap_or(1 << 18)];
        loop {
            let at = next.fetch_add(PIECE, Ordering::Relaxed);
            if at >= length {
                return Ok(());
            }
            let piece = usize::try_from((length - at).min(PIECE)).unwrap_or(0);
            source.read_exact_at(&mut buffer[..piece], at)?;
            target.write_all_at(&buffer[..piece], at + shift)?;
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().try_for_each(|handle| handle.join().unwrap_or(Ok(())))
    })
    .map_err(failed)
}

#[cfg(not(unix))]
pub(in crate::bench) fn child(_words: &[String]) -> Result {
    Err(Failure::new("only measured on Unix"))
}
