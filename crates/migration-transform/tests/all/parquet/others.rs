//! Files that other programs wrote: `files/write.py` has them do it.

use std::path::Path;

use expect_test::{Expect, expect};

use super::read;

fn check(name: &str, expected: &Expect) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/parquet/files").join(name);
    expected.assert_eq(&read(&path).unwrap());
}

#[test]
fn pyarrow() {
    check(
        "pyarrow.parquet",
        &expect![[r#"
        {"time":"2024-01-02T03:04:05.123456789","lists":[[1],[],null],"map":{"1":"x"},"half":-1.5,"decimal":12345678901234567890123456789012345678.901}
        {"time":null,"lists":null,"map":{},"half":"NaN","decimal":-0.001}
    "#]],
    );
}

#[test]
fn duckdb() {
    check(
        "duckdb.parquet",
        &expect![[r#"
        {"u":255,"l":[{"a":0,"b":null}],"m":{"k":0},"id":"550e8400-e29b-41d4-a716-446655440000","iv":"P1M2DT3.500S","t":"01:02:03.5","tz":"2024-01-02T01:04:05Z","d":"2024-02-29","p":1.50,"j":{"a": [1, 2]},"x":"/w==","e":"x"}
        {"u":255,"l":[{"a":1,"b":null}],"m":{"k":1},"id":"550e8400-e29b-41d4-a716-446655440000","iv":"P1M2DT3.500S","t":"01:02:03.5","tz":"2024-01-02T01:04:05Z","d":"2024-02-29","p":1.50,"j":{"a": [1, 2]},"x":"/w==","e":"x"}
    "#]],
    );
}

#[test]
fn polars() {
    check(
        "polars.parquet",
        &expect![[r#"
        {"text":"ü\n","struct":{"p":1,"q":[true,null]},"time":"01:02:03.000004","span":1000000,"category":"a","single":0.1}
        {"text":null,"struct":{"p":null,"q":null},"time":null,"span":null,"category":null,"single":"Infinity"}
    "#]],
    );
}
