//! Real migration histories, which are not part of this repository.

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
    /// What sessions on MySQL and MariaDB must be set to.
    pub session: Option<String>,
    /// Texts that are replaced in its files.
    pub parameters: Vec<(String, String)>,
}

impl History {
    /// Its migrations in the order in which they run, with the corpora's replacements made. The layout is found out from
    /// the files unless it is given.
    ///
    /// # Panics
    /// When the folder doesn't load, or holds another number of migrations than the index says.
    #[must_use]
    pub fn load(&self, layout: Option<Layout>) -> MigrationSet {
        let set = MigrationSet::load(&self.folder, layout)
            .unwrap_or_else(|error| panic!("{}: {error}", self.project));
        assert_eq!(set.len(), self.up, "{}", self.project);
        let replace = |script: &Script| {
            let text = script.text.to_string();
            let text = self.parameters.iter().fold(text, |text, (from, to)| text.replace(from, to));
            match &script.path {
                Some(path) => Script::from_file(path, text),
                None => Script::from_text(text),
            }
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
            session: entry["mysql_init"].as_str().map(str::to_owned),
            parameters: entry["params"].as_object().into_iter().flatten().map(pair).collect(),
        })
        .collect()
}

fn clean((server, outcome): (&String, &Value)) -> (String, bool) {
    (server.clone(), outcome["clean"].as_bool().unwrap_or(false))
}

fn pair((from, to): (&String, &Value)) -> (String, String) {
    (from.clone(), to.as_str().unwrap_or_default().to_owned())
}
