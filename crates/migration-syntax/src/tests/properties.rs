//! What holds for every text in every dialect.

use proptest::prelude::*;

use crate::{Dialect, SplitError, SplitOptions, Statement, is_complete, split, tokens};

/// Text made of what matters to a splitter.
pub(super) fn sql() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            ";", "'", "\"", "`", "[", "]", "$$", "$a$", "$", "--", "-- ", "#", "/*", "*/", "/*!", "/*!50003", "\\", "\n",
            "\r\n", " ", "\t", "(", ")", ",", ".", ":", "@", "é", "\u{feff}", "\0", "E'", "U&'", "x'", "0x1", "1e", "\\.\n",
            "DELIMITER ", "delimiter //\n", "//", "COPY t FROM stdin;\n", "USE a\n",
        ]),
        8 => prop::sample::select(vec![
            "begin", "end", "create", "trigger", "procedure", "function", "event", "if", "case", "when", "then", "else", "loop",
            "repeat", "until", "while", "do", "for", "each", "row", "declare", "handler", "atomic", "explain", "with", "select",
            "CREATE TRIGGER a INSERT ON t BEGIN", "CREATE FUNCTION f() BEGIN ATOMIC", "CREATE PROCEDURE p() BEGIN", "END;",
        ]),
    ];
    prop::collection::vec((piece, prop::bool::ANY), 0..24).prop_map(|pieces| {
        pieces
            .into_iter()
            .map(|(piece, blank)| if blank { format!("{piece} ") } else { piece.to_owned() })
            .collect()
    })
}

pub(super) fn options() -> impl Strategy<Value = SplitOptions> {
    (prop::sample::select(Dialect::ALL.to_vec()), any::<[bool; 3]>()).prop_map(|(dialect, switches)| {
        let mut options = SplitOptions::new(dialect);
        [options.backslash_escapes, options.ansi_quotes, options.standard_conforming_strings] = switches;
        options
    })
}

/// A statement without what a splitter might see in it.
fn plain() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "SELECT 1",
        "INSERT INTO t VALUES ('a;b', 'it''s')",
        "UPDATE t SET a = (1 + 2) /* ; */ * 3",
        "DROP TABLE é",
        "CREATE TABLE t (a int, b text)",
        "BEGIN",
        "COMMIT",
        "DELETE FROM t -- ;\n WHERE a = 1",
    ])
    .prop_map(str::to_owned)
}

/// What is not linear takes minutes here, and not the second or two that it may.
#[test]
fn repetitions_take_linear_time() {
    let pieces = [
        "$",
        "'",
        "/*",
        "/*/",
        "/*!",
        "--",
        "(",
        "$a$b",
        "E'' --\n",
        "\\",
        "begin ",
        "begin;",
        "case ",
        "use ",
        ":",
        "$a(",
        "@",
        "DELIMITER ",
        "DELIMITER ;\n",
        "CREATE TRIGGER a BEGIN ;",
        "COPY t FROM stdin; --x\n",
        "\u{feff}",
    ];
    let begun = std::time::Instant::now();
    for (dialect, piece) in Dialect::ALL.into_iter().flat_map(|dialect| pieces.map(|piece| (dialect, piece)))
    {
        for head in ["", "SELECT 1 ", "CREATE PROCEDURE p() BEGIN ", "DELIMITER ////////////a\n"] {
            let _ = split(&format!("{head}{}", piece.repeat(100_000 / piece.len())), dialect);
        }
    }
    assert!(begun.elapsed().as_secs() < 30, "took {:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_split_or_refused(text in sql(), options in options()) {
        check_spans(&text, split(&text, options), options)?;
        is_complete(&text, options);
    }

    #[test]
    fn arbitrary_text_too(text in any::<String>(), options in options()) {
        check_spans(&text, split(&text, options), options)?;
    }

    #[test]
    fn tokens_follow_each_other_without_a_gap(text in sql(), options in options()) {
        let mut at = 0;
        for token in tokens(&text, options) {
            let Ok(token) = token else { return Ok(()) };
            prop_assert_eq!(token.start, at);
            prop_assert!(token.end > token.start);
            prop_assert_eq!(&text[token.start..token.end], token.text);
            prop_assert!(token.identifier().len() <= token.text.len());
            at = token.end;
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn statements_side_by_side_stay_what_they_are(
        parts in prop::collection::vec(plain(), 0..6), dialect in prop::sample::select(Dialect::ALL.to_vec()),
    ) {
        let whole = split(&parts.join(";\n"), dialect).map(texts);
        prop_assert_eq!(whole, Ok(parts));
    }

    #[test]
    fn a_statement_alone_is_one_statement(text in sql(), options in options()) {
        // A delimiter set before it, and the data behind it, are no part of a statement's text; a byte order mark
        // means something else at the start, and so does MySQL's `--` at the end.
        let is_self_contained = |text: &str| !text.contains('\u{feff}') && !text.ends_with("--");
        let lower = text.to_lowercase();
        if ["delimiter", "stdin", "use"].iter().any(|word| lower.contains(word)) {
            return Ok(());
        }
        let Ok(statements) = split(&text, options) else { return Ok(()) };
        for statement in statements.iter().filter(|statement| is_self_contained(statement.text)) {
            prop_assert_eq!(split(statement.text, options).map(texts), Ok(vec![statement.text.to_owned()]));
        }
    }
}

fn texts(statements: Vec<Statement<'_>>) -> Vec<String> {
    statements.into_iter().map(|statement| statement.text.to_owned()).collect()
}

/// Spans are in order, without overlap, on character boundaries, and leave out nothing but trivia and delimiters.
fn check_spans(
    text: &str,
    split: Result<Vec<Statement<'_>>, SplitError>,
    options: SplitOptions,
) -> Result<(), TestCaseError> {
    let statements = match split {
        Ok(statements) => statements,
        Err(error) => {
            prop_assert!(error.offset() <= text.len() && text.is_char_boundary(error.offset()));
            prop_assert_eq!(error.line(), text[..error.offset()].matches('\n').count() + 1);
            return Ok(());
        }
    };
    let mut at = 0;
    for statement in &statements {
        prop_assert!(at <= statement.start && statement.start < statement.end);
        prop_assert_eq!(text.get(statement.start..statement.end), Some(statement.text));
        prop_assert_eq!(statement.line, text[..statement.start].matches('\n').count() + 1);
        at = statement.end;
    }
    if statements.iter().any(|statement| statement.copy_data.is_some()) {
        return Ok(());
    }
    for token in tokens(text, options) {
        let Ok(token) = token else { return Ok(()) };
        use crate::TokenKind as T;
        let left_out =
            matches!(token.kind, T::Blank | T::Comment | T::Semicolon | T::Delimiter | T::ClientCommand);
        let owners =
            statements.iter().filter(|owner| owner.start <= token.start && token.end <= owner.end).count();
        prop_assert!(owners == 1 || (owners == 0 && left_out), "{:?} is in {} statements", token, owners);
    }
    Ok(())
}
