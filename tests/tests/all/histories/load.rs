//! All histories load: the right number, in the right order, with their down parts, detected or named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use migration_kit::sql::{Layout, MigrationSet};
use migration_tests::{History, corpora, histories};

use super::{FRAGMENTS, NOT_BACK, NOT_UNDONE, PROMPT, RECORDED_OTHERWISE, REFUSED, REWRITTEN};

/// What the corpora hold: histories and migrations of each layout that we read, then all of them.
const HISTORIES: &str = "\
    dbmate: 3 histories, 30 migrations\n\
    diesel: 5 histories, 216 migrations\n\
    flyway: 23 histories, 865 migrations\n\
    golang-migrate: 14 histories, 857 migrations\n\
    goose: 12 histories, 250 migrations\n\
    prisma: 7 histories, 1402 migrations\n\
    put together here: 31 histories, 1865 migrations\n\
    refinery: 1 histories, 26 migrations\n\
    sqlx: 14 histories, 341 migrations\n";

fn all() -> Vec<History> {
    ["sqlite", "postgres", "mysql"].into_iter().flat_map(|dialect| histories(dialect, &[])).collect()
}

#[test]
fn every_history_loads_whole_and_in_order() {
    if corpora().is_none() {
        return;
    }
    let mut tally: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for history in all() {
        let set = history.set();
        let by = history.own_layout().map_or("put together here".to_owned(), |layout| layout.to_string());
        let (count, migrations) = tally.entry(by).or_default();
        (*count, *migrations) = (*count + 1, *migrations + set.len());
        let Some(layout) = history.own_layout() else { continue };

        let detected = history.load(None);
        let found = detected.layout.expect("a layout");
        // Files in pairs have one form of names in both, and so have whole numbers behind a `V`.
        let is_shared = matches!(
            (found, layout),
            (Layout::GolangMigrate, Layout::Sqlx) | (Layout::Flyway, Layout::Refinery)
        );
        assert!(found == layout || is_shared, "{}: {found}", history.project);
        assert_eq!(ids(&detected), ids(&set), "{}", history.project);
        let downs = set.migrations().iter().filter(|migration| migration.down.is_some()).count();
        assert_eq!(downs, history.down, "{}", history.project);
        assert_eq!(ids(&set), expected(&history), "{}", history.project);
    }
    let line = |(by, (histories, migrations)): (&String, &(usize, usize))| {
        format!("{by}: {histories} histories, {migrations} migrations\n")
    };
    assert_eq!(tally.iter().map(line).collect::<String>(), HISTORIES);
}

fn ids(set: &MigrationSet) -> Vec<String> {
    set.migrations().iter().map(|migration| migration.id.clone()).collect()
}

/// The ids in the order of their numbers or time stamps, repeatable ones last: found in another way than the loaders'.
fn expected(history: &History) -> Vec<String> {
    let mut stems = BTreeSet::new();
    gather(&history.folder, if history.layout == "golang-migrate" { ".up.sql" } else { ".sql" }, &mut stems);
    let mut stems: Vec<String> = stems.into_iter().collect();
    if history.layout == "flyway" {
        stems.retain(|stem| stem.contains("__"));
    }
    stems.sort_by_cached_key(|stem| {
        let repeatable = stem.starts_with("R__");
        let version = match stem.split_once("__") {
            Some(_) if repeatable => "",
            Some((version, _)) => version,
            None => stem.split('_').next().unwrap_or_default(),
        };
        let numbers = version.split(|sign: char| !sign.is_ascii_digit());
        let numbers: Vec<u128> = numbers.filter_map(|part| part.parse().ok()).collect();
        // Prisma's and Diesel's are texts, in which a day comes before its hours.
        if matches!(history.layout.as_str(), "prisma" | "diesel") {
            return (false, Vec::new(), stem.replace('-', "").replace('_', " "));
        }
        let name = if repeatable { stem.replace('_', " ") } else { stem.clone() };
        (repeatable, numbers, name)
    });
    stems
}

fn gather(folder: &Path, extension: &str, stems: &mut BTreeSet<String>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let file = name(&path);
        if path.is_dir() {
            gather(&path, extension, stems);
        } else if matches!(file.as_str(), "migration.sql" | "up.sql") {
            stems.insert(name(folder));
        } else if let Some(stem) =
            file.strip_suffix(extension).filter(|stem| *stem != "down" && !stem.ends_with(".down"))
        {
            stems.insert(stem.strip_suffix(".up").unwrap_or(stem).trim().to_owned());
        }
    }
}

/// A table that names what isn't there would excuse nothing, and nobody would notice.
#[test]
fn the_tables_name_histories() {
    if corpora().is_none() {
        return;
    }
    let all = all();
    let pairs = [NOT_BACK, NOT_UNDONE, REFUSED, RECORDED_OTHERWISE].into_iter().flatten();
    let pairs = pairs.map(|(project, dialect)| (*project, Some(*dialect)));
    let projects = [FRAGMENTS, REWRITTEN, PROMPT].into_iter().flatten().map(|project| (*project, None));
    for (project, dialect) in projects.chain(pairs) {
        let is_it = |history: &&History| {
            history.project == project && dialect.is_none_or(|dialect| history.dialect == dialect)
        };
        assert!(all.iter().find(is_it).is_some(), "{project}");
    }
    assert_eq!(all.len(), 110);
}
