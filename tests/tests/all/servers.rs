//! Throw-away servers: what they promise to the tests that use them.

use std::fs::{DirEntry, Permissions};
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use migration_tests::on_servers;
use migration_tests::server::{Engine, Kind, Mariadb, Mysql, Options, Postgres, Server};
use serde_json::Value;

on_servers!([postgres, mariadb, mysql] [
    survives_kill_and_stop_with_its_data,
    two_at_once_are_strangers,
    answers_over_its_socket,
    dumps_the_schema_only,
    listens_on_the_loopback_interface_only,
    drops_a_database_in_use,
    takes_settings_and_says_which_are_wrong,
    leaves_nothing_after_a_panic,
    leaves_nothing_after_a_kill,
    shared_databases_are_strangers,
]);

/// What these tests say in each server's own words.
trait Words: Kind {
    const ASK_FOR_SETTING: &str;
    const SLEEP: &str;
}

impl Words for Postgres {
    const ASK_FOR_SETTING: &str = "SHOW max_connections";
    const SLEEP: &str = "SELECT pg_sleep(5)";
}

impl Words for Mariadb {
    const ASK_FOR_SETTING: &str = "SELECT @@max_connections";
    const SLEEP: &str = "SELECT sleep(5)";
}

impl Words for Mysql {
    const ASK_FOR_SETTING: &str = Mariadb::ASK_FOR_SETTING;
    const SLEEP: &str = Mariadb::SLEEP;
}

fn volatile() -> Options {
    Options { volatile: true, ..Options::default() }
}

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// The processes that work below a folder.
fn processes_below(folder: &Path) -> Vec<String> {
    let works_below = |entry: &DirEntry| {
        std::fs::read_link(entry.path().join("cwd")).is_ok_and(|home| home.starts_with(folder))
    };
    let processes = Path::new("/proc").read_dir().into_iter().flatten().flatten();
    processes.filter(works_below).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The segments of shared memory of the kind that outlives processes.
fn segments() -> Vec<String> {
    let table = std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)).map(str::to_owned).collect()
}

/// The one that belongs to a server: only PostgreSQL has it, and notes its number on the seventh line of this file.
fn segment<E: Engine>(server: &Server<E>) -> Option<String> {
    let notes = std::fs::read_to_string(server.place().data().join("postmaster.pid")).ok()?;
    notes.lines().nth(6)?.split_whitespace().nth(1).map(str::to_owned)
}

#[track_caller]
fn assert_gone(folder: &Path, port: u16) {
    assert!(!folder.exists(), "{} is still there", folder.display());
    assert_eq!(processes_below(folder), [""; 0], "processes are still there");
    assert!(!listens(port), "somebody listens on port {port}");
}

fn survives_kill_and_stop_with_its_data<E: Words>() {
    let mut server = Server::<E>::start();
    server.create_database("shop");
    let url = server.url("shop");
    server.query("shop", "CREATE TABLE t (n integer, s text); INSERT INTO t VALUES (1, 'a'), (2, 'é');");
    assert_eq!(server.query("shop", "SELECT n, s FROM t ORDER BY n"), ["1|a", "2|é"]);

    server.kill();
    assert!(!listens(server.place().port()));
    assert_eq!(processes_below(server.place().folder()), [""; 0]);
    server.restart();
    assert_eq!(server.url("shop"), url);
    server.query("shop", "INSERT INTO t VALUES (3, 'c')");

    server.stop();
    assert!(!listens(server.place().port()));
    server.restart();
    assert_eq!(server.query("shop", "SELECT n, s FROM t ORDER BY n"), ["1|a", "2|é", "3|c"]);

    server.restart();
    assert_eq!(server.query("shop", "SELECT count(*) FROM t"), ["3"]);
    server.drop_database("shop");

    let (folder, port) = (server.place().folder().to_path_buf(), server.place().port());
    drop(server);
    assert_gone(&folder, port);
}

fn two_at_once_are_strangers<E: Words>() {
    // The one that is killed keeps what was committed.
    let (mut one, other) = (Server::<E>::start(), Server::<E>::start_with(volatile()));
    assert_ne!(one.place().port(), other.place().port());
    for (server, value) in [(&one, 1), (&other, 2)] {
        server.create_database("shop");
        server.query("shop", &format!("CREATE TABLE t (n integer); INSERT INTO t VALUES ({value});"));
    }
    one.kill();
    assert_eq!(other.query("shop", "SELECT n FROM t"), ["2"]);
    one.restart();
    assert_eq!(one.query("shop", "SELECT count(*) FROM t WHERE n = 2"), ["0"]);
}

fn answers_over_its_socket<E: Words>() {
    let server = Server::<E>::start_with(volatile());
    let url = server.socket_url(server.first_database());
    assert!(!url.contains("127.0.0.1"), "{url}");
    assert_eq!(E::find().unwrap().query(&url, "SELECT 6 * 7"), Ok(vec!["42".into()]));
    let wrong = url.replace("throw-away", "something-else");
    assert!(E::find().unwrap().query(&wrong, "SELECT 1").unwrap_err().contains("migration"));
}

fn dumps_the_schema_only<E: Words>() {
    let [one, other] = [E::shared(), E::shared()];
    assert_eq!(one.dump(), other.dump());
    for database in [&one, &other] {
        database.query("CREATE TABLE parrots (name varchar(20)); INSERT INTO parrots VALUES ('Polly')");
    }
    let dump = one.dump();
    assert!(
        dump.contains("parrots") && dump.contains("varchar(20)") || dump.contains("character varying(20)")
    );
    assert!(!dump.contains("Polly"), "{dump}");
    assert_eq!(dump, other.dump());
}

/// The kernel's own tables say on which addresses it listens, in hexadecimal numbers.
fn listens_on_the_loopback_interface_only<E: Words>() {
    let server = Server::<E>::start_with(volatile());
    let port = format!(":{:04X}", server.place().port());
    let mut addresses = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        for line in text.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            // The fourth word is the state; 0A is "listening".
            if words[1].ends_with(&port) && words[3] == "0A" {
                addresses.push(words[1].replace(&port, ""));
            }
        }
    }
    assert_eq!(addresses, ["0100007F"]);
}

fn drops_a_database_in_use<E: Words>() {
    let server = Server::<E>::start_with(volatile());
    server.create_database("it's a `\"name\"");
    server.drop_database("it's a `\"name\"");

    server.create_database("shop");
    server.query("shop", "CREATE TABLE t (n integer)");
    std::thread::scope(|scope| {
        let (engine, url) = (E::find().unwrap(), server.url("shop"));
        let in_use = format!("BEGIN; SELECT * FROM t; {};", E::SLEEP);
        let client = scope.spawn(move || engine.query(&url, &in_use));
        std::thread::sleep(Duration::from_millis(300));
        let started = Instant::now();
        server.drop_database("shop");
        assert!(started.elapsed() < Duration::from_secs(4));
        assert!(client.join().unwrap().is_err(), "it was not in use any more");
    });
}

fn takes_settings_and_says_which_are_wrong<E: Words>() {
    let with = |name: &str, value: &str| {
        let settings = vec![(name.to_owned(), value.to_owned())];
        Options { settings, ..volatile() }
    };
    let server = Server::<E>::start_with(with("max_connections", "17"));
    server.create_database("shop");
    assert_eq!(server.query("shop", E::ASK_FOR_SETTING), ["17"]);

    let panic = std::panic::catch_unwind(|| Server::<E>::start_with(with("no_such_setting", "1")));
    let message = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("doesn't start: exit status: "), "{message}");
    assert!(message.contains("no_such_setting") || message.contains("no-such-setting"), "{message}");
}

fn leaves_nothing_after_a_kill<E: Words>() {
    let mut server = Server::<E>::start();
    let (folder, port, segment) =
        (server.place().folder().to_path_buf(), server.place().port(), segment(&server));
    assert!(segment.iter().all(|number| segments().contains(number)));
    // Named memory of the other kind outlives processes, too.
    for process in processes_below(&folder) {
        let memory = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
        assert!(!memory.contains("/dev/shm/"), "{memory}");
    }
    server.kill();
    drop(server);
    assert_gone(&folder, port);
    assert!(!segment.is_some_and(|number| segments().contains(&number)));
}

fn leaves_nothing_after_a_panic<E: Words>() {
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let server = Server::<E>::start_with(volatile());
        sender
            .send((server.place().folder().to_path_buf(), server.place().port(), segment(&server)))
            .unwrap();
        panic!("a test that fails");
    });
    assert!(thread.join().is_err());
    let (folder, port, segment) = receiver.recv().unwrap();
    assert_gone(&folder, port);
    assert!(!segment.is_some_and(|number| segments().contains(&number)));
}

fn shared_databases_are_strangers<E: Words>() {
    let [one, other] = [E::shared(), E::shared()];
    assert_ne!(one.name(), other.name());
    for (database, value) in [(&one, "1"), (&other, "2")] {
        database.query(&format!("CREATE TABLE t (n integer); INSERT INTO t VALUES ({value});"));
    }
    assert_eq!(
        (one.query("SELECT n FROM t"), other.query("SELECT n FROM t")),
        (vec!["1".into()], vec!["2".into()])
    );

    let engine = E::find().unwrap();
    let gone = other.url();
    drop(other);
    assert!(engine.query(&gone, "SELECT 1").is_err());
    assert_eq!(engine.query(&one.url(), "SELECT 1"), Ok(vec!["1".into()]));
}

/// The program that `cargo xtask test` starts, in a folder for temporary files of its own.
fn servers(folder: &Path) -> (Child, Value) {
    // Servers don't run as root, and have to reach theirs below it.
    std::fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_servers"));
    program.env("TMPDIR", folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = program.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

fn answers(urls: &Value) -> [bool; 2] {
    let asked = |engine: &dyn Engine, variable: &str| {
        engine.query(urls[variable].as_str().unwrap(), "SELECT 1") == Ok(vec!["1".into()])
    };
    [
        asked(&Postgres::find().unwrap(), "MIGRATION_TEST_POSTGRES"),
        asked(&Mariadb::find().unwrap(), "MIGRATION_TEST_MARIADB"),
    ]
}

#[test]
fn the_program_ends_with_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let (mut program, urls) = servers(folder.path());
    assert_eq!(answers(&urls), [true; 2]);
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
    assert_eq!(answers(&urls), [false; 2]);
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn servers_end_with_a_starter_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut program, urls) = servers(folder.path());
    program.kill().unwrap();
    program.wait().unwrap();
    let killed = Instant::now();
    while folder.path().read_dir().unwrap().count() > 0 {
        assert!(killed.elapsed() < Duration::from_secs(20), "the folders are still there");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(answers(&urls), [false; 2]);
    assert_eq!(processes_below(folder.path()), [""; 0]);
}
