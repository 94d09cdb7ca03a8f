//! The examples do what they say.

#[path = "../../examples/custom_transformer.rs"]
#[allow(dead_code, reason = "its `main` prints what is looked at here")]
mod custom_transformer;

#[test]
fn a_transformer_of_ones_own() {
    let (migrated, seen) = custom_transformer::migrate().unwrap();
    let records: Vec<String> = migrated.records.iter().map(ToString::to_string).collect();
    assert_eq!(records, [r#"{"country":"NL"}"#, r#"{"country":"DE"}"#, r#"{"country":"NL"}"#]);
    assert_eq!((migrated.rejected[0].number, migrated.rejected[0].reason.code()), (3, "refused"));
    assert_eq!(format!("{seen:?}"), r#"{"DE": 1, "NL": 2}"#);
}

#[path = "../../examples/custom_source_and_sink.rs"]
#[allow(dead_code, reason = "its `main` prints what is looked at here")]
mod custom_source_and_sink;

#[test]
fn a_source_and_a_sink_of_ones_own() {
    use custom_source_and_sink::{Table, copy};

    // More than is in flight at once.
    let row = |id: i64| format!(r#"{{"id":{id},"age":" {} ","t":"{}"}}"#, id % 90, "x".repeat(400));
    let mut users = Table { rows: (0..30_000).map(|id| (id, row(id))).collect() };
    users.rows.insert(7, "a broken row".to_owned());
    let (mut people, mut rejected) = (Table::default(), Vec::new());
    let report = copy(&users, &mut people, &mut rejected).unwrap();
    assert_eq!((report.records_in, report.records_out, report.rejected), (30_000, 29_999, 1));
    assert_eq!(rejected, ["record 8: invalid-json"]);
    assert!(people.rows.iter().all(|(id, row)| row.contains(&format!(r#""id":{id},"age":{},"#, id % 90))));

    // Nothing of a run that fails is there.
    users.rows.insert(29_000, r#"{"age":"1"}"#.to_owned());
    let mut people = Table::default();
    let error = copy(&users, &mut people, &mut rejected).unwrap_err();
    assert_eq!((error.code(), people.rows.len()), ("transform.output_failed", 0));
    assert_eq!(error.to_string(), "can't write table `people`");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, r#"{"age":1} has no key"#);
}
