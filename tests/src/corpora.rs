//! Real migration histories, which are not part of this repository.

mod placeholders;
mod plain;

use std::collections::BTreeMap;
use std::path::PathBuf;

use migration_kit::sql::{Layout, MigrationSet, Script};
use serde_json::Value;

/// The folder that `MIGRATION_CORPORA` names; `None`, with a line that says so, when it isn't set.
///
/// # Panics
/// When it is set to something that is no folder: a run that means to use the corpora must not pass without them.
#[must_use]
pub fn corpora() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("MIGRATION_CORPORA").map(PathBuf::from) else {
        eprintln!("MIGRATION_CORPORA is not set: nothing is compared with real histories");
        return None;
    };
    assert!(folder.is_dir(), "MIGRATION_CORPORA is no folder: {}", folder.display());
    Some(folder)
}

/// One real history.
#[derive(Debug, Clone)]
pub struct History {
    /// The project that it is from.
    pub project: String,
    /// The layout, as the corpora name it.
    pub layout: String,
    /// The dialect that it is written for, as the corpora name it.
    pub dialect: String,
    /// Its folder.
    pub folder: PathBuf,
    /// How many up files it has.
    pub up: usize,
    /// How many down files it has.
    pub down: usize,
    /// SQL that must run before it.
    pub prelude: Option<String>,
    /// How many files that is.
    pub up_files: usize,
    /// Whether its files apply from empty, by server.
    pub clean: BTreeMap<String, bool>,
    /// The statement that sets up each session.
    pub session: Option<String>,
    /// Texts that are replaced in its files.
    pub parameters: Vec<(String, String)>,
}

impl History {
    /// The layout by which it loads through the loaders of the product; `None` for one that these don't read.
    #[must_use]
    pub fn own_layout(&self) -> Option<Layout> {
        // The tool of this one (hiqlite) reads files that are named like sqlx's.
        if self.project == "rauthy" && self.dialect == "sqlite" {
            return Some(Layout::Sqlx);
        }
        self.layout.parse().ok()
    }

    /// Its migrations in the order in which they run: through the loader of its layout where there is one, else put
    /// together here from its files. The corpora's replacements are made, and what sessions have to be set to stands
    /// before each text.
    ///
    /// # Panics
    /// When the folder doesn't load, or holds another number of migrations than the index says.
    #[must_use]
    pub fn set(&self) -> MigrationSet {
        match self.own_layout() {
            Some(layout) => self.load(Some(layout)),
            None => self.load_plain(),
        }
    }

    /// The same through the loader of a layout, which is found out from the files unless it is given. Scripts of Flyway
    /// with placeholders are taken as they stand.
    ///
    /// # Panics
    /// When the folder doesn't load, or holds another number of migrations than the index says.
    #[must_use]
    pub fn load(&self, layout: Option<Layout>) -> MigrationSet {
        let mut loaded = MigrationSet::load(&self.folder, layout);
        let copy = match &loaded {
            Err(error) if error.code() == "load.unsupported" => Some(placeholders::kept(&self.folder)),
            _ => None,
        };
        if let Some(copy) = &copy {
            loaded = MigrationSet::load(copy.path(), layout);
        }
        let set = loaded.unwrap_or_else(|error| panic!("{}: {error}", self.project));
        assert_eq!(set.len(), self.up, "{}", self.project);
        if self.parameters.is_empty() && self.session.is_none() {
            return set;
        }
        let replace = |script: &Script| match &script.path {
            Some(path) => Script::from_file(path, self.prepared(&script.text)),
            None => Script::from_text(self.prepared(&script.text)),
        };
        let mut migrations = set.migrations().to_vec();
        for migration in &mut migrations {
            migration.up = replace(&migration.up);
            migration.down = migration.down.as_ref().map(replace);
        }
        let mut replaced = MigrationSet::new(migrations).expect("a set that was one before");
        replaced.layout = set.layout;
        replaced
    }

    /// A text with the corpora's replacements, behind what the session has to be set to.
    fn prepared(&self, text: &str) -> String {
        let text = self.parameters.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let before = self.session.as_ref().map(|session| format!("{session};\n")).unwrap_or_default();
        before + &text
    }

    /// The schema after all its migrations, as it was recorded on a server by the server's own program; `None` where it
    /// applies there in part only.
    #[must_use]
    pub fn truth(&self, server: &str) -> Option<String> {
        let name = format!("{}.{server}.sql", self.project);
        std::fs::read_to_string(corpora()?.join("histories/truth").join(name)).ok()
    }
}

/// The histories of a dialect in one of these layouts; in all without any.
#[must_use]
pub fn histories(dialect: &str, layouts: &[&str]) -> Vec<History> {
    let Some(corpora) = corpora() else { return Vec::new() };
    let folder = corpora.join("histories");
    let index = std::fs::read_to_string(folder.join("index.json"))
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str::<Vec<Value>>(&text).map_err(|error| error.to_string()));
    let index = match index {
        Ok(index) => index,
        Err(error) => panic!("the index of histories can't be read: {error}"),
    };
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let number = |entry: &Value, key: &str| usize::try_from(entry[key].as_u64().unwrap_or(0)).unwrap_or(0);
    let wanted = |entry: &&Value| {
        let layout = entry["layout"].as_str().unwrap_or_default();
        text(entry, "dialect") == dialect && (layouts.is_empty() || layouts.contains(&layout))
    };
    index
        .iter()
        .filter(wanted)
        .map(|entry| History {
            project: text(entry, "project"),
            layout: text(entry, "layout"),
            dialect: text(entry, "dialect"),
            folder: folder.join(text(entry, "dir")),
            // The index counts one of the two files that have one version in this history.
            up: number(entry, "up") + usize::from(text(entry, "project") == "cdk-wallet"),
            down: number(entry, "down"),
            prelude: entry["prelude"].as_str().map(str::to_owned),
            up_files: number(entry, "up_files"),
            clean: entry["servers"].as_object().into_iter().flatten().map(clean).collect(),
            session: session(entry),
            parameters: entry["params"].as_object().into_iter().flatten().map(pair).collect(),
        })
        .collect()
}

fn clean((server, outcome): (&String, &Value)) -> (String, bool) {
    (server.clone(), outcome["clean"].as_bool().unwrap_or(false))
}

/// Hydra's program, like the client, doesn't have foreign keys enforced; the library does as it is built here.
fn session(entry: &Value) -> Option<String> {
    let is_hydra = entry["project"] == "hydra" && entry["dialect"] == "sqlite";
    let foreign_keys = is_hydra.then(|| "PRAGMA foreign_keys = OFF".to_owned());
    entry["mysql_init"].as_str().map(|session| format!("SET {session}")).or(foreign_keys)
}

fn pair((from, to): (&String, &Value)) -> (String, String) {
    (from.clone(), to.as_str().unwrap_or_default().to_owned())
}
