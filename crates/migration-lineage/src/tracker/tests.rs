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

#[test]
fn a_thread_that_is_stuck_holds_nobody_up() {
    let tracker = LineageTracker::with_capacity(Dialect::Sqlite, 5);
    // As long as somebody has the graph, the thread waits.
    let stuck = tracker.shared.builder();
    let started = std::time::Instant::now();
    let tell = |event: Event<'_>| tracker.on_event(&event).unwrap();
    let (rows_affected, duration, direction) = (0, Duration::ZERO, MigrationDirection::Up);
    for id in ["1", "2", "3"] {
        tell(Event::MigrationStarted { id, name: id, direction, statements: 4 });
        for number in 1..=4 {
            let sql = format!("CREATE TABLE t{id}_{number} (a INT)");
            tell(Event::StatementExecuted { migration: id, number, sql: &sql, rows_affected, duration });
        }
        let mut result = MigrationResult::new(id, 4);
        result.advance(MigrationStatus::Completed, 4);
        tell(Event::RunFinished { results: &[result] });
    }
    assert!(!tracker.flush(Duration::from_millis(1)));
    assert!(started.elapsed() < Duration::from_secs(10));
    drop(stuck);
    assert!(tracker.flush(LIMIT));
    assert_eq!((tracker.lost(), tracker.history().catalogue.relations().count()), (7, 5));
}

#[test]
fn runs_at_the_same_time_keep_what_is_theirs() {
    let tracker = LineageTracker::new(Dialect::Sqlite);
    let tell = |event: Event<'_>| tracker.on_event(&event).unwrap();
    let direction = MigrationDirection::Up;
    tell(Event::MigrationStarted { id: "long", name: "long", direction, statements: 1 });
    let (rows_affected, duration) = (0, Duration::ZERO);
    let sql = "CREATE TABLE kept (a INT)";
    tell(Event::StatementExecuted { migration: "long", number: 1, sql, rows_affected, duration });
    run(&tracker, "short", &["CREATE TABLE t (a INT)"], 1);
    let mut result = MigrationResult::new("long", 1);
    result.advance(MigrationStatus::Completed, 1);
    tell(Event::RunFinished { results: &[result] });
    assert!(tracker.flush(LIMIT));
    assert_eq!(tracker.history().catalogue.relations().count(), 2);
}
