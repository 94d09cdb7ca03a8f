//! The programs that take turns, and their command lines.

use std::fs;
use std::path::{Path, PathBuf};

use super::databases::UrlStyle;
use super::{History, Invocation, peers};
use crate::program;
use crate::step::{Failure, Result};

/// What is done to a database, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// All of it, on an empty database.
    Apply,
    /// The same again, with nothing left to do.
    Again,
    Status,
}

impl Action {
    pub(super) const ALL: [Self; 3] = [Self::Apply, Self::Again, Self::Status];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Apply => "apply to an empty database",
            Self::Again => "`up` with nothing to do",
            Self::Status => "`status`, all applied",
        }
    }
}

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Programs {
    ours: PathBuf,
    /// Ours as it is built by default.
    ours_alone: PathBuf,
    pub(super) bare: PathBuf,
    peers: Option<PathBuf>,
}

impl Programs {
    /// Builds ours, and installs the others if they are wanted.
    pub(super) fn provide(target: &Path, peers: bool) -> Result<Self> {
        // The other build goes to the same place.
        let ours_alone = target.join("bench").join("migration-sqlite");
        let (built, new) = (program::build_release()?, ours_alone.with_extension("new"));
        fs::create_dir_all(target.join("bench"))
            .and_then(|()| fs::copy(&built, &new))
            .and_then(|_| fs::rename(&new, &ours_alone))
            .map_err(|error| Failure::new(format!("{}: {error}", ours_alone.display())))?;
        let (ours, bare) = program::build_release_with_bare()?;
        Ok(Self { ours, ours_alone, bare, peers: peers.then(|| peers::install(target)).transpose()? })
    }

    pub(super) fn has(&self, candidate: &Candidate) -> bool {
        candidate.peer.is_none() || self.peers.is_some()
    }

    fn peer(&self, name: &str) -> PathBuf {
        self.peers.as_deref().unwrap_or(Path::new("")).join(name)
    }
}

/// A program, run in one way.
pub(super) struct Candidate {
    pub(super) name: &'static str,
    /// The program of another tool.
    pub(super) peer: Option<&'static str>,
    /// How it wants a SQLite file to be named.
    pub(super) url: UrlStyle,
    /// Whether every migration is a commit by itself, also on SQLite.
    pub(super) commits_each: bool,
    pub(super) only_sqlite: bool,
    /// The command line; `None` for what the program can't do.
    pub(super) command: fn(&Programs, &History, Action, &str) -> Option<Invocation>,
}

impl Candidate {
    /// How it is called in tables.
    pub(super) fn title(&self) -> String {
        self.peer.map_or_else(|| self.name.to_owned(), peers::title)
    }
}

const OURS: Candidate = Candidate {
    name: "migration",
    peer: None,
    url: UrlStyle::FourSlashes,
    commits_each: false,
    only_sqlite: false,
    command: |programs, history, action, url| {
        Some(ours(&programs.ours, history, action, url, &history.sqlx()))
    },
};

/// Ours first: the others are compared with it.
pub(super) const ALL: &[Candidate] = &[
    OURS,
    Candidate {
        name: "migration, folders with `up.sql` and `down.sql`",
        command: |programs, history, action, url| {
            Some(ours(&programs.ours, history, action, url, &history.diesel()))
        },
        ..OURS
    },
    Candidate {
        name: "migration, built for SQLite alone",
        only_sqlite: true,
        command: |programs, history, action, url| {
            Some(ours(&programs.ours_alone, history, action, url, &history.sqlx()))
        },
        ..OURS
    },
    Candidate {
        name: "migration `--commit-each`",
        commits_each: true,
        only_sqlite: true,
        command: |programs, history, action, url| {
            (action == Action::Apply)
                .then(|| ours(&programs.ours, history, action, url, &history.sqlx()).args(["--commit-each"]))
        },
        ..OURS
    },
    Candidate {
        name: "sqlx-cli",
        peer: Some("sqlx"),
        url: UrlStyle::Create,
        commits_each: true,
        command: |programs, history, action, url| {
            let what = if action == Action::Status { "info" } else { "run" };
            let sqlx = Invocation::new(&programs.peer("sqlx"), history.folder());
            Some(sqlx.args(["migrate", what, "--source"]).args([history.sqlx()]).env("DATABASE_URL", url))
        },
        ..OURS
    },
    Candidate {
        name: "diesel_cli",
        peer: Some("diesel"),
        url: UrlStyle::Path,
        commits_each: true,
        command: |programs, history, action, url| {
            let what = if action == Action::Status { "list" } else { "run" };
            let diesel = Invocation::new(&programs.peer("diesel"), history.folder());
            let diesel = diesel.args(["migration", what, "--migration-dir"]).args([history.diesel()]);
            Some(diesel.env("DATABASE_URL", url))
        },
        ..OURS
    },
    Candidate {
        name: "refinery_cli",
        peer: Some("refinery"),
        url: UrlStyle::ThreeSlashes,
        commits_each: true,
        command: |programs, history, action, url| {
            let refinery = Invocation::new(&programs.peer("refinery"), history.folder());
            let refinery = refinery.args(["migrate", "-e", "DATABASE_URL", "-p"]).args([history.refinery()]);
            (action != Action::Status).then(|| refinery.env("DATABASE_URL", url))
        },
        ..OURS
    },
    Candidate {
        name: "the statements alone, one transaction",
        url: UrlStyle::Colon,
        only_sqlite: true,
        command: |programs, history, action, url| {
            bare(programs, history, action, url, &history.transaction())
        },
        ..OURS
    },
    Candidate {
        name: "the statements alone, a transaction each",
        url: UrlStyle::Colon,
        commits_each: true,
        command: |programs, history, action, url| {
            bare(programs, history, action, url, &history.transactions())
        },
        ..OURS
    },
];

fn ours(program: &Path, history: &History, action: Action, url: &str, migrations: &Path) -> Invocation {
    let what = if action == Action::Status { "status" } else { "up" };
    let ours = Invocation::new(program, history.folder()).env("DATABASE_URL", url);
    ours.args(["--dir".as_ref(), migrations.as_os_str(), what.as_ref()])
}

/// It keeps no account of what is applied: there is nothing else to compare.
fn bare(
    programs: &Programs,
    history: &History,
    action: Action,
    url: &str,
    script: &Path,
) -> Option<Invocation> {
    let bare = Invocation::new(&programs.bare, history.folder());
    (action == Action::Apply).then(|| bare.args([url.as_ref(), script.as_os_str()]))
}
