//! No allocation per record: what a run allocates doesn't grow with the number of records that no step makes an owned value
//! of. A program of its own, whose allocator counts.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::fmt::Write as _;

use allocation_counter::measure;
use migration_transform::{Chain, Chunk, Engine, Format, Input, Made, Output, Pipeline, Spec, Validate};

const CHAIN: &str = r#"{"step": [
    {"rename": {"customer": "id"}},
    {"convert": {"quantity": "int", "amount": "float", "active": "bool", "created": "timestamp"}},
    {"drop": ["secret"]},
    {"set": {"label": "upper(name) || ' / ' || id", "total": "amount * 2"}},
    {"keep-where": "quantity > 0 and country in ('NL', 'DE')"}
]}"#;

/// Records with values that are malformed, escaped, nested and missing among them.
fn records(number: usize) -> String {
    let mut text = String::new();
    for n in 0..number {
        let quantity = if n % 10 == 3 { "many".to_owned() } else { n.to_string() };
        let note = if n % 7 == 0 { r"J\u00f6rg \\ \n" } else { "Ada" };
        let country = ["NL", "DE", "FR"][n % 3];
        _ = write!(
            text,
            r#"{{"customer":"{n}","quantity":"{quantity}","amount":"{n}.50","active":"yes","secret":1,"#
        );
        if n % 5 > 0 {
            _ = write!(text, r#""created":"2024-01-02 03:04:05","o":{{"l":[1,2,{{}}]}},"#);
        }
        _ = writeln!(text, r#""name":"Ada","note":"{note}","country":"{country}"}}"#);
    }
    text
}

fn chain() -> Chain {
    Spec::from_json(CHAIN).unwrap().into()
}

#[test]
fn of_the_engine() {
    let (text, more) = (records(200), records(5000));
    for validate in [Validate::Structure, Validate::Full] {
        let engine = Engine::compile(&chain(), Format::Ndjson).unwrap().with_validation(validate);
        let (mut worker, mut made) = (engine.worker(), Made::default());
        let mut process = |text: &str| {
            worker.process(&Chunk { bytes: text.as_bytes(), format: Format::Ndjson }, &mut made);
            (made.records_in, made.records_out, made.warnings.total())
        };
        // Once, so that buffers are as large as they have to be.
        process(&more);
        let mut counts = (0, 0, 0);
        let few = measure(|| counts = process(&text)).count_total;
        assert_eq!((counts.0, counts.1 > 100, counts.2 > 10), (200, true, true));
        let many = measure(|| counts = process(&more)).count_total;
        assert_eq!(counts.0, 5000);
        assert_eq!(few, many, "{few} allocations for 200 records, {many} for 5000");
    }
}

#[test]
fn of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let chain = chain();
    // Chunks of a size: what is allocated for each of those is allowed.
    let allocations = |number: usize| {
        let (input, output) = (folder.path().join("in.ndjson"), folder.path().join("out.ndjson"));
        std::fs::write(&input, records(number)).unwrap();
        let pipeline = Pipeline { threads: Some(1), overwrite: true, no_sync: true, ..Pipeline::default() };
        let mut records_in = 0;
        let run = measure(|| {
            records_in = pipeline.run(&chain, Input::File(input), Output::File(output)).unwrap().records_in;
        });
        assert_eq!(records_in, number as u64);
        run.count_total
    };
    let (few, many) = (allocations(20_000), allocations(60_000));
    let more = many.saturating_sub(few);
    assert!(more < 400, "{more} allocations for 40,000 records: {few}, {many}");
}
