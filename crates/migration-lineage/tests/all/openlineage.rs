//! Events for OpenLineage of runs that are told to the observer, and of histories.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use expect_test::{Expect, expect};
use migration_lineage::openlineage::facet::{JobName, Parent, RunName};
use migration_lineage::openlineage::{
    DatabaseNaming, DatasetId, LineageEvent, ObserverSettings, OpenLineageObserver, RecordsRun,
    RecordsSummary, history_events,
};
use migration_model::{Event, MigrationDirection, MigrationResult, MigrationStatus, Observer};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(60);

/// Events that were made.
type Events = Arc<Mutex<Vec<LineageEvent>>>;

/// A run that is told to an observer.
struct Run {
    observer: OpenLineageObserver,
    events: Events,
    direction: MigrationDirection,
    results: Vec<MigrationResult>,
}

impl Run {
    fn new(settings: ObserverSettings) -> Self {
        let events: Events = Arc::default();
        let kept = Arc::clone(&events);
        let emit = move |event: LineageEvent| kept.lock().unwrap().push(event);
        let observer = OpenLineageObserver::new(settings, Arc::new(emit));
        Self { observer, events, direction: MigrationDirection::Up, results: Vec::new() }
    }

    fn tell(&self, event: &Event<'_>) {
        self.observer.on_event(event).unwrap();
    }

    fn begin(&mut self, direction: MigrationDirection) {
        self.direction = direction;
        self.results.clear();
        self.tell(&Event::RunStarted { direction, migrations: 1, statements: 1 });
    }

    /// Starts a migration and executes its statements.
    fn execute(&self, id: &str, statements: &[(&str, u64)]) {
        let direction = self.direction;
        self.tell(&Event::MigrationStarted { id, name: id, direction, statements: statements.len() });
        for (index, (sql, rows_affected)) in statements.iter().enumerate() {
            let (number, rows_affected, duration) = (index + 1, *rows_affected, Duration::ZERO);
            self.tell(&Event::StatementExecuted { migration: id, number, sql, rows_affected, duration });
        }
    }

    fn finish(&mut self, id: &str, status: MigrationStatus, effective: usize, error: Option<&str>) {
        let mut result = MigrationResult::new(id, effective.max(1));
        result.advance(status, effective);
        result.error = error.map(str::to_owned);
        self.tell(&Event::MigrationFinished { result: &result });
        self.results.push(result);
    }

    /// Applies a migration as a whole.
    fn apply(&mut self, id: &str, statements: &[(&str, u64)]) {
        self.execute(id, statements);
        self.finish(id, MigrationStatus::Completed, statements.len(), None);
        self.tell(&Event::Committed { migrations: &[id] });
    }

    fn end(&self) {
        self.tell(&Event::RunFinished { results: &self.results });
    }

    fn check(&self, expected: &Expect) {
        assert!(self.observer.flush(LIMIT));
        expected.assert_eq(&shown(&self.events.lock().unwrap()));
    }
}

pub(crate) fn settings(url: &str) -> ObserverSettings {
    ObserverSettings::new(DatabaseNaming::of_url(url).unwrap())
}

/// What events say, in lines.
pub(crate) fn shown(events: &[LineageEvent]) -> String {
    let mut text = String::new();
    for event in events {
        let event: Value = serde_json::from_str(&event.to_json()).unwrap();
        let kind =
            event["eventType"].as_str().unwrap_or(if event["job"].is_null() { "dataset" } else { "job" });
        let name = event["job"]["name"].as_str().or(event["dataset"]["name"].as_str()).unwrap();
        let _ = writeln!(text, "{kind} {name}");
        if let Some(message) = event["run"]["facets"]["errorMessage"]["message"].as_str() {
            let _ = writeln!(text, "  ! {message}");
        }
        for error in event["run"]["facets"]["extractionError"]["errors"].as_array().into_iter().flatten() {
            let _ = writeln!(text, "  ? {}", error["task"].as_str().unwrap());
        }
        if let Some(query) = event["job"]["facets"]["sql"]["query"].as_str() {
            let _ = writeln!(text, "  sql {}", query.replace('\n', " "));
        }
        let sides = [("<", &event["inputs"]), (">", &event["outputs"])];
        for (side, datasets) in sides {
            for dataset in datasets.as_array().into_iter().flatten() {
                dataset_lines(side, dataset, &mut text);
            }
        }
        if !event["dataset"].is_null() {
            dataset_lines("=", &event["dataset"], &mut text);
        }
    }
    text
}

fn dataset_lines(side: &str, dataset: &Value, text: &mut String) {
    let facets = &dataset["facets"];
    let name = dataset["name"].as_str().unwrap();
    let _ = write!(text, "  {side} {name}");
    if let Some(fields) = facets["schema"]["fields"].as_array() {
        let names: Vec<_> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        let _ = write!(text, " ({})", names.join(", "));
    }
    let change = &facets["lifecycleStateChange"];
    if let Some(what) = change["lifecycleStateChange"].as_str() {
        let _ = write!(text, " {what}");
    }
    if let Some(before) = change["previousIdentifier"]["name"].as_str() {
        let _ = write!(text, " of {before}");
    }
    for statistics in
        [&dataset["outputFacets"]["outputStatistics"], &dataset["inputFacets"]["inputStatistics"]]
    {
        if let Some(rows) = statistics["rowCount"].as_u64() {
            let _ = write!(text, " {rows} rows");
        }
    }
    text.push('\n');
    let source = |field: &Value| {
        let ways = field["transformations"].as_array().unwrap();
        let ways: Vec<_> = ways.iter().map(|way| way["subtype"].as_str().unwrap()).collect();
        format!("{}.{} {}", field["name"].as_str().unwrap(), field["field"].as_str().unwrap(), ways.join("+"))
    };
    let lineage = &facets["columnLineage"];
    for (name, field) in lineage["fields"].as_object().into_iter().flatten() {
        let sources: Vec<_> = field["inputFields"].as_array().unwrap().iter().map(source).collect();
        let _ = writeln!(text, "    {name} <- {}", sources.join(", "));
    }
    for field in lineage["dataset"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "    rows <- {}", source(field));
    }
}

#[test]
fn a_run_that_goes_well() {
    let mut run = Run::new(ObserverSettings {
        applied: vec![("0".into(), "CREATE TABLE people (id int, name text)".into())],
        ..settings("postgres://u:hunter2@h/shop")
    });
    run.begin(MigrationDirection::Up);
    run.apply(
        "1",
        &[
            ("CREATE TABLE letters (id int, greeting text)", 0),
            ("INSERT INTO letters SELECT id, 'Dear ' || name FROM people WHERE name <> ''", 7),
            ("ALTER TABLE people RENAME TO users", 0),
        ],
    );
    run.apply("2", &[("CREATE VIEW v AS SELECT u.name FROM users u JOIN letters l USING (id)", 0)]);
    run.end();
    run.check(&expect![[r#"
        START shop.migrations.up
        START shop.migrations.up.1
        COMPLETE shop.migrations.up.1
          sql CREATE TABLE letters (id int, greeting text); INSERT INTO letters SELECT id, 'Dear ' || name FROM people WHERE name <> ''; ALTER TABLE people RENAME TO users;
          < shop.public.people (id, name)
          > shop.public.letters (id, greeting) CREATE 7 rows
            greeting <- shop.public.people.name TRANSFORMATION
            id <- shop.public.people.id IDENTITY
            rows <- shop.public.people.name FILTER
          > shop.public.users (id, name) RENAME of shop.public.people
        START shop.migrations.up.2
        COMPLETE shop.migrations.up.2
          sql CREATE VIEW v AS SELECT u.name FROM users u JOIN letters l USING (id);
          < shop.public.letters (id, greeting)
          < shop.public.users (id, name)
          > shop.public.v (name) CREATE
            name <- shop.public.users.name IDENTITY
            rows <- shop.public.letters.id JOIN
            rows <- shop.public.users.id JOIN
        COMPLETE shop.migrations.up
    "#]]);
}

#[test]
fn a_failure_says_why_and_what_is_left() {
    let mut run = Run::new(settings("mysql://u@h/shop"));
    run.begin(MigrationDirection::Up);
    run.apply("1", &[("CREATE TABLE a (x int)", 0)]);
    run.execute("2", &[("CREATE TABLE b (x int)", 0)]);
    let sql = "CREATE USER bob IDENTIFIED BY 'hunter2' NONSENSE";
    let message = "syntax error near 'hunter2' NONSENSE'";
    run.tell(&Event::StatementFailed { migration: "2", number: 2, sql, message });
    run.finish("2", MigrationStatus::Failed, 1, Some(message));
    run.end();
    run.check(&expect![[r#"
        START shop.migrations.up
        START shop.migrations.up.1
        COMPLETE shop.migrations.up.1
          sql CREATE TABLE a (x int);
          > shop.a (x) CREATE
        START shop.migrations.up.2
        FAIL shop.migrations.up.2
          ! syntax error near '***' NONSENSE'
          sql CREATE TABLE b (x int); CREATE USER bob IDENTIFIED BY '***' NONSENSE;
          > shop.b (x) CREATE
        FAIL shop.migrations.up
          ! migration `2`: syntax error near '***' NONSENSE'
    "#]]);
}

#[test]
fn what_was_rolled_back_says_so() {
    let mut run = Run::new(settings("sqlite::memory:"));
    run.begin(MigrationDirection::Up);
    run.execute("1", &[("CREATE TABLE a (x int)", 0)]);
    run.finish("1", MigrationStatus::Completed, 1, None);
    run.execute("2", &[("CREATE TABLE b (x int)", 0)]);
    run.finish("2", MigrationStatus::Failed, 0, Some("disk full"));
    // Both were in one transaction: what the first had finished is undone.
    run.results[0].advance(MigrationStatus::RolledBack, 0);
    run.end();
    run.begin(MigrationDirection::Up);
    run.execute("1", &[("CREATE TABLE a (x int)", 0)]);
    run.finish("1", MigrationStatus::Failed, 0, Some("interrupted"));
    run.end();
    run.check(&expect![[r#"
        START memory.migrations.up
        START memory.migrations.up.1
        START memory.migrations.up.2
        FAIL memory.migrations.up.1
          ! it was rolled back with the transaction that it was a part of
          sql CREATE TABLE a (x int);
        FAIL memory.migrations.up.2
          ! disk full
          sql CREATE TABLE b (x int);
        FAIL memory.migrations.up
          ! migration `2`: disk full
        START memory.migrations.up
        START memory.migrations.up.1
        ABORT memory.migrations.up.1
          ! interrupted
          sql CREATE TABLE a (x int);
        ABORT memory.migrations.up
          ! interrupted
    "#]]);
}

#[test]
fn a_run_that_ends_without_a_word_was_aborted() {
    let mut run = Run::new(settings("sqlite::memory:"));
    run.begin(MigrationDirection::Up);
    run.execute("1", &[("CREATE TABLE a (x int)", 0)]);
    let events = Arc::clone(&run.events);
    drop(run);
    // The thread goes on for as long as it has something to tell.
    for _ in 0..6000 {
        if events.lock().unwrap().len() == 4 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    expect![[r#"
        START memory.migrations.up
        START memory.migrations.up.1
        ABORT memory.migrations.up.1
          sql CREATE TABLE a (x int);
        ABORT memory.migrations.up
    "#]]
    .assert_eq(&shown(&events.lock().unwrap()));
}

#[test]
fn down_and_up_again() {
    let mut run = Run::new(ObserverSettings {
        applied: vec![("1".into(), "CREATE TABLE a (x int); CREATE VIEW v AS SELECT x FROM a".into())],
        ..settings("sqlite:////srv/shop.db")
    });
    run.begin(MigrationDirection::Down);
    run.execute("1", &[("DROP VIEW v", 0), ("DROP TABLE a", 0)]);
    run.finish("1", MigrationStatus::RolledBack, 2, None);
    run.tell(&Event::Committed { migrations: &["1"] });
    run.end();
    run.begin(MigrationDirection::Up);
    run.apply("1", &[("CREATE TABLE a (x int)", 0)]);
    run.end();
    run.check(&expect![[r#"
        START shop.migrations.down
        START shop.migrations.down.1
        COMPLETE shop.migrations.down.1
          sql DROP VIEW v; DROP TABLE a;
          > a DROP
          > v DROP
        COMPLETE shop.migrations.down
        START shop.migrations.up
        START shop.migrations.up.1
        COMPLETE shop.migrations.up.1
          sql CREATE TABLE a (x int);
          > a (x) CREATE
        COMPLETE shop.migrations.up
    "#]]);
}

#[test]
fn a_retry_is_the_same_run() {
    let mut run = Run::new(settings("sqlite::memory:"));
    run.begin(MigrationDirection::Up);
    run.execute("1", &[("CREATE TABLE a (x int)", 0), ("CREATE TABLE b (x int)", 0)]);
    run.apply("1", &[("CREATE TABLE c (x int)", 0)]);
    run.end();
    run.check(&expect![[r#"
        START memory.migrations.up
        START memory.migrations.up.1
        COMPLETE memory.migrations.up.1
          sql CREATE TABLE c (x int);
          > c (x) CREATE
        COMPLETE memory.migrations.up
    "#]]);
}

#[test]
fn a_table_that_is_made_anew_under_its_name_was_changed() {
    let mut run = Run::new(ObserverSettings {
        applied: vec![("0".into(), "CREATE TABLE t (a int, b int)".into())],
        ..settings("sqlite::memory:")
    });
    run.begin(MigrationDirection::Up);
    run.apply(
        "1",
        &[
            ("CREATE TABLE new_t (a int, c int)", 0),
            ("INSERT INTO new_t SELECT a, b FROM t", 3),
            ("DROP TABLE t", 0),
            ("ALTER TABLE new_t RENAME TO t", 0),
        ],
    );
    run.apply("2", &[("ALTER TABLE t RENAME COLUMN c TO d", 0), ("frobnicate t", 0), ("DELETE FROM t", 3)]);
    run.end();
    run.check(&expect![[r#"
        START memory.migrations.up
        START memory.migrations.up.1
        COMPLETE memory.migrations.up.1
          sql CREATE TABLE new_t (a int, c int); INSERT INTO new_t SELECT a, b FROM t; DROP TABLE t; ALTER TABLE new_t RENAME TO t;
          < t (a, b)
          > t (a, c) ALTER 3 rows
            a <- t.a IDENTITY
            c <- t.b IDENTITY
        START memory.migrations.up.2
        COMPLETE memory.migrations.up.2
          ? frobnicate t
          sql ALTER TABLE t RENAME COLUMN c TO d; frobnicate t; DELETE FROM t;
          > t (a, d) ALTER
            d <- t.c IDENTITY
        COMPLETE memory.migrations.up
    "#]]);
}

#[test]
fn runs_name_their_parents() {
    let run_id = "01890000-0000-7000-8000-000000000001".to_owned();
    let job = JobName { namespace: "airflow".into(), name: "dag.task".into() };
    let parent = Parent { run: RunName { run_id: run_id.clone() }, job, root: None };
    let mut run = Run::new(ObserverSettings { parent: Some(parent), ..settings("sqlite::memory:") });
    run.begin(MigrationDirection::Up);
    run.apply("1", &[("CREATE TABLE a (x int)", 0)]);
    run.end();
    assert!(run.observer.flush(LIMIT));
    let events: Vec<Value> = run
        .events
        .lock()
        .unwrap()
        .iter()
        .map(|event| serde_json::from_str(&event.to_json()).unwrap())
        .collect();
    let parent = |at: usize| &events[at]["run"]["facets"]["parent"];
    let ids: Vec<_> = events.iter().map(|event| event["run"]["runId"].as_str().unwrap()).collect();
    assert_eq!((ids[0], ids[1]), (ids[3], ids[2]));
    assert_eq!(parent(0)["run"]["runId"], run_id);
    assert_eq!(parent(1)["run"]["runId"], ids[0]);
    assert_eq!(parent(1)["job"]["name"], "memory.migrations.up");
    assert_eq!(parent(1)["root"]["run"]["runId"], run_id);
    assert_eq!(parent(1)["root"]["job"]["name"], "dag.task");
}

#[test]
fn too_much_is_left_out_and_counted() {
    let mut run = Run::new(settings("sqlite::memory:"));
    run.begin(MigrationDirection::Up);
    let large = format!("INSERT INTO t VALUES ('{}')", "x".repeat(65 << 20));
    run.apply("1", &[("CREATE TABLE t (a)", 0), (&large, 1)]);
    run.end();
    assert!(run.observer.flush(LIMIT));
    assert_eq!(run.observer.lost(), 1);
    assert_eq!(run.events.lock().unwrap().len(), 4);
}

#[test]
fn a_history_without_a_run() {
    let mut settings = settings("postgres://h/shop");
    let text = |id: &str, text: &str| (id.to_owned(), text.to_owned());
    settings.applied = vec![
        text("1", "CREATE TABLE people (id int, name text); CREATE USER bob PASSWORD 'hunter2';"),
        text("2", "CREATE VIEW v AS SELECT id FROM people WHERE id > 0"),
        text(
            "3",
            "CREATE OR REPLACE VIEW v AS SELECT name FROM people; CREATE TABLE gone (a int); DROP TABLE gone",
        ),
        text("4", "SELECT 'open"),
    ];
    expect![[r#"
        job shop.migrations.up.1
          sql CREATE TABLE people (id int, name text); CREATE USER bob PASSWORD '***';
          > shop.public.people (id, name) CREATE
        job shop.migrations.up.2
          sql CREATE VIEW v AS SELECT id FROM people WHERE id > 0
          < shop.public.people (id, name)
          > shop.public.v (id) CREATE
            id <- shop.public.people.id IDENTITY
            rows <- shop.public.people.id FILTER
        job shop.migrations.up.3
          sql CREATE OR REPLACE VIEW v AS SELECT name FROM people; CREATE TABLE gone (a int); DROP TABLE gone
          < shop.public.people (id, name)
          > shop.public.gone DROP
          > shop.public.v (name) ALTER
            name <- shop.public.people.name IDENTITY
        job shop.migrations.up.4
          sql SELECT 'open
        dataset shop.public.people
          = shop.public.people (id, name)
        dataset shop.public.v
          = shop.public.v (name)
            name <- shop.public.people.name IDENTITY
    "#]]
    .assert_eq(&shown(&history_events(&settings)));
}

#[test]
fn records_are_counted() {
    let events: Events = Arc::default();
    let start = || {
        let kept = Arc::clone(&events);
        let emit = move |event: LineageEvent| kept.lock().unwrap().push(event);
        let (input, output) = ("/data/in.ndjson".as_ref(), "-".as_ref());
        let places = (vec![DatasetId::of_file(input, "stdin")], vec![DatasetId::of_file(output, "stdout")]);
        RecordsRun::start(Arc::new(emit), "default", "transform.chain", Some("chain.toml"), places)
    };
    let run = start();
    run.on_event(&Event::RecordsRead { records: 12, bytes: 340, total_bytes: None }).unwrap();
    run.complete(&RecordsSummary { records_out: 11, bytes_out: 300, ..RecordsSummary::default() });
    start().fail("can't write: postgres://u:hunter2@h/d", &RecordsSummary::default());
    expect![[r#"
        START transform.chain
          < /data/in.ndjson
          > /dev/stdout
        COMPLETE transform.chain
          < /data/in.ndjson 12 rows
          > /dev/stdout 11 rows
        START transform.chain
          < /data/in.ndjson
          > /dev/stdout
        FAIL transform.chain
          ! can't write: postgres://u:***@h/d
          < /data/in.ndjson
          > /dev/stdout
    "#]]
    .assert_eq(&shown(&events.lock().unwrap()));
}
