//! The histories of real projects, where they are at hand.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use migration_sql::{Layout, LoadError, MigrationSet};

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
        seen += 1;

        // Some projects run their files with programs of their own, which let two files share a version or a down file
        // stand alone. The tools whose layout they follow don't.
        let broken = layout != Layout::Diesel && has_twins_or_orphans(&directory);
        let set = match MigrationSet::load(&directory, None) {
            Ok(set) => set,
            Err(error @ (LoadError::DuplicateVersion { .. } | LoadError::MissingUp { .. })) if broken => {
                println!("{}: refused: {error}", text("dir"));
                continue;
            }
            Err(error) => unreachable!("{}: {error}", text("dir")),
        };
        assert!(!broken, "{}", text("dir"));
        let found = set.layout.unwrap();
        println!("{}: {found}, {} migrations, warnings: {:#?}", text("dir"), set.len(), set.warnings);
        // Pairs of files have the same names in both; unless a text gives sqlx away, they count as golang-migrate's.
        let same_names = found == Layout::GolangMigrate && layout == Layout::Sqlx && all_in_pairs(&directory);
        assert!(found == layout || same_names, "{}: {found}", text("dir"));

        let asked = MigrationSet::load(&directory, Some(layout)).unwrap();
        for set in [&set, &asked] {
            assert_eq!(set.len() as u64, history["up"].as_u64().unwrap(), "{}", text("dir"));
            let downs = set.migrations().iter().filter(|migration| migration.down.is_some()).count();
            assert_eq!(downs as u64, history["down"].as_u64().unwrap(), "{}", text("dir"));
        }
    }
    assert!(seen > 0);
}

fn names(directory: &Path) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Whether two up files have one number, or a down file none: found in another way than the loader's.
fn has_twins_or_orphans(directory: &Path) -> bool {
    let number = |name: &String| name.split('_').next()?.parse::<u64>().ok();
    let files = names(directory).into_iter().filter(|name| name.ends_with(".sql"));
    let (downs, ups): (Vec<_>, Vec<_>) = files.partition(|name| name.ends_with(".down.sql"));
    let numbers: HashSet<u64> = ups.iter().filter_map(number).collect();
    numbers.len() < ups.len() || downs.iter().filter_map(number).any(|down| !numbers.contains(&down))
}

fn all_in_pairs(directory: &Path) -> bool {
    names(directory).iter().all(|name| name.ends_with(".up.sql") || name.ends_with(".down.sql"))
}
