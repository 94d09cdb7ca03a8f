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
