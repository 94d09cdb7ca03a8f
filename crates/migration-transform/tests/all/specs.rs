//! Chains from files, and what is said of those that are none.

use expect_test::{Expect, expect};
use migration_transform::spec::Spec;
use migration_transform::{DataMigrator, Path, Record, Warnings};

fn check(toml: &str, expected: &Expect) {
    let told =
        Spec::from_toml(toml).map_or_else(|error| error.to_string(), |spec| format!("{:?}", spec.steps));
    expected.assert_eq(&told);
}

#[test]
fn what_is_wrong_is_told_with_step_field_and_column() {
    check(
        "[[step]]\nrename = { a = 'b' }\n[[step]]\nconvert = { age = 'integer' }",
        &expect![
            "step 2: `convert`: `age`: there is no type `integer`, only int, float, decimal, bool, timestamp, date, string, json"
        ],
    );
    check(
        "[[step]]\nkeep-where = 'age >= and'",
        &expect!["step 1: `keep-where`: column 8: `and` where a value has to be"],
    );
    check(
        "[[step]]\nset = { a = '1', b = 'nope(1)' }",
        &expect![
            "step 1: `set`: `b`: column 1: there is no function `nope`, only lower, upper, trim, length, substr, replace, concat, starts_with, ends_with, contains, abs, round, floor, ceil, coalesce, nullif, iif, cast, try_cast"
        ],
    );
    check(
        "[[step]]\nrenam = { a = 'b' }",
        &expect![
            "step 1: no operation: it has `renam`; a step has one of rename, convert, drop, select, keep-where, set, default, split, merge, flatten, nest, map, lookup, hash, mask"
        ],
    );
    check(
        "[[step]]",
        &expect![
            "step 1: no operation: it is empty; a step has one of rename, convert, drop, select, keep-where, set, default, split, merge, flatten, nest, map, lookup, hash, mask"
        ],
    );
    check(
        "[[step]]\ndrop = ['a']\nselect = ['b']",
        &expect!["step 1: `drop` and `select` in one step: each is a step of its own"],
    );
    check(
        "[[step]]\ndrop = ['a']\non_error = 'keep'",
        &expect!["step 1: `drop`: unknown field `on_error`, expected `drop`"],
    );
    check(
        "[[step]]\nconvert = { a = 'int' }\non_error = 'ignore'",
        &expect![
            "step 1: `convert`: unknown variant `ignore`, expected one of `keep`, `null`, `drop-field`, `reject-record`"
        ],
    );
    check(
        "[[step]]\nrename = { a = 'x', b = 'x' }",
        &expect!["step 1: `rename`: two fields would become `x`"],
    );
    check(
        "[[step]]\nrename = { a = 'x', 'a.b' = 'y' }",
        &expect!["step 1: `rename`: `a.b` lies in `a`: make two steps of this one"],
    );
    check(
        "[[step]]\nrename = { 'a..b' = 'y' }",
        &expect!["step 1: `rename`: `a..b` is no path of a field: a name is empty"],
    );
    check(
        "[[step]]\nconvert = { a = { to = 'int', unit = 'ms' } }",
        &expect!["step 1: `convert`: `a`: `unit` and `zone` are for times, not for int"],
    );
    check(
        "[[step]]\nconvert = { a = { to = 'timestamp', zone = '+2' } }",
        &expect!["step 1: `convert`: `a`: `+2` is no zone: write `Z`, `+02:00` or the like"],
    );
    check(
        "[[step]]\nsplit = 'a'\nseparator = ''\ninto = ['b']",
        &expect!["step 1: `split`: `separator` is empty"],
    );
    check(
        "[[steps]]\ndrop = 'a'",
        &expect![[r#"step 1: `drop`: invalid type: string "a", expected a sequence"#]],
    );
    check(
        "[output]\ndelimiter = ';;'",
        &expect![[r#"the chain: invalid value: string ";;", expected a character"#]],
    );
    check(
        "stepp = []",
        &expect![
            "the chain: unknown field `stepp`, expected one of `input`, `output`, `parquet`, `step`, `steps`"
        ],
    );
    check("[[step]\n", &expect!["the chain is no TOML"]);
}

#[test]
fn a_chain_is_the_same_in_every_language() {
    let toml = Spec::from_toml(
        r#"
        [[step]]
        rename = { z = "b", a = "c" }
        [[step]]
        default = { n = 12, t = 2024-01-02T03:04:05Z, o = { y = 1, x = 2 } }
        "#,
    );
    let json = r#"{"step":[{"rename":{"z":"b","a":"c"}},
        {"default":{"n":12,"t":"2024-01-02T03:04:05Z","o":{"y":1,"x":2}}}]}"#;
    let json = Spec::from_json(json).unwrap();
    assert_eq!(toml.unwrap(), json);
    #[cfg(feature = "yaml")]
    {
        let yaml = "step:\n- rename: {z: b, a: c}\n- default:\n    n: 12\n    t: '2024-01-02T03:04:05Z'\n    o: {y: 1, x: 2}\n";
        assert_eq!(Spec::from_yaml(yaml).unwrap(), json);
    }
}

/// What is said of a text that is no chain, with its cause.
#[track_caller]
fn check_error(read: Result<Spec, migration_transform::Error>, told: &str) {
    let error = read.unwrap_err();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
    assert_eq!(format!("{error}{}", cause.unwrap_or_default()), told);
}

#[test]
fn what_is_no_chain_in_any_language_is_told() {
    check_error(
        Spec::from_json("{\n\"step\": [\n{]}"),
        "the chain is no JSON: line 3, column 2: `]` where a name in double quotes has to be",
    );
    let no_table = |found: &str| format!("the chain: invalid type: {found}, expected a table");
    check_error(Spec::from_json("[]"), &no_table("sequence"));
    check_error(Spec::from_json("[null,null,null,[{\"drop\":[\"a\"]}]]"), &no_table("sequence"));
    check_error(Spec::from_json("1"), &no_table("1"));
    check_error(Spec::from_json("{\"step\":[],\"input\":[\";\"]}"), &no_table("sequence"));
    check_error(Spec::from_json("null"), "the chain: there is nothing in it");
    #[cfg(feature = "yaml")]
    {
        check_error(Spec::from_yaml("# later\n"), "the chain: there is nothing in it");
        check_error(
            Spec::from_yaml("a: 1\na: 2"),
            "the chain is no YAML: line 2, column 1: `a` stands there twice",
        );
    }
    // A byte order mark is none of a chain's business, in whatever language.
    assert!(Spec::from_json("\u{feff}{}").is_ok() && Spec::from_toml("\u{feff}").is_ok());
    #[cfg(feature = "yaml")]
    assert!(Spec::from_yaml("\u{feff}step: []").is_ok());
}

/// The steps of a chain, as values.
fn values(chain: &Spec) -> String {
    format!("{:?}", chain.steps)
}

#[test]
fn no_digit_of_a_literal_is_lost() {
    let numbers =
        "1.10 0.1000000000000000055511151231257827 1e400 18446744073709551616 12345678901234567890123";
    let list = numbers.replace(' ', ",");
    let json = Spec::from_json(&format!(
        r#"{{"step":[{{"default":{{"a":[{list}]}}}},{{"map":{{"a":{{"x":[{list}]}}}}}},
            {{"lookup":"a","table":{{"x":{{"n":[{list}]}}}},"take":{{"b":"n"}}}},
            {{"lookup":"a","table":[{{"k":1,"n":[{list}]}}],"key":"k","take":{{"b":"n"}}}}]}}"#
    ));
    let json = json.unwrap();
    for number in numbers.split(' ') {
        assert_eq!(values(&json).matches(number).count(), 4, "{number}: {}", values(&json));
    }
    let toml = format!(
        "[[step]]\ndefault = {{ a = [{list}] }}\n[[step]]\nmap = {{ a = {{ x = [{list}] }} }}\n\
        [[step]]\nlookup = 'a'\ntable = {{ x = {{ n = [{list}] }} }}\ntake = {{ b = 'n' }}\n\
        [[step]]\nlookup = 'a'\ntable = [{{ k = 1, n = [{list}] }}]\nkey = 'k'\ntake = {{ b = 'n' }}\n"
    );
    assert_eq!(Spec::from_toml(&toml).unwrap(), json);
    #[cfg(feature = "yaml")]
    {
        let yaml = format!(
            "step:\n- default: {{a: [{list}]}}\n- map: {{a: {{x: [{list}]}}}}\n\
            - {{lookup: a, table: {{x: {{n: [{list}]}}}}, take: {{b: n}}}}\n\
            - {{lookup: a, table: [{{k: 1, n: [{list}]}}], key: k, take: {{b: n}}}}\n"
        );
        assert_eq!(Spec::from_yaml(&yaml).unwrap(), json);
    }
}

/// However a chain writes them, what comes of its values is the same.
#[test]
fn literals_have_the_fewest_escapes() {
    let value = r#"{ "\u006b" : [ "\u00e9\/" , {} ] , "n" : 1.0E+5 }"#;
    let json = Spec::from_json(&format!(
        r#"{{"step":[{{"map":{{"a":{{"x":{value}}}}}}}, {{"default":{{"b":{{"o": {value}}}}}}},
            {{"lookup":"c","table":{{"x":{{"v": {value}}}}},"take":{{"d":"v"}}}},
            {{"lookup":"c","table":[{{"k" : "x", "v": {value}}}],"key":"k","take":{{"e":"v"}}}}]}}"#
    ));
    let value = "{ k = ['é/', {}], n = 1.0E+5 }";
    let toml = Spec::from_toml(&format!(
        "[[step]]\nmap = {{ a = {{ x = {value} }} }}\n[[step]]\ndefault = {{ b = {{ o = {value} }} }}\n\
        [[step]]\nlookup = 'c'\ntable = {{ x = {{ v = {value} }} }}\ntake = {{ d = 'v' }}\n\
        [[step]]\nlookup = 'c'\ntable = [{{ k = 'x', v = {value} }}]\nkey = 'k'\ntake = {{ e = 'v' }}\n"
    ));
    let value = r#"{"k":["é/",{}],"n":1.0E+5}"#;
    let expected = format!(r#"{{"a":{value},"c":"x","b":{{"o":{value}}},"d":{value},"e":{value}}}"#);
    let mut chains = vec![json.unwrap(), toml.unwrap()];
    #[cfg(feature = "yaml")]
    {
        let value = r#"{ k: ["\xe9/", {}], n: 1.0E+5 }"#;
        let yaml = Spec::from_yaml(&format!(
            "step:\n- map: {{a: {{x: {value}}}}}\n- default: {{b: {{o: {value}}}}}\n\
            - {{lookup: c, table: {{x: {{v: {value}}}}}, take: {{d: v}}}}\n\
            - {{lookup: c, table: [{{k: x, v: {value}}}], key: k, take: {{e: v}}}}\n"
        ));
        chains.push(yaml.unwrap());
    }
    for spec in chains {
        let migrator = DataMigrator::new(spec).unwrap();
        let record = Record::from_json(r#"{"a":"x","c":"x"}"#).unwrap();
        let made = migrator.migrate_single(record, &mut Warnings::new()).unwrap().unwrap();
        assert_eq!(made.to_json(), expected);
    }
}

#[test]
fn a_path_is_no_deeper_than_a_record() {
    let path = |names: usize| vec!["a"; names].join(".");
    let check = |step: &dyn Fn(&str) -> String, most: usize, operation: &str| {
        let told = |names| Spec::from_json(&format!(r#"{{"step":[{}]}}"#, step(&path(names))));
        told(most).unwrap();
        let why = "the path `a.a.a.a.a.a.a.a.a.a.…` is deeper than the 512 levels that a record may have";
        check_error(told(most + 1), &format!("step 1: `{operation}`: {why}"));
    };
    check(&|path| format!(r#"{{"set":{{"{path}":"1"}}}}"#), 512, "set");
    check(&|path| format!(r#"{{"set":{{"b":"1 + {path}"}}}}"#), 512, "set");
    check(&|path| format!(r#"{{"keep-where":"{path} > 1"}}"#), 512, "keep-where");
    check(&|path| format!(r#"{{"rename":{{"b":"{path}"}}}}"#), 512, "rename");
    check(&|path| format!(r#"{{"nest":{{"{path}":["b"]}}}}"#), 511, "nest");
    check(&|path| format!(r#"{{"merge":["b","{path}"],"into":"b"}}"#), 512, "merge");
    check(&|path| format!(r#"{{"split":"b","into":["{path}"],"separator":" "}}"#), 512, "split");
    // So is one of a program.
    let step = migration_transform::spec::Drop { fields: vec![Path::through(vec!["a"; 513])] };
    let error = DataMigrator::new(Spec { steps: vec![step.into()], ..Spec::default() }).unwrap_err();
    assert!(error.to_string().starts_with("step 1: `drop`: the path `a.a."), "{error}");
}

#[cfg(feature = "yaml")]
#[test]
fn countries_are_texts() {
    let chain =
        "step:\n- default: {c: NO}\n- map: {a: {NO: off, y: 'n', A: NO}}\n- keep-where: c in ('NO', 'DE')\n";
    let json = r#"{"step":[{"default":{"c":"NO"}},{"map":{"a":{"NO":"off","y":"n","A":"NO"}}},
        {"keep-where":"c in ('NO', 'DE')"}]}"#;
    assert_eq!(Spec::from_yaml(chain).unwrap(), Spec::from_json(json).unwrap());
}

#[cfg(feature = "schema")]
#[test]
fn the_schema_knows_every_operation_and_option() {
    let schema = serde_json::to_value(schemars::schema_for!(Spec)).unwrap();
    let step = &schema["$defs"]["Step"]["anyOf"];
    let named: Vec<&str> =
        step.as_array().unwrap().iter().map(|step| step["$ref"].as_str().unwrap()).collect();
    assert_eq!(named.len(), migration_transform::Step::OPERATIONS.len());
    for (reference, operation) in named.iter().zip(migration_transform::Step::OPERATIONS) {
        let definition = &schema["$defs"][reference.rsplit('/').next().unwrap()];
        assert!(
            definition["required"].as_array().unwrap().contains(&(*operation).into()),
            "{operation}: {definition}"
        );
        assert_eq!(definition["additionalProperties"], false, "{operation}");
    }
    let convert = &schema["$defs"]["Convert"]["properties"];
    assert_eq!(convert["convert"]["additionalProperties"]["$ref"], "#/$defs/Target", "{convert}");
}
