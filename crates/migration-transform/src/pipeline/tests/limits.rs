//! Runs over the first records only.

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
