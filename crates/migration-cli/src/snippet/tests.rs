//! How errors look.

use expect_test::{Expect, expect};

use super::*;
use crate::failure::Place;

fn check(failure: &Failure, expected: &Expect) {
    let text = anstream::adapter::strip_str(&render(failure, &failure.next_actions)).to_string();
    expected.assert_eq(&text);
}

fn wrong(text: &str, word: &str) -> SourceText {
    let start = text.find(word).unwrap();
    SourceText::new("m/1_a/up.sql", text, start..start + word.len(), "no such column: nam")
}

#[test]
fn a_failed_statement() {
    let text = "-- users\n\nCREATE TABLE users (name TEXT);\nINSERT INTO users (nam)\nVALUES ('x');\n\n\nSELECT 1;\n";
    let mut failure = Failure::new("apply.statement_failed", "migration `1_a` failed")
        .because("no such column: nam")
        .pointing_at(wrong(text, "nam)"))
        .advise(NextAction::manual("correct m/1_a/up.sql"))
        .advise(NextAction::run("then apply again", "migration up"));
    failure.notes.push("nothing of this run is in effect".into());
    check(
        &failure,
        &expect![[r#"
            error[apply.statement_failed]: migration `1_a` failed
             --> m/1_a/up.sql:4:20
              |
            3 | CREATE TABLE users (name TEXT);
            4 | INSERT INTO users (nam)
              |                    ^^^^ no such column: nam
            5 | VALUES ('x');
              |
              = note: nothing of this run is in effect
            help: correct m/1_a/up.sql
            help: then apply again: migration up"#]],
    );
}

#[test]
fn a_huge_statement_is_cut() {
    let rows: String = (0..1000).map(|n| format!("  ({n}, 'x'),\n")).collect();
    let text = format!("INSERT INTO t VALUES\n{rows}  (1, 'y');\n");
    let all = SourceText::new("big.sql", &*text, 0..text.len() - 2, "UNIQUE constraint failed: t.id");
    check(
        &Failure::new("apply.statement_failed", "migration `big` failed").pointing_at(all),
        &expect![[r#"
            error[apply.statement_failed]: migration `big` failed
              --> big.sql:1:1
               |
             1 | / INSERT INTO t VALUES
             2 | |   (0, 'x'),
             3 | |   (1, 'x'),
             4 | |   (2, 'x'),
             5 | |   (3, 'x'),
             6 | |   (4, 'x'),
             7 | |   (5, 'x'),
             8 | |   (6, 'x'),
             9 | |   (7, 'x'),
            10 | |   (8, 'x'),
            11 | |   (9, 'x'),
            12 | |   (10, 'x'),
               | |____________^ UNIQUE constraint failed: t.id (the statement goes on to line 1002)"#]],
    );
}

#[test]
fn a_long_line_is_cut() {
    let text = format!("INSERT INTO t VALUES ({}wrong{})", "1, ".repeat(1000), ", 2".repeat(1000));
    let failure =
        Failure::new("apply.statement_failed", "migration `long` failed").pointing_at(wrong(&text, "wrong"));
    check(
        &failure,
        &expect![[r#"
            error[apply.statement_failed]: migration `long` failed
             --> m/1_a/up.sql:1:3023
              |
            1 | … 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, wrong, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2…
              |                                          ^^^^^ no such column: nam"#]],
    );
}

#[test]
fn an_error_without_a_text() {
    let failure = Failure::new("history.changed", "migration `1` was edited after being applied")
        .at(Place { file: Some("m/1/up.sql".into()), ..Place::default() })
        .advise(NextAction::run("if the edit is right", "migration repair --accept 1"));
    check(
        &failure,
        &expect![[r#"
            error[history.changed]: migration `1` was edited after being applied
            --> m/1/up.sql
            help: if the edit is right: migration repair --accept 1"#]],
    );
    check(
        &Failure::new("usage.no_database_url", "no database was named"),
        &expect!["error[usage.no_database_url]: no database was named"],
    );
}

#[test]
fn any_span_of_any_text_has_a_window() {
    for text in ["", "\n", "a", "é\né", "a\r\nb", &"é".repeat(500)] {
        for start in 0..=text.len() + 1 {
            for end in start..=text.len() + 2 {
                let window = Window::around(&SourceText::new("x", text, start..end, "w"));
                assert!(window.text.get(window.span).is_some(), "{text:?} {start}..{end}");
            }
        }
    }
}
