//! Where the database's URL is to be had: as it stands, or from a variable, a file or a command.
//!
//! What is told in one of the last three ways is never shown: no part of it, if it turns out to be no URL.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use migration_kit::sql::DatabaseUrl;

use super::Origin;
use crate::failure::{Failure, NextAction, Result};
use crate::secret::Secret;

/// Where the database's URL is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UrlSource {
    /// Here.
    Literal(Secret),
    /// In an environment variable.
    Variable(String),
    /// In a file.
    File(PathBuf),
    /// On the standard output of a program.
    Command {
        /// The program and its arguments: no shell reads them.
        words: Vec<String>,
        /// Where it is run.
        folder: PathBuf,
    },
}

impl UrlSource {
    /// As it stands in a settings file of this folder: relative paths count from there.
    pub(super) fn below(self, folder: &Path) -> Self {
        match self {
            Self::Literal(url) => Self::Literal(below(folder, url)),
            Self::File(path) => Self::File(folder.join(path)),
            Self::Command { words, .. } => Self::Command { words, folder: folder.to_owned() },
            other => other,
        }
    }

    /// How it is had, behind where that is said; nothing where it stands there itself.
    pub(crate) fn way(&self) -> String {
        match self {
            Self::Literal(_) => String::new(),
            Self::Variable(name) => format!(", variable {name}"),
            Self::File(path) => format!(", file {}", path.display()),
            // The words behind the program may be what is to be kept secret.
            Self::Command { words, .. } => {
                format!(", command {}", words.first().map(String::as_str).unwrap_or_default())
            }
        }
    }

    /// The URL's text.
    ///
    /// # Errors
    /// `environment.url_unavailable` when the variable is not set, the file can't be read or the command fails.
    pub(crate) fn fetch(&self, origin: &Origin) -> Result<Secret> {
        let (message, told) = match self {
            Self::Literal(url) => return Ok(url.clone()),
            Self::Variable(name) => {
                (format!("the variable {name} has no database URL"), of_variable(name).map(Secret))
            }
            Self::File(path) => {
                let text = fs::read_to_string(path).map_err(|error| error.to_string());
                let folder = path.parent().unwrap_or(Path::new(""));
                let message = format!("the file {} has no database URL", path.display());
                (message, text.and_then(first_line).map(|url| below(folder, Secret(url))))
            }
            Self::Command { words, folder } => of_command(words, folder),
        };
        told.map_err(|why| {
            Failure::new("environment.url_unavailable", message)
                .because(format!("{why} (it is named by: {origin})"))
                .advise(NextAction::manual("see that it is there, or pass --database-url"))
        })
    }
}

fn of_variable(name: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(url) if url.trim().is_empty() => Err("it is empty".to_owned()),
        Ok(url) => Ok(url),
        Err(env::VarError::NotPresent) => Err("it is not set".to_owned()),
        Err(env::VarError::NotUnicode(_)) => Err("it is not UTF-8".to_owned()),
    }
}

/// What a program prints, and the message for when it can't be had. What it says on standard error goes to ours.
fn of_command(words: &[String], folder: &Path) -> (String, Result<Secret, String>) {
    let program = words.first().map(String::as_str).unwrap_or_default();
    let message = format!("the command {program} tells no database URL");
    (message, run(program, words.get(1..).unwrap_or_default(), folder))
}

fn run(program: &str, arguments: &[String], folder: &Path) -> Result<Secret, String> {
    let mut command = Command::new(located(program, folder));
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit());
    if !folder.as_os_str().is_empty() {
        command.current_dir(folder);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("it ended with {}", output.status));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| "what it prints is not UTF-8".to_owned())?;
    first_line(text).map(|url| below(folder, Secret(url)))
}

/// A program that is named with a folder is looked for from `folder` on; a bare name is the system's to find.
pub(crate) fn located(program: &str, folder: &Path) -> PathBuf {
    let path = Path::new(program);
    if path.components().count() < 2 || path.is_absolute() {
        return path.to_owned();
    }
    // Not relative any more: the program is started in another folder.
    std::path::absolute(folder.join(path)).unwrap_or_else(|_| folder.join(path))
}

/// The only line of a text, without blanks around it.
fn first_line(text: String) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty".to_owned()),
        line if line.contains('\n') => Err("it has more than one line".to_owned()),
        line => Ok(line.to_owned()),
    }
}

/// The same URL, with the relative path of a SQLite file taken from `folder`. What is no such URL stays as it is.
pub(crate) fn below(folder: &Path, url: Secret) -> Secret {
    let Ok(parsed) = DatabaseUrl::parse(&url.0) else { return url };
    let Some(path) = parsed.path().filter(|path| path.is_relative()) else { return url };
    if folder.as_os_str().is_empty() {
        return url;
    }
    let Some(joined) = folder.join(path).to_str().map(|path| path.replace('%', "%25").replace('?', "%3F"))
    else {
        return url;
    };
    let query = parsed.secret().split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    Secret(format!("sqlite:///{joined}{query}"))
}
