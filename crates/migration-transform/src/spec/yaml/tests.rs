//! What YAML says, as JSON.

use super::*;

fn check(yaml: &str, json: &str) {
    assert_eq!(read(yaml).unwrap().to_json(), json, "{yaml}");
}

fn told(yaml: &str) -> String {
    match read(yaml) {
        Err(Error::Syntax { language: "YAML", source }) => source.to_string(),
        other => panic!("{yaml} is {other:?}"),
    }
}

#[test]
fn numbers_are_as_they_are_written() {
    for same in [
        "0",
        "-0",
        "1.10",
        "1e3",
        "18446744073709551616",
        "12345678901234567890123",
        "0.1000000000000000055511151231257827",
        "1E400",
    ] {
        check(same, same);
    }
    check("[012, +7, -.5, 5., 0x1F, 0o17]", "[12,7,-0.5,5,31,15]");
}

#[test]
fn only_the_words_of_the_core_schema_are_no_texts() {
    check("[null, Null, NULL, ~, ]", "[null,null,null,null]");
    check("[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]");
    let texts = "no No NO n N y Y yes on On off OFF nULL tRUE 1_000 0b11 1:30 2024-01-02 0x 0o8 1e + - .";
    let (yaml, json): (Vec<_>, Vec<_>) =
        texts.split(' ').filter(|text| *text != "-").map(|text| (text, format!("\"{text}\""))).unzip();
    check(&format!("[{}]", yaml.join(", ")), &format!("[{}]", json.join(",")));
}

#[test]
fn quotes_blocks_and_tags_decide() {
    check(r#"['1', "no", "\u00e9\n"]"#, r#"["1","no","é\n"]"#);
    check("a: |\n  1\nb: >-\n  2\n  3\n", r#"{"a":"1\n","b":"2 3"}"#);
    check(
        "[!!str 1.10, ! 1, !!int '7', !!float 7, !!bool 'true', !!null '']",
        r#"["1.10","1",7,7,true,null]"#,
    );
    check("!!map {a: !!seq [1]}", r#"{"a":[1]}"#);
}

#[test]
fn names_are_texts() {
    check(
        "{NO: 1, 1: 2, null: 3, true: 4, 1.10: 5, '~': 6}",
        r#"{"NO":1,"1":2,"null":3,"true":4,"1.10":5,"~":6}"#,
    );
    assert_eq!(told("{01: x}"), "line 1, column 2: `01` as a name has to be in quotes: without, it is `1`");
    assert_eq!(told("{~: x}"), "line 1, column 2: `~` as a name has to be in quotes: without, it is `null`");
    assert_eq!(told("? [a]\n: x"), "line 1, column 3: a name has to be a text");
    assert_eq!(told("a: 1\nb: 2\na: 3"), "line 3, column 1: `a` stands there twice");
}

#[test]
fn aliases_stand_for_what_was_there() {
    check("a: &x {n: 1.10}\nb: *x\n", r#"{"a":{"n":1.10},"b":{"n":1.10}}"#);
    check("a: &x {n: 1, m: 2}\nb: {m: 3, <<: *x}\n", r#"{"a":{"n":1,"m":2},"b":{"m":3,"n":1}}"#);
    check("{<<: [{a: 1}, {a: 2, b: 3}]}", r#"{"a":1,"b":3}"#);
    assert_eq!(told("{<<: 1}"), "line 1, column 6: `<<` merges tables");
    assert!(told("a: &x [*x]").starts_with("line 1, column"), "{}", told("a: &x [*x]"));
    let mut laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        laughs
            .push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", ")));
    }
    assert!(told(&laughs).ends_with("the aliases stand for more than 16 MiB"), "{}", told(&laughs));
    let mut deep = "a0: &a0 []\n".to_owned();
    for level in 1..9 {
        let (open, close) = ("[".repeat(100), "]".repeat(100));
        deep.push_str(&format!("a{level}: &a{level} {open}*a{}{close}\n", level - 1));
    }
    assert!(told(&deep).ends_with("too-deep"), "{}", told(&deep));
}

#[test]
fn what_json_has_not_is_told() {
    for (yaml, why) in [
        (".inf", "`.inf`: infinity is no JSON number"),
        ("-.Inf", "`-.Inf`: infinity is no JSON number"),
        (".NaN", "`.NaN`: NaN is no JSON number"),
        ("!!int x", "`x` is not what the tag `!!int` says"),
    ] {
        assert!(told(yaml).ends_with(why), "{}", told(yaml));
    }
    for yaml in ["!mine 1", "!!binary YQ==", "!!set {a}", "!!str [a]"] {
        assert!(told(yaml).ends_with("means nothing here"), "{}", told(yaml));
    }
    assert!(told("a: 1\n---\nb: 2\n").ends_with("a second document: a chain is one"));
    assert!(told("a: [1").starts_with("line "), "{}", told("a: [1"));
    assert!(told(&format!("0x{}", "f".repeat(33))).ends_with("has more than 128 bits"));
    assert!(told(&"[".repeat(2000)).starts_with("line 1"), "deep");
}

#[test]
fn nothing_is_null() {
    for yaml in ["", "# nothing\n", "---\n", "---\n...\n"] {
        check(yaml, "null");
    }
}
