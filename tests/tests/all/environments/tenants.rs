//! One call for many tenants.

use migration_tests::{Project, on_servers};
use serde_json::{Value, json};

use super::{Schema, migration, report};
use crate::every_server::Subject;

const MIGRATIONS: &str = "\
//- migrations/1_a.up.sql
CREATE TABLE a (x int);
//- migrations/1_a.down.sql
DROP TABLE a;
//- migrations/2_b.up.sql
CREATE TABLE b (x int);
";

/// Three databases, in a file of URLs; in the second there is a table in the way of the second migration.
fn files() -> Project {
    let project = Project::new(MIGRATIONS);
    project.write(
        "//- db/urls.txt\n# the tenants\nsqlite:///one.db\n\n  sqlite:///two.db\nsqlite:///three.db\n",
    );
    let mut two = migration_kit::sql::DatabaseConnector::open(&format!(
        "sqlite:///{}",
        project.path("db/two.db").display()
    ))
    .unwrap();
    two.execute_script("CREATE TABLE b (x int)").unwrap();
    project
}

const EACH: [&str; 2] = ["--for-each-url", "db/urls.txt"];

fn each(project: &Project, arguments: &[&str], exit: i32) -> Value {
    report(project, &[arguments, &EACH[..]].concat(), exit)
}

/// What came of each tenant, and the exit code of each.
fn outcomes(report: &Value) -> Vec<(String, Value)> {
    let tenants = report["data"]["tenants"].as_array().unwrap().iter();
    tenants
        .map(|tenant| (tenant["outcome"].as_str().unwrap().to_owned(), tenant["exit_code"].clone()))
        .collect()
}

fn pairs(all: &[(&str, Option<u8>)]) -> Vec<(String, Value)> {
    all.iter().map(|(word, code)| ((*word).to_owned(), json!(code))).collect()
}

#[test]
fn one_that_fails_keeps_no_other_from_its_turn() {
    for jobs in [&[][..], &["--jobs", "3"]] {
        let project = files();
        let up = each(&project, &[&["up"], jobs].concat(), 8);
        assert_eq!(up["schema"], "migration/up@1");
        assert_eq!(outcomes(&up), pairs(&[("done", Some(0)), ("failed", Some(8)), ("done", Some(0))]));
        assert_eq!(up["data"]["summary"], json!({"done": 2, "findings": 0, "failed": 1, "not_run": 0}));
        assert_eq!(up["error"]["code"], "tenants.failed");
        assert_eq!(up["error"]["message"], "1 of 3 tenants failed");
        assert_eq!(up["error"]["effects"], json!({"state": "partial", "migrations": {}}));
        let two = &up["data"]["tenants"][1];
        assert_eq!(two["tenant"], "sqlite:///db/two.db");
        assert_eq!(two["error"]["code"], "apply.statement_failed");
        assert_eq!(two["error"]["effects"]["migrations"], json!({"1_a": "applied", "2_b": "rolled_back"}));
        assert_eq!(two["data"]["results"][0]["status"], "completed");
        assert_eq!(up["data"]["tenants"][2]["data"]["effects"]["state"], "complete");
        // Once it is out of the way, the same call does the rest.
        let mut database = migration_kit::sql::DatabaseConnector::open(&format!(
            "sqlite:///{}",
            project.path("db/two.db").display()
        ))
        .unwrap();
        database.execute_script("DROP TABLE b").unwrap();
        drop(database);
        let up = each(&project, &["up"], 0);
        assert_eq!(outcomes(&up), pairs(&[("done", Some(0)); 3]));
        assert_eq!(up["data"]["tenants"][0]["data"]["results"], json!([]));
    }
}

#[test]
fn fail_fast_begins_with_no_more() {
    let project = files();
    let up = each(&project, &["up", "--fail-fast"], 8);
    assert_eq!(outcomes(&up), pairs(&[("done", Some(0)), ("failed", Some(8)), ("not_run", None)]));
    assert!(!project.path("db/three.db").exists());
    let text = migration(&project, &["up", "--fail-fast", EACH[0], EACH[1]]).run().expect(7);
    assert!(text.stdout.contains("3 tenants: 1 done, 1 failed, 1 not run"), "{text:?}");
    assert!(text.stdout.contains("sqlite:///db/two.db: failed"), "{text:?}");
    assert!(text.stderr.contains("error[tenants.failed]: 1 of 3 tenants failed"), "{text:?}");
}

#[test]
fn status_and_plan_of_each() {
    let project = files();
    let plan = each(&project, &["plan", "--jobs", "2"], 0);
    assert!(
        plan["data"]["tenants"]
            .as_array()
            .unwrap()
            .iter()
            .all(|tenant| { tenant["data"]["migrations"].as_array().unwrap().len() == 2 })
    );
    _ = each(&project, &["up", "--dry-run"], 0);
    _ = each(&project, &["up"], 8);
    _ = each(&project, &["status"], 0);
    let status = each(&project, &["status", "--exit-code"], 4);
    assert_eq!(outcomes(&status), pairs(&[("done", Some(0)), ("findings", Some(4)), ("done", Some(0))]));
    assert_eq!(status["error"]["code"], "tenants.findings");
    assert_eq!(status["data"]["tenants"][1]["data"]["summary"], json!({"applied": 1, "pending": 1}));
    assert_eq!(status["error"]["effects"], Value::Null);
    // What only looks and can't is no success.
    project.write("//- db/two.db\nnot a database at all, though long enough to be looked at as one\n");
    let status = each(&project, &["status"], 7);
    assert_eq!(status["data"]["tenants"][1]["error"]["code"], "database.not_a_database", "{status:#}");
    let text = migration(&project, &["status", EACH[0], EACH[1]]).run().expect(7).stdout;
    assert!(text.contains("sqlite:///db/one.db: done\n✓  applied  1_a"), "{text}");
}

#[test]
fn what_names_no_tenants() {
    let project = files();
    let refused = |arguments: &[&str], code: &str, words: &str| {
        let report = report(&project, &[&["up"], arguments].concat(), 2);
        assert_eq!(report["error"]["code"], code, "{report:#}");
        assert!(report["error"].to_string().contains(words), "{report:#}");
        assert_eq!(report["error"]["effects"], json!({"state": "none", "migrations": {}}));
    };
    refused(&["--for-each-url", "nowhere"], "tenants.unreadable", "nowhere");
    project.write("//- empty\n# nobody\n");
    refused(&["--for-each-url", "empty"], "tenants.none", "empty");
    project.write("//- bad\nsqlite:///a.db\nmysql:u:s3cret@h\n");
    refused(&["--for-each-url", "bad"], "tenants.invalid_url", "line 2");
    assert!(!project.path("a.db").exists(), "nothing is begun");
    refused(&["--for-each-tenant"], "tenants.none", "the settings file");
    refused(
        &["--for-each-schema", "x", "--database-url", "sqlite:///db/one.db"],
        "connect.database_missing",
        "one.db",
    );
    _ = each(&project, &["up"], 8);
    refused(&["--for-each-schema", "x", "--database-url", "sqlite:///db/one.db"], "usage.no_schemas", "");
    for arguments in
        [["up", "--for-each-url", "bad", "--schema", "x"], ["status", "--jobs", "0", "--for-each-url", "bad"]]
    {
        let report = report(&project, &arguments, 2);
        assert!(report["error"]["code"].as_str().unwrap().starts_with("usage."), "{report:#}");
    }
    let output = migration(&project, &["up", "--for-each-url", "bad"]).run();
    assert!(!format!("{output:?}").contains("s3cret"), "{output:?}");
}

#[test]
fn tenants_of_the_settings_file() {
    let project = files();
    project.write("//- migration.toml\n[tenants]\nurls_file = 'db/urls.txt'\njobs = 2\n[env.b.tenants]\nurls_file = 'other'\n//- other\nsqlite:///other.db\n");
    let up = report(&project, &["up", "--for-each-tenant"], 8);
    assert_eq!(up["data"]["tenants"].as_array().unwrap().len(), 3);
    let up = report(&project, &["up", "--for-each-tenant", "--env", "b"], 0);
    assert_eq!(up["data"]["tenants"][0]["tenant"], "sqlite:///other.db");
    let status = report(&project, &["status", "--for-each-tenant", "--env", "b"], 0);
    assert_eq!(status["data"]["tenants"][0]["data"]["marker"], "b");
}

#[test]
fn an_interrupt_stops_all() {
    let project = files();
    project.write("//- migration.toml\n[[hook]]\nwhen = 'before-run'\ncommand = ['sh', '-c', 'kill -TERM $PPID; sleep 30']\n");
    let up = each(&project, &["up"], 130);
    assert_eq!(up["error"]["code"], "run.interrupted");
    assert_eq!(outcomes(&up), pairs(&[("failed", Some(130)), ("not_run", None), ("not_run", None)]));
}

on_servers!([postgres, mariadb, mysql] [each_schema_of_a_database, schemas_that_are_listed]);

fn each_schema_of_a_database<S: Subject>() {
    let (project, database) = (Project::new(MIGRATIONS), S::shared());
    let schemas = ["tenant_a", "tenant_b", "tenant_c", "x"].map(|name| Schema::new(&database, name));
    for schema in &schemas {
        _ = schema.query("CREATE SCHEMA {}");
    }
    _ = schemas[1].query("CREATE TABLE {}.b (x int)");
    let suffix = schemas[0].name.trim_start_matches("tenant_a").to_owned();
    let run = |arguments: &[&str]| {
        let pattern = format!("tenant_?{suffix}");
        let arguments = [arguments, &["--for-each-schema", &pattern, "--json"]].concat();
        project.migration(&arguments).env("DATABASE_URL", database.url()).run()
    };
    let dry = run(&["up", "--dry-run"]).expect(0).json();
    assert_eq!(outcomes(&dry), pairs(&[("done", Some(0)); 3]));
    let up = run(&["up", "--jobs", "3"]).expect(8).json();
    assert_eq!(outcomes(&up), pairs(&[("done", Some(0)), ("failed", Some(8)), ("done", Some(0))]));
    let names: Vec<_> =
        up["data"]["tenants"].as_array().unwrap().iter().map(|t| t["tenant"].clone()).collect();
    assert_eq!(names, [&schemas[0].name, &schemas[1].name, &schemas[2].name].map(|name| json!(name)));
    assert_eq!(schemas[1].query("SELECT id FROM {}._migrations"), ["1_a"]);
    assert_eq!(schemas[2].query("SELECT id FROM {}._migrations ORDER BY id"), ["1_a", "2_b"]);
    assert!(database.query(S::TABLES).is_empty());
    // What is suggested is about that tenant.
    let advice = up["data"]["tenants"][1]["next_actions"].to_string();
    assert!(advice.contains(&format!("--schema {}", schemas[1].name)), "{advice}");
    _ = schemas[1].query("DROP TABLE {}.b");
    _ = run(&["up"]).expect(0);
    let status = run(&["status", "--exit-code"]).expect(0).json();
    assert_eq!(status["data"]["summary"]["done"], 3);
    let none = ["up", "--for-each-schema", "nobody_*", "--json"];
    let none = project.migration(&none).env("DATABASE_URL", database.url()).run().expect(2).json();
    assert_eq!(none["error"]["code"], "tenants.none", "{none:#}");
}

fn schemas_that_are_listed<S: Subject>() {
    let (project, database) = (Project::new(MIGRATIONS), S::shared());
    let schemas = ["one", "two"].map(|name| Schema::new(&database, name));
    let run = |arguments: &[&str]| {
        let both = ["--schema", &schemas[0].name, "--schema", &schemas[1].name, "--json"];
        let arguments = [arguments, &both[..]].concat();
        project.migration(&arguments).env("DATABASE_URL", database.url()).run()
    };
    let missing = run(&["up"]).expect(7).json();
    assert_eq!(missing["error"]["code"], "tenants.failed");
    assert_eq!(missing["data"]["tenants"][0]["error"]["code"], "connect.schema_missing");
    assert_eq!(missing["data"]["tenants"][0]["exit_code"], 2);
    let shared = run(&["up", "--create-schema", "--history-schema", "books"]).expect(2).json();
    assert_eq!(shared["error"]["code"], "tenants.one_history");
    _ = run(&["up", "--create-schema", "--jobs", "2"]).expect(0);
    for schema in &schemas {
        assert_eq!(schema.query("SELECT id FROM {}._migrations ORDER BY id"), ["1_a", "2_b"]);
    }
}
