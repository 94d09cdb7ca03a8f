//! Chains and nasty records.

use migration_transform::spec::{
    Convert, Default, Drop, Flatten, Hash, KeepWhere, Map, Mask, Merge, Nest, OnConflict, OnError,
    OnUndecided, Otherwise, Rename, Select, Set, Split, Target, Type, Unit,
};
use migration_transform::{Path, Record, Step, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Few names, so that steps and records meet; some of them with signs that have a meaning in paths.
const NAMES: &[&str] = &["a", "b", "c", "d", "é", "x.y", "say \"hi\""];

/// Texts that are nearly something.
const TEXTS: &[&str] = &[
    "",
    " ",
    "0",
    "-0",
    "+5",
    " 7 ",
    "007",
    "1_000",
    "3.5",
    "5.0",
    ".5",
    "5.",
    "-.5e3",
    "1e400",
    "1e-400",
    "NaN",
    "inf",
    "0x10",
    "٣",
    "9223372036854775808",
    "123456789012345678901234567890",
    "0.1000000000000000055511151231257827",
    "1e22",
    "12,5",
    "--1",
    "true",
    "TRUE",
    "t",
    "Yes",
    "n",
    "off",
    "maybe",
    "tru",
    "2024-02-29",
    "2023-02-29",
    "0000-01-01",
    "2024-1-02",
    "2024-01-02 03:04:05",
    "2024-01-02T03:04:05Z",
    "2024-01-02t03:04:05.123456789z",
    "2024-01-02T03:04:05.1234567890Z",
    "2024-01-02 23:59:60+02:00",
    "2024-01-02T23:58:60Z",
    "2024-01-02T24:00:00Z",
    "2024-01-02T03:04:05+24:00",
    "2024-01-02T03:04",
    "1704164645",
    "-1.5",
    "1704164645.120",
    "1.704164645E9",
    "1704164645e-3",
    "17e+99",
    "0e99999999999",
    "1e-9",
    "1.e3",
    "99999999999999",
    "1.0000000001",
    "{\"b\": [1, 2]}",
    "[1,",
    " null ",
    "a,b",
    "a,,c",
    "x y z",
    "ünï¢ødé 😀",
    "a\tb\"c\\d/e\u{1}\u{7f}\u{2028}",
];

/// Values as they may be written, in a language in which `serde_json` would write another text.
const WRITTEN: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "-0",
    "5",
    "5.0",
    "-7",
    "1e3",
    "1.5E+2",
    "1e400",
    "0.10",
    "1e-7",
    "1.704164645E9",
    "170416464512e-2",
    "1e-99999999999",
    "100e-2",
    "1.0e401",
    "-0.0",
    "12345678901234567890",
    "170141183460469231731687303715884105728",
    "\"\\u0041b\\/c\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"a\\udc00\\ud83d\\ude00\\n\\ud800\\\\u0041é\"",
    "\"tr\\u0075e\"",
    "\"\\u0032024-01-02\"",
    "\"4\\u0032\"",
    "[]",
    "{}",
    "[ 1 , {\"a\" : 2 } ]",
    "{ }",
    "\"\\u0000\"",
    "\"2024-01-02T03:04:05Z\"",
    "[\"}\",\"\\\"\"]",
];

/// A line: mostly a record, sometimes nearly one.
pub(crate) fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => record(),
        1 => select(vec![
            "{", "{}", "[]", "null", "1", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":01}", "{\"a\":tru}", "{\"a\":1}}", "{\"a\":\"\t\"}",
            "{a:1}", "{\"a\":\"\\x\"}", "{\"a\":1} x", "{\"\\ud800\":1,\"a\":\"1\"}", "{\"\":1}",
        ]).prop_map(str::to_owned),
        1 => select(vec![490_usize, 512, 600]).prop_map(|depth| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth))),
    ]
}

/// A record with duplicate names, escapes, blanks and nested objects.
pub(crate) fn record() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => select(TEXTS).prop_map(|text| serde_json::to_string(text).unwrap()),
        2 => select(WRITTEN).prop_map(str::to_owned),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| object(inner.boxed()));
    object(value.boxed())
}

fn object(value: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let blank = || select(vec!["", "", "", " ", "\t "]);
    let name = (select(NAMES), any::<bool>()).prop_map(|(name, escaped)| written(name, escaped));
    let field = (name, value, blank(), blank(), blank())
        .prop_map(|(name, value, a, b, c)| format!("{a}{name}{b}:{c}{value}{a}"));
    vec(field, 0..5).prop_map(|fields| format!("{{{}}}", fields.join(",")))
}

/// A name as JSON, perhaps with its first character as an escape.
fn written(name: &str, escaped: bool) -> String {
    let plain = serde_json::to_string(name).unwrap();
    match name.chars().next() {
        Some(first) if escaped && first.is_alphabetic() => {
            format!("\"\\u{:04x}{}", u32::from(first), &plain[1 + first.len_utf8()..])
        }
        _ => plain,
    }
}

/// Up to four steps that make sense.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 0..5)
}

/// One step that makes sense and needs no file.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => rename(),
        6 => convert(),
        1 => paths().prop_map(|fields| Drop { fields }.into()),
        1 => paths().prop_map(|fields| Select { fields }.into()),
        3 => keep_where(),
        4 => set(),
        1 => default(),
        1 => split(),
        1 => (paths(), path(), any::<bool>(), select(vec!["", " ", "\""])).prop_map(|(fields, into, keep, separator)| {
            Merge { fields, into, keep, separator: separator.to_owned() }.into()
        }),
        1 => (paths(), proptest::option::of(1_u32..3)).prop_map(|(fields, depth)| {
            Flatten { fields, separator: "_".to_owned(), depth }.into()
        }),
        1 => vec((path(), paths()), 1..3).prop_map(|fields| Nest { fields: fields.into_iter().collect() }.into()),
        1 => map(),
        1 => paths().prop_map(|fields| Hash { fields, key_env: None, key_file: None }.into()),
        1 => (paths(), 0_usize..3, 0_usize..3).prop_map(|(fields, keep_first, keep_last)| {
            Mask { fields, keep_first, keep_last, sign: '•' }.into()
        }),
    ]
    .prop_filter("a step that makes sense", |step: &Step| step.check().is_ok() && each_once(step))
}

/// Mostly fields of the record, sometimes of an object in it.
pub(crate) fn path() -> impl Strategy<Value = Path> {
    let names = prop_oneof![5 => vec(select(NAMES), 1..2), 2 => vec(select(NAMES), 2..4)];
    names.prop_map(Path::through)
}

fn paths() -> impl Strategy<Value = Vec<Path>> {
    vec(path(), 1..4)
}

fn on_error() -> impl Strategy<Value = OnError> {
    prop_oneof![4 => Just(OnError::Keep), 1 => Just(OnError::Null), 1 => Just(OnError::DropField), 1 => Just(OnError::RejectRecord)]
}

fn rename() -> impl Strategy<Value = Step> {
    let on_conflict = select(vec![OnConflict::Replace, OnConflict::Keep, OnConflict::RejectRecord]);
    (vec((path(), path()), 1..4), on_conflict)
        .prop_map(|(fields, on_conflict)| Rename { fields: fields.into_iter().collect(), on_conflict }.into())
}

fn convert() -> impl Strategy<Value = Step> {
    let zone = select(vec![None, Some("Z"), Some("-05:30")]);
    let unit = prop_oneof![4 => Just(Unit::S), 1 => Just(Unit::Ms), 1 => Just(Unit::Us), 1 => Just(Unit::Ns)];
    let target = (select(Type::ALL.to_vec()), unit, zone).prop_map(|(to, unit, zone)| match to {
        Type::Timestamp => Target { to, unit, zone: zone.map(|zone| zone.parse().unwrap()) },
        Type::Date => Target { to, unit, zone: None },
        _ => Target::from(to),
    });
    (vec((path(), target), 1..4), on_error())
        .prop_map(|(fields, on_error)| Convert { fields: fields.into_iter().collect(), on_error }.into())
}

/// Expressions that are often true, false, null or impossible for these records.
pub(crate) const CONDITIONS: &[&str] = &[
    "a is not null",
    "a = '0' or b > 1",
    "a < b",
    "not c",
    "a in ('5.0', 5, null)",
    "a in ('', '5', 'x', 'true', 'a longer one')",
    "a >= '5' or b <= 3.5",
    "length(a) > 1",
    "a.b is null",
    "a like '%e%' and c <> 'x'",
    "b between 0 and 10",
    "coalesce(a, b, c) is null",
    "1 / b > 0",
    "true",
    "\"x.y\" = d",
];

pub(crate) const EXPRESSIONS: &[&str] = &[
    "a",
    "b.c",
    "é",
    "'text'",
    "a || '-' || b",
    "a + 1",
    "b * c / d",
    "-a",
    "lower(a)",
    "cast(a as int)",
    "try_cast(b as float)",
    "case when a is null then 'none' else a end",
    "concat(a, b, '!')",
    "round(b, 1)",
    "null",
    "a = b",
    "1.50",
    "12345678901234567890123456789012345678901234567890",
    "substr(a, 2)",
    "coalesce(a, b)",
    "replace(a, 'a', '\"')",
];

fn keep_where() -> impl Strategy<Value = Step> {
    let on_error = prop_oneof![3 => Just(OnUndecided::Keep), 1 => Just(OnUndecided::RejectRecord)];
    (select(CONDITIONS), on_error)
        .prop_map(|(text, on_error)| KeepWhere { condition: text.parse().unwrap(), on_error }.into())
}

fn set() -> impl Strategy<Value = Step> {
    let pair = (path(), select(EXPRESSIONS)).prop_map(|(path, text)| (path, text.parse().unwrap()));
    (vec(pair, 1..4), on_error())
        .prop_map(|(fields, on_error)| Set { fields: fields.into_iter().collect(), on_error }.into())
}

fn literal() -> impl Strategy<Value = Value> {
    select(vec!["null", "1.5", "12345678901234567890", "\"é\\n\"", "[1, 2]", "{\"a\":1}", "false"])
        .prop_map(|json| Value::from_json(json).unwrap())
}

fn default() -> impl Strategy<Value = Step> {
    vec((path(), literal()), 1..3).prop_map(|fields| Default { fields: fields.into_iter().collect() }.into())
}

fn split() -> impl Strategy<Value = Step> {
    (path(), select(vec![",", " ", "0", ", "]), paths(), any::<bool>(), on_error()).prop_map(
        |(field, separator, into, keep, on_error)| {
            Split { field, separator: separator.to_owned(), into, keep, on_error }.into()
        },
    )
}

fn map() -> impl Strategy<Value = Step> {
    let otherwise = select(vec![
        Otherwise::Keep,
        Otherwise::Keep,
        Otherwise::Warn,
        Otherwise::Null,
        Otherwise::DropField,
        Otherwise::RejectRecord,
    ]);
    let key = select(vec!["0", "5", "true", "null", "Yes", "", "5.0", "maybe"]);
    let values = vec((key, literal()), 1..4).prop_map(|pairs| pairs.into_iter().collect::<Record>());
    (vec((path(), values), 1..3), otherwise)
        .prop_map(|(fields, otherwise)| Map { fields: fields.into_iter().collect(), otherwise }.into())
}

/// A file can't name a field twice, nor can a step of the tests.
fn each_once(step: &Step) -> bool {
    let json = serde_json::to_string(step).unwrap();
    serde_json::from_str::<Step>(&json).is_ok()
}
