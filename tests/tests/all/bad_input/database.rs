//! Databases that are none, that are damaged, and that can't be written.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use migration_tests::{Output, Project};

use super::{Tree, applied, check_error, check_ok, dump, half_applied, refused, shown};

const TALKING: [&str; 5] = ["up", "down", "status", "verify", "dump"];

#[test]
fn a_text_file() {
    let project = half_applied();
    fs::write(
        project.path("app.db"),
        "This is a text, and longer than the header of a database is: ".repeat(20),
    )
    .unwrap();
    for command in TALKING {
        let words = ["app.db", "not a database"];
        let report = check_error(&project, &[command], 2, "database.not_a_database", &words);
        assert_eq!(report["error"]["database"]["engine"], "sqlite", "{report:#}");
    }
    // Too short to hold a header, and not empty either.
    fs::write(project.path("app.db"), "hello").unwrap();
    let before = Tree::of(project.root());
    let output = project.migration(&["up", "--json"]).run();
    let _ = refused(&output, 2, "database.not_a_database", &["app.db"]);
    before.assert_unchanged("though it is no database");
}

#[test]
fn the_directory_of_migrations_as_database() {
    let project = half_applied();
    for (path, words) in [("migrations", "is a folder"), (".", "is a folder"), ("migrations/", "is a folder")]
    {
        let url = format!("sqlite:///{path}");
        let _ = check_error(&project, &["up", "--database-url", &url], 2, "database.cant_open", &[words]);
    }
    let url = "sqlite:///migrations/01_users/up.sql";
    let _ = check_error(&project, &["up", "--database-url", url], 2, "database.not_a_database", &["up.sql"]);
}

#[test]
fn a_truncated_database() {
    let project = Project::new("//- migrations/1_m.up.sql\nCREATE TABLE t (id INTEGER PRIMARY KEY, body);\n");
    project.write(
        "//- migrations/2_m.up.sql\n\
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)\n\
         INSERT INTO t SELECT i, hex(randomblob(200)) FROM n;\n",
    );
    let _ = check_ok(&project, &["up"]);
    project.write("//- migrations/3_m.up.sql\nCREATE INDEX i ON t (body);\n");
    let whole = fs::read(project.path("app.db")).unwrap();
    // In the header, in the schema, at a page. What is cut off the last page is read as zeros: SQLite can't know.
    for length in [40, 100, 1000, 4096, 3 * 4096, whole.len() - 4096] {
        fs::write(project.path("app.db"), &whole[..length]).unwrap();
        let output = project.migration(&["up", "--json"]).run();
        super::assert_no_panic(&output);
        let report = output.json();
        let code = report["error"]["code"].as_str().unwrap_or_default();
        let expected = ["database.corrupt", "database.not_a_database", "apply.statement_failed"];
        assert!(expected.contains(&code), "{length}: {report:#}");
        assert!([Some(2), Some(7)].contains(&output.code), "{length}: {:?} {report:#}", output.code);
        assert_eq!(fs::read(project.path("app.db")).unwrap().len(), length, "the damaged file was changed");
        super::assert_clean(&project);
    }
}

#[test]
fn a_damaged_page() {
    let project = half_applied();
    let path = project.path("app.db");
    let mut bytes = fs::read(&path).unwrap();
    // The header is fine, the schema is not.
    bytes[100..].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    for command in TALKING {
        let _ = check_error(&project, &[command], 2, "database.corrupt", &["app.db", "malformed"]);
    }
}

#[test]
fn an_empty_file_is_an_empty_database() {
    let project = Project::new("//- migrations/1_m.up.sql\nCREATE TABLE t (id);\n//- app.db\n");
    assert_eq!(fs::read(project.path("app.db")).unwrap(), b"");
    let _ = check_ok(&project, &["status"]);
    let _ = check_ok(&project, &["up"]);
    assert_eq!(applied(&project), ["1_m"]);
}

#[test]
fn a_missing_folder() {
    let project = half_applied();
    let missing = ["up", "--database-url", "sqlite:///no/such/app.db"];
    let _ = check_error(&project, &missing, 2, "database.cant_open", &["no/such", "does not exist"]);
    // An absolute path with a slash too few.
    let url = format!("sqlite://{}", project.path("app.db").display());
    let relative = ["up", "--database-url", &url];
    let _ = check_error(&project, &relative, 2, "database.cant_open", &["four slashes"]);
    let below = ["up", "--database-url", "sqlite:///app.db/app.db"];
    let _ = check_error(&project, &below, 2, "database.cant_open", &["app.db"]);
}

#[test]
fn no_database_where_one_is_needed() {
    let project = Project::new("//- migrations/1_m.up.sql\nCREATE TABLE t (id);\n");
    for arguments in [["down"].as_slice(), &["dump"], &["redo"], &["repair", "--mark-pending", "1_m"]] {
        let _ = check_error(&project, arguments, 2, "connect.database_missing", &["app.db"]);
    }
    // To look is not to make.
    for arguments in [["status"].as_slice(), &["plan"], &["verify"], &["up", "--dry-run"]] {
        let _ = check_ok(&project, arguments);
        assert!(!project.path("app.db").exists(), "{arguments:?} made a database");
    }
    for mode in ["rw", "ro"] {
        let url = format!("{}?mode={mode}", project.url());
        let output = project.migration(&["up", "--json", "--database-url", &url]).run();
        super::assert_no_panic(&output);
        let report = output.json();
        let code = report["error"]["code"].as_str().unwrap();
        assert!(["database.cant_open", "connect.database_missing"].contains(&code), "{mode}: {report:#}");
        assert_eq!(output.code, Some(2));
        assert!(report["error"].to_string().contains("app.db"), "{report:#}");
        assert!(!project.path("app.db").exists(), "{mode}");
    }
}

#[test]
fn links_in_place_of_the_database() {
    let project = half_applied();
    fs::rename(project.path("app.db"), project.path("real.db")).unwrap();
    symlink("real.db", project.path("app.db")).unwrap();
    let _ = check_ok(&project, &["up"]);
    assert!(project.path("app.db").is_symlink());
}

#[test]
fn a_link_that_leads_to_itself() {
    let project = Project::new("//- migrations/1_m.up.sql\nCREATE TABLE t (id);\n");
    symlink("app.db", project.path("app.db")).unwrap();
    for command in ["up", "status"] {
        let output = project.migration(&[command, "--json"]).run();
        super::assert_no_panic(&output);
        let report = output.json();
        // A link that leads to itself is not a database that isn't there yet.
        assert_eq!(output.code, Some(2), "{command}: {report:#}");
        let _ = refused(&output, 2, "database.cant_open", &["app.db"]);
    }
}

#[test]
fn opened_read_only() {
    let project = half_applied();
    let url = format!("{}?mode=ro", project.url());
    let by_url = |arguments: &[&'static str]| [arguments, &["--database-url"]].concat();
    for arguments in [["status"].as_slice(), &["plan"], &["verify"], &["dump"], &["repair"]] {
        let _ = check_ok(&project, &[by_url(arguments).as_slice(), &[&url]].concat());
    }
    for arguments in [
        ["up"].as_slice(),
        &["up", "--dry-run"],
        &["up", "--atomic"],
        &["down"],
        &["redo"],
        &["repair", "--mark-applied", "02_posts"],
        &["repair", "--mark-pending", "01_users"],
    ] {
        let arguments = [by_url(arguments).as_slice(), &[&url]].concat();
        let _ = check_error(&project, &arguments, 2, "database.read_only", &["readonly"]);
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A project that belongs to root, and the command run as somebody to whom its modes mean something.
struct Foreign {
    project: Project,
    commands: tempfile::TempDir,
}

impl Foreign {
    fn new() -> Self {
        let commands = tempfile::tempdir().unwrap();
        mode(commands.path(), 0o755);
        let project = half_applied();
        mode(project.root(), 0o777);
        mode(&project.path("app.db"), 0o666);
        Self { project, commands }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.project.migration(arguments).unprivileged(&self.commands.path().join("migration")).run()
    }

    #[track_caller]
    fn check_error(&self, arguments: &[&str], code: &str, words: &[&str]) {
        let before = Tree::of(self.project.root());
        let _ = refused(&self.run(&[arguments, &["--json"]].concat()), 2, code, words);
        shown(&self.run(arguments), 2, code, words);
        before.assert_unchanged("though it may not be");
    }
}

#[test]
fn a_file_that_may_not_be_written() {
    let foreign = Foreign::new();
    let before = dump(&foreign.project);
    mode(&foreign.project.path("app.db"), 0o444);
    for command in [["status"].as_slice(), &["plan"], &["verify"], &["dump"]] {
        let _ = foreign.run(command).expect(0);
    }
    foreign.check_error(&["up"], "database.read_only", &["readonly"]);
    foreign.check_error(&["up", "--dry-run"], "database.read_only", &["readonly"]);
    foreign.check_error(&["down"], "database.read_only", &["readonly"]);
    assert_eq!(dump(&foreign.project), before);
    mode(&foreign.project.path("app.db"), 0o666);
    let _ = foreign.run(&["up"]).expect(0);
}

#[test]
fn a_file_that_may_not_be_read() {
    let foreign = Foreign::new();
    let path = foreign.project.path("app.db");
    for command in TALKING {
        mode(&path, 0o000);
        let (json, text) = (foreign.run(&[command, "--json"]), foreign.run(&[command]));
        mode(&path, 0o666);
        let _ = refused(&json, 2, "database.cant_open", &["app.db"]);
        shown(&text, 2, "database.cant_open", &["app.db"]);
    }
}

#[test]
fn a_folder_that_may_not_be_written() {
    let foreign = Foreign::new();
    mode(foreign.project.root(), 0o755);
    for command in [["status"].as_slice(), &["plan"], &["verify"], &["dump"]] {
        let _ = foreign.run(command).expect(0);
    }
    foreign.check_error(&["up"], "database.read_only", &["app.db", "Permission denied"]);
    foreign.check_error(&["down"], "database.read_only", &["app.db", "Permission denied"]);
    fs::remove_file(foreign.project.path("app.db")).unwrap();
    foreign.check_error(&["up"], "database.cant_open", &["app.db"]);
}

#[test]
fn a_folder_that_may_not_be_looked_into() {
    let foreign = Foreign::new();
    let folder = foreign.project.path("private");
    fs::create_dir(&folder).unwrap();
    fs::rename(foreign.project.path("app.db"), folder.join("app.db")).unwrap();
    for command in ["up", "status", "verify", "down"] {
        mode(&folder, 0o000);
        let arguments = [command, "--database-url", "sqlite:///private/app.db"];
        let (json, text) = (foreign.run(&[&arguments[..], &["--json"]].concat()), foreign.run(&arguments));
        mode(&folder, 0o755);
        // Not to be allowed to look is not the same as that nothing is there.
        let _ = refused(&json, 2, "database.cant_open", &["private/app.db"]);
        shown(&text, 2, "database.cant_open", &["private/app.db"]);
    }
}
