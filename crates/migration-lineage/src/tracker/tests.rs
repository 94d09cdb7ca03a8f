use migration_model::{MigrationDirection, MigrationResult, MigrationStatus};

use super::*;

const LIMIT: Duration = Duration::from_secs(60);

/// Tells of a migration whose first statements are in effect, and of the end of its run.
fn run(tracker: &LineageTracker, id: &str, statements: &[&str], effective: usize) {
    let direction = MigrationDirection::Up;
    let tell = |event: Event<'_>| tracker.on_event(&event).unwrap();
    tell(Event::MigrationStarted { id, name: id, direction, statements: statements.len() });
    for (index, sql) in statements.iter().enumerate() {
        let (rows_affected, duration) = (0, Duration::ZERO);
        tell(Event::StatementExecuted { migration: id, number: index + 1, sql, rows_affected, duration });
    }
    let mut result = MigrationResult::new(id, statements.len());
    let whole = effective == statements.len();
    result.advance(if whole { MigrationStatus::Completed } else { MigrationStatus::Failed }, effective);
    tell(Event::RunFinished { results: &[result] });
    assert!(tracker.flush(LIMIT));
}

#[test]
fn what_ran_is_in_the_graph() {
    let tracker = LineageTracker::new(Dialect::Sqlite);
    run(&tracker, "1", &["CREATE TABLE t (a INT)", "CREATE VIEW v AS SELECT a AS b FROM t"], 2);
    let table = tracker.register_dataset("t", &[]);
    tracker.register_consumer(NodeKind::Dashboard, "sales", &[table]);
    assert_eq!(tracker.get_origin("v.b", None), ["t.a"]);
    assert_eq!(tracker.get_impact("t.a", Some(1)), ["v.b"]);
    assert!(tracker.get_impact("t", Some(1)).contains(&"sales".to_owned()));
}

#[test]
fn what_was_undone_is_not() {
    let tracker = LineageTracker::new(Dialect::Sqlite);
    run(&tracker, "1", &["CREATE TABLE t (a INT)"], 0);
    run(&tracker, "2", &["CREATE TABLE u (a INT)", "CREATE TABLE w (a INT)"], 1);
    let names: Vec<_> = tracker.history().catalogue.relations().map(|found| found.name.to_string()).collect();
    assert_eq!(names, ["u"]);
}

#[test]
fn too_much_is_left_out_and_counted() {
    let tracker = LineageTracker::with_capacity(Dialect::Sqlite, 0);
    run(&tracker, "1", &["CREATE TABLE t (a INT)", "CREATE TABLE u (a INT)"], 2);
    assert_eq!((tracker.lost(), tracker.graph().nodes().len()), (2, 0));
}
