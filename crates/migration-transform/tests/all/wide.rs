//! Steps that speak of many fields do what as many steps with one field each do.

use migration_transform::spec::Spec;
use migration_transform::{DataMigrator, Record, Warnings};
use proptest::prelude::*;

/// Names that a chain speaks of.
const SPOKEN: usize = 12;

/// What becomes of a record, and what is counted: field, reason, how often, and the first values.
fn run(steps: &[String], record: &str) -> (String, Vec<String>) {
    let spec = Spec::from_json(&format!("{{\"step\":[{}]}}", steps.join(","))).unwrap();
    let mut warnings = Warnings::new();
    let record = Record::from_json(record).unwrap();
    let record = DataMigrator::new(spec).unwrap().migrate_single(record, &mut warnings).unwrap().unwrap();
    let mut told: Vec<String> =
        warnings.counts().iter().map(|c| format!("{} {} {}", c.field, c.reason, c.count)).collect();
    told.extend(warnings.examples().iter().map(|e| format!("{} {} {}", e.field, e.reason, e.value)));
    told.sort();
    (record.to_json(), told)
}

/// Fields with few names, some of them spelled in another way, of which none are equal to `\ud800`.
fn object() -> impl Strategy<Value = String> {
    let name = (0..SPOKEN + 4, any::<bool>()).prop_map(|(number, escaped)| match number {
        0 => "\"\\ud800\"".to_owned(),
        _ if escaped => format!("\"\\u006e{number}\""),
        _ => format!("\"n{number}\""),
    });
    let value = prop_oneof![Just("null"), Just("1"), Just("\"\\u0061\""), Just("{\"a\":null}")];
    let field = (name, value).prop_map(|(name, value)| format!("{name}:{value}"));
    proptest::collection::vec(field, 0..24).prop_map(|fields| format!("{{{}}}", fields.join(",")))
}

fn record() -> impl Strategy<Value = String> {
    (object(), proptest::option::of(object())).prop_map(|(record, inner)| match inner {
        Some(inner) if record == "{}" => format!("{{\"t\":{inner}}}"),
        Some(inner) => format!("{{\"t\":{inner},{}", &record[1..]),
        None => record,
    })
}

proptest! {
    #[test]
    fn of_defaults(record in record()) {
        let value = |number: usize| if number == 3 { "null".to_owned() } else { format!("[{number}]") };
        let each: Vec<String> = (1..=SPOKEN).map(|number| format!("\"n{number}\":{}", value(number))).collect();
        let apart: Vec<String> = each.iter().map(|one| format!("{{\"default\":{{{one}}}}}")).collect();
        let at_once = [format!("{{\"default\":{{{}}}}}", each.join(","))];
        prop_assert_eq!(run(&at_once, &record), run(&apart, &record), "{}", record);
    }

    #[test]
    fn of_nested_fields(record in record()) {
        let each: Vec<String> = (1..=SPOKEN).map(|number| format!("\"n{number}\"")).collect();
        let apart: Vec<String> = each.iter().map(|one| format!("{{\"nest\":{{\"t\":[{one}]}}}}")).collect();
        let at_once = [format!("{{\"nest\":{{\"t\":[{}]}}}}", each.join(","))];
        prop_assert_eq!(run(&at_once, &record), run(&apart, &record), "{}", record);
    }
}

/// With work that grew with the square of the fields this would take minutes.
#[test]
fn twenty_thousand_fields() {
    const FIELDS: usize = 20_000;
    let list = |one: &dyn Fn(usize) -> String| (0..FIELDS).map(one).collect::<Vec<_>>().join(",");
    let record = format!("{{{}}}", list(&|number| format!("\"f{number}\":\"{number}\"")));
    let check = |step: &str, expected: String| {
        let (made, told) = run(&[step.to_owned()], &record);
        assert!(made == expected, "{}…", &step[..40]);
        assert_eq!(told, Vec::<String>::new());
    };
    check(
        &format!("{{\"default\":{{{}}}}}", list(&|number| format!("\"g{number}\":0"))),
        format!("{},{}}}", &record[..record.len() - 1], list(&|number| format!("\"g{number}\":0"))),
    );
    check(
        &format!("{{\"nest\":{{\"t\":[{}]}}}}", list(&|number| format!("\"f{number}\""))),
        format!("{{\"t\":{record}}}"),
    );
    let inner = format!("{{\"o\":{record}}}");
    let flat = format!("{{{}}}", list(&|number| format!("\"o_f{number}\":\"{number}\"")));
    assert!(run(&["{\"flatten\":[\"o\"]}".to_owned()], &inner).0 == flat, "flatten");
}

/// Each level is looked at once, whatever is nested in it.
#[test]
fn objects_in_one_another_are_dissolved() {
    let nested = (0..500).fold("1".to_owned(), |inner, level| format!("{{\"x{level}\":{{}},\"a\":{inner}}}"));
    let (made, told) = run(&["{\"flatten\":[\"o\"],\"depth\":3}".to_owned()], &format!("{{\"o\":{nested}}}"));
    assert!(
        made.starts_with("{\"o_x499\":{},\"o_a_x498\":{},\"o_a_a_x497\":{},\"o_a_a_a\":{\"x496\":{},"),
        "{made}"
    );
    assert_eq!(told, Vec::<String>::new());
    let (made, _) = run(&["{\"flatten\":[\"o\"]}".to_owned()], &format!("{{\"o\":{nested}}}"));
    assert_eq!(made.matches(":{}").count(), 500);
    assert!(made.ends_with(&format!("\"o{}\":1}}", "_a".repeat(500))));
}
