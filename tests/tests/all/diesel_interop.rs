//! Both ways between Diesel and the manager.

use diesel::Connection;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, FileBasedMigrations, MigrationHarness, embed_migrations};
use migration_kit::sql::{MigrationManager, MigrationSet, Request};
use migration_tests::Project;

const EMBEDDED: EmbeddedMigrations = embed_migrations!("../docs/examples/shop/migrations");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/shop/migrations");

/// Everything but the tables that keep the books.
const SCHEMA: &str =
    "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY 1, 2";

fn by_manager(set: MigrationSet) -> (Project, MigrationManager) {
    let project = Project::new("");
    let mut manager = MigrationManager::new(project.connect());
    manager.use_set(set);
    (project, manager)
}

#[test]
fn embedded_and_file_based_sources_are_the_directory() {
    let directory = MigrationSet::load(SHOP, None).unwrap();
    let files = MigrationSet::from_diesel(&FileBasedMigrations::from_path(SHOP).unwrap()).unwrap();
    let embedded = MigrationSet::from_diesel(&EMBEDDED).unwrap();
    assert_eq!(directory.len(), 13);
    for set in [&files, &embedded] {
        assert_eq!(set.len(), directory.len());
        for migration in set.migrations() {
            let same = directory.get(&migration.id).unwrap();
            assert_eq!(migration.up.text, same.up.text, "{}", migration.id);
            assert_eq!(
                migration.down.as_ref().map(|down| &down.text),
                same.down.as_ref().map(|down| &down.text)
            );
            assert_eq!(migration.checksum, same.checksum);
            assert_eq!((&migration.version, &migration.name), (&same.version, &same.name));
            assert_eq!(migration.run_in_transaction, same.run_in_transaction);
        }
    }
}

/// A history whose order by version is the only one that it needs: Diesel knows no dependencies.
const PLAIN: &str = "\
//- migrations/2024-01-01-000000_users/up.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO users (name) VALUES ('Ada'), ('Grace');
//- migrations/2024-01-01-000000_users/down.sql
DROP TABLE users;
//- migrations/2024-01-02-000000_compact/up.sql
VACUUM;
//- migrations/2024-01-02-000000_compact/down.sql
VACUUM;
//- migrations/2024-01-02-000000_compact/metadata.toml
run_in_transaction = false
//- migrations/2024-01-03-000000_posts/up.sql
CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users);
CREATE TRIGGER t AFTER DELETE ON users BEGIN DELETE FROM posts WHERE author = old.id; END;
//- migrations/2024-01-03-000000_posts/down.sql
DROP TRIGGER t;
DROP TABLE posts;
";

#[test]
fn a_source_of_diesels_runs_through_the_manager() {
    let files = Project::new(PLAIN);
    let source = FileBasedMigrations::from_path(files.path("migrations")).unwrap();
    let (project, mut manager) = by_manager(MigrationSet::from_diesel(&source).unwrap());
    assert_eq!(manager.apply_pending_migrations().unwrap().results.len(), 3);
    assert_eq!(project.query("SELECT name FROM users ORDER BY 1"), ["\"Ada\"", "\"Grace\""]);
    manager.run(&Request::down()).unwrap();
    assert!(manager.apply_pending_migrations().unwrap().results[0].is_success());
}

#[test]
fn a_set_runs_through_diesels_harness() {
    let files = Project::new(PLAIN);
    let set = MigrationSet::load(files.path("migrations"), None).unwrap();
    let by_diesel = Project::new("");
    let mut connection =
        SqliteConnection::establish(&by_diesel.path("app.db").display().to_string()).unwrap();
    assert_eq!(connection.run_pending_migrations(set.clone()).unwrap().len(), 3);
    assert!(!connection.has_pending_migration(set.clone()).unwrap());

    let (project, mut manager) = by_manager(set.clone());
    manager.apply_pending_migrations().unwrap();
    assert_eq!(by_diesel.query(SCHEMA), project.query(SCHEMA));

    connection.revert_all_migrations(set).unwrap();
    assert!(by_diesel.query(SCHEMA).is_empty());
}
