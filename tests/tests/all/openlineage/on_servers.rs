//! Events of runs on every server: what tables are called, what a failure leaves, what a password becomes.

use migration_tests::Project;
use migration_tests::server::Kind;
use serde_json::Value;

use super::schemas::Schemas;
use super::{events, into_file, told};

migration_tests::on_servers!([postgres, mariadb, mysql][a_run_and_a_failure]);

const HISTORY: &str = "
//- migrations/1_people.up.sql
CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20));
INSERT INTO people VALUES (1, 'Ada'), (2, 'Grace');
//- migrations/2_letters.up.sql
CREATE TABLE letters (id INTEGER, greeting VARCHAR(40));
INSERT INTO letters SELECT id, concat('Dear ', name) FROM people WHERE id > 0;
CREATE USER nobody IDENTIFIED BY 'hunter2' NONSENSE;
";

fn a_run_and_a_failure<E: Kind>() {
    let (project, database) = (Project::new(HISTORY), E::shared());
    let url = database.url();
    let is_postgres = E::VARIABLE.contains("POSTGRES");
    _ = into_file(&project, &["up"], "up.ndjson").env("DATABASE_URL", &url).run().expect(8);
    let up = events(&project, "up.ndjson");
    let states: Vec<String> =
        told(&up).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(states.iter().filter(|state| *state == "START").count(), 3);
    assert_eq!(states.iter().filter(|state| *state == "COMPLETE").count(), 1);
    assert_eq!(states.iter().filter(|state| *state == "FAIL").count(), 2);

    let engine = &up[0]["run"]["facets"]["processing_engine"];
    let (name, version) = (engine["name"].as_str().unwrap(), engine["version"].as_str().unwrap());
    let expected = [("POSTGRES", "PostgreSQL"), ("MARIADB", "MariaDB"), ("MYSQL", "MySQL")];
    assert!(expected.iter().any(|(end, is)| E::VARIABLE.ends_with(end) && *is == name), "{engine}");
    assert!(version.starts_with(|c: char| c.is_ascii_digit()) && !version.starts_with("5.5.5-"), "{engine}");

    let end = |id: &str| {
        let ended = |event: &&Value| {
            event["eventType"] != "START" && event["job"]["name"].as_str().unwrap().ends_with(id)
        };
        up.iter().find(ended).unwrap()
    };
    let done = &end("1_people")["outputs"][0];
    let namespace = done["namespace"].as_str().unwrap();
    let (scheme, schema) = if is_postgres { ("postgres://", "public.") } else { ("mysql://", "") };
    assert!(namespace.starts_with(scheme), "{namespace}");
    assert!(done["name"].as_str().unwrap().ends_with(&format!(".{schema}people")), "{done:#}");
    assert_eq!(done["outputFacets"]["outputStatistics"]["rowCount"], 2);
    assert!(!std::fs::read_to_string(project.path("up.ndjson")).unwrap().contains("hunter2"));

    let failed = end("2_letters");
    let message = failed["run"]["facets"]["errorMessage"]["message"].as_str().unwrap();
    assert!(!message.is_empty());
    // What can be undone was; what can't is said to be in effect.
    let outputs = failed["outputs"].as_array().unwrap();
    assert_eq!(outputs.len(), usize::from(!is_postgres), "{failed:#}");
    if let Some(letters) = outputs.first() {
        let sources = &letters["facets"]["columnLineage"]["fields"]["greeting"]["inputFields"];
        assert_eq!(sources[0]["field"], "name", "{letters:#}");
    }
    let Some(mut schemas) = Schemas::load() else { return };
    up.iter().for_each(|event| schemas.check(event));
}
