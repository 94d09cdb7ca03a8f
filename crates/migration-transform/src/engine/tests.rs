//! All ways through the engine make the same of every record, however the input is cut.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::chain::Stage;
use crate::chunk::{Chunk, Made};
use crate::reason::Reason;
use crate::spec::Spec;
use crate::transformer::of_step;

fn chain(spec: &str) -> Chain {
    Spec::from_json(spec).unwrap_or_else(|error| panic!("{error}: {spec}")).into()
}

fn engine(spec: &str) -> Engine {
    Engine::compile(&chain(spec), Format::Ndjson).unwrap_or_else(|error| panic!("{error}: {spec}"))
}

/// Without the pass that does everything at once.
fn general(spec: &str) -> Engine {
    Engine { programs: None, ..engine(spec) }
}

/// Each step by its transformer of records in memory.
fn owned(spec: &str) -> Engine {
    let stages = chain(spec);
    let stages = stages.stages().iter().zip(1..).map(|(stage, number)| match stage {
        Stage::Step(step) => Op::Owned(owned::Owned(of_step(step, number).unwrap())),
        Stage::Custom(_) => unreachable!("a spec has none"),
    });
    let ops = stages.collect();
    Engine { ops, ..general(spec) }
}

/// What came of an input.
#[derive(Debug, PartialEq)]
struct Outcome {
    bytes: String,
    counts: [u64; 4],
    rejects: Vec<(u64, u64, Reason, Option<String>, String)>,
    warnings: Vec<(String, Reason, u64)>,
    /// Field, reason, number of the record, value.
    examples: Vec<(String, Reason, u64, String)>,
}

fn run(engine: &Engine, input: &[u8], format: Format) -> Outcome {
    let mut made = Made::default();
    let mut worker = engine.worker();
    worker.process(&Chunk { bytes: input, format: format.clone() }, &mut made);
    let first = outcome(&made, input);
    // What was learnt does not change what is made of it.
    worker.process(&Chunk { bytes: input, format }, &mut made);
    assert_eq!(outcome(&made, input), first);
    first
}

fn outcome(made: &Made, input: &[u8]) -> Outcome {
    let rejects = made.rejects.iter().map(|reject| {
        let field = reject.field.as_deref().map(str::to_owned);
        let text = String::from_utf8_lossy(&input[reject.start..reject.end]).into_owned();
        (reject.record, reject.line, reject.reason, field, text)
    });
    let rejects: Vec<_> = rejects.collect();
    let counts = made.warnings.counts().iter();
    let mut warnings: Vec<_> =
        counts.map(|count| (count.field.to_string(), count.reason, count.count)).collect();
    warnings.sort();
    let examples = made.warnings.examples().iter();
    let mut examples: Vec<_> = examples
        .map(|example| (example.field.to_string(), example.reason, example.record, example.value.clone()))
        .collect();
    examples.sort();
    assert_eq!(made.records_in, made.records_out + made.filtered + rejects.len() as u64);
    Outcome {
        bytes: String::from_utf8(made.bytes.to_vec()).unwrap(),
        counts: [made.records_in, made.records_out, made.filtered, made.lines],
        rejects,
        warnings,
        examples,
    }
}

/// Checks that all ways lead to the same.
fn check(spec: &str, input: &[u8]) {
    for validate in [Validate::Full, Validate::Structure] {
        let expected = run(&general(spec).with_validation(validate), input, Format::Ndjson);
        if validate == Validate::Full {
            let owned = run(&owned(spec).with_validation(validate), input, Format::Ndjson);
            assert_eq!(expected, owned, "general is not owned: {spec}\n{}", String::from_utf8_lossy(input));
        }
        for level in Level::all() {
            let fused = Engine { level, ..engine(spec) }.with_validation(validate);
            let fused = run(&fused, input, Format::Ndjson);
            let name = level.name();
            assert_eq!(fused, expected, "{name} is not general: {spec}\n{}", String::from_utf8_lossy(input));
        }
    }
}

fn a_name() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b", "c", "d", "e"])
}

fn on_error() -> impl Strategy<Value = &'static str> {
    select(vec!["keep", "keep", "null", "drop-field", "reject-record"])
}

fn a_step() -> impl Strategy<Value = String> {
    let names = || proptest::collection::btree_set(a_name(), 1..3);
    let list = |names: &std::collections::BTreeSet<&str>| serde_json::to_string(names).unwrap();
    let types = || select(vec!["int", "float", "decimal", "bool", "timestamp", "date", "string", "json"]);
    let expressions = select(vec![
        "a + 1",
        "a || b",
        "b * 2.5",
        "a.x",
        "coalesce(c, d, 'x')",
        "a > 5",
        "b is null",
        "cast(a as int) + 1",
        "c / 0",
        "upper(d)",
        "a = 7 or b = 'x'",
        "length(b) > 1",
        "not c",
        "null",
    ]);
    let conditions = expressions.clone();
    prop_oneof![
        3 => (names(), names(), select(vec!["replace", "keep", "reject-record"])).prop_map(|(old, new, conflict)| {
            let pairs = old.iter().zip(&new).map(|(old, new)| format!("\"{old}\":\"{new}\""));
            format!(r#"{{"rename":{{{}}},"on_conflict":"{conflict}"}}"#, pairs.collect::<Vec<_>>().join(","))
        }),
        4 => (names(), types(), types(), on_error()).prop_map(|(names, one, other, on_error)| {
            let pairs = names.iter().zip([one, other]).map(|(name, to)| format!("\"{name}\":\"{to}\""));
            format!(r#"{{"convert":{{{}}},"on_error":"{on_error}"}}"#, pairs.collect::<Vec<_>>().join(","))
        }),
        1 => names().prop_map(move |names| format!(r#"{{"drop":{}}}"#, list(&names))),
        1 => proptest::collection::btree_set(a_name(), 3..5).prop_map(move |names| format!(r#"{{"select":{}}}"#, list(&names))),
        2 => (a_name(), expressions, on_error()).prop_map(|(name, expression, on_error)| {
            format!(r#"{{"set":{{"{name}":"{expression}"}},"on_error":"{on_error}"}}"#)
        }),
        1 => (conditions, select(vec!["keep", "reject-record"])).prop_map(|(condition, on_error)| {
            format!(r#"{{"keep-where":"{condition}","on_error":"{on_error}"}}"#)
        }),
        1 => a_name().prop_map(|name| format!(r#"{{"default":{{"{name}":0}}}}"#)),
        1 => a_name().prop_map(|name| format!(r#"{{"mask":["{name}"],"keep_last":1}}"#)),
    ]
}

fn a_chain() -> impl Strategy<Value = String> {
    proptest::collection::vec(a_step(), 0..5).prop_map(|steps| format!(r#"{{"step":[{}]}}"#, steps.join(",")))
}

fn a_value() -> impl Strategy<Value = String> {
    let usual = select(vec![
        "\"42\"",
        "\"7.50\"",
        "\"true\"",
        "\"2024-01-02 03:04:05\"",
        "\"x\"",
        "\"\"",
        "null",
        "5",
        "1.5",
        "true",
        "-0",
        "\"2024-01-02T03:04:05Z\"",
        "\"N/A\"",
        "12345678901234567890",
        "\"12345678901234567890123\"",
        "1e400",
        "\"\\u0037\"",
        "\"tab\\tquote\\\"\\\\\"",
        "\"\\ud83d\\ude00 é😀\"",
        "\"\\ud800\"",
        "{\"x\":1}",
        "{\"x\": [1, {\"y\":\"}\"}] }",
        "[1,2]",
        "{}",
        "[]",
        "\"{\\\"k\\\":1}\"",
        "false",
        "0",
        "\"0012\"",
        "\" 7 \"",
        "\"1.0e3\"",
        "1.0",
        "\"-5\"",
        "\"2024-02-30\"",
    ]);
    let broken = select(vec![
        "\"\t\"",
        "01",
        "tru",
        "\"\\x\"",
        "{\"x\" 1}",
        "[1 2]",
        "{]",
        "\"",
        "[",
        "nulll",
        "1.",
        "\"a\" \"b\"",
        "{\"x\":\"\t\"}",
        "",
    ]);
    let long = (0_usize..200).prop_map(|len| format!("\"{}\"", "long é ".repeat(len / 4 + 1)));
    prop_oneof![20 => usual.prop_map(str::to_owned), 1 => broken.prop_map(str::to_owned), 1 => long]
}

fn a_key() -> impl Strategy<Value = String> {
    prop_oneof![
        20 => a_name().prop_map(|name| format!("\"{name}\"")),
        1 => Just(r#""\u0061""#.to_owned()),
        1 => Just(r#""\ud800""#.to_owned()),
        2 => Just("\"other\"".to_owned()),
        1 => (1_usize..90).prop_map(|len| format!("\"{}\"", "k".repeat(len))),
    ]
}

fn a_record() -> impl Strategy<Value = String> {
    let usual = proptest::collection::vec(a_value(), 4).prop_map(|values| {
        let fields =
            ["a", "b", "c", "d"].iter().zip(values).map(|(name, value)| format!("\"{name}\":{value}"));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    });
    let any = (proptest::collection::vec((a_key(), a_value()), 0..7), select(vec!["", " ", "\t"])).prop_map(
        |(fields, blank)| {
            let fields = fields.iter().map(|(key, value)| format!("{key}{blank}:{blank}{value}"));
            format!("{blank}{{{}}}{blank}", fields.collect::<Vec<_>>().join(&format!("{blank},{blank}")))
        },
    );
    let odd = select(vec![
        "",
        " ",
        "[1]",
        "5",
        "{",
        "}",
        "{}x",
        "{\"a\"}",
        "{,}",
        "{\"a\":1,}",
        "\u{feff}{}",
        "null",
        "{} {}",
    ]);
    prop_oneof![6 => usual, 3 => any, 1 => odd.prop_map(str::to_owned)]
}

fn an_input() -> impl Strategy<Value = Vec<u8>> {
    let lines = proptest::collection::vec((a_record(), select(vec!["\n", "\n", "\r\n", "\n\n"])), 0..12);
    (lines, proptest::option::weighted(0.1, (any::<proptest::sample::Index>(), any::<u8>()))).prop_map(
        |(lines, change)| {
            let mut text: Vec<u8> =
                lines.iter().flat_map(|(line, end)| [line.as_bytes(), end.as_bytes()].concat()).collect();
            if let Some((at, byte)) = change
                && !text.is_empty()
            {
                let at = at.index(text.len());
                text[at] = byte;
            }
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn all_ways_lead_to_the_same(spec in a_chain(), input in an_input()) {
        check(&spec, &input);
    }

    /// Lines that are put through one by one, with a record before them that makes the keys known.
    #[test]
    fn chunks_do_not_matter(spec in a_chain(), input in an_input()) {
        let engine = engine(&spec);
        let whole = run(&engine, &input, Format::Ndjson);
        let mut worker = engine.worker();
        let mut made = Made::default();
        let mut bytes = Vec::new();
        let mut counts = [0; 4];
        for line in input.split_inclusive(|byte| *byte == b'\n') {
            worker.process(&Chunk { bytes: line, format: Format::Ndjson }, &mut made);
            bytes.extend_from_slice(&made.bytes);
            for (sum, count) in counts.iter_mut().zip([made.records_in, made.records_out, made.filtered, made.lines]) {
                *sum += count;
            }
        }
        prop_assert_eq!(String::from_utf8(bytes).unwrap(), whole.bytes);
        prop_assert_eq!(counts, whole.counts);
    }

    /// The elements of an array, and values one after the other, are the lines of a file.
    #[test]
    fn an_array_is_its_lines(spec in a_chain(), records in proptest::collection::vec(a_record(), 0..6)) {
        // What is no JSON has no end that both could agree on.
        let is_json = |text: &String| crate::value::Value::from_json(text).is_ok();
        let records: Vec<String> = records.into_iter().filter(is_json).collect();
        let lines = run(&engine(&spec), records.join("\n").as_bytes(), Format::Ndjson);
        let array = run(&engine(&spec), records.join(" ,\n").as_bytes(), Format::JsonArray);
        let values = run(&engine(&spec), records.join(" \n").as_bytes(), Format::JsonValues);
        for other in [array, values] {
            prop_assert_eq!(&other.bytes, &lines.bytes);
            prop_assert_eq!(&other.counts[..3], &lines.counts[..3]);
            prop_assert_eq!(&other.warnings, &lines.warnings);
        }
    }

    #[test]
    fn rows_go_both_ways(
        spec in a_chain(),
        mut text in r##"((42|7\.50|true|2024-01-02 03:04:05|x|N/A|"q""q"|é\\|a "b"|\t|-1)?(,|,|\n|\r\n|\n\n)){0,40}"##,
        columns in 1_usize..4,
        open in any::<bool>(),
    ) {
        if open {
            text.push('x');
        }
        let columns = ["a", "b", "other"].map(str::to_owned)[..columns].to_vec();
        let dialect = crate::chunk::CsvDialect { comment: Some(b'#'), ..crate::chunk::CsvDialect::default() };
        let format = Format::Csv(std::sync::Arc::new(crate::chunk::CsvLayout { dialect, columns }));
        let expected = run(&general(&spec), text.as_bytes(), format.clone());
        for level in Level::all() {
            let fused = Engine { level, ..engine(&spec) };
            prop_assert_eq!(&run(&fused, text.as_bytes(), format.clone()), &expected, "{} {}", level.name(), &text);
        }
    }

    #[test]
    fn nothing_makes_it_panic(spec in a_chain(), input in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&spec, &input);
        for format in [Format::JsonArray, Format::Csv(std::sync::Arc::new(crate::chunk::CsvLayout {
            dialect: crate::chunk::CsvDialect::default(),
            columns: vec!["a".to_owned(), "b".to_owned()],
        }))] {
            run(&engine(&spec), &input, format);
        }
    }
}

/// The job of the benchmark, on the records of which none may get lost.
#[test]
fn the_usual_chain_takes_the_one_pass() {
    let spec = r#"{"step":[{"rename":{"a":"x","b":"y"}},{"convert":{"x":"int","y":"float"}},{"drop":["c"]},
        {"set":{"z":"x * 2"}},{"keep-where":"z > 2"}]}"#;
    assert!(engine(spec).programs.is_some());
    let input = br#"{"a":"1","b":"2.50","c":[1],"d":"u"}
{"a":"5","b":"2.50","c":{"a":"\\\""},"d":"u"}
{"a":"7","b":"x","c":{},"d":"u"}
"#;
    check(spec, input);
    let outcome = run(&engine(spec), input, Format::Ndjson);
    assert_eq!(
        outcome.bytes,
        "{\"x\":5,\"y\":2.5,\"d\":\"u\",\"z\":10}\n{\"x\":7,\"y\":\"x\",\"d\":\"u\",\"z\":14}\n"
    );
    assert_eq!((outcome.counts, outcome.warnings.len()), ([3, 2, 1, 3], 1));
}

/// To who reads JSON a line end between tokens is a blank.
/// Enough records of one kind that others are expected to be like them, with one that isn't quite among them.
fn among_its_like(record: &str) -> String {
    let like = "{\"a\":\"1\",\"b\":null,\"c\":2.5,\"d\":\"x y\"}\n".repeat(5);
    format!("{like}{record}\n{like}{{\"a\":\"{}\"}}\n", "x".repeat(200))
}

#[test]
fn what_is_unlike_its_like() {
    for record in [
        r#"{"a":"1","b":null,"c":2.5,"d":"\u00e9\"\\"}"#,
        r#"{"a":"1","b":"\x","c":2.5,"d":"x"}"#,
        r#"{"a":"\","b":null,"c":2.5,"d":"\u12"}"#,
        r#"{"a":"1","b":"\\","c":2.5,"d":"\\\""}"#,
        r#"{"a":"1","b":nul,"c":2.5,"d":"x"}"#,
        r#"{"a":"1","b":nullx,"c":2.5,"d":"x"}"#,
        r#"{"a":"1","b":null,"c":2.5.5,"d":"x"}"#,
        r#"{"a":"1","b":null,"c":02,"d":"x"}"#,
        r#"{"a":"1","b":null,"c":2.,"d":"x"}"#,
        r#"{"a":"1","b":true,"c":-2e9,"d":false}"#,
        r#"{"a":"1","b":[","],"c":{"b":"}"},"d":"x"}"#,
        r#"{"a":"1" ,"b":null,"c":2.5,"d":"x"}"#,
        r#"{"a":"1","b": null,"c":2.5,"d":"x"}"#,
        r#"{"a":"1","b":null,"c":2.5,"d":"x"} "#,
        r#"{"a":"1","b":null,"c":2.5,"d":"x"} x"#,
        r#"{"a":"1","b":null,"c":2.5,"d":"x","e":1}"#,
        r#"{"a":"1","b":null,"c":2.5}"#,
        r#"{"a":"1","b":null,"c":2.5,"d":"x""#,
        r#"{"a":"1,"b":null,"c":2.5,"d":"x"}"#,
        r#"{"a":"1"","b":null,"c":2.5,"d":"x"}"#,
        "{\"a\":\"1\",\"b\":\t\",\",\"c\":2.5,\"d\":\"x\"}",
        "{\"a\":\"1\t\",\"b\":null,\"c\":2.5,\"d\":\"x\"}",
        "{\"a\":\"1\n,\"b\":null,\"c\":2.5,\"d\":\"x\"}",
        "{\"a\":\"1\",\"b\":null,\n\"c\":2.5,\"d\":\"x\"}",
        "{\"a\":\"1\",\"b\":\n\"2\",\"c\":2.5,\"d\":\"x\"}",
        "{\"a\":\"1\",\"b\":null,\"c\":2.5,\"d\":\"x\n\"}",
        "{\"a\":\"1\",\"b\":null,\"c\":2.5,\"d\":\"x\"\n}",
        "{\"a\":\"1\",\"b\":null,\"c\":2.5,\"d\":\"x\"}\r",
        "{\"a\":\"1\",\"b\":null,\"c\":2.5,\"d\":\"\u{e9}\u{1f600}\"}",
    ] {
        for spec in [
            r#"{"step":[]}"#,
            r#"{"step":[{"rename":{"a":"z"}},{"convert":{"a":"int","c":"decimal","d":"float"}},{"drop":["b"]}]}"#,
            r#"{"step":[{"set":{"e":"a || b || d"}},{"keep-where":"d <> 'x y' or c > 2"}]}"#,
        ] {
            check(spec, among_its_like(record).as_bytes());
        }
    }
}

/// Places are looked for a window at a time, in whole lines: of any length, and with anything where a window ends.
/// A name that comes back is written anew, whatever it was spelled like.
#[test]
fn renamed_there_and_back() {
    let spec = r#"{"step":[{"rename":{"a":"b"}},{"rename":{"b":"a"}}]}"#;
    let input = br#"{"\u0061":1}
{"a":2}
"#;
    check(spec, input);
    assert_eq!(run(&engine(spec), input, Format::Ndjson).bytes, "{\"a\":1}\n{\"a\":2}\n");
}

#[test]
fn windows_end_anywhere() {
    let spec = r#"{"step":[{"rename":{"a":"z"}},{"convert":{"b":"int"}}]}"#;
    for long in [0, 1, 63, 5_000, 40_000] {
        let mut lines = String::new();
        for number in 0..700 {
            let len = if number % 97 == 96 { long } else { number % 61 };
            let escape = if number % 13 == 0 { "\\\\\\\"" } else { "" };
            lines.push_str(&format!(
                "{{\"a\":\"{}{escape}\",\"b\":\"{number}\",\"c\":null}}\n",
                "x".repeat(len)
            ));
        }
        check(spec, lines.as_bytes());
        check(spec, lines.trim_end().as_bytes());
    }
}

#[test]
fn a_record_ends_with_its_line() {
    for rest in ["[\n,2]", "[1,\n2]", "{\n}", "{\"k\":[\n[\n]]}"] {
        let lines = format!("{{\"a\":1,\"b\":{rest}}}\n{{\"a\":\"{}\"}}\n", "x".repeat(200));
        check(r#"{"step":[]}"#, lines.as_bytes());
        let outcome = run(&engine(r#"{"step":[]}"#), lines.as_bytes(), Format::Ndjson);
        assert_eq!(outcome.bytes, lines.lines().last().map(|line| format!("{line}\n")).unwrap(), "{rest:?}");
    }
}
