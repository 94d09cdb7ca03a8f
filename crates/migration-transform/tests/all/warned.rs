//! What warnings show, and of odd records: the same on every way through the engine, and of records in memory.

use migration_transform::spec::Spec;
use migration_transform::{Chunk, DataMigrator, Engine, Format, Made, Record, Warnings};

/// The steps, a line, what becomes of it, and the warnings: field, reason, value.
#[track_caller]
fn check(steps: &str, line: &str, out: &str, warned: &[&str]) {
    let spec = Spec::from_json(&format!("{{\"step\":[{steps}]}}")).unwrap();
    let mut warnings = Warnings::new();
    let migrator = DataMigrator::new(spec.clone()).unwrap();
    let record = migrator.migrate_single(Record::from_json(line).unwrap(), &mut warnings).unwrap().unwrap();
    assert_eq!(record.to_json(), out, "in memory");
    assert_eq!(shown(&warnings), warned, "in memory");

    // Behind records that everything can be told from, too.
    for before in [0, 40] {
        let text = format!("{}{line}\n", "{\"z\":1}\n".repeat(before));
        let engine = Engine::compile(&spec.clone().into(), Format::Ndjson).unwrap();
        let mut made = Made::default();
        engine.worker().process(&Chunk { bytes: text.as_bytes(), format: Format::Ndjson }, &mut made);
        assert_eq!(String::from_utf8_lossy(&made.bytes).lines().last(), Some(out), "behind {before}");
        if before == 0 {
            assert_eq!(shown(&made.warnings), warned, "by the engine");
        }
    }
}

fn shown(warnings: &Warnings) -> Vec<String> {
    let examples = warnings.examples().iter();
    examples.map(|example| format!("{} {} {}", example.field, example.reason, example.value)).collect()
}

#[test]
fn of_an_expression_what_it_read() {
    check(r#"{"keep-where":"a='1'"}"#, r#"{"a":3}"#, r#"{"a":3}"#, &[r#"a='1' type-mismatch {"a":3}"#]);
    check(
        r#"{"keep-where":"o.a > b or c"}"#,
        r#"{"o":{"a":"x"},"b":1.50}"#,
        r#"{"o":{"a":"x"},"b":1.50}"#,
        &[r#"o.a > b or c type-mismatch {"o.a":"x","b":1.50}"#],
    );
    check(r#"{"set":{"n":"cast(t as int)"}}"#, r#"{"t":"x"}"#, r#"{"t":"x"}"#, &[r#"n malformed {"t":"x"}"#]);
    // What was there before the step, whatever of it is gone by now.
    check(
        r#"{"set":{"a":"1","b":"a + 1"},"on_error":"null"}"#,
        r#"{"a":"\u0031","b":7}"#,
        r#"{"a":1,"b":null}"#,
        &[r#"b type-mismatch {"a":"\u0031"}"#],
    );
    check(r#"{"set":{"a":"1 / 0"}}"#, "{}", "{}", &["a division-by-zero {}"]);
    let long = format!("{{\"t\":\"{}\"}}", "é".repeat(200));
    check(
        r#"{"keep-where":"t + 1"}"#,
        &long,
        &long,
        &[&format!("t + 1 type-mismatch {{\"t\":\"{}…", "é".repeat(37))],
    );
}

#[test]
fn of_what_is_no_object_what_it_is() {
    let line = r#"{"o":[1],"a":"x,y","b":2}"#;
    for (step, field) in [
        (r#"{"set":{"o.x":"1"}}"#, "o.x"),
        (r#"{"default":{"o.x":1}}"#, "o.x"),
        (r#"{"split":"a","separator":",","into":["o.x"]}"#, "o.x"),
        (r#"{"merge":["a","b"],"into":"o.x"}"#, "o.x"),
        (r#"{"nest":{"o":["a"]}}"#, "o"),
        (r#"{"lookup":"b","table":{"2":{"n":1}},"take":{"o.x":"n"}}"#, "o.x"),
    ] {
        check(step, line, line, &[&format!("{field} not-an-object [1]")]);
    }
    let nested = r#"{"o":{"p":"text","q":1},"a":1}"#;
    check(r#"{"default":{"o.p.x":1}}"#, nested, nested, &[r#"o.p.x not-an-object "text""#]);
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    let line = r#"{"sur":"a\ud800b,c","x":"\udc00","t":"u"}"#;
    let kept = |warned: &[&str], step: &str| check(step, line, line, warned);
    kept(&[r#"sur malformed "a\ud800b,c""#], r#"{"merge":["sur","x"],"into":"m"}"#);
    kept(&[r#"x malformed "\udc00""#], r#"{"merge":["t","x"],"into":"m","keep":true}"#);
    kept(&[r#"sur malformed "a\ud800b,c""#], r#"{"split":"sur","separator":",","into":["p","q"]}"#);
    kept(&[r#"l type-mismatch {"sur":"a\ud800b,c"}"#], r#"{"set":{"l":"length(sur)"}}"#);
    kept(&[], r#"{"map":{"x":{"y":1}}}"#);
    check(
        r#"{"mask":["sur","x"],"keep_first":2,"keep_last":2}"#,
        line,
        r#"{"sur":"a**,c","x":"*","t":"u"}"#,
        &[],
    );
    check(r#"{"mask":["q"],"keep_last":1}"#, r#"{"q":"\ud800\""}"#, r#"{"q":"*\""}"#, &[]);
}

#[test]
fn of_several_objects_with_one_name_each_is_meant() {
    let line = r#"{"o":{"a":"1"},"o":2}"#;
    check(r#"{"rename":{"o.a":"b"}}"#, line, r#"{"o":{},"o":2,"b":"1"}"#, &[]);
    check(r#"{"nest":{"n":["o.a"]}}"#, line, r#"{"o":{},"o":2,"n":{"a":"1"}}"#, &[]);
    check(r#"{"rename":{"o.a":"o.b"}}"#, line, r#"{"o":{"b":"1"},"o":2}"#, &[]);
    check(r#"{"rename":{"o.a":"o.p.b"}}"#, line, line, &[r#"o.p.b not-an-object "1""#]);
    let deep = r#"{"o":{"p":{"a":1},"p":2},"o":{"p":[]}}"#;
    check(r#"{"rename":{"o.p.a":"b"}}"#, deep, r#"{"o":{"p":{},"p":2},"o":{"p":[]},"b":1}"#, &[]);
}

#[test]
fn what_is_put_together_has_a_bound() {
    let grow =
        |expression: &str| format!(r#"{{"set":{{"a":"{expression}"}}}},{{"set":{{"a":"{expression}"}}}}"#);
    // 16 000 characters are 256 million after one step more.
    let line = format!("{{\"a\":\"{}\"}}", "a".repeat(126));
    let squared = format!("{{\"a\":\"{}\"}}", "a".repeat(126 * 126));
    let shown = format!("a too-long {{\"a\":\"{}…", "a".repeat(74));
    check(&grow("replace(a, 'a', a)"), &line, &squared, &[&shown]);

    // 3 MiB three times are one MiB too much, and null if a part is.
    let line = format!("{{\"a\":\"{}\"}}", "a".repeat(3 << 20));
    for expression in ["a || a || a", "concat(a, a, n, a)", "replace('xx', 'x', a) || a", "a || a || a || n"]
    {
        check(
            &format!(r#"{{"set":{{"b":"{expression}"}}}}"#),
            &line,
            &line,
            &[&shown.replace("a too", "b too")],
        );
    }
    let twice = format!("{{\"a\":\"{0}\",\"b\":\"{0}{0}\"}}", "a".repeat(3 << 20));
    check(r#"{"set":{"b":"a || a"}}"#, &line, &twice, &[]);
}
