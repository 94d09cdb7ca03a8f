//! What stands in a file of the directory: malformed, not text, tampered with, or odd and fine.

use std::fs;

use migration_tests::Project;

use super::{Tree, applied, check_error, check_ok, client, half_applied, state_of};

/// A project with one applied migration and one more JSON file.
fn with_json(name: &str, text: &str) -> Project {
    let project = Project::new(
        "//- migrations/1_base.json\n{\"id\": \"1_base\", \"name\": \"base\", \"sql\": \"CREATE TABLE t (a)\"}\n",
    );
    let _ = check_ok(&project, &["up"]);
    fs::write(project.path("migrations").join(name), text).unwrap();
    project
}

/// The same, refused by every command that reads the directory.
#[track_caller]
fn json_is_refused(text: &str, code: &str, words: &[&str], place: Option<(u64, u64)>) {
    let project = with_json("2_x.json", text);
    for command in ["up", "status", "plan", "verify", "down"] {
        let report = check_error(&project, &[command], 2, code, &[&["migrations/2_x.json"], words].concat());
        let at = &report["error"]["where"];
        assert_eq!(at["file"], "migrations/2_x.json", "{report:#}");
        assert_eq!((at["line"].as_u64(), at["column"].as_u64()), (place.map(|p| p.0), place.map(|p| p.1)));
    }
}

#[test]
fn malformed_json() {
    let cases = [
        ("", (1, 1)),
        ("{", (1, 1)),
        ("not json", (1, 2)),
        ("{\"id\": \"2_x\",\n \"name\": \"x\"\n \"sql\": \"SELECT 1\"}", (3, 2)),
        ("{\"id\": \"2_x\", \"name\": \"x\", \"sql\": \"SELECT 1\"} more", (1, 47)),
        ("[1, 2]", (1, 1)),
        ("null", (1, 4)),
    ];
    for (text, place) in cases {
        let project = with_json("2_x.json", text);
        let words = ["migrations/2_x.json", "not a migration"];
        let report = check_error(&project, &["up"], 2, "load.invalid_json", &words);
        let line = report["error"]["where"]["line"].as_u64().unwrap();
        assert_eq!(line, place.0, "{text:?}: {report:#}");
    }
    json_is_refused(
        "{\"id\": \"2_x\",\n \"näme\": \"é\" oops}",
        "load.invalid_json",
        &["not a migration"],
        Some((2, 14)),
    );
}

#[test]
fn json_without_a_field_or_with_a_wrong_type() {
    let missing = "{\"id\": \"2_x\", \"sql\": \"SELECT 1\"}";
    json_is_refused(missing, "load.invalid_json", &["`name`"], Some((1, 32)));
    let project = with_json("2_x.json", "{\"id\": \"2_x\", \"name\": \"x\"}");
    let _ = check_error(&project, &["up"], 2, "load.invalid_json", &["2_x.json", "`sql`"]);
    for (field, value) in [
        ("sql", "[\"SELECT 1\"]"),
        ("sql", "null"),
        ("dependencies", "\"1_base\""),
        ("dependencies", "[1]"),
        ("rollback_sql", "{}"),
        ("checksum", "7"),
    ] {
        let sql = if field == "sql" { String::new() } else { "\"sql\": \"SELECT 1\", ".to_owned() };
        let text = format!("{{\"id\": \"2_x\", \"name\": \"x\", {sql}\"{field}\": {value}}}");
        let project = with_json("2_x.json", &text);
        let _ = check_error(&project, &["up"], 2, "load.invalid_json", &["2_x.json", "expected"]);
    }
    let twice = "{\"id\": \"2_x\", \"name\": \"x\", \"sql\": \"SELECT 1\", \"sql\": \"SELECT 2\"}";
    let project = with_json("2_x.json", twice);
    let _ = check_error(&project, &["up"], 2, "load.invalid_json", &["2_x.json", "sql"]);
}

#[test]
fn json_that_was_tampered_with() {
    let stated = "0123456789abcdef";
    let text = format!(
        "{{\"id\": \"2_x\", \"name\": \"x\", \"sql\": \"CREATE TABLE x (a)\", \"checksum\": \"{stated}\"}}"
    );
    json_is_refused(&text, "load.checksum_mismatch", &["changed after", stated], None);

    let project = with_json("2_x.json", &text);
    let report = check_error(&project, &["up"], 2, "load.checksum_mismatch", &[stated]);
    // The real one is named too, so that whoever meant it can compare.
    let message = report["error"]["message"].as_str().unwrap().to_owned();
    let right = "CREATE TABLE x (a)";
    let actual = migration_kit::model::Checksum::of(right).short().to_owned();
    assert!(message.contains(&actual), "{message}");
    fs::write(project.path("migrations/2_x.json"), text.replace(stated, &actual)).unwrap();
    let _ = check_ok(&project, &["up"]);
    assert_eq!(applied(&project), ["1_base", "2_x"]);
}

#[test]
fn json_with_the_id_of_another_file() {
    let project =
        with_json("2_x.json", "{\"id\": \"1_base\", \"name\": \"copy\", \"sql\": \"CREATE TABLE x (a)\"}");
    let _ = check_error(&project, &["up"], 2, "load.duplicate_id", &["1_base", "1_base.json", "2_x.json"]);
    let project =
        with_json("2_x.json", "{\"id\": \"2_y\", \"name\": \"y\", \"sql\": \"CREATE TABLE x (a)\"}");
    let _ = check_error(&project, &["up"], 2, "load.id_mismatch", &["2_x.json", "2_y"]);
}

#[test]
fn an_id_that_would_leave_the_directory() {
    for id in ["../../evil", "..", "/etc/passwd", "a/b", "a\\\\b", "", " 2", "a\\u0000b", "a\\nb"] {
        let text = format!("{{\"id\": \"{id}\", \"name\": \"x\", \"sql\": \"CREATE TABLE x (a)\"}}");
        let project = with_json("2_x.json", &text);
        let _ = check_error(&project, &["up"], 2, "load.invalid_id", &["migrations/2_x.json"]);
    }
    let long = "x".repeat(300);
    let text = format!("{{\"id\": \"{long}\", \"name\": \"x\", \"sql\": \"CREATE TABLE x (a)\"}}");
    let _ =
        check_error(&with_json("2_x.json", &text), &["up"], 2, "load.invalid_id", &["2_x.json", "255 bytes"]);
    // A dependency is an id as well; there is none of that name.
    let text = "{\"id\": \"2_x\", \"name\": \"x\", \"sql\": \"SELECT 1\", \"dependencies\": [\"../1_base\"]}";
    let words = ["2_x.json", "../1_base"];
    let _ = check_error(&with_json("2_x.json", text), &["up"], 2, "load.missing_dependency", &words);
}

#[test]
fn an_id_in_an_argument_that_would_leave_the_directory() {
    let project = half_applied();
    let id = "../../01_users";
    for arguments in [
        ["up", "--to", id],
        ["down", "--to", id],
        ["plan", "--to", id],
        ["repair", "--accept", id],
        ["repair", "--mark-applied", id],
        ["repair", "--mark-pending", id],
    ] {
        let _ = check_error(&project, &arguments, 2, "plan.unknown_migration", &[id]);
    }
}

#[test]
fn a_name_that_would_leave_the_directory() {
    let project = half_applied();
    for name in ["../evil", "a/b", "", "  ", "a\\b"] {
        let _ = check_error(&project, &["new", name], 2, "new.invalid_name", &[]);
    }
    let _ = check_error(&project, &["new", &"x".repeat(300)], 2, "new.invalid_name", &["xxx"]);
}

#[test]
fn malformed_metadata() {
    let cases = [
        ("run_in_transaction = \n", 1, 22, ""),
        ("run_in_transaction = true\ndescription = \"é\" oops\n", 2, 19, ""),
        ("run_in_transaction = \"no\"\n", 1, 22, "boolean"),
        ("run_in_transaction = true\ndepends_on = \"01_users\"\n", 2, 14, "sequence"),
        ("run_in_transaction = true\nrun_in_transaction = true\n", 2, 1, "duplicate"),
        ("= 1\n", 1, 1, ""),
    ];
    for (text, line, column, word) in cases {
        let project = half_applied();
        fs::write(project.path("migrations/02_posts/metadata.toml"), text).unwrap();
        let words = ["migrations/02_posts/metadata.toml", word];
        for command in ["up", "status", "plan", "down", "verify"] {
            let report = check_error(&project, &[command], 2, "load.invalid_toml", &words);
            let at = &report["error"]["where"];
            assert_eq!((&at["line"], &at["column"]), (&line.into(), &column.into()), "{text:?}: {report:#}");
        }
    }
}

#[test]
fn metadata_with_a_key_that_nobody_knows_is_a_warning() {
    let project = half_applied();
    let text = "run_in_transaction = true\nrun_in_transction = false\n";
    fs::write(project.path("migrations/02_posts/metadata.toml"), text).unwrap();
    let status = check_ok(&project, &["status"]);
    let warnings = status["data"]["warnings"].to_string();
    assert!(warnings.contains("run_in_transction") && warnings.contains("metadata.toml"), "{warnings}");
    let _ = check_ok(&project, &["up"]);
}

#[test]
fn a_file_that_is_not_utf8() {
    let project = half_applied();
    // `é` in Latin-1, in the second line.
    fs::write(project.path("migrations/02_posts/up.sql"), b"CREATE TABLE posts (a);\n-- caf\xe9\n").unwrap();
    for command in ["up", "status", "plan", "verify", "down"] {
        let words = ["migrations/02_posts/up.sql", "UTF-8", "line 2, column 7"];
        let report = check_error(&project, &[command], 2, "load.not_utf8", &words);
        assert_eq!(report["error"]["where"]["line"], 2);
        assert_eq!(report["error"]["where"]["column"], 7);
    }
    for (name, bytes) in [
        ("down.sql", b"\xff\xfeD\0R\0O\0P\0".as_slice()),
        ("metadata.toml", b"description = \"\xff\"\n".as_slice()),
    ] {
        let project = half_applied();
        fs::write(project.path("migrations/02_posts").join(name), bytes).unwrap();
        let _ = check_error(&project, &["up"], 2, "load.not_utf8", &["migrations/02_posts", name, "UTF-8"]);
    }
    let project = with_json("2_x.json", "");
    fs::write(
        project.path("migrations/2_x.json"),
        b"{\"id\": \"2_x\", \"name\": \"\xff\", \"sql\": \"SELECT 1\"}",
    )
    .unwrap();
    let _ = check_error(&project, &["up"], 2, "load.not_utf8", &["2_x.json", "UTF-8"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let project = half_applied();
    let folder = project.path("migrations").join(std::ffi::OsStr::from_bytes(b"04_caf\xe9"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("up.sql"), "CREATE TABLE x (a);").unwrap();
    let _ = check_error(&project, &["up"], 2, "load.not_utf8", &["04_caf", "UTF-8"]);
}

/// The same migrations, written in another way: applied as they are, and the same as the plain ones.
#[track_caller]
fn written_differently(rewrite: impl Fn(&str) -> String) {
    let up = "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);\nINSERT INTO notes VALUES (1, 'é');\n\n-- end\n";
    let down = "DROP TABLE notes;\n";
    let metadata = "run_in_transaction = true\ndescription = \"notes\"\n";
    let plain = Project::new(&format!(
        "//- migrations/04_notes/up.sql\n{up}//- migrations/04_notes/down.sql\n{down}\
         //- migrations/04_notes/metadata.toml\n{metadata}"
    ));
    let other = Project::new("//- migrations/04_notes/up.sql\n");
    for (name, text) in [("up.sql", up), ("down.sql", down), ("metadata.toml", metadata)] {
        fs::write(other.path("migrations/04_notes").join(name), rewrite(text)).unwrap();
    }
    for project in [&plain, &other] {
        let _ = check_ok(project, &["up"]);
    }
    let checksum = |project: &Project| client(project, "SELECT checksum FROM _migrations");
    assert_eq!(checksum(&plain), checksum(&other));
    let status = |project: &Project| {
        let mut status = check_ok(project, &["status"])["data"]["migrations"][0].clone();
        status["applied_at"].take();
        status["execution_time_ms"].take();
        status
    };
    assert_eq!(status(&plain), status(&other));

    // One may be rewritten as the other after it was applied, as git does on Windows.
    fs::write(plain.path("migrations/04_notes/up.sql"), rewrite(up)).unwrap();
    assert_eq!(state_of(&plain, "04_notes"), "applied");
    let _ = check_ok(&plain, &["verify"]);
    assert_eq!(client(&other, "SELECT body FROM notes"), "é\n");
    let _ = check_ok(&other, &["redo"]);
    let _ = check_ok(&other, &["down"]);
    assert_eq!(client(&other, "SELECT name FROM sqlite_schema WHERE name = 'notes'"), "");
}

#[test]
fn a_byte_order_mark() {
    written_differently(|text| format!("\u{feff}{text}"));
}

#[test]
fn windows_line_ends() {
    written_differently(|text| text.replace('\n', "\r\n"));
}

#[test]
fn both() {
    written_differently(|text| format!("\u{feff}{}", text.replace('\n', "\r\n")));
}

#[test]
fn json_with_a_byte_order_mark_and_windows_line_ends() {
    let text =
        "\u{feff}{\r\n  \"id\": \"2_x\",\r\n  \"name\": \"x\",\r\n  \"sql\": \"CREATE TABLE x (a)\"\r\n}\r\n";
    let project = with_json("2_x.json", text);
    let _ = check_ok(&project, &["up"]);
    let stored = client(&project, "SELECT checksum FROM _migrations WHERE id = '2_x'");
    assert_eq!(stored.trim(), migration_kit::model::Checksum::of("CREATE TABLE x (a)").as_str());
}

#[test]
fn places_in_a_file_with_a_byte_order_mark_and_windows_line_ends() {
    let project = half_applied();
    let up = project.path("migrations/02_posts/up.sql");
    for (text, line, column) in
        [("\u{feff}SELECT nope;\n", 1, 8), ("\u{feff}-- é\r\nSELECT 1;\r\n  SELECT 'é', nope;\r\n", 3, 15)]
    {
        fs::write(&up, text).unwrap();
        let before = Tree::of(project.root());
        let report =
            super::check_failure(&project, &["up"], 7, "apply.statement_failed", &["nope", "02_posts"]);
        let at = &report["error"]["where"];
        assert_eq!((&at["line"], &at["column"]), (&line.into(), &column.into()), "{text:?}: {report:#}");
        before.assert_unchanged("by a run that failed");
    }
}

/// Names that are awkward for a shell, for SQL, for JSON, for a terminal and for a format string.
const AWKWARD: [&str; 6] = [
    "it's \"quoted\" 🚀",
    "'; DROP TABLE _migrations; --",
    "$(touch evil) `touch evil`",
    "100% {} {0} %s \\_n",
    "-rf --all",
    "数据 naïve \u{202e}abc",
];

#[test]
fn names_with_quotes_and_emoji() {
    for name in AWKWARD {
        let name = name.replace('\\', "|");
        let (first, second) = (format!("01_{name}"), format!("02_{name}"));
        let project = Project::new(&format!(
            "//- migrations/{first}/up.sql\nCREATE TABLE a (id);\n//- migrations/{first}/down.sql\nDROP TABLE a;\n\
             //- migrations/{second}/up.sql\nCREATE TABLE b (id);\n//- migrations/{second}/down.sql\nDROP TABLE b;\n"
        ));
        fs::write(
            project.path("migrations").join(&second).join("metadata.toml"),
            format!("run_in_transaction = true\ndepends_on = ['''{first}''']\n"),
        )
        .unwrap();
        let _ = check_ok(&project, &["plan"]);
        let _ = check_ok(&project, &["up"]);
        assert_eq!(applied(&project), [first.as_str(), &second]);
        assert_eq!(
            (state_of(&project, &first), state_of(&project, &second)),
            ("applied".into(), "applied".into())
        );
        let shown = project.migration(&["status"]).run().expect(0).stdout;
        assert!(shown.contains("01_") && shown.contains("02_"), "{shown}");
        let _ = check_ok(&project, &["verify"]);
        let _ = check_ok(&project, &["redo"]);
        let _ = check_ok(&project, &["down", "--to", &first]);
        assert_eq!(applied(&project), [first.as_str()]);
        let _ = check_ok(&project, &["up", "--to", &second]);

        // The advice about it is a command that a shell reads as it is meant.
        let edited = "CREATE TABLE b (id, x);\n";
        fs::write(project.path("migrations").join(&second).join("up.sql"), edited).unwrap();
        let report = check_error(&project, &["up"], 4, "history.changed", &[&second]);
        let command = report["next_actions"][0]["command"].as_str().unwrap();
        let _ = project.migration(&[]).line(command).run().expect(0);
        assert_eq!(state_of(&project, &second), "applied");
        let _ = check_ok(&project, &["down", "--all"]);
        assert_eq!(applied(&project), [""; 0]);
        assert!(!project.path("evil").exists());
    }
}

#[test]
fn a_new_migration_with_quotes_and_emoji() {
    for layout in ["dbmate", "diesel", "json", "golang-migrate", "goose", "sqlx"] {
        for name in AWKWARD.into_iter().filter(|name| !name.contains('\\')) {
            let project = Project::new("");
            let (up, down) = ("CREATE TABLE a (id);", "DROP TABLE a;");
            let new = ["new", "--layout", layout, "--sql", up, "--rollback-sql", down, "--", name];
            let _ = check_ok(&project, &new);
            let _ = check_ok(&project, &["up"]);
            let id = applied(&project).remove(0);
            assert_eq!(state_of(&project, &id), "applied");
            let _ = check_ok(&project, &["down"]);
        }
    }
}
