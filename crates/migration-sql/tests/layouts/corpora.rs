//! The histories of real projects, where they are at hand.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use migration_sql::{Layout, MigrationSet, detect};

/// `MIGRATION_CORPORA` names a folder with `histories/index.json`: a list of `{layout, dir, up, down}`.
#[test]
fn real_histories_load_whole() {
    let Some(corpora) = std::env::var_os("MIGRATION_CORPORA") else {
        println!("not run: MIGRATION_CORPORA names no folder of histories");
        return;
    };
    let histories = Path::new(&corpora).join("histories");
    let index = fs::read_to_string(histories.join("index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let mut seen = 0;
    for history in index.as_array().unwrap() {
        let text = |key: &str| history[key].as_str().unwrap();
        let Ok(layout) = text("layout").parse::<Layout>() else { continue };
        let directory = histories.join(text("dir"));
        // Files of hiqlite, which are named as sqlx's.
        if text("dir") == "refinery/rauthy/sqlite" {
            assert_eq!(detect(&directory).unwrap(), Some(Layout::Sqlx));
            continue;
        }
        seen += 1;
        let copied = with_placeholders_kept(&directory);
        let directory = copied.as_ref().map_or(directory, |copied| copied.path().to_owned());

        let set = MigrationSet::load(&directory, None)
            .unwrap_or_else(|error| unreachable!("{}: {error}", text("dir")));
        let found = set.layout.unwrap();
        println!("{}: {found}, {} migrations, warnings: {:#?}", text("dir"), set.len(), set.warnings);
        // Pairs of files have the same names in both; unless a text gives sqlx away, they count as golang-migrate's.
        let same_names = found == Layout::GolangMigrate && layout == Layout::Sqlx && all_in_pairs(&directory);
        // Names that Flyway and refinery share count as Flyway's.
        let same_names = same_names || found == Layout::Flyway && layout == Layout::Refinery;
        assert!(found == layout || same_names, "{}: {found}", text("dir"));

        let asked = MigrationSet::load(&directory, Some(layout)).unwrap();
        for set in [&set, &asked] {
            // The index counts one of the two files that have one version in this history.
            let uncounted = u64::from(text("project") == "cdk-wallet");
            assert_eq!(set.len() as u64, history["up"].as_u64().unwrap() + uncounted, "{}", text("dir"));
            let downs = set.migrations().iter().filter(|migration| migration.down.is_some()).count();
            assert_eq!(downs as u64, history["down"].as_u64().unwrap(), "{}", text("dir"));
            let twins = set.warnings.iter().any(|warning| warning.contains("migrations have the version"));
            let may_have_twins = matches!(layout, Layout::GolangMigrate | Layout::Sqlx);
            assert_eq!(twins, may_have_twins && has_twins(&directory), "{}", text("dir"));
            if matches!(layout, Layout::Flyway | Layout::Refinery | Layout::Prisma) {
                let ids: Vec<_> = set.migrations().iter().map(|migration| migration.id.clone()).collect();
                assert_eq!(ids, in_order(&directory), "{}", text("dir"));
            }
        }
    }
    assert!(seen > 0);
}

/// A copy whose scripts with placeholders are to be taken as they stand; `None` where there are none. Without that, such
/// are refused.
fn with_placeholders_kept(directory: &Path) -> Option<tempfile::TempDir> {
    let has_placeholder = |name: &String| {
        let text = fs::read_to_string(directory.join(name)).unwrap_or_default();
        name.starts_with('V') && text.contains("${")
    };
    let with: Vec<String> = names(directory).into_iter().filter(has_placeholder).collect();
    if with.is_empty() {
        return None;
    }
    assert_eq!(MigrationSet::load(directory, None).unwrap_err().code(), "load.unsupported");
    let copy = tempfile::tempdir().unwrap();
    for name in names(directory) {
        fs::copy(directory.join(&name), copy.path().join(&name)).unwrap();
    }
    for name in with {
        fs::write(copy.path().join(format!("{name}.conf")), "placeholderReplacement=false\n").unwrap();
    }
    Some(copy)
}

/// The ids in the order of their numbers or time stamps, repeatable ones last: found in another way than the loader's.
fn in_order(directory: &Path) -> Vec<String> {
    let mut ids = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(folder) = waiting.pop() {
        for name in names(&folder) {
            let path = folder.join(&name);
            if path.is_dir() {
                waiting.push(path);
            } else if name == "migration.sql" {
                ids.push(folder.file_name().unwrap().to_str().unwrap().to_owned());
            } else if let Some(stem) = name.strip_suffix(".sql").filter(|stem| stem.contains("__")) {
                ids.push(stem.trim().to_owned());
            }
        }
    }
    ids.sort_by_cached_key(|id| {
        // Time stamps are texts, in which a day comes before its hours.
        let Some((version, _)) = id.split_once("__") else {
            return (false, Vec::new(), id.replace('_', " "));
        };
        let numbers = version.split(|sign: char| !sign.is_ascii_digit());
        let numbers = numbers.filter_map(|part| part.parse::<u64>().ok());
        (id.starts_with('R'), numbers.collect(), id.clone())
    });
    ids
}

fn names(directory: &Path) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Whether two up files have one number: found in another way than the loader's.
fn has_twins(directory: &Path) -> bool {
    let number = |name: &String| name.split('_').next()?.parse::<u64>().ok();
    let ups =
        names(directory).into_iter().filter(|name| name.ends_with(".sql") && !name.ends_with(".down.sql"));
    let ups: Vec<String> = ups.collect();
    ups.iter().filter_map(number).collect::<HashSet<u64>>().len() < ups.len()
}

fn all_in_pairs(directory: &Path) -> bool {
    names(directory).iter().all(|name| name.ends_with(".up.sql") || name.ends_with(".down.sql"))
}
