//! Events for OpenLineage: all that are made are held to the specification's schema files, and get to a server.

mod away;
mod ends;
mod on_servers;
mod records;
mod schemas;
mod server;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use migration_kit::lineage::openlineage::event::{
    DatasetEvent, EventType, InputDataset, Job, OutputDataset, Run, RunEvent, StaticDataset,
};
use migration_kit::lineage::openlineage::facet::{
    DatasetFacets, DatasetVersion, Documentation, InputFacets, JobName, NominalTime, OutputFacets, Parent,
    RunFacets, RunName,
};
use migration_kit::lineage::openlineage::{
    DatabaseNaming, DatasetId, LineageEvent, MigrationFacts, ObserverSettings, OpenLineageObserver,
    RecordsRun, RecordsSummary, SourceLocation, history_events,
};
use migration_kit::syntax::Dialect;
use migration_kit::{Event, MigrationDirection, MigrationResult, MigrationStatus, Observer};
use migration_tests::{Command, Project, histories};
use schemas::Schemas;
use serde_json::Value;
use server::Server;

const FILES: &str = "
//- migrations/1_people/up.sql
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO people (name) VALUES ('Ada'), ('Grace');
//- migrations/1_people/down.sql
DROP TABLE people;
//- migrations/2_letters/up.sql
CREATE TABLE letters AS SELECT id, 'Dear ' || name AS greeting FROM people WHERE name <> '' ORDER BY name;
CREATE VIEW counted AS SELECT count(*) AS number, greeting FROM letters GROUP BY greeting;
ALTER TABLE people RENAME TO users;
//- migrations/2_letters/down.sql
ALTER TABLE users RENAME TO people;
DROP VIEW counted;
DROP TABLE letters;
//- migrations/2_letters/metadata.toml
description = 'letters to everybody'
";

/// The lines of a file, as events.
fn events(project: &Project, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(project.path(name)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The command with its events into a file.
fn into_file(project: &Project, arguments: &[&str], name: &str) -> Command {
    let settings = format!("{{\"type\": \"file\", \"log_file_path\": \"{name}\", \"append\": true}}");
    project.migration(arguments).env("OPENLINEAGE__TRANSPORT", settings).env("HOME", project.path("home"))
}

/// What events say: state and job.
fn told(events: &[Value]) -> Vec<String> {
    let line = |event: &Value| {
        format!("{} {}", event["eventType"].as_str().unwrap(), event["job"]["name"].as_str().unwrap())
    };
    events.iter().map(line).collect()
}

fn parsed(event: &LineageEvent) -> Value {
    let value: Value = serde_json::from_str(&event.to_json()).unwrap();
    let read: LineageEvent = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(read, *event, "what was written is what is read");
    value
}

#[test]
fn runs_of_the_command() {
    let project = Project::new(FILES);
    let _ = into_file(&project, &["up"], "up.ndjson").run().expect(0);
    let _ = into_file(&project, &["redo"], "redo.ndjson").run().expect(0);
    let _ = into_file(&project, &["down", "--all"], "down.ndjson").run().expect(0);
    let up = events(&project, "up.ndjson");
    assert_eq!(
        told(&up),
        [
            "START app.migrations.up",
            "START app.migrations.up.1_people",
            "START app.migrations.up.2_letters",
            "COMPLETE app.migrations.up.1_people",
            "COMPLETE app.migrations.up.2_letters",
            "COMPLETE app.migrations.up"
        ]
    );
    let outputs = up[4]["outputs"].as_array().unwrap();
    let names: Vec<_> = outputs.iter().map(|output| output["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["counted", "letters", "users"]);
    assert_eq!(outputs[2]["facets"]["lifecycleStateChange"]["previousIdentifier"]["name"], "people");
    assert_eq!(up[3]["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"], 2);
    assert_eq!(up[4]["job"]["facets"]["documentation"]["description"], "letters to everybody");
    let engine = &up[0]["run"]["facets"]["processing_engine"];
    assert!(engine["name"] == "SQLite" && engine["version"].as_str().unwrap().starts_with("3."), "{engine}");
    assert_eq!(engine["openlineageAdapterVersion"], env!("CARGO_PKG_VERSION"));
    let redo = told(&events(&project, "redo.ndjson"));
    assert_eq!((&*redo[0], &*redo[7]), ("START app.migrations.down", "COMPLETE app.migrations.up"));
    let down = events(&project, "down.ndjson");
    // What the tables hold is known from the migrations that are in effect.
    let fields = &down.iter().find(|event| event["eventType"] == "COMPLETE").unwrap()["outputs"];
    let people = fields.as_array().unwrap().iter().find(|output| output["name"] == "people").unwrap();
    assert_eq!(people["facets"]["schema"]["fields"][1]["name"], "name");
    let Some(mut schemas) = Schemas::load() else { return };
    up.iter().chain(&down).chain(&events(&project, "redo.ndjson")).for_each(|event| schemas.check(event));
}

#[test]
fn failures_of_the_command() {
    let project = Project::new(FILES);
    project.write(
        "//- migrations/3_wrong/up.sql\nCREATE TABLE a (x INT);\nSELECT 'password=hunter2' FROM nowhere;",
    );
    let _ = into_file(&project, &["up", "--atomic"], "atomic.ndjson").run().expect(7);
    let atomic = events(&project, "atomic.ndjson");
    let ends: Vec<String> = told(&atomic).into_iter().filter(|line| !line.starts_with("START")).collect();
    let names = ["up.1_people", "up.2_letters", "up.3_wrong", "up"];
    assert_eq!(ends, names.map(|name| format!("FAIL app.migrations.{name}")));
    assert!(atomic.iter().all(|event| event["outputs"].as_array().unwrap().is_empty()));
    let _ = into_file(&project, &["up"], "up.ndjson").run().expect(8);
    let up = events(&project, "up.ndjson");
    let last = up.last().unwrap();
    assert_eq!(last["eventType"], "FAIL");
    let message = last["run"]["facets"]["errorMessage"]["message"].as_str().unwrap();
    assert!(message.contains("3_wrong") && message.contains("nowhere"), "{message}");
    let text = std::fs::read_to_string(project.path("up.ndjson")).unwrap();
    assert!(!text.contains("hunter2"));
    let Some(mut schemas) = Schemas::load() else { return };
    up.iter().chain(&atomic).for_each(|event| schemas.check(event));
}

#[test]
fn nothing_is_told_unless_somebody_asks() {
    let project = Project::new(FILES);
    let output = project.migration(&["up"]).env("HOME", project.path("home")).run().expect(0);
    assert_eq!(output.stderr, "");
    assert!(!project.path("home").exists());
    let disabled = into_file(&project, &["redo"], "no.ndjson").env("OPENLINEAGE_DISABLED", "true");
    let _ = disabled.run().expect(0);
    let _ = into_file(&project, &["down", "--dry-run"], "no.ndjson").run().expect(0);
    assert!(!project.path("no.ndjson").exists());
}

#[test]
fn settings_that_are_wrong_fail_no_run() {
    let project = Project::new(FILES);
    let wrong = project.migration(&["up"]).env("OPENLINEAGE__TRANSPORT__TYPE", "kafka");
    let output = wrong.env("HOME", project.path("home")).run().expect(0);
    assert_eq!(
        output.stderr,
        "openlineage: no events are sent: there is no transport `kafka`; there are http, file and console\n"
    );
    let wrong =
        project.migration(&["lineage", "replay", "--json"]).env("OPENLINEAGE__TRANSPORT__TYPE", "kafka");
    assert_eq!(wrong.run().expect(2).json()["error"]["code"], "lineage.openlineage_config");
    let none = project.migration(&["lineage", "replay", "--json"]).env("HOME", project.path("home"));
    assert_eq!(none.run().expect(2).json()["error"]["code"], "lineage.no_openlineage");
    std::fs::create_dir_all(project.path("home")).unwrap();
    let unwritable = into_file(&project, &["redo"], "no/such/folder/e.ndjson").run().expect(0);
    assert!(
        unwritable.stderr.contains("8 events") && unwritable.stderr.contains("lost"),
        "{}",
        unwritable.stderr
    );
}

#[test]
fn events_get_to_a_server() {
    let project = Project::new(FILES);
    let server = Server::new();
    let home = project.path("home");
    let with_server = |arguments: &[&str], url: &str| {
        let command =
            project.migration(arguments).env("OPENLINEAGE_URL", url).env("OPENLINEAGE_API_KEY", "hunter2");
        command.env("HOME", &home).env("OPENLINEAGE_NAMESPACE", "shop")
    };
    let output = with_server(&["up"], &server.url()).run().expect(0);
    assert_eq!(output.stderr, "");
    assert_eq!(server.events().len(), 6);
    assert!(server.events().iter().all(|event| event["job"]["namespace"] == "shop"));
    let (url, address) = (server.url(), server.address());
    drop(server);
    let began = Instant::now();
    let output = with_server(&["redo"], &url).run().expect(0);
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(output.stderr.starts_with("openlineage: 8 events for http://"), "{}", output.stderr);
    assert!(!output.stderr.contains("hunter2"));
    let failed = with_server(&["lineage", "replay", "--json"], &url).run().expect(7).json();
    assert_eq!(
        (&failed["error"]["code"], &failed["data"]["waiting"]),
        (&"lineage.not_sent".into(), &8.into())
    );
    let server = Server::at(address);
    let replayed = with_server(&["lineage", "replay"], &url).run().expect(0);
    assert!(replayed.stdout.starts_with("8 events sent to http://"), "{}", replayed.stdout);
    let again = with_server(&["lineage", "replay", "--json"], &url).run().expect(0).json();
    assert_eq!((&again["data"]["sent"], &again["data"]["waiting"]), (&0.into(), &0.into()));
    let names = told(&server.events());
    assert_eq!(
        (names.len(), &*names[0], &*names[7]),
        (8, "START app.migrations.down", "COMPLETE app.migrations.up")
    );
    let Some(mut schemas) = Schemas::load() else { return };
    server.events().iter().for_each(|event| schemas.check(event));
}

#[test]
fn a_history_in_the_terminal() {
    let project = Project::new(FILES);
    let shown = |arguments: &[&str]| {
        project.migration(&[&["lineage", "--format", "openlineage"], arguments].concat())
    };
    let output = shown(&[]).run().expect(0).stdout;
    let lines: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines
        .iter()
        .map(|event| event["job"]["name"].as_str().or(event["dataset"]["name"].as_str()).unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["app.migrations.up.1_people", "app.migrations.up.2_letters", "counted", "letters", "users"]
    );
    assert_eq!(shown(&["--as-of", "1_people"]).run().expect(0).stdout.lines().count(), 2);
    let refused = shown(&["people", "--json"]).run().expect(2).json();
    assert_eq!(refused["error"]["code"], "usage.argument_conflict");
    let Some(mut schemas) = Schemas::load() else { return };
    lines.iter().for_each(|event| schemas.check(event));
}

#[test]
fn all_histories_give_valid_events() {
    let Some(mut schemas) = Schemas::load() else { return };
    let mut counted = 0;
    for (name, dialect) in
        [("sqlite", Dialect::Sqlite), ("postgres", Dialect::Postgres), ("mysql", Dialect::Mysql)]
    {
        for history in histories(name, &[]) {
            let mut settings = ObserverSettings::new(DatabaseNaming::of_dialect(dialect));
            let texts = history.set();
            let texts = texts.migrations().iter();
            settings.applied =
                texts.map(|migration| (migration.id.clone(), migration.up.text.to_string())).collect();
            for event in history_events(&settings) {
                schemas.check(&parsed(&event));
                counted += 1;
            }
        }
    }
    println!("{counted} events of histories are valid");
    assert!(counted > 1000, "{counted}");
}

/// Every kind of event, and every facet there is a type for.
#[test]
fn every_kind_and_every_facet() {
    let Some(mut schemas) = Schemas::load() else { return };
    let made: Arc<Mutex<Vec<LineageEvent>>> = Arc::default();
    let kept = Arc::clone(&made);
    let emit: Arc<dyn migration_kit::lineage::openlineage::Emit> =
        Arc::new(move |event: LineageEvent| kept.lock().unwrap().push(event));

    let project = Project::new(
        "//- .git/HEAD\nref: refs/heads/main\n//- .git/config\n[remote \"origin\"]\n\turl = git@git.example:a/b.git\n//- migrations/a b.sql\n",
    );
    let source = SourceLocation::of_folder(project.root()).unwrap();
    let location = source.of_file(&project.path("migrations/a b.sql"));
    assert!(location.is_some());
    let mut settings = ObserverSettings::new(DatabaseNaming::of_url("postgres://u:hunter2@h/shop").unwrap());
    let facts = MigrationFacts { description: Some("what it is for".to_owned()), location };
    settings.facts.insert("1".to_owned(), facts);
    let job = JobName { namespace: "scheduler".to_owned(), name: "dag.task".to_owned() };
    let run = RunName { run_id: "01890000-0000-7000-8000-000000000001".to_owned() };
    settings.parent = Some(Parent { run, job, root: None });
    let observer = OpenLineageObserver::new(settings, Arc::clone(&emit));
    let statements = [
        "CREATE TABLE t (a int, b text)",
        "INSERT INTO t SELECT a, md5(b) FROM u JOIN w USING (a) WHERE w.c > 0",
        "TRUNCATE t",
        "ALTER TABLE u ADD COLUMN x int",
        "ALTER TABLE w RENAME TO z",
        "CREATE MATERIALIZED VIEW m AS SELECT a FROM t",
        "REFRESH MATERIALIZED VIEW m",
        "DROP TABLE u",
        "frobnicate t",
    ];
    let ends: [(MigrationStatus, Option<&str>); 4] = [
        (MigrationStatus::Completed, None),
        (MigrationStatus::Failed, Some("it broke: password=hunter2")),
        (MigrationStatus::Failed, Some("interrupted")),
        (MigrationStatus::RolledBack, None),
    ];
    let direction = MigrationDirection::Up;
    for (status, error) in ends {
        observer
            .on_event(&Event::RunStarted { direction, migrations: 1, statements: statements.len() })
            .unwrap();
        observer
            .on_event(&Event::MigrationStarted {
                id: "1",
                name: "1",
                direction,
                statements: statements.len(),
            })
            .unwrap();
        for (index, sql) in statements.iter().enumerate() {
            let (number, rows_affected, duration) = (index + 1, 5, Duration::ZERO);
            observer
                .on_event(&Event::StatementExecuted { migration: "1", number, sql, rows_affected, duration })
                .unwrap();
        }
        let mut result = MigrationResult::new("1", statements.len());
        result.advance(status, if status == MigrationStatus::Completed { statements.len() } else { 0 });
        result.error = error.map(str::to_owned);
        observer.on_event(&Event::RunFinished { results: &[result] }).unwrap();
    }
    assert!(observer.flush(Duration::from_secs(60)));

    let places = || {
        (
            vec![DatasetId::of_file("in.ndjson".as_ref(), "stdin")],
            vec![DatasetId::of_file("-".as_ref(), "stdout")],
        )
    };
    let records = RecordsRun::start(Arc::clone(&emit), "default", "transform.a", Some("a chain"), places());
    records.complete(&RecordsSummary { records_in: 2, bytes_in: 10, records_out: 1, bytes_out: 5 });
    RecordsRun::start(Arc::clone(&emit), "default", "transform.a", None, places())
        .fail("no", &RecordsSummary::default());
    let mut history = ObserverSettings::new(DatabaseNaming::of_url("sqlite::memory:").unwrap());
    history.applied = vec![("1".into(), "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t".into())];
    made.lock().unwrap().extend(history_events(&history));

    // What only others have something to say for.
    let facets = DatasetFacets {
        documentation: Some(Documentation { description: "people".to_owned() }.into()),
        version: Some(DatasetVersion { dataset_version: "7".to_owned() }.into()),
        ..DatasetFacets::default()
    };
    let (namespace, name) = ("n".to_owned(), "t".to_owned());
    let dataset = StaticDataset { namespace: namespace.clone(), name: name.clone(), facets: facets.clone() };
    made.lock().unwrap().push(DatasetEvent::now(dataset).into());
    let nominal_time = NominalTime {
        nominal_start_time: "2026-01-01T00:00:00Z".to_owned(),
        nominal_end_time: Some("2026-01-02T00:00:00Z".to_owned()),
    };
    let run_facets = RunFacets { nominal_time: Some(nominal_time.into()), ..RunFacets::default() };
    let run = Run { run_id: "01890000-0000-7000-8000-000000000002".to_owned(), facets: run_facets };
    for event_type in [EventType::Running, EventType::Other] {
        let mut event = RunEvent::now(event_type, run.clone(), Job::new("n", "j"));
        let (namespace, name, facets) = (namespace.clone(), name.clone(), facets.clone());
        event.inputs.push(InputDataset {
            namespace: namespace.clone(),
            name: name.clone(),
            facets: facets.clone(),
            input_facets: InputFacets::default(),
        });
        event.outputs.push(OutputDataset { namespace, name, facets, output_facets: OutputFacets::default() });
        made.lock().unwrap().push(event.into());
    }

    for event in made.lock().unwrap().iter() {
        assert!(!event.to_json().contains("hunter2"));
        schemas.check(&parsed(event));
    }
    let kinds: BTreeSet<&str> = schemas.kinds.iter().map(String::as_str).collect();
    let expected =
        ["ABORT", "COMPLETE", "FAIL", "OTHER", "RUNNING", "START"].map(|state| format!("RunEvent {state}"));
    let expected: BTreeSet<&str> =
        expected.iter().map(String::as_str).chain(["JobEvent", "DatasetEvent"]).collect();
    assert_eq!(kinds, expected);
    let facets: Vec<&str> = schemas.facets.iter().map(String::as_str).collect();
    assert_eq!(
        facets,
        [
            "Dataset columnLineage",
            "Dataset dataSource",
            "Dataset datasetType",
            "Dataset documentation",
            "Dataset lifecycleStateChange",
            "Dataset lineage",
            "Dataset schema",
            "Dataset version",
            "InputDataset inputStatistics",
            "Job documentation",
            "Job jobType",
            "Job lineage",
            "Job sourceCodeLocation",
            "Job sql",
            "OutputDataset outputStatistics",
            "Run errorMessage",
            "Run extractionError",
            "Run nominalTime",
            "Run parent",
            "Run processing_engine",
        ]
    );
}
