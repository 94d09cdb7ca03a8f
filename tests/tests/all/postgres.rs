//! The life cycle on PostgreSQL: real servers, real crashes.

use std::sync::{Arc, Mutex};

use migration_kit::sql::{
    CommitMode, DatabaseConnector, EffectState, Error, MigrationManager, MigrationState, Request, Target,
    Value,
};
use migration_kit::{Event, MigrationDirection};
use migration_tests::Project;
use migration_tests::server::{Shared, shared_postgres};

/// Every statement that matters leaves a row in `log`, which takes any number of equal ones: what runs twice shows. Some
/// statements can't run in a transaction, and two of those can't be run twice.
const HISTORY: &str = "\
//- migrations/1_log.up.sql
CREATE TABLE log (n serial, entry text);
CREATE TABLE item (id int PRIMARY KEY, a int, b int);
INSERT INTO item SELECT g, g % 7, g % 11 FROM generate_series(1, 500) g;
//- migrations/1_log.down.sql
DROP TABLE item, log;
//- migrations/2_one.up.sql
CREATE FUNCTION twice(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT x * 2; END;
INSERT INTO log (entry) VALUES ('2a; $$');
DO $do$ BEGIN INSERT INTO log (entry) VALUES ('2b'); END $do$;
//- migrations/2_one.down.sql
DROP FUNCTION twice;
DELETE FROM log WHERE entry LIKE '2%';
//- migrations/3_many.up.sql
INSERT INTO log (entry) VALUES ('3a');
CREATE INDEX CONCURRENTLY item_a ON item (a);
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"Item B\" ON public.item (b, id);
INSERT INTO log (entry) VALUES ('3b');
VACUUM item;
INSERT INTO log (entry) VALUES ('3c');
//- migrations/3_many.down.sql
DROP INDEX CONCURRENTLY item_a;
DELETE FROM log WHERE entry LIKE '3%';
DROP INDEX CONCURRENTLY \"Item B\";
//- migrations/4_last.up.sql
INSERT INTO log (entry) VALUES ('4a');
//- migrations/4_last.down.sql
DELETE FROM log WHERE entry LIKE '4%';
";

fn manager(project: &Project, database: &Shared) -> MigrationManager {
    let mut manager = MigrationManager::new(DatabaseConnector::open(&database.url()).unwrap());
    manager.load_migrations_from_directory(project.path("migrations")).unwrap();
    manager
}

fn migration(project: &Project, database: &Shared, arguments: &[&str]) -> migration_tests::Command {
    project.migration(arguments).env("DATABASE_URL", database.url())
}

fn assert_complete(database: &Shared, context: &str) {
    let log = database.query("SELECT entry FROM log ORDER BY n");
    assert_eq!(log, ["2a; $$", "2b", "3a", "3b", "3c", "4a"], "{context}");
    let indexes = "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
                   WHERE i.indrelid = 'item'::regclass ORDER BY 1";
    assert_eq!(database.query(indexes), ["Item B|t", "item_a|t", "item_pkey|t"], "{context}");
    assert_eq!(database.query("SELECT id, status FROM _migrations ORDER BY id").len(), 4, "{context}");
    assert!(
        database.query("SELECT * FROM _migration_journal WHERE state <> 'applied'").is_empty(),
        "{context}"
    );
}

#[test]
fn up_status_and_down() {
    let (project, database) = (Project::new(HISTORY), shared_postgres());
    let mut manager = manager(&project, &database);
    assert_eq!(manager.get_pending_migrations().unwrap().len(), 4);
    assert!(database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").is_empty());
    let report = manager.apply_pending_migrations().unwrap();
    assert_eq!((report.results[0].statements_executed, report.results[0].rows_affected), (3, 500));
    assert_complete(&database, "applied");
    let all = manager.list_migrations().unwrap();
    assert!(all.iter().all(|info| info.status == MigrationState::Applied && info.applied_at.is_some()));

    let down = manager.run(&Request::down().to(Target::All)).unwrap();
    assert_eq!(down.effects.state, EffectState::Complete);
    let left = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') \
                AND relname NOT LIKE '\\_%' ORDER BY 1";
    assert!(database.query(left).is_empty());
    manager.apply_pending_migrations().unwrap();
    assert_complete(&database, "applied again");
}

#[test]
fn one_that_fails_is_undone_and_located() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\n\
         //- migrations/2_b.up.sql\nCREATE TABLE b (x int);\n-- é\nSELECT 'é', nowhere FROM b;\n//- migrations/3_c.up.sql\nSELECT 1;\n",
    );
    for (mode, first) in [(CommitMode::Atomic, "rolled_back"), (CommitMode::Grouped, "applied")] {
        let mut request = Request::up();
        request.commit = mode;
        let error = manager(&project, &database).run(&request).unwrap_err();
        let effects = serde_json::to_value(&error.report().unwrap().effects.migrations).unwrap();
        assert_eq!(effects, serde_json::json!({"1_a": first, "2_b": "rolled_back", "3_c": "not_run"}));
        let Error::Failed(failure) = &error else { panic!("{error}") };
        assert_eq!((failure.place.line, failure.place.column), (Some(3), Some(13)), "{failure:?}");
        assert_eq!(failure.cause.sqlstate.as_deref(), Some("42703"));
    }
    let json = migration(&project, &database, &["up", "--json"]).run().expect(7).json();
    assert_eq!(json["error"]["database"], serde_json::json!({"engine": "postgres", "sqlstate": "42703"}));
    assert_eq!(json["error"]["effects"]["state"], "none");
}

/// What `CREATE INDEX CONCURRENTLY` leaves when it fails for the data is an invalid index: it goes away at once.
#[test]
fn an_index_that_can_not_be_built_leaves_nothing() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (1);\n\
         //- migrations/2_b.up.sql\nCREATE UNIQUE INDEX CONCURRENTLY a_x ON a (x);\nINSERT INTO a VALUES (3);\n",
    );
    let error = manager(&project, &database).apply_pending_migrations().unwrap_err();
    assert_eq!(error.code(), "apply.statement_failed");
    let effects = serde_json::to_value(&error.report().unwrap().effects.migrations).unwrap();
    assert_eq!(effects, serde_json::json!({"1_a": "applied", "2_b": "rolled_back"}));
    assert!(database.query("SELECT indexrelid FROM pg_index WHERE indrelid = 'a'::regclass").is_empty());
    assert!(database.query("SELECT * FROM _migration_journal WHERE state <> 'applied'").is_empty());

    database.query("DELETE FROM a");
    manager(&project, &database).apply_pending_migrations().unwrap();
    assert_eq!(database.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_x'::regclass"), ["t"]);
    assert_eq!(database.query("SELECT x FROM a"), ["3"]);
}

/// As a runner leaves it that is killed while the index is being built.
#[test]
fn an_invalid_index_is_dropped_and_built_again() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\nCREATE UNIQUE INDEX CONCURRENTLY a_x ON a (x);\n",
    );
    manager(&project, &database).apply_pending_migrations().unwrap();
    let built = database.query("SELECT 'a_x'::regclass::oid");
    database.query(
        "DELETE FROM _migrations; UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'a_x'::regclass",
    );
    let plan = manager(&project, &database).plan(&Request::up()).unwrap();
    let checksum = migration_kit::Checksum::of(&plan.migrations[0].statements[0].sql);
    database.query(&format!("INSERT INTO _migration_journal (migration_id, state, direction, statements_done, statements_total, checksum, in_flight) VALUES ('1_a', 'partial', 'up', 1, 2, '{checksum}', 2)"));
    manager(&project, &database).apply_pending_migrations().unwrap();
    assert_eq!(database.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_x'::regclass"), ["t"]);
    assert_ne!(database.query("SELECT 'a_x'::regclass::oid"), built);
}

#[test]
fn what_can_not_be_found_out_is_asked() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\nCREATE INDEX CONCURRENTLY ON a (x);\n",
    );
    // As a runner leaves it that is killed while the index, whose name is the server's to choose, is being built.
    manager(&project, &database).apply_pending_migrations().unwrap();
    database.query("DELETE FROM _migrations");
    let plan = manager(&project, &database).plan(&Request::up()).unwrap();
    let checksum = migration_kit::Checksum::of(&plan.migrations[0].statements[0].sql);
    database.query(&format!("INSERT INTO _migration_journal (migration_id, state, direction, statements_done, statements_total, checksum, in_flight) VALUES ('1_a', 'partial', 'up', 1, 2, '{checksum}', 2)"));
    let json = migration(&project, &database, &["up", "--json"]).run().expect(8).json();
    assert_eq!(json["error"]["code"], "run.undecided", "{json:#}");
    assert!(json["next_actions"].to_string().contains("repair --mark-applied 1_a"), "{json:#}");
    _ = migration(&project, &database, &["repair", "--mark-applied", "1_a"]).run().expect(0);
    assert!(manager(&project, &database).get_pending_migrations().unwrap().is_empty());
}

/// The journal as a runner leaves it that is killed in the second statement of a migration.
fn cut_off_in_the_second(project: &Project, database: &Shared, fingerprint: &str) {
    let plan = manager(project, database).plan(&Request::up()).unwrap();
    let checksum = migration_kit::Checksum::of(&plan.migrations[0].statements[0].sql);
    database.query(&format!(
        "DELETE FROM _migration_journal; INSERT INTO _migration_journal (migration_id, state, direction, \
         statements_done, statements_total, checksum, in_flight, fingerprint) \
         SELECT '1_a', 'partial', 'up', 1, {}, '{checksum}', 2, {fingerprint}",
        plan.migrations[0].statements.len()
    ));
}

#[test]
fn an_index_that_the_server_names_is_known_by_those_before_it() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int PRIMARY KEY);\nCREATE INDEX CONCURRENTLY ON a (x);\n",
    );
    manager(&project, &database).apply_pending_migrations().unwrap();
    let indexes = "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass AND indisvalid";
    for (done, drop) in [(true, ""), (false, "DROP INDEX a_x_idx;")] {
        database.query(&format!("{drop} DELETE FROM _migrations"));
        cut_off_in_the_second(&project, &database, "(SELECT 'a_pkey'::regclass::oid::text)");
        let report = manager(&project, &database).apply_pending_migrations().unwrap();
        assert_eq!(report.results[0].statements_executed, u64::from(!done));
        assert_eq!(database.query(indexes), ["2"]);
    }
}

#[test]
fn a_partition_that_was_being_detached_is() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int) PARTITION BY LIST (x);\n\
         ALTER TABLE a DETACH PARTITION a1 CONCURRENTLY;\n",
    );
    _ = database.query(
        "CREATE TABLE a (x int) PARTITION BY LIST (x); CREATE TABLE a1 PARTITION OF a FOR VALUES IN (1)",
    );
    let empty = Project::new("//- migrations/0_none.up.sql\nSELECT 1;\n");
    manager(&empty, &database).apply_pending_migrations().unwrap();
    database.query("DELETE FROM _migrations");
    for attached in [true, false] {
        cut_off_in_the_second(&project, &database, "NULL");
        let report = manager(&project, &database).apply_pending_migrations().unwrap();
        assert_eq!(report.results[0].statements_executed, u64::from(attached));
        assert!(database.query("SELECT 1 FROM pg_inherits WHERE inhrelid = 'a1'::regclass").is_empty());
        database.query("DELETE FROM _migrations");
    }
}

#[test]
fn sixteen_runners_on_a_fresh_database() {
    let (project, database) = (Project::new(HISTORY), shared_postgres());
    let children: Vec<_> = (0..16).map(|_| migration(&project, &database, &["up"]).spawn()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_complete(&database, "sixteen runners");
}

#[test]
fn a_dead_holder_of_the_lock_is_in_nobodys_way() {
    let (project, database) =
        (Project::new("//- migrations/1_a.up.sql\nSELECT pg_sleep(30);\n"), shared_postgres());
    let mut slow = migration(&project, &database, &["up"]).spawn();
    // Other tests hold locks in other databases of the same server.
    let locked = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database \
                  WHERE locktype = 'advisory' AND granted AND datname = current_database()";
    while database.query(locked) != ["2"] {
        assert!(slow.try_wait().unwrap().is_none());
    }
    let refused =
        migration(&project, &database, &["up", "--json", "--lock-timeout", "1"]).run().expect(7).json();
    assert_eq!(refused["error"]["code"], "database.locked");
    assert!(refused["error"]["message"].as_str().unwrap().contains("session"), "{refused}");
    slow.kill().unwrap();
    slow.wait().unwrap();
    project.write("//- migrations/1_a.up.sql\nSELECT 1;\n");
    _ = migration(&project, &database, &["up", "--lock-timeout", "60"]).run().expect(0);
}

#[test]
fn a_connection_that_breaks_is_reported_with_what_is_in_effect() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\n\
         //- migrations/2_b.up.sql\nCREATE TABLE b (x int);\nSELECT pg_terminate_backend(pg_backend_pid());\n",
    );
    let error = manager(&project, &database).apply_pending_migrations().unwrap_err();
    let effects = serde_json::to_value(&error.report().unwrap().effects.migrations).unwrap();
    assert_eq!(effects, serde_json::json!({"1_a": "applied", "2_b": "rolled_back"}), "{error:?}");
    assert_eq!(error.code(), "database.connection_lost", "{error:?}");
}

#[test]
fn values_come_back_with_their_types() {
    let database = shared_postgres();
    let mut connector = DatabaseConnector::open(&database.url()).unwrap();
    let values =
        [Value::Null, true.into(), i64::MIN.into(), 0.1.into(), "naïve 🦀".into(), vec![0_u8, 255].into()];
    let output = connector.execute("SELECT $1::int, $2, $3, $4, $5, $6 AS last", &values).unwrap();
    assert_eq!(output.rows, [values]);
    let text = "SELECT 12345.6700::numeric, '2024-02-29'::date, '2024-02-29 12:00:00.5+02'::timestamptz, \
                '{\"a\": 1}'::jsonb, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, 7::int2, 'x'::name";
    let output = connector.execute(text, &[]).unwrap();
    let expected: [Value; 7] = [
        "12345.6700".into(),
        "2024-02-29".into(),
        "2024-02-29T10:00:00.5Z".into(),
        "{\"a\": 1}".into(),
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".into(),
        7.into(),
        "x".into(),
    ];
    assert_eq!(output.rows, [expected]);
    connector.execute_script("CREATE TABLE t (x int); INSERT INTO t VALUES (1), (2), (3);").unwrap();
    assert_eq!(connector.execute("DELETE FROM t WHERE x > $1", &[1.into()]).unwrap().rows_affected, 2);
    let returned = connector.execute("UPDATE t SET x = 9 RETURNING x", &[]).unwrap();
    assert_eq!((returned.rows_affected, returned.rows), (1, vec![vec![9.into()]]));
}

#[test]
fn a_dump_restores_the_schema() {
    let (project, database) = (Project::new(HISTORY), shared_postgres());
    _ = migration(&project, &database, &["up"]).run().expect(0);
    let dump = migration(&project, &database, &["dump"]).run().expect(0).stdout;
    assert!(dump.contains("CREATE INDEX item_a") && !dump.contains("_migration"), "{dump}");
    let restored = shared_postgres();
    restored.query(&dump);
    assert_eq!(migration(&project, &restored, &["dump"]).run().expect(0).stdout, dump);
}

#[test]
fn copied_data_is_executed() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int, y text);\nCOPY a (x, y) FROM stdin;\n1\tone; two\n2\t\\N\n\\.\n\
         COPY a FROM STDIN WITH (FORMAT csv, HEADER); -- with options\nx,y\n3,\"a;\nb\"\n\\.\nINSERT INTO a VALUES (4, 'd');\n\
         //- migrations/2_b.up.sql\nCOPY a FROM stdin;\nnot a number\tx\n\\.\n",
    );
    let error = manager(&project, &database).apply_pending_migrations().unwrap_err();
    let results = &error.report().unwrap().results;
    assert_eq!((results[0].statements_executed, results[0].rows_affected), (4, 4));
    assert_eq!(
        database.query("SELECT x, y IS NULL, replace(y, chr(10), '/') FROM a ORDER BY x"),
        ["1|f|one; two", "2|t|", "3|f|a;/b", "4|f|d"]
    );
    // The connection is usable after data that the server refused.
    assert_eq!(error.report().unwrap().effects.state, EffectState::Partial);
    let Error::Failed(failure) = &error else { panic!("{error}") };
    assert!(failure.cause.message.contains("not a number"), "{failure:?}");
}

#[test]
fn events_name_what_ran() {
    let (project, database) = (Project::new(HISTORY), shared_postgres());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    let mut manager = manager(&project, &database);
    manager.observe(Arc::new(move |event: &Event<'_>| {
        if let Event::StatementExecuted { sql, .. } = event {
            note.lock().unwrap().push((*sql).to_owned());
        }
    }));
    let plan = manager.plan(&Request::new(MigrationDirection::Up, Target::All)).unwrap();
    manager.apply_pending_migrations().unwrap();
    let planned: Vec<String> =
        plan.migrations.iter().flat_map(|m| m.statements.iter().map(|s| s.sql.clone())).collect();
    assert_eq!(*seen.lock().unwrap(), planned);
}
