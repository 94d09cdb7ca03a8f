//! Scripts that hold nothing, end early, or begin and end transactions in ways that don't add up.

use std::fs;

use migration_tests::Project;

use super::{applied, check_error, check_failure, check_ok, client, dump, half_applied, state_of};

/// The project of three migrations with another text for the second.
fn with_second(up: impl AsRef<[u8]>) -> Project {
    let project = half_applied();
    fs::write(project.path("migrations/02_posts/up.sql"), up).unwrap();
    project
}

#[test]
fn scripts_without_a_statement() {
    for text in [
        "",
        "\n\n",
        "-- nothing yet",
        "/* nothing\n yet */\n-- at all\n",
        ";;\n;",
        "\u{feff}",
        "\u{feff}\r\n",
    ] {
        let project = with_second(text);
        fs::write(project.path("migrations/02_posts/down.sql"), text).unwrap();
        let report = check_ok(&project, &["up", "--to", "02_posts"]);
        let result = &report["data"]["results"][0];
        assert_eq!(result["migration_id"], "02_posts", "{report:#}");
        assert_eq!(
            (&result["status"], &result["progress"]),
            (&"completed".into(), &1.0.into()),
            "{report:#}"
        );
        assert_eq!(applied(&project), ["01_users", "02_posts"]);
        let report = check_ok(&project, &["down"]);
        let warnings = report["data"]["warnings"].to_string();
        assert!(warnings.contains("02_posts") && warnings.contains("no statement"), "{warnings}");
        assert_eq!(applied(&project), ["01_users"]);
    }
}

#[test]
fn a_script_without_a_last_semicolon() {
    for end in ["", "\n", " -- the end", " /* the end", "\n;\n;"] {
        let project = with_second(format!("CREATE TABLE posts (id);\nINSERT INTO posts VALUES (';'){end}"));
        let _ = check_ok(&project, &["up"]);
        assert_eq!(client(&project, "SELECT id FROM posts"), ";\n");
        assert_eq!(applied(&project), ["01_users", "02_posts", "03_tags"]);
    }
}

#[test]
fn a_missing_down_script() {
    let project = half_applied();
    fs::remove_file(project.path("migrations/02_posts/down.sql")).unwrap();
    let _ = check_ok(&project, &["up"]);
    // The newest has one; those that don't must not be found out halfway.
    let _ = check_error(&project, &["down", "--all"], 2, "plan.irreversible", &["`02_posts`"]);
    let _ = check_error(&project, &["down", "--steps", "2"], 2, "plan.irreversible", &["`02_posts`"]);
    let _ = check_error(&project, &["down", "--all", "--dry-run"], 2, "plan.irreversible", &["`02_posts`"]);
    let _ = check_error(&project, &["plan", "--down", "--all"], 2, "plan.irreversible", &["`02_posts`"]);
    let _ = check_ok(&project, &["down"]);
    let _ = check_error(&project, &["down"], 2, "plan.irreversible", &["`02_posts`"]);
    let _ = check_error(&project, &["redo"], 2, "plan.irreversible", &["`02_posts`"]);
    assert_eq!(applied(&project), ["01_users", "02_posts"]);

    let json =
        "{\"id\": \"1_a\", \"name\": \"a\", \"sql\": \"CREATE TABLE a (id)\", \"rollback_sql\": null}\n";
    let project = Project::new(&format!("//- migrations/1_a.json\n{json}"));
    let _ = check_ok(&project, &["up"]);
    let _ = check_error(&project, &["down"], 2, "plan.irreversible", &["`1_a`"]);
}

#[test]
fn a_nul_byte() {
    for (text, line) in [
        ("CREATE TABLE posts (id);\nINSERT INTO posts\n  VALUES ('a\0b');\n", 3),
        ("CREATE TABLE posts (id)\0; DROP TABLE users;\n", 1),
        ("-- a comment\n-- with \0 in it\nCREATE TABLE posts (id);\n", 2),
    ] {
        let project = with_second(text);
        let before = dump(&project);
        let output = project.migration(&["up", "--json"]).run();
        let report = output.json();
        // In a comment it does no harm; anywhere else SQLite would take it for the end of the text.
        if output.code == Some(0) {
            assert!(text.starts_with("--"), "{report:#}");
            assert_eq!(applied(&project), ["01_users", "02_posts", "03_tags"]);
            continue;
        }
        assert!([Some(2), Some(7)].contains(&output.code), "{report:#}");
        assert_eq!(report["error"]["where"]["line"], line, "{report:#}");
        assert!(
            report["error"]["where"]["file"].as_str().unwrap().ends_with("02_posts/up.sql"),
            "{report:#}"
        );
        let said = format!("{} {}", report["error"]["message"], report["error"]["why"]);
        assert!(said.contains("NUL"), "the error doesn't say what is wrong: {said}");
        assert_eq!(dump(&project), before);
    }
}

#[test]
fn what_is_never_ended() {
    for (text, line, column, word) in [
        (
            "CREATE TABLE posts (id);\nINSERT INTO posts VALUES ('it''s\n open);\n",
            2,
            27,
            "unterminated string",
        ),
        ("CREATE TABLE \"posts (id);\n", 1, 14, "unterminated quoted identifier"),
        ("-- é\nSELECT 'é', [open;\n", 2, 13, "unterminated quoted identifier"),
        ("\u{feff}SELECT 'open", 1, 8, "unterminated string"),
        (
            "CREATE TABLE posts (id);\r\n\r\n  CREATE TRIGGER x AFTER INSERT ON posts BEGIN SELECT 1;\r\n",
            3,
            3,
            "END",
        ),
    ] {
        let project = with_second(text);
        for command in ["up", "plan"] {
            let report = check_error(&project, &[command], 2, "split.unterminated", &["02_posts", word]);
            let at = &report["error"]["where"];
            assert_eq!((&at["line"], &at["column"]), (&line.into(), &column.into()), "{text:?}: {report:#}");
            assert!(at["file"].as_str().unwrap().ends_with("02_posts/up.sql"));
        }
        // It stands in nobody's way before its turn.
        let _ = check_ok(&project, &["status"]);
    }
    // In a down part it is found before anything is rolled back.
    let project = half_applied();
    let _ = check_ok(&project, &["up"]);
    fs::write(project.path("migrations/01_users/down.sql"), "DROP TABLE \"users;\n").unwrap();
    let _ = check_error(&project, &["down", "--all"], 2, "split.unterminated", &["01_users/down.sql"]);
}

#[test]
fn transactions_that_do_not_add_up() {
    for (text, line) in [
        ("BEGIN;\nCREATE TABLE posts (id);\n", 1),
        ("CREATE TABLE posts (id);\nCOMMIT;\n", 2),
        ("CREATE TABLE posts (id);\n\nROLLBACK;\n", 3),
        ("BEGIN;\nBEGIN;\nCREATE TABLE posts (id);\nCOMMIT;\nCOMMIT;\n", 2),
        ("BEGIN;\nCREATE TABLE posts (id);\nCOMMIT;\nEND TRANSACTION;\n", 4),
    ] {
        let project = with_second(text);
        for command in ["up", "plan"] {
            let words = ["02_posts", "migrations/02_posts/up.sql"];
            let report = check_error(&project, &[command], 2, "plan.transaction_control", &words);
            assert_eq!(report["error"]["where"]["line"], line, "{text:?}: {report:#}");
        }
        // What comes before it can still be done.
        let _ = check_ok(&project, &["up", "--to", "01_users"]);
    }
}

#[test]
fn transactions_of_its_own() {
    for text in [
        "BEGIN;\nCREATE TABLE posts (id);\nCOMMIT;\n",
        "begin exclusive transaction;\nCREATE TABLE posts (id);\nend;\n",
        "CREATE TABLE posts (id);\nBEGIN;\nDROP TABLE users;\nROLLBACK;\n",
        "SAVEPOINT a;\nCREATE TABLE posts (id);\nRELEASE a;\n",
    ] {
        let project = with_second(text);
        let _ = check_ok(&project, &["up"]);
        assert_eq!(client(&project, "SELECT count(*) FROM users, posts"), "0\n", "{text}");
        assert_eq!(applied(&project), ["01_users", "02_posts", "03_tags"]);
    }
}

#[test]
fn savepoints_that_do_not_add_up() {
    for text in [
        "SAVEPOINT mine;\nCREATE TABLE posts (id);\n",
        "RELEASE mine;\nCREATE TABLE posts (id);\n",
        "SAVEPOINT mine;\nCREATE TABLE posts (id);\nRELEASE mine;\nRELEASE mine;\n",
    ] {
        all_or_nothing(text);
    }
}

#[test]
fn savepoints_that_are_not_its_own() {
    for text in [
        "RELEASE migration_savepoint;\nCREATE TABLE posts (id);\n",
        "CREATE TABLE posts (id);\nROLLBACK TO migration_savepoint;\n",
        "CREATE TABLE posts (id);\nRELEASE migration_savepoint;\nSAVEPOINT migration_savepoint;\n",
    ] {
        all_or_nothing(text);
    }
}

/// Whatever is made of such a script, it is done as a whole or not at all, and that is what is said.
#[track_caller]
fn all_or_nothing(text: &str) {
    let project = with_second(text);
    let before = dump(&project);
    let output = project.migration(&["up", "--json"]).run();
    super::assert_no_panic(&output);
    super::assert_clean(&project);
    let report = output.json();
    let posts = client(&project, "SELECT count(*) FROM sqlite_schema WHERE name = 'posts'");
    match output.code {
        Some(0) => {
            assert_eq!(posts, "1\n", "{text}: {report:#}");
            assert_eq!(applied(&project), ["01_users", "02_posts", "03_tags"], "{text}");
        }
        Some(2 | 7) => {
            assert_eq!(dump(&project), before, "{text}: {report:#}");
            assert_eq!(report["error"]["effects"]["state"], "none", "{text}: {report:#}");
        }
        code => panic!("{text}: {code:?} {report:#}"),
    }
}

#[test]
fn words_that_are_no_sql() {
    for (text, word) in
        [("hello world;\n", "hello"), ("CREATE TABL posts (id);\n", "TABL"), (".tables\n", ".")]
    {
        let project = with_second(text);
        let report = check_failure(&project, &["up"], 7, "apply.statement_failed", &["02_posts", word]);
        assert_eq!(report["error"]["where"]["line"], 1);
        assert_eq!(state_of(&project, "02_posts"), "pending");
    }
}
