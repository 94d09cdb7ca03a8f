//! A migration that fails: what is in effect afterwards, what is said about it, and where it points.

use std::fs;

use migration_tests::Project;
use serde_json::{Value, json};

use super::{applied, check_error, check_failure, check_ok, client, dump, half_applied, state_of};

const FAILED: &str = "apply.statement_failed";

/// A project with these up scripts (`1`, `2`, …), and down scripts that do nothing.
fn project(scripts: &[&str]) -> Project {
    let project = Project::new("");
    for (place, up) in scripts.iter().enumerate() {
        let number = place + 1;
        project.write(&format!(
            "//- migrations/{number}_m/up.sql\n{up}\n//- migrations/{number}_m/down.sql\nSELECT 1;\n"
        ));
    }
    project
}

/// What is said of each migration of the run.
fn effects(report: &Value) -> Vec<(String, String)> {
    let migrations = report["error"]["effects"]["migrations"].as_object().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let effects: Vec<_> = migrations.iter().map(|(id, effect)| (id.clone(), text(effect))).collect();
    // The results tell the same story.
    for (id, effect) in &effects {
        let results = report["data"]["results"].as_array().unwrap();
        let result = results.iter().find(|result| result["migration_id"] == **id).unwrap();
        let expected = match effect.as_str() {
            "applied" => ["completed"].as_slice(),
            "not_run" => &["pending"],
            "rolled_back" => &["failed", "rolled_back", "pending"],
            "partial" => &["failed"],
            other => panic!("{other}: {report:#}"),
        };
        assert!(expected.contains(&result["status"].as_str().unwrap()), "{id} is {effect}: {report:#}");
    }
    effects
}

#[track_caller]
fn assert_effects(report: &Value, state: &str, expected: &[(&str, &str)]) {
    assert_eq!(report["error"]["effects"]["state"], state, "{report:#}");
    let expected: Vec<_> = expected.iter().map(|(id, e)| ((*id).to_owned(), (*e).to_owned())).collect();
    assert_eq!(effects(report), expected, "{report:#}");
}

const ONE: &str = "CREATE TABLE one (id INTEGER PRIMARY KEY);\nINSERT INTO one VALUES (1);";
const BROKEN: &str = "CREATE TABLE two (id);\nINSERT INTO two VALUES (1);\nINSERT INTO nope VALUES (1);";
const THREE: &str = "CREATE TABLE three (id);";

#[test]
fn in_the_middle_of_a_group() {
    for arguments in [["up"].as_slice(), &["up", "--commit-each"]] {
        let project = project(&[ONE, ONE.replace("one", "uno").as_str(), BROKEN, THREE]);
        let report =
            check_failure(&project, arguments, 8, FAILED, &["`3_m`", "nope", "migrations/3_m/up.sql"]);
        let expected = [("1_m", "applied"), ("2_m", "applied"), ("3_m", "rolled_back"), ("4_m", "not_run")];
        assert_effects(&report, "partial", &expected);
        let place = json!({"file": "migrations/3_m/up.sql", "line": 3, "column": 13, "statement": 3});
        assert_eq!(report["error"]["where"], place);
        assert_eq!(report["error"]["database"], json!({"engine": "sqlite", "sqlstate": null}));
        assert_eq!(applied(&project), ["1_m", "2_m"]);
        assert_eq!(
            client(&project, ".tables").split_whitespace().collect::<Vec<_>>(),
            ["_migration_journal", "_migrations", "one", "uno"]
        );
        assert_eq!(state_of(&project, "3_m"), "pending");

        fs::write(project.path("migrations/3_m/up.sql"), "CREATE TABLE two (id);\n").unwrap();
        let _ = check_ok(&project, &["up"]);
        assert_eq!(applied(&project).len(), 4);
    }
}

#[test]
fn the_first_one() {
    for arguments in [["up"].as_slice(), &["up", "--commit-each"], &["up", "--atomic"]] {
        let project = project(&[BROKEN, THREE]);
        let report = check_failure(&project, arguments, 7, FAILED, &["`1_m`", "nope"]);
        assert_effects(&report, "none", &[("1_m", "rolled_back"), ("2_m", "not_run")]);
        assert_eq!(dump(&project), dump(&Project::new("//- app.db\n")), "the database is not empty any more");
    }
    let project = half_applied();
    fs::write(project.path("migrations/02_posts/up.sql"), BROKEN).unwrap();
    let before = fs::read(project.path("app.db")).unwrap();
    let report = check_failure(&project, &["up"], 7, FAILED, &["`02_posts`", "nope"]);
    assert_effects(&report, "none", &[("02_posts", "rolled_back"), ("03_tags", "not_run")]);
    assert_eq!(fs::read(project.path("app.db")).unwrap(), before);
}

#[test]
fn all_or_nothing() {
    let project = project(&[ONE, THREE, BROKEN]);
    let report = check_failure(&project, &["up", "--atomic"], 7, FAILED, &["`3_m`", "nope"]);
    let undone = [("1_m", "rolled_back"), ("2_m", "rolled_back"), ("3_m", "rolled_back")];
    assert_effects(&report, "none", &undone);
    assert_eq!(client(&project, ".tables"), "");
}

#[test]
fn all_or_nothing_where_that_can_not_be_had() {
    let project = project(&[ONE, "VACUUM;", THREE]);
    let _ = check_error_but_for_the_file(&project, &["up", "--atomic"], "plan.not_atomic", &["`2_m`"]);
    assert_eq!(client(&project, ".tables"), "");
    let _ = check_ok(&project, &["up"]);
}

/// As `check_error`, where there is no database yet: an empty one may come to be.
#[track_caller]
fn check_error_but_for_the_file(project: &Project, arguments: &[&str], code: &str, words: &[&str]) -> Value {
    fs::write(project.path("app.db"), "").unwrap();
    check_error(project, arguments, 2, code, words)
}

#[test]
fn on_the_way_down() {
    let project = project(&[ONE, THREE, "CREATE TABLE four (id);"]);
    let _ = check_ok(&project, &["up"]);
    fs::write(project.path("migrations/2_m/down.sql"), "DROP TABLE three;\nDROP TABLE trhee;\n").unwrap();
    fs::write(project.path("migrations/3_m/down.sql"), "DROP TABLE four;\n").unwrap();
    let report = check_failure(
        &project,
        &["down", "--all"],
        8,
        FAILED,
        &["`2_m`", "trhee", "migrations/2_m/down.sql"],
    );
    assert_eq!(report["error"]["effects"]["state"], "partial");
    let place = json!({"file": "migrations/2_m/down.sql", "line": 2, "column": 12, "statement": 2});
    assert_eq!(report["error"]["where"], place);
    assert_eq!(applied(&project), ["1_m", "2_m"]);
    assert_eq!(
        client(&project, ".tables").split_whitespace().collect::<Vec<_>>(),
        ["_migration_journal", "_migrations", "one", "three"]
    );
    let expected = [("1_m", "not_run"), ("2_m", "applied"), ("3_m", "rolled_back")];
    let effects = report["error"]["effects"]["migrations"].as_object().unwrap();
    for (id, effect) in expected {
        assert!(effects[id] == effect || id == "1_m" && effects[id] == "applied", "{id}: {report:#}");
    }
}

#[test]
fn a_redo_that_fails_halfway() {
    let project = half_applied();
    fs::write(project.path("migrations/01_users/down.sql"), "DROP TABLE users;\n").unwrap();
    // Applied once it was fine; the second time its seed is in the way.
    client(&project, "CREATE TABLE log (x)");
    let up = project.path("migrations/02_posts/up.sql");
    fs::write(&up, "CREATE TABLE posts (id);\nCREATE TABLE keep (id);\n").unwrap();
    let _ = check_ok(&project, &["up", "--to", "02_posts"]);
    let output = project.migration(&["redo", "--json"]).run();
    super::assert_no_panic(&output);
    let report = output.json();
    // `keep` is not dropped by the down part: the up part fails, and what is in effect is said.
    assert_eq!(report["error"]["code"], FAILED, "{report:#}");
    assert_eq!(output.code, Some(8), "{report:#}");
    assert_eq!(applied(&project), ["01_users"]);
    assert_eq!(client(&project, "SELECT count(*) FROM sqlite_schema WHERE name = 'posts'"), "0\n");
    assert_eq!(report["error"]["effects"]["migrations"]["02_posts"], "rolled_back", "{report:#}");
}

#[test]
fn a_foreign_key_that_is_checked_at_the_commit() {
    let child = "CREATE TABLE child (p INTEGER REFERENCES one (id) DEFERRABLE INITIALLY DEFERRED);\n";
    let orphan = "INSERT INTO child VALUES (77);";
    for arguments in [["up"].as_slice(), &["up", "--commit-each"]] {
        let project = project(&[ONE, child, orphan, THREE]);
        let report = check_failure(&project, arguments, 8, FAILED, &["`3_m`", "FOREIGN KEY"]);
        let expected = [("1_m", "applied"), ("2_m", "applied"), ("3_m", "rolled_back"), ("4_m", "not_run")];
        assert_effects(&report, "partial", &expected);
        assert_eq!(client(&project, "SELECT count(*) FROM child"), "0\n");
        assert_eq!(applied(&project), ["1_m", "2_m"]);
    }
    let project = project(&[ONE, child, orphan, THREE]);
    let report = check_failure(&project, &["up", "--atomic"], 7, FAILED, &["FOREIGN KEY"]);
    assert_eq!(report["error"]["effects"]["state"], "none");
    assert_eq!(client(&project, ".tables"), "");
}

#[test]
fn a_violation_that_the_next_migration_would_mend() {
    // A shared commit must not let pass what a commit of its own would not.
    let child = "CREATE TABLE child (p INTEGER REFERENCES one (id) DEFERRABLE INITIALLY DEFERRED);\n";
    let scripts = [ONE, child, "INSERT INTO child VALUES (77);", "INSERT INTO one VALUES (77);"];
    let outcomes = [["up"].as_slice(), &["up", "--commit-each"]].map(|arguments| {
        let project = project(&scripts);
        let output = project.migration(arguments).run();
        (output.code, applied(&project))
    });
    assert_eq!(outcomes[0], outcomes[1]);
}

#[test]
fn a_conflict_that_ends_the_whole_transaction() {
    for two in [
        "INSERT OR ROLLBACK INTO one VALUES (1);",
        "CREATE TABLE u (id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK);\nINSERT INTO u VALUES (1), (1);",
        "CREATE TRIGGER no BEFORE INSERT ON one BEGIN SELECT RAISE(ROLLBACK, 'UNIQUE enough'); END;\n\
         INSERT INTO one VALUES (2);",
    ] {
        for arguments in [["up"].as_slice(), &["up", "--commit-each"]] {
            let project = project(&[ONE, two, THREE]);
            let report = check_failure(&project, arguments, 8, FAILED, &["`2_m`", "UNIQUE"]);
            assert_effects(
                &report,
                "partial",
                &[("1_m", "applied"), ("2_m", "rolled_back"), ("3_m", "not_run")],
            );
            assert_eq!(client(&project, "SELECT id FROM one"), "1\n");
            let tables = client(&project, ".tables");
            assert_eq!(
                tables.split_whitespace().collect::<Vec<_>>(),
                ["_migration_journal", "_migrations", "one"]
            );
            let line = two.lines().count();
            assert_eq!(report["error"]["where"]["line"], line, "{report:#}");
        }
        let project = project(&[ONE, two, THREE]);
        let report = check_failure(&project, &["up", "--atomic"], 7, FAILED, &["`2_m`", "UNIQUE"]);
        assert_eq!(report["error"]["effects"]["state"], "none");
        assert_eq!(client(&project, ".tables"), "");
    }
}

#[test]
fn statements_after_a_transaction_was_ended_are_not_run() {
    // `RAISE(ROLLBACK)` in the middle: what follows must not be committed on its own.
    let two = "INSERT OR ROLLBACK INTO one VALUES (1);\nCREATE TABLE after_it (id);";
    let project = project(&[ONE, two]);
    let _ = check_failure(&project, &["up"], 8, FAILED, &["`2_m`"]);
    assert_eq!(client(&project, "SELECT count(*) FROM sqlite_schema WHERE name = 'after_it'"), "0\n");
}

#[test]
fn without_a_transaction() {
    let project = project(&[ONE, BROKEN, THREE]);
    fs::write(project.path("migrations/2_m/metadata.toml"), "run_in_transaction = false\n").unwrap();
    let report = check_failure_once(&project, 8, &["`2_m`", "nope"]);
    assert_effects(&report, "partial", &[("1_m", "applied"), ("2_m", "partial"), ("3_m", "not_run")]);
    assert_eq!(state_of(&project, "2_m"), "partial");
    assert_eq!(client(&project, "SELECT id FROM two"), "1\n");

    // Corrected, it goes on with the statement that failed.
    fs::write(project.path("migrations/2_m/up.sql"), BROKEN.replace("nope", "two")).unwrap();
    let _ = check_ok(&project, &["up"]);
    assert_eq!(client(&project, "SELECT count(*) FROM two"), "2\n");
    assert_eq!(applied(&project), ["1_m", "2_m", "3_m"]);
}

#[test]
fn a_part_that_is_in_effect_and_then_edited() {
    let project = project(&[BROKEN]);
    fs::write(project.path("migrations/1_m/metadata.toml"), "run_in_transaction = false\n").unwrap();
    let _ = check_failure_once(&project, 8, &["`1_m`", "nope"]);
    fs::write(project.path("migrations/1_m/up.sql"), BROKEN.replace("(1);", "(2);").replace("nope", "two"))
        .unwrap();
    let _ = check_error(&project, &["up"], 2, "plan.partial_changed", &["`1_m`", "2 statements"]);
}

#[test]
fn a_part_that_is_in_effect_and_then_rolled_back() {
    // Whether another one is applied or not: there is something that is half done.
    for scripts in [[ONE, BROKEN].as_slice(), &[BROKEN]] {
        let project = project(scripts);
        let id = format!("{}_m", scripts.len());
        let folder = project.path("migrations").join(&id);
        fs::write(folder.join("metadata.toml"), "run_in_transaction = false\n").unwrap();
        let _ = check_failure_once(&project, 8, &["nope"]);
        for arguments in [["down"].as_slice(), &["down", "--all"]] {
            let _ = check_error(&project, arguments, 2, "plan.partial_other_way", &[&format!("`{id}`")]);
        }
    }
}

#[track_caller]
fn check_failure_once(project: &Project, exit: i32, words: &[&str]) -> Value {
    let report = super::refused(&super::run_json(project, &["up"]), exit, FAILED, words);
    super::assert_clean(project);
    report
}

#[test]
fn the_place_of_the_word() {
    for (text, line, column, statement) in [
        ("SELECT 1;\n\n\tSELECT nope FROM (SELECT 1);\n", 3, 9, 2),
        ("SELECT 'é🚀', nope;\n", 1, 14, 1),
        ("CREATE TABLE a (id);\nCREATE INDEX i\n  ON a (nope);\n", 3, 9, 2),
        ("SELECT 'nope', nope; -- nope\n", 1, 16, 1),
        ("INSERT INTO nope\n  VALUES (1);\n", 1, 13, 1),
        ("SELECT 1 FORM x y;\n", 1, 15, 1),
        ("/* é */ CREATE TABLE one (id); CREATE TABLE one (id);\n", 1, 45, 2),
        ("SELECT foo(1);\n", 1, 8, 1),
        ("SELECT\n\n  1 +;\n", 3, 5, 1),
    ] {
        let project = project(&[text]);
        let report = check_failure(&project, &["up"], 7, FAILED, &["`1_m`"]);
        let place =
            json!({"file": "migrations/1_m/up.sql", "line": line, "column": column, "statement": statement});
        assert_eq!(report["error"]["where"], place, "{text:?}: {report:#}");
    }
}

#[test]
fn constraints() {
    for (statement, word) in [
        ("INSERT INTO one VALUES (1);", "UNIQUE constraint failed: one.id"),
        ("CREATE TABLE c (x CHECK (x > 0));\nINSERT INTO c VALUES (0);", "CHECK constraint failed"),
        ("CREATE TABLE n (x NOT NULL);\nINSERT INTO n VALUES (NULL);", "NOT NULL constraint failed"),
        (
            "CREATE TABLE f (x REFERENCES one (id));\nINSERT INTO f VALUES (9);",
            "FOREIGN KEY constraint failed",
        ),
    ] {
        let project = project(&[ONE, statement]);
        let report = check_failure(&project, &["up"], 8, FAILED, &["`2_m`", word]);
        assert_eq!(report["error"]["where"]["line"], statement.lines().count(), "{report:#}");
        assert_eq!(applied(&project), ["1_m"]);
    }
}

#[test]
fn the_history_itself_gone_in_a_migration() {
    let project = project(&[ONE, "DROP TABLE _migrations;", THREE]);
    let output = project.migration(&["up", "--json"]).run();
    super::assert_no_panic(&output);
    let report = output.json();
    let tables = client(&project, ".tables");
    // Whatever is made of it: what is said to be applied has to be there, and what is not has not.
    for (id, table) in [("1_m", "one"), ("3_m", "three")] {
        let effect = &report["error"]["effects"]["migrations"][id];
        let claimed = effect == "applied" || report["ok"] == true;
        assert_eq!(claimed, tables.split_whitespace().any(|t| t == table), "{id}: {tables} {report:#}");
    }
}
