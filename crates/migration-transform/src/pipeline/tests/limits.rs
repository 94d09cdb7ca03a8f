//! Runs over the first records only, and records that are longer than one may be.

use std::sync::mpsc;
use std::time::Duration;

use super::*;

/// What is wanted is there, so that nobody waits for more to come.
#[test]
fn enough_is_enough() {
    for (text, from, to) in [
        ("{\"a\":1}\n{\"a\":2}\n", FileFormat::Ndjson, FileFormat::Ndjson),
        ("{}\n{}\n", FileFormat::Ndjson, FileFormat::Ndjson),
        ("P\n1\n2\n", FileFormat::Csv, FileFormat::Csv),
        ("a,n\n1,\"2\n\"\n3,4\n", FileFormat::Csv, FileFormat::Ndjson),
        ("[{\"a\":1},{\"a\":2},", FileFormat::Json, FileFormat::Json),
        ("[{\"a\":1},{\"a\":2}]", FileFormat::Json, FileFormat::Csv),
        ("{\"a\":1}\n{\"a\":2}\n", FileFormat::Json, FileFormat::Csv),
        (" {\n\"a\":1}{\"a\":2}", FileFormat::Json, FileFormat::Ndjson),
    ] {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        let (done, result) = mpsc::channel();
        std::thread::spawn(move || {
            let (from, to) = (Some(from), Some(to));
            let pipeline = Pipeline { limit: Some(2), from, to, ..Pipeline::default() };
            let input = Input::Reader("pipe".to_owned(), Box::new(reader));
            let mut written = Vec::new();
            let output = Output::Writer("memory".to_owned(), Box::new(&mut written));
            let report = pipeline.run(&chain(STEPS), input, output).unwrap();
            done.send((report.records_in, written)).unwrap();
        });
        let (records, written) = result.recv_timeout(Duration::from_secs(60)).expect(text);
        assert_eq!((records, written.is_empty()), (2, false), "{text}");
        drop(writer);
    }
}

/// Wherever an input is read in pieces, the file of rejects has the same.
#[test]
fn of_what_is_too_long_the_beginning() {
    let folder = folder();
    let rejects = folder.path().join("rejects.ndjson");
    for (more, chunk_bytes) in [(1, None), (3 * CHUNK, None), (3 * CHUNK, Some(MAX_RECORD * 2))] {
        let long = format!("{{\"a\":\"{}\"}}", "é".repeat((MAX_RECORD + more) / 2));
        let kept = 1024 - "{\"a\":\"".len();
        let expected = format!(
            "{{\"record\":2,\"line\":3,\"reason\":\"too-long\",\"field\":null,\"text\":\"{{\\\"a\\\":\\\"{}\",\"bytes\":{}}}\n",
            "é".repeat(kept / 2),
            long.len()
        );
        let lines = format!("{{\"a\":1}}\n\n \t{long} \r\n{{\"a\":3}}\n");
        let array = format!("[{{\"a\":1}}\n,\n  {long}\n , {{\"a\":3}}]\n");
        let values = format!("{{\n\"a\":1}}\n  {long} {{\"a\":3}}");
        let input = put(&folder, "in", &lines);
        for (text, format) in [
            (None, FileFormat::Ndjson),
            (Some(lines), FileFormat::Ndjson),
            (Some(array), FileFormat::Json),
            (Some(values), FileFormat::Json),
        ] {
            let pipeline = Pipeline {
                from: Some(format),
                to: Some(FileFormat::Ndjson),
                rejects: Some(rejects.clone()),
                chunk_bytes,
                overwrite: true,
                no_sync: true,
                ..Pipeline::default()
            };
            let output = folder.path().join("out.ndjson");
            let source = match &text {
                None => Input::File(input.clone()),
                Some(text) => Input::Reader("stream".to_owned(), Box::new(text.as_bytes())),
            };
            let report = pipeline.run(&chain(STEPS), source, Output::File(output.clone())).unwrap();
            assert_eq!(report.rejected, 1);
            let lines = fs::read_to_string(&rejects).unwrap();
            let shown = (text.as_ref().map(|text| &text[..8]), chunk_bytes, lines.len());
            assert!(lines == expected, "{shown:?}: …{}", &lines[lines.len().saturating_sub(60)..]);
        }
    }
}

#[test]
fn of_what_is_behind_an_array_the_beginning() {
    let folder = folder();
    let rejects = folder.path().join("rejects.ndjson");
    let rest = format!("{} ,\n{}", "x".repeat(2000), "y".repeat(1000));
    let text = format!("[{{\"a\":1}}]\n \n  {rest}\n\n");
    for chunk_bytes in [1, 3, 100, 1 << 20] {
        let pipeline = Pipeline {
            from: Some(FileFormat::Json),
            rejects: Some(rejects.clone()),
            chunk_bytes: Some(chunk_bytes),
            overwrite: true,
            ..Pipeline::default()
        };
        let input = Input::Reader("stream".to_owned(), Box::new(Slowly(text.as_bytes())));
        pipeline.run(&chain(STEPS), input, Output::File(folder.path().join("out.json"))).unwrap();
        let expected = format!(
            "{{\"record\":2,\"line\":3,\"reason\":\"invalid-json\",\"field\":null,\"text\":\"{}\",\"bytes\":{}}}\n",
            "x".repeat(1024),
            rest.len()
        );
        assert_eq!(fs::read_to_string(&rejects).unwrap(), expected, "chunks of {chunk_bytes}");
    }
}
