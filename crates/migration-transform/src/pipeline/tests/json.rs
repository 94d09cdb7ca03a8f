//! JSON that isn't a record on each line.

use super::*;

#[test]
fn a_comma_stands_between_two_elements() {
    let expected = expect![[r#"
        {"b":1}
        {"b":2}
        ---
        5 in, 2 out, 3 rejected, 0 warnings
    "#]];
    check("[,{\"a\":1}\n,\n,{\"a\":2},\n]", FileFormat::Json, FileFormat::Ndjson, &expected);
    let expected = expect![[r#"
        []
        ---
        4 in, 0 out, 4 rejected, 0 warnings
    "#]];
    check("[,,,]", FileFormat::Json, FileFormat::Json, &expected);
    let folder = folder();
    let input = put(&folder, "in.json", "[{\"a\":1},\n,\n]");
    let rejects = folder.path().join("rejects");
    let pipeline = Pipeline { rejects: Some(rejects.clone()), ..Pipeline::default() };
    run(&pipeline, STEPS, &input, &folder.path().join("out.ndjson")).unwrap();
    expect![[r#"
        {"record":2,"line":2,"reason":"invalid-json","field":null,"text":","}
        {"record":3,"line":3,"reason":"invalid-json","field":null,"text":"]"}
    "#]]
    .assert_eq(&fs::read_to_string(&rejects).unwrap());
}

#[test]
fn objects_over_several_lines() {
    let text = "\u{feff}\n{\n  \"a\": 1,\n  \"o\": [\n    1\n  ]\n}\n{\"a\":2}{\"n\":\n\"x\"\n}\n[1]\nnonsense\n{\"a\":\"\n\"}";
    let expected = expect![[r#"
        {"b":1,"o":[    1  ]}
        {"b":2}
        {"n":"x"}
        ---
        6 in, 3 out, 3 rejected, 1 warnings
        n malformed in line 8
    "#]];
    check(text, FileFormat::Json, FileFormat::Ndjson, &expected);
    let expected = expect![[r#"
        [
        {"b":1},
        {"b":{
        }}
        ]
        ---
        2 in, 2 out, 0 rejected, 0 warnings
    "#]];
    check("{\"a\":1}{\"a\":{\n}}", FileFormat::Json, FileFormat::Json, &expected);
    // What has no end is one record; whose first line is whole has a record on each line.
    let expected = expect![[r#"
        {"b":1}
        ---
        2 in, 1 out, 1 rejected, 0 warnings
    "#]];
    check("{\n\"a\":1}\n{\"a\":2\n{\"a\":3}\n", FileFormat::Json, FileFormat::Ndjson, &expected);
    let expected = expect![[r#"
        {"b":1}
        {"b":3}
        ---
        3 in, 2 out, 1 rejected, 0 warnings
    "#]];
    check("{\"a\":1}\n{\"a\":2\n{\"a\":3}\n", FileFormat::Json, FileFormat::Ndjson, &expected);
}
