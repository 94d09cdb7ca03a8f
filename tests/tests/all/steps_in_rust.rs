//! Steps in Rust beside SQL migrations in one set, on every database.

use migration_kit::sql::{
    DatabaseConnector, Error, MigrationManager, MigrationState, Script, SqlMigration, StepContext, StepError,
    Value,
};
use migration_tests::Project;
use migration_tests::server::Kind;

migration_tests::on_servers!([postgres, mariadb, mysql] [beside_files, undone_with_its_transaction]);

const FILES: &str = "\
//- migrations/1_people.up.sql
CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL, initials VARCHAR(9));
INSERT INTO people (id, name) VALUES (1, 'Ada Lovelace'), (2, 'Alan Turing');
//- migrations/1_people.down.sql
DROP TABLE people;
//- migrations/3_check.up.sql
CREATE TABLE checked AS SELECT id FROM people WHERE initials IS NOT NULL;
//- migrations/3_check.down.sql
DROP TABLE checked;
";

/// `?` or `$1`, as the database has it.
fn update(step: &StepContext<'_>) -> &'static str {
    match step.dialect() {
        migration_kit::Dialect::Postgres => "UPDATE people SET initials = $1 WHERE id = $2",
        _ => "UPDATE people SET initials = ? WHERE id = ?",
    }
}

fn abbreviate(step: &mut StepContext<'_>) -> Result<(), StepError> {
    let update = update(step);
    for row in step.execute("SELECT id, name FROM people ORDER BY id", &[])?.rows {
        let name = row[1].as_str().ok_or("a name is no text")?;
        let initials: String = name.split(' ').filter_map(|part| part.chars().next()).collect();
        let written = step.execute(update, &[Value::from(initials), row[0].clone()])?;
        assert_eq!(written.rows_affected, 1);
    }
    Ok(())
}

fn manager(project: &Project, url: &str, steps: Vec<SqlMigration>) -> MigrationManager {
    let mut manager = MigrationManager::new(DatabaseConnector::open(url).unwrap());
    manager.load_migrations_from_directory(project.path("migrations")).unwrap();
    let set = manager.set().clone().join(steps).unwrap();
    manager.use_set(set);
    manager
}

fn initials(manager: &mut MigrationManager) -> Vec<Vec<Value>> {
    manager.connector().execute("SELECT initials FROM people ORDER BY id", &[]).unwrap().rows
}

fn beside_files<E: Kind>() {
    let (project, database) = (Project::new(FILES), E::shared());
    check_beside_files(&project, &database.url());
}

#[test]
fn beside_files_on_sqlite() {
    let project = Project::new(FILES);
    let url = project.url();
    check_beside_files(&project, &url);
}

fn check_beside_files(project: &Project, url: &str) {
    let step = || {
        let forget =
            |step: &mut StepContext<'_>| Ok(step.execute_script("UPDATE people SET initials = NULL")?);
        let up = Script::from_fn("initials, v1", abbreviate);
        SqlMigration::new("2_initials", up, Some(Script::from_fn("no initials, v1", forget)))
    };
    let mut manager = manager(project, url, vec![step()]);
    let report = manager.apply_pending_migrations().unwrap();
    let ids: Vec<_> = report.results.iter().map(|result| result.migration_id.as_str()).collect();
    assert_eq!(ids, ["1_people", "2_initials", "3_check"]);
    assert_eq!(report.results[1].rows_affected, 2);
    assert_eq!(initials(&mut manager), [[Value::from("AL")], [Value::from("AT")]]);
    assert_eq!(manager.connector().execute("SELECT id FROM checked", &[]).unwrap().rows.len(), 2);

    _ = manager.rollback_migration("3_check", false).unwrap();
    _ = manager.rollback_migration("2_initials", false).unwrap();
    assert_eq!(initials(&mut manager), [[Value::Null], [Value::Null]]);

    // Another label is another step, and an edit where the old one is applied.
    _ = manager.apply_migration("2_initials", false).unwrap();
    let set = manager.set().clone();
    let mut others: Vec<_> = set.migrations().iter().filter(|m| m.id != "2_initials").cloned().collect();
    others.push(SqlMigration::new("2_initials", Script::from_fn("initials, v2", abbreviate), None));
    manager.use_set(migration_kit::MigrationSet::new(others).unwrap());
    assert_eq!(manager.get_migration_status("2_initials").unwrap().status, MigrationState::Changed);
}

fn undone_with_its_transaction<E: Kind>() {
    let (project, database) = (Project::new(FILES), E::shared());
    check_undone(&project, &database.url());
}

#[test]
fn undone_with_its_transaction_on_sqlite() {
    let project = Project::new(FILES);
    let url = project.url();
    check_undone(&project, &url);
}

fn check_undone(project: &Project, url: &str) {
    type Step = fn(&mut StepContext<'_>) -> Result<(), StepError>;
    let cases: [(Step, &str); 4] = [
        (|step| abbreviate(step).and_then(|()| Err("not today".into())), "not today"),
        (|step| abbreviate(step).map(|()| panic!("out of cheese")), "out of cheese"),
        (|step| abbreviate(step).and_then(|()| Ok(step.execute_script("COMMIT")?)), "COMMIT"),
        (
            |step| abbreviate(step).and_then(|()| Ok(step.execute_script("SELECT nowhere FROM people")?)),
            "nowhere",
        ),
    ];
    for (step, words) in cases {
        let step = SqlMigration::new("2_initials", Script::from_fn("initials, v1", step), None);
        let mut manager = manager(project, url, vec![step]);
        let error = manager.apply_pending_migrations().unwrap_err();
        let Error::Failed(failure) = &error else { panic!("{error}") };
        assert!(failure.cause.message.contains(words), "{words}: {failure}");
        assert_eq!(failure.migration, "2_initials");
        assert_eq!(initials(&mut manager), [[Value::Null], [Value::Null]], "{words}");
        assert_eq!(manager.get_migration_status("2_initials").unwrap().status, MigrationState::Pending);
    }
}
