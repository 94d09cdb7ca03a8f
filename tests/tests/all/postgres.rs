//! What only PostgreSQL has: concurrent index builds, copied data, its types, transactions around definitions.

use migration_kit::sql::{CommitMode, DatabaseConnector, EffectState, Error, Request, Value};
use migration_tests::Project;
use migration_tests::server::{Postgres, shared_postgres};

use crate::every_server::{Subject as _, manager, migration};

const HISTORY: &str = Postgres::HISTORY;

/// Where definitions can be undone, one transaction can be around many migrations.
#[test]
fn all_in_one_transaction() {
    let database = shared_postgres();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\n//- migrations/2_b.up.sql\nSELECT nowhere FROM a;\n",
    );
    let mut request = Request::up();
    request.commit = CommitMode::Atomic;
    let error = manager(&project, &database).run(&request).unwrap_err();
    let effects = serde_json::to_value(&error.report().unwrap().effects.migrations).unwrap();
    assert_eq!(effects, serde_json::json!({"1_a": "rolled_back", "2_b": "rolled_back"}));
    assert!(database.query(Postgres::TABLES).is_empty());
}

/// `SET TRANSACTION` is refused behind a savepoint: the migration's own transaction stands for that of the script.
#[test]
fn a_script_sets_up_its_own_transaction() {
    let database = shared_postgres();
    let block = "BEGIN;\nSET TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nCREATE TABLE NAME AS SELECT \
                 current_setting('transaction_isolation') AS level;\nCOMMIT;\n";
    let (a, b, c) = (block.replace("NAME", "a"), block.replace("NAME", "b"), block.replace("NAME", "c"));
    let project = Project::new(&format!(
        "//- migrations/1_a.sql\n-- by us\n{a}CREATE TABLE rest (x int);\n//- migrations/2_b.sql\n-- no-transaction\n{b}{c}"
    ));
    manager(&project, &database).apply_pending_migrations().unwrap();
    let levels =
        database.query("SELECT level FROM a UNION ALL SELECT level FROM b UNION ALL SELECT level FROM c");
    assert_eq!(levels, ["repeatable read"; 3]);

    // What comes later, or is undone, needs the savepoint: the server's word is what is told.
    for (name, text) in [("3_late", format!("SELECT 1;\n{a}")), ("3_undone", a.replace("COMMIT", "ROLLBACK"))]
    {
        let project = Project::new(&format!("//- migrations/{name}.up.sql\n{text}"));
        let database = shared_postgres();
        let error = manager(&project, &database).apply_pending_migrations().unwrap_err();
        let Error::Failed(failure) = &error else { panic!("{error}") };
        assert!(failure.cause.message.contains("SET TRANSACTION"), "{name}: {failure:?}");
        assert!(database.query(Postgres::TABLES).is_empty());
    }
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
fn cut_off_in_the_second(project: &Project, database: &migration_tests::Shared, fingerprint: &str) {
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
