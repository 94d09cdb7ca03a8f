//! One process that migrates: started, perhaps killed, and what it left to read.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Subject, Way};
use crate::Command;

/// Longer than any run takes that doesn't hang.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that runs.
#[derive(Debug)]
pub(super) struct Run {
    child: Child,
    stdout: File,
    stderr: File,
    started: Instant,
}

/// What a process left.
#[derive(Debug)]
pub(super) struct Ended {
    /// The exit code; `None` when a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) took: Duration,
}

impl Run {
    /// All migrations up, or all down, by the command; through another address if one is given.
    pub(super) fn of(subject: &dyn Subject, way: Way, port: Option<u16>) -> Self {
        let url = port.map(|port| through(subject, port));
        let arguments: &[&str] = match way {
            Way::Up => &["up", "--json"],
            Way::Down => &["down", "--all", "--json"],
        };
        Self::start(subject.migration(url.as_deref(), arguments).env("MIGRATION_LOG", "migration_sql=debug"))
    }

    /// The same by a program that dies at an event, from 1.
    pub(super) fn until_event(program: &str, subject: &dyn Subject, way: Way, event: usize) -> Self {
        let folder = subject.project().path("migrations");
        let folder = folder.to_str().expect("a path in UTF-8");
        Self::start(Command::program(program, &[folder, &subject.url(), &event.to_string(), way.name()]))
    }

    fn start(command: Command) -> Self {
        let file = || tempfile::tempfile().expect("a temporary file");
        let (stdout, stderr) = (file(), file());
        let copy = |file: &File| file.try_clone().expect("another handle");
        let child = command.start(copy(&stdout), copy(&stderr));
        Self { child, stdout, stderr, started: Instant::now() }
    }

    /// SIGKILL. To what has ended already it is nothing.
    pub(super) fn kill(&mut self) {
        self.child.kill().expect("a process of ours");
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a process of ours").is_some()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it hangs: it is killed then.
    pub(super) fn end(mut self) -> Result<Ended, String> {
        while !self.has_ended() {
            if self.started.elapsed() > PATIENCE {
                self.kill();
                _ = self.child.wait();
                return Err(format!("a run hangs\n{}", text(&mut self.stderr)));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        let took = self.started.elapsed();
        let code = self.child.wait().expect("a process of ours").code();
        Ok(Ended { code, stdout: text(&mut self.stdout), stderr: text(&mut self.stderr), took })
    }
}

impl Ended {
    /// The JSON object that it printed; null when it died before.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or(Value::Null)
    }

    /// The code of its error, or how else it ended.
    pub(super) fn how(&self) -> String {
        match (self.code, self.json()["error"]["code"].as_str()) {
            (None, _) => "killed".to_owned(),
            (Some(0), _) => "ok".to_owned(),
            (Some(code), None) => format!("exit code {code}"),
            (Some(_), Some(error)) => error.to_owned(),
        }
    }
}

/// The URL of the subject with another port.
fn through(subject: &dyn Subject, port: u16) -> String {
    let url = subject.url();
    let (before, rest) = url.split_once("127.0.0.1:").expect("a server on the loopback interface");
    let (_, database) = rest.split_once('/').expect("a database");
    format!("{before}127.0.0.1:{port}/{database}")
}

fn text(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("a temporary file");
    String::from_utf8_lossy(&bytes).into_owned()
}
