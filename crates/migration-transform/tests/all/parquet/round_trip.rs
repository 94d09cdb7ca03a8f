//! Records that are written and read again say the same: but for fields that were not there, which are null then.

use migration_transform::{Field, Record, Value};
use proptest::prelude::*;
use serde_json::Value as Json;

use super::{options, read, there_and_back, write};

/// Few names, so that records share them with other types; odd ones too.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "", "x.y", "é\"", "element"]).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-5_i64..5).prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_filter("JSON has no number for it", |float| float.is_finite()).prop_map(Json::from),
        prop::sample::select(vec!["", "x", "\u{0}\n\"\\", "2024-01-02T03:04:05Z", "😀"]).prop_map(Json::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::hash_map(name(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Whether both say the same: a field that is null is as good as none, and a number is what it counts.
fn same(first: &Value, second: &Value) -> bool {
    match (first, second) {
        (Value::Object(first), Value::Object(second)) => {
            let names = first.iter().chain(second.iter()).map(Field::name);
            let of = |record: &Record, name: &str| record.get(name).cloned().unwrap_or_default();
            names.into_iter().all(|name| same(&of(first, name), &of(second, name)))
        }
        (Value::Array(first), Value::Array(second)) => {
            first.len() == second.len() && first.iter().zip(second).all(|(first, second)| same(first, second))
        }
        (Value::Number(a), Value::Number(b)) => {
            a == b || !(a.is_integer() && b.is_integer()) && a.as_f64() == b.as_f64()
        }
        (first, second) => first == second,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn records(
        records in prop::collection::vec(prop::collection::hash_map(name(), value(), 0..5), 1..12),
        row_group in 1..5,
        compression in prop::sample::select(vec!["snappy", "zstd", "gzip", "lz4", "none"]),
    ) {
        prop_assume!(records.iter().any(|record| !record.is_empty()));
        let line = |record: std::collections::HashMap<String, Json>| {
            format!("{}\n", record.into_iter().collect::<Json>())
        };
        let text: String = records.into_iter().map(line).collect();
        let parquet = format!(r#"{{"row-group": {row_group}, "compression": "{compression}"}}"#);
        let (report, lines) = there_and_back(&text, &parquet);
        prop_assert_eq!((report.records_out, report.rejected), (text.lines().count() as u64, 0));
        prop_assert_eq!(lines.lines().count(), text.lines().count());
        for (record, back) in text.lines().zip(lines.lines()) {
            let read = |line| Value::from_json(line).unwrap();
            prop_assert!(same(&read(record), &read(back)), "{} became {}", record, back);
        }
        // What was read has all fields, and comes back byte for byte.
        let folder = tempfile::tempdir().unwrap();
        let again = folder.path().join("again.parquet");
        write(&lines, &again, options(&parquet)).unwrap();
        prop_assert_eq!(read(&again).unwrap(), lines);
    }
}

#[test]
fn each_type() {
    let schema = r#"{"schema": {
        "b": "bool", "i": "int", "u": "uint", "f": "float", "d": "decimal(5, 2)", "e": "decimal(38, 10)", "s": "string",
        "t": "timestamp", "n": "timestamp(ns)", "l": "datetime(ms)", "y": "date", "j": "json", "x": "binary",
        "a": ["int"], "o": {"p": [{"q": "string"}]}
    }}"#;
    let check = |record: &str, back: &str| {
        let (report, lines) = there_and_back(record, schema);
        assert_eq!(report.rejected, 0, "{record}: {:?}", report.rejected_by);
        assert_eq!(Record::from_json(&lines).unwrap().len(), 15);
        let start = back.strip_suffix('}').unwrap();
        assert!(lines.starts_with(start) || lines.contains(&start[1..]), "{lines} instead of {back}");
    };
    check(r#"{"b":true,"i":-9223372036854775808}"#, r#"{"b":true,"i":-9223372036854775808}"#);
    check(r#"{"i":1e2,"u":18446744073709551615}"#, r#"{"i":100,"u":18446744073709551615}"#);
    // Who asks for floats gets the nearest.
    check(r#"{"f":0.1000000000000000055511151231257827}"#, r#"{"f":0.1}"#);
    check(r#"{"f":"-Infinity"}"#, r#"{"f":"-Infinity"}"#);
    check(r#"{"d":-999.99}"#, r#"{"d":-999.99}"#);
    check(
        r#"{"d":5,"e":1234567890123456789012345678.0123456789}"#,
        r#"{"d":5.00,"e":1234567890123456789012345678.0123456789}"#,
    );
    check(r#"{"e":-0.5}"#, r#"{"e":-0.5000000000}"#);
    check(r#"{"s":"\u00e9\n"}"#, r#"{"s":"é\n"}"#);
    check(r#"{"t":"2024-01-02T03:04:05.123456+02:00"}"#, r#"{"t":"2024-01-02T01:04:05.123456Z"}"#);
    check(
        r#"{"t":"0000-01-01T00:00:00Z","n":"2024-01-02 03:04:05.123456789Z"}"#,
        r#"{"t":"0000-01-01T00:00:00Z","n":"2024-01-02T03:04:05.123456789Z"}"#,
    );
    check(r#"{"l":"1969-12-31T23:59:59.999"}"#, r#"{"l":"1969-12-31T23:59:59.999"}"#);
    check(r#"{"y":"9999-12-31"}"#, r#"{"y":"9999-12-31"}"#);
    check(r#"{"j":[ 1.0,"\ud800" , 1e400]}"#, r#"{"j":[ 1.0,"\ud800" , 1e400]}"#);
    check(r#"{"x":"/+8="}"#, r#"{"x":"/+8="}"#);
    check(r#"{"a":[1,null,2],"o":{"p":[]}}"#, r#"{"a":[1,null,2],"o":{"p":[]}}"#);
    check(r#"{"o":{"p":[{"q":"x"},null,{}]}}"#, r#"{"o":{"p":[{"q":"x"},null,{"q":null}]}}"#);
    check(r#"{"a":null,"o":null}"#, r#"{"a":null,"o":null}"#);
}

#[test]
fn types_from_the_first_records() {
    let check = |text: &str, back: &str| {
        let (report, lines) = there_and_back(text, "{}");
        assert_eq!(report.rejected, 0, "{text}");
        assert_eq!(lines, back);
    };
    // Whole numbers beside others are floats, as long as those hold them.
    check("{\"a\":1}\n{\"a\":1.5}\n", "{\"a\":1.0}\n{\"a\":1.5}\n");
    check("{\"a\":9007199254740993}\n{\"a\":1.5}\n", "{\"a\":9007199254740993}\n{\"a\":1.5}\n");
    check("{\"a\":1}\n{\"a\":18446744073709551615}\n", "{\"a\":1}\n{\"a\":18446744073709551615}\n");
    check("{\"a\":-1}\n{\"a\":18446744073709551615}\n", "{\"a\":-1}\n{\"a\":18446744073709551615}\n");
    // What no type holds is JSON, as it was.
    check("{\"a\":1e400}\n{\"a\":1.10}\n", "{\"a\":1e400}\n{\"a\":1.10}\n");
    check("{\"a\":123456789012345678901234567890}\n", "{\"a\":123456789012345678901234567890}\n");
    check("{\"a\":\"\\ud800\"}\n{\"a\":\"x\"}\n", "{\"a\":\"\\ud800\"}\n{\"a\":\"x\"}\n");
    check("{\"a\":{\"b\":1,\"b\":2}}\n", "{\"a\":{\"b\":1,\"b\":2}}\n");
    check("{\"a\":{}}\n{\"a\":null}\n", "{\"a\":{}}\n{\"a\":null}\n");
    check("{\"a\":[1,\"x\"]}\n", "{\"a\":[1,\"x\"]}\n");
    check(
        "{\"a\":{\"b\":1}}\n{\"a\":{\"c\":[]}}\n",
        "{\"a\":{\"b\":1,\"c\":null}}\n{\"a\":{\"b\":null,\"c\":[]}}\n",
    );
    check("{\"a\":null}\n", "{\"a\":null}\n");
}
