//! Many migrations, and a large one. The limits are generous: they are there to catch what is quadratic.

use std::fs;
use std::time::{Duration, Instant};

use migration_sql::MigrationSet;

/// To write the files takes many times as long as to read them: a hundred thousand are for `MIGRATION_SCALE=100000`.
fn scale() -> usize {
    std::env::var("MIGRATION_SCALE").map_or(5_000, |number| number.parse().unwrap())
}

/// `MIGRATION_LAYOUTS_KEEP=DIR` leaves the directories there, for a measurement with other tools.
fn workshop() -> (Option<tempfile::TempDir>, std::path::PathBuf) {
    match std::env::var_os("MIGRATION_LAYOUTS_KEEP") {
        Some(kept) => (None, kept.into()),
        None => {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().to_owned();
            (Some(directory), path)
        }
    }
}

#[test]
fn many_migrations() {
    let (_guard, root) = workshop();
    let scale = scale();
    // An unoptimized build on a busy machine with cold caches takes a tenth of this.
    let limit = Duration::from_millis(2 * scale as u64);
    for layout in ["golang-migrate", "diesel", "json"] {
        let directory = root.join(layout);
        if !directory.exists() {
            fs::create_dir_all(&directory).unwrap();
            for number in 0..scale {
                let stem = directory.join(format!("{number:06}_create_table_{number}"));
                let sql = format!("CREATE TABLE t{number} (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n");
                match layout {
                    "golang-migrate" => {
                        fs::write(stem.with_extension("up.sql"), sql).unwrap();
                        fs::write(stem.with_extension("down.sql"), format!("DROP TABLE t{number};\n"))
                            .unwrap();
                    }
                    "diesel" => {
                        fs::create_dir(&stem).unwrap();
                        fs::write(stem.join("up.sql"), sql).unwrap();
                        fs::write(stem.join("down.sql"), format!("DROP TABLE t{number};\n")).unwrap();
                    }
                    _ => {
                        let id = format!("{number:06}_create_table_{number}");
                        let file = format!("{{\"id\": \"{id}\", \"name\": \"x\", \"sql\": {sql:?}}}");
                        fs::write(stem.with_extension("json"), file).unwrap();
                    }
                }
            }
        }
        let start = Instant::now();
        let set = MigrationSet::load(&directory, None).unwrap();
        let elapsed = start.elapsed();
        println!("{layout}: {} migrations in {elapsed:?}", set.len());
        assert_eq!(set.len(), scale);
        assert!(elapsed < limit, "{layout} took {elapsed:?}");
    }
}

#[test]
fn fifty_megabytes() {
    let (_guard, root) = workshop();
    let directory = root.join("large");
    fs::create_dir_all(&directory).unwrap();
    let line = "INSERT INTO t (id, name) VALUES (1, 'some text that goes on for a while');\r\n";
    let text = line.repeat(50_000_000 / line.len());
    fs::write(directory.join("1_large.up.sql"), &text).unwrap();
    let start = Instant::now();
    let set = MigrationSet::load(&directory, None).unwrap();
    println!("{} bytes in {:?}", text.len(), start.elapsed());
    assert_eq!(set.migrations()[0].up.text.len(), text.len());
    assert!(start.elapsed() < Duration::from_secs(20));
}
