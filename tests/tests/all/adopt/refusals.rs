//! What is refused, with nothing written; and what goes on when it is asked for.

use migration_tests::Project;
use migration_tests::server::Postgres;

use super::left_by;
use super::site::Site;
use super::tables::{ALL, DBMATE, DIESEL, FAILED, GOLANG_MIGRATE, GOOSE, REFINERY, SQLX};

/// The error of an `adopt` that ends with this code, and nothing is written.
fn refused(site: &Site, words: &[&str], code: i32) -> serde_json::Value {
    let arguments = [&["adopt", "--json"], words].concat();
    let output = site.run(&arguments, code).json();
    assert!(!site.has("_migrations"), "{output:#}");
    assert_eq!(output["error"]["effects"]["state"], "none");
    output["error"].clone()
}

#[test]
fn an_edited_file() {
    for fixture in ALL {
        let site = left_by(fixture, &Site::sqlite);
        let path = site.project.path(fixture.second_file);
        let text = std::fs::read_to_string(&path).unwrap();
        // What the tool's own checksum doesn't see is no edit.
        let other_line_ends = text.replace("\r\n", "\n");
        std::fs::write(&path, &other_line_ends).unwrap();
        let blind = matches!(fixture.tool, "flyway" | "prisma") || fixture.checksums.is_none();
        let words = ["--layout", fixture.layout];
        if blind {
            _ = site.run(&[&words[..], &["adopt", "--dry-run"]].concat(), 0);
        } else {
            assert_eq!(refused(&site, &words, 4)["code"], "adopt.changed");
        }
        std::fs::write(&path, other_line_ends.replace("price", "cost")).unwrap();
        if fixture.checksums.is_some() {
            let error = refused(&site, &words, 4);
            assert_eq!(error["code"], "adopt.changed");
            assert!(error["message"].as_str().unwrap().contains(fixture.ids[1]), "{error:#}");
            assert!(error["where"]["file"].as_str().unwrap().ends_with(fixture.second_file), "{error:#}");
        } else {
            _ = site.run(&[&words[..], &["adopt"]].concat(), 0);
        }
    }
}

#[test]
fn a_file_that_is_gone() {
    for fixture in ALL {
        let site = left_by(fixture, &Site::sqlite);
        let path = site.project.path(fixture.second_file);
        std::fs::remove_file(&path).unwrap();
        // A folder without its script is an error of its own in some layouts.
        if fixture.tool == "diesel" || fixture.tool == "prisma" {
            std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
        }
        if fixture.tool == "golang-migrate" {
            std::fs::remove_file(site.project.path("migrations/2_items.down.sql")).unwrap();
        }
        let words = ["--layout", fixture.layout];
        let error = refused(&site, &words, 4);
        assert_eq!(error["code"], "adopt.missing_file", "{}: {error:#}", fixture.tool);
        let report = site.run(&[&words[..], &["adopt", "--ignore-missing", "--json"]].concat(), 0).json();
        assert_eq!(report["data"]["missing"].as_array().unwrap().len(), 1, "{report:#}");
        assert_eq!(site.recorded(), [fixture.ids[0]]);
    }
}

#[test]
fn rows_of_failed_migrations() {
    for (fixture, fail, row) in FAILED {
        let site = left_by(fixture, &Site::sqlite);
        site.execute(fail);
        let output = site.migration(&["--layout", fixture.layout, "adopt"]).run().expect(2);
        assert!(output.stderr.contains("error[adopt.failed_row]"), "{output:?}");
        assert!(output.stderr.contains(&format!("`{row}` did not succeed")), "{output:?}");
        assert!(output.stderr.contains("help: see what of it is in effect"), "{output:?}");
        assert!(!site.has("_migrations"));
    }
}

/// Once a migration is applied by our own history, that alone counts: `adopt` may stand in a script that runs every time.
#[test]
fn what_was_adopted_before_is_not_compared_again() {
    for (fixture, fail) in [
        (&GOLANG_MIGRATE, "UPDATE schema_migrations SET dirty = 1"),
        (&SQLX, "UPDATE _sqlx_migrations SET success = 0"),
    ] {
        let site = left_by(fixture, &Site::sqlite);
        let words = |words: &[&'static str]| [&["--layout", fixture.layout][..], words].concat();
        _ = site.run(&words(&["adopt"]), 0);
        let path = site.project.path(fixture.second_file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text + "-- edited\n").unwrap();
        _ = site.run(&words(&["repair", "--accept", fixture.ids[1]]), 0);
        site.execute(fail);
        let again = site.run(&words(&["adopt"]), 0);
        assert!(again.stdout.contains("nothing to adopt"), "{again:?}");
        _ = site.run(&words(&["verify"]), 0);
    }
}

#[test]
fn histories_of_two_tools() {
    let site = left_by(&SQLX, &Site::sqlite);
    site.execute(&GOOSE.history("sqlite"));
    let error = refused(&site, &[], 2);
    assert_eq!(error["code"], "adopt.ambiguous");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("`_sqlx_migrations` of sqlx, `goose_db_version` of goose"), "{message}");
    let report = site.run(&["adopt", "--from", "sqlx", "--json"], 0).json();
    assert_eq!(report["data"]["tool"], "sqlx");
}

#[test]
fn tables_that_are_somebody_elses() {
    let of_rails = left_by(&DBMATE, &Site::sqlite);
    of_rails.execute("CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar)");
    let error = refused(&of_rails, &[], 2);
    assert_eq!(error["code"], "adopt.unknown_table");
    assert!(error["message"].as_str().unwrap().contains("Rails"), "{error:#}");
    let up = of_rails.run(&["up", "--json"], 2).json();
    assert_eq!(up["error"]["code"], "history.foreign_tool", "{up:#}");
    // Who says what it is knows better.
    _ = of_rails.run(&["adopt", "--from", "dbmate"], 0);

    let of_ecto = Site::sqlite(DBMATE.files);
    of_ecto.execute("CREATE TABLE schema_migrations (version bigint PRIMARY KEY, inserted_at timestamp)");
    let error = refused(&of_ecto, &[], 2);
    assert_eq!(error["code"], "adopt.unknown_table");
    assert!(error["message"].as_str().unwrap().contains("version, inserted_at"), "{error:#}");
    // Nothing is in it, so nothing was applied.
    _ = of_ecto.run(&["up"], 0);
}

#[test]
fn no_history_at_all() {
    let site = Site::sqlite(DIESEL.files);
    site.execute("CREATE TABLE t (a)");
    let error = refused(&site, &[], 2);
    assert_eq!(error["code"], "adopt.no_history");
    assert!(error["message"].as_str().unwrap().contains("`_prisma_migrations`"), "{error:#}");
    let missing = Project::new(DIESEL.files).migration(&["adopt", "--json"]).run().expect(2).json();
    assert_eq!(missing["error"]["code"], "connect.database_missing");
    let nonsense = site.run(&["adopt", "--from", "rails", "--json"], 2).json();
    assert!(
        nonsense["error"]["message"].as_str().unwrap().contains("diesel, golang-migrate"),
        "{nonsense:#}"
    );
}

#[test]
fn several_files_of_one_version() {
    let site = left_by(&SQLX, &Site::sqlite);
    // The checksum tells which of them ran.
    site.project.write("//- migrations/2_other.sql\nCREATE TABLE other (id INTEGER);\n");
    let report = site.run(&["adopt", "--dry-run", "--json"], 0).json();
    assert_eq!(report["data"]["pending"], serde_json::json!(["2_other"]), "{report:#}");
    let path = site.project.path("migrations/2_items.sql");
    std::fs::write(path, "CREATE TABLE another (id INTEGER);\n").unwrap();
    assert_eq!(refused(&site, &[], 2)["code"], "adopt.several_files");
}

#[test]
fn up_in_spite_of_another_tool() {
    let site = Site::sqlite("//- migrations/9_other.sql\nCREATE TABLE other (id INTEGER);\n");
    site.execute(&REFINERY.history("sqlite"));
    let refused = site.migration(&["up"]).run().expect(2);
    assert!(refused.stderr.contains("migration up --ignore-foreign"), "{refused:?}");
    assert!(!site.has("_migrations"));
    let plan = site.run(&["plan", "--ignore-foreign", "--json"], 0).json();
    assert!(
        plan["next_actions"][0]["command"].as_str().unwrap().ends_with("up --ignore-foreign"),
        "{plan:#}"
    );
    _ = site.run(&["up", "--ignore-foreign"], 0);
    // From now on there is a history of ours.
    site.project.write("//- migrations/10_more.sql\nCREATE TABLE more (id INTEGER);\n");
    _ = site.run(&["up"], 0);
    assert_eq!(site.recorded(), ["10_more", "9_other"]);
}

#[test]
fn what_is_half_done_here() {
    let site = left_by(&SQLX, &Site::sqlite);
    _ = site.run(&["baseline", "1_users"], 0);
    site.execute("UPDATE _migrations SET status = 'failed'");
    let error = site.run(&["adopt", "--json"], 2).json();
    assert_eq!(error["error"]["code"], "history.failed_row", "{error:#}");
    site.execute("UPDATE _migrations SET status = 'pending'");
    // A row that says that nothing is applied makes way.
    _ = site.run(&["adopt"], 0);
    assert_eq!(site.rows("SELECT status FROM _migrations"), ["applied", "applied"]);

    let site = left_by(&SQLX, &Site::sqlite);
    site.project.write("//- migrations/0_half.sql\n-- no-transaction\nCREATE TABLE half (id INTEGER);\nVACUUM;\nSELECT nothing;\n");
    _ = site.run(&["up", "--ignore-foreign"], 8);
    for words in [&["adopt", "--json"][..], &["baseline", "1_users", "--json"]] {
        let error = site.run(words, 2).json();
        assert_eq!(error["error"]["code"], "adopt.unfinished", "{error:#}");
        assert!(error["next_actions"][0]["command"].as_str().unwrap().ends_with("repair"), "{error:#}");
    }
}

/// Whoever may not read another tool's table still has to be told that it is there.
#[test]
fn a_table_that_may_not_be_read() {
    let site = Site::on::<Postgres>(SQLX.files);
    site.execute(&SQLX.history("postgres"));
    let name = site.rows("SELECT current_database()").concat();
    site.execute(&format!(
        "CREATE ROLE \"{name}\" LOGIN PASSWORD 'secret'; GRANT ALL ON SCHEMA public TO \"{name}\""
    ));
    let (_, server) = site.url().split_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let run = |words: &[&str]| {
        site.migration(words).env("DATABASE_URL", format!("postgres://{name}:secret@{server}")).run()
    };
    let status = run(&["status", "--json"]).expect(0).json();
    assert_eq!(status["data"]["foreign_histories"][0]["table"], "_sqlx_migrations", "{status:#}");
    let up = run(&["up", "--json"]).expect(2).json();
    assert_eq!(up["error"]["code"], "history.foreign_tool", "{up:#}");
    let adopt = run(&["adopt", "--json"]).expect(2).json();
    assert_eq!(adopt["error"]["code"], "adopt.unknown_table", "{adopt:#}");
    _ = run(&["up", "--ignore-foreign"]).expect(0);
    site.execute(&format!("DROP OWNED BY \"{name}\"; DROP ROLE \"{name}\""));
}
