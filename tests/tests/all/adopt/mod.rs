//! Other tools' histories, taken over on every database; and baselines.

mod baseline;
mod decisions;
mod real_tools;
mod refusals;
pub(crate) mod site;
pub(crate) mod tables;

use migration_tests::server::Kind;
use serde_json::Value;
use site::{Make, Site};
use tables::{ALL, Fixture, SCHEMA};

migration_tests::on_servers!([postgres, mariadb, mysql] [every_history, a_table_of_another_name, rolled_back_later]);

fn every_history<E: Kind>() {
    takes_over_every_history(&Site::on::<E>);
}

fn a_table_of_another_name<E: Kind>() {
    finds_a_table_of_another_name(&Site::on::<E>);
}

fn rolled_back_later<E: Kind>() {
    rolls_back_what_was_taken_over(&Site::on::<E>);
}

mod sqlite {
    use super::Site;

    #[test]
    fn every_history() {
        super::takes_over_every_history(&Site::sqlite);
    }

    #[test]
    fn a_table_of_another_name() {
        super::finds_a_table_of_another_name(&Site::sqlite);
    }

    #[test]
    fn rolled_back_later() {
        super::rolls_back_what_was_taken_over(&Site::sqlite);
    }
}

/// A database as the tool leaves it.
pub(crate) fn left_by(fixture: &Fixture, make: Make<'_>) -> Site {
    let site = make(fixture.files);
    site.execute(SCHEMA);
    site.execute(&fixture.history(site.engine()));
    site
}

fn layout<'a>(fixture: &Fixture, words: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["--layout", fixture.layout];
    all.extend(words);
    all
}

fn takes_over_every_history(make: Make<'_>) {
    for fixture in ALL {
        let site = left_by(fixture, make);
        site.project.write(fixture.third);
        let tool = fixture.tool;
        let run = |words: &[&str], code: i32| site.run(&layout(fixture, words), code);
        let select = format!("SELECT * FROM {}", fixture.table);
        let before = site.rows(&select);

        // Nobody has said anything yet: the migrations look pending, and none of them may run.
        let status = run(&["status", "--json"], 0).json();
        assert_eq!(status["data"]["summary"]["pending"], 3, "{tool}: {status:#}");
        assert_eq!(status["data"]["foreign_histories"][0]["tool"], tool);
        let first = status["next_actions"][0]["command"].as_str().unwrap();
        assert!(first.ends_with("adopt --dry-run"), "{tool}: {first}");
        for refused in [&["up", "--json"][..], &["up", "--dry-run", "--json"], &["plan", "--json"]] {
            let output = run(refused, 2).json();
            assert_eq!(output["error"]["code"], "history.foreign_tool", "{tool}: {output:#}");
        }

        let dry = run(&["adopt", "--dry-run", "--json"], 0).json();
        assert!(!site.has("_migrations"), "{tool}: a dry run writes nothing");
        let report = run(&["adopt", "--json"], 0).json();
        assert_eq!(report["data"]["migrations"], dry["data"]["migrations"]);
        assert_eq!(report["data"]["tool"], tool);
        assert_eq!(report["data"]["pending"], serde_json::json!([fixture.ids[2]]));
        check_migrations(fixture, &report["data"]["migrations"]);

        let after = run(&["status", "--json"], 0).json();
        assert_eq!(after["data"]["foreign_histories"], Value::Null);
        for (migration, adopted) in after["data"]["migrations"]
            .as_array()
            .unwrap()
            .iter()
            .zip(report["data"]["migrations"].as_array().unwrap())
        {
            assert_eq!(migration["status"], "applied", "{tool}: {migration:#}");
            for key in ["id", "execution_time_ms"] {
                assert_eq!(migration[key], adopted[key], "{tool}");
            }
            // MySQL keeps whole seconds.
            let second = |time: &Value| time.as_str().map(|time| time[..19].to_owned());
            assert_eq!(second(&migration["applied_at"]), second(&adopted["applied_at"]), "{tool}");
        }

        let again = run(&["adopt", "--json"], 0).json();
        let migrations = again["data"]["migrations"].as_array().unwrap();
        assert!(migrations.iter().all(|m| m["status"] == "already_applied"), "{tool}: {again:#}");
        _ = run(&["verify"], 0);
        _ = run(&["up"], 0);
        assert_eq!(site.recorded().len(), 3);
        assert_eq!(site.rows(&select), before, "{tool}: its own table is left alone");
        assert!(site.has("notes"));
    }
}

fn check_migrations(fixture: &Fixture, migrations: &Value) {
    let (first, second) = (&migrations[0], &migrations[1]);
    assert_eq!([&first["id"], &second["id"]], [fixture.ids[0], fixture.ids[1]], "{migrations:#}");
    for (migration, time) in [(first, "2024-05-01T12:00:00"), (second, "2024-05-01T12:00:01")] {
        assert_eq!(migration["status"], "adopted");
        assert_eq!(migration["checksum_verified"], fixture.checksums.is_some(), "{migrations:#}");
        match migration["applied_at"].as_str() {
            Some(at) => assert!(at.starts_with(time) && at.ends_with('Z'), "{}: {at}", fixture.tool),
            None => assert!(!fixture.times, "{migrations:#}"),
        }
    }
    let expected = match fixture.tool {
        "sqlx" => (Value::from(7), Value::Null),
        "flyway" | "prisma" => (7.into(), 5.into()),
        _ => (Value::Null, Value::Null),
    };
    assert_eq!((first["execution_time_ms"].clone(), second["execution_time_ms"].clone()), expected);
}

fn finds_a_table_of_another_name(make: Make<'_>) {
    let site = left_by(&tables::SQLX, make);
    site.execute(
        "ALTER TABLE _sqlx_migrations RENAME TO \
        their_history",
    );
    let missing = site.run(&["adopt", "--json"], 2).json();
    assert_eq!(missing["error"]["code"], "adopt.no_history", "{missing:#}");
    let wrong = site.run(&["adopt", "--from", "goose", "--table", "their_history", "--json"], 2).json();
    assert_eq!(wrong["error"]["code"], "adopt.unknown_table", "{wrong:#}");
    // By its columns it can only be one.
    let report = site.run(&["adopt", "--table", "their_history", "--json"], 0).json();
    assert_eq!(
        (&report["data"]["tool"], &report["data"]["table"]),
        (&"sqlx".into(), &"their_history".into())
    );
    let nowhere = site.run(&["adopt", "--table", "nowhere", "--json"], 2).json();
    assert_eq!(nowhere["error"]["code"], "adopt.no_history", "{nowhere:#}");
    let elsewhere = site.run(&["adopt", "--table", "nowhere.at_all", "--json"], 2).json();
    assert_eq!(elsewhere["error"]["code"], "adopt.no_history", "{elsewhere:#}");
    match site.engine() {
        "sqlite" => {}
        "postgres" => {
            site.execute("CREATE SCHEMA other; ALTER TABLE their_history SET SCHEMA other");
            _ = site.run(&["adopt", "--table", "other.their_history"], 0);
        }
        _ => {
            let name = site.rows("SELECT database()").concat();
            _ = site.run(&["adopt", "--table", &format!("{name}.their_history")], 0);
        }
    }
}

/// The down parts are kept, so that the files need not be there.
fn rolls_back_what_was_taken_over(make: Make<'_>) {
    let site = left_by(&tables::DIESEL, make);
    _ = site.run(&["adopt"], 0);
    std::fs::remove_dir_all(site.project.path("migrations/2024-01-02-000001_items")).unwrap();
    let down = site.run(&["down"], 0);
    assert!(down.stdout.contains("rolled back 2024-01-02-000001_items"), "{down:?}");
    assert!(!site.has("items") && site.has("users"));
    assert_eq!(site.recorded(), ["2024-01-01-000001_users"]);
}
