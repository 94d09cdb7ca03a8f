//! Files and rows that the Python system with this format wrote are read as they stand.

use migration_kit::sql::{Error, MigrationManager, MigrationState};
use migration_tests::Project;

const FIXTURE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/migration-sql/tests/fixtures/python_json");

/// The table as that system makes it, with the times and the short checksums that it writes.
const TABLE: &str = "\
CREATE TABLE _migrations (
    id VARCHAR(255) PRIMARY KEY, name VARCHAR(255) NOT NULL, description TEXT, checksum VARCHAR(64),
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, execution_time_ms INTEGER, status VARCHAR(50) DEFAULT 'applied');
";

fn manager(project: &Project) -> MigrationManager {
    let mut manager = MigrationManager::new(project.connect());
    assert_eq!(manager.load_migrations_from_directory(FIXTURE).unwrap(), 3);
    manager
}

#[test]
fn its_files_run_and_go_back() {
    let project = Project::new("");
    let mut manager = manager(&project);
    let report = manager.apply_pending_migrations().unwrap();
    assert_eq!(report.results.len(), 3);
    let order: Vec<&str> = report.results.iter().map(|result| result.migration_id.as_str()).collect();
    let [users, roles, seed] = [
        "migration_1714564800_create_users",
        "migration_1714651200_create_roles",
        "migration_1714564700_seed_roles",
    ];
    assert_eq!(order, [users, roles, seed], "dependencies first, then id");

    // The newest has no way back: what it depends on has to stay.
    assert!(matches!(manager.rollback_migration(seed, false), Err(Error::Irreversible { .. })));
    assert!(matches!(manager.rollback_migration(roles, false), Err(Error::DependentApplied { .. })));
    manager.mark_pending(seed).unwrap();
    manager.rollback_migration(roles, false).unwrap();
    assert_eq!(manager.get_migration_status(users).unwrap().status, MigrationState::Applied);
}

#[test]
fn its_rows_count_as_applied() {
    let project = Project::new("");
    let mut manager = manager(&project);
    let first = manager.set().migrations()[0].clone();
    project.connect().execute_script(TABLE).unwrap();
    project.connect().execute_script(&first.up.text).unwrap();
    let insert =
        "INSERT INTO _migrations (id, name, checksum, applied_at, execution_time_ms) VALUES (?, ?, ?, ?, ?)";
    let row = [
        first.id.as_str().into(),
        first.name.as_str().into(),
        first.checksum.short().into(),
        "2024-03-01T09:30:00.250000".into(),
        17.into(),
    ];
    project.connect().execute(insert, &row).unwrap();

    let info = manager.get_migration_status(&first.id).unwrap();
    assert_eq!(info.status, MigrationState::Applied);
    assert_eq!(info.applied_at.as_deref(), Some("2024-03-01T09:30:00.25Z"));
    assert_eq!(info.execution_time_ms, Some(17));
    assert_eq!(manager.get_pending_migrations().unwrap().len(), 2);
    assert_eq!(manager.apply_pending_migrations().unwrap().results.len(), 2);

    // Its own row stays as it was, ours carry the whole checksum, and the columns are those that it knows.
    let lengths = project.query("SELECT length(checksum) FROM _migrations ORDER BY rowid");
    assert_eq!(lengths, ["16", "64", "64"]);
    assert_eq!(project.query("SELECT count(*) FROM pragma_table_info('_migrations')"), ["7"]);

    project
        .connect()
        .execute_script("UPDATE _migrations SET checksum = '0123456789abcdef' WHERE length(checksum) = 16")
        .unwrap();
    assert_eq!(manager.get_migration_status(&first.id).unwrap().status, MigrationState::Changed);
}

#[test]
fn a_failed_row_is_not_passed_over() {
    let project = Project::new("");
    let mut manager = manager(&project);
    let id = manager.set().migrations()[0].id.clone();
    project.connect().execute_script(TABLE).unwrap();
    let insert = "INSERT INTO _migrations (id, name, status) VALUES (?, 'x', 'failed')";
    project.connect().execute(insert, &[id.as_str().into()]).unwrap();
    assert_eq!(manager.apply_pending_migrations().unwrap_err().code(), "history.failed_row");
    assert_eq!(manager.get_migration_status(&id).unwrap().status, MigrationState::Failed);
    manager.mark_pending(&id).unwrap();
    assert_eq!(manager.apply_pending_migrations().unwrap().results.len(), 3);
}

#[test]
fn what_makes_no_sense_is_not_guessed() {
    let project = Project::new("");
    let mut manager = manager(&project);
    let mut refused = |sql: &str, word: &str| {
        project.connect().execute_script(sql).unwrap();
        let error = manager.apply_pending_migrations().unwrap_err();
        assert_eq!(error.code(), "history.foreign_table");
        assert!(error.to_string().contains(word), "{error}");
    };
    refused(
        &format!("{TABLE} INSERT INTO _migrations (id, name, status) VALUES ('x', 'x', 'perhaps')"),
        "perhaps",
    );
    refused("UPDATE _migrations SET id = NULL", "no id");
    refused(
        "DROP TABLE _migrations; CREATE TABLE _migrations (n); INSERT INTO _migrations VALUES (1)",
        "no column `id`",
    );
    let journal = "DROP TABLE _migrations; CREATE TABLE _migration_journal (migration_id, direction, statements_done, \
                   statements_total, checksum, in_flight)";
    refused(journal, "no such column");
    let columns = "ALTER TABLE _migration_journal ADD COLUMN state; ALTER TABLE _migration_journal ADD COLUMN fingerprint; \
                   ALTER TABLE _migration_journal ADD COLUMN details;";
    refused(
        &format!(
            "{columns} INSERT INTO _migration_journal VALUES ('x', 'sideways', 1, 2, 'c', NULL, 'partial', NULL, NULL)"
        ),
        "sideways",
    );
    refused("UPDATE _migration_journal SET direction = 'up', in_flight = 0", "can't be read");
}

#[test]
fn what_we_write_is_what_it_reads() {
    let project = Project::new("");
    let mut manager = project.manager();
    let sql = "CREATE TABLE users (id INTEGER)";
    let created =
        manager.create_migration("Add Users", "the first", sql, Some("DROP TABLE users"), &[]).unwrap();
    let text = std::fs::read_to_string(project.path(&format!("migrations/{}.json", created.id))).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    for key in [
        "id",
        "name",
        "description",
        "sql",
        "rollback_sql",
        "dependencies",
        "created_at",
        "status",
        "checksum",
    ] {
        assert!(keys.iter().any(|k| *k == key), "{key}: {text}");
    }
    let seconds = created.id.strip_prefix("migration_").unwrap().strip_suffix("_add_users").unwrap();
    assert!(seconds.parse::<u64>().is_ok(), "{}", created.id);
    assert_eq!(json["checksum"], migration_kit::Checksum::of(sql).short());
    assert_eq!(json["sql"], sql);

    let second = manager.create_migration("Add Users", "", "SELECT 1", None, &[&created.id]).unwrap();
    assert_ne!(second.id, created.id);
    assert_eq!(second.dependencies, [created.id]);
}
