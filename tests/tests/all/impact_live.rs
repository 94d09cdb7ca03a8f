//! What a change would break, when the database itself is asked: on every engine, with what each of them really did.

use std::collections::BTreeSet;

use migration_kit::DatabaseConnector;
use migration_tests::Project;
use migration_tests::corpora;
use migration_tests::server::{Kind, Mariadb, Postgres};
use serde_json::{Value, json};

fn impact(project: &Project, url: &str, words: &[&str]) -> Value {
    let words = [&["impact", "--live", "--json", "--database-url", url], words].concat();
    project.migration(&words).run().json()
}

fn execute(url: &str, sql: &str) {
    DatabaseConnector::open(url).unwrap().execute_script(sql).unwrap();
}

/// `kind name` of all that the database does not deny.
fn so(list: &Value) -> BTreeSet<String> {
    let all = list.as_array().unwrap().iter().filter(|dependent| dependent["denied"] != true);
    all.map(|dependent| {
        format!("{} {}", dependent["kind"].as_str().unwrap(), own(dependent["name"].as_str().unwrap()))
    })
    .collect()
}

/// A name without the schema that everything is in.
fn own(name: &str) -> &str {
    name.strip_prefix("public.").unwrap_or(name)
}

/// Those of a list that the database knows as well.
fn confirmed(list: &Value) -> usize {
    list.as_array().unwrap().iter().filter(|dependent| dependent["confidence"] == "confirmed").count()
}

/// `kind name`, whatever else the engine writes around it.
fn theirs(text: &str) -> String {
    let text = text.replace(':', " ");
    let words: Vec<&str> = text.split([' ', '"']).filter(|word| !word.is_empty()).collect();
    let name = |name: &str| {
        name.split('(').next().unwrap_or_default().rsplit('.').next().unwrap_or_default().to_owned()
    };
    match words.as_slice() {
        ["rule", "_RETURN", "on", rest @ ..] => theirs(&rest.join(" ")),
        ["Column", _, "is", "used", "by", "generated", "column", column, ..] => {
            format!("column {}", name(column))
        }
        ["materialized", "view", view, ..] => format!("view {view}"),
        ["view" | "function" | "trigger" | "constraint" | "index" | "column" | "policy", object, ..] => {
            format!("{} {}", words[0], name(object))
        }
        [view] => format!("view {view}"),
        _ => text,
    }
}

#[derive(Default)]
struct Tally {
    hits: usize,
    surplus: usize,
    wrong: Vec<String>,
    confirmed: usize,
}

fn oracle(name: &str, url: &str) {
    let Some(folder) = corpora() else { return };
    let path = folder.join(format!("lineage/{name}.json"));
    let suite: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for statement in suite["setup"].as_array().unwrap() {
        execute(url, statement.as_str().unwrap());
    }
    let project = Project::new("");
    let mut tally = Tally::default();
    for case in suite["cases"].as_array().unwrap() {
        let change = case["change"].as_str().unwrap();
        let data = impact(&project, url, &["--sql", change])["data"].take();
        let Some(impact) = data["statements"][0]["impacts"].get(0) else { panic!("{change}: {data:#}") };
        let mut compare = |what: &str, expected: &BTreeSet<String>, ours: &BTreeSet<String>| {
            tally.hits += expected.intersection(ours).count();
            tally.surplus += ours.difference(expected).count();
            if expected != ours {
                tally.wrong.push(format!("{change}: {what}: {expected:?}, we say {ours:?}"));
            }
            expected.is_subset(ours)
        };
        let set = |key: &str| -> BTreeSet<String> {
            case[key].as_array().into_iter().flatten().map(|text| theirs(text.as_str().unwrap())).collect()
        };
        assert_eq!(case["accepted"] == true, impact["refused"] == false, "{change}: {impact:#}");
        let mut whole = compare("broken", &set("broken"), &so(&impact["broken"]));
        whole &= compare("reshaped", &set("shape_changed"), &so(&impact["reshaped"]));
        whole &= compare("vanished", &set("vanished"), &so(&impact["vanished"]));
        if case["blocked_by"].is_array() {
            let expected = set("blocked_by");
            let mut found = so(&impact["refused_by"]);
            if case["kind"] == "ALTER_TYPE" {
                // The engine stops at the first.
                found.retain(|dependent| expected.contains(dependent));
            }
            whole &= compare("refused by", &expected, &found);
        }
        assert!(whole, "something is missing: {}\n{data:#}", tally.wrong.join("\n"));
        let lists = ["refused_by", "broken", "reshaped", "vanished"];
        tally.confirmed += lists.iter().map(|list| confirmed(&impact[list])).sum::<usize>();
    }
    let precision = tally.hits as f64 / (tally.hits + tally.surplus).max(1) as f64;
    println!("{name}: {} as it is, {} too many, {} confirmed", tally.hits, tally.surplus, tally.confirmed);
    assert!(precision >= 0.98, "{}", tally.wrong.join("\n"));
    assert!(tally.confirmed * 2 > tally.hits, "{} of {} confirmed", tally.confirmed, tally.hits);
}

#[test]
fn what_sqlite_did() {
    let project = Project::new("");
    oracle("oracle_impact_sqlite", &project.url());
}

#[test]
fn what_postgres_did() {
    oracle("oracle_impact_postgres", &Postgres::shared().url());
}

#[test]
fn what_mariadb_did() {
    oracle("oracle_impact_mariadb", &Mariadb::shared().url());
}

const SCHEMA: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20), email VARCHAR(40));
    CREATE VIEW mails AS SELECT id, email FROM users;
    CREATE VIEW shouted AS SELECT upper(email) AS email FROM mails;
";

/// The database was changed by other means than the migrations, which are not even there.
fn check_other_means(url: &str, refuses: bool, by: &[&str]) {
    execute(url, SCHEMA);
    let project = Project::new("");
    let drop = "ALTER TABLE users DROP COLUMN email";
    let data = impact(&project, url, &["--sql", drop])["data"].take();
    assert_eq!(
        (&data["live"], &data["statements"][0]["impacts"][0]["refused"]),
        (&json!(true), &json!(refuses)),
        "{data:#}"
    );
    let list = if refuses { "refused_by" } else { "broken" };
    let found = &data["statements"][0]["impacts"][0][list];
    assert_eq!(so(found), by.iter().map(|name| (*name).to_owned()).collect(), "{data:#}");
    // What the change itself sees to before is no finding.
    let whole = format!("DROP VIEW shouted; DROP VIEW mails; {drop}");
    let data = impact(&project, url, &["--sql", &whole])["data"].take();
    assert_eq!(
        data["summary"],
        json!({"refused": 0, "broken": 0, "reshaped": 0, "vanished": 0, "unknown": 0, "not_understood": 0}),
        "{data:#}"
    );
    // What it makes itself is one, though the database doesn't know it yet.
    let whole =
        format!("DROP VIEW shouted; DROP VIEW mails; CREATE VIEW fresh AS SELECT email FROM users; {drop}");
    let data = impact(&project, url, &["--sql", &whole])["data"].take();
    let last = data["statements"].as_array().unwrap().last().unwrap();
    assert_eq!(so(&last["impacts"][0][list]), ["view fresh".to_owned()].into(), "{data:#}");
    // Nothing has changed.
    let rows = DatabaseConnector::open(url).unwrap().execute("SELECT email FROM shouted", &[]).unwrap();
    assert_eq!(rows.rows.len(), 0);
}

#[test]
fn a_database_changed_by_other_means_sqlite() {
    check_other_means(&Project::new("").url(), true, &["view mails"]);
}

#[test]
fn a_database_changed_by_other_means_postgres() {
    check_other_means(&Postgres::shared().url(), true, &["view mails", "view shouted"]);
}

#[test]
fn a_database_changed_by_other_means_mariadb() {
    check_other_means(&Mariadb::shared().url(), false, &["view mails", "view shouted"]);
}

#[test]
fn postgres_knows_what_no_statement_says() {
    let database = Postgres::shared();
    let url = database.url();
    // What is put together when it runs can't be read.
    execute(
        &url,
        "CREATE TABLE t (a int, b int);
         CREATE RULE watch AS ON UPDATE TO t WHERE old.a > 1 DO ALSO SELECT 1;
         CREATE TABLE others (whole t);
         CREATE TABLE parts () INHERITS (t);
         CREATE SCHEMA far; CREATE VIEW far.v AS SELECT a FROM t;",
    );
    let project = Project::new("");
    let data = impact(&project, &url, &["--sql", "ALTER TABLE t DROP COLUMN a"])["data"].take();
    assert_eq!(
        so(&data["statements"][0]["impacts"][0]["refused_by"]),
        ["rule watch", "view far.v"].map(str::to_owned).into(),
        "{data:#}"
    );
    let data = impact(&project, &url, &["--sql", "DROP TABLE t"])["data"].take();
    let found = so(&data["statements"][0]["impacts"][0]["refused_by"]);
    assert_eq!(found, ["column whole", "table parts", "view far.v"].map(str::to_owned).into(), "{data:#}");
    let error = DatabaseConnector::open(&url).unwrap().execute_script("DROP TABLE t").unwrap_err();
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn postgres_hands_changes_down() {
    let database = Postgres::shared();
    let url = database.url();
    execute(
        &url,
        "CREATE TABLE p (a int, b int, c int, i int GENERATED ALWAYS AS IDENTITY, UNIQUE (a, b)) PARTITION BY RANGE (a);
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
         CREATE VIEW v AS SELECT c FROM p1;
         CREATE TABLE q (a int, b int, c int, UNIQUE (b, c)); CREATE TABLE q1 () INHERITS (q);
         CREATE VIEW w AS SELECT c FROM q1;",
    );
    let project = Project::new("");
    let ask = |sql: &str| {
        let data = impact(&project, &url, &["--sql", sql])["data"].take();
        let one = &data["statements"][0]["impacts"][0];
        let lists =
            ["refused_by", "vanished"].map(|list| so(&one[list]).into_iter().collect::<Vec<_>>().join(", "));
        lists.join("; ")
    };
    assert_eq!(ask("ALTER TABLE p DROP COLUMN c"), "view v; ");
    assert_eq!(ask("ALTER TABLE p ALTER COLUMN c TYPE bigint"), "view v; ");
    assert_eq!(ask("DROP TABLE p"), "view v; ");
    assert_eq!(ask("ALTER TABLE q ALTER COLUMN c TYPE bigint"), "view w; ");
    assert_eq!(ask("ALTER TABLE ONLY q DROP COLUMN c"), "; constraint q_b_c_key");
    // The key is `q`'s own, so nobody refuses, and it goes.
    assert_eq!(ask("ALTER TABLE q DROP COLUMN b CASCADE"), "; constraint q_b_c_key");
    assert_eq!(ask("ALTER TABLE p DROP COLUMN i"), "; ");
}

#[test]
fn sqlite_makes_what_we_cant_read() {
    let project = Project::new("");
    execute(
        &project.url(),
        "CREATE TABLE t (a, b); CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t WHERE b = new.b; END;",
    );
    let data = impact(&project, &project.url(), &["--sql", "ALTER TABLE t DROP COLUMN a"])["data"].take();
    let impact_of = &data["statements"][0]["impacts"][0];
    assert!(impact_of["engine_says"].as_str().unwrap().contains("no such column: a"), "{data:#}");
    let data = impact(&project, &project.url(), &["--sql", "DROP TABLE t"])["data"].take();
    let impact_of = &data["statements"][0]["impacts"][0];
    assert_eq!(
        (so(&impact_of["broken"]), so(&impact_of["vanished"])),
        (["view v".to_owned()].into(), ["trigger r".to_owned()].into())
    );
    assert_eq!(confirmed(&impact_of["broken"]), 1);
    // A file beside the database is not touched, and none is made.
    _ = impact(&project, &project.url(), &["--sql", "ATTACH 'other.db' AS other; CREATE TABLE other.x (a)"]);
    assert!(!project.path("other.db").exists());
}

#[test]
fn pending_ones_against_the_database() {
    let project = Project::new(
        "//- migrations/1_users.sql\nCREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\n\
         //- migrations/2_cleanup.sql\nALTER TABLE users DROP COLUMN email;\n",
    );
    _ = project.migration(&["up", "--steps", "1"]).run().expect(0);
    execute(&project.url(), "CREATE VIEW by_hand AS SELECT email FROM users");
    // The history doesn't know the view; the database does.
    _ = project.migration(&["impact", "--pending"]).run().expect(0);
    let shown = project.migration(&["impact", "--pending", "--live"]).run().expect(4).stdout;
    assert!(shown.contains("would be refused: ") && shown.contains("by_hand"), "{shown}");
}

#[test]
fn sqlite_renames_as_it_is_told() {
    let project = Project::new("");
    execute(&project.url(), "CREATE TABLE u (id, a); CREATE VIEW v AS SELECT id, a FROM u;");
    let anew = "CREATE TABLE n (id, a); DROP TABLE u; ALTER TABLE n RENAME TO u";
    let last = |sql: &str| {
        let data = impact(&project, &project.url(), &["--sql", sql])["data"].take();
        data["statements"].as_array().unwrap().last().unwrap()["impacts"][0].clone()
    };
    let refused = last(anew);
    assert!(refused["engine_says"].as_str().unwrap().contains("error in view v"), "{refused:#}");
    assert_eq!(so(&refused["refused_by"]), ["view v".to_owned()].into());
    assert_eq!(confirmed(&refused["refused_by"]), 1);
    let accepted = last(&format!("PRAGMA legacy_alter_table = ON; {anew}"));
    assert_eq!((&accepted["refused"], &accepted["refused_by"]), (&json!(false), &json!([])), "{accepted:#}");
}
