use expect_test::{Expect, expect};
use migration_model::FlowKind;

use crate::{Chain, Record, Spec};

fn check(json: &str, expected: &Expect) {
    let chain = Chain::from(Spec::from_json(&format!("{{\"step\": [{json}]}}")).unwrap());
    let flow = chain.record_flow();
    let mut text = String::new();
    let listed = |sources: &[migration_model::FieldSource]| {
        let source = |source: &migration_model::FieldSource| {
            let dataset = source.dataset.as_ref().map(|name| format!("{name}:")).unwrap_or_default();
            let masked = if source.masking { " masked" } else { "" };
            let kind = if source.kind == FlowKind::Identity { "" } else { source.kind.as_str() };
            let parts = format!("{dataset}{} {}{masked}", source.field, kind.to_lowercase());
            if source.fallback { format!("({})", parts.trim()) } else { parts.trim().to_owned() }
        };
        sources.iter().map(source).collect::<Vec<_>>().join(", ")
    };
    for field in &flow.fields {
        text += &format!("{} <- {}\n", field.field, listed(&field.sources));
    }
    if !flow.records.is_empty() {
        text += &format!("records: {}\n", listed(&flow.records));
    }
    if !flow.removed.is_empty() {
        text += &format!("removed: {}\n", flow.removed.join(", "));
    }
    if !flow.passes_others {
        text += "nothing else\n";
    }
    expected.assert_eq(&text);
}

/// A path as long as can be takes no time worth a word.
#[test]
fn a_deep_path() {
    let path = vec!["a"; crate::MAX_DEPTH];
    let chain = Chain::from(
        Spec::from_json(&format!(r#"{{"step":[{{"set":{{"{}":"b"}}}}]}}"#, path.join("."))).unwrap(),
    );
    let flow = chain.record_flow();
    let [field] = &flow.fields[..] else { panic!("{} fields", flow.fields.len()) };
    assert_eq!((&field.field, field.sources.len()), (&path.join("."), path.len() + 1));
}

#[test]
fn every_step() {
    check(
        r#"{"rename": {"a": "b"}}"#,
        &expect![[r#"
        b <- a, (b)
        removed: a
    "#]],
    );
    check(
        r#"{"rename": {"a": "b", "b": "a"}}"#,
        &expect![[r#"
        a <- b
        b <- a
    "#]],
    );
    check(
        r#"{"rename": {"a": "b"}, "on_conflict": "keep"}"#,
        &expect![[r#"
        a <- (a), (a conditional), (b conditional)
        b <- a, (a conditional), (b), (b conditional)
    "#]],
    );
    check(
        r#"{"rename": {"a": "o.b"}}"#,
        &expect![[r#"
        a <- (a), (o conditional)
        o.b <- a, (o conditional), (o.b)
    "#]],
    );
    check(
        r#"{"convert": {"a": "int"}}"#,
        &expect![[r#"
        a <- a transformation
    "#]],
    );
    check(
        r#"{"convert": {"a": "int"}, "on_error": "reject-record"}"#,
        &expect![[r#"
        a <- a transformation
        records: (a filter)
    "#]],
    );
    check(
        r#"{"drop": ["a", "o.b"]}"#,
        &expect![[r#"
        removed: a, o.b
    "#]],
    );
    check(
        r#"{"select": ["a", "o.b"]}"#,
        &expect![[r#"
        a <- a
        o.b <- o.b
        nothing else
    "#]],
    );
    check(
        r#"{"keep-where": "age >= 18 and country in ('NL')"}"#,
        &expect![[r#"
        records: age filter, country filter
    "#]],
    );
    check(
        r#"{"set": {"a": "b", "b": "a", "c": "1"}}"#,
        &expect![[r#"
        a <- b
        b <- a
        c <- 
    "#]],
    );
    check(
        r#"{"set": {"a": "case when x > 1 then y else iif(z, 1, lower(b)) end"}}"#,
        &expect![[r#"
        a <- (a), b transformation, x conditional, y transformation, z conditional
    "#]],
    );
    check(
        r#"{"default": {"a": 1}}"#,
        &expect![[r#"
        a <- a transformation
    "#]],
    );
    check(
        r#"{"split": "name", "separator": " ", "into": ["first", "last"]}"#,
        &expect![[r#"
        first <- (first), name transformation
        last <- (last), name transformation
        name <- (name)
    "#]],
    );
    check(
        r#"{"merge": ["a", "b"], "into": "c"}"#,
        &expect![[r#"
        a <- (a), (a conditional), (b conditional)
        b <- (a conditional), (b), (b conditional)
        c <- a transformation, b transformation, (c)
    "#]],
    );
    check(
        r#"{"flatten": ["o"]}"#,
        &expect![[r#"
        o <- (o)
        o_* <- o.*
    "#]],
    );
    check(
        r#"{"nest": {"o": ["a", "b"]}}"#,
        &expect![[r#"
        a <- (a), (o conditional)
        b <- (b), (o conditional)
        o.a <- a, (o conditional), (o.a)
        o.b <- b, (o conditional), (o.b)
    "#]],
    );
    check(
        r#"{"map": {"a": {"x": "y"}}}"#,
        &expect![[r#"
        a <- a transformation
    "#]],
    );
    check(
        r#"{"lookup": "a", "table": "t.csv", "key": "id", "take": {"n": "name"}}"#,
        &expect![[r#"
            n <- a join, (n), t.csv:name
        "#]],
    );
    check(
        r#"{"hash": ["a"]}"#,
        &expect![[r#"
        a <- a transformation masked
    "#]],
    );
    check(
        r#"{"mask": ["a"]}"#,
        &expect![[r#"
        a <- a transformation masked
    "#]],
    );
}

#[test]
fn steps_after_each_other() {
    check(
        r#"{"set": {"full": "first || last"}}, {"hash": ["full"]}, {"rename": {"full": "who.mark"}}, {"drop": ["first"]}"#,
        &expect![[r#"
            full <- (first transformation masked), (full transformation masked), (last transformation masked), (who conditional)
            who.mark <- first transformation masked, (full transformation masked), last transformation masked, (who conditional), (who.mark)
            removed: first
        "#]],
    );
    check(
        r#"{"flatten": ["o"]}, {"rename": {"o_city": "city"}}, {"select": ["city"]}"#,
        &expect![[r#"
        city <- (city), o.city, (o_city)
        nothing else
    "#]],
    );
    check(
        r#"{"rename": {"a": "b"}}, {"keep-where": "b > 1"}, {"drop": ["b"]}"#,
        &expect![[r#"
        records: a filter, (b filter)
        removed: a, b
    "#]],
    );
}

#[test]
fn a_function_is_opaque() {
    let chain = Chain::from(Spec::from_json(r#"{"step": [{"drop": ["a"]}]}"#).unwrap());
    let flow = chain.transformer(|record: &mut Record| record.contains("id")).record_flow();
    assert_eq!(flow.steps, ["drop", "function"]);
    assert_eq!((flow.opaque[0].number, flow.fields.len(), flow.passes_others), (2, 0, false));
}
