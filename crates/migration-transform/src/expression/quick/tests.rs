//! What is told at a glance is what evaluation says.

use bumpalo::Bump;
use proptest::prelude::*;

use super::super::{Fields, Operand};
use super::*;

/// Fields by number.
struct Written<'w>(&'w [String]);

impl Fields for Written<'_> {
    fn field<'a>(&'a self, slot: usize, arena: &'a Bump) -> Operand<'a> {
        Operand::from_json(&self.0[slot], arena)
    }
}

fn raw(json: &str) -> Raw<'_> {
    match json.as_bytes() {
        b"null" => Raw::Null,
        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => Raw::Text(&json.as_bytes()[1..], inner.len()),
        [b'"' | b'{' | b'[', ..] => Raw::Unclear,
        text => Raw::Bare(text, text.len()),
    }
}

fn condition() -> impl Strategy<Value = String> {
    let literal = prop_oneof![
        Just("5"),
        Just("0"),
        Just("12.5"),
        Just("1e2"),
        Just("'ab'"),
        Just("''"),
        Just("'abcdefghi'"),
        Just("true"),
        Just("null"),
        Just("9007199254740993"),
        Just("9007199254740992.0"),
        Just("99999999999999999999999")
    ];
    let field = prop_oneof![Just("a"), Just("b")];
    let comparison = prop_oneof![Just("="), Just("!="), Just("<"), Just("<="), Just(">"), Just(">=")];
    let leaf = prop_oneof![
        (field.clone(), comparison.clone(), literal.clone()).prop_map(|(a, b, c)| format!("{a} {b} {c}")),
        (literal, comparison, field.clone()).prop_map(|(a, b, c)| format!("{a} {b} {c}")),
        (field.clone(), "('[a-c]{0,10}', ){0,5}'ab'")
            .prop_map(|(field, list)| { format!("{field} in ({})", list.replace(['(', ')'], "")) }),
        field.clone().prop_map(|field| format!("{field} between 2 and 12")),
        field.clone().prop_map(|field| format!("{field} between 'aa' and 'bb'")),
        field.clone().prop_map(|field| format!("{field} is null")),
        field.clone().prop_map(|field| format!("{field} is not null")),
        field.prop_map(str::to_owned),
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("[1]".to_owned()),
        Just("-0".to_owned()),
        Just("5".to_owned()),
        Just("12.50".to_owned()),
        Just("1E2".to_owned()),
        Just("9007199254740992.0".to_owned()),
        Just("9007199254740993".to_owned()),
        "\"[a-c]{0,10}\"",
        "\"ab\"",
        "\"a\\\\u0062\"",
        "-?[1-9][0-9]{0,20}",
        "-?[1-9]?[0-9]\\.[0-9]{1,17}",
    ]
}

proptest! {
    #[test]
    fn tests_say_what_evaluation_says(condition in condition(), a in value(), b in value()) {
        let expression: Expression = condition.parse().unwrap();
        let named = |path: &crate::path::Path| if path.name() == "a" { a.clone() } else { b.clone() };
        let values: Vec<String> = expression.paths().iter().map(named).collect();
        if let Some(test) = expression.test() {
            let arena = Bump::new();
            let fields = Written(&values);
            let expected = expression.evaluate_in(&fields, &arena).and_then(Operand::truth);
            if let Ok(found) = test.holds(&|place| raw(&values[place])) {
                prop_assert_eq!(Ok(found), expected, "{} {} {}", condition, a, b);
            }
        }
    }
}

#[test]
fn usual_conditions_are_quick() {
    for (condition, json, expected) in [
        ("a in ('DE', 'US', 'a longer one')", "\"US\"", Ok(Some(true))),
        ("a in ('DE', 'US', 'a longer one')", "\"a longer one\"", Ok(Some(true))),
        ("a in ('DE', 'US', 'a longer one')", "\"USA\"", Ok(Some(false))),
        ("a in ('DE')", "null", Ok(None)),
        ("a in ('DE')", "5", Err(Unclear)),
        ("10 < a", "10.5", Ok(Some(true))),
        ("a between 1 and 5 and a is not null", "3", Ok(Some(true))),
        ("not a", "false", Ok(Some(true))),
    ] {
        let test = condition.parse::<Expression>().unwrap().test().unwrap();
        assert_eq!(test.holds(&|_| raw(json)), expected, "{condition} {json}");
    }
    assert!("a in (b, 'x')".parse::<Expression>().unwrap().test().is_none());
}
