use expect_test::expect;

use super::*;

fn args(text: &str) -> (tempfile::NamedTempFile, SplitArgs) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let args = SplitArgs { file: file.path().to_owned(), dialect: Dialect::Postgres };
    (file, args)
}

fn data(args: &SplitArgs) -> SplitData {
    let input = Input::of_file(&args.file).unwrap();
    SplitData {
        file: "a.sql".into(),
        dialect: args.dialect,
        statements: Statements { input, dialect: args.dialect },
    }
}

#[test]
fn the_same_data_is_written_again_and_again() {
    let (_file, args) = args("SELECT 1;\nCOPY t FROM stdin;\n1\n\\.\n");
    let data = data(&args);
    for _ in 0..2 {
        expect![[r#"{"file":"a.sql","dialect":"postgres","statements":[{"text":"SELECT 1","kind":"select","start":0,"end":8,"line":1},{"text":"COPY t FROM stdin","kind":"copy","start":10,"end":27,"line":2,"copy_data":"1\n"}]}"#]]
            .assert_eq(&serde_json::to_string(&data).unwrap());
        let shown = data.render(View { json: false, quiet: false, verbose: false });
        expect![[r#"
            a.sql:1 select  SELECT 1
            a.sql:2 copy  COPY t FROM stdin
            2 statements
        "#]]
        .assert_eq(&anstream::adapter::strip_str(&shown).to_string());
    }
}

#[test]
fn a_file_that_changes_while_it_is_printed_is_an_error() {
    let (file, args) = args("SELECT 1;");
    let data = data(&args);
    std::fs::write(file.path(), "SELECT 1; SELECT '").unwrap();
    let error = serde_json::to_string(&data).unwrap_err().to_string();
    assert!(error.contains("unterminated string"), "{error}");
    let mut shown = String::new();
    assert!(
        data.render_to(View { json: false, quiet: false, verbose: false }, &mut |text| shown.push_str(text))
            .is_err()
    );
}

#[test]
fn a_place_is_named_however_long_the_text_is() {
    for (lines, has_source) in [(10, true), (1_000_000, false)] {
        let (_file, args) = args(&format!("{}SELECT 'x", "SELECT 1, 2, 3, 4;\n".repeat(lines)));
        let failure = run(&args).err().unwrap();
        assert_eq!(failure.code, "split.unterminated");
        let place = failure.place.as_ref().unwrap();
        assert_eq!((place.line, place.column), (Some(lines + 1), Some(8)));
        assert_eq!(failure.source.is_some(), has_source);
    }
}

#[test]
fn text_in_another_encoding() {
    let (file, args) = args("");
    std::fs::write(file.path(), b"SELECT 1; -- caf\xe9\n").unwrap();
    let failure = run(&args).err().unwrap();
    assert_eq!((failure.code, failure.why.as_deref()), ("file.not_utf8", Some("the byte at offset 16")));
}
