//! Chunks of bytes come out as the reference says, line by line.

use std::collections::BTreeMap;

use migration_transform::spec::Spec;
use migration_transform::{Chain, Chunk, Engine, Format, Made, Step, Validate};
use proptest::prelude::*;

use super::generate;
use super::reference::{self, Counts, Outcome};

/// What the reference makes of the lines.
struct Expected {
    bytes: String,
    filtered: u64,
    /// Number, reason and field.
    rejects: Vec<(u64, String, Option<String>)>,
    counts: Counts,
}

fn expected(steps: &[Step], lines: &[String]) -> Expected {
    let mut all =
        Expected { bytes: String::new(), filtered: 0, rejects: Vec::new(), counts: BTreeMap::new() };
    for (line, number) in lines.iter().zip(1..) {
        match reference::run(steps, line, &mut all.counts) {
            Outcome::Line(line) => all.bytes.push_str(&format!("{line}\n")),
            Outcome::Filtered => all.filtered += 1,
            Outcome::Rejected(reason, field) => all.rejects.push((number, reason, field)),
        }
    }
    all
}

/// Blank lines are no records, and what has line ends in it is no line.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let is_line = |line: &String| !line.trim().is_empty() && !line.contains(['\n', '\r']);
    proptest::collection::vec(generate::line().prop_filter("a line", is_line), 0..6)
}

fn check(steps: &[Step], lines: &[String], validate: Validate) -> Result<(), TestCaseError> {
    let chain = Chain::from(Spec { steps: steps.to_vec(), ..Spec::default() });
    let engine = Engine::compile(&chain, Format::Ndjson).unwrap().with_validation(validate);
    let mut worker = engine.worker();
    let mut made = Made::default();
    // Twice: the second time, the keys and their order are known.
    for _ in 0..2 {
        let text = lines.join("\n");
        worker.process(&Chunk { bytes: text.as_bytes(), format: Format::Ndjson }, &mut made);
        let expected = expected(steps, lines);
        prop_assert_eq!(String::from_utf8_lossy(&made.bytes), expected.bytes);
        prop_assert_eq!(made.filtered, expected.filtered);
        prop_assert_eq!(made.records_in, lines.len() as u64);
        let rejects = made.rejects.iter().map(|reject| {
            (reject.record, reject.reason.code().to_owned(), reject.field.as_deref().map(str::to_owned))
        });
        prop_assert_eq!(rejects.collect::<Vec<_>>(), expected.rejects);
        let counts = made.warnings.counts().iter();
        let counts: Counts = counts
            .map(|count| ((count.field.to_string(), count.reason.code().to_owned()), count.count))
            .collect();
        prop_assert_eq!(counts, expected.counts);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_chain_does_what_the_reference_does(steps in generate::steps(), lines in lines()) {
        check(&steps, &lines, Validate::Full)?;
    }

    #[test]
    fn one_step_does_what_the_reference_does(step in generate::step(), lines in lines()) {
        check(&[step], &lines, Validate::Full)?;
    }
}

/// The texts of RFC 8259, and those that look like it: in full, what is no JSON is rejected.
#[test]
fn what_is_no_json_is_rejected() {
    for value in ["1", "-0.0E+1", "\"\\u00e9\\ud800\"", "[[],{\"a\":[1, 2]}]", "{\"a\":1,\"a\":2}", "1e400"] {
        let line = format!("{{\"x\":{value},\"y\":[{value}]}}");
        check(&[], &[line], Validate::Full).unwrap();
    }
    for value in
        ["01", "+1", ".5", "1.", "NaN", "'a'", "\"\\x\"", "[1,]", "[1 2]", "{\"a\"}", "{a:1}", "tru", ""]
    {
        for line in [
            format!("{{\"x\":{value}}}"),
            format!("{{\"x\":[{value},]}}"),
            format!("{{\"x\":{{\"y\":{value}}}}}"),
        ] {
            let engine =
                Engine::compile(&Chain::new(), Format::Ndjson).unwrap().with_validation(Validate::Full);
            let mut made = Made::default();
            engine.worker().process(&Chunk { bytes: line.as_bytes(), format: Format::Ndjson }, &mut made);
            assert_eq!((made.records_out, made.rejects.len()), (0, 1), "{line}");
        }
    }
}

#[test]
fn a_record_has_a_limit() {
    let engine = Engine::compile(&Chain::new(), Format::Ndjson).unwrap().with_limit(20);
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(20));
    let text = format!("{{\"a\":1}}\n{long}\n\n[]\nx\n{{\"b\":2}}");
    let mut made = Made::default();
    engine.worker().process(&Chunk { bytes: text.as_bytes(), format: Format::Ndjson }, &mut made);
    let rejects: Vec<_> = made.rejects.iter().map(|reject| (reject.line, reject.reason.code())).collect();
    assert_eq!(rejects, [(2, "too-long"), (4, "not-an-object"), (5, "invalid-json")]);
    assert_eq!(String::from_utf8_lossy(&made.bytes), "{\"a\":1}\n{\"b\":2}\n");
    assert_eq!((made.records_in, made.lines), (5, 6));
}
