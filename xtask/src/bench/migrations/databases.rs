//! The databases that are written to: a fresh one for each program and run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Programs;
use crate::step::{Failure, Result};

/// Where databases lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    SqliteMemory,
    SqliteDisk,
    Postgres,
}

/// A file system in memory, on Linux.
const MEMORY: &str = "/dev/shm";

impl Place {
    pub(super) const ALL: [Self; 3] = [Self::SqliteMemory, Self::SqliteDisk, Self::Postgres];

    /// As the command line names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SqliteMemory => "sqlite-memory",
            Self::SqliteDisk => "sqlite-disk",
            Self::Postgres => "postgres",
        }
    }

    /// What names it together with others.
    pub(super) fn family(self) -> &'static str {
        if self == Self::Postgres { "postgres" } else { "sqlite" }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::SqliteMemory => "SQLite, memory file system",
            Self::SqliteDisk => "SQLite, disk",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// How a program wants a SQLite file to be named.
#[derive(Debug, Clone, Copy)]
pub(super) enum UrlStyle {
    /// `sqlite:///path`, of which the path begins behind the third slash.
    FourSlashes,
    /// `sqlite:///path`, of which the third slash is part of the path; created if need be.
    Create,
    /// The same without that parameter.
    ThreeSlashes,
    /// `sqlite:` and the path.
    Colon,
    /// The path alone.
    Path,
}

/// One place, and the folder for all that is written meanwhile.
#[derive(Debug)]
pub(super) struct Database<'a> {
    place: Place,
    folder: PathBuf,
    server: &'a str,
    programs: &'a Programs,
}

/// The one database on a server that candidates use, one after the other.
const NAME: &str = "bench_migrations";

impl<'a> Database<'a> {
    pub(super) fn at(
        place: Place,
        target: &Path,
        server: Option<&'a str>,
        programs: &'a Programs,
    ) -> Result<Self> {
        let in_memory = Path::new(MEMORY);
        let folder = if place == Place::SqliteDisk {
            target.join("bench").join("migrations")
        } else if in_memory.is_dir() {
            in_memory.join(format!("migration-bench-{}", std::process::id()))
        } else {
            return Err(Failure::new(format!("there is no file system in memory at {MEMORY}"))
                .fix("on other systems than Linux: `--only sqlite-disk`"));
        };
        let server = server.unwrap_or_default();
        Ok(Self { place, folder, server, programs })
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes an empty database in place of the last one. Returns its URL.
    pub(super) fn fresh(&self, style: UrlStyle) -> Result<String> {
        if self.place == Place::Postgres {
            self.ask_server(&[
                &format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"),
                &format!("CREATE DATABASE {NAME} TEMPLATE template0"),
                "CHECKPOINT",
            ])?;
            let (server, _) = self.server.rsplit_once('/').unwrap_or((self.server, ""));
            return Ok(format!("{server}/{NAME}"));
        }
        let path = self.folder.join("app.db");
        for suffix in ["", "-journal", "-wal", "-shm", "-migration-lock"] {
            let mut file = path.clone().into_os_string();
            file.push(suffix);
            match fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Failure::new(format!("{}: {error}", Path::new(&file).display())));
                }
                _ => {}
            }
        }
        // Empty, as not every program creates it.
        fs::File::create(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        let path = path.display();
        Ok(match style {
            UrlStyle::FourSlashes => format!("sqlite:///{path}"),
            UrlStyle::ThreeSlashes => format!("sqlite://{path}"),
            UrlStyle::Create => format!("sqlite://{path}?mode=rwc"),
            UrlStyle::Colon => format!("sqlite:{path}"),
            UrlStyle::Path => path.to_string(),
        })
    }

    /// Sends statements to the server, each by itself.
    fn ask_server(&self, statements: &[&str]) -> Result {
        let failed = |how: String| Failure::new(format!("`{}`: {how}", statements.join("; ")));
        let file = self.folder.join("server.sql");
        fs::write(&file, statements.join("\n")).map_err(|error| failed(error.to_string()))?;
        let mut command = Command::new(&self.programs.bare);
        command.arg(self.server).arg(file).stdin(Stdio::null());
        let output = command.output().map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
        }
    }
}

/// Whatever happened: memory is not for keeps.
impl Drop for Database<'_> {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.folder);
    }
}
