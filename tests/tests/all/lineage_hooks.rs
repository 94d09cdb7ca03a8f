//! A tracker of lineage that watches real runs: of migrations in databases, of callable steps, of records.

use std::sync::Arc;
use std::time::{Duration, Instant};

use migration_kit::lineage::{EdgeKind, LineageTracker, NodeKey, NodeKind};
use migration_kit::runner::{Action, AddCallables};
use migration_kit::sql::{MigrationManager, Request, Target};
use migration_kit::transform::{Input, Output, Spec};
use migration_kit::{DataMigrator, Dialect, Migration, MigrationRunner, observe};
use migration_tests::Project;
use migration_tests::server::Kind;

migration_tests::on_servers!([postgres, mariadb, mysql] [
    a_column_through_renames, what_is_undone_is_not_there, a_second_run_knows_the_first
]);

const LIMIT: Duration = Duration::from_secs(60);

const FILES: &str = "\
//- migrations/1_people/up.sql
CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(50));
//- migrations/1_people/down.sql
DROP TABLE people;
//- migrations/2_column/up.sql
ALTER TABLE people RENAME COLUMN name TO full_name;
//- migrations/2_column/down.sql
ALTER TABLE people RENAME COLUMN full_name TO name;
//- migrations/3_table/up.sql
ALTER TABLE people RENAME TO users;
//- migrations/3_table/down.sql
ALTER TABLE users RENAME TO people;
//- migrations/4_view/up.sql
CREATE VIEW labels AS SELECT id, upper(full_name) AS label FROM users;
//- migrations/4_view/down.sql
DROP VIEW labels;
";

fn manager(project: &Project, url: &str) -> MigrationManager {
    let mut manager = MigrationManager::new(migration_kit::DatabaseConnector::open(url).unwrap());
    manager.load_migrations_from_directory(project.path("migrations")).unwrap();
    manager
}

fn watched(project: &Project, url: &str) -> (Arc<LineageTracker>, MigrationManager) {
    let mut manager = manager(project, url);
    let tracker = Arc::new(LineageTracker::new(manager.connector().dialect()));
    observe(&tracker, [&mut manager]);
    (tracker, manager)
}

fn tables(tracker: &LineageTracker) -> Vec<String> {
    assert!(tracker.flush(LIMIT));
    let history = tracker.history();
    assert!(history.unanalysed.is_empty(), "{:?}", history.unanalysed);
    history.catalogue.relations().map(|relation| relation.name.to_string()).collect()
}

#[test]
fn a_column_through_renames_on_sqlite() {
    let project = Project::new(FILES);
    check_renames(&project, &project.url());
}

fn a_column_through_renames<E: Kind>() {
    check_renames(&Project::new(FILES), &E::shared().url());
}

fn check_renames(project: &Project, url: &str) {
    let (tracker, mut manager) = watched(project, url);
    manager.apply_pending_migrations().unwrap();
    assert_eq!(tables(&tracker), ["labels", "users"]);
    assert!(tracker.get_origin("labels.label", Some(1)).contains(&"users.full_name".to_owned()));

    let graph = tracker.graph();
    let namespace = manager.connector().dialect().as_str();
    let users = graph.find(&NodeKey::new(NodeKind::Dataset, namespace, "users")).unwrap();
    let column = graph.find(&NodeKey::column(users, "full_name")).unwrap();
    let past = graph.history(column);
    let told: Vec<_> = past.iter().map(|past| (graph.path_of(past.node), past.by)).collect();
    let renamed = Some(EdgeKind::Rename);
    let expected = [("people.name", None), ("people.full_name", renamed), ("users.full_name", renamed)]
        .map(|(name, by)| (name.to_owned(), by));
    assert_eq!(told, expected);
    let ids: Vec<_> =
        past.iter().map(|past| graph.migration_at(graph.get(past.node).lifetime.since())).collect();
    assert_eq!(ids, [Some("1_people"), Some("2_column"), Some("3_table")]);
}

#[test]
fn what_is_undone_is_not_there_on_sqlite() {
    let project = Project::new(FILES);
    check_undone(&project, &project.url());
}

fn what_is_undone_is_not_there<E: Kind>() {
    check_undone(&Project::new(FILES), &E::shared().url());
}

fn check_undone(project: &Project, url: &str) {
    // The second statement fails, so the first one is undone where that can be; MySQL keeps it.
    project.write(
        "//- migrations/5_fails/up.sql\nCREATE TABLE half (id INTEGER);\nCREATE TABLE half (id INTEGER);\n",
    );
    let (tracker, mut manager) = watched(project, url);
    manager.apply_pending_migrations().unwrap_err();
    let half = manager.connector().dialect() == Dialect::Mysql;
    let before: &[&str] = if half { &["half", "labels", "users"] } else { &["labels", "users"] };
    assert_eq!(tables(&tracker), before);
    if half {
        return;
    }
    // Down, and up again.
    manager.run(&Request::down().to(Target::Steps(2))).unwrap();
    assert_eq!(tables(&tracker), ["people"]);
    assert_eq!(tracker.get_impact("people.full_name", None), [""; 0]);
    std::fs::remove_dir_all(project.path("migrations/5_fails")).unwrap();
    manager.load_migrations_from_directory(project.path("migrations")).unwrap();
    manager.apply_pending_migrations().unwrap();
    assert_eq!(tables(&tracker), ["labels", "users"]);
    manager.run(&Request::down().to(Target::Steps(1))).unwrap();
    manager.apply_pending_migrations().unwrap();
    assert_eq!(
        tracker.flush(LIMIT).then(|| tracker.get_impact("users.full_name", Some(1))),
        Some(vec!["labels.label".to_owned()])
    );
}

#[test]
fn a_second_run_knows_the_first_on_sqlite() {
    let project = Project::new(FILES);
    check_second(&project, &project.url());
}

fn a_second_run_knows_the_first<E: Kind>() {
    check_second(&Project::new(FILES), &E::shared().url());
}

fn check_second(project: &Project, url: &str) {
    manager(project, url).apply_pending_migrations().unwrap();
    project.write("//- migrations/6_all/up.sql\nCREATE VIEW everything AS SELECT * FROM users;\n");
    let mut manager = manager(project, url);
    let dialect = manager.connector().dialect();
    let applied = manager.applied_set().unwrap();
    let tracker = Arc::new(LineageTracker::from_history(
        dialect,
        applied.iter().map(|known| (&known.id, &*known.up.text)),
    ));
    observe(&tracker, [&mut manager]);
    manager.apply_pending_migrations().unwrap();
    assert!(tracker.flush(LIMIT));
    let mut impact = tracker.get_impact("users.full_name", Some(1));
    impact.sort();
    assert_eq!(impact, ["everything.full_name", "labels.label"]);
}

#[test]
fn one_line_for_a_manager_a_runner_and_records() {
    let project = Project::new(FILES);
    std::fs::write(project.path("in.ndjson"), "{\"first\":\"Ada\",\"last\":\"L\",\"age\":\"36\"}\n").unwrap();
    let mut manager = manager(&project, &project.url());
    let mut runner = MigrationRunner::new();
    let chain = "[[step]]\nset = { name = \"first || ' ' || last\" }\n[[step]]\nhash = ['age']\n[[step]]\ndrop = ['first', 'last']\n";
    let mut migrator = DataMigrator::new(Spec::from_toml(chain).unwrap()).unwrap();
    let tracker = Arc::new(LineageTracker::new(Dialect::Sqlite));
    observe(&tracker, [&mut manager, &mut runner, &mut migrator]);

    manager.apply_pending_migrations().unwrap();
    let mut cache = Migration::new("7_cache");
    cache.add("copy", "Copy", Action::new(|| ()).reads("users").writes("cache"), || ()).add(
        "warm",
        "Warm up",
        || (),
        || (),
    );
    assert!(runner.run(&cache, migration_kit::MigrationDirection::Up).unwrap().is_success());
    let (input, output) = (project.path("in.ndjson"), project.path("out.ndjson"));
    migrator.run(Input::File(input.clone()), Output::File(output.clone())).unwrap();
    assert!(tracker.flush(LIMIT));

    assert_eq!(tracker.get_impact("users", Some(2)).iter().filter(|name| *name == "cache").count(), 1);
    let [input, output] = [input, output].map(|path| path.display().to_string());
    let graph = tracker.graph();
    let file = graph.find(&NodeKey::new(NodeKind::Dataset, "records", &output)).unwrap();
    let mut edges: Vec<String> = Vec::new();
    for (_, edge) in graph.edges().filter(|(_, edge)| graph.get(edge.to).parent == Some(file)) {
        let masked = if edge.masking { " masked" } else { "" };
        edges.push(format!(
            "{} -> {} {}{masked}",
            graph.get(edge.from).name,
            graph.get(edge.to).name,
            edge.kind
        ));
        assert_eq!(graph.get(edge.via.unwrap()).properties.get("steps"), Some("set, hash, drop"));
    }
    edges.sort();
    assert_eq!(
        edges,
        ["age -> age TRANSFORMATION masked", "first -> name TRANSFORMATION", "last -> name TRANSFORMATION"]
    );
    assert!(graph.find(&NodeKey::new(NodeKind::Dataset, "records", &input)).is_some());

    // A step that says nothing is a node without edges, and listed.
    let history = tracker.history();
    assert_eq!(history.unanalysed.len(), 1);
    assert!(history.unanalysed[0].reason.contains("step `warm`"), "{:?}", history.unanalysed);
    // What is rolled back is there no more.
    let step = NodeKey::new(NodeKind::Transformation, "sqlite", "7_cache:copy");
    assert!(graph.find(&step).is_some());
    runner.rollback(&cache).unwrap();
    assert!(tracker.flush(LIMIT));
    assert!(tracker.graph().find(&step).is_none());
    assert!(!tracker.get_impact("users", Some(2)).contains(&"cache".to_owned()));
}

#[test]
fn records_with_a_function_between_are_not_guessed() {
    let project = Project::new("");
    std::fs::write(project.path("in.ndjson"), "{\"a\":1}\n").unwrap();
    let mut migrator = DataMigrator::new(Spec::from_json(r#"{"step": [{"drop": ["b"]}]}"#).unwrap()).unwrap();
    migrator.add_transformer(|record: &mut migration_kit::transform::Record| record.contains("a"));
    let tracker = Arc::new(LineageTracker::new(Dialect::Sqlite));
    observe(&tracker, [&mut migrator]);
    migrator.run(Input::File(project.path("in.ndjson")), Output::File(project.path("out.ndjson"))).unwrap();
    assert!(tracker.flush(LIMIT));
    let history = tracker.history();
    assert!(history.unanalysed[0].reason.contains("step 2"), "{:?}", history.unanalysed);
    assert!(history.graph.edges().all(|(_, edge)| matches!(edge.kind, EdgeKind::Read | EdgeKind::Write)));
}

#[test]
fn a_tracker_that_can_take_no_more_holds_nobody_up() {
    let files: String = (0..50)
        .map(|n| format!("//- migrations/{n:03}/up.sql\nCREATE TABLE t{n} (id INTEGER);\nCREATE VIEW v{n} AS SELECT * FROM t{n};\n"))
        .collect();
    let project = Project::new(&files);
    let mut manager = manager(&project, &project.url());
    let tracker = Arc::new(LineageTracker::with_capacity(Dialect::Sqlite, 10));
    observe(&tracker, [&mut manager]);
    let started = Instant::now();
    let report = manager.apply_pending_migrations().unwrap();
    assert!(report.results.iter().all(migration_kit::MigrationResult::is_success));
    assert!(started.elapsed() < LIMIT);
    assert!(tracker.flush(LIMIT));
    // All but ten, since nothing is analysed before the run is over.
    assert_eq!((tracker.lost(), tracker.history().catalogue.relations().count()), (90, 10));
}
