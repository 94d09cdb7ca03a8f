//! The compiled `migration` command.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// A command that is about to be run.
#[derive(Debug)]
pub struct Command(std::process::Command);

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Output {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Command {
    /// The `migration` command, without any of the environment that it reads.
    #[must_use]
    pub fn migration(arguments: &[&str]) -> Self {
        let mut command = std::process::Command::new(binary());
        command.args(arguments).stdin(Stdio::null()).env("NO_COLOR", "1").env_remove("RUST_LOG");
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if name == "DATABASE_URL" || text.starts_with("MIGRATION_") || text.starts_with("OPENLINEAGE_") {
                command.env_remove(name);
            }
        }
        Self(command)
    }

    /// A program of these tests.
    #[must_use]
    pub(crate) fn program(path: &str, arguments: &[&str]) -> Self {
        let mut command = std::process::Command::new(path);
        command.args(arguments).stdin(Stdio::null());
        Self(command)
    }

    /// Runs it in a folder.
    #[must_use]
    pub fn current_dir(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Gives it a file as standard input.
    #[must_use]
    pub fn stdin(mut self, file: std::fs::File) -> Self {
        self.0.stdin(file);
        self
    }

    /// Sends standard output to a file; [`Output::stdout`] is empty then.
    #[must_use]
    pub fn stdout(mut self, file: std::fs::File) -> Self {
        self.0.stdout(file);
        self
    }

    /// The same from a shell that prepares something first, such as a limit on itself.
    #[must_use]
    pub fn through(self, preparation: &str) -> Self {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("{preparation}; exec \"$0\" \"$@\"")]).arg(self.0.get_program());
        Self(self.like(shell))
    }

    /// A line for a POSIX shell, such as the advice in a report, in which `migration` is this command.
    #[must_use]
    pub fn line(self, line: &str) -> Self {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("migration() {{ \"$0\" \"$@\"; }}; {line}")]).arg(self.0.get_program());
        Self(self.like(shell))
    }

    /// The same as a user without privileges: modes of files mean nothing to root. `copy` is where such a user can run
    /// the command from.
    #[cfg(unix)]
    #[must_use]
    pub fn unprivileged(self, copy: &Path) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        use std::os::unix::process::CommandExt as _;
        let myself = std::fs::metadata("/proc/self").expect("a process").uid();
        if myself != 0 {
            return self;
        }
        std::fs::copy(self.0.get_program(), copy).expect("a copy of the command");
        let mut command = self.like(std::process::Command::new(copy));
        command.uid(65_534).gid(65_534);
        Self(command)
    }

    /// This one's arguments, folder and variables for another program.
    fn like(&self, mut command: std::process::Command) -> std::process::Command {
        command.args(self.0.get_args()).stdin(Stdio::null());
        if let Some(folder) = self.0.get_current_dir() {
            command.current_dir(folder);
        }
        for (name, value) in self.0.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(mut self) -> Output {
        let output = self.0.output().expect("the command can be started");
        Output {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
        }
    }

    /// Starts it, its output going to files.
    #[must_use]
    pub(crate) fn start(mut self, stdout: std::fs::File, stderr: std::fs::File) -> Child {
        self.0.stdout(stdout).stderr(stderr).spawn().expect("the command can be started")
    }

    /// Starts it and drops what it prints.
    #[must_use]
    pub fn spawn(mut self) -> Child {
        self.0.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command can be started")
    }
}

impl Output {
    /// The one JSON object on standard output.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .map_err(|error| format!("{error}\nstdout: {}\nstderr: {}", self.stdout, self.stderr))
            .expect("one JSON object on standard output")
    }

    /// The same, after checking the exit code.
    #[track_caller]
    #[must_use]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// The binary that `cargo xtask test` built and named, or one that is built now.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("MIGRATION_BIN") {
            return PathBuf::from(path);
        }
        let build = [
            "build",
            "--quiet",
            "--package",
            "migration-cli",
            "--features",
            "postgres,mysql",
            "--message-format",
            "json",
        ];
        let output = std::process::Command::new(env!("CARGO"))
            .args(build)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo can be started");
        let messages = String::from_utf8_lossy(&output.stdout);
        let executable = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
            .next_back();
        executable.expect("cargo builds the command")
    })
}
