//! Parquet files: what is written is read again, and what doesn't fit is rejected.

mod damaged;
mod misfits;
mod others;
mod round_trip;

use std::path::Path;

use migration_transform::spec::ParquetOptions;
use migration_transform::{Chain, FileFormat, Input, Output, Pipeline, Report, RunError, Spec};

/// The options that a chain's `parquet` says.
fn options(json: &str) -> ParquetOptions {
    Spec::from_json(&format!(r#"{{"parquet": {json}}}"#)).unwrap().parquet.unwrap()
}

/// Writes NDJSON to a file.
fn write(text: &str, to: &Path, parquet: ParquetOptions) -> Result<Report, RunError> {
    let pipeline = Pipeline { parquet, threads: Some(2), chunk_bytes: Some(64), ..Pipeline::default() };
    let input = Input::Reader("test".to_owned(), Box::new(text.as_bytes()));
    pipeline.run(&Chain::new(), input, Output::File(to.to_owned()))
}

/// What a file has, as NDJSON.
fn read(from: &Path) -> Result<String, RunError> {
    let mut lines = Vec::new();
    let output = Output::Writer("test".to_owned(), Box::new(&mut lines));
    Pipeline::default().run(&Chain::new(), Input::File(from.to_owned()), output)?;
    Ok(String::from_utf8(lines).unwrap())
}

/// What a run from a text to a file came to, and what the file has then.
fn there_and_back(text: &str, parquet: &str) -> (Report, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.parquet");
    let report = write(text, &file, options(parquet)).unwrap();
    (report, read(&file).unwrap())
}

#[test]
fn a_format_like_others() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("x.csv"), "id,name\n1,Ada\n2,\n").unwrap();
    let chain: Chain = Spec::from_json(r#"{"step":[{"convert":{"id":"int"}}]}"#).unwrap().into();
    let run = |from: &str, to: &str| {
        Pipeline::default().run(&chain, Input::File(at(from)), Output::File(at(to))).unwrap()
    };
    let report = run("x.csv", "x.parquet");
    assert_eq!((report.records_in, report.records_out), (2, 2));
    assert_eq!(report.bytes_out, std::fs::metadata(at("x.parquet")).unwrap().len());
    run("x.parquet", "x.json");
    let text = std::fs::read_to_string(at("x.json")).unwrap();
    assert_eq!(text, "[\n{\"id\":1,\"name\":\"Ada\"},\n{\"id\":2,\"name\":null}\n]\n");
    assert_eq!("parquet".parse(), Ok(FileFormat::Parquet));
}

#[test]
fn parts_are_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text: String = (0..10).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    write(&text, &at("x.parquet"), options(r#"{"row-group": 3}"#)).unwrap();
    let mut all = String::new();
    for part in ["0/3", "1/3", "2/3", "1/3"] {
        let pipeline = Pipeline { shard: Some(part.parse().unwrap()), ..Pipeline::default() };
        let report =
            pipeline.run(&Chain::new(), Input::File(at("x.parquet")), Output::File(at("parts"))).unwrap();
        let path = at("parts").join(report.output.as_deref().unwrap());
        assert_eq!(path.extension().unwrap(), "parquet");
        // The last one has been there already, with the same bytes.
        assert_eq!(report.skipped, part == "1/3" && all.len() == text.len());
        if !report.skipped {
            all.push_str(&read(&path).unwrap());
        }
    }
    assert_eq!(all, text);
    assert!(at("parts").join("manifest.json").is_file());
}

#[test]
fn what_can_not_be_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let input = || Input::Reader("stdin".to_owned(), Box::new(&b"{}"[..]));
    let run = |pipeline: Pipeline<'_>, input: Input<'_>, to: &str| {
        let error = pipeline.run(&Chain::new(), input, Output::File(at(to))).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        (error.code(), format!("{error}: {cause}"))
    };
    let from = Pipeline { from: Some(FileFormat::Parquet), ..Pipeline::default() };
    let (code, message) = run(from, input(), "x.ndjson");
    assert_eq!(code, "transform.unsupported");
    assert!(message.contains("stdin") && message.contains("name a file"), "{message}");

    let append = Pipeline { append: true, ..Pipeline::default() };
    assert_eq!(run(append, input(), "x.parquet").0, "transform.unsupported");
    assert_eq!(run(Pipeline::default(), input(), "x.parquet.gz").0, "transform.unsupported");
    assert_eq!(
        run(Pipeline::default(), Input::File(at("x.parquet.gz")), "x.ndjson").0,
        "transform.unsupported"
    );

    // No column can be told from a record without fields.
    assert_eq!(run(Pipeline::default(), input(), "x.parquet").0, "transform.unknown_columns");

    std::fs::write(at("no.parquet"), "PAR1 this is none PAR1").unwrap();
    assert_eq!(
        run(Pipeline::default(), Input::File(at("no.parquet")), "x.ndjson").0,
        "transform.input_unreadable"
    );
    assert!(!at("x.ndjson").exists() && !at("x.parquet").exists());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    for wrong in [
        r#"{"schema":{}}"#,
        r#"{"schema":{"a":[]}}"#,
        r#"{"schema":{"a":"decimal(39)"}}"#,
        r#"{"schema":{"a":"long"}}"#,
        r#"{"level":1}"#,
    ] {
        assert!(Spec::from_json(&format!(r#"{{"parquet": {wrong}}}"#)).is_err(), "{wrong}");
    }
}

#[cfg(feature = "toml")]
#[test]
fn the_schema_of_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/transform.md");
    let page = std::fs::read_to_string(page).unwrap();
    let block = page.split("```toml\n").find(|block| block.contains("[parquet.schema]")).unwrap();
    let spec = Spec::from_toml(block.split("```").next().unwrap()).unwrap();
    // A chain that is written and read again is the same.
    assert_eq!(Spec::from_json(&serde_json::to_string(&spec).unwrap()).unwrap(), spec);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.parquet");
    let record = "{\"id\":1,\"price\":9.90,\"created_at\":\"2024-01-02T03:04:05Z\",\"tags\":[\"a\"],\
        \"address\":{\"city\":\"Delft\",\"floor\":null}}\n";
    assert_eq!(write(record, &file, spec.parquet.unwrap()).unwrap().records_out, 1);
    assert_eq!(read(&file).unwrap(), record);
}
