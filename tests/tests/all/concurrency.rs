//! Several runners at once: each migration is applied once, all succeed, and a dead one is in nobody's way.

use migration_kit::sql::{DatabaseConnector, Error};
use migration_tests::Project;

fn history(count: usize) -> String {
    let first = "//- migrations/0000_log.up.sql\nCREATE TABLE log (entry INTEGER);\n".to_owned();
    (1..count).fold(first, |files, n| {
        // Every third one can't share a transaction.
        let alone = if n % 3 == 0 { "VACUUM;\n" } else { "" };
        files + &format!("//- migrations/{n:04}_entry.up.sql\nINSERT INTO log VALUES ({n});\n{alone}")
    })
}

fn assert_once(project: &Project, count: usize) {
    let expected: Vec<String> = (1..count).map(|n| n.to_string()).collect();
    assert_eq!(project.query("SELECT entry FROM log ORDER BY entry"), expected);
    assert_eq!(project.query("SELECT count(*) FROM _migrations"), [count.to_string()]);
}

#[test]
fn sixteen_processes_on_a_fresh_database() {
    for _ in 0..3 {
        let project = Project::new(&history(30));
        let children: Vec<_> = (0..16).map(|_| project.migration(&["up"]).spawn()).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        assert_once(&project, 30);
        let left: Vec<_> =
            std::fs::read_dir(project.root()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "only the database and the migrations are left: {left:?}");
    }
}

#[test]
fn threads_of_one_process() {
    let project = Project::new(&history(12));
    let run = || {
        migration_kit::run_migrations(
            project.path("migrations"),
            &project.url(),
            migration_kit::MigrationDirection::Up,
        )
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
        let reports: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect();
        assert_eq!(reports.iter().map(|report| report.results.len()).sum::<usize>(), 12);
    });
    assert_once(&project, 12);
}

#[test]
fn dead_holders_are_in_nobodys_way() {
    let project = Project::new(&history(60));
    let mut victims: Vec<_> = (0..6).map(|_| project.migration(&["up"]).spawn()).collect();
    std::thread::sleep(std::time::Duration::from_millis(15));
    for victim in &mut victims {
        victim.kill().unwrap();
    }
    let others: Vec<_> = (0..6).map(|_| project.migration(&["up"]).spawn()).collect();
    for mut child in others {
        assert!(child.wait().unwrap().success());
    }
    for mut victim in victims {
        victim.wait().unwrap();
    }
    assert_once(&project, 60);
}

#[test]
fn another_run_is_named_when_the_time_to_wait_is_over() {
    let project = Project::new(
        "//- migrations/1_slow.up.sql\n\
         CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) \
         SELECT count(*) AS c FROM n;\n",
    );
    let mut slow = project.migration(&["up"]).spawn();
    let lock = project.path("app.db-migration-lock");
    while !lock.exists() {
        assert!(slow.try_wait().unwrap().is_none(), "it ended before it took the lock");
        std::thread::yield_now();
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    let refused = project.migration(&["up", "--json", "--lock-timeout", "1"]).run();
    slow.kill().unwrap();
    slow.wait().unwrap();
    let json = refused.json();
    assert_eq!(json["error"]["code"], "database.locked", "{json}");
    let message = json["error"]["message"].as_str().unwrap();
    assert!(message.contains(&format!("process {}", slow.id())), "{message}");
}

#[test]
fn a_lock_of_another_program_is_waited_for() {
    let project = Project::new(&history(3));
    let mut other = project.connect();
    other.execute_script("BEGIN EXCLUSIVE; CREATE TABLE other (x);").unwrap();
    let child = project.migration(&["up"]).spawn();
    std::thread::sleep(std::time::Duration::from_millis(300));
    other.execute_script("COMMIT").unwrap();
    let mut child = child;
    assert!(child.wait().unwrap().success());
    assert_once(&project, 3);

    other.execute_script("BEGIN EXCLUSIVE").unwrap();
    let url = format!("{}?busy_timeout=50", project.url());
    let error = DatabaseConnector::open(&url).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
}
