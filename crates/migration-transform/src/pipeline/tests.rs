//! Runs over small inputs: whatever the threads and chunks, the same bytes.

mod claims;
mod csv;
mod ends;
mod files;
mod json;
mod limits;
mod parts;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::*;
use crate::spec::Spec;

const STEPS: &str = r#"{"step": [{"rename": {"a": "b"}}, {"convert": {"n": "int"}}]}"#;

fn chain(spec: &str) -> Chain {
    Spec::from_json(spec).unwrap().into()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn put(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Runs files of a folder.
fn run(pipeline: &Pipeline<'_>, spec: &str, from: &Path, to: &Path) -> Result<Report, RunError> {
    pipeline.run(&chain(spec), Input::File(from.to_owned()), Output::File(to.to_owned()))
}

/// A reader that hands out a few bytes at a time.
struct Slowly<'a>(&'a [u8]);

impl Read for Slowly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(7).min(self.0.len());
        buffer[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

/// Of a text in one format the bytes in another, the same for all chunks and threads, from a file and from a stream.
fn check(text: &str, from: FileFormat, to: FileFormat, expected: &Expect) {
    let folder = folder();
    let input = put(&folder, "in", text);
    let mut seen = None;
    for threads in [1, 2, 4, 8] {
        for chunk in [1, 2, 3, 10, 64, 1000, 1 << 20] {
            let pipeline = Pipeline {
                from: Some(from),
                to: Some(to),
                threads: Some(threads),
                chunk_bytes: Some(chunk),
                overwrite: true,
                no_sync: true,
                ..Pipeline::default()
            };
            let output = folder.path().join("out");
            for stream in [false, true] {
                let source = if stream {
                    Input::Reader("stream".to_owned(), Box::new(Slowly(text.as_bytes())))
                } else {
                    Input::File(input.clone())
                };
                let mut report = pipeline.run(&chain(STEPS), source, Output::File(output.clone())).unwrap();
                report.duration_seconds = 0.0;
                assert_eq!(report.bytes_out, fs::metadata(&output).unwrap().len());
                assert_eq!(report.records_in, report.records_out + report.filtered + report.rejected);
                assert_eq!(
                    report.bytes_in,
                    text.len() as u64,
                    "{threads} threads, chunks of {chunk}, stream: {stream}"
                );
                let now = (fs::read_to_string(&output).unwrap(), report);
                let first = seen.get_or_insert_with(|| now.clone());
                assert_eq!(*first, now, "{threads} threads, chunks of {chunk}, stream: {stream}");
            }
        }
    }
    let (text, report) = seen.unwrap();
    let counts = format!(
        "{} in, {} out, {} rejected, {} warnings\n",
        report.records_in, report.records_out, report.rejected, report.warnings
    );
    let places =
        report.warning_examples.iter().map(|w| format!("{} {} in line {}\n", w.field, w.reason, w.line));
    expected.assert_eq(&format!("{text}---\n{counts}{}", places.collect::<String>()));
}

#[test]
fn lines() {
    let text =
        "\u{feff}{\"a\":1}\n\n{\"n\":\"7\",\"a\":\"x\"}\r\n  \nnonsense\n{\"n\":\"x\"}\n[1]\n{\"a\":2}";
    check(
        text,
        FileFormat::Ndjson,
        FileFormat::Ndjson,
        &expect![[r#"
            {"b":1}
            {"n":7,"b":"x"}
            {"n":"x"}
            {"b":2}
            ---
            6 in, 4 out, 2 rejected, 1 warnings
            n malformed in line 6
        "#]],
    );
}

#[test]
fn arrays() {
    let text = "\n [ {\"a\":[1,{\"x\":\"]\"}]},\n{\"n\":\"x\"} ,7,\n {\"a\":\"\\\"\"}\n]\n";
    let expected = expect![[r#"
        [
        {"b":[1,{"x":"]"}]},
        {"n":"x"},
        {"b":"\""}
        ]
        ---
        4 in, 3 out, 1 rejected, 1 warnings
        n malformed in line 3
    "#]];
    check(text, FileFormat::Json, FileFormat::Json, &expected);
    check(
        "[]",
        FileFormat::Json,
        FileFormat::Json,
        &expect![[r#"
        []
        ---
        0 in, 0 out, 0 rejected, 0 warnings
    "#]],
    );
    // What is cut off is not taken for complete.
    check(
        "[{\"a\":1},{\"a\"",
        FileFormat::Json,
        FileFormat::Ndjson,
        &expect![[r#"
        {"b":1}
        ---
        3 in, 1 out, 2 rejected, 0 warnings
    "#]],
    );
    check(
        "[{\"a\":1}] {\"a\":2}",
        FileFormat::Json,
        FileFormat::Ndjson,
        &expect![[r#"
        {"b":1}
        ---
        2 in, 1 out, 1 rejected, 0 warnings
    "#]],
    );
    check(
        "{\"a\":1}\n{\"a\":2}",
        FileFormat::Json,
        FileFormat::Ndjson,
        &expect![[r#"
        {"b":1}
        {"b":2}
        ---
        2 in, 2 out, 0 rejected, 0 warnings
    "#]],
    );
}

#[test]
fn tables() {
    let text = "a,n,\"odd \"\"name\"\"\"\n1,7,\"two\nlines\"\n\"\",x,\n1,2\n";
    check(
        text,
        FileFormat::Csv,
        FileFormat::Csv,
        &expect![[r#"
        b,n,"odd ""name"""
        1,7,"two
        lines"
        "",x,
        ---
        3 in, 2 out, 1 rejected, 1 warnings
        n malformed in line 4
    "#]],
    );
    check(
        text,
        FileFormat::Csv,
        FileFormat::Ndjson,
        &expect![[r#"
        {"b":"1","n":7,"odd \"name\"":"two\nlines"}
        {"b":"","n":"x","odd \"name\"":null}
        ---
        3 in, 2 out, 1 rejected, 1 warnings
        n malformed in line 4
    "#]],
    );
    check(
        "{\"n\":1,\"t\":\"a\\tb\"}\n{\"t\":null}\n",
        FileFormat::Ndjson,
        FileFormat::Tsv,
        &expect![[r#"
        n	t
        1	"a	b"
        	
        ---
        2 in, 2 out, 0 rejected, 0 warnings
    "#]],
    );
}

#[test]
fn only_some() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}\n");
    for (limit, expected) in
        [(0, ""), (2, "{\"b\":1}\n{\"b\":2}\n"), (9, "{\"b\":1}\n{\"b\":2}\n{\"b\":3}\n")]
    {
        for chunk in [1, 10, 100] {
            let pipeline = Pipeline {
                limit: Some(limit),
                chunk_bytes: Some(chunk),
                overwrite: true,
                ..Pipeline::default()
            };
            let output = folder.path().join("out.ndjson");
            run(&pipeline, STEPS, &input, &output).unwrap();
            assert_eq!(fs::read_to_string(&output).unwrap(), expected, "{limit}, chunks of {chunk}");
        }
    }
    let samples = Pipeline::default().preview(&chain(STEPS), Input::File(input), 2).unwrap();
    let texts: Vec<_> = samples.iter().map(|s| (s.before.as_str(), s.after.as_deref())).collect();
    assert_eq!(texts, [("{\"a\":1}", Some("{\"b\":1}")), ("{\"a\":2}", Some("{\"b\":2}"))]);
}

#[test]
fn records_that_are_too_long() {
    let folder = folder();
    let long = "x".repeat(MAX_RECORD + 3 * CHUNK);
    let text = format!("{{\"a\":1}}\n{{\"a\":\"{long}\"}}\n{{\"a\":3}}\n");
    let input = put(&folder, "in.ndjson", &text);
    let rejects = folder.path().join("rejects.ndjson");
    let pipeline = Pipeline { rejects: Some(rejects.clone()), overwrite: true, ..Pipeline::default() };
    let output = folder.path().join("out.ndjson");
    for stream in [false, true] {
        let source = if stream {
            Input::Reader("stream".to_owned(), Box::new(text.as_bytes()))
        } else {
            Input::File(input.clone())
        };
        let report = pipeline.run(&chain(STEPS), source, Output::File(output.clone())).unwrap();
        assert_eq!((report.records_in, report.rejected), (3, 1), "stream: {stream}");
        assert_eq!(fs::read_to_string(&output).unwrap(), "{\"b\":1}\n{\"b\":3}\n");
        let line = fs::read_to_string(&rejects).unwrap();
        assert!(line.starts_with("{\"record\":2,\"line\":2,\"reason\":\"too-long\""), "{}", &line[..80]);
    }
    // An element begins behind the blanks before it.
    let array = format!("[{{\"a\":1}},\n\n  {{\"a\":\"{long}\"}},{{\"a\":3}}]\n\n rest");
    let input = Input::Reader("array".to_owned(), Box::new(array.as_bytes()));
    let pipeline = Pipeline { from: Some(FileFormat::Json), ..pipeline };
    assert_eq!(pipeline.run(&chain(STEPS), input, Output::File(output)).unwrap().rejected, 2);
    let lines = fs::read_to_string(&rejects).unwrap();
    let expected =
        "{\"record\":2,\"line\":3,\"reason\":\"too-long\",\"field\":null,\"text\":\"{\\\"a\\\":\\\"xxx";
    assert!(lines.starts_with(expected), "{}", &lines[..80]);
    assert!(
        lines.contains(
            "{\"record\":4,\"line\":5,\"reason\":\"invalid-json\",\"field\":null,\"text\":\"rest\"}"
        ),
        "{lines}"
    );
}

#[test]
fn compressed_files() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\n".repeat(50_000));
    for (name, feature) in [("x.ndjson.gz", cfg!(feature = "gzip")), ("x.ndjson.zst", cfg!(feature = "zstd"))]
    {
        let packed = folder.path().join(name);
        let packing = run(&Pipeline::default(), STEPS, &input, &packed);
        if !feature {
            assert!(matches!(packing, Err(RunError::FeatureMissing { .. })), "{name}");
            continue;
        }
        assert_eq!(packing.unwrap().records_out, 50_000);
        assert!(fs::metadata(&packed).unwrap().len() < 50_000, "{name}");
        // What is added is a member of its own.
        run(&Pipeline { append: true, ..Pipeline::default() }, STEPS, &input, &packed).unwrap();
        let output = folder.path().join("out.ndjson");
        run(&Pipeline { overwrite: true, ..Pipeline::default() }, STEPS, &packed, &output).unwrap();
        assert_eq!(fs::read_to_string(&output).unwrap(), "{\"b\":1}\n".repeat(100_000));
        // One that was cut off is no complete one.
        let whole = fs::read(&packed).unwrap();
        let cut = put(&folder, &format!("cut-{name}"), &whole[..whole.len() - 4]);
        let failure =
            run(&Pipeline { overwrite: true, ..Pipeline::default() }, STEPS, &cut, &output).unwrap_err();
        assert_eq!(failure.code(), "transform.input_failed");
        assert_eq!(fs::read_to_string(&output).unwrap().len(), 800_000);
    }
}

#[test]
fn what_is_there_stays() {
    let folder = folder();
    let input = put(&folder, "in.ndjson", "{\"a\":1}\nx\n");
    let output = put(&folder, "out.ndjson", "old\n");
    let files = || fs::read_dir(folder.path()).unwrap().count();
    let code = |pipeline: &Pipeline<'_>, to: &Path| run(pipeline, STEPS, &input, to).unwrap_err().code();
    let plain = Pipeline::default();
    assert_eq!(code(&plain, &output), "transform.output_exists");
    assert_eq!(code(&Pipeline { overwrite: true, ..plain.clone() }, &input), "transform.same_file");
    assert_eq!(
        code(&Pipeline { strict: true, overwrite: true, ..plain.clone() }, &output),
        "transform.strict"
    );
    let stop = AtomicBool::new(true);
    let stopped = Pipeline { interrupt: Some(&stop), overwrite: true, ..plain.clone() };
    assert_eq!(code(&stopped, &output), "run.interrupted");
    let rejects = Some(output.clone());
    assert_eq!(code(&Pipeline { rejects, overwrite: true, ..plain.clone() }, &output), "transform.same_file");
    assert_eq!(code(&plain, &folder.path().join("no/such.ndjson")), "transform.output_not_created");
    assert_eq!(
        code(&Pipeline { to: None, ..plain.clone() }, &folder.path().join("x.doc")),
        "transform.unknown_format"
    );
    assert_eq!((fs::read_to_string(&output).unwrap().as_str(), files()), ("old\n", 2));

    // Another run has begun it.
    let draft = publish::Draft::create(&output, true).unwrap();
    assert_eq!(code(&Pipeline { overwrite: true, ..plain.clone() }, &output), "transform.output_busy");
    drop(draft);

    run(&Pipeline { append: true, ..plain.clone() }, STEPS, &input, &output).unwrap();
    assert_eq!(fs::read_to_string(&output).unwrap(), "old\n{\"b\":1}\n");
    assert_eq!(code(&Pipeline { append: true, strict: true, ..plain.clone() }, &output), "transform.strict");
    assert_eq!(fs::read_to_string(&output).unwrap(), "old\n{\"b\":1}\n");
    run(&Pipeline { overwrite: true, ..plain }, STEPS, &input, &output).unwrap();
    assert_eq!((fs::read_to_string(&output).unwrap().as_str(), files()), ("{\"b\":1}\n", 2));
}

#[test]
fn parts_make_the_whole() {
    let folder = folder();
    let lines: Vec<String> = (0..500).map(|n| format!("{{\"a\":\"{}\"}}\n", "x".repeat(n % 37))).collect();
    let input = put(&folder, "in.ndjson", lines.concat());
    let parts = folder.path().join("parts");
    let part = |index| {
        let shard = Shard::new(index, 7);
        run(&Pipeline { shard, chunk_bytes: Some(100), ..Pipeline::default() }, STEPS, &input, &parts)
    };
    for index in (0..7).rev() {
        assert!(!parts.join("manifest.json").exists());
        assert!(!part(index).unwrap().skipped);
    }
    let whole: String = (0..7)
        .map(|index| fs::read_to_string(parts.join(format!("part-{index:05}-of-00007.ndjson"))).unwrap())
        .collect();
    assert_eq!(whole, lines.concat().replace("\"a\"", "\"b\""));
    let manifest = fs::read_to_string(parts.join("manifest.json")).unwrap();
    assert!(manifest.starts_with("{\"records\":500,"), "{manifest}");

    // What is done stays; what is not the same any more is made again where that is allowed.
    assert!(part(3).unwrap().skipped);
    fs::write(parts.join("part-00003-of-00007.ndjson"), "cut off").unwrap();
    assert_eq!(part(3).unwrap_err().code(), "transform.output_exists");
    fs::remove_file(parts.join("part-00003-of-00007.ndjson")).unwrap();
    assert!(!part(3).unwrap().skipped);
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_so() {
    let folder = folder();
    let input = put(&folder, "x.ndjson", "{\"a\":1}\n");
    let output = folder.path().join("y.parquet");
    for (from, to) in [(&input, &output), (&output, &input)] {
        let error = run(&Pipeline { overwrite: true, ..Pipeline::default() }, STEPS, from, to).unwrap_err();
        assert!(error.to_string().contains("needs the feature `parquet`"), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
