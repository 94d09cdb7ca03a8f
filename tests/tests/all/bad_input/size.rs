//! Large files and many of them.

use std::fmt::Write as _;
use std::fs;

use migration_tests::Project;

use super::{check_error, check_failure, check_ok, client, refused, shorten};

const MEGABYTE: usize = 1 << 20;

/// Runs it with no more memory than this, in MiB: address space, which what is used can't exceed.
#[track_caller]
fn runs_within(project: &Project, megabytes: usize, arguments: &[&str]) {
    let limit = format!("ulimit -v {}", megabytes * 1024);
    let output = project.migration(arguments).through(&limit).run();
    assert_eq!(
        output.code,
        Some(0),
        "{arguments:?} within {megabytes} MiB\nstdout: {}\nstderr: {}",
        shorten(&output.stdout),
        shorten(&output.stderr)
    );
}

#[test]
fn a_file_of_fifty_megabytes() {
    let project =
        Project::new("//- migrations/1_m.up.sql\nCREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT);\n");
    let body = "0123456789".repeat(10_000);
    let mut text = String::with_capacity(51 * MEGABYTE);
    for number in 0..500 {
        writeln!(text, "INSERT INTO t VALUES ({number}, '{body}');").unwrap();
    }
    assert!(text.len() > 50_000_000);
    fs::write(project.path("migrations/2_m.up.sql"), &text).unwrap();
    fs::write(project.path("migrations/2_m.down.sql"), "DELETE FROM t;").unwrap();
    runs_within(&project, 500, &["up", "--json"]);
    assert_eq!(client(&project, "SELECT count(*), sum(length(body)) FROM t"), "500|50000000\n");
    runs_within(&project, 500, &["status"]);
    runs_within(&project, 500, &["verify", "--json"]);
    let _ = check_ok(&project, &["down"]);

    // A mistake near its end is pointed at, not printed with all that stands before it.
    text.push_str("INSERT INTO nope VALUES (1);\n");
    fs::write(project.path("migrations/2_m.up.sql"), &text).unwrap();
    let report = check_failure(&project, &["up"], 7, "apply.statement_failed", &["`2_m`", "nope"]);
    assert_eq!(report["error"]["where"]["line"], 501, "{report:#}");
    assert_eq!(report["error"]["where"]["column"], 13, "{report:#}");
    assert_eq!(client(&project, "SELECT count(*) FROM t"), "0\n");
}

/// A project with one applied migration, and `text` in the file of the next.
fn with_second(text: impl AsRef<[u8]>) -> Project {
    let project = Project::new("//- migrations/1_m.up.sql\nCREATE TABLE t (id);\n");
    let _ = check_ok(&project, &["up"]);
    fs::write(project.path("migrations/2_m.up.sql"), text).unwrap();
    project
}

/// Fifty megabytes without a line end.
fn junk() -> String {
    "lorem ipsum dolor sit amet ".repeat(50 * MEGABYTE / 27)
}

#[test]
fn fifty_megabytes_of_nonsense_in_one_line() {
    let project = with_second(junk());
    let _ = check_failure(&project, &["up"], 7, "apply.statement_failed", &["`2_m`", "lorem"]);
    for command in [["status"].as_slice(), &["plan"], &["up", "--dry-run"]] {
        let output = project.migration(command).run().expect(0);
        assert!(output.stdout.len() < 10_000, "{command:?} prints {} bytes", output.stdout.len());
    }
}

#[test]
fn fifty_megabytes_of_one_word() {
    let project = with_second("x".repeat(50 * MEGABYTE));
    let _ = check_failure(&project, &["up"], 7, "apply.statement_failed", &["`2_m`"]);
}

#[test]
fn fifty_megabytes_of_a_string_that_never_ends() {
    let project = with_second(format!("SELECT '{}", junk()));
    let report = check_error(&project, &["up"], 2, "split.unterminated", &["2_m", "unterminated string"]);
    assert_eq!(report["error"]["where"]["column"], 8);
}

#[test]
fn fifty_megabytes_and_a_byte_that_is_not_utf8() {
    let project = with_second([junk().as_bytes(), b"\xff"].concat());
    let _ = check_error(&project, &["up"], 2, "load.not_utf8", &["2_m.up.sql"]);
}

/// A project with one JSON file.
fn with_json(text: &str) -> Project {
    let project = Project::new("");
    fs::write(project.path("migrations/1_m.json"), text).unwrap();
    project
}

#[test]
fn fifty_megabytes_of_json_that_never_ends() {
    let project = with_json(&format!("{{\"id\": \"1_m\", \"name\": \"{}", junk()));
    let _ = check_error(&project, &["up"], 2, "load.invalid_json", &["1_m.json"]);
}

#[test]
fn fifty_megabytes_of_an_id() {
    let project = with_json(&format!("{{\"id\": \"{}\", \"name\": \"m\", \"sql\": \"\"}}", junk()));
    let _ = check_error(&project, &["up"], 2, "load.invalid_id", &["1_m.json", "255 bytes"]);
}

#[test]
fn fifty_megabytes_of_a_name() {
    let text = format!("{{\"id\": \"1_m\", \"name\": \"{}\", \"sql\": \"SELECT 1\"}}", junk());
    let project = with_json(&text);
    let output = project.migration(&["status"]).run();
    super::assert_no_panic(&output);
    assert!(output.stdout.len() + output.stderr.len() < 10_000, "{} bytes on stdout", output.stdout.len());
}

#[test]
fn fifty_megabytes_of_a_key() {
    let text = format!("{{\"id\": \"1_m\", \"name\": \"m\", \"sql\": \"SELECT 1\", \"{}\": 1}}", junk());
    let output = with_json(&text).migration(&["status"]).run().expect(0);
    assert!(output.stdout.len() < 10_000, "a warning of {} bytes", output.stdout.len());
}

#[test]
fn a_hundred_thousand_migrations() {
    const MANY: usize = 100_000;
    let project =
        Project::new("//- migrations/000000_table.up.sql\nCREATE TABLE t (id INTEGER PRIMARY KEY);\n");
    for number in 1..MANY {
        let path = project.path("migrations").join(format!("{number:06}_row.up.sql"));
        fs::write(path, format!("INSERT INTO t VALUES ({number});\n")).unwrap();
    }
    let report = project.migration(&["up", "--json"]).run().expect(0).json();
    assert_eq!(report["data"]["results"].as_array().unwrap().len(), MANY);
    assert_eq!(client(&project, "SELECT count(*), max(id) FROM t"), format!("{}|{}\n", MANY - 1, MANY - 1));
    assert_eq!(client(&project, "SELECT count(*) FROM _migrations"), format!("{MANY}\n"));

    let status = project.migration(&["status", "--json"]).run().expect(0).json();
    let migrations = status["data"]["migrations"].as_array().unwrap();
    assert!(migrations.len() == MANY && migrations.iter().all(|m| m["status"] == "applied"));
    let again = project.migration(&["up", "--json"]).run().expect(0).json();
    assert_eq!(again["data"]["results"].as_array().unwrap().len(), 0);

    // One of them is gone, another one changed: named, and not a hundred thousand lines.
    fs::write(project.path("migrations/050000_row.up.sql"), "SELECT 1;\n").unwrap();
    let output = project.migration(&["up", "--json"]).run();
    let _ = refused(&output, 4, "history.changed", &["`050000_row`"]);
    fs::remove_file(project.path("migrations/050000_row.up.sql")).unwrap();
    let output = project.migration(&["up", "--json"]).run();
    let _ = refused(&output, 4, "history.missing_file", &["`050000_row`"]);
}

/// Writes JSON files of which each depends on the one before, and the first on `first`.
fn write_chain(project: &Project, length: usize, first: &str) {
    for number in 0..length {
        let on = if number == 0 { first.to_owned() } else { format!("\"m{:06}\"", number - 1) };
        let text = format!(
            "{{\"id\": \"m{number:06}\", \"name\": \"m\", \"sql\": \"SELECT {number}\", \"dependencies\": [{on}]}}\n"
        );
        fs::write(project.path("migrations").join(format!("m{number:06}.json")), text).unwrap();
    }
}

#[test]
fn a_chain_of_thirty_thousand() {
    // Deep enough for whoever walks the graph by recursion.
    const MANY: usize = 30_000;
    let project = Project::new("");
    write_chain(&project, MANY, "");
    let status = project.migration(&["status", "--json"]).run().expect(0).json();
    assert_eq!(status["data"]["migrations"].as_array().unwrap().len(), MANY);
    let plan = project.migration(&["plan", "--steps", "1", "--json"]).run().expect(0).json();
    assert_eq!(plan["data"]["migrations"][0]["id"], "m000000");
}

#[test]
fn a_ring_of_thousands_in_a_short_message() {
    let project = Project::new("");
    write_chain(&project, 3000, "\"m002999\"");
    let _ = check_error(&project, &["up"], 2, "load.cycle", &["m000000"]);
}

#[test]
fn thousands_of_missing_dependencies_in_a_short_message() {
    let project = Project::new("");
    let on: Vec<String> = (0..3000).map(|number| format!("\"gone{number}\"")).collect();
    write_chain(&project, 2, &on.join(", "));
    let _ = check_error(&project, &["up"], 2, "load.missing_dependency", &["m000000", "gone0"]);
}

#[test]
fn thousands_of_missing_files_in_a_short_message() {
    let project = with_second("CREATE TABLE u (id);\n");
    client(
        &project,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000) \
         INSERT INTO _migrations (id, name) SELECT 'gone_' || i, 'gone' FROM n",
    );
    let _ = check_error(&project, &["up"], 4, "history.missing_file", &["`gone_1`"]);
}

#[test]
fn thousands_of_changed_files_in_a_short_message() {
    let project = Project::new("");
    write_chain(&project, 1000, "");
    let _ = project.migration(&["up"]).run().expect(0);
    client(&project, "UPDATE _migrations SET checksum = '0123456789abcdef'");
    let _ = check_error(&project, &["up"], 4, "history.changed", &["`m000000`"]);
}
