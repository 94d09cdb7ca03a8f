//! What doesn't fit is rejected, with its place and as it came in.

use std::fmt::Write as _;

use expect_test::expect;
use migration_transform::{Chain, FileFormat, Input, Output, Pipeline, Spec};

use super::{options, read, there_and_back};

/// The reject file of a run with a schema, and what was written.
fn rejected(from: FileFormat, spec: &str, schema: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let chain: Chain = Spec::from_json(spec).unwrap().into();
    let mut seen = None;
    for (threads, chunk) in [(1, 1), (2, 17), (2, 1 << 20)] {
        let pipeline = Pipeline {
            from: Some(from),
            parquet: options(schema),
            rejects: Some(at("rejects")),
            threads: Some(threads),
            chunk_bytes: Some(chunk),
            overwrite: true,
            ..Pipeline::default()
        };
        let input = Input::Reader("test".to_owned(), Box::new(text.as_bytes()));
        let report = pipeline.run(&chain, input, Output::File(at("x.parquet"))).unwrap();
        assert_eq!(report.records_in, report.records_out + report.filtered + report.rejected);
        let found = std::fs::read_to_string(at("rejects")).unwrap() + &read(&at("x.parquet")).unwrap();
        assert_eq!(seen.get_or_insert_with(|| found.clone()), &found);
    }
    seen.unwrap()
}

#[test]
fn of_lines() {
    let chain = r#"{"step":[{"rename":{"x":"a"}},{"keep-where":"a is null or a != 0"}]}"#;
    let schema = r#"{"schema":{"a":"int","o":{"p.q":"date"},"t":["timestamp"]}}"#;
    let text = "{\"x\":1}\n\n{\"x\":0}\n{\"x\":1.5}\nno\n {\"a\":2,\"b\":3}\n{\"x\":3,\"a\":4}\n{\"o\":{\"p.q\":\"2024-02-30\"}}\n\
        {\"t\":[\"2024-01-02T03:04:05Z\",\"2024-01-02T03:04:05\"]}\n{\"x\":5,\"t\":[]}\n{\"o\":1}\n{\"o\":{\"\\ud800\":1}}";
    expect![[r#"
        {"record":3,"line":4,"reason":"does-not-fit","field":"a","text":"{\"x\":1.5}"}
        {"record":4,"line":5,"reason":"invalid-json","field":null,"text":"no"}
        {"record":5,"line":6,"reason":"extra-field","field":"b","text":"{\"a\":2,\"b\":3}"}
        {"record":7,"line":8,"reason":"does-not-fit","field":"o.\"p.q\"","text":"{\"o\":{\"p.q\":\"2024-02-30\"}}"}
        {"record":8,"line":9,"reason":"does-not-fit","field":"t","text":"{\"t\":[\"2024-01-02T03:04:05Z\",\"2024-01-02T03:04:05\"]}"}
        {"record":10,"line":11,"reason":"does-not-fit","field":"o","text":"{\"o\":1}"}
        {"record":11,"line":12,"reason":"extra-field","field":"o.\\ud800","text":"{\"o\":{\"\\ud800\":1}}"}
        {"a":1,"o":null,"t":null}
        {"a":3,"o":null,"t":null}
        {"a":5,"o":null,"t":[]}
    "#]].assert_eq(&rejected(FileFormat::Ndjson, chain, schema, text));
}

#[test]
fn of_rows_and_elements() {
    let schema = r#"{"schema":{"a":"string","b":"int"}}"#;
    let chain = r#"{"step":[{"convert":{"b":"int"}}]}"#;
    expect![[r#"
        {"record":2,"line":3,"reason":"does-not-fit","field":"b","text":"\" y\n\",z"}
        {"record":4,"line":6,"reason":"wrong-number-of-fields","field":null,"text":"1"}
        {"a":"x","b":1}
        {"a":"w","b":null}
    "#]]
    .assert_eq(&rejected(FileFormat::Csv, chain, schema, "a,b\nx,1\n\" y\n\",z\nw,\n1\n"));
    expect![[r#"
        {"record":2,"line":3,"reason":"does-not-fit","field":"b","text":"{\"a\":\"y\",\n \"b\":\"z\"}"}
        {"a":"x","b":1}
        {"a":"w","b":2}
    "#]]
    .assert_eq(&rejected(
        FileFormat::Json,
        chain,
        schema,
        "[ {\"a\":\"x\",\"b\":1},\n\n  {\"a\":\"y\",\n \"b\":\"z\"} ,{\"a\":\"w\",\"b\":2}]",
    ));
}

#[test]
fn a_name_that_stands_there_twice() {
    let (report, lines) = there_and_back("{\"a\":1}\n{\"a\":1,\"a\":2}\n", "{}");
    assert_eq!((report.rejected, lines.as_str()), (1, "{\"a\":1}\n"));
    let (report, lines) = there_and_back("{\"a\":1}\n{\"a\":1,\"a\":2}\n", r#"{"schema":{"a":"int"}}"#);
    assert_eq!((report.rejected, lines.as_str()), (1, "{\"a\":1}\n"));
}

/// Columns are told from the first 8 MiB; what comes later and doesn't fit is not lost but rejected.
#[test]
fn what_comes_late() {
    let mut text = String::new();
    for n in 0..9000 {
        _ = writeln!(text, "{{\"n\":{n},\"s\":\"{}\"}}", "x".repeat(1000));
    }
    text.push_str("{\"n\":1,\"late\":1}\n{\"n\":\"late\"}\n{\"n\":1.5}\n{\"n\":2.0}\n");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let pipeline = Pipeline { rejects: Some(at("rejects")), ..Pipeline::default() };
    let input = Input::Reader("test".to_owned(), Box::new(text.as_bytes()));
    let report = pipeline.run(&Chain::new(), input, Output::File(at("x.parquet"))).unwrap();
    assert_eq!((report.records_out, report.rejected), (9001, 3));
    expect![[r#"
        {"record":9001,"line":9001,"reason":"extra-field","field":"late","text":"{\"n\":1,\"late\":1}"}
        {"record":9002,"line":9002,"reason":"does-not-fit","field":"n","text":"{\"n\":\"late\"}"}
        {"record":9003,"line":9003,"reason":"does-not-fit","field":"n","text":"{\"n\":1.5}"}
    "#]]
    .assert_eq(&std::fs::read_to_string(at("rejects")).unwrap());
    let lines = read(&at("x.parquet")).unwrap();
    assert_eq!(lines.lines().last(), Some("{\"n\":2,\"s\":null}"));
    assert_eq!(lines.lines().count(), 9001);
}

#[test]
fn strict_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline =
        Pipeline { strict: true, parquet: options(r#"{"schema":{"a":"int"}}"#), ..Pipeline::default() };
    let input = Input::Reader("test".to_owned(), Box::new(&b"{\"a\":1}\n{\"a\":\"x\"}\n"[..]));
    let output = Output::File(folder.path().join("x.parquet"));
    let error = pipeline.run(&Chain::new(), input, output).unwrap_err();
    assert_eq!(error.to_string(), "record 2, line 2: `a`: does-not-fit");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
