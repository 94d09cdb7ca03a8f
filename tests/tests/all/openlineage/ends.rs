//! Runs that somebody ends: what is told of one that is asked to stop, and of one that is killed.

use std::process::Child;
use std::time::{Duration, Instant};

use migration_tests::Project;
use migration_tests::server::Kind;
use serde_json::Value;

use super::schemas::Schemas;
use super::{events, into_file, told};

migration_tests::on_servers!([postgres, mariadb][a_signal_on_a_server]);

/// A migration that is quick, and one whose first statement takes a while.
fn history(slow: &str) -> String {
    format!(
        "
//- migrations/1_quick.up.sql
CREATE TABLE quick (id INTEGER);
//- migrations/2_slow.up.sql
{slow};
CREATE TABLE never (id INTEGER);
//- migrations/3_later.up.sql
CREATE TABLE later (id INTEGER);
"
    )
}

/// Counts for seconds.
const SLOW_SQLITE: &str = "CREATE TABLE slow AS WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count \
                           WHERE n < 6000000) SELECT max(n) AS n FROM count";

/// Begins `up`, sends it a signal as soon as the slow migration is said to begin, and waits for its end.
fn interrupted(project: &Project, url: Option<&str>, signal: &str) -> (Option<i32>, Vec<Value>) {
    let mut command = into_file(project, &["up"], "up.ndjson");
    if let Some(url) = url {
        command = command.env("DATABASE_URL", url);
    }
    let mut child: Child = command.spawn();
    let deadline = Instant::now() + Duration::from_secs(60);
    let begun = || {
        let text = std::fs::read_to_string(project.path("up.ndjson")).unwrap_or_default();
        text.lines().any(|line| line.contains("\"START\"") && line.contains(".up.2_slow\""))
    };
    while !begun() {
        assert!(Instant::now() < deadline, "the migration doesn't begin");
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(5));
    }
    // The shell's own `kill`: the program is missing on small systems.
    let mut kill = std::process::Command::new("sh");
    assert!(
        kill.args(["-c", "kill -s \"$0\" \"$1\"", signal, &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let code = child.wait().unwrap().code();
    (code, events(project, "up.ndjson"))
}

fn check_abort(told: &[String], of: &str) {
    let expected = [
        format!("START {of}"),
        format!("START {of}.1_quick"),
        format!("START {of}.2_slow"),
        format!("COMPLETE {of}.1_quick"),
        format!("ABORT {of}.2_slow"),
        format!("ABORT {of}"),
    ];
    let (mut told, mut expected) = (told.to_vec(), expected.to_vec());
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
}

#[test]
fn a_signal_on_sqlite() {
    for signal in ["INT", "TERM"] {
        let project = Project::new(&history(SLOW_SQLITE));
        let (code, made) = interrupted(&project, None, signal);
        assert_eq!(code, Some(130));
        check_abort(&told(&made), "app.migrations.up");
        let aborted = made.iter().find(|event| event["eventType"] == "ABORT").unwrap();
        assert_eq!(aborted["outputs"], Value::Array(Vec::new()), "nothing of it is in effect");
        let Some(mut schemas) = Schemas::load() else { return };
        made.iter().for_each(|event| schemas.check(event));
    }
}

fn a_signal_on_a_server<E: Kind>() {
    let is_postgres = E::VARIABLE.ends_with("POSTGRES");
    // A migration for PostgreSQL that changes no rows is one message, and can't be stopped within.
    let slow = if is_postgres { "INSERT INTO quick SELECT 1 FROM pg_sleep(3)" } else { "DO SLEEP(3)" };
    let (project, database) = (Project::new(&history(slow)), E::shared());
    let (code, made) = interrupted(&project, Some(&database.url()), "INT");
    assert_eq!(code, Some(130));
    let of = made[0]["job"]["name"].as_str().unwrap();
    check_abort(&told(&made), of);
    let aborted = made.iter().find(|event| event["eventType"] == "ABORT").unwrap();
    assert_eq!(aborted["outputs"], Value::Array(Vec::new()), "nothing of it is in effect");
    let Some(mut schemas) = Schemas::load() else { return };
    made.iter().for_each(|event| schemas.check(event));
}

/// Nobody is there to tell the end. The next run has an id of its own, and its end says what is in effect.
#[test]
fn a_process_that_is_killed() {
    let project = Project::new(&history(SLOW_SQLITE));
    let (code, killed) = interrupted(&project, None, "KILL");
    assert_eq!(code, None);
    let of_slow = |events: &[Value]| -> Vec<(String, Value)> {
        let slow = events.iter().filter(|event| event["job"]["name"] == "app.migrations.up.2_slow");
        slow.map(|event| (event["eventType"].as_str().unwrap().to_owned(), event["run"]["runId"].clone()))
            .collect()
    };
    let open = of_slow(&killed);
    assert_eq!((open.len(), &*open[0].0), (1, "START"));
    let _ = into_file(&project, &["up"], "again.ndjson").run().expect(0);
    let again = of_slow(&events(&project, "again.ndjson"));
    assert_eq!(again.iter().map(|(state, _)| &**state).collect::<Vec<_>>(), ["START", "COMPLETE"]);
    assert_ne!(again[0].1, open[0].1);
}
