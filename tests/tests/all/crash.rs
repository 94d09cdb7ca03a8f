//! What was cut off by a mistake in a script: what is shown of it, and how it is mended. What was cut off by a death is the
//! matter of `faults.rs`.

use migration_kit::sql::MigrationState;
use migration_tests::Project;

#[test]
fn what_was_cut_off_is_shown_and_can_be_mended() {
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (x);\nVACUUM;\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE c (x);\n",
    );
    let output = project.migration(&["up", "--json"]).run().expect(8).json();
    assert_eq!(output["error"]["effects"]["state"], "partial");
    assert_eq!(output["error"]["effects"]["migrations"]["1_a"], "partial");
    assert_eq!(output["error"]["where"]["line"], 3);
    let info = project.manager().get_migration_status("1_a").unwrap();
    assert_eq!(info.status, MigrationState::Partial);
    assert_eq!(info.progress.unwrap().statements_done, 2);

    // An edit of what is in effect is refused, one of what isn't goes on where it stopped.
    project.write("//- migrations/1_a.up.sql\nCREATE TABLE b (x);\nVACUUM;\nCREATE TABLE c (x);\n");
    let refused = project.migration(&["up", "--json"]).run().expect(2).json();
    assert_eq!(refused["error"]["code"], "plan.partial_changed");
    project.write("//- migrations/1_a.up.sql\nCREATE TABLE a (x); -- same\nVACUUM;\n\nCREATE TABLE c (x);\n");
    _ = project.migration(&["up"]).run().expect(0);
    assert_eq!(
        project.query("SELECT name FROM sqlite_schema WHERE name IN ('a', 'c') ORDER BY 1"),
        ["\"a\"", "\"c\""]
    );
}

#[test]
fn what_was_still_to_come_may_be_edited_in_any_way() {
    let begun = "CREATE TABLE a (x);\nPRAGMA foreign_keys = OFF;\nINSERT INTO nowhere VALUES (1);\n";
    for rest in [
        "",
        "INSERT INTO a VALUES (1);\n",
        "VACUUM;\n",
        "PRAGMA foreign_keys = OFF;\nINSERT INTO a VALUES (1);\n",
    ] {
        let project = Project::new(&format!("//- migrations/1_a.up.sql\n{begun}"));
        _ = project.migration(&["up"]).run().expect(8);
        project.write(&format!("//- migrations/1_a.up.sql\nCREATE TABLE a (x);\n{rest}"));
        let report = project.manager().apply_pending_migrations().unwrap();
        assert_eq!(report.results[0].progress(), 1.0, "{rest}");
        assert_eq!(
            project.query("SELECT count(*) FROM _migration_journal WHERE state <> 'applied'"),
            ["0"],
            "{rest}"
        );
        let rows = if rest.contains("INSERT") { "1" } else { "0" };
        assert_eq!(project.query("SELECT count(*) FROM a"), [rows], "{rest}");
    }
}
