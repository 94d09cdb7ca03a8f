//! Values in the place of names: Flyway's placeholders and goose's environment, on request only, and at the right places.

use migration_tests::Project;
use serde_json::json;

const FLYWAY: &str = "\
//- migrations/V1__t.sql
-- ${schema} stands in comments, too.
CREATE TABLE ${schema}_t (x TEXT DEFAULT '${word}');
//- migrations/U1__t.sql
DROP TABLE ${schema}_t;
//- migrations/R__v.sql
DROP VIEW IF EXISTS v;
CREATE VIEW v AS SELECT '${word}' AS x;
";
const TABLES: &str =
    "SELECT sql FROM sqlite_schema WHERE sql NOT LIKE '%\"\\_migr%' ESCAPE '\\' ORDER BY name";

#[test]
fn nothing_is_replaced_unless_asked_for() {
    let project = Project::new(FLYWAY);
    let up = project.migration(&["up", "--json"]).run().expect(2).json();
    assert_eq!(up["error"]["code"], "load.unsupported");
    assert_eq!(up["error"]["where"]["line"], 1);
}

#[test]
fn values_come_from_flags_and_from_the_file() {
    let project = Project::new(FLYWAY);
    project.write("//- migration.toml\n[placeholders]\nSchema = 'app'\nword = { env = 'WORD' }\n");
    let call = |arguments: &[&str]| project.migration(arguments).env("WORD", "hush-hush");
    let plan = call(&["plan"]).run().expect(0).stdout;
    assert!(plan.contains("CREATE TABLE app_t (x TEXT DEFAULT '***')"), "{plan}");
    let all = call(&["up", "-v", "--json"]).env("MIGRATION_LOG", "trace").run().expect(0);
    for output in [&plan, &all.stdout, &all.stderr, &call(&["config", "show"]).run().expect(0).stdout] {
        assert!(!output.contains("hush"), "{output}");
    }
    assert_eq!(
        project.query(TABLES),
        [
            "\"CREATE TABLE app_t (x TEXT DEFAULT 'hush-hush')\"",
            "\"CREATE VIEW v AS SELECT 'hush-hush' AS x\""
        ]
    );
    // The file is as it was, whatever the values; nor is a secret one a reason to run again.
    let other = |value: &str| {
        let status = project.migration(&["status", "--json", "--placeholder", "schema=other"]);
        status.env("WORD", value).run().expect(0).json()["data"]["summary"].clone()
    };
    assert_eq!(other("x"), json!({"applied": 2}));
    // Another one is.
    let shown = project.migration(&["status", "--json", "--placeholder", "WORD=open"]).run().expect(0).json();
    assert_eq!(shown["data"]["summary"], json!({"applied": 1, "outdated": 1}));
    assert_eq!(shown["next_actions"][1]["command"], "migration --placeholder WORD=open up");
    _ = project.migration(&["up", "--placeholder", "WORD=open"]).run().expect(0);
    assert_eq!(project.query("SELECT x FROM v"), ["\"open\""]);
    let down = call(&["down"]).run().expect(0).stdout;
    assert!(down.contains("V1__t"), "{down}");
}

#[test]
fn a_name_without_a_value_is_an_error_with_its_place() {
    let project = Project::new(FLYWAY);
    let up = project.migration(&["up", "--json", "--placeholder", "schema=app"]).run().expect(2).json();
    assert_eq!(up["error"]["code"], "load.unset_value");
    assert_eq!(up["error"]["where"]["line"], 2);
    assert_eq!(up["error"]["where"]["column"], 43);
    assert!(up["error"]["message"].as_str().unwrap().ends_with("`${word}` has no value"), "{up:#}");
    let odd = project.migration(&["up", "--json", "--placeholder", "schema"]).run().expect(2).json();
    assert_eq!(odd["error"]["code"], "usage.invalid_value", "{odd:#}");
}

#[test]
fn marks_of_one_s_own() {
    let project = Project::new("");
    project.write("//- migrations/V1__t.sql\nCREATE TABLE @name@ (x TEXT DEFAULT '${x}');\n");
    project.write(
        "//- migration.toml\nplaceholder_prefix = '@'\nplaceholder_suffix = '@'\n[placeholders]\nname = 'users'\n",
    );
    _ = project.migration(&["up"]).run().expect(0);
    assert_eq!(project.query(TABLES), ["\"CREATE TABLE users (x TEXT DEFAULT '${x}')\""]);
}

/// What the database says counts in the text that it got; the file is another one.
#[test]
fn places_are_those_of_the_file() {
    let project = Project::new("//- migrations/V1__t.sql\nSELECT '${long}', '${two}', '${secret}', nope;\n");
    project.write(
        "//- migration.toml\n[placeholders]\nlong = 'a rather long text'\ntwo = \"\"\"two\nlines\"\"\"\nsecret = { env = 'S' }\n",
    );
    let call = |arguments: &[&str]| project.migration(arguments).env("S", "hush-hush");
    let up = call(&["up", "--json"]).run().expect(7);
    assert!(!up.stdout.contains("hush") && !up.stderr.contains("hush"), "{}", up.stdout);
    let place = &up.json()["error"]["where"];
    assert_eq!(json!([place["line"], place["column"], place["statement"]]), json!([1, 42, 1]));
    let shown = call(&["up"]).run().expect(7).stderr;
    assert!(shown.contains("SELECT '${long}', '${two}', '${secret}', nope;"), "{shown}");
    // What comes after is on the line where it stands, also where a text can't be split.
    project.write("//- migrations/V1__t.sql\nSELECT '${two}';\nSELECT 'x, '${two}';\n");
    let split = call(&["plan", "--json"]).run().expect(2).json();
    assert_eq!(split["error"]["code"], "split.unterminated");
    assert_eq!(json!([split["error"]["where"]["line"], split["error"]["where"]["column"]]), json!([2, 19]));
    project.write("//- migrations/V1__t.sql\nSELECT '${two}';\nBEGIN;\n");
    let control = call(&["plan", "--json"]).run().expect(2).json();
    assert_eq!(control["error"]["where"]["line"], 2, "{control:#}");
}

/// What the database says may repeat a value.
#[test]
fn the_words_of_the_database_hold_no_secret() {
    let project = Project::new("//- migrations/V1__t.sql\nSELECT 1 FROM ${secret};\n");
    project.write("//- migration.toml\n[placeholders]\nsecret = { env = 'S' }\n");
    let up = project.migration(&["up", "--json"]).env("S", "hush_hush").run().expect(7);
    assert_eq!(up.json()["error"]["why"], "no such table: ***");
    assert!(!up.stdout.contains("hush") && !up.stderr.contains("hush"), "{}", up.stdout);
}

const GOOSE: &str = "\
//- migrations/1_t.sql
-- +goose Up
-- +goose ENVSUB ON
CREATE TABLE t (
    -- $NOT_SET_BUT_IN_A_STATEMENT
    x TEXT DEFAULT '${WORD}', y TEXT DEFAULT '${NO:-none}'
);
-- +goose ENVSUB OFF
INSERT INTO t (x) VALUES ('$WORD');
-- +goose Down
-- +goose ENVSUB ON
DROP TABLE ${TABLE_NAME-t};
";

#[test]
fn goose_gets_the_environment_on_request() {
    let project = Project::new(&GOOSE.replace("$NOT_SET_BUT_IN_A_STATEMENT", "$WORD"));
    let refused = project.migration(&["up", "--json"]).env("WORD", "hush-hush").run().expect(2).json();
    assert_eq!(refused["error"]["code"], "load.invalid_annotation");
    assert_eq!(refused["error"]["where"]["line"], 4);
    let call = |arguments: &[&str]| project.migration(arguments).env("WORD", "hush-hush");
    let plan = call(&["plan", "--env-substitution", "-v"]).run().expect(0).stdout;
    assert!(plan.contains("x TEXT DEFAULT '***', y TEXT DEFAULT 'none'") && !plan.contains("hush"), "{plan}");
    project.write("//- migration.toml\nenv_substitution = true\n");
    _ = call(&["up"]).run().expect(0);
    assert_eq!(project.query("SELECT * FROM t"), ["\"$WORD\"|\"none\""]);
    // The checksum is that of the file.
    let verify = project.migration(&["verify"]).env("WORD", "another").run();
    _ = verify.expect(0);
    _ = call(&["down"]).run().expect(0);
    assert!(project.query(TABLES).is_empty());
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let project = Project::new(GOOSE);
    let up =
        project.migration(&["up", "--env-substitution", "--json"]).env("WORD", "x").run().expect(2).json();
    assert_eq!(up["error"]["code"], "load.unset_value");
    assert_eq!(up["error"]["where"]["line"], 4);
    let message = up["error"]["message"].as_str().unwrap();
    assert!(message.contains("variable `NOT_SET_BUT_IN_A_STATEMENT` has no value"), "{message}");
}

/// A down part that is kept in the database would keep its values.
#[test]
fn no_secret_is_kept_to_roll_back_with() {
    let project =
        Project::new("//- migrations/V1__t.sql\nSELECT 1;\n//- migrations/U1__t.sql\nSELECT '${x}';\n");
    project.write("//- migration.toml\n[placeholders]\nx = { env = 'S' }\n");
    _ = project.migration(&["up"]).env("S", "hush-hush").run().expect(0);
    assert!(project.query("SELECT rollback_sql FROM _migration_journal").is_empty());
    _ = project.migration(&["down"]).env("S", "hush-hush").run().expect(0);

    project.write("//- migration.toml\n[placeholders]\nx = 'plain'\n");
    _ = project.migration(&["up"]).run().expect(0);
    assert_eq!(project.query("SELECT rollback_sql FROM _migration_journal"), ["\"SELECT 'plain';\\n\""]);
}
