//! The behaviour of the whole crate, on fixtures: one file per dialect, and what holds for all of them.

mod comments;
mod mysql;
mod postgres;
mod properties;
mod sqlite;
mod stream;

use std::fmt::Write as _;

use expect_test::Expect;

use crate::{SplitOptions, is_complete, split, tokens};

/// Compares the statements of a text, one per line: line, span, kind and text; or the error.
#[expect(clippy::needless_pass_by_value, reason = "an `expect!` at the end of a call reads best without `&`")]
fn check(options: impl Into<SplitOptions>, text: &str, expected: Expect) {
    let mut shown = String::new();
    match split(text, options) {
        Ok(statements) => {
            for statement in statements {
                let (line, start, end) = (statement.line, statement.start, statement.end);
                assert_eq!(statement.text, &text[start..end]);
                let _ = writeln!(shown, "{line} {start}..{end} {}: {:?}", statement.kind, statement.text);
                if let Some(data) = statement.copy_data {
                    let _ = writeln!(shown, "  data: {data:?}");
                }
            }
        }
        Err(error) => {
            let _ = writeln!(shown, "error: {error}");
        }
    }
    expected.assert_eq(&shown);
}

/// Compares the tokens of a text, blanks left out.
#[expect(clippy::needless_pass_by_value, reason = "an `expect!` at the end of a call reads best without `&`")]
fn check_tokens(options: impl Into<SplitOptions>, text: &str, expected: Expect) {
    let mut shown = String::new();
    for token in tokens(text, options) {
        let token = token.unwrap();
        if token.kind != crate::TokenKind::Blank {
            let _ = writeln!(shown, "{:?} {}", token.kind, token.text);
        }
    }
    expected.assert_eq(&shown);
}

/// Asserts that each of these texts is one statement, and stays one beside others.
fn check_whole(options: impl Into<SplitOptions>, texts: &[&str]) {
    let options = options.into();
    for text in texts {
        let three = format!("SELECT 1;\n{text};\nSELECT 2;");
        let found: Vec<_> = split(&three, options).unwrap().iter().map(|statement| statement.text).collect();
        assert_eq!(found, ["SELECT 1", text, "SELECT 2"]);
        assert!(is_complete(&three, options));
        assert!(!is_complete(text, options));
    }
}

/// Asserts that the names of tokens, unquoted, are these.
fn check_names(options: impl Into<SplitOptions>, text: &str, expected: &[&str]) {
    let tokens: Vec<_> =
        tokens(text, options).map(Result::unwrap).filter(|token| !token.is_trivia()).collect();
    let names: Vec<_> = tokens.iter().map(crate::Token::identifier).collect();
    assert_eq!(names, expected);
}
