//! The life cycle through the library: up, status, down, failures, events.

use std::sync::{Arc, Mutex};

use migration_kit::Event;
use migration_kit::sql::{EffectState, Error, MigrationState, Request, Target};
use migration_tests::{Project, on_servers};
use serde_json::json;

use super::{Subject, assert_complete, manager, migration, tables};

on_servers!([postgres, mariadb, mysql] [
    up_status_and_down,
    one_that_fails_is_located,
    a_mended_file_is_gone_on_with,
    a_connection_that_breaks_is_reported_with_what_is_in_effect,
    events_name_what_ran,
    texts_of_all_kinds_arrive,
]);

fn up_status_and_down<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    let mut manager = manager(&project, &database);
    assert_eq!(manager.get_pending_migrations().unwrap().len(), 4);
    assert!(database.query(S::TABLES).is_empty(), "to look is not to make");
    let report = manager.apply_pending_migrations().unwrap();
    let first = &report.results[0];
    assert_eq!((first.statements_executed, first.rows_affected), (3, 500));
    assert_complete::<S>(&database, "applied");
    let all = manager.list_migrations().unwrap();
    assert!(all.iter().all(|info| info.status == MigrationState::Applied && info.applied_at.is_some()));
    assert!(manager.apply_pending_migrations().unwrap().results.is_empty());

    let down = manager.run(&Request::down().to(Target::All)).unwrap();
    assert_eq!(down.effects.state, EffectState::Complete);
    assert_eq!(tables::<S>(&database), [""; 0]);
    manager.apply_pending_migrations().unwrap();
    assert_complete::<S>(&database, "applied again");
}

fn one_that_fails_is_located<S: Subject>() {
    let database = S::shared();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\n\
         //- migrations/2_b.up.sql\nCREATE TABLE b (x int);\n-- é\nSELECT 'é', nowhere FROM b;\n\
         //- migrations/3_c.up.sql\nSELECT 1;\n",
    );
    let mut manager = manager(&project, &database);
    let undone = manager.connector().capabilities().transactional_ddl;
    let state = if undone { "rolled_back" } else { "partial" };
    let error = manager.apply_pending_migrations().unwrap_err();
    let effects = serde_json::to_value(&error.report().unwrap().effects.migrations).unwrap();
    assert_eq!(effects, json!({"1_a": "applied", "2_b": state, "3_c": "not_run"}));
    let Error::Failed(failure) = &error else { panic!("{error}") };
    assert_eq!((failure.place.line, failure.place.column), (Some(3), Some(13)), "{failure:?}");
    assert_eq!(tables::<S>(&database).contains(&"b".to_owned()), !undone);

    let exit = if undone { 7 } else { 8 };
    let json = migration(&project, &database, &["up", "--json"]).run().expect(exit).json();
    let (engine, sqlstate) = if undone { ("postgres", "42703") } else { ("mysql", "42S22") };
    assert_eq!(json["error"]["database"], json!({"engine": engine, "sqlstate": sqlstate}));
    let place = &json["error"]["where"];
    assert!(place["file"].as_str().unwrap().ends_with("2_b.up.sql"), "{place}");
    assert_eq!(json!([place["line"], place["column"], place["statement"]]), json!([3, 13, 2]));
    // The server counts its own lines, which are nobody's.
    assert!(!json["error"]["why"].as_str().unwrap().contains("line"), "{json:#}");
}

fn a_mended_file_is_gone_on_with<S: Subject>() {
    let database = S::shared();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2, 3);\n\
         CREATE TABLE b (x int);\n",
    );
    let error = manager(&project, &database).apply_pending_migrations().unwrap_err();
    assert_eq!(error.code(), "apply.statement_failed");
    project.write(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\n-- Comments are nothing.\nINSERT INTO a VALUES (1);\n\
         INSERT INTO a VALUES (2);\nINSERT INTO a VALUES (4);\n",
    );
    manager(&project, &database).apply_pending_migrations().unwrap();
    assert_eq!(database.query("SELECT x FROM a ORDER BY x"), ["1", "2", "4"]);
    assert_eq!(tables::<S>(&database), ["a"]);
}

fn a_connection_that_breaks_is_reported_with_what_is_in_effect<S: Subject>() {
    let database = S::shared();
    let project = Project::new(&format!(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\n\
         //- migrations/2_b.up.sql\nCREATE TABLE b (x int);\nINSERT INTO b VALUES (1);\n{};\nINSERT INTO b VALUES (2);\n",
        S::SUICIDE
    ));
    let mut manager = manager(&project, &database);
    let state = if manager.connector().capabilities().transactional_ddl { "rolled_back" } else { "partial" };
    let error = manager.apply_pending_migrations().unwrap_err();
    let effects = serde_json::to_value(&error.report().unwrap().effects.migrations).unwrap();
    assert_eq!(effects, json!({"1_a": "applied", "2_b": state}), "{error:?}");
    assert_eq!(error.code(), "database.connection_lost", "{error:?}");
    project.write(
        "//- migrations/2_b.up.sql\nCREATE TABLE b (x int);\nINSERT INTO b VALUES (1);\nINSERT INTO b VALUES (2);\n",
    );
    manager.load_migrations_from_directory(project.path("migrations")).unwrap();
    manager.apply_pending_migrations().unwrap();
    assert_eq!(database.query("SELECT x FROM b ORDER BY x"), ["1", "2"]);
}

fn events_name_what_ran<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    let mut manager = manager(&project, &database);
    manager.observe(Arc::new(move |event: &Event<'_>| {
        if let Event::StatementExecuted { sql, .. } = event {
            note.lock().unwrap().push((*sql).to_owned());
        }
    }));
    let plan = manager.plan(&Request::up()).unwrap();
    manager.apply_pending_migrations().unwrap();
    let planned: Vec<String> =
        plan.migrations.iter().flat_map(|m| m.statements.iter().map(|s| s.sql.clone())).collect();
    assert_eq!(*seen.lock().unwrap(), planned);
}

/// Ids and texts that need quotes, and characters outside of Unicode's first plane.
fn texts_of_all_kinds_arrive<S: Subject>() {
    let database = S::shared();
    let project = Project::new(
        "//- migrations/1_o'brien 🦀.up.sql\nCREATE TABLE crab (name varchar(20));\nINSERT INTO crab VALUES ('naïve 🦀''s');\n\
         //- migrations/1_o'brien 🦀.down.sql\nDROP TABLE crab;\n",
    );
    _ = migration(&project, &database, &["up"]).run().expect(0);
    assert_eq!(database.query("SELECT name FROM crab"), ["naïve 🦀's"]);
    let status = migration(&project, &database, &["status", "--json"]).run().expect(0).json();
    assert_eq!(status["data"]["migrations"][0]["id"], "1_o'brien 🦀");
    _ = migration(&project, &database, &["down"]).run().expect(0);
    assert_eq!(tables::<S>(&database), [""; 0]);
}
