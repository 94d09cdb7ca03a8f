//! Ways to a server: sockets, names and passwords with signs in them, what may be left out, timeouts.

use std::time::{Duration, Instant};

use migration_kit::sql::DatabaseConnector;
use migration_tests::server::{Kind, Server};
use migration_tests::{Project, on_servers};

use crate::every_server::migration;

on_servers!([mariadb, mysql] [
    by_socket_and_with_signs_in_names,
    without_a_database,
    a_statement_takes_too_long,
    a_lock_is_waited_for_in_vain,
    a_killed_session_lets_the_next_runner_in,
]);

fn by_socket_and_with_signs_in_names<K: Kind>() {
    let server =
        Server::<K>::start_with(migration_tests::server::Options { volatile: true, ..Default::default() });
    let first = server.first_database();
    server.query(first, "CREATE DATABASE `my shop/№1?` CHARACTER SET utf8mb4");
    server.query(first, "CREATE USER 'k@te:x'@'%' IDENTIFIED BY 'p@ss:w/?rd%&'");
    server.query(first, "GRANT ALL ON *.* TO 'k@te:x'@'%'");
    let port = server.place().port();
    let project = Project::new("//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\n");
    let socket = server.socket_url("x");
    let (_, socket) = socket.split_once("?socket=").unwrap();
    let urls = [
        format!("mysql://k%40te%3Ax:p%40ss%3Aw%2F%3Frd%25%26@127.0.0.1:{port}/my%20shop%2F%E2%84%961%3F"),
        format!("mariadb://k%40te%3Ax:p%40ss%3Aw%2F%3Frd%25%26@/my%20shop%2F%E2%84%961%3F?socket={socket}"),
        format!(
            "MySQL://k%40te%3Ax:p%40ss%3Aw%2F%3Frd%25%26@localhost/my%20shop%2F%E2%84%961%3F?unix_socket={socket}"
        ),
    ];
    for (url, command) in urls.iter().zip(["up", "status", "up"]) {
        _ = project.migration(&[command]).env("DATABASE_URL", url).run().expect(0);
    }
    assert_eq!(server.query("my shop/№1?", "SELECT id FROM _migrations"), ["1_a"]);

    // Without a user it is that of the system; without a password, none.
    let me = std::process::Command::new("id").arg("-un").output().unwrap().stdout;
    let me = String::from_utf8(me).unwrap().trim().to_owned();
    server.query(
        first,
        &format!(
            "CREATE USER '{me}'@'%' IDENTIFIED BY ''; GRANT ALL ON *.* TO '{me}'@'%'; CREATE DATABASE d"
        ),
    );
    for url in [format!("mysql://127.0.0.1:{port}/d"), format!("mysql://{me}:@127.0.0.1:{port}/d")] {
        let mut connector = DatabaseConnector::open(&url).unwrap();
        let user = connector.execute("SELECT CURRENT_USER()", &[]).unwrap();
        assert_eq!(user.rows, [[format!("{me}@%").into()]]);
    }
}

fn without_a_database<K: Kind>() {
    let (project, database) = (Project::new(""), K::shared());
    let (server, _) = database.url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for url in [server.clone(), format!("{server}/")] {
        let refused =
            project.migration(&["status", "--json"]).env("DATABASE_URL", url).run().expect(2).json();
        assert!(refused["error"]["message"].as_str().unwrap().contains("names no database"), "{refused:#}");
    }
}

/// On MySQL only a `SELECT` can be bounded.
fn a_statement_takes_too_long<K: Kind>() {
    let database = K::shared();
    let project = Project::new(
        "//- migrations/1_a.up.sql\nSELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, \
         information_schema.columns c;\n",
    );
    let url = format!("{}?statement_timeout=300", database.url());
    let start = Instant::now();
    let failed = project.migration(&["up", "--json"]).env("DATABASE_URL", url).run().expect(7).json();
    assert_eq!(failed["error"]["code"], "apply.statement_failed", "{failed:#}");
    assert!(start.elapsed() < Duration::from_secs(60));
    assert!(database.query("SELECT id FROM _migrations").is_empty());
}

fn a_lock_is_waited_for_in_vain<K: Kind>() {
    let database = K::shared();
    database.query("CREATE TABLE t (x int PRIMARY KEY); INSERT INTO t VALUES (1)");
    let mut other = DatabaseConnector::open(&database.url()).unwrap();
    other.execute_script("START TRANSACTION; UPDATE t SET x = 2;").unwrap();
    let url = format!("{}?lock_timeout=1000", database.url());
    // A definition waits for the table, an update for the row.
    for (script, done) in [
        ("ALTER TABLE t ADD y int", "SHOW COLUMNS FROM t LIKE 'y'"),
        ("UPDATE t SET x = 3", "SELECT 1 FROM t WHERE x = 3"),
    ] {
        let project = Project::new(&format!("//- migrations/{}_m.up.sql\n{script};\n", script.len()));
        let start = Instant::now();
        let refused = project.migration(&["up", "--json"]).env("DATABASE_URL", &url).run().expect(7).json();
        assert_eq!(refused["error"]["code"], "database.locked", "{refused:#}");
        assert!(start.elapsed() < Duration::from_secs(25), "{:?}", start.elapsed());
        assert!(refused["error"]["why"].as_str().unwrap().contains("session"), "{refused:#}");
        assert!(database.query(done).is_empty());
        crate::every_server::assert_nothing_unfinished(&database, script);
    }
    other.execute_script("ROLLBACK").unwrap();
}

/// Also where the server itself ends it, as an administrator does.
fn a_killed_session_lets_the_next_runner_in<K: Kind>() {
    let database = K::shared();
    let project =
        Project::new("//- migrations/1_a.up.sql\nCREATE TABLE t (x int);\nINSERT INTO t SELECT SLEEP(30);\n");
    let mut slow = migration(&project, &database, &["up"]).spawn();
    let sleeping = format!(
        "SELECT id FROM information_schema.processlist WHERE db = '{}' AND info LIKE 'INSERT INTO t%'",
        database.name()
    );
    let session = loop {
        if let [session] = database.query(&sleeping).as_slice() {
            break session.clone();
        }
        assert!(slow.try_wait().unwrap().is_none());
    };
    database.query(&format!("KILL {session}"));
    assert_eq!(slow.wait().unwrap().code(), Some(8));
    project.write("//- migrations/1_a.up.sql\nCREATE TABLE t (x int);\nINSERT INTO t VALUES (1);\n");
    _ = migration(&project, &database, &["up", "--lock-timeout", "60"]).run().expect(0);
    assert_eq!(database.query("SELECT x FROM t"), ["1"]);
}
