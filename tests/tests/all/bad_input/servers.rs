//! Servers that refuse, that are the wrong ones, and that go away.

use std::time::Duration;

use migration_kit::sql::DatabaseConnector;
use migration_tests::server::{Kind, Mariadb, MariadbServer, Options, PostgresServer, Server, Shared};
use migration_tests::{Project, on_servers};
use serde_json::{Value, json};

use super::{assert_no_panic, refused, shown};

on_servers!([postgres, mariadb, mysql] [
    a_wrong_password,
    no_such_database,
    nobody_listens,
    may_not_create_the_tracking_tables,
    may_not_do_what_a_script_does,
    a_server_that_goes_away_in_a_run,
    a_read_only_server,
    too_many_connections,
    names_longer_than_the_database_takes,
    a_file_that_is_not_utf8,
    a_database_of_another_encoding,
    a_tracking_table_that_is_none,
]);

const PASSWORD: &str = "hunter2";

fn project() -> Project {
    Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x int);\n//- migrations/1_a.down.sql\nDROP TABLE a;\n\
         //- migrations/2_b.up.sql\nCREATE TABLE b (x int);\n//- migrations/2_b.down.sql\nDROP TABLE b;\n",
    )
}

/// The same URL with another user and password.
fn as_user(url: &str, user: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (_, address) = rest.rsplit_once('@').unwrap();
    format!("{scheme}://{user}:{PASSWORD}@{address}")
}

/// Runs a command that is refused before anything is begun: as JSON and for a terminal.
#[track_caller]
fn check(project: &Project, url: &str, arguments: &[&str], exit: i32, code: &str, words: &[&str]) -> Value {
    let json = project.migration(&[arguments, &["--json", "-vv"]].concat()).env("DATABASE_URL", url).run();
    let text = project.migration(&[arguments, &["-v"]].concat()).env("DATABASE_URL", url).run();
    for output in [&json, &text] {
        assert!(!format!("{}{}", output.stdout, output.stderr).contains(PASSWORD), "{output:?}");
    }
    let report = refused(&json, exit, code, words);
    assert_no_panic(&text);
    assert_eq!(text.code, Some(exit), "{text:?}");
    assert!(text.stderr.contains(&format!("error[{code}]: ")), "{text:?}");
    report
}

/// A user of the server with no rights, and the URL by which it comes to the database.
fn stranger(database: &Shared) -> String {
    let user = format!("u{}", &database.name()[database.name().len() - 14..]);
    match database.engine() {
        "PostgreSQL" => database.query(&format!(
            "CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'; REVOKE CREATE ON SCHEMA public FROM PUBLIC; \
             GRANT USAGE ON SCHEMA public TO {user}"
        )),
        _ => database.query(&format!(
            "CREATE USER {user} IDENTIFIED BY '{PASSWORD}'; GRANT SELECT ON {}.* TO {user}",
            database.name()
        )),
    };
    as_user(&database.url(), &user)
}

fn a_wrong_password<K: Kind>() {
    let (project, database) = (project(), K::shared());
    let url = as_user(&database.url(), "migration");
    for command in ["up", "status", "down", "verify", "dump"] {
        let report = check(&project, &url, &[command], 2, "connect.denied", &["can't connect to", "***"]);
        assert!(report["next_actions"].to_string().contains("password"), "{report:#}");
    }
    check(&project, &url, &["wait", "--timeout", "0"], 2, "connect.denied", &["can't connect to"]);
}

fn no_such_database<K: Kind>() {
    let (project, database) = (project(), K::shared());
    let name = format!("{} o'clock\"`", database.name());
    let escaped = name.replace(' ', "%20").replace('\'', "%27").replace('"', "%22").replace('`', "%60");
    let url = database.url().replace(database.name(), &escaped);
    let words = ["has no database", &name];
    let report = check(&project, &url, &["up"], 2, "connect.database_missing", &words);
    let command = report["next_actions"][0]["command"].as_str().unwrap().to_owned();
    assert!(!command.contains("throw-away"), "{command}");
    assert!(command.contains("CREATE DATABASE"), "{command}");
    check(&project, &url, &["wait", "--timeout", "0"], 2, "connect.database_missing", &words);

    // The command works as it stands.
    let made = project
        .migration(&[])
        .env("PGPASSWORD", "throw-away")
        .env("MYSQL_PWD", "throw-away")
        .line(&command)
        .run();
    if made.code == Some(127) {
        // Here is no client of this name; its SQL is what counts.
        let (_, sql) = command.split_once("CREATE DATABASE ").unwrap();
        let sql = sql.trim_end_matches('\'').replace("'\\''", "'");
        database.query(&format!("CREATE DATABASE {sql}"));
    } else {
        assert_eq!(made.code, Some(0), "{command}: {made:?}");
    }
    _ = project.migration(&["up"]).env("DATABASE_URL", &url).run().expect(0);
    let quoted = match database.engine() {
        "PostgreSQL" => format!("\"{}\"", name.replace('"', "\"\"")),
        _ => format!("`{}`", name.replace('`', "``")),
    };
    database.query(&format!("DROP DATABASE {quoted}"));
}

fn nobody_listens<K: Kind>() {
    let project = project();
    let mut server = Server::<K>::start_with(Options { volatile: true, ..Options::default() });
    server.create_database("shop");
    let url = as_user(&server.url("shop"), "migration");
    server.kill();
    for command in ["up", "status", "down", "verify", "dump"] {
        let report = check(&project, &url, &[command], 2, "connect.refused", &["can't connect to", "***"]);
        assert!(report["next_actions"].to_string().contains("migration wait"), "{report:#}");
    }
    check(&project, &url, &["wait", "--timeout", "1"], 2, "connect.refused", &["can't connect to"]);
}

fn may_not_create_the_tracking_tables<K: Kind>() {
    let database = K::shared();
    let project = Project::new("//- migrations/1_a.up.sql\nSELECT 1;\n");
    let url = stranger(&database);
    // To look is allowed.
    for command in ["status", "plan", "verify"] {
        _ = project.migration(&[command]).env("DATABASE_URL", &url).run().expect(0);
    }
    let report = check(&project, &url, &["up"], 7, "database.denied", &["denied"]);
    assert_eq!(report["error"]["effects"]["state"], "none", "{report:#}");
    assert!(report["next_actions"].to_string().contains("rights"), "{report:#}");
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE '\\_migration%' \
                  AND table_schema IN ('public', DATABASE_NAME)";
    let name = if database.engine() == "PostgreSQL" { "current_schema()" } else { "DATABASE()" };
    assert!(database.query(&tables.replace("DATABASE_NAME", name)).is_empty());
}

fn may_not_do_what_a_script_does<K: Kind>() {
    let (project, database) = (project(), K::shared());
    let url = stranger(&database);
    _ = project.migration(&["up", "--steps", "1"]).env("DATABASE_URL", database.url()).run().expect(0);
    let user = url.split("://").nth(1).unwrap().split(':').next().unwrap();
    for table in ["_migrations", "_migration_journal"] {
        let on = if database.engine() == "PostgreSQL" {
            table.to_owned()
        } else {
            format!("{}.{table}", database.name())
        };
        database.query(&format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {on} TO {user}"));
    }
    let report = check(&project, &url, &["up"], 7, "apply.statement_failed", &["denied", "2_b.up.sql"]);
    assert_eq!(report["error"]["where"]["line"], 1, "{report:#}");
    assert_eq!(report["error"]["effects"], json!({"state": "none", "migrations": {"2_b": "rolled_back"}}));
}

/// Killed while a statement runs: what is in effect can't be asked, and is not guessed. When it is back, the next run goes on.
fn a_server_that_goes_away_in_a_run<K: Kind>() {
    let mut server = Server::<K>::start();
    server.create_database("shop");
    let sleep =
        if server.url("").starts_with("postgres") { "SELECT pg_sleep(60)" } else { "SELECT SLEEP(60)" };
    let project = project();
    project.write(&format!("//- migrations/2_b.up.sql\nCREATE TABLE b (x int);\n{sleep};\n"));
    let url = server.url("shop");
    let run = std::thread::spawn({
        let command = project.migration(&["up", "--json"]).env("DATABASE_URL", &url);
        move || command.run()
    });
    let has_begun = |server: &Server<K>| {
        let of_postgres =
            "SELECT query FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()";
        let of_mysql = "SELECT info FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'";
        !server.query("shop", if sleep.contains("pg_") { of_postgres } else { of_mysql }).is_empty()
    };
    while !has_begun(&server) {
        assert!(!run.is_finished());
        std::thread::sleep(Duration::from_millis(20));
    }
    server.kill();
    let output = run.join().unwrap();
    let report = refused(&output, 8, "database.connection_lost", &["2_b"]);
    let unknown = json!({"state": "unknown", "migrations": {"1_a": "unknown", "2_b": "unknown"}});
    assert_eq!(report["error"]["effects"], unknown, "{report:#}");
    server.restart();
    let replacement = if sleep.contains("pg_") { "SELECT pg_sleep(0)" } else { "SELECT SLEEP(0)" };
    project.write(&format!("//- migrations/2_b.up.sql\nCREATE TABLE b (x int);\n{replacement};\n"));
    _ = project.migration(&["up"]).env("DATABASE_URL", &url).run().expect(0);
    assert_eq!(server.query("shop", "SELECT id FROM _migrations ORDER BY id"), ["1_a", "2_b"]);
}

fn a_read_only_server<K: Kind>() {
    let mut server = Server::<K>::start_with(Options { volatile: true, ..Options::default() });
    server.create_database("shop");
    let project = project();
    _ = project.migration(&["up", "--steps", "1"]).env("DATABASE_URL", server.url("shop")).run().expect(0);
    let url = if server.url("").starts_with("postgres") {
        server.query("shop", "ALTER DATABASE shop SET default_transaction_read_only = on");
        server.url("shop")
    } else {
        server.query("shop", &format!("CREATE USER plain IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON shop.* TO plain; SET GLOBAL read_only = 1"));
        as_user(&server.url("shop"), "plain")
    };
    for arguments in [["up"].as_slice(), &["up", "--dry-run"], &["down"], &["redo"]] {
        let report = check(&project, &url, arguments, 2, "database.read_only", &["read-only"]);
        assert!(!report["next_actions"].to_string().contains("folder"), "{report:#}");
    }
    for command in ["status", "plan", "verify"] {
        _ = project.migration(&[command]).env("DATABASE_URL", &url).run().expect(0);
    }
    server.stop();
}

fn too_many_connections<K: Kind>() {
    let is_postgres = K::find().unwrap().name() == "PostgreSQL";
    // What is kept for superusers is theirs alone.
    let settings = [("max_connections", "12"), ("superuser_reserved_connections", "0")];
    let settings = settings.into_iter().take(if is_postgres { 2 } else { 1 });
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let server = Server::<K>::start_with(Options { volatile: true, settings });
    server.create_database("shop");
    let url = as_user(&server.url("shop"), "plain");
    server.query(
        "shop",
        &if is_postgres {
            format!("CREATE ROLE plain LOGIN PASSWORD '{PASSWORD}'; GRANT ALL ON SCHEMA public TO plain")
        } else {
            format!("CREATE USER plain IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON shop.* TO plain")
        },
    );
    let mut open = Vec::new();
    while let Ok(connector) = DatabaseConnector::open(&url) {
        open.push(connector);
        assert!(open.len() < 40);
    }
    let project = project();
    let report = check(&project, &url, &["up"], 2, "connect.refused", &["oo many"]);
    assert!(report["next_actions"].to_string().contains("migration wait"), "{report:#}");
    // One is enough to look; a run needs another one for its lock.
    drop(open.pop());
    _ = project.migration(&["status"]).env("DATABASE_URL", &url).run().expect(0);
    drop(open);
    _ = project.migration(&["up", "--lock-timeout", "60"]).env("DATABASE_URL", &url).run().expect(0);
}

/// The longest id fits. A name, of which only the layout `json` can have a longer one, is cut.
fn names_longer_than_the_database_takes<K: Kind>() {
    let database = K::shared();
    // No file of a usual file system has a name of more than 255 bytes.
    let longest = format!("1_{}é", "x".repeat(240));
    let project = Project::new(&format!("//- migrations/{longest}.up.sql\nSELECT 1;\n"));
    _ = project.migration(&["up"]).env("DATABASE_URL", database.url()).run().expect(0);
    assert_eq!(database.query("SELECT id FROM _migrations"), [longest]);

    let database = K::shared();
    let name = "ü".repeat(256);
    let project = Project::new(&format!(
        "//- migrations/long.json\n{{\"id\": \"long\", \"name\": \"{name}\", \"sql\": \"CREATE TABLE a (x int);\"}}\n"
    ));
    _ = project.migration(&["up"]).env("DATABASE_URL", database.url()).run().expect(0);
    assert_eq!(database.query("SELECT id, name FROM _migrations"), [format!("long|{}", "ü".repeat(255))]);
}

fn a_file_that_is_not_utf8<K: Kind>() {
    let (project, database) = (project(), K::shared());
    std::fs::write(project.path("migrations/3_c.up.sql"), b"INSERT INTO a VALUES ('caf\xe9');\n").unwrap();
    check(&project, &database.url(), &["up"], 2, "load.not_utf8", &["3_c.up.sql"]);
}

/// The server converts what it can, and says so where it can't.
fn a_database_of_another_encoding<K: Kind>() {
    let database = K::shared();
    let name = format!("{}_latin", database.name());
    database.query(&match database.engine() {
        "PostgreSQL" => {
            format!("CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        }
        _ => format!("CREATE DATABASE {name} CHARACTER SET latin1"),
    });
    let url = database.url().replace(database.name(), &name);
    let project = Project::new(
        "//- migrations/1_café.up.sql\nCREATE TABLE t (x varchar(20));\nINSERT INTO t VALUES ('café');\n\
         //- migrations/2_b.up.sql\nINSERT INTO t VALUES ('🦀');\n",
    );
    let report = refused(
        &project.migration(&["up", "--json"]).env("DATABASE_URL", &url).run(),
        8,
        "apply.statement_failed",
        &["2_b"],
    );
    assert_eq!(report["error"]["effects"]["migrations"], json!({"1_café": "applied", "2_b": "rolled_back"}));
    let mut connector = DatabaseConnector::open(&url).unwrap();
    assert_eq!(connector.execute("SELECT x FROM t", &[]).unwrap().rows, [["café".into()]]);
    assert_eq!(connector.execute("SELECT id FROM _migrations", &[]).unwrap().rows, [["1_café".into()]]);
    drop(connector);
    database.query(&format!("DROP DATABASE {name}"));
}

fn a_tracking_table_that_is_none<K: Kind>() {
    let (project, database) = (project(), K::shared());
    database.query("CREATE TABLE _migrations (version int); INSERT INTO _migrations VALUES (1)");
    for command in ["status", "up", "verify"] {
        check(&project, &database.url(), &[command], 2, "history.foreign_table", &["`_migrations`"]);
    }
}

/// The server says which version it is, and this one may be told what to say.
#[test]
fn a_server_that_is_too_old() {
    let settings = vec![("version".to_owned(), "10.1.48-MariaDB".to_owned())];
    let server = MariadbServer::start_with(Options { volatile: true, settings });
    server.create_database("shop");
    let words = ["10.1.48", "10.2 is needed"];
    let report = check(&project(), &server.url("shop"), &["up"], 2, "connect.server_too_old", &words);
    assert!(report["next_actions"].to_string().contains("newer"), "{report:#}");
}

/// A standby follows its primary, and takes no writes of anybody.
#[test]
fn a_standby_of_postgres() {
    let mut server = PostgresServer::start_with(Options { volatile: true, ..Options::default() });
    server.create_database("shop");
    let project = project();
    _ = project.migration(&["up", "--steps", "1"]).env("DATABASE_URL", server.url("shop")).run().expect(0);
    server.stop();
    let signal = server.place().data().join("standby.signal");
    std::fs::write(&signal, "").unwrap();
    server.restart();
    check(&project, &server.url("shop"), &["up"], 2, "database.read_only", &["replica"]);
    _ = project.migration(&["status"]).env("DATABASE_URL", server.url("shop")).run().expect(0);
}

/// What is only on MariaDB and MySQL: the database may be one that the user may not see.
#[test]
fn a_database_that_the_user_may_not_use() {
    let (project, database) = (project(), Mariadb::shared());
    let url = stranger(&database);
    let other = Mariadb::shared();
    let url = url.replace(database.name(), other.name());
    check(&project, &url, &["up"], 2, "connect.denied", &["Access denied"]);
    shown(&project.migration(&["up"]).env("DATABASE_URL", &url).run(), 2, "connect.denied", &["denied"]);
}
