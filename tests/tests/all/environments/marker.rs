//! The marker in the database, and protected environments.

use migration_tests::{Project, on_servers};
use serde_json::json;

use super::{migration, project, refused, report};
use crate::every_server::Subject;

#[test]
fn the_first_up_marks_the_database() {
    let project = project();
    let status = report(&project, &["status", "--env", "dev"], 0);
    assert_eq!((&status["data"]["environment"], &status["data"]["marker"]), (&json!("dev"), &json!(null)));
    _ = report(&project, &["up", "--env", "dev", "--dry-run"], 0);
    let status = report(&project, &["status", "--env", "dev"], 0);
    assert_eq!(status["data"]["marker"], json!(null), "a dry run marks nothing");
    _ = report(&project, &["up", "--env", "dev"], 0);
    let status = report(&project, &["status", "--env", "dev"], 0);
    assert_eq!(status["data"]["marker"], "dev");
    assert_eq!(status["data"]["warnings"], json!([]));
    // Neither the schema nor the history has anything of it.
    let dump = report(&project, &["dump", "--env", "dev"], 0);
    assert!(!dump["data"]["sql"].as_str().unwrap().contains("_migration"), "{dump:#}");
}

#[test]
fn a_database_without_pending_migrations_is_marked_too() {
    let project = project();
    let url = format!("sqlite:///{}", project.path("dev.db").display());
    _ = migration(&project, &["up", "--database-url", &url]).run().expect(0);
    let up = report(&project, &["up", "--env", "dev"], 0);
    assert_eq!(up["data"]["results"], json!([]));
    assert_eq!(report(&project, &["status", "--env", "dev"], 0)["data"]["marker"], "dev");
}

#[test]
fn the_database_of_another_environment_is_refused() {
    let project = project();
    _ = report(&project, &["up", "--env", "production", "--steps", "1"], 0);
    let url = format!("sqlite:///{}", project.path("production.db").display());
    let commands: [&[&str]; 7] = [
        &["up"],
        &["up", "--dry-run"],
        &["plan"],
        &["down"],
        &["redo"],
        &["repair", "--mark-pending", "1_a"],
        &["repair", "--mark-applied", "2_b"],
    ];
    for command in commands {
        let with_url = [command, &["--database-url", &url]].concat();
        let other = [with_url.as_slice(), &["--env", "dev"]].concat();
        let other = refused(&project, &other, 2, "environment.mismatch");
        let message = other["error"]["message"].as_str().unwrap();
        assert!(message.contains("`production`") && message.contains("`dev`"), "{message}");
        let none = refused(&project, &with_url, 2, "environment.mismatch");
        assert!(none["error"]["message"].as_str().unwrap().contains("no environment was named"));
        let advice = none["next_actions"][0]["command"].as_str().unwrap();
        assert!(advice.ends_with(&format!("{} --env production", command[0])), "{advice}");
        if ["up", "down", "redo"].contains(&command[0]) {
            assert_eq!(none["error"]["effects"]["state"], "none");
        }
    }
    // Who only looks is told.
    let status = report(&project, &["status", "--env", "dev", "--database-url", &url], 0);
    assert_eq!(status["data"]["marker"], "production");
    assert!(status["data"]["warnings"][0].as_str().unwrap().contains("only --env production"));
    assert_eq!(status["data"]["summary"], json!({"applied": 1, "pending": 1}));
    _ = report(&project, &["verify", "--database-url", &url], 0);
}

#[test]
fn a_marker_is_set_replaced_and_removed() {
    let project = project();
    _ = refused(&project, &["mark"], 2, "environment.not_named");
    _ = refused(&project, &["mark", "--env", "dev"], 2, "connect.database_missing");
    _ = report(&project, &["up", "--env", "dev", "--steps", "1"], 0);
    let again = report(&project, &["mark", "--env", "dev"], 0);
    assert_eq!((&again["data"]["marker"], &again["data"]["previous"]), (&json!("dev"), &json!("dev")));
    let url = project.path("dev.db");
    let url = format!("sqlite:///{}", url.display());
    let other = ["mark", "--env", "production", "--database-url", &url];
    let asked = refused(&project, &other, 2, "environment.mismatch");
    let advice = asked["next_actions"][0]["command"].as_str().unwrap().to_owned();
    _ = refused(&project, &[&other[..], &["--confirm", "production"]].concat(), 3, "environment.declined");
    // What is suggested works.
    _ = migration(&project, &[]).line(&advice).run().expect(0);
    let status = report(&project, &["status", "--env", "production", "--database-url", &url], 0);
    assert_eq!(status["data"]["marker"], "production");
    _ = refused(&project, &["mark", "--remove", "--database-url", &url], 2, "environment.mismatch");
    let remove = ["mark", "--remove", "--confirm", "production", "--database-url", &url];
    let removed = report(&project, &remove, 0);
    assert_eq!(
        (&removed["data"]["marker"], &removed["data"]["previous"]),
        (&json!(null), &json!("production"))
    );
    _ = report(&project, &["up", "--database-url", &url], 0);
}

#[test]
fn a_protected_environment_has_to_be_confirmed() {
    let project = project();
    _ = report(&project, &["up", "--env", "production"], 0);
    for command in [["down"].as_slice(), &["redo"], &["repair", "--mark-pending", "2_b"]] {
        let named = [command, &["--env", "production"]].concat();
        let asked = refused(&project, &named, 2, "environment.protected");
        assert_eq!(asked["error"]["effects"]["state"], "none");
        let wrong = [named.as_slice(), &["--confirm", "prod"]].concat();
        _ = refused(&project, &wrong, 3, "environment.declined");
    }
    // What only looks is not asked about.
    _ = report(&project, &["down", "--env", "production", "--dry-run"], 0);
    _ = report(&project, &["plan", "--env", "production", "--down", "--all"], 0);
    _ = report(&project, &["repair", "--env", "production"], 0);
    assert_eq!(
        report(&project, &["status", "--env", "production"], 0)["data"]["summary"],
        json!({"applied": 2})
    );
    let asked = report(&project, &["down", "--steps", "2", "--env", "production"], 2);
    let advice = asked["next_actions"][0]["command"].as_str().unwrap().to_owned();
    _ = migration(&project, &[]).line(&advice).run().expect(0);
    assert_eq!(
        report(&project, &["status", "--env", "production"], 0)["data"]["summary"],
        json!({"pending": 2})
    );
    // A name that is confirmed where none has to be: somebody thinks to be elsewhere.
    _ = report(&project, &["up", "--env", "dev"], 0);
    _ = refused(&project, &["down", "--env", "dev", "--confirm", "production"], 3, "environment.declined");
    _ = report(&project, &["down", "--env", "dev", "--confirm", "dev"], 0);
}

#[test]
fn a_table_that_is_no_marker() {
    let project = Project::new("//- migrations/1_a.up.sql\nSELECT 1;\n//- migration.toml\n[env.dev]\n");
    _ = project.connect().execute_script(
        "CREATE TABLE _migration_environment (x); INSERT INTO _migration_environment VALUES (1)",
    );
    let run =
        |arguments: &[&str]| project.migration(&[arguments, &["--json"]].concat()).run().expect(2).json();
    assert_eq!(run(&["up", "--env", "dev"])["error"]["code"], "history.foreign_table");
    project.write("//- migration.toml\nenvironment_table = '_migrations'\n[env.dev]\n");
    assert_eq!(run(&["up", "--env", "dev"])["error"]["code"], "usage.table_name");
    project.write("//- migration.toml\nenvironment_table = 'which \"one\"'\n[env.dev]\n");
    _ = project.migration(&["up", "--env", "dev"]).run().expect(0);
    assert_eq!(project.query("SELECT name FROM \"which \"\"one\"\"\""), ["\"dev\""]);
}

on_servers!([postgres, mariadb, mysql] [marked_and_refused, two_at_once_agree_on_one]);

const ENVIRONMENTS: &str = "//- migration.toml\n[env.one]\n[env.two]\nprotected = true\n";

fn marked_and_refused<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    project.write(ENVIRONMENTS);
    let run = |arguments: &[&str]| {
        project.migration(&[arguments, &["--json"]].concat()).env("DATABASE_URL", database.url()).run()
    };
    _ = run(&["up", "--env", "one", "--steps", "2"]).expect(0);
    assert_eq!(database.query("SELECT name FROM _migration_environment"), ["one"]);
    for arguments in
        [["up"].as_slice(), &["up", "--env", "two"], &["down", "--env", "two", "--confirm", "two"]]
    {
        let report = run(arguments).expect(2).json();
        assert_eq!(report["error"]["code"], "environment.mismatch", "{report:#}");
    }
    _ = run(&["mark", "--env", "two", "--confirm", "one"]).expect(0);
    assert_eq!(database.query("SELECT name FROM _migration_environment"), ["two"]);
    _ = run(&["up", "--env", "two"]).expect(0);
    crate::every_server::assert_complete::<S>(&database, "in two environments");
    _ = run(&["mark", "--remove", "--confirm", "two"]).expect(0);
    _ = run(&["down"]).expect(0);
}

fn two_at_once_agree_on_one<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    project.write(ENVIRONMENTS);
    let run = |env: &str| {
        let command = project.migration(&["up", "--env", env, "--json"]).env("DATABASE_URL", database.url());
        command.run()
    };
    let outputs = std::thread::scope(|scope| {
        let both = ["one", "two"].map(|env| scope.spawn(move || run(env)));
        both.map(|thread| thread.join().unwrap())
    });
    let mut codes = outputs.each_ref().map(|output| output.code);
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(2)], "{outputs:?}");
    assert_eq!(database.query("SELECT COUNT(*) FROM _migration_environment"), ["1"]);
    crate::every_server::assert_complete::<S>(&database, "two at once");
}
