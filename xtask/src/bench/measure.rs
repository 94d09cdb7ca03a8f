//! What a run of a program costs: wall-clock time, CPU time and memory.
//!
//! The system adds up what all children of a process have used. So a program is run by a process of its own, this one
//! once more, whose only child it is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::step::{Failure, Result};

/// What this program is called with to run another one: `cargo xtask bench measure PROGRAM ARGUMENTS`.
pub(super) const COMMAND: &str = "measure";

/// What one run cost.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Cost {
    /// From start to exit.
    pub(super) wall: Duration,
    /// In user and in system mode together, of all its threads.
    pub(super) cpu: Duration,
    /// The most physical memory that it held at any time, in KiB.
    pub(super) peak_kib: u64,
}

/// A command line to be measured.
#[derive(Debug, Clone)]
pub(super) struct Invocation {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) folder: PathBuf,
    pub(super) variables: Vec<(String, String)>,
}

impl Invocation {
    pub(super) fn new(program: &Path, folder: &Path) -> Self {
        let (program, folder) = (program.to_owned(), folder.to_owned());
        Self { program, folder, arguments: Vec::new(), variables: Vec::new() }
    }

    pub(super) fn args<S: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub(super) fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs it once, without input and with its output thrown away. It must succeed.
    pub(super) fn measure(&self) -> Result<Cost> {
        let failed = |how: String| {
            let words: Vec<_> = self.arguments.iter().map(|word| word.to_string_lossy()).collect();
            Failure::new(format!("`{} {}`: {how}", self.program.display(), words.join(" ")))
        };
        let us = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
        let mut command = Command::new(us);
        command.args(["bench", COMMAND]).arg(&self.program).args(&self.arguments).current_dir(&self.folder);
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        let output = command.output().map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))
    }
}

/// Runs a program and prints what it cost.
pub(super) fn child(words: &[String]) -> Result {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failure::new("nothing to measure"));
    };
    let failed = |how: String| Failure::new(format!("`{program}`: {how}"));
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let status = command.status().map_err(|error| failed(error.to_string()))?;
    let wall = started.elapsed();
    if !status.success() {
        return Err(failed(status.to_string()));
    }
    let (cpu, peak_kib) = used_by_children().map_err(failed)?;
    let cost = serde_json::to_string(&Cost { wall, cpu, peak_kib }).map_err(|e| failed(e.to_string()))?;
    println!("{cost}");
    Ok(())
}

/// CPU time and the largest memory of the children that have ended: `getrusage(2)`.
#[cfg(unix)]
fn used_by_children() -> std::result::Result<(Duration, u64), String> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeVal;

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let duration = |time: TimeVal| {
        let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
        Duration::from_secs(seconds)
            + Duration::from_micros(u64::try_from(time.tv_usec()).unwrap_or_default())
    };
    let peak = u64::try_from(usage.max_rss()).unwrap_or_default();
    // Only Apple's systems count bytes.
    let peak_kib = if cfg!(target_vendor = "apple") { peak / 1024 } else { peak };
    Ok((duration(usage.user_time()) + duration(usage.system_time()), peak_kib))
}

#[cfg(not(unix))]
fn used_by_children() -> std::result::Result<(Duration, u64), String> {
    Err("what a program costs is only measured on Unix".to_owned())
}
