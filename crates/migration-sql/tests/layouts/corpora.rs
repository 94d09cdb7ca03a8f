//! The histories of real projects, where they are at hand.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use migration_sql::{Layout, MigrationSet};

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

        let set = MigrationSet::load(&directory, None)
            .unwrap_or_else(|error| unreachable!("{}: {error}", text("dir")));
        let found = set.layout.unwrap();
        println!("{}: {found}, {} migrations, warnings: {:#?}", text("dir"), set.len(), set.warnings);
        // Pairs of files have the same names in both; unless a text gives sqlx away, they count as golang-migrate's.
        let same_names = found == Layout::GolangMigrate && layout == Layout::Sqlx && all_in_pairs(&directory);
        assert!(found == layout || same_names, "{}: {found}", text("dir"));

        let asked = MigrationSet::load(&directory, Some(layout)).unwrap();
        for set in [&set, &asked] {
            // The index counts one of the two files that have one version in this history.
            let uncounted = u64::from(text("project") == "cdk-wallet");
            assert_eq!(set.len() as u64, history["up"].as_u64().unwrap() + uncounted, "{}", text("dir"));
            let downs = set.migrations().iter().filter(|migration| migration.down.is_some()).count();
            assert_eq!(downs as u64, history["down"].as_u64().unwrap(), "{}", text("dir"));
            let twins = set.warnings.iter().any(|warning| warning.contains("migrations have the version"));
            assert_eq!(twins, layout != Layout::Diesel && has_twins(&directory), "{}", text("dir"));
        }
    }
    assert!(seen > 0);
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
