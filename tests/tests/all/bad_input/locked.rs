//! A database that somebody else holds: waited for, and then said who it is.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use migration_tests::Project;
use serde_json::Value;

use super::{Tree, applied, check_ok, client, half_applied, refused, shown, state_of};

/// SQLite's own client in another process, in a transaction until it is released.
struct Holder {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Holder {
    /// Says this to the client, and waits until it is done.
    fn of(project: &Project, sql: &str) -> Self {
        let mut child = Command::new("sqlite3")
            .args(["-batch", "-bail"])
            .arg(project.path("app.db"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sqlite3 client, which `cargo xtask test` installs");
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut holder = Self { input: child.stdin.take(), child, output };
        holder.say(&format!(".timeout 10000\n{sql}"));
        holder
    }

    fn say(&mut self, sql: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{sql}\nSELECT 'done';").unwrap();
        let mut line = String::new();
        while line.trim() != "done" {
            line.clear();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the client failed");
        }
    }

    fn id(&self) -> String {
        format!("process {}", self.child.id())
    }

    fn release(mut self) {
        self.say("COMMIT;");
        self.input = None;
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.input = None;
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

const CODE: &str = "database.locked";

/// Waits for a second, then says who holds the lock, in both renderings; returns the report.
#[track_caller]
fn gives_up(project: &Project, arguments: &[&str], words: &[&str]) -> Value {
    let before = Tree::of(project.root());
    let arguments = [arguments, &["--lock-timeout", "1"]].concat();
    let started = Instant::now();
    let json = super::run_json(project, &arguments);
    assert!(started.elapsed() >= Duration::from_millis(900), "waited only {:?}", started.elapsed());
    assert!(started.elapsed() < Duration::from_secs(30), "waited {:?}", started.elapsed());
    let report = refused(&json, 7, CODE, words);
    before.assert_unchanged("though it is locked");
    shown(&project.migration(&arguments).run(), 7, CODE, words);
    before.assert_unchanged("though it is locked");
    report
}

#[test]
fn held_for_good() {
    let project = half_applied();
    let holder = Holder::of(&project, "BEGIN EXCLUSIVE;");
    let id = holder.id();
    for command in ["up", "down", "status", "verify", "dump"] {
        let report = gives_up(&project, &[command], &[&id, "sqlite3", "locked"]);
        if ["up", "down"].contains(&command) {
            assert_eq!(report["error"]["effects"]["state"], "none", "{report:#}");
        }
        assert!(report["error"]["message"].as_str().unwrap().contains("after 1"), "{report:#}");
    }
    holder.release();
    let _ = check_ok(&project, &["up"]);
}

#[test]
fn held_by_a_writer() {
    let project = half_applied();
    let holder = Holder::of(&project, "BEGIN IMMEDIATE; INSERT INTO users VALUES (2, 'two');");
    // To look is allowed meanwhile.
    for command in ["status", "plan", "verify", "dump"] {
        let _ = project.migration(&[command, "--lock-timeout", "1"]).run().expect(0);
    }
    let started = Instant::now();
    let output = super::run_json(&project, &["up", "--lock-timeout", "1"]);
    assert!(started.elapsed() >= Duration::from_millis(900));
    let report = refused(&output, 7, CODE, &[&holder.id(), "locked"]);
    assert_eq!(report["error"]["effects"]["state"], "none", "{report:#}");
    shown(&project.migration(&["up", "--lock-timeout", "1"]).run(), 7, CODE, &[&holder.id(), "locked"]);
    shown(&project.migration(&["up", "--dry-run", "--lock-timeout", "1"]).run(), 7, CODE, &[&holder.id()]);
    holder.release();
    assert_eq!(client(&project, "SELECT count(*) FROM users"), "2\n");
    assert_eq!(applied(&project), ["01_users"]);
    let _ = check_ok(&project, &["up"]);
}

#[test]
fn held_by_a_reader() {
    // Everything but the commit works.
    let project = half_applied();
    let holder = Holder::of(&project, "BEGIN; SELECT * FROM users;");
    let output = super::run_json(&project, &["up", "--lock-timeout", "1"]);
    let report = refused(&output, 7, CODE, &[&holder.id(), "locked"]);
    assert_eq!(report["error"]["effects"]["state"], "none", "{report:#}");
    shown(&project.migration(&["up", "--lock-timeout", "1"]).run(), 7, CODE, &[&holder.id(), "locked"]);
    assert_eq!(applied(&project), ["01_users"]);
    holder.release();
    super::assert_clean(&project);
    assert_eq!(client(&project, "SELECT count(*) FROM sqlite_schema WHERE name IN ('posts', 'tags')"), "0\n");
    let _ = check_ok(&project, &["up"]);
    assert_eq!(applied(&project).len(), 3);
}

#[test]
fn let_go_in_time() {
    for sql in ["BEGIN EXCLUSIVE;", "BEGIN IMMEDIATE;", "BEGIN; SELECT * FROM users;"] {
        let project = half_applied();
        let holder = Holder::of(&project, sql);
        std::thread::scope(|scope| {
            let run = scope.spawn(|| super::run_json(&project, &["up", "--lock-timeout", "60"]));
            std::thread::sleep(Duration::from_millis(700));
            assert!(!run.is_finished(), "nobody waited for {sql}");
            holder.release();
            let report = run.join().unwrap().expect(0).json();
            assert_eq!(report["data"]["effects"]["state"], "complete");
        });
        assert_eq!(applied(&project), ["01_users", "02_posts", "03_tags"]);
        super::assert_clean(&project);
    }
}

#[test]
fn taken_in_the_middle_of_a_run() {
    // The second statement takes a second: time for somebody to begin to read, and then it can't be committed.
    let slow = "CREATE TABLE one (id);\n\
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 8000000)\n\
                INSERT INTO one SELECT count(*) FROM n;\n\
                CREATE TABLE two (id);\n";
    let project = half_applied();
    fs::write(project.path("migrations/02_posts/up.sql"), slow).unwrap();
    fs::write(project.path("migrations/02_posts/metadata.toml"), "run_in_transaction = false\n").unwrap();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| super::run_json(&project, &["up", "--lock-timeout", "1"]));
        while client(&project, "SELECT count(*) FROM sqlite_schema WHERE name = 'one'") != "1\n" {
            assert!(!run.is_finished(), "{:?}", run.join());
            std::thread::sleep(Duration::from_millis(5));
        }
        let holder = Holder::of(&project, "BEGIN; SELECT * FROM users;");
        let report = refused(&run.join().unwrap(), 8, CODE, &[&holder.id(), "02_posts"]);
        let effects = &report["error"]["effects"];
        assert_eq!(effects["state"], "partial", "{report:#}");
        let expected = serde_json::json!({"02_posts": "partial", "03_tags": "not_run"});
        assert_eq!(effects["migrations"], expected, "{report:#}");
        holder.release();
    });
    super::assert_clean(&project);
    assert_eq!(state_of(&project, "02_posts"), "partial");
    assert_eq!(client(&project, "SELECT count(*) FROM one"), "0\n");
    let _ = check_ok(&project, &["up"]);
    assert_eq!(client(&project, "SELECT id FROM one"), "8000000\n");
    assert_eq!(applied(&project), ["01_users", "02_posts", "03_tags"]);
}

#[test]
fn held_by_another_run() {
    let project = half_applied();
    let path = project.path("app.db-migration-lock");
    let mut file = File::create(&path).unwrap();
    file.lock().unwrap();
    write!(file, "{}", std::process::id()).unwrap();
    let me = format!("process {}", std::process::id());
    let _ = gives_up(&project, &["up"], &[&me, "another run"]);
    // To look is allowed meanwhile.
    let _ = project.migration(&["status"]).run().expect(0);
    drop(file);
    // A file that a dead run left is no lock.
    let _ = check_ok(&project, &["up"]);
    assert!(!path.exists());
}

#[test]
fn a_lock_file_that_can_not_be_one() {
    let project = half_applied();
    fs::create_dir(project.path("app.db-migration-lock")).unwrap();
    let output = super::run_json(&project, &["up"]);
    let report = output.json();
    super::assert_no_panic(&output);
    assert!(output.code == Some(2) || output.code == Some(7), "{report:#}");
    assert!(report["error"].to_string().contains("app.db-migration-lock"), "{report:#}");
    assert_eq!(applied(&project), ["01_users"]);
}
