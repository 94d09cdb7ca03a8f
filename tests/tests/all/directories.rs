//! Several directories as one, and a directory with a folder for each kind of database.

use migration_tests::Project;
use serde_json::json;

const SHARED: &str = "\
//- shared/1_a.sql
CREATE TABLE a (x);
//- shared/3_c.sql
CREATE TABLE c (x);
//- own/2_b.sql
CREATE TABLE b (x);
";
const BOTH: [&str; 4] = ["--dir", "shared", "--dir", "own"];

fn ids(project: &Project, arguments: &[&str]) -> Vec<String> {
    let status = project.migration(&[arguments, &["status", "--json"]].concat()).run().expect(0).json();
    let all = status["data"]["migrations"].as_array().unwrap().clone();
    all.iter().map(|migration| migration["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn they_have_one_order() {
    let project = Project::new(SHARED);
    assert_eq!(ids(&project, &BOTH), ["1_a", "2_b", "3_c"]);
    let status = project.migration(&[&BOTH[..], &["status", "--json"]].concat()).run().expect(0).json();
    assert_eq!(status["data"]["directory"], "shared, own");
    assert_eq!(status["next_actions"][1]["command"], "migration --dir shared --dir own up");
    _ = project.migration(&[&BOTH[..], &["up"]].concat()).run().expect(0);
    assert_eq!(project.query("SELECT id FROM _migrations ORDER BY id").len(), 3);
    // The same directory twice, under whatever name, is one.
    assert_eq!(ids(&project, &["--dir", "shared", "--dir", "own", "--dir", "./shared/"]).len(), 3);
}

#[test]
fn the_settings_file_lists_them() {
    let project = Project::new(SHARED);
    project.write("//- migration.toml\ndir = ['shared', 'own']\n");
    assert_eq!(ids(&project, &[]), ["1_a", "2_b", "3_c"]);
    // A new one goes to the first, behind all of them.
    let new = project.migration(&["new", "next", "--json"]).run().expect(0).json();
    let file = new["data"]["files"][0].as_str().unwrap();
    assert!(file.ends_with("shared/4_next.sql"), "{file}");
    assert_eq!(new["data"]["id"], "4_next");
}

#[test]
fn what_does_not_go_together_is_refused() {
    let project = Project::new(SHARED);
    project.write("//- third/2_b.sql\nSELECT 1;\n//- fourth/V1__a.sql\nSELECT 1;\n");
    let code = |third: &str| {
        let arguments = [&BOTH[..], &["--dir", third, "status", "--json"]].concat();
        project.migration(&arguments).run().expect(2).json()["error"]["code"].clone()
    };
    assert_eq!(code("third"), "load.duplicate_version");
    assert_eq!(code("fourth"), "load.ambiguous_layout");
    assert_eq!(code("nowhere"), "load.directory_missing");
}

#[test]
fn folders_of_flyway_s_directories_are_searched_once() {
    let project = Project::new(
        "//- a/V1__a.sql\nSELECT 1;\n//- a/sub/V2__b.sql\nSELECT 1;\n//- b/R__v.sql\nSELECT 1;\n",
    );
    assert_eq!(ids(&project, &["--dir", "b", "--dir", "a", "--dir", "a/sub"]), ["V1__a", "V2__b", "R__v"]);
}

const FOLDERS: &str = "\
//- migrations/sqlite/1_a.sql
CREATE TABLE a (x INTEGER PRIMARY KEY AUTOINCREMENT);
//- migrations/postgres/1_a.sql
CREATE TABLE a (x serial PRIMARY KEY);
//- migrations/README.md
One folder for each.
";

#[test]
fn the_folder_of_the_database_is_read_and_said_to_be() {
    let project = Project::new(FOLDERS);
    let note = "`migrations` has a folder for each kind of database: `migrations/sqlite` is read";
    for command in ["status", "plan", "up"] {
        let data = project.migration(&[command, "--json"]).run().expect(0).json()["data"].clone();
        assert_eq!(data["warnings"], json!([note]), "{command}");
    }
    assert_eq!(project.query("SELECT id FROM _migrations"), ["\"1_a\""]);
    let new = project.migration(&["new", "b", "--json"]).run().expect(0).json();
    assert_eq!(new["data"]["files"], json!(["migrations/sqlite/2_b.sql"]));
    let none = project.migration(&["new", "b", "--json"]).env("DATABASE_URL", "").run().expect(2).json();
    assert_eq!(none["error"]["code"], "load.unsupported", "{none:#}");
    let other = project.migration(&["plan", "--json"]).env("DATABASE_URL", "mysql://u@127.0.0.1:1/d").run();
    let other = other.expect(2).json();
    assert_eq!(
        other["error"]["message"],
        "`migrations`: a directory with a folder for each kind of database (`postgres`, `sqlite`): none is for mysql"
    );
}

#[test]
fn a_folder_that_is_passed_over_is_named() {
    for (files, layout) in [
        ("//- migrations/1_a.up.sql\nSELECT 1;\n", "golang-migrate"),
        ("//- migrations/1_a.sql\nSELECT 1;\n", "sqlx"),
        ("//- migrations/1_a.sql\n-- +goose Up\nSELECT 1;\n", "goose"),
        ("//- migrations/1_a.sql\n-- migrate:up\nSELECT 1;\n-- migrate:down\n", "dbmate"),
    ] {
        let project = Project::new(files);
        project.write("//- migrations/old/2_b.sql\nSELECT 1;\n//- migrations/notes/x.txt\nx\n");
        let status = project.migration(&["status", "--json"]).run().expect(0).json();
        let note =
            "`migrations/old` is ignored: folders are not searched in this layout, and it holds `2_b.sql`";
        assert_eq!(status["data"]["warnings"], json!([note]), "{layout}");
    }
}

/// Prisma's lock file says which database its migrations are for.
#[test]
fn migrations_for_another_database_are_refused_by_whoever_looks() {
    let project = Project::new(
        "//- migrations/20240101000000_a/migration.sql\nSELECT 1;\n\
         //- migrations/migration_lock.toml\nprovider = \"postgresql\"\n",
    );
    for command in ["status", "verify", "plan", "up", "repair"] {
        let refused = project.migration(&[command, "--json"]).run();
        let error = refused.json()["error"].clone();
        assert_eq!(error["code"], "load.unsupported", "{command}");
        assert_eq!(refused.code, Some(2));
    }
}
