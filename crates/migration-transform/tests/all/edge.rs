//! Odd lines, each with what becomes of it.

use migration_transform::spec::Spec;
use migration_transform::{DataMigrator, Record};

const CHAIN: &str = r#"{"step":[
    {"rename":{"customer_id":"id"}},
    {"convert":{"quantity":"int","amount":"float","active":"bool","created_at":"timestamp"}}
]}"#;

/// What goes in, and what comes out.
const LINES: &[(&str, &str)] = &[
    (
        r#"{"quantity":"9223372036854775808","amount":"1e400"}"#,
        r#"{"quantity":9223372036854775808,"amount":"1e400"}"#,
    ),
    (
        r#"{"quantity":" 7 ","amount":" 7.0 ","active":" true "}"#,
        r#"{"quantity":7,"amount":7.0,"active":true}"#,
    ),
    (
        r#"{"quantity":"1_000","amount":"1_000.5","active":"TRUE"}"#,
        r#"{"quantity":"1_000","amount":"1_000.5","active":true}"#,
    ),
    (r#"{"quantity":"007","amount":"007.50","active":"1"}"#, r#"{"quantity":7,"amount":7.5,"active":true}"#),
    (
        r#"{"quantity":"5.0","amount":"5","active":"nan"}"#,
        r#"{"quantity":"5.0","amount":5.0,"active":"nan"}"#,
    ),
    (
        r#"{"quantity":[1,2],"amount":{"a":1},"active":[]}"#,
        r#"{"quantity":[1,2],"amount":{"a":1},"active":[]}"#,
    ),
    (
        r#"{"x":123456789012345678901234567890,"f":1.0,"g":1E400}"#,
        r#"{"x":123456789012345678901234567890,"f":1.0,"g":1E400}"#,
    ),
    (r#"{"customer_id":"a","customer_id":"b"}"#, r#"{"id":"a","id":"b"}"#),
    (r#"{"customer_id":"18","id":"there"}"#, r#"{"id":"18"}"#),
    (r#"{"custom\u0065r_id":"20","quantit\u0079":"8"}"#, r#"{"id":"20","quantit\u0079":8}"#),
    (
        r#"{"customer_id":"lone \ud800 end","n":"\u0000 \u2028"}"#,
        r#"{"id":"lone \ud800 end","n":"\u0000 \u2028"}"#,
    ),
    (" { \"customer_id\" : \"24\" , \"quantity\" : \"4\" } \r\n", r#"{"id":"24","quantity":4}"#),
    ("{}", "{}"),
    (r#"{"created_at":"2024-02-30 00:00:00"}"#, r#"{"created_at":"2024-02-30 00:00:00"}"#),
    (r#"{"created_at":"1704164645"}"#, r#"{"created_at":"2024-01-02T03:04:05Z"}"#),
    (r#"{"amount":"123456789.123456789","quantity":"-0"}"#, r#"{"amount":123456789.12345679,"quantity":0}"#),
    (r#"{"amount":".5","quantity":"٣"}"#, r#"{"amount":0.5,"quantity":"٣"}"#),
];

#[test]
fn odd_lines_come_through() {
    let migrator = DataMigrator::new(Spec::from_json(CHAIN).unwrap()).unwrap();
    let records = LINES.iter().map(|(line, _)| Record::from_json(line).unwrap()).collect();
    let migrated = migrator.migrate(records);
    for (record, (line, expected)) in migrated.records.iter().zip(LINES) {
        assert_eq!(record.to_json(), *expected, "{line}");
    }
    assert_eq!(migrated.records.len(), LINES.len());
}
