//! Tables that somebody else uses, on every server: who is in the way, and trying again.

use std::time::{Duration, Instant};

use migration_kit::DatabaseConnector;
use migration_tests::server::Kind;
use migration_tests::{Command, Project, Shared};

migration_tests::on_servers!([postgres, mariadb, mysql] [says_who_is_in_the_way, comes_again_until_it_is_let_in]);

const HISTORY: &str = "\
//- migrations/1_item.up.sql
CREATE TABLE item (id INTEGER PRIMARY KEY);
//- migrations/2_fill.up.sql
INSERT INTO item VALUES (1);
//- migrations/3_alter.up.sql
INSERT INTO item VALUES (2);
ALTER TABLE item ADD COLUMN n INTEGER;
INSERT INTO item VALUES (3, 3);
";

fn migration(project: &Project, database: &Shared, arguments: &[&str]) -> Command {
    project.migration(arguments).env("DATABASE_URL", database.url())
}

/// Somebody who reads the table in a transaction, and so keeps it from being altered until the connection is closed.
fn reader(database: &Shared) -> DatabaseConnector {
    let mut reader = DatabaseConnector::open(&database.url()).unwrap();
    reader.execute_script("START TRANSACTION; SELECT * FROM item").unwrap();
    reader
}

fn begun<E: Kind>() -> (Project, Shared) {
    let (project, database) = (Project::new(HISTORY), E::shared());
    _ = migration(&project, &database, &["up", "--to", "1_item"]).run().expect(0);
    (project, database)
}

fn says_who_is_in_the_way<E: Kind>() {
    let (project, database) = begun::<E>();
    let reader = reader(&database);
    let started = Instant::now();
    let output =
        migration(&project, &database, &["up", "--json", "--lock-timeout", "1", "--lock-retries", "2"]).run();
    let report = output.expect(8).json();
    assert!(started.elapsed() > Duration::from_secs(3), "three tries of a second");
    assert_eq!(report["error"]["code"], "database.locked", "{report:#}");
    assert_eq!(report["error"]["where"]["line"], 2);
    let holder = &report["error"]["database"]["blocked_by"][0];
    assert!(holder["pid"].as_i64().unwrap() > 0, "{report:#}");
    assert_eq!(holder["user"], "migration");
    assert!(holder["since"].as_str().unwrap().ends_with('Z'), "{holder}");
    let effects = &report["error"]["effects"]["migrations"];
    assert_eq!(effects["2_fill"], "applied");
    // Where it can be undone it is, however often it was tried.
    let (effect, rows) =
        if E::VARIABLE.contains("POSTGRES") { ("rolled_back", "1") } else { ("partial", "2") };
    assert_eq!(effects["3_alter"], effect);
    assert_eq!(database.query("SELECT count(*) FROM item"), [rows]);

    drop(reader);
    _ = migration(&project, &database, &["up"]).run().expect(0);
    assert_eq!(database.query("SELECT count(*) FROM item"), ["3"]);
}

fn comes_again_until_it_is_let_in<E: Kind>() {
    let (project, database) = begun::<E>();
    let reader = reader(&database);
    let arguments = ["up", "--lock-timeout", "1", "--lock-retries", "20"];
    std::thread::scope(|scope| {
        let run = scope.spawn(|| migration(&project, &database, &arguments).run());
        std::thread::sleep(Duration::from_millis(2500));
        assert!(!run.is_finished());
        drop(reader);
        let output = run.join().unwrap().expect(0);
        assert!(output.stderr.contains("trying again in"), "{output:?}");
        assert!(output.stderr.contains("session"), "who is in the way: {output:?}");
        assert!(output.stdout.contains("applied 3_alter"), "{output:?}");
    });
    assert_eq!(database.query("SELECT count(*) FROM item"), ["3"]);
    assert_eq!(database.query("SELECT count(*) FROM _migrations"), ["3"]);
}
