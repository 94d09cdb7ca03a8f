//! Real PostgreSQL histories: each applies from empty, and `pg_dump` sees the same schema as after `psql` ran the files. Our
//! own dump, restored, dumps as the same text.

use std::collections::BTreeMap;
use std::process::Command;

use migration_kit::sql::{DatabaseConnector, DumpOptions, MigrationManager};
use migration_tests::server::{Shared, shared_postgres};
use migration_tests::{History, histories};

const LAYOUTS: &[&str] = &["diesel", "golang-migrate", "sqlx"];

/// With `MIGRATION_HISTORIES=all` in the environment every history that can be read is applied, which takes minutes more.
const ALL_LAYOUTS: &[&str] =
    &["dbmate", "diesel", "flyway", "golang-migrate", "goose", "prisma", "refinery", "sqlx"];

/// One or two histories of each of the layouts that came later.
const FURTHER: &[&str] = &["hoppscotch", "marquez", "conductor", "rauthy"];

/// PostgreSQL writes a cast in their check constraints in another way once it has read its own text: so does `pg_dump`.
const REWRITTEN: &[&str] = &["graph-node", "taproot-assets"];

/// How many tests share the histories.
const SHARDS: usize = 4;

/// Runs a text through the server's own client. Returns what it complains of.
fn psql(database: &Shared, sql: &str, arguments: &[&str]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script.sql");
    std::fs::write(&file, sql).unwrap();
    let output = Command::new("psql")
        .args(["-X", "-q"])
        .args(arguments)
        .arg("-f")
        .arg(&file)
        .arg(database.url())
        .output();
    let output = output.unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Runs a file in one transaction, as the tools do; without one where it has statements that can't run in one.
fn psql_file(database: &Shared, sql: &str) {
    let stop = ["-v", "ON_ERROR_STOP=1"];
    let outcome = psql(database, sql, &[&stop[..], &["-1"]].concat());
    outcome.or_else(|_| psql(database, sql, &stop)).unwrap_or_else(|complaint| panic!("{complaint}"));
}

/// The statements of the schema, each with how often it stands there; without comments and our own tables.
fn schema(database: &Shared) -> BTreeMap<String, usize> {
    let output = Command::new("pg_dump")
        .args(["-s", "--no-owner", "--no-acl", "-T", "_migrations", "-T", "_migration_journal", "-d"])
        .arg(database.url())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines =
        text.lines().filter(|line| !line.starts_with("--") && !line.starts_with('\\') && !line.is_empty());
    let mut statements = BTreeMap::new();
    for statement in lines.collect::<Vec<_>>().join("\n").split(";\n") {
        *statements.entry(statement.to_owned()).or_default() += 1;
    }
    statements
}

/// The schema as `migration dump` writes it.
fn dump(manager: &mut MigrationManager) -> String {
    let mut options = DumpOptions::default();
    options.without = vec!["_migrations".to_owned(), "_migration_journal".to_owned()];
    manager.connector().dump(&options).unwrap()
}

fn check(history: &History) {
    let set = history.load(history.layout.parse().ok());
    let (ours, theirs) = (shared_postgres(), shared_postgres());
    for database in [&ours, &theirs] {
        // Roles belong to the whole server: they may be there from another history.
        _ = psql(database, "CREATE ROLE postgres SUPERUSER;", &[]);
        _ = psql(database, history.prelude.as_deref().unwrap_or_default(), &[]);
    }
    for migration in set.migrations() {
        psql_file(&theirs, &migration.up.text);
    }
    let mut manager = MigrationManager::new(DatabaseConnector::open(&ours.url()).unwrap());
    manager.use_set(set);
    let report =
        manager.apply_pending_migrations().unwrap_or_else(|error| panic!("{}: {error:?}", history.project));
    assert_eq!(report.results.len(), manager.set().len());
    let dumped = dump(&mut manager);
    let restored = shared_postgres();
    psql_file(&restored, &dumped);
    let mut again = MigrationManager::new(DatabaseConnector::open(&restored.url()).unwrap());
    if !REWRITTEN.contains(&history.project.as_str()) {
        assert!(dump(&mut again) == dumped, "{}: the restored dump dumps as another text", history.project);
    }

    let (ours, theirs) = (schema(&ours), schema(&theirs));
    let differs: Vec<_> = ours.iter().filter(|(s, n)| theirs.get(*s) != Some(n)).collect();
    let lacks: Vec<_> = theirs.iter().filter(|(s, n)| ours.get(*s) != Some(n)).collect();
    assert!(
        differs.is_empty() && lacks.is_empty(),
        "{}: {differs:#?} instead of {lacks:#?}",
        history.project
    );
    println!("{}: {} migrations, {} statements of schema", history.project, report.results.len(), ours.len());
}

fn shard(number: usize) {
    let all = std::env::var("MIGRATION_HISTORIES").is_ok_and(|which| which == "all");
    let mut chosen = histories("postgres", ALL_LAYOUTS);
    chosen.retain(|history| {
        all || LAYOUTS.contains(&history.layout.as_str()) || FURTHER.contains(&history.project.as_str())
    });
    // One that fails must not hide the others.
    let failed: Vec<&str> = chosen
        .iter()
        .skip(number)
        .step_by(SHARDS)
        .filter(|history| std::panic::catch_unwind(|| check(history)).is_err())
        .map(|history| history.project.as_str())
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn first_quarter() {
    shard(0);
}

#[test]
fn second_quarter() {
    shard(1);
}

#[test]
fn third_quarter() {
    shard(2);
}

#[test]
fn fourth_quarter() {
    shard(3);
}
