//! Migrations that a branch brings in late: shown by `status`, applied or refused by `up`, found by `verify`.

use migration_tests::Project;
use serde_json::json;

const EARLY: &str =
    "//- migrations/1_a.sql\nCREATE TABLE a (x);\n//- migrations/3_c.sql\nCREATE TABLE c (x);\n";
const LATE: &str = "//- migrations/2_b.sql\nCREATE TABLE b (x);\n";

/// A project in which `2_b` came when `3_c` was applied.
fn late() -> Project {
    let project = Project::new(EARLY);
    _ = project.migration(&["up"]).run().expect(0);
    project.write(LATE);
    project
}

#[test]
fn status_and_verify_name_it() {
    let project = late();
    let status = project.migration(&["status"]).run().expect(0).stdout;
    assert!(status.contains("pending  2_b  out of order"), "{status}");
    assert!(status.contains("3 migrations: 2 applied, 1 pending; 1 out of order"), "{status}");
    let status = project.migration(&["status", "--json"]).run().expect(0).json();
    let flags = status["data"]["migrations"].as_array().unwrap().iter().map(|m| m["out_of_order"].clone());
    assert_eq!(flags.collect::<Vec<_>>(), [json!(false), json!(true), json!(false)]);
    let verify = project.migration(&["verify", "--json"]).run().expect(4).json();
    assert_eq!(verify["data"]["findings"][0]["kind"], "out_of_order");
    assert_eq!(verify["next_actions"][0]["command"], "migration up --out-of-order apply");
    assert_eq!(verify["next_actions"].as_array().unwrap().len(), 1, "{verify:#}");
}

#[test]
fn it_is_applied_with_a_warning_unless_told_otherwise() {
    let project = late();
    let up = project.migration(&["up", "--json"]).run().expect(0).json();
    assert_eq!(up["data"]["results"][0]["migration_id"], "2_b");
    let warnings = up["data"]["warnings"].as_array().unwrap();
    assert_eq!(warnings, &[json!("migration `2_b` is applied after some that come later in order")]);
    _ = project.migration(&["verify"]).run().expect(0);
}

#[test]
fn it_is_refused_with_what_to_do() {
    let project = late();
    for (arguments, again) in [
        (&["up", "--out-of-order", "refuse", "--json"][..], "migration up --out-of-order apply"),
        (&["up", "--dry-run", "--out-of-order", "refuse", "--json"], "migration up --out-of-order apply"),
        (&["plan", "--out-of-order", "refuse", "--json"], "migration plan --out-of-order apply"),
    ] {
        let refused = project.migration(arguments).run().expect(2).json();
        assert_eq!(refused["error"]["code"], "plan.out_of_order", "{refused:#}");
        assert_eq!(
            refused["error"]["message"],
            "a pending migration is out of order: `2_b` comes before `3_c`, which is applied"
        );
        assert_eq!(refused["next_actions"][0]["command"], again, "{refused:#}");
        assert_eq!(project.query("SELECT id FROM _migrations"), ["1_a", "3_c"].map(|id| format!("{id:?}")));
    }
    // What is said to be done does it.
    let line = project.migration(&[]).line("migration up --out-of-order apply").run();
    _ = line.expect(0);
    _ = project.migration(&["up", "--out-of-order", "refuse"]).run().expect(0);
}

#[test]
fn the_flag_goes_before_the_environment_and_that_before_the_file() {
    let project = late();
    project.write("//- migration.toml\nout_of_order = \"refuse\"\n");
    _ = project.migration(&["plan"]).run().expect(2);
    let shown = project.migration(&["config", "show"]).run().expect(0).stdout;
    assert!(shown.contains("out_of_order        refuse"), "{shown}");
    // The commands that are suggested would be refused without the flag.
    let status = project.migration(&["status", "--json"]).run().expect(0).json();
    assert_eq!(status["next_actions"][1]["command"], "migration up --out-of-order apply");
    let by_environment = |arguments: &[&str], value: &str| {
        project.migration(arguments).env("MIGRATION_OUT_OF_ORDER", value).run().code
    };
    assert_eq!(by_environment(&["plan"], "apply"), Some(0));
    assert_eq!(by_environment(&["plan", "--out-of-order", "refuse"], "apply"), Some(2));
    let odd = project.migration(&["plan", "--json"]).env("MIGRATION_OUT_OF_ORDER", "ignore").run().expect(2);
    assert_eq!(odd.json()["error"]["code"], "usage.environment");
    _ = project.migration(&["up", "--out-of-order", "apply"]).run().expect(0);
}

#[test]
fn the_plan_suggests_itself_with_its_policy() {
    let project = late();
    let plan = project.migration(&["plan", "--out-of-order", "apply", "--json"]).run().expect(0).json();
    assert_eq!(plan["data"]["migrations"][0]["out_of_order"], true);
    assert_eq!(plan["next_actions"][0]["command"], "migration up --out-of-order apply");
}
