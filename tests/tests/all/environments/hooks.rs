//! Hooks: when they run, what they are told, and what their failure means.

use migration_kit::model::MigrationDirection;
use migration_kit::sql::{Error, Hook, HookEvent, HookPoint, HookPolicy, Interrupt, Request};
use migration_tests::{Project, on_servers};
use serde_json::{Value, json};

use crate::every_server::{Subject, tables};

const MIGRATIONS: &str = "\
//- migrations/1_a.up.sql
CREATE TABLE a (x int);
//- migrations/1_a.down.sql
DROP TABLE a;
//- migrations/2_b.up.sql
CREATE TABLE b (x int);
INSERT INTO b VALUES (1);
//- migrations/2_b.down.sql
DROP TABLE b;
";

/// A project with these hooks, and a database in which there is a table `log`.
fn project(hooks: &str) -> Project {
    let project = Project::new(MIGRATIONS);
    project.write(&format!("//- migration.toml\n{hooks}"));
    project.connect().execute_script("CREATE TABLE log (n INTEGER PRIMARY KEY, entry text)").unwrap();
    project
}

#[track_caller]
fn run(project: &Project, arguments: &[&str], exit: i32) -> Value {
    project.migration(&[arguments, &["--json"]].concat()).run().expect(exit).json()
}

/// The events that a command wrote down.
fn events(project: &Project) -> Vec<Value> {
    let text = std::fs::read_to_string(project.path("events")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A hook at a point that writes the event down, and one that writes a row.
fn both(point: &str) -> String {
    format!(
        "[[hook]]\nwhen = '{point}'\ncommand = ['sh', '-c', 'cat >> events']\n\
         [[hook]]\nwhen = '{point}'\nsql = \"INSERT INTO log (entry) VALUES ('{point}')\"\n"
    )
}

#[test]
fn each_runs_at_its_point_and_is_told_of_it() {
    let points = ["before-run", "after-run", "before-migration", "after-migration", "on-failure"];
    let project = project(&points.map(both).concat());
    let up = run(&project, &["up"], 0);
    assert_eq!(up["data"]["warnings"], json!([]));
    let order = [
        "before-run",
        "before-migration",
        "after-migration",
        "before-migration",
        "after-migration",
        "after-run",
    ];
    let seen = events(&project);
    assert_eq!(seen.iter().map(|event| event["when"].as_str().unwrap()).collect::<Vec<_>>(), order);
    let rows: Vec<String> = order.iter().map(|point| format!("\"{point}\"")).collect();
    assert_eq!(project.query("SELECT entry FROM log ORDER BY n"), rows);

    let keys = [
        "database",
        "direction",
        "effects",
        "environment",
        "error",
        "migration",
        "migrations",
        "results",
        "schema",
        "when",
        "work_schema",
    ];
    assert_eq!(seen[0].as_object().unwrap().keys().collect::<Vec<_>>(), keys);
    assert_eq!(seen[0]["schema"], "migration/hook@1");
    assert_eq!(seen[0]["migrations"], json!(["1_a", "2_b"]));
    assert_eq!((&seen[0]["migration"], &seen[0]["effects"]), (&Value::Null, &Value::Null));
    assert_eq!(seen[1]["migration"], json!({"id": "1_a", "name": "a", "statements": 1}));
    assert_eq!(seen[4]["results"][0]["migration_id"], "2_b");
    assert_eq!(seen[4]["results"][0]["status"], "completed");
    assert_eq!(seen[5]["effects"]["state"], "complete");

    // Nothing to do: nothing around it either. And on the way down:
    _ = run(&project, &["up"], 0);
    assert_eq!(events(&project).len(), 6);
    _ = run(&project, &["down"], 0);
    let down = events(&project).split_off(6);
    assert_eq!(
        down.iter().map(|event| event["direction"].as_str().unwrap()).collect::<Vec<_>>(),
        ["down"; 4]
    );
}

#[test]
fn the_plan_lists_them_and_runs_none() {
    let hooks = format!(
        "{}[[hook]]\nname = 'only up'\nwhen = 'after-run'\ndirection = 'up'\nsql_file = 'after.sql'\n",
        both("before-run")
    );
    let project = project(&hooks);
    project.write("//- after.sql\nANALYZE; SELECT 1;\n");
    for arguments in [["plan"].as_slice(), &["up", "--dry-run"]] {
        let report = run(&project, arguments, 0);
        let plan = if arguments[0] == "plan" { &report["data"] } else { &report["data"]["plan"] };
        let hooks = plan["hooks"].as_array().unwrap();
        assert_eq!(hooks.len(), 3, "{plan:#}");
        assert_eq!(
            hooks[0],
            json!({"name": "before-run 1", "when": "before-run", "on_error": "fail", "call": "sh -c 'cat >> events'"})
        );
        assert_eq!(hooks[2]["statements"], json!(["ANALYZE", "SELECT 1"]));
        let text = project.migration(arguments).run().expect(0).stdout;
        assert!(text.contains("hook after-run: only up  ANALYZE; SELECT 1"), "{text}");
    }
    assert!(events(&project).is_empty());
    _ = run(&project, &["up"], 0);
    let down = run(&project, &["plan", "--down"], 0);
    assert_eq!(down["data"]["hooks"].as_array().unwrap().len(), 2);
    // Of a plan without migrations there is nothing to run.
    assert_eq!(run(&project, &["plan"], 0)["data"]["hooks"], Value::Null);
}

#[test]
fn one_that_fails_before_the_run_keeps_it_from_beginning() {
    let project = project(&format!(
        "[[hook]]\nname = 'gate'\nwhen = 'before-run'\ncommand = ['sh', '-c', 'exit 5']\n{}",
        both("on-failure")
    ));
    let failed = run(&project, &["up"], 7);
    assert_eq!(failed["error"]["code"], "hook.failed");
    assert_eq!(failed["error"]["message"], "the hook `gate` failed, before-run");
    assert_eq!(failed["error"]["why"], "it ended with exit status: 5");
    assert_eq!(
        failed["error"]["effects"],
        json!({"state": "none", "migrations": {"1_a": "not_run", "2_b": "not_run"}})
    );
    assert_eq!(failed["data"]["results"][0]["status"], "pending");
    let told = &events(&project)[0];
    assert_eq!(told["error"]["code"], "hook.failed");
    assert_eq!(told["effects"]["state"], "none");
    assert_eq!(project.query("SELECT entry FROM log"), ["\"on-failure\""]);
    // A warning where that is asked for.
    let text = std::fs::read_to_string(project.path("migration.toml")).unwrap();
    project.write(&format!(
        "//- migration.toml\n{}",
        text.replace("'before-run'\n", "'before-run'\non_error = 'warn'\n")
    ));
    let up = run(&project, &["up"], 0);
    assert_eq!(
        up["data"]["warnings"],
        json!(["the hook `gate` (before-run) failed: it ended with exit status: 5"])
    );
}

#[test]
fn one_that_fails_before_a_migration_leaves_those_before_it() {
    // The second time there is something in the file.
    let project = project(
        "[[hook]]\nwhen = 'before-migration'\ncommand = ['sh', '-c', 'test ! -e seen && touch seen']\n",
    );
    let failed = run(&project, &["up"], 8);
    assert_eq!(failed["error"]["code"], "hook.failed");
    assert_eq!(failed["error"]["effects"]["migrations"], json!({"1_a": "applied", "2_b": "not_run"}));
    assert_eq!(failed["next_actions"][1]["command"], "migration up");
    std::fs::remove_file(project.path("seen")).unwrap();
    _ = run(&project, &["up"], 0);
}

#[test]
fn sql_after_a_migration_is_a_part_of_it() {
    let check = "[[hook]]\nname = 'check'\nwhen = 'after-migration'\nsql = \"INSERT INTO log (entry) SELECT 'b' FROM b; INSERT INTO nowhere VALUES (1)\"\n";
    // By default it is a warning, and what it did is undone.
    let warned = project(check);
    let up = run(&warned, &["up"], 0);
    assert_eq!(up["data"]["warnings"].as_array().unwrap().len(), 2, "{up:#}");
    assert!(warned.query("SELECT entry FROM log").is_empty());
    assert_eq!(warned.query("SELECT x FROM b"), ["1"]);
    // Else the migration is undone with it. For the first there is no table.
    let strict = project(&format!("{check}on_error = 'fail'\n"));
    let failed = run(&strict, &["up"], 7);
    assert_eq!(failed["error"]["database"]["engine"], "sqlite");
    assert_eq!(failed["error"]["effects"]["migrations"], json!({"1_a": "rolled_back", "2_b": "not_run"}));
    assert_eq!(failed["data"]["results"][0]["status"], "failed");
    assert_eq!(strict.query("SELECT name FROM sqlite_schema WHERE name IN ('a', 'b')"), Vec::<String>::new());
    assert!(strict.query("SELECT entry FROM log").is_empty());
}

#[test]
fn a_command_after_a_migration_finds_it_done() {
    let project =
        project("[[hook]]\nwhen = 'after-migration'\non_error = 'fail'\ncommand = ['sh', '-c', 'exit 1']\n");
    let failed = run(&project, &["up"], 8);
    assert_eq!(failed["error"]["effects"]["migrations"], json!({"1_a": "applied", "2_b": "not_run"}));
    assert_eq!(failed["data"]["results"][0]["status"], "completed");
    assert_eq!(project.query("SELECT id FROM _migrations"), ["\"1_a\""]);
    let failed = run(&project, &["up"], 8);
    assert_eq!(failed["error"]["effects"], json!({"state": "complete", "migrations": {"2_b": "applied"}}));
}

#[test]
fn a_failure_is_told_of() {
    let project =
        project(&format!("{}[[hook]]\nwhen = 'on-failure'\nsql = 'nonsense'\n", both("on-failure")));
    project.write("//- migrations/2_b.up.sql\nINSERT INTO nowhere VALUES (1);\n");
    let failed = run(&project, &["up"], 8);
    assert_eq!(failed["error"]["code"], "apply.statement_failed");
    let told = &events(&project)[0];
    assert_eq!(told["error"]["code"], "apply.statement_failed");
    assert!(told["error"]["message"].as_str().unwrap().contains("migration `2_b` failed"), "{told:#}");
    assert_eq!(told["effects"]["migrations"], json!({"1_a": "applied", "2_b": "rolled_back"}));
    assert_eq!(project.query("SELECT entry FROM log"), ["\"on-failure\""]);
    // Its own failure is a warning, and the error stays what it was.
    assert!(
        failed["data"]["warnings"][0]
            .as_str()
            .unwrap()
            .contains("the hook `on-failure 3` (on-failure) failed")
    );
    // What is refused before anything is begun is no failed run.
    project.write("//- migrations/1_a.up.sql\nCREATE TABLE a (y int);\n");
    _ = run(&project, &["up"], 4);
    assert_eq!(events(&project).len(), 1);
}

#[test]
fn one_that_takes_too_long_is_ended() {
    let project = project("[[hook]]\nwhen = 'before-run'\ncommand = ['sleep', '60']\ntimeout = 0.2\n");
    let start = std::time::Instant::now();
    let failed = run(&project, &["up"], 7);
    assert_eq!(failed["error"]["why"], "it took longer than 200ms, and was ended");
    assert!(start.elapsed().as_secs() < 30);
}

#[test]
fn an_event_that_nobody_reads_holds_nothing_up() {
    let project = Project::new("");
    for number in 0..600 {
        let name = format!("{number:04}_{}", "x".repeat(120));
        project.write(&format!("//- migrations/{name}.up.sql\nSELECT 1;\n"));
    }
    project.write(
        "//- migration.toml\n[[hook]]\nwhen = 'after-run'\non_error = 'fail'\ncommand = ['true']\n\
                   [[hook]]\nwhen = 'after-run'\ncommand = ['sh', '-c', 'cat > events']\n",
    );
    _ = project.migration(&["up", "--quiet"]).run().expect(0);
    assert_eq!(events(&project)[0]["results"].as_array().unwrap().len(), 600);
}

#[test]
fn what_a_command_prints_is_not_the_report() {
    let project = project(
        "dir = 'migrations'\n[env.dev]\n[[env.dev.hook]]\nwhen = 'before-run'\ndir = 'migrations'\ncommand = ['sh', '-c', 'echo to stdout; echo $MIGRATION_ENV $MIGRATION_HOOK; ls']\n",
    );
    let output = project.migration(&["up", "--env", "dev", "--json"]).run().expect(0);
    assert_eq!(output.json()["ok"], true);
    assert!(output.stderr.contains("to stdout\ndev before-run\n1_a.down.sql\n"), "{}", output.stderr);
    // Another environment has no such hook.
    project.write("//- migration.toml\n[env.dev]\n[[env.dev.hook]]\nwhen = 'before-run'\ncommand = ['false']\n[env.b]\n");
    _ = project.migration(&["mark", "--env", "b", "--confirm", "dev"]).run().expect(0);
    _ = run(&project, &["down", "--env", "b"], 0);
}

#[test]
fn hooks_that_can_not_be_run() {
    for (hook, code, words) in [
        ("when = 'before-run'\nsql = 'BEGIN; SELECT 1; COMMIT'", "hook.invalid", "statement 1"),
        ("when = 'before-run'\nsql = 'SELECT 1; VACUUM'", "hook.invalid", "statement 2"),
        ("when = 'before-run'\nsql = \"SELECT 'x\"", "hook.invalid", "unterminated"),
        ("when = 'before-run'\nsql_file = 'gone.sql'", "hook.unreadable", "gone.sql"),
        ("when = 'sometimes'\nsql = ''", "config.invalid", "`when`: expected before-run"),
        ("when = 'before-run'", "config.invalid", "just one of `sql`"),
        ("when = 'before-run'\nsql = ''\ncommand = ['x']", "config.invalid", "just one of `sql`"),
        ("when = 'before-run'\ncommand = ['']", "config.invalid", "names no program"),
        ("when = 'before-run'\nsql = ''\ntimeout = 3", "config.invalid", "`timeout` is for a command"),
        ("when = 'on-failure'\nsql = ''\non_error = 'fail'", "config.invalid", "failed already"),
        ("when = 'before-run'\nsql = ''\nonerror = 'fail'", "config.invalid", "`onerror`"),
    ] {
        let project = project(&format!("[[hook]]\n{hook}\n"));
        for command in ["up", "plan"] {
            let refused = run(&project, &[command], 2);
            assert_eq!(refused["error"]["code"], code, "{hook}: {refused:#}");
            assert!(refused["error"].to_string().contains(words), "{hook}: {refused:#}");
        }
        assert!(project.query("SELECT name FROM sqlite_schema WHERE name = 'a'").is_empty());
    }
    // Around each migration, a command can't be a part of one transaction for all.
    let project = project("[[hook]]\nwhen = 'after-migration'\ncommand = ['true']\n");
    assert_eq!(run(&project, &["up", "--atomic"], 2)["error"]["code"], "plan.not_atomic");
    _ = run(&project, &["up"], 0);
}

#[test]
fn an_interrupt_ends_a_hook() {
    let project =
        project("[[hook]]\nwhen = 'before-run'\ncommand = ['sh', '-c', 'kill -TERM $PPID; sleep 60']\n");
    let start = std::time::Instant::now();
    let failed = run(&project, &["up"], 130);
    assert_eq!(failed["error"]["code"], "run.interrupted");
    assert_eq!(failed["error"]["effects"]["state"], "none");
    assert!(start.elapsed().as_secs() < 30);
}

#[test]
fn a_library_has_hooks_of_its_own() {
    let project = Project::new(MIGRATIONS);
    let mut manager = project.manager();
    manager.add_hook(
        Hook::call("no thursdays", HookPoint::BeforeRun, |event: &HookEvent<'_>, _: &Interrupt| {
            assert_eq!(event.direction, MigrationDirection::Up);
            Err("it is a thursday".into())
        })
        .on_error(HookPolicy::Fail),
    );
    let error = manager.run(&Request::up()).unwrap_err();
    assert!(matches!(&error, Error::Hook { hook, migration: None, .. } if hook == "no thursdays"), "{error}");
    assert_eq!(error.report().unwrap().results.len(), 2);
    let mut manager = project.manager();
    manager
        .add_hook(Hook::call("panics", HookPoint::AfterRun, |_: &HookEvent<'_>, _: &Interrupt| panic!("oh")));
    let report = manager.run(&Request::up()).unwrap();
    assert_eq!(report.warnings, ["the hook `panics` (after-run) failed: the hook panicked"]);
}

on_servers!([postgres, mariadb, mysql] [
    sql_stands_in_the_migrations_transaction_where_it_can,
    around_a_history_of_all_kinds,
]);

fn sql_stands_in_the_migrations_transaction_where_it_can<S: Subject>() {
    let (project, database) = (Project::new(MIGRATIONS), S::shared());
    project.write("//- migration.toml\n[[hook]]\nwhen = 'after-migration'\non_error = 'fail'\nsql = 'INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)'\n");
    let run = |arguments: &[&str]| {
        project.migration(&[arguments, &["--json"]].concat()).env("DATABASE_URL", database.url()).run()
    };
    let output = run(&["up"]);
    let undoes = tables::<S>(&database).is_empty();
    // Where a definition commits by itself, the migration is done before the hook is.
    let report = output.expect(if undoes { 7 } else { 8 }).json();
    assert_eq!(report["error"]["code"], "hook.failed", "{report:#}");
    let masked = report["error"].to_string();
    assert!(!masked.contains("throw-away"), "{masked}");
    assert_eq!(
        report["error"]["effects"]["migrations"]["1_a"],
        if undoes { "rolled_back" } else { "applied" }
    );
    project.write("//- migration.toml\n[[hook]]\nwhen = 'before-migration'\ncommand = ['sh', '-c', 'cat >> events']\n\
                   [[hook]]\nwhen = 'after-migration'\nsql = 'INSERT INTO a VALUES (1); INSERT INTO b VALUES (2)'\n");
    let report = run(&["up"]).expect(0).json();
    assert_eq!(report["data"]["warnings"].as_array().unwrap().len(), usize::from(undoes), "{report:#}");
    assert_eq!(database.query("SELECT x FROM a"), ["1"]);
    assert_eq!(database.query("SELECT x FROM b ORDER BY x"), ["1", "2"]);
    let event = &events(&project)[0];
    let shown = event["database"].as_str().unwrap();
    assert!(shown.contains(":***@") && !event.to_string().contains("throw-away"), "{event:#}");
}

fn around_a_history_of_all_kinds<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    let points = ["before-run", "after-run", "before-migration", "after-migration", "on-failure"];
    let commands = points.map(|point| {
        format!("[[hook]]\nwhen = '{point}'\non_error = 'warn'\ncommand = ['sh', '-c', 'cat >> events']\n")
    });
    project.write(&format!("//- migration.toml\n{}", commands.concat()));
    for arguments in [["up"].as_slice(), &["down", "--all"], &["up"]] {
        _ = project.migration(arguments).env("DATABASE_URL", database.url()).run().expect(0);
    }
    crate::every_server::assert_complete::<S>(&database, "with hooks");
    let when: Vec<Value> = events(&project).iter().map(|event| event["when"].clone()).collect();
    assert_eq!(when.len(), 30, "{when:?}");
    assert!(
        when[..10].iter().skip(1).step_by(2).all(|when| when == "before-migration" || when == "after-run")
    );
}
