//! The life cycle through the library, on a real database.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection, InstrumentationEvent};
use migration_kit::sql::{
    CommitMode, EffectState, Error, MigrationEffect, MigrationState, Request, Settings, Target,
};
use migration_kit::sql::{MigrationManager, Value};
use migration_kit::{Event, MigrationStatus};
use migration_tests::Project;

fn json<T: serde::Serialize>(value: T) -> serde_json::Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn up_status_and_down() {
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x);\nINSERT INTO a VALUES (1), (2);\n//- migrations/1_a.down.sql\nDROP TABLE a;\n\
         //- migrations/2_b.up.sql\nUPDATE a SET x = x + 1;\n//- migrations/2_b.down.sql\nUPDATE a SET x = x - 1;\n",
    );
    let mut manager = project.manager();
    let report = manager.apply_pending_migrations().unwrap();
    let result = &report.results[0];
    assert_eq!((result.statements_executed, result.rows_affected, result.progress()), (2, 2, 1.0));
    assert_eq!(report.results[1].rows_affected, 2);
    assert_eq!(report.effects.state, EffectState::Complete);
    assert_eq!(project.query("SELECT x FROM a"), ["2", "3"]);

    let all = manager.list_migrations().unwrap();
    assert!(all.iter().all(|info| info.status == MigrationState::Applied && info.applied_at.is_some()));
    assert_eq!(manager.get_pending_migrations().unwrap(), []);
    assert!(manager.apply_pending_migrations().unwrap().results.is_empty());

    let down = manager.run(&Request::down()).unwrap();
    assert_eq!(down.results[0].status, MigrationStatus::RolledBack);
    assert_eq!(down.effects.migrations["2_b"], MigrationEffect::RolledBack);
    assert_eq!(project.query("SELECT x FROM a"), ["1", "2"]);
    assert_eq!(manager.get_applied_migrations().unwrap().len(), 1);
    manager.rollback_migration("1_a", false).unwrap();
    assert_eq!(project.query("SELECT count(*) FROM _migrations"), ["0"]);
}

#[test]
fn a_dry_run_changes_nothing_and_shows_what_would_run() {
    let project = Project::new("//- migrations/1_a.up.sql\nCREATE TABLE a (x);\n");
    let mut manager = project.manager();
    let plan = manager.plan(&Request::up()).unwrap();
    let result = manager.apply_migration("1_a", true).unwrap();
    assert_eq!((result.status, result.steps_total), (MigrationStatus::Pending, 1));
    assert!(project.query("SELECT name FROM sqlite_schema").is_empty());

    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    manager.observe(Arc::new(move |event: &Event<'_>| {
        if let Event::StatementExecuted { sql, .. } = event {
            note.lock().unwrap().push((*sql).to_owned());
        }
    }));
    manager.run(&Request::up()).unwrap();
    let planned: Vec<String> = plan.migrations[0].statements.iter().map(|s| s.sql.clone()).collect();
    assert_eq!(*seen.lock().unwrap(), planned);
}

/// The procedure of SQLite's manual for changing a table, as files have it that other tools wrap in a transaction.
#[test]
fn a_table_rebuild_keeps_the_rows_of_child_tables() {
    let rebuild = "CREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '');\n\
                   INSERT INTO new_parent (id) SELECT id FROM parent;\nDROP TABLE parent;\n\
                   ALTER TABLE new_parent RENAME TO parent;\n";
    for (begin, end) in [("", ""), ("BEGIN;\n", "COMMIT;\n"), ("SAVEPOINT s;\n", "RELEASE s;\n")] {
        let project = Project::new(&format!(
            "//- migrations/1_a.up.sql\nCREATE TABLE parent (id INTEGER PRIMARY KEY);\n\
             CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent ON DELETE CASCADE);\n\
             INSERT INTO parent VALUES (1), (2);\nINSERT INTO child VALUES (10, 1), (20, 2), (30, 2);\n\
             //- migrations/2_b.up.sql\nPRAGMA foreign_keys=OFF;\n{begin}{rebuild}{end}PRAGMA foreign_keys=ON;\n\
             //- migrations/3_c.up.sql\nDELETE FROM parent WHERE id = 1;\n"
        ));
        project.manager().apply_pending_migrations().unwrap();
        // The third migration runs with foreign keys on again: it deletes by cascade.
        assert_eq!(project.query("SELECT id FROM child"), ["20", "30"], "{begin}");
        assert!(project.query("PRAGMA foreign_key_check").is_empty());
    }
}

#[test]
fn a_rebuild_that_loses_parents_is_undone() {
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE parent (id INTEGER PRIMARY KEY);\n\
         CREATE TABLE child (parent INTEGER REFERENCES parent);\nINSERT INTO parent VALUES (1);\nINSERT INTO child VALUES (1);\n\
         //- migrations/2_b.up.sql\nPRAGMA foreign_keys=OFF;\nDELETE FROM parent;\n",
    );
    let error = project.manager().apply_pending_migrations().unwrap_err();
    assert!(
        matches!(&error, Error::Failed(failure) if failure.cause.message.contains("\"child\" -> \"parent\"")),
        "{error:?}"
    );
    assert_eq!(error.report().unwrap().effects.migrations["2_b"], MigrationEffect::RolledBack);
    assert_eq!(project.query("SELECT id FROM parent"), ["1"]);
}

#[test]
fn what_a_script_does_to_the_session_ends_with_it() {
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TEMP TABLE scratch (x);\nPRAGMA recursive_triggers = ON;\nPRAGMA foreign_keys = OFF;\n\
         //- migrations/2_b.up.sql\nCREATE TABLE switches AS SELECT foreign_keys, recursive_triggers \
         FROM pragma_foreign_keys, pragma_recursive_triggers;\nCREATE TABLE scratch (y);\n",
    );
    project.manager().apply_pending_migrations().unwrap();
    assert_eq!(project.query("SELECT * FROM switches"), ["1|0"]);
}

#[test]
fn one_that_fails_takes_no_other_with_it() {
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x);\n//- migrations/2_b.up.sql\nCREATE TABLE b (x);\n\
         //- migrations/3_c.up.sql\nCREATE TABLE c (x);\nINSERT INTO c VALUES (1);\nINSERT INTO nowhere VALUES (1);\n\
         //- migrations/4_d.up.sql\nCREATE TABLE d (x);\n",
    );
    for mode in [CommitMode::Grouped, CommitMode::Each, CommitMode::Atomic] {
        let mut request = Request::up();
        request.commit = mode;
        let error = project.manager().run(&request).unwrap_err();
        let report = error.report().unwrap();
        let effects = json(&report.effects);
        let kept = if mode == CommitMode::Atomic { "rolled_back" } else { "applied" };
        assert_eq!(
            effects["migrations"],
            serde_json::json!({"1_a": kept, "2_b": kept, "3_c": "rolled_back", "4_d": "not_run"}),
            "{mode:?}"
        );
        assert_eq!(report.results[2].status, MigrationStatus::Failed);
        assert_eq!(report.results[2].statements_executed, 2);
        assert_eq!(report.results[3].status, MigrationStatus::Pending);
        let Error::Failed(failure) = &error else { panic!("{error}") };
        assert_eq!(
            (failure.place.statement, failure.place.line, failure.place.column),
            (Some(3), Some(3), Some(13))
        );
        let tables = project.query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
        );
        let expected: &[&str] = if mode == CommitMode::Atomic { &[] } else { &["\"a\"", "\"b\""] };
        assert_eq!(tables, expected, "{mode:?}");
        project
            .connect()
            .execute_script(
                "DROP TABLE IF EXISTS a; DROP TABLE IF EXISTS b; DROP TABLE IF EXISTS _migrations",
            )
            .unwrap();
    }
}

/// Failures that SQLite answers by undoing the whole transaction, and a constraint that is only looked at on commit: the
/// migrations that shared the transaction are run again one by one.
#[test]
fn a_shared_transaction_that_is_lost_is_made_good() {
    for last in [
        "INSERT OR ROLLBACK INTO u VALUES (1);",
        "INSERT INTO child VALUES (99);",
        "CREATE TRIGGER t BEFORE INSERT ON u BEGIN SELECT RAISE(ROLLBACK, 'no'); END;\nINSERT INTO u VALUES (5);",
    ] {
        let project = Project::new(&format!(
            "//- migrations/1_a.up.sql\nCREATE TABLE u (x UNIQUE);\nINSERT INTO u VALUES (1);\n\
             CREATE TABLE parent (id INTEGER PRIMARY KEY);\n\
             CREATE TABLE child (parent REFERENCES parent DEFERRABLE INITIALLY DEFERRED);\n\
             //- migrations/2_b.up.sql\nINSERT INTO u VALUES (2);\n//- migrations/3_c.up.sql\n{last}\n\
             //- migrations/4_d.up.sql\nINSERT INTO u VALUES (4);\n"
        ));
        let error = project.manager().apply_pending_migrations().unwrap_err();
        let effects = json(&error.report().unwrap().effects);
        assert_eq!(
            effects["migrations"],
            serde_json::json!({"1_a": "applied", "2_b": "applied", "3_c": "rolled_back", "4_d": "not_run"}),
            "{last}: {error:?}"
        );
        assert_eq!(project.query("SELECT x FROM u ORDER BY x"), ["1", "2"], "{last}");
        assert_eq!(project.query("SELECT id FROM _migrations ORDER BY id"), ["\"1_a\"", "\"2_b\""], "{last}");
    }
}

#[test]
fn the_status_of_five_thousand_takes_a_handful_of_queries() {
    let files: String = (0..5000).map(|n| format!("//- migrations/{n:04}_m.up.sql\nSELECT {n};\n")).collect();
    let project = Project::new(&files);
    let mut manager = project.manager();
    manager.run(&Request::up().to(Target::Steps(2500))).unwrap();
    let queries = Arc::new(Mutex::new(0));
    let count = Arc::clone(&queries);
    manager.connector().sqlite_connection().unwrap().set_instrumentation(
        move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                *count.lock().unwrap() += 1;
            }
        },
    );
    let all = manager.list_migrations().unwrap();
    assert_eq!(all.iter().filter(|info| info.status == MigrationState::Applied).count(), 2500);
    // Whether there is a table, and its rows; the same for the journal, which does not exist here.
    assert_eq!(*queries.lock().unwrap(), 3);
}

#[test]
fn tables_can_have_other_names() {
    let project =
        Project::new("//- migrations/1_a.up.sql\nCREATE TABLE a (x);\nVACUUM;\nCREATE TABLE b (x);\n");
    let mut settings = Settings::default();
    settings.history_table = "odd \"name\"; --".to_owned();
    settings.journal_table = "j'ournal".to_owned();
    let mut manager = MigrationManager::with_settings(project.connect(), settings).unwrap();
    manager.load_migrations_from_directory(project.path("migrations")).unwrap();
    manager.apply_pending_migrations().unwrap();
    assert_eq!(project.query("SELECT id FROM \"odd \"\"name\"\"; --\""), ["\"1_a\""]);
    assert_eq!(manager.get_migration_status("a").unwrap().status, MigrationState::Applied);

    let mut settings = Settings::default();
    settings.journal_table = "_Migrations".to_owned();
    assert!(matches!(
        MigrationManager::with_settings(project.connect(), settings),
        Err(Error::TableName { .. })
    ));
}

#[test]
fn an_observer_can_stop_a_run_only_if_asked_to() {
    struct Grumpy;
    impl migration_kit::Observer for Grumpy {
        fn on_event(&self, event: &Event<'_>) -> Result<(), migration_kit::model::ObserverError> {
            if matches!(event, Event::StatementExecuted { .. }) { Err("no".into()) } else { Ok(()) }
        }
    }
    let project = Project::new("//- migrations/1_a.up.sql\nCREATE TABLE a (x);\nCREATE TABLE b (x);\n");
    let mut settings = Settings::default();
    settings.fail_on_observer_error = true;
    let mut strict = MigrationManager::with_settings(project.connect(), settings).unwrap();
    strict.load_migrations_from_directory(project.path("migrations")).unwrap();
    strict.observe(Arc::new(Grumpy));
    let error = strict.apply_pending_migrations().unwrap_err();
    assert!(matches!(error, Error::Observer { .. }), "{error:?}");
    assert_eq!(error.report().unwrap().effects.state, EffectState::None);

    let mut manager = project.manager();
    manager.observe(Arc::new(Grumpy));
    assert_eq!(manager.apply_pending_migrations().unwrap().effects.state, EffectState::Complete);
}

#[test]
fn values_come_back_with_their_types() {
    let project = Project::new("");
    let mut database = project.connect();
    let values = [
        Value::Null,
        Value::from(true),
        Value::from(i64::MIN),
        Value::from(0.1),
        Value::from("naïve 🦀"),
        Value::from(vec![0_u8, 255]),
    ];
    let output = database.execute("SELECT ?, ?, ?, ?, ?, ? AS last", &values).unwrap();
    let expected = [
        values[0].clone(),
        Value::Integer(1),
        values[2].clone(),
        values[3].clone(),
        values[4].clone(),
        values[5].clone(),
    ];
    assert_eq!(output.rows, [expected]);
    assert_eq!(output.get(0, "last"), Some(&values[5]));

    assert!(matches!(database.execute("SELECT 1; SELECT 2", &[]), Err(Error::NotOneStatement { found: 2 })));
    assert!(matches!(
        database.execute("SELECT ?, ?2, :a, :a", &[Value::Null]),
        Err(Error::ParameterCount { expected: 3, given: 1 })
    ));
    let odd = database.execute("SELECT CAST(x'ff41' AS TEXT) AS t", &[]).unwrap();
    assert_eq!(odd.rows, [[Value::Blob(vec![0xff, 0x41])]]);
    database.execute_script("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)").unwrap();
    assert_eq!(database.execute("DELETE FROM t WHERE x > ?", &[Value::from(1)]).unwrap().rows_affected, 2);
    assert_eq!(database.execute("DROP TABLE t", &[]).unwrap().rows_affected, 0);
}

#[test]
fn repair_decides_what_the_tables_say() {
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x);\n//- migrations/2_b.up.sql\nCREATE TABLE b (x);\n",
    );
    let mut manager = project.manager();
    manager.mark_applied("1_a").unwrap();
    assert!(matches!(manager.mark_applied("1_a"), Err(Error::AlreadyApplied { .. })));
    assert!(matches!(manager.accept("2_b"), Err(Error::NotApplied { .. })));
    assert!(matches!(manager.mark_pending("2_b"), Err(Error::NotApplied { .. })));
    manager.apply_pending_migrations().unwrap();
    assert_eq!(project.query("SELECT name FROM sqlite_schema WHERE name IN ('a', 'b')"), ["\"b\""]);

    project.write("//- migrations/2_b.up.sql\nCREATE TABLE b (x, y);\n");
    let mut manager = project.manager();
    assert!(matches!(manager.apply_pending_migrations(), Err(Error::Changed { .. })));
    manager.accept("2_b").unwrap();
    assert!(manager.verify().unwrap().is_clean());
    manager.mark_pending("1_a").unwrap();
    assert_eq!(manager.get_pending_migrations().unwrap()[0].id, "1_a");
}
