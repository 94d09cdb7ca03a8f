//! What the directory holds: nothing, too much, what can't be opened, what doesn't belong together.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;

use migration_tests::Project;

use super::{Tree, applied, check_error, check_ok, half_applied, refused, shown, state_of};

const READING: [&str; 5] = ["up", "down", "status", "plan", "verify"];

/// Refused by every command that reads the directory.
#[track_caller]
fn is_refused(project: &Project, code: &str, words: &[&str]) {
    for command in READING {
        let _ = check_error(project, &[command], 2, code, words);
    }
}

#[test]
fn a_missing_directory() {
    let project = half_applied();
    fs::rename(project.path("migrations"), project.path("elsewhere")).unwrap();
    is_refused(&project, "load.directory_missing", &["migrations"]);
    let _ = check_error(&project, &["up", "--dir", "no/such"], 2, "load.directory_missing", &["no/such"]);
    // A link that leads nowhere is not the same as nothing.
    symlink("nowhere", project.path("migrations")).unwrap();
    is_refused(&project, "load.unreadable", &["migrations"]);
}

#[test]
fn no_database_is_made_for_a_directory_that_is_refused() {
    let project = Project::new("");
    fs::remove_dir(project.path("migrations")).unwrap();
    let _ = check_error(&project, &["up"], 2, "load.directory_missing", &["migrations"]);
    assert!(!project.path("app.db").exists());
}

#[test]
fn a_file_where_the_directory_should_be() {
    let project = half_applied();
    let _ = check_error(&project, &["up", "--dir", "app.db"], 2, "load.not_a_directory", &["app.db"]);
    let below = "app.db/migrations";
    let _ = check_error(&project, &["status", "--dir", below], 2, "load.not_a_directory", &["app.db"]);
}

#[test]
fn a_link_that_leads_nowhere() {
    let project = half_applied();
    let up = project.path("migrations/02_posts/up.sql");
    fs::remove_file(&up).unwrap();
    symlink("../gone.sql", &up).unwrap();
    is_refused(&project, "load.unreadable", &["migrations/02_posts/up.sql", "No such file"]);

    for (link, name) in [("down.sql", "02_posts/down.sql"), ("metadata.toml", "02_posts/metadata.toml")] {
        let project = half_applied();
        let path = project.path("migrations/02_posts").join(link);
        _ = fs::remove_file(&path);
        symlink("gone", &path).unwrap();
        is_refused(&project, "load.unreadable", &[name]);
    }

    let project = half_applied();
    symlink("gone", project.path("migrations/04_more")).unwrap();
    is_refused(&project, "load.unreadable", &["migrations/04_more"]);
}

#[test]
fn a_folder_where_a_file_should_be() {
    for name in ["up.sql", "down.sql", "metadata.toml"] {
        let project = half_applied();
        let path = project.path("migrations/02_posts").join(name);
        _ = fs::remove_file(&path);
        fs::create_dir(&path).unwrap();
        is_refused(&project, "load.unreadable", &["migrations/02_posts", name, "directory"]);
    }
    let project = Project::new("//- migrations/1_a.up.sql\nCREATE TABLE a (id);\n");
    fs::create_dir(project.path("migrations/2_b.up.sql")).unwrap();
    let _ = check_error(&project, &["up"], 2, "load.unreadable", &["migrations/2_b.up.sql", "directory"]);
    let project = Project::new("");
    fs::create_dir(project.path("migrations/1_a.json")).unwrap();
    let _ = check_error(&project, &["up"], 2, "load.unreadable", &["migrations/1_a.json", "directory"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_fails_while_it_is_read() {
    let project = half_applied();
    let up = project.path("migrations/02_posts/up.sql");
    fs::remove_file(&up).unwrap();
    // Opens, and gives an I/O error at its first byte.
    symlink("/proc/self/mem", &up).unwrap();
    is_refused(&project, "load.unreadable", &["migrations/02_posts/up.sql", "Input/output error"]);
}

#[test]
fn a_link_that_leads_to_itself() {
    for (name, folder) in [("02_posts/up.sql", false), ("02_posts/down.sql", false), ("04_more", true)] {
        let project = half_applied();
        let path = project.path("migrations").join(name);
        if !folder {
            fs::remove_file(&path).unwrap();
        }
        symlink(path.file_name().unwrap(), &path).unwrap();
        is_refused(&project, "load.symlink_loop", &[name]);
    }
    let project = half_applied();
    fs::rename(project.path("migrations"), project.path("elsewhere")).unwrap();
    symlink("other", project.path("migrations")).unwrap();
    symlink("migrations", project.path("other")).unwrap();
    is_refused(&project, "load.symlink_loop", &["migrations"]);
}

#[test]
fn links_that_lead_somewhere() {
    let project = half_applied();
    fs::rename(project.path("migrations/02_posts"), project.path("posts")).unwrap();
    symlink("../posts", project.path("migrations/02_posts")).unwrap();
    fs::rename(project.path("migrations"), project.path("elsewhere")).unwrap();
    symlink("elsewhere", project.path("migrations")).unwrap();
    let _ = check_ok(&project, &["up"]);
    assert_eq!(applied(&project), ["01_users", "02_posts", "03_tags"]);
    // A link in a folder of a migration back to the directory is no part of any migration.
    symlink("..", project.path("migrations/03_tags/back")).unwrap();
    let _ = check_ok(&project, &["down", "--all"]);
}

#[test]
fn something_that_would_be_waited_for() {
    let project = half_applied();
    let _pipe = UnixListener::bind(project.path("migrations/9_x.up.sql")).unwrap();
    let _ = check_error(&project, &["up"], 2, "load.unreadable", &["9_x.up.sql"]);
    let project = half_applied();
    let up = project.path("migrations/02_posts/up.sql");
    fs::remove_file(&up).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&up).status().unwrap();
    assert!(made.success());
    let output = project.migration(&["up", "--json"]).through("exec timeout 5 \"$0\" \"$@\"").run();
    let _ = refused(&output, 2, "load.unreadable", &["migrations/02_posts/up.sql"]);
}

/// The tests may run as root, to whom modes mean nothing: the command runs as somebody else.
#[test]
fn modes_that_forbid_reading() {
    let all =
        |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let commands = tempfile::tempdir().unwrap();
    all(commands.path(), 0o755);
    for (name, mode) in
        [("migrations/02_posts/up.sql", 0o000), ("migrations/02_posts", 0o000), ("migrations", 0o000)]
    {
        let project = half_applied();
        all(project.root(), 0o755);
        let before = Tree::of(project.root());
        let path = project.path(name);
        all(&path, mode);
        let run = |arguments: &[&str]| {
            project.migration(arguments).unprivileged(&commands.path().join("migration")).run()
        };
        let (json, text) = (run(&["up", "--json"]), run(&["up"]));
        all(&path, 0o755);
        let _ = refused(&json, 2, "load.unreadable", &[name, "Permission denied"]);
        shown(&text, 2, "load.unreadable", &[name, "Permission denied"]);
        before.assert_unchanged("though it could not be read");
    }
}

#[test]
fn two_migrations_with_one_version() {
    let project = half_applied();
    project.write("//- migrations/02_comments/up.sql\nCREATE TABLE comments (id);\n");
    is_refused(&project, "load.duplicate_version", &["02_posts", "02_comments"]);

    // Real histories of numbered files have them: both run, with a warning that names them.
    for end in [".up.sql", ".sql"] {
        let project = Project::new(&format!(
            "//- migrations/1_a{end}\nCREATE TABLE a (id);\n//- migrations/1_b{end}\nCREATE TABLE b (id);\n"
        ));
        let warnings = check_ok(&project, &["status"])["data"]["warnings"].to_string();
        assert!(warnings.contains("1_a") && warnings.contains("1_b"), "{warnings}");
        let _ = check_ok(&project, &["up"]);
        assert_eq!(applied(&project), ["1_a", "1_b"]);
    }
    // But two scripts for one direction of one migration are one too many.
    let project = Project::new(
        "//- migrations/1_a.sql\nCREATE TABLE a (id);\n//- migrations/1_a.up.sql\nCREATE TABLE b (id);\n",
    );
    let output = project.migration(&["up", "--json"]).run();
    let report = output.json();
    let code = report["error"]["code"].as_str().unwrap_or_default();
    assert!(["load.duplicate_id", "load.duplicate_version"].contains(&code), "{report:#}");
    let _ = refused(&output, 2, code, &["1_a.sql", "1_a.up.sql"]);
    assert!(!project.path("app.db").exists());
}

#[test]
fn two_migrations_with_one_id() {
    let text = |name: &str| {
        format!("{{\"id\": \"1_a\", \"name\": \"{name}\", \"sql\": \"CREATE TABLE {name} (id)\"}}\n")
    };
    let project = Project::new(&format!(
        "//- migrations/1_a.json\n{}//- migrations/2_b.json\n{}",
        text("a"),
        text("b")
    ));
    is_refused(&project, "load.duplicate_id", &["`1_a`", "migrations/1_a.json", "migrations/2_b.json"]);
    assert!(!project.path("app.db").exists());
}

#[test]
fn a_down_script_without_an_up_script() {
    let project = half_applied();
    fs::remove_file(project.path("migrations/02_posts/up.sql")).unwrap();
    is_refused(&project, "load.missing_up", &["02_posts"]);
    let project = Project::new(
        "//- migrations/1_a.up.sql\nCREATE TABLE a (id);\n//- migrations/2_b.down.sql\nDROP TABLE b;\n",
    );
    // Real histories of numbered files have it: nothing that could be lost, but said.
    let warnings = check_ok(&project, &["up"])["data"]["warnings"].to_string();
    assert!(warnings.contains("2_b.down.sql"), "{warnings}");
}

#[test]
fn files_of_two_layouts() {
    let project = half_applied();
    project.write("//- migrations/4_x.json\n{\"id\": \"4_x\", \"name\": \"x\", \"sql\": \"SELECT 1\"}\n");
    is_refused(&project, "load.ambiguous_layout", &["4_x.json", "json", "01_users", "diesel"]);
    let project = Project::new("//- migrations/create users.sql\nCREATE TABLE users (id);\n");
    is_refused(&project, "load.unknown_layout", &["create users.sql", "json"]);
    let project = Project::new(
        "//- migrations/1_a.sql\n-- +migrate Up\nCREATE TABLE a (id);\n-- +migrate Down\nDROP TABLE a;\n",
    );
    is_refused(&project, "load.foreign_layout", &["1_a.sql", "sql-migrate"]);
    let project = Project::new("//- migrations/1_a.sql\n-- +goose Up\nCREATE TABLE a (id);\n-- +goose Dwn\n");
    is_refused(&project, "load.invalid_annotation", &["1_a.sql", "line 3", "goose"]);
}

/// A project with three migrations whose `depends_on` is given.
fn depending(on: [&str; 3]) -> Project {
    let project = half_applied();
    for (name, on) in ["01_users", "02_posts", "03_tags"].iter().zip(on) {
        let text = format!("run_in_transaction = true\ndepends_on = [{on}]\n");
        fs::write(project.path("migrations").join(name).join("metadata.toml"), text).unwrap();
    }
    project
}

#[test]
fn a_dependency_that_does_not_exist() {
    let project = depending(["", "'01_user', '01_users'", "'02_posts'"]);
    is_refused(&project, "load.missing_dependency", &["02_posts", "`01_user`"]);
    let project = depending(["'a'", "'b'", "'c'"]);
    is_refused(&project, "load.missing_dependency", &["01_users", "`a`", "`b`", "03_tags", "`c`"]);
}

#[test]
fn dependencies_in_a_ring() {
    let project = depending(["'03_tags'", "'01_users'", "'02_posts'"]);
    is_refused(&project, "load.cycle", &["01_users", "02_posts", "03_tags", "->"]);
    let project = depending(["'02_posts'", "'01_users'", ""]);
    is_refused(&project, "load.cycle", &["01_users", "02_posts", "->"]);
}

#[test]
fn a_migration_that_depends_on_itself() {
    let project = depending(["", "'02_posts'", ""]);
    is_refused(&project, "load.cycle", &["02_posts -> 02_posts"]);
    let project = Project::new(
        "//- migrations/1_a.json\n{\"id\": \"1_a\", \"name\": \"a\", \"sql\": \"SELECT 1\", \"dependencies\": [\"1_a\"]}\n",
    );
    is_refused(&project, "load.cycle", &["1_a -> 1_a", "1_a.json"]);
}

#[test]
fn a_dependency_named_twice_is_one() {
    let project = depending(["", "'01_users', '01_users'", "'01_users', '02_posts'"]);
    let _ = check_ok(&project, &["up"]);
    assert_eq!(state_of(&project, "03_tags"), "applied");
}

#[test]
fn an_empty_directory() {
    let project = Project::new("");
    for command in ["up", "status", "plan", "verify"] {
        let _ = check_ok(&project, &[command]);
        let _ = project.migration(&[command]).run().expect(0);
    }
    let _ = check_ok(&project, &["down"]);
    let readme = "//- migrations/README.md\nHow we write migrations.\n//- migrations/.gitkeep\n\n";
    project.write(readme);
    let _ = check_ok(&project, &["up"]);
}
