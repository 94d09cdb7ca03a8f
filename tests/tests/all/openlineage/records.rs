//! Events of transformations of records.

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use migration_tests::Project;
use serde_json::{Value, json};

use super::schemas::Schemas;
use super::{events, into_file, told};

#[test]
fn transformations_of_records() {
    let project = Project::new(
        "
//- chain.toml
[[step]]
rename = { a = 'b' }
//- in.ndjson
{\"a\": 1}
{\"a\": 2}
",
    );
    let arguments = ["transform", "chain.toml", "--input", "in.ndjson", "--output", "out.ndjson"];
    _ = into_file(&project, &arguments, "e.ndjson").run().expect(0);
    _ = into_file(&project, &arguments, "e.ndjson").run().expect(2);
    let made = events(&project, "e.ndjson");
    let job = "transform.chain";
    assert_eq!(told(&made), ["START", "COMPLETE", "START", "FAIL"].map(|state| format!("{state} {job}")));
    let rows = |side: &str, key: &str, facet: &str| made[1][side][0][key][facet]["rowCount"].clone();
    assert_eq!(rows("inputs", "inputFacets", "inputStatistics"), 2);
    assert_eq!(rows("outputs", "outputFacets", "outputStatistics"), 2);
    let path = project.path("in.ndjson").display().to_string();
    assert_eq!(
        (&made[0]["inputs"][0]["namespace"], &made[0]["inputs"][0]["name"]),
        (&"file".into(), &path.into())
    );
    let Some(mut schemas) = Schemas::load() else { return };
    made.iter().for_each(|event| schemas.check(event));
}

/// What comes from where, as `output: way of input's field`.
fn columns(event: &Value) -> Vec<String> {
    let lineage = &event["outputs"][0]["facets"]["columnLineage"];
    let of = |output: &str, inputs: &Value| -> Vec<String> {
        let inputs = inputs.as_array().into_iter().flatten();
        let said = inputs.map(|input| {
            let file = input["name"].as_str().unwrap().rsplit('/').next().unwrap();
            let field = input["field"].as_str().unwrap();
            let ways = input["transformations"].as_array().unwrap().iter();
            let ways: Vec<&str> = ways.map(|way| way["subtype"].as_str().unwrap()).collect();
            format!("{output}: {} of {file} {field}", ways.join("+"))
        });
        said.collect()
    };
    let fields = lineage["fields"].as_object().into_iter().flatten();
    let mut all: Vec<String> =
        fields.flat_map(|(output, inputs)| of(output, &inputs["inputFields"])).collect();
    all.extend(of("rows", &lineage["dataset"]));
    all
}

#[test]
fn where_fields_come_from() {
    let project = Project::new(
        "
//- chain.toml
[[step]]
select = ['id', 'first', 'land']
[[step]]
keep-where = 'id > 0'
[[step]]
lookup = 'land'
table = 'lands.csv'
key = 'code'
take = { country = 'name' }
[[step]]
set = { greeting = \"'Dear ' || first\" }
//- lands.csv
code,name
nl,Netherlands
//- in.ndjson
{\"id\": 1, \"first\": \"Ada\", \"land\": \"nl\"}
",
    );
    let arguments = ["transform", "chain.toml", "--input", "in.ndjson", "--output", "out.ndjson"];
    _ = into_file(&project, &arguments, "e.ndjson").run().expect(0);
    let made = events(&project, "e.ndjson");
    assert_eq!(columns(&made[0]), [""; 0]);
    assert_eq!(
        columns(&made[1]),
        [
            "country: JOIN of in.ndjson land",
            "country: IDENTITY of lands.csv name",
            "first: IDENTITY of in.ndjson first",
            "greeting: TRANSFORMATION of in.ndjson first",
            "id: IDENTITY of in.ndjson id",
            "land: IDENTITY of in.ndjson land",
            "rows: FILTER of in.ndjson id",
        ]
    );
    let names: Vec<&Value> = made[1]["outputs"][0]["facets"]["schema"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| &field["name"])
        .collect();
    assert_eq!(names, ["country", "first", "greeting", "id", "land"]);
    let read: Vec<String> = made[1]["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| input["name"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(read, ["in.ndjson", "lands.csv"]);
    assert_eq!(made[1]["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"], json!(1));
    let Some(mut schemas) = Schemas::load() else { return };
    made.iter().for_each(|event| schemas.check(event));
}

/// Who has seen enough ends a run of which nobody has counted what went out.
#[test]
fn a_reader_that_goes_leaves_no_figures_that_are_wrong() {
    let project = Project::new("//- chain.toml\n[[step]]\nrename = { a = 'b' }\n");
    let line = "{\"a\": \"some text of a record\"}\n";
    std::fs::write(project.path("in.ndjson"), line.repeat(200_000)).unwrap();
    let arguments = ["transform", "chain.toml", "--input", "in.ndjson"];
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let command =
        into_file(&project, &arguments, "e.ndjson").stdout(File::from(std::os::fd::OwnedFd::from(writer)));
    _ = command.run();
    let made = events(&project, "e.ndjson");
    assert_eq!(told(&made), ["START transform.chain", "ABORT transform.chain"]);
    assert_eq!(made[1]["outputs"][0]["outputFacets"], json!({}));
    let rows = &made[1]["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"];
    assert!(rows.is_null() || rows.as_u64() > Some(0), "{rows}");
}

/// Its input is a pipe that somebody holds open without a word.
#[test]
fn a_run_that_waits_tells_that_it_was_ended() {
    let project = Project::new("//- chain.toml\n[[step]]\nrename = { a = 'b' }\n");
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(b"{\"a\": 1}\n").unwrap();
    let command = into_file(&project, &["transform", "chain.toml"], "e.ndjson");
    let mut child = command.stdin(File::from(std::os::fd::OwnedFd::from(reader))).spawn();
    let deadline = Instant::now() + Duration::from_secs(60);
    while events(&project, "e.ndjson").is_empty() {
        assert!(Instant::now() < deadline, "it doesn't begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    // The event comes before the signals are waited for.
    std::thread::sleep(Duration::from_millis(300));
    let mut kill = std::process::Command::new("sh");
    let sent = kill.args(["-c", "kill -s TERM \"$0\"", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(writer);
    let made = events(&project, "e.ndjson");
    assert_eq!(told(&made), ["START transform.chain", "ABORT transform.chain"]);
    assert_eq!(made[1]["run"]["facets"]["errorMessage"]["message"], "interrupted");
}
