//! Repeatable migrations: run again when they change, also when a runner died on the way, and each statement once.

use migration_kit::sql::{MigrationEffect, MigrationManager, MigrationState};
use migration_tests::server::Shared;
use migration_tests::{Project, on_servers};

use super::{Subject, assert_nothing_unfinished, manager, migration, run_until};

on_servers!([postgres, mariadb, mysql] [
    it_runs_again_when_it_changed,
    dead_at_every_event_of_a_run_again,
    one_that_fails_when_it_runs_again,
]);

const FIRST: &str = "\
//- migrations/R__log.sql
CREATE TABLE IF NOT EXISTS seen (x int);
DROP VIEW IF EXISTS entries;
CREATE VIEW entries AS SELECT entry FROM log;
INSERT INTO log (entry) VALUES ('first');
";

/// A project whose repeatable migration takes several transactions on every server, and leaves a row for each part of it.
fn project<S: Subject>() -> Project {
    let table = S::HISTORY.lines().nth(1).expect("the table `log`");
    let project = Project::new(&format!("//- migrations/V1__log.sql\n{table}\n"));
    project.write(FIRST);
    project
}

fn changed(manager: &mut MigrationManager) -> String {
    let alone = if manager.connector().capabilities().transactional_ddl { "VACUUM seen" } else { "SELECT 1" };
    format!(
        "//- migrations/R__log.sql\nINSERT INTO log (entry) VALUES ('a');\nDROP VIEW IF EXISTS entries;\n{alone};\n\
         CREATE VIEW entries AS SELECT n, entry FROM log;\nINSERT INTO log (entry) VALUES ('b');\n"
    )
}

/// That both are applied, and the repeatable one as its file is now.
fn assert_up_to_date(project: &Project, database: &Shared, context: &str) {
    let all = manager(project, database).list_migrations().unwrap();
    let states: Vec<_> = all.iter().map(|info| info.status).collect();
    assert_eq!(states, [MigrationState::Applied; 2], "{context}");
    assert_eq!(database.query("SELECT COUNT(*) FROM _migrations"), ["2"], "{context}");
    assert_nothing_unfinished(database, context);
}

fn it_runs_again_when_it_changed<S: Subject>() {
    let (project, database) = (project::<S>(), S::shared());
    let mut runner = manager(&project, &database);
    runner.apply_pending_migrations().unwrap();
    assert_up_to_date(&project, &database, "first");
    project.write(&changed(&mut runner));
    let status = migration(&project, &database, &["status", "--json"]).run().expect(0).json();
    assert_eq!(status["data"]["migrations"][1]["status"], "outdated");
    _ = migration(&project, &database, &["verify"]).run().expect(0);
    let up = migration(&project, &database, &["up", "--json"]).run().expect(0).json();
    assert_eq!(up["data"]["effects"]["migrations"]["R__log"], "applied");
    assert_eq!(database.query("SELECT entry FROM entries ORDER BY n"), ["first", "a", "b"]);
    assert_up_to_date(&project, &database, "again");
    assert!(manager(&project, &database).apply_pending_migrations().unwrap().results.is_empty());
    // The file is as it was: that is a change, too.
    project.write(FIRST);
    manager(&project, &database).apply_pending_migrations().unwrap();
    assert_eq!(database.query("SELECT entry FROM log ORDER BY n"), ["first", "a", "b", "first"]);
    assert_up_to_date(&project, &database, "back again");
}

fn dead_at_every_event_of_a_run_again<S: Subject>() {
    let mut event = 1;
    loop {
        let (project, database) = (project::<S>(), S::shared());
        let mut runner = manager(&project, &database);
        runner.apply_pending_migrations().unwrap();
        project.write(&changed(&mut runner));
        drop(runner);
        let died = run_until(&project, &database, event, "up");
        let context = format!("dead at event {event}");
        manager(&project, &database).apply_pending_migrations().unwrap();
        assert_eq!(database.query("SELECT entry FROM log ORDER BY n"), ["first", "a", "b"], "{context}");
        assert_up_to_date(&project, &database, &context);
        if !died {
            break;
        }
        event += 1;
    }
    assert!(event > 8, "only {event} events were seen");
}

fn one_that_fails_when_it_runs_again<S: Subject>() {
    let (project, database) = (project::<S>(), S::shared());
    let mut runner = manager(&project, &database);
    runner.apply_pending_migrations().unwrap();
    let whole = runner.connector().capabilities().transactional_ddl;
    project.write(
        "//- migrations/R__log.sql\nDROP VIEW entries;\nINSERT INTO log (entry) VALUES ('a');\n\
         CREATE VIEW entries AS SELECT nowhere FROM log;\n",
    );
    let error = manager(&project, &database).apply_pending_migrations().unwrap_err();
    let effect = error.report().unwrap().effects.migrations["R__log"];
    assert_eq!(effect, if whole { MigrationEffect::RolledBack } else { MigrationEffect::Partial });
    let state = manager(&project, &database).get_migration_status("R__log").unwrap().status;
    assert_eq!(state, if whole { MigrationState::Outdated } else { MigrationState::Partial });

    // Another text, and it fails as well: that part of the earlier one is in effect is not forgotten.
    project.write("//- migrations/R__log.sql\nCREATE VIEW other AS SELECT nowhere FROM log;\n");
    for _ in 0..2 {
        manager(&project, &database).apply_pending_migrations().unwrap_err();
        let again = manager(&project, &database).get_migration_status("R__log").unwrap().status;
        assert_eq!(again, state);
    }

    // Where it was before: that text is the one that is applied, but for what was cut off.
    project.write(FIRST);
    manager(&project, &database).apply_pending_migrations().unwrap();
    let expected: &[&str] = if whole { &["first"] } else { &["first", "a", "first"] };
    assert_eq!(database.query("SELECT entry FROM entries"), expected);
    assert_up_to_date(&project, &database, "mended");
}
