//! Applied migrations whose files are not what they were, and the ways out.

use std::fs;

use serde_json::Value;

use super::{applied, check_error, check_ok, dump, half_applied, state_of};

/// The commands that a report suggests.
fn advice(report: &Value) -> Vec<String> {
    let actions = report["next_actions"].as_array().unwrap();
    actions.iter().filter_map(|action| action["command"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_changed_file() {
    let project = half_applied();
    let up = project.path("migrations/01_users/up.sql");
    let original = fs::read_to_string(&up).unwrap();
    fs::write(&up, format!("{original}INSERT INTO users VALUES (2, 'two');\n")).unwrap();
    let words = ["`01_users`", "edited"];
    for arguments in
        [["up"].as_slice(), &["up", "--dry-run"], &["up", "--atomic"], &["up", "--steps", "1"], &["plan"]]
    {
        let report = check_error(&project, arguments, 4, "history.changed", &words);
        assert_eq!(report["error"]["where"]["file"], "migrations/01_users/up.sql");
        assert_eq!(advice(&report), ["migration repair --accept 01_users"]);
    }
    // To roll back what was applied with what was written for something else could destroy data.
    let _ = check_error(&project, &["down"], 4, "history.changed", &words);
    let _ = check_error(&project, &["redo"], 4, "history.changed", &words);
    let _ = check_error(&project, &["down", "--ignore-missing"], 4, "history.changed", &words);
    let _ = check_error(&project, &["up", "--ignore-missing"], 4, "history.changed", &words);
    assert_eq!(state_of(&project, "01_users"), "changed");
    let verified = project.migration(&["verify", "--json"]).run().expect(4).json();
    assert_eq!(verified["error"]["code"], "verify.findings");
    assert!(verified["data"].to_string().contains("01_users"), "{verified:#}");
    let _ = project.migration(&["status", "--exit-code"]).run().expect(4);

    // Undone, all is well.
    fs::write(&up, &original).unwrap();
    let _ = check_ok(&project, &["verify"]);
    let _ = check_ok(&project, &["up", "--dry-run"]);
}

#[test]
fn a_changed_file_that_is_accepted() {
    let project = half_applied();
    fs::write(project.path("migrations/01_users/up.sql"), "-- the same\nCREATE TABLE users (id, name);\n")
        .unwrap();
    let report = check_error(&project, &["up"], 4, "history.changed", &["`01_users`"]);
    let before = super::client(&project, "SELECT * FROM users");
    let _ = project.migration(&[]).line(&advice(&report)[0]).run().expect(0);
    assert_eq!(super::client(&project, "SELECT * FROM users"), before, "accepting ran something");
    assert_eq!(state_of(&project, "01_users"), "applied");
    let _ = check_ok(&project, &["verify"]);
    let _ = check_ok(&project, &["up"]);
    let _ = check_ok(&project, &["down", "--all"]);
}

#[test]
fn a_changed_down_file_is_none() {
    let project = half_applied();
    fs::write(project.path("migrations/01_users/down.sql"), "DROP TABLE users;\n-- better\n").unwrap();
    let _ = check_ok(&project, &["verify"]);
    let _ = check_ok(&project, &["down"]);
}

#[test]
fn several_changed_files() {
    let project = half_applied();
    let _ = check_ok(&project, &["up"]);
    for id in ["01_users", "02_posts", "03_tags"] {
        fs::write(project.path("migrations").join(id).join("up.sql"), "SELECT 1;\n").unwrap();
    }
    let report =
        check_error(&project, &["up"], 4, "history.changed", &["`01_users`", "`02_posts`", "`03_tags`"]);
    assert_eq!(advice(&report).len(), 3);
    for command in advice(&report) {
        let _ = project.migration(&[]).line(&command).run().expect(0);
    }
    let _ = check_ok(&project, &["verify"]);
}

#[test]
fn a_file_that_is_gone() {
    let project = half_applied();
    fs::remove_dir_all(project.path("migrations/01_users")).unwrap();
    let words = ["`01_users`", "no file"];
    for arguments in [["up"].as_slice(), &["up", "--dry-run"], &["up", "--atomic"], &["plan"], &["redo"]] {
        let report = check_error(&project, arguments, 4, "history.missing_file", &words);
        if arguments[0] == "up" {
            assert_eq!(advice(&report), ["migration up --ignore-missing"]);
        }
    }
    let _ = check_error(&project, &["up", "--to", "01_users"], 4, "history.missing_file", &words[..1]);
    assert_eq!(state_of(&project, "01_users"), "missing");
    let verified = project.migration(&["verify", "--json"]).run().expect(4).json();
    assert!(verified["data"].to_string().contains("01_users"), "{verified:#}");

    let _ = check_ok(&project, &["up", "--ignore-missing"]);
    assert_eq!(applied(&project), ["01_users", "02_posts", "03_tags"]);
    let _ = check_ok(&project, &["down", "--ignore-missing", "--all"]);
    assert_eq!(applied(&project), ["01_users"]);
}

#[test]
fn a_file_that_is_gone_and_forgotten() {
    let project = half_applied();
    fs::remove_dir_all(project.path("migrations/01_users")).unwrap();
    let _ = check_ok(&project, &["repair", "--mark-pending", "01_users"]);
    let _ = check_ok(&project, &["verify"]);
    let _ = check_ok(&project, &["up"]);
    assert_eq!(applied(&project), ["02_posts", "03_tags"]);
}

#[test]
fn all_files_gone() {
    let project = half_applied();
    for id in ["01_users", "02_posts", "03_tags"] {
        fs::remove_dir_all(project.path("migrations").join(id)).unwrap();
    }
    let _ = check_error(&project, &["up"], 4, "history.missing_file", &["`01_users`"]);
    let _ = check_error(&project, &["redo"], 4, "history.missing_file", &["`01_users`"]);
    assert_eq!(state_of(&project, "01_users"), "missing");
}

#[test]
fn a_file_that_was_renamed() {
    let project = half_applied();
    fs::rename(project.path("migrations/01_users"), project.path("migrations/01_people")).unwrap();
    let report = check_error(&project, &["up"], 4, "history.missing_file", &["`01_users`"]);
    let actions = report["next_actions"].to_string();
    assert!(actions.contains("01_people"), "{actions}");
    let rename = advice(&report).remove(0);
    let tables = super::client(&project, "SELECT * FROM users");
    let _ = project.migration(&[]).line(&rename).run().expect(0);
    assert_eq!(super::client(&project, "SELECT * FROM users"), tables);
    assert_eq!(applied(&project), ["01_people"]);
    let _ = check_ok(&project, &["verify"]);
    let _ = check_ok(&project, &["up"]);
}

#[test]
fn decisions_about_nothing() {
    let project = half_applied();
    let before = dump(&project);
    for arguments in [
        ["repair", "--accept", "nope"],
        ["repair", "--mark-applied", "nope"],
        ["repair", "--mark-pending", "nope"],
    ] {
        let _ = check_error(&project, &arguments, 2, "plan.unknown_migration", &["`nope`"]);
    }
    let _ =
        check_error(&project, &["repair", "--accept", "02_posts"], 2, "plan.not_applied", &["`02_posts`"]);
    assert_eq!(dump(&project), before);
}

#[test]
fn targets_that_are_none() {
    let project = half_applied();
    let _ = check_error(
        &project,
        &["up", "--to", "02_post"],
        2,
        "plan.unknown_migration",
        &["`02_post`", "`02_posts`"],
    );
    let _ = check_error(&project, &["down", "--to", "03_tags"], 2, "plan.not_applied", &["`03_tags`"]);
    for steps in ["0", "-1", "x", "1.5", "99999999999999999999999"] {
        let output = project.migration(&["up", &format!("--steps={steps}"), "--json"]).run();
        assert_eq!(output.code, Some(2), "{steps}: {}", output.stdout);
        assert!(output.json()["error"]["code"].as_str().unwrap().starts_with("usage."), "{}", output.stdout);
    }
}
