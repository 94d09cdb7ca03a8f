//! Rolling back what has no file any more, with the down parts that the database kept.

use std::fs;

use migration_kit::sql::{MigrationState, Request, Target};
use migration_tests::Project;

const HISTORY: &str = "\
//- migrations/02_two/up.sql
CREATE TABLE two (x);
//- migrations/02_two/down.sql
DROP TABLE two;
//- migrations/10_ten/up.sql
CREATE TABLE ten (x);
INSERT INTO ten VALUES ('a;b');
//- migrations/10_ten/down.sql
-- undone by hand
DELETE FROM ten WHERE x = 'a;b';
DROP TABLE ten;
//- migrations/10_ten/metadata.toml
depends_on = [\"02_two\"]
//- migrations/11_eleven/up.sql
CREATE TABLE eleven (x);
";

fn without(project: &Project, id: &str) {
    fs::remove_dir_all(project.path("migrations").join(id)).unwrap();
}

fn tables(project: &Project) -> String {
    project
        .query("SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_%' ESCAPE '\\' AND type = 'table' ORDER BY name")
        .join(" ")
}

#[test]
fn an_older_directory_rolls_a_newer_database_back() {
    let project = Project::new(HISTORY);
    _ = project.migration(&["up", "--to", "10_ten"]).run().expect(0);
    without(&project, "10_ten");
    without(&project, "11_eleven");

    let mut manager = project.manager();
    let ten = manager.get_migration_status("10_ten").unwrap();
    assert_eq!((ten.status, ten.reversible), (MigrationState::Missing, true));
    let plan = manager.plan(&Request::down().to(Target::All)).unwrap();
    let ids: Vec<_> = plan.migrations.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(ids, ["10_ten", "02_two"]);
    assert_eq!(plan.migrations[0].statements.len(), 2);
    assert!(plan.warnings[0].contains("`10_ten` has no file"), "{:?}", plan.warnings);

    let output = project.migration(&["down"]).run().expect(0);
    assert!(output.stdout.contains("10_ten"), "{output:?}");
    assert_eq!(tables(&project), "\"two\"");
    assert_eq!(project.query("SELECT id FROM _migrations"), ["\"02_two\""]);
    assert_eq!(project.query("SELECT migration_id FROM _migration_journal"), ["\"02_two\""]);
}

#[test]
fn each_direction_has_its_own_transaction() {
    let up = "CREATE TABLE one (x);\nCREATE TABLE two (x);\n";
    let down = "DROP TABLE one;\nDROP TABLE missing;\n";
    for (up_option, down_option, left) in [
        ("transaction:false", "transaction:true", "\"one\" \"two\""),
        ("transaction:true", "transaction:false", "\"two\""),
    ] {
        for kept in [false, true] {
            let project = Project::new(&format!(
                "//- migrations/1_a.sql\n-- migrate:up {up_option}\n{up}-- migrate:down {down_option}\n{down}"
            ));
            _ = project.migration(&["up"]).run().expect(0);
            if kept {
                fs::remove_file(project.path("migrations/1_a.sql")).unwrap();
            }
            let output = project.migration(&["down"]).run();
            assert_ne!(output.code, Some(0), "{output:?}");
            assert!(output.stderr.contains("missing"), "{output:?}");
            assert!(kept || output.stderr.contains("1_a.sql:6"), "{output:?}");
            assert_eq!(tables(&project), left, "down {down_option}, kept: {kept}");
        }
    }
}

#[test]
fn what_can_not_be_rolled_back_is_refused_before_anything_runs() {
    let project = Project::new(HISTORY);
    _ = project.migration(&["up"]).run().expect(0);
    without(&project, "11_eleven");
    let report = project.migration(&["down", "--all", "--json"]).run().expect(4).json();
    assert_eq!(report["error"]["code"], "history.missing_file");
    assert_eq!(tables(&project), "\"eleven\" \"ten\" \"two\"");
    // It has no down part anywhere; those below it stay reachable by name.
    let report = project.migration(&["redo", "--json"]).run().expect(4).json();
    assert_eq!(report["error"]["code"], "history.missing_file");
}

#[test]
fn an_edit_that_was_accepted_is_kept_and_another_text_is_not_used() {
    let project = Project::new(HISTORY);
    _ = project.migration(&["up", "--to", "02_two"]).run().expect(0);
    project.write("//- migrations/02_two/up.sql\nCREATE TABLE two (x, y);\n//- migrations/02_two/down.sql\nDROP TABLE IF EXISTS two;\n");
    _ = project.migration(&["repair", "--accept", "02_two"]).run().expect(0);
    assert_eq!(
        project.query("SELECT rollback_sql FROM _migration_journal"),
        ["\"DROP TABLE IF EXISTS two;\\n\""]
    );

    project.connect().execute_script("UPDATE _migration_journal SET checksum = 'of another text'").unwrap();
    without(&project, "02_two");
    without(&project, "10_ten");
    let report = project.migration(&["down", "--json"]).run().expect(4).json();
    assert_eq!(report["error"]["code"], "history.missing_file");
}

#[test]
fn a_failure_in_a_kept_part_is_undone_and_shown() {
    let project = Project::new(HISTORY);
    _ = project.migration(&["up", "--to", "10_ten"]).run().expect(0);
    without(&project, "10_ten");
    without(&project, "11_eleven");
    project.connect().execute_script("CREATE VIEW v AS SELECT 1; ALTER TABLE ten RENAME TO other").unwrap();
    let output = project.migration(&["down", "--json"]).run().expect(7);
    let report = output.json();
    assert_eq!(report["error"]["effects"]["state"], "none");
    assert_eq!(report["error"]["where"]["statement"], 1);
    assert!(report["error"]["why"].as_str().unwrap().contains("no such table: ten"), "{report:#}");
}
