//! CSV that goes out can be read as what it was, or isn't written.

use proptest::prelude::*;

use super::*;
use crate::value::{Record, Value};

fn to_csv(options: CsvOptions, text: &str, folder: &TempDir) -> Result<Report, RunError> {
    let input = put(folder, "in.ndjson", text);
    let pipeline = Pipeline { csv_output: options, overwrite: true, no_sync: true, ..Pipeline::default() };
    run(&pipeline, r#"{"step":[]}"#, &input, &folder.path().join("out.csv"))
}

fn options(text: &str) -> CsvOptions {
    serde_json::from_str(text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_goes_out_comes_in(
        rows in proptest::collection::vec(proptest::collection::vec(proptest::option::of(r##"[a,;"#\\\r\n ]{0,4}"##), 3), 1..6),
        columns in 1_usize..4,
        (quoting, doubled, escaped, comment) in any::<(bool, bool, bool, bool)>(),
    ) {
        let folder = folder();
        let options = CsvOptions {
            quoting: Some(quoting),
            double_quote: Some(doubled),
            escape: (escaped || !doubled).then_some('\\'),
            comment: comment.then_some('#'),
            columns: Some((0..columns).map(|n| format!("#{n}")).collect()),
            ..CsvOptions::default()
        };
        let line = |row: &Vec<Option<String>>| {
            let fields = row.iter().take(columns).enumerate();
            let fields: Record = fields.map(|(n, text)| {
                // Without quotes, or in a row of nothing else, an empty text and null are one.
                let text = text.clone().filter(|text| quoting || !text.is_empty());
                let text = if columns == 1 { text.or(quoting.then(String::new)) } else { text };
                (format!("#{n}"), text.map_or(Value::Null, Value::from))
            }).collect();
            fields.to_json() + "\n"
        };
        let text: String = rows.iter().map(line).collect();
        let made = to_csv(options.clone(), &text, &folder);
        if comment && !quoting {
            // Nor could the header be told from a comment.
            prop_assert_eq!(made.unwrap_err().code(), "transform.unsupported");
            return Ok(());
        }
        let report = made.unwrap();
        prop_assert!(quoting || report.rejected_by.iter().all(|by| by.reason == crate::reason::Reason::DoesNotFit));
        prop_assert!(!quoting || report.rejected == 0);
        let pipeline = Pipeline { csv_input: CsvOptions { columns: None, ..options }, overwrite: true, ..Pipeline::default() };
        let (from, to) = (folder.path().join("out.csv"), folder.path().join("again.ndjson"));
        let again = run(&pipeline, r#"{"step":[]}"#, &from, &to).unwrap();
        prop_assert_eq!((again.records_in, again.rejected), (report.records_out, 0));
        let expected: Vec<&str> = text.lines().filter(|line| {
            quoting || !["\\n", "\\r"].iter().any(|sign| line.contains(sign))
        }).collect();
        let written = fs::read_to_string(&to).unwrap();
        prop_assert!(written.lines().all(|line| expected.contains(&line)), "{} of {}", written, text);
    }
}

#[test]
fn dialects_that_can_not_be_read() {
    let folder = folder();
    let why = |text: &str| {
        let error = to_csv(options(text), "{\"a\":1}\n", &folder).unwrap_err();
        assert_eq!(error.code(), "transform.invalid_spec");
        error.to_string()
    };
    assert!(why(r#"{"double_quote":false}"#).contains("that takes `escape`"));
    assert!(why(r#"{"delimiter":"\""}"#).contains("`\"` can't be `delimiter` and `quote` at once"));
    assert!(why(r#"{"escape":"\""}"#).contains("`quote` and `escape`"));
    assert!(why(r#"{"comment":","}"#).contains("`delimiter` and `comment`"));
    for fine in [r#"{"delimiter":"\"","quoting":false}"#, r#"{"double_quote":false,"escape":"\\"}"#] {
        to_csv(options(fine), "{\"a\":1}\n", &folder).unwrap();
    }
    let pipeline = Pipeline { csv_input: options(r#"{"quote":","}"#), ..Pipeline::default() };
    let error = run(&pipeline, STEPS, &put(&folder, "in.csv", "a\n"), &folder.path().join("o.ndjson"));
    assert_eq!(error.unwrap_err().code(), "transform.invalid_spec");
}

#[test]
fn without_quotes() {
    let folder = folder();
    let text = "{\"a\":\"x,y\",\"b\":1}\n{\"a\":1,\"b\":\"x\\ny\"}\n{\"a\":\"it's\",\"b\":\"\\\"\"}\n";
    let report = to_csv(options(r#"{"quoting":false}"#), text, &folder).unwrap();
    assert_eq!((report.records_in, report.records_out, report.rejected), (3, 1, 2));
    assert_eq!(fs::read_to_string(folder.path().join("out.csv")).unwrap(), "a,b\nit's,\"\n");
    let error = to_csv(options(r#"{"quoting":false}"#), "{\"a,b\":1}\n", &folder).unwrap_err();
    assert_eq!(error.to_string(), "the name `a,b` can't be in the header without quotes");
}

/// What is put into quotes since it looks like a comment has its escapes.
#[test]
fn a_value_that_looks_like_a_comment() {
    let folder = folder();
    let escaped = options(r##"{"comment":"#","double_quote":false,"escape":"\\"}"##);
    to_csv(escaped, "{\"a\":\"#\\\\\",\"b\":\"#\"}\n", &folder).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("out.csv")).unwrap(), "a,b\n\"#\\\\\",#\n");
}

#[test]
fn columns_are_those_of_the_file() {
    let folder = folder();
    let append = |options: CsvOptions, name: &str| {
        let input = put(&folder, "in.ndjson", "{\"a\":1,\"x\":2}\n");
        let pipeline = Pipeline { csv_output: options, append: true, ..Pipeline::default() };
        run(&pipeline, r#"{"step":[]}"#, &input, &folder.path().join(name)).map_err(|error| error.code())
    };
    put(&folder, "out.csv", "x,a\n9,8\n");
    append(CsvOptions::default(), "out.csv").unwrap();
    append(options(r#"{"columns":["x","a"]}"#), "out.csv").unwrap();
    for other in [r#"{"columns":["a"]}"#, r#"{"columns":["a","x"]}"#] {
        assert_eq!(append(options(other), "out.csv").unwrap_err(), "transform.unsupported");
    }
    assert_eq!(fs::read_to_string(folder.path().join("out.csv")).unwrap(), "x,a\n9,8\n2,1\n2,1\n");
    put(&folder, "rows.csv", "9,8\n");
    assert_eq!(append(options(r#"{"header":false}"#), "rows.csv").unwrap_err(), "transform.unknown_columns");
    append(options(r#"{"header":false,"columns":["x","a"]}"#), "rows.csv").unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("rows.csv")).unwrap(), "9,8\n2,1\n");
    #[cfg(feature = "gzip")]
    {
        append(options(r#"{"columns":["x"]}"#), "out.csv.gz").unwrap();
        append(CsvOptions::default(), "out.csv.gz").unwrap();
        assert_eq!(
            append(options(r#"{"columns":["a"]}"#), "out.csv.gz").unwrap_err(),
            "transform.unsupported"
        );
    }
}

#[test]
fn a_header_without_rows() {
    let folder = folder();
    let header = |spec: &str, text: &str, limit| {
        let input = put(&folder, "in.csv", text);
        let pipeline = Pipeline { limit, overwrite: true, ..Pipeline::default() };
        let report = run(&pipeline, spec, &input, &folder.path().join("out.csv")).unwrap();
        assert_eq!(report.records_out, 0);
        let written = fs::read_to_string(folder.path().join("out.csv")).unwrap();
        assert_eq!(report.bytes_out, written.len() as u64);
        written
    };
    assert_eq!(header(STEPS, "a,n\n", None), "b,n\n");
    assert_eq!(header(STEPS, "a,n\n1,2\n", Some(0)), "b,n\n");
    assert_eq!(header(STEPS, "", None), "");
    let spec = r#"{"step": [{"keep-where": "n = 'none'"}, {"convert": {"a": "int"}, "on_error": "reject-record"},
        {"set": {"s": "a / 0"}}, {"split": "n", "separator": " ", "into": ["x", "y"]}, {"drop": ["a"]},
        {"lookup": "x", "table": {"k": {"v": 1}}, "take": {"t": "v"}, "otherwise": "reject-record"}]}"#;
    assert_eq!(header(spec, "a,n,\"a,b\"\n1,2,3\n", None), "\"a,b\",s,x,y,t\n");
}

#[test]
fn the_first_record_with_fields_has_the_columns() {
    let folder = folder();
    let report = to_csv(CsvOptions::default(), "{}\n{\"a\":1,\"b\":2}\n{\"a\":null}\n", &folder).unwrap();
    assert_eq!((report.records_out, report.warnings), (3, 0));
    assert_eq!(fs::read_to_string(folder.path().join("out.csv")).unwrap(), "a,b\n,\n1,2\n,\n");
    // What comes behind an array is seen a second time, too.
    let input = put(&folder, "in.json", "[{},{\"a\":1}] x");
    let overwrite = Pipeline { overwrite: true, ..Pipeline::default() };
    let report = run(&overwrite, STEPS, &input, &folder.path().join("out.csv")).unwrap();
    assert_eq!((report.records_in, report.records_out, report.rejected, report.bytes_in), (3, 2, 1, 14));
}

#[test]
fn who_names_the_columns_has_no_header() {
    let folder = folder();
    let read = |options: &str| {
        let input = put(&folder, "in.csv", "x,y\n1,2\n");
        let pipeline = Pipeline { csv_input: self::options(options), overwrite: true, ..Pipeline::default() };
        let output = folder.path().join("out.ndjson");
        run(&pipeline, r#"{"step":[]}"#, &input, &output).map_err(|error| error.code())?;
        Ok(fs::read_to_string(output).unwrap())
    };
    let all = "{\"a\":\"x\",\"b\":\"y\"}\n{\"a\":\"1\",\"b\":\"2\"}\n";
    assert_eq!(read(r#"{"columns":["a","b"]}"#).as_deref(), Ok(all));
    assert_eq!(read(r#"{"columns":["a","b"],"header":false}"#).as_deref(), Ok(all));
    let renamed = read(r#"{"columns":["a","b"],"header":true}"#);
    assert_eq!(renamed.as_deref(), Ok("{\"a\":\"1\",\"b\":\"2\"}\n"));
    assert_eq!(read("{}").as_deref(), Ok("{\"x\":\"1\",\"y\":\"2\"}\n"));
    assert_eq!(read(r#"{"header":false}"#), Err("transform.unknown_columns"));
}

/// The one that `docs/transform.md` has.
#[cfg(feature = "toml")]
#[test]
fn the_chain_of_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/transform.md");
    let page = fs::read_to_string(page).unwrap();
    let section = &page[page.find("\n## CSV\n").unwrap()..];
    let chain = section.split("```").nth(1).unwrap().strip_prefix("toml\n").unwrap();
    let spec = Spec::from_toml(chain).unwrap();
    let folder = folder();
    let input = put(&folder, "in.csv", "1;Ada\n2;\"Bo;b\"\n");
    let output = folder.path().join("out.csv");
    let (csv_input, csv_output) = (spec.input.clone().unwrap(), spec.output.clone().unwrap());
    let pipeline = Pipeline { csv_input, csv_output, ..Pipeline::default() };
    pipeline.run(&spec.into(), Input::File(input), Output::File(output.clone())).unwrap();
    assert_eq!(fs::read_to_string(output).unwrap(), "name,id\nAda,1\nBo;b,2\n");
}

#[test]
fn a_name_that_stands_twice() {
    let folder = folder();
    let output = folder.path().join("out.csv");
    for (name, text) in
        [("in.ndjson", "{\"a\":1}\n{\"b\":0,\"a\":1,\"\\u0061\":2}\n"), ("in.csv", "a,a\n,1\n1,2\n")]
    {
        let input = put(&folder, name, text);
        let (overwrite, strict) = (true, Pipeline { strict: true, overwrite: true, ..Pipeline::default() });
        let spec = r#"{"step":[{"drop":["b"]}]}"#;
        let report = run(&Pipeline { overwrite, ..Pipeline::default() }, spec, &input, &output).unwrap();
        assert_eq!(fs::read_to_string(&output).unwrap(), "a\n1\n2\n");
        let warned: Vec<_> =
            report.warnings_by.iter().map(|by| (&*by.field, by.reason.code(), by.count)).collect();
        assert_eq!(warned, [("a", "extra-field", if name == "in.csv" { 2 } else { 1 })]);
        assert_eq!(run(&strict, spec, &input, &output).unwrap_err().code(), "transform.strict");
    }
}
