//! What holds for every chunk: no panic, no lost record, and the same bytes however the chunk is cut and whichever way a
//! record takes. One byte chooses the chain and one the format; the rest is the input.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use migration_transform::{Chain, Chunk, CsvDialect, CsvLayout, Engine, Format, Made, Spec, Validate};

const CHAINS: &[&str] = &[
    r#"{"step":[]}"#,
    r#"{"step":[{"rename":{"a":"x","b":"c"}},{"convert":{"x":"int","c":"float","d":"bool","e":"timestamp"}}]}"#,
    r#"{"step":[{"convert":{"a":"int","b":"decimal"},"on_error":"null"},{"drop":["c"]},{"set":{"z":"a || b"}},
        {"keep-where":"a > 1 or b is null"}]}"#,
    r#"{"step":[{"convert":{"a":"json","b":"string","c":"date"},"on_error":"reject-record"},{"select":["a","b"]}]}"#,
    r#"{"step":[{"convert":{"a":"float"},"on_error":"drop-field"},{"set":{"a":"b"}},{"mask":["b"]}]}"#,
    r#"{"step":[{"flatten":["a"]},{"rename":{"a_b":"b.c"}},{"default":{"d":{}}}]}"#,
];

fuzz_target!(|data: &[u8]| {
    let [chain, format, text @ ..] = data else { return };
    let chain = Spec::from_json(CHAINS[usize::from(*chain) % CHAINS.len()]).map(Chain::from).unwrap();
    let output = if format & 4 == 0 { Format::Ndjson } else { Format::JsonArray };
    let validate = if format & 8 == 0 { Validate::Structure } else { Validate::Full };
    let engine = Engine::compile(&chain, output.clone()).unwrap().with_validation(validate);
    let input = match format & 3 {
        0 => Format::Ndjson,
        1 => Format::JsonValues,
        2 => Format::JsonArray,
        _ => {
            let columns = ["a", "b", "other"].map(str::to_owned).to_vec();
            Format::Csv(Arc::new(CsvLayout { dialect: CsvDialect::default(), columns }))
        }
    };

    let mut made = Made::default();
    let mut worker = engine.worker();
    worker.process(&Chunk { bytes: text, format: input.clone() }, &mut made);
    check(&made, text, &output);

    // What was learnt from the first time changes nothing.
    let first = made.clone();
    worker.process(&Chunk { bytes: text, format: input.clone() }, &mut made);
    assert_eq!(made.bytes, first.bytes);

    if input == Format::Ndjson {
        let mut bytes = Vec::new();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            worker.process(&Chunk { bytes: line, format: Format::Ndjson }, &mut made);
            bytes.extend_from_slice(&made.bytes);
        }
        assert_eq!(bytes, *first.bytes);
    }
});

/// Every record that came in is somewhere, and what goes out is UTF-8 in whole lines.
fn check(made: &Made, text: &[u8], output: &Format) {
    assert_eq!(made.records_in, made.records_out + made.filtered + made.rejects.len() as u64);
    for reject in &made.rejects {
        assert!(reject.start < reject.end && reject.end <= text.len());
        assert!((1..=made.records_in).contains(&reject.record));
    }
    let lines = std::str::from_utf8(&made.bytes).unwrap();
    match output {
        Format::Ndjson => assert_eq!(lines.lines().count() as u64, made.records_out),
        _ => assert_eq!(lines.matches(",\n{").count() as u64 >= made.records_out, true),
    }
}
