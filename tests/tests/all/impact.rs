//! What a change would break, as `migration impact` and `migration lineage analyze` tell programs.

use migration_kit::lineage::Analyzer;
use migration_kit::syntax::{Dialect, split};
use migration_tests::{Project, histories};
use serde_json::{Value, json};

const FILES: &str = "\
//- migrations/1_users.sql
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
//- migrations/2_mails.sql
CREATE VIEW mails AS SELECT id, email FROM users;
//- migrations/3_cleanup.sql
ALTER TABLE users DROP COLUMN email;
";

fn impact(project: &Project, words: &[&str], code: i32) -> Value {
    project.migration(&[&["impact", "--json"], words].concat()).run().expect(code).json()
}

#[test]
fn a_file_of_the_directory_counts_behind_those_before_it() {
    let project = Project::new(FILES);
    let answer = impact(&project, &["migrations/3_cleanup.sql"], 4);
    assert_eq!(answer["error"]["code"], "impact.findings");
    let data = &answer["data"];
    assert_eq!(data["history"]["migrations"], 2);
    let statement = &data["statements"][0];
    assert_eq!((&statement["migration"], &statement["line"]), (&json!("3_cleanup"), &json!(1)));
    let by = json!([{"kind": "view", "name": "mails", "confidence": "parsed"}]);
    assert_eq!(
        (&statement["impacts"][0]["refused"], &statement["impacts"][0]["refused_by"]),
        (&json!(true), &by)
    );
    assert_eq!(data["summary"]["refused"], 1);
    // The prediction is what SQLite does.
    let up = project.migration(&["up", "--json"]).run().json();
    assert_eq!(up["error"]["where"]["file"].as_str().map(|file| file.ends_with("3_cleanup.sql")), Some(true));
}

#[test]
fn pending_ones_count_behind_what_is_applied() {
    let project = Project::new(FILES);
    _ = project.migration(&["up", "--steps", "2"]).run().expect(0);
    let data = impact(&project, &["--pending"], 4)["data"].take();
    assert_eq!((&data["history"]["migrations"], &data["summary"]["refused"]), (&json!(2), &json!(1)));
    // What the change itself sees to before is no finding.
    project.write("//- migrations/3_cleanup.sql\nDROP VIEW mails;\nALTER TABLE users DROP COLUMN email;\n");
    let data = impact(&project, &["--pending"], 0)["data"].take();
    assert_eq!(data["statements"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_statement_that_is_refused_changes_nothing_for_those_behind_it() {
    let project = Project::new(FILES);
    project.write("//- migrations/3_cleanup.sql\nSELECT 1;\n");
    let both = "ALTER TABLE users DROP COLUMN email; ALTER TABLE users DROP COLUMN email";
    assert_eq!(impact(&project, &["--sql", both], 4)["data"]["summary"]["refused"], 2);
}

#[test]
fn what_cant_be_read_is_not_passed_over() {
    let project = Project::new(FILES);
    let answer = impact(&project, &["--sql", "ALTER TABLE users FROBNICATE"], 4);
    assert_eq!(answer["error"]["code"], "impact.not_understood");
    assert_eq!(answer["data"]["summary"]["not_understood"], 1);
    _ = impact(&project, &["--sql", "DROP INDEX"], 4);
    let broken = impact(&project, &["--sql", "SELECT '"], 2);
    assert_eq!(
        (&broken["error"]["code"], &broken["error"]["where"]["column"]),
        (&json!("split.unterminated"), &json!(8))
    );
}

#[test]
fn what_nothing_has_made_is_no_reason_to_say_that_all_is_well() {
    let project = Project::new(FILES);
    for (sql, name, like) in [
        ("DROP TABLE user", "user", "users"),
        ("ALTER TABLE users DROP COLUMN nam", "users.nam", "users.name"),
        ("ALTER TABLE users RENAME COLUMN nam TO x", "users.nam", "users.name"),
    ] {
        let answer = impact(&project, &["--sql", sql], 4);
        assert_eq!(answer["error"]["code"], "impact.unknown_object", "{sql}");
        assert_eq!(answer["data"]["statements"][0]["impacts"][0]["unknown"], name);
        let advice = answer["next_actions"][0]["label"].as_str().unwrap();
        assert!(advice.contains(&format!("`{like}`")), "{advice}");
    }
    _ = impact(&project, &["--sql", "DROP TABLE IF EXISTS user"], 0);
    _ = impact(&project, &["--sql", "DROP VIEW mails; CREATE TABLE a (x); DROP TABLE a"], 0);
    let twice = impact(&project, &["--sql", "DROP VIEW mails; DROP VIEW mails"], 4);
    assert_eq!(twice["data"]["summary"]["unknown"], 1);
    let unlooked = impact(&project, &["--sql", "DROP SCHEMA s CASCADE", "--dialect", "postgres"], 4);
    assert_eq!(unlooked["error"]["code"], "impact.not_understood");
}

#[test]
fn names_are_resolved_by_the_schema() {
    let project = Project::new(
        "//- schema.sql\nCREATE TABLE a (x);\nCREATE TABLE b (y);\n//- q.sql\nSELECT * FROM a JOIN b ON x = y;\n",
    );
    let words = ["lineage", "analyze", "q.sql", "--dialect", "sqlite", "--json"];
    let sources = |words: &[&str]| {
        let data = project.migration(words).run().expect(0).json()["data"].take();
        let columns = data["statements"][0]["columns"].as_array().unwrap().clone();
        let copied = |column: &Value| {
            let sources = column["sources"].as_array().unwrap().iter();
            sources
                .filter(|source| source["subtype"] == "IDENTITY")
                .map(|source| source["column"].clone())
                .next()
        };
        columns.iter().filter_map(copied).collect::<Vec<_>>()
    };
    assert_eq!(sources(&[&words[..], &["--schema", "schema.sql"]].concat()), ["a.x", "b.y"]);
    assert_eq!(sources(&words).first(), Some(&json!("a.*")));
}

#[test]
fn a_dump_is_a_schema_and_what_breaks_off_is_listed() {
    let project = Project::new(
        "//- schema.sql\n\\restrict abc\nCREATE TABLE a (x int);\n\\unrestrict abc\n//- q.sql\n\\i other.sql\nSELECT * FROM a;\nSELECT 'x\n",
    );
    let words = ["lineage", "analyze", "q.sql", "--dialect", "postgres", "--schema", "schema.sql", "--json"];
    let data = project.migration(&words).run().expect(0).json()["data"].take();
    assert_eq!(data["schema_coverage"], json!({"statements": 1, "analysed": 1, "ratio": 1.0}));
    assert_eq!(data["statements"][1]["columns"][0]["sources"][0]["column"], "a.x");
    let listed = |at: usize| data["statements"][at]["unanalysed"][0].clone();
    assert_eq!(listed(0)["reason"], "a command of a client: \\i other.sql");
    assert_eq!((&listed(2)["start"], &listed(2)["end"]), (&json!(30), &json!(39)));
}

#[test]
fn the_graph_of_a_directory() {
    let project = Project::new(FILES);
    project.write("//- migrations/3_cleanup.sql\nALTER TABLE users RENAME COLUMN email TO address;\n");
    let graph = |words: &[&str], code| {
        project.migration(&[&["lineage", "--json"], words].concat()).run().expect(code).json()
    };
    let names = |answer: &Value| {
        let nodes = answer["data"]["nodes"].as_array().unwrap().iter();
        nodes.map(|node| node["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // SQLite writes the new name into the view, whose column is called so from then on.
    assert_eq!(names(&graph(&["MAILS.address", "--upstream"], 0)), ["users.address", "mails.address"]);
    assert_eq!(names(&graph(&["users", "--as-of", "1_users"], 0)), ["users"]);
    let before = graph(&["mails.email", "--upstream", "--as-of", "2_mails"], 0);
    assert_eq!(names(&before), ["users.email", "mails.email"]);
    let edge =
        json!({"from": 0, "to": 1, "kinds": ["IDENTITY"], "masking": false, "migrations": ["2_mails"]});
    assert_eq!(before["data"]["edges"], json!([edge]));
    let unknown = graph(&["user"], 2);
    assert_eq!(unknown["error"]["code"], "lineage.unknown_object");
    assert!(unknown["next_actions"][0]["label"].as_str().unwrap().contains("`users`"), "{unknown:#}");
    let never = graph(&["--as-of", "9"], 2);
    assert_eq!(never["error"]["code"], "lineage.unknown_migration");
    assert_eq!(never["next_actions"][0]["label"], "the last one is `3_cleanup`");
    let renamed = graph(&["users.email"], 2);
    assert_eq!(renamed["next_actions"][0]["label"], "`users.email` is `users.address` since `3_cleanup`");
    let then = renamed["next_actions"][1]["command"].as_str().unwrap();
    assert!(project.migration(&[]).line(then).run().expect(0).stdout.contains("mails.email"), "{then}");
    let told = graph(&["users.email", "--dialect", "sqlite"], 2);
    assert_eq!(told["next_actions"][1]["command"], format!("{then} --dialect sqlite"));
    let later = graph(&["users.address", "--as-of", "1_users"], 2);
    assert_eq!(later["next_actions"][0]["label"], "`users.address` is there from `3_cleanup` on");
    assert_eq!(names(&graph(&["main.\"users\".[address]"], 0)).len(), 2);
    let shown = project.migration(&["lineage", "users", "--upstream", "--output", "-"]).run().expect(0);
    assert_eq!(shown.stdout, "comes from:\nusers  (nothing)\n");
    assert!(!project.path("-").exists());
    assert_eq!(graph(&["--output", "no/such/folder"], 7)["error"]["code"], "lineage.not_written");
    let dot = project.migration(&["lineage", "--format", "dot", "--output", "a.dot"]).run().expect(0).stdout;
    assert_eq!(dot, "2 nodes, 1 edge written to a.dot\n");
    assert!(std::fs::read_to_string(project.path("a.dot")).unwrap().contains("n0 -> n1"));
}

/// A history that runs names what it has made: what is told to be unknown in one is a mistake of the analysis, or of the history.
#[test]
fn real_histories_change_what_they_have_made() {
    let (mut changes, mut unknown, mut refused) = (0, Vec::new(), Vec::new());
    for (name, dialect) in
        [("sqlite", Dialect::Sqlite), ("postgres", Dialect::Postgres), ("mysql", Dialect::Mysql)]
    {
        for history in histories(name, &[]) {
            let mut analyzer = Analyzer::new(dialect);
            for migration in history.set().migrations() {
                let Ok(statements) = split(&migration.up.text, dialect) else { continue };
                for statement in &statements {
                    for impact in analyzer.catalogue().impact(statement.text).unwrap_or_default() {
                        changes += 1;
                        if impact.refused {
                            refused.push(format!(
                                "{name} {} {}: {}",
                                history.project, migration.id, statement.text
                            ));
                        }
                        unknown.extend(
                            impact
                                .unknown
                                .map(|what| format!("{name} {} {}: {what}", history.project, migration.id)),
                        );
                    }
                    analyzer.statement(statement);
                }
            }
        }
    }
    println!("{} of {changes} changes are of what nothing has made:\n{}", unknown.len(), unknown.join("\n"));
    assert!(unknown.len() * 100 <= changes, "{} of {changes}: {}", unknown.len(), unknown.join(", "));
    println!("{} of {changes} changes would be refused:\n{}", refused.len(), refused.join("\n"));
    // They have run, if not always in this order and on these versions.
    assert!(refused.len() * 100 <= changes, "{} of {changes}: {}", refused.len(), refused.join(", "));
}

#[test]
fn no_secret_is_shown() {
    let project = Project::new(FILES);
    let added = "ALTER TABLE users ADD COLUMN password TEXT DEFAULT 'hunter2'; DROP VIEW mails";
    let open = "SELECT 2; -- postgres://u:hunter2@h/db\nALTER ROLE x PASSWORD 'hunter2;\nSELECT 1";
    for (sql, code) in [
        (added, 0),
        ("ALTER ROLE app WITH ENCRYPTED PASSWORD 'hunter2'", 4),
        ("ALTER TABLE users FROBNICATE password 'hunter2'", 4),
        (open, 2),
    ] {
        for words in [&["--json", "impact"][..], &["impact", "--verbose"]] {
            let run = project.migration(&[words, &["--sql", sql]].concat()).run().expect(code);
            assert!(!format!("{run:?}").contains("hunter2"), "{run:?}");
        }
    }
    let shown = impact(&project, &["--sql", added], 0)["data"]["statements"][0]["text"].take();
    assert_eq!(shown, "ALTER TABLE users ADD COLUMN password TEXT DEFAULT '***'");
}

#[test]
fn what_is_rolled_back_changes_nothing_for_what_follows() {
    let project = Project::new(FILES);
    project.write("//- migrations/3_cleanup.sql\nSELECT 1;\n");
    let drop = "ALTER TABLE users DROP COLUMN email";
    for dialect in ["sqlite", "postgres"] {
        let said = |sql: &str, code| {
            impact(&project, &["--dialect", dialect, "--sql", sql], code)["data"]["summary"]["refused"].take()
        };
        assert_eq!(said(&format!("BEGIN; DROP VIEW mails; ROLLBACK; {drop}"), 4), 1);
        assert_eq!(
            said(&format!("BEGIN; SAVEPOINT a; DROP VIEW mails; ROLLBACK TO a; {drop}; COMMIT"), 4),
            1
        );
        assert_eq!(said(&format!("BEGIN; DROP VIEW mails; COMMIT; {drop}"), 0), 0);
    }
    // MySQL has committed it.
    let sql = format!("BEGIN; DROP VIEW mails; ROLLBACK; {drop}");
    _ = impact(&project, &["--dialect", "mysql", "--sql", &sql], 0);
    // The copy of a database's schema follows.
    _ = project.migration(&["up"]).run().expect(0);
    _ = impact(&project, &["--live", "--sql", &sql], 4);
    _ = impact(&project, &["--live", "--sql", &sql.replace("ROLLBACK", "COMMIT")], 0);
}

#[test]
fn things_of_which_nothing_is_known() {
    let project = Project::new(FILES);
    project.write("//- migrations/2_mails.sql\nCREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN age AS int;\n");
    let said = |sql: &str, code| {
        let answer = impact(&project, &["--dialect", "postgres", "--sql", sql], code);
        answer["data"]["statements"][0]["not_understood"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(said("DROP TYPE IF EXISTS nope, public.\"none\" CASCADE", 0), "");
    assert_eq!(said("DROP TYPE nope", 4), "what depends on a type is not looked at");
    assert_eq!(said("DROP TYPE IF EXISTS nope, public.Mood", 4), "what depends on a type is not looked at");
    assert_eq!(said("DROP DOMAIN IF EXISTS age", 4), "what depends on a domain is not looked at");
    assert_eq!(said("DROP EXTENSION citext", 4), "what depends on an extension is not looked at");
}

#[test]
fn the_terminal_calls_things_what_they_are() {
    let project = Project::new(FILES);
    project.write("//- migrations/2_mails.sql\nCREATE PROCEDURE p() BEGIN SELECT email FROM users; END;\n");
    let shown = |words: &[&str]| {
        let run = project.migration(&[&["impact", "--dialect"], words].concat()).run().expect(4);
        format!("{}{}", run.stdout, run.stderr)
    };
    let text = shown(&["mysql", "--sql", "ALTER TABLE users DROP COLUMN email"]);
    assert!(text.contains("procedure p\n"), "{text}");
    // It can't be meant what is asked for.
    project.write("//- migrations/2_mails.sql\nCREATE VIEW mails AS SELECT email FROM gone;\n");
    for sql in [
        "ALTER TABLE users RENAME TO people; CREATE TABLE gone (email TEXT)",
        "ALTER TABLE nope ADD COLUMN a INT; ALTER TABLE nope DROP COLUMN b",
    ] {
        let text = shown(&["sqlite", "--sql", sql]);
        assert!(!text.contains("did you mean `gone`") && !text.contains("did you mean `nope`"), "{text}");
    }
}
