//! Sources and sinks that are no files.

use std::io::{self, ErrorKind};

use migration_model::{RecordSink, RecordSource, RejectedRecord};

use super::*;
use crate::migrator::DataMigrator;
use crate::value::Record;

/// Hands out pieces as they are, then fails if it is to.
struct Pieces<'a>(std::slice::Iter<'a, &'a str>, Option<ErrorKind>);

impl RecordSource for Pieces<'_> {
    fn name(&self) -> &str {
        "pieces"
    }

    fn read(&mut self, records: &mut Vec<u8>, _: usize) -> io::Result<bool> {
        let next = self.0.next();
        records.extend_from_slice(next.map_or(&b""[..], |piece| piece.as_bytes()));
        match (next, self.1) {
            (None, Some(kind)) => Err(kind.into()),
            (next, _) => Ok(next.is_some()),
        }
    }
}

/// Notes what happens to it.
#[derive(Default)]
struct Notes {
    text: String,
    calls: usize,
    fail: Option<ErrorKind>,
}

impl RecordSink for Notes {
    fn name(&self) -> &str {
        "notes"
    }

    fn write(&mut self, records: &[u8]) -> io::Result<()> {
        assert!(records.ends_with(b"\n"));
        self.calls += 1;
        self.text.push_str(std::str::from_utf8(records).unwrap());
        self.fail.map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn reject(&mut self, rejected: &RejectedRecord<'_>) -> io::Result<()> {
        let RejectedRecord { record, line, reason, field, text, .. } = *rejected;
        let text = String::from_utf8_lossy(text);
        self.text.push_str(&format!("! {record} {line} {reason} {field:?} {text}\n"));
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.text.push_str("finished\n");
        Ok(())
    }
}

const REJECTING: &str = r#"{"step": [{"convert": {"n": "int"}, "on_error": "reject-record"}]}"#;

#[test]
fn in_order_with_rejects() {
    // A piece without an end, an empty one, blank lines; what is no JSON inside, which a file would let pass.
    let pieces = ["{\"n\":\"1\"}", "", "\n{\"n\":\"x\"}\n{\"a\":[1 2]}\n", "{\"n\":\"3\"}\n{}"];
    for threads in [1, 4] {
        for chunk in [1, 30, 1 << 20] {
            let pipeline =
                Pipeline { threads: Some(threads), chunk_bytes: Some(chunk), ..Pipeline::default() };
            let mut notes = Notes::default();
            let source = Pieces(pieces.iter(), None);
            let report = pipeline.run(&chain(REJECTING), source.into(), (&mut notes).into()).unwrap();
            assert_eq!((report.records_in, report.records_out, report.rejected), (5, 3, 2));
            let written: Vec<&str> = notes.text.lines().filter(|line| !line.starts_with('!')).collect();
            assert_eq!(written, ["{\"n\":1}", "{\"n\":3}", "{}", "finished"], "{threads}, {chunk}");
            let rejected: Vec<&str> = notes.text.lines().filter(|line| line.starts_with('!')).collect();
            assert_eq!(
                rejected,
                ["! 2 3 malformed Some(\"n\") {\"n\":\"x\"}", "! 3 4 invalid-json None {\"a\":[1 2]}"]
            );
        }
    }
}

#[test]
fn what_fails_is_not_finished() {
    let run = |source_fails: Option<ErrorKind>, sink_fails: Option<ErrorKind>| {
        let mut notes = Notes { fail: sink_fails, ..Notes::default() };
        let source = Pieces([const { "{}\n" }].iter(), source_fails);
        let error = Pipeline::default().run(&chain(STEPS), source.into(), (&mut notes).into()).unwrap_err();
        assert!(!notes.text.contains("finished"), "{}", notes.text);
        (error.code(), error.to_string())
    };
    let other = Some(ErrorKind::Other);
    assert_eq!(run(other, None).1, "can't read pieces");
    assert_eq!(run(None, other), ("transform.output_failed", "can't write notes".to_owned()));
    assert_eq!(run(None, Some(ErrorKind::BrokenPipe)).1, "the reader of the output has gone away");
    // Nothing goes out, and it is finished all the same.
    let mut notes = Notes::default();
    let report = Pipeline::default().run(&chain(STEPS), Input::from(&b""[..]), (&mut notes).into()).unwrap();
    assert_eq!((report.records_in, notes.calls, notes.text.as_str()), (0, 0, "finished\n"));
}

#[test]
fn only_the_first_records() {
    let mut written = Vec::new();
    let pipeline = Pipeline { limit: Some(2), from: Some(FileFormat::Csv), ..Pipeline::default() };
    let source = &b"{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"[..];
    pipeline.run(&chain(STEPS), source.into(), (&mut written).into()).unwrap();
    assert_eq!(written, b"{\"b\":1}\n{\"b\":2}\n");
    let samples = pipeline.preview(&chain(STEPS), source.into(), 1).unwrap();
    assert_eq!(samples[0].after.as_deref(), Some("{\"b\":1}"));
}

#[test]
fn records_in_memory_are_a_stream() {
    let read = |text: &str| Record::from_json(text).unwrap();
    let records: Vec<Record> = (0..5000)
        .map(|n| {
            read(&format!(
                "{{\"a\": {n}.0, \"n\":\"{}\",\"o\":[1,\n 2]}}",
                if n % 3 == 0 { "x" } else { "7" }
            ))
        })
        .collect();
    let migrator = DataMigrator::new(chain(STEPS)).unwrap();
    let migrated = migrator.migrate(records.clone());
    let mut sink = Records::default();
    let report = migrator.run(Records::from(records), &mut sink).unwrap();
    assert_eq!((report.records_out, report.warnings), (5000, migrated.warnings.total()));
    let lines = |records: Vec<Record>| -> Vec<String> {
        records.iter().map(|record| record.to_json().replace('\n', " ")).collect()
    };
    assert_eq!(lines(sink.into_vec()), lines(migrated.records));
}
