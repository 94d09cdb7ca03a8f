//! Comments change nothing: with comments between its tokens a text has the same statements, comments aside.

use proptest::prelude::*;

use super::properties::{options, sql};
use crate::{Dialect, SplitError, SplitOptions, StatementKind, TokenKind, split, tokens};

/// What a splitter must not look into. Some end a line, some don't.
const COMMENTS: &[&str] = &["", "/* ; ' */", "/*\"$$`[\n;*/", "-- ; '\n", "-- END $$\r\n"];

/// Those that one dialect has.
fn own_comment(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "/*;--'*/",
        Dialect::Postgres => "/* /* ; */ ' */",
        Dialect::Mysql => "# ; '\n",
    }
}

/// Statements that hold others, which all can be split.
fn scripts() -> impl Strategy<Value = (String, SplitOptions)> {
    let of = |dialect: Dialect| {
        let own: &[&str] = match dialect {
            Dialect::Sqlite => &[
                "CREATE TEMP TRIGGER a AFTER DELETE ON t BEGIN SELECT ';'; SELECT CASE 1 WHEN 2 THEN [;] END; END;",
                "EXPLAIN QUERY PLAN SELECT $a::b(;), :end, ?1;",
            ],
            Dialect::Postgres => &[
                "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a = 1 THEN 2 END; SELECT 3; END;",
                "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);",
                "DO $do$ BEGIN PERFORM ';'; END $do$; SELECT E'\\';', U&\"a;\", $1;",
            ],
            Dialect::Mysql => &[
                "CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; ELSE l: LOOP LEAVE l; END LOOP l; END IF; END;",
                "CREATE /*!50017 DEFINER=`a`@`b` */ TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END;",
                "/*!40101 SET NAMES utf8 */; SELECT 'a\\';', \"b;\", 1--1, IF(a, b, c);",
            ],
        };
        let common = [
            "SELECT 1;",
            "INSERT INTO t VALUES ('a;b', 'it''s', -1.5e+3, x'00');",
            "WITH a AS (SELECT 1) DELETE FROM b WHERE c.d = e.f;",
            "BEGIN;",
        ];
        let pieces: Vec<_> = common.iter().chain(own).copied().collect();
        prop::collection::vec(prop::sample::select(pieces), 1..8)
            .prop_map(move |pieces| (pieces.join("\n"), SplitOptions::new(dialect)))
    };
    prop_oneof![of(Dialect::Sqlite), of(Dialect::Postgres), of(Dialect::Mysql)]
}

/// The same text with comments between its tokens, by these numbers.
fn commented(text: &str, options: SplitOptions, choices: &[u8]) -> String {
    let mut result = String::new();
    let (mut before, mut before_kind) = ("", None);
    for (token, choice) in tokens(text, options).map_while(Result::ok).zip(choices.iter().cycle()) {
        let comment = match usize::from(*choice) % (COMMENTS.len() + 1) {
            n if n < COMMENTS.len() => COMMENTS[n],
            _ => own_comment(options.dialect),
        };
        // A string of PostgreSQL goes on behind a line end and such comments; a dash and a blank or another dash may
        // begin a comment, and behind a comment only the line's end ends it.
        let goes_on = token.kind == TokenKind::String && !comment.ends_with('/');
        let joins = before == "-" || before_kind == Some(TokenKind::Comment);
        if !comment.is_empty() && !goes_on && !joins {
            result.push(' ');
            result.push_str(comment);
            result.push(' ');
        }
        result.push_str(token.text);
        (before, before_kind) = (token.text, Some(token.kind));
    }
    result
}

/// The statements without comments and blanks.
fn bare(text: &str, options: SplitOptions) -> Result<Vec<(StatementKind, String)>, SplitError> {
    let all: Vec<_> =
        tokens(text, options).map_while(Result::ok).filter(|token| !token.is_trivia()).collect();
    let of = |start: usize, end: usize| {
        all.iter().filter(|token| start <= token.start && token.end <= end).map(|token| token.text).collect()
    };
    let statements = split(text, options)?;
    Ok(statements.iter().map(|statement| (statement.kind, of(statement.start, statement.end))).collect())
}

/// Lines count in what a client reads: a comment that ends one is not like blanks there.
fn has_lines_for_clients(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["delimiter", "stdin", "use", "\u{feff}"].iter().any(|word| lower.contains(word))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn comments_change_nothing_in_scripts(
        (text, options) in scripts(), choices in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let with_comments = commented(&text, options, &choices);
        let expected = bare(&text, options);
        prop_assert!(expected.is_ok());
        prop_assert_eq!(bare(&with_comments, options), expected, "{}", with_comments);
    }

    #[test]
    fn comments_change_nothing_in_any_text(
        text in sql(), options in options(), choices in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let Ok(expected) = bare(&text, options) else { return Ok(()) };
        if !has_lines_for_clients(&text) {
            let with_comments = commented(&text, options, &choices);
            prop_assert_eq!(bare(&with_comments, options), Ok(expected), "{}", with_comments);
        }
    }
}

#[test]
fn comments_are_inserted() {
    let options = Dialect::Mysql.into();
    assert_eq!(commented("a;b", options, &[0, 1, 5]), "a /* ; ' */ ; # ; '\n b");
}
