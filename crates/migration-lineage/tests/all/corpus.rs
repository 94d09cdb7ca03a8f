//! The files of real histories, in the order in which their statements ran. Unit tests read them as well.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy takes for a program")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use migration_syntax::Dialect;
use serde_json::Value;

/// What a file says, with the history's parameters in place.
pub(crate) fn text_of(file: &Path, history: &Value) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let params = history["params"].as_object().into_iter().flatten();
    Some(params.fold(text, |text, (from, to)| text.replace(from, to.as_str().unwrap_or_default())))
}

/// The files of a history that lead up, in the order in which its tool runs them.
pub(crate) fn files(folder: &Path, history: &Value, dialect: Dialect) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.join(history["dir"].as_str().unwrap())];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sql")
                && !leads_down(&path)
                && !is_for_another(&path, dialect)
            {
                found.push(path);
            }
        }
    }
    let own: BTreeSet<_> = found.iter().filter(|path| names(path, own_names(dialect))).map(version).collect();
    found.retain(|path| names(path, own_names(dialect)) || !own.contains(&version(path)));
    match history["layout"].as_str() {
        Some("prisma" | "drizzle") => found.sort(),
        // A version is a text, in which dashes count for nothing.
        Some("diesel") => found.sort_by_cached_key(|path| path.to_string_lossy().replace('-', "")),
        Some("sqitch") => {
            let plan =
                std::fs::read_to_string(folder.join(history["dir"].as_str().unwrap()).join("sqitch.plan"));
            let plan = plan.unwrap_or_default();
            let changes: Vec<&str> = plan.lines().filter_map(|line| line.split_whitespace().next()).collect();
            let place = |path: &PathBuf| {
                let path = path.to_string_lossy().into_owned();
                let change =
                    path.split_once("/deploy/").map_or("", |(_, name)| name.trim_end_matches(".sql"));
                changes.iter().rposition(|known| *known == change.split('@').next().unwrap_or_default())
            };
            found.retain(|path| path.to_string_lossy().contains("/deploy/"));
            found.sort_by_cached_key(place);
        }
        // A version ends with two underscores, and the schema that a project began with is kept apart.
        layout => {
            let is_up = |path: &PathBuf| path.to_string_lossy().ends_with(".up.sql");
            found.retain(|path| layout != Some("golang-migrate") || is_up(path));
            found.sort_by_cached_key(|path| {
                let path = path.to_string_lossy();
                (!path.contains("/_base/"), numbers_apart(&path.replace("__", "\0")))
            });
        }
    }
    found
}

/// Whether a file leads down, checks something, or is the whole schema for those who begin with it.
fn leads_down(path: &Path) -> bool {
    let text = path.to_string_lossy().to_lowercase();
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    name.contains(".down.")
        || name == "latest.sql"
        || name.starts_with("down")
        || name.starts_with('u') && name.contains("__")
        || text.contains("/revert/")
        || text.contains("/verify/")
        || name.contains("rollback")
}

/// Some projects keep the files of all their databases together, with the name of each in the files' names. One without any
/// name is for those that have none of their own with its number.
fn is_for_another(path: &Path, dialect: Dialect) -> bool {
    let others = ["sqlite", "sqlite3", "postgres", "postgresql", "mysql", "mariadb", "cockroach"];
    others.iter().any(|other| !own_names(dialect).contains(other) && names(path, &[other]))
}

fn own_names(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Sqlite => &["sqlite", "sqlite3"],
        Dialect::Postgres => &["postgres", "postgresql"],
        Dialect::Mysql => &["mysql", "mariadb"],
    }
}

/// Whether the name of a file has one of these words between dots.
fn names(path: &Path, words: &[&str]) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    name.split('.').any(|part| words.contains(&part))
}

/// What a file's path has before the first dot of its name.
fn version(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(name.split('.').next().unwrap_or_default())
}

/// A text whose numbers are compared as such.
fn numbers_apart(text: &str) -> Vec<(u128, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let words = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        parts.push((
            number.parse().unwrap_or(u128::MAX * u128::from(!number.is_empty())),
            after[..words].to_owned(),
        ));
        rest = &after[words..];
    }
    parts
}

/// What stands before the part that leads down again, in layouts that have both in one file.
pub(crate) fn up_part(text: &str) -> &str {
    let marks = ["-- +goose Down", "-- migrate:down", "-- +migrate Down", "-- +goose down"];
    let end = marks.iter().filter_map(|mark| text.find(mark)).min();
    &text[..end.unwrap_or(text.len())]
}
