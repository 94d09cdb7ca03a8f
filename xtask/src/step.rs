//! Running another program: printed first, and with advice when it fails.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What commands return.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// What went wrong, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    fix: Option<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), fix: None }
    }

    /// What to do about it.
    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed: {}", self.message)?;
        self.fix.as_ref().map_or(Ok(()), |fix| write!(f, "\n   fix: {fix}"))
    }
}

impl Error for Failure {}

/// The root of the repository; steps run there.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// One run of another program.
#[derive(Debug)]
pub(crate) struct Step {
    command: Command,
    shown: String,
    fix: Option<String>,
}

impl Step {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let shown = quoted(&program.as_ref().to_string_lossy());
        Self::shown_as(program, &shown)
    }

    /// The cargo that runs this.
    pub(crate) fn cargo(arguments: &[&str]) -> Self {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self::shown_as(program, "cargo").args(arguments)
    }

    /// A program that is printed under another name than its path.
    pub(crate) fn shown_as(program: impl AsRef<OsStr>, name: &str) -> Self {
        let mut command = Command::new(program);
        command.current_dir(root()).stdin(Stdio::null());
        Self { command, shown: name.to_owned(), fix: None }
    }

    pub(crate) fn args<S: AsRef<str>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        for argument in arguments {
            self.command.arg(argument.as_ref());
            self.shown.push(' ');
            self.shown.push_str(&quoted(argument.as_ref()));
        }
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self.shown = format!("{name}={} {}", quoted(value), self.shown);
        self
    }

    /// What to do when it fails.
    pub(crate) fn fix(mut self, fix: &str) -> Self {
        self.fix = Some(fix.to_owned());
        self
    }

    /// Prints the command line and runs it, its output going where ours goes.
    pub(crate) fn run(mut self) -> Result {
        println!("$ {}", self.shown);
        let status = self.command.status().map_err(|error| self.not_started(&error))?;
        if status.success() { Ok(()) } else { Err(self.failed(&status.to_string())) }
    }

    /// As [`Step::run`], but returns what the program writes to its standard output.
    pub(crate) fn read(mut self) -> Result<String> {
        println!("$ {}", self.shown);
        let output =
            self.command.stderr(Stdio::inherit()).output().map_err(|error| self.not_started(&error))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(text);
        }
        print!("{text}");
        Err(self.failed(&output.status.to_string()))
    }

    /// As [`Step::run`], and hands each line that the program writes to its standard output to `each`, too.
    pub(crate) fn read_lines(mut self, mut each: impl FnMut(&str)) -> Result {
        println!("$ {}", self.shown);
        let child = self.command.stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| self.not_started(&error))?;
        for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).split(b'\n')) {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            each(&line);
        }
        let status = child.wait().map_err(|error| self.failed(&error.to_string()))?;
        if status.success() { Ok(()) } else { Err(self.failed(&status.to_string())) }
    }

    fn not_started(&self, error: &io::Error) -> Failure {
        self.failed(&format!("could not be started: {error}"))
    }

    fn failed(&self, how: &str) -> Failure {
        Failure { message: format!("`{}`: {how}", self.shown), fix: self.fix.clone() }
    }
}

/// The text as one word of a shell's command line.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Step, quoted};

    #[test]
    fn what_is_shown_can_be_pasted_into_a_shell() {
        assert_eq!(quoted("sqlite:///target/demo/shop.db"), "sqlite:///target/demo/shop.db");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        let step = Step::cargo(&["doc"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(step.shown, "RUSTDOCFLAGS='-D warnings' cargo doc");
    }

    #[test]
    fn lines_are_read_as_they_come() {
        let mut lines = Vec::new();
        let step = Step::new("sh").args(["-c", "echo a; printf b; exit 3"]);
        assert!(step.read_lines(|line| lines.push(line.to_owned())).is_err());
        assert_eq!(lines, ["a", "b"]);
    }

    #[test]
    fn a_failure_names_the_command_and_the_fix() {
        let failure = Step::new("sh").args(["-c", "exit 3"]).fix("try again").run().unwrap_err();
        assert_eq!(failure.to_string(), "failed: `sh -c 'exit 3'`: exit status: 3\n   fix: try again");
        let failure = Step::new("no-such-program").run().unwrap_err();
        assert!(failure.to_string().starts_with("failed: `no-such-program`: could not be started"));
    }
}
