//! A stream is split into what the whole text is split into, however it comes in pieces.

use std::io::{self, Read};

use proptest::prelude::*;

use super::properties::{options, sql};
use crate::{Dialect, SplitError, SplitOptions, StreamError, StreamSplitter, split};

/// Gives a text in pieces of these sizes, over and over.
struct Pieces<'a> {
    rest: &'a [u8],
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()].min(buffer.len()).min(self.rest.len());
        self.turn += 1;
        let (piece, rest) = self.rest.split_at(size);
        buffer[..size].copy_from_slice(piece);
        self.rest = rest;
        Ok(size)
    }
}

/// All of a statement, and what follows the last one.
type Found = (Vec<String>, Option<SplitError>);

fn in_pieces(text: &str, options: SplitOptions, sizes: &[usize]) -> Found {
    let mut splitter =
        StreamSplitter::new(Pieces { rest: text.as_bytes(), sizes: sizes.to_vec(), turn: 0 }, options);
    let mut statements = Vec::new();
    let error = loop {
        match splitter.next_statement() {
            Ok(Some(statement)) => statements.push(format!("{statement:?}")),
            Ok(None) => break None,
            Err(StreamError::Split(error)) => break Some(error),
            Err(error) => panic!("{error:?}"),
        }
    };
    assert!(matches!(splitter.next_statement(), Ok(None)));
    (statements, error)
}

fn whole(text: &str, options: SplitOptions) -> Found {
    let mut statements = Vec::new();
    for statement in crate::Splitter::new(text, options) {
        match statement {
            Ok(statement) => statements.push(format!("{statement:?}")),
            Err(error) => return (statements, Some(error)),
        }
    }
    (statements, None)
}

/// Where pieces may end: anywhere, but seldom where it is interesting.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        Just(vec![1]),
        prop::collection::vec(1..40usize, 1..6),
        prop::collection::vec(prop_oneof![1..400usize, 1..=65_536usize], 1..4),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_text(text in sql(), padding in 0..40usize, options in options(), sizes in sizes()) {
        let text = format!("{}{text}", " ".repeat(padding));
        prop_assert_eq!(in_pieces(&text, options, &sizes), whole(&text, options));
    }

    #[test]
    fn long_texts(texts in prop::collection::vec(sql(), 1..30), options in options(), sizes in sizes()) {
        // One that can't be split ends all; the others are worth more.
        let can_be_split: Vec<_> = texts.iter().filter(|text| split(text, options).is_ok()).cloned().collect();
        for text in [texts.join("\n;\n"), can_be_split.join("\n;\n")] {
            prop_assert_eq!(in_pieces(&text, options, &sizes), whole(&text, options));
        }
    }
}

/// What needs to be seen from afar: each of these is made longer than several pieces.
#[test]
fn what_spans_many_pieces() {
    let long = "é b\u{feff}".repeat(30_000);
    let lines = "x -- \n".repeat(20_000);
    let blanks = " ".repeat(100_000);
    for text in [
        format!("SELECT '{long}';SELECT 2"),
        format!("SELECT 1;{blanks}\n{blanks}SELECT 2;"),
        format!("SELECT E'a'{blanks}-- {long}\n{blanks}'\\';' ; SELECT 2"),
        format!("SELECT E'a'{blanks}-- {long}\n{blanks}/* no */ '\\' ; SELECT 2"),
        format!("USE {long};USE a{blanks}; USE b{blanks}\nUSE c{blanks}"),
        format!("DELIMITER //{blanks}\nSELECT 1; SELECT 2 //\n{blanks}delimiter ;{blanks}\nSELECT 3;"),
        format!("DELIMITER //\nSELECT 1;{blanks}delimiter ;\nSELECT 2//\nSELECT 3//"),
        format!("DELIMITER {long}\nSELECT"),
        format!("COPY t FROM stdin;{blanks}-- {long}\n{lines}\\.\nSELECT 2;"),
        format!("COPY t FROM stdin;{blanks}\n{lines}"),
        format!("COPY t FROM stdin;{blanks}SELECT"),
        format!("SELECT ${}$ ; $", "a".repeat(100_000)),
        format!("SELECT ${0}$ ; ${0}$; SELECT 1", "a".repeat(100_000)),
        format!("SELECT $a({long}); SELECT $b::c({blanks}"),
        format!(
            "CREATE TRIGGER a BEFORE INSERT ON b FOR EACH ROW BEGIN {} END; SELECT 1",
            "SELECT 1;".repeat(20_000)
        ),
        format!("/*! SELECT 1; {long} */; SELECT 2; /*! {lines}"),
        format!("SELECT 1; /* {long}"),
        format!("SELECT 1 {lines} \0"),
        format!("SELECT 1 {lines} ; \\connect"),
        format!("\u{feff}{lines}{long} 'x"),
    ] {
        for dialect in Dialect::ALL {
            for sizes in [&[1][..], &[4096], &[100, 65_536, 3], &[1 << 20]] {
                assert!(
                    in_pieces(&text, dialect.into(), sizes) == whole(&text, dialect.into()),
                    "{dialect} {sizes:?}: {}…",
                    text.chars().take(60).collect::<String>()
                );
            }
        }
    }
}

#[test]
fn memory_is_that_of_the_largest_statement() {
    let text = format!("INSERT INTO t VALUES ('{}', 1, 2, 3);\n-- a comment\n", "a; ".repeat(100));
    let mut splitter = StreamSplitter::new(Read::take(Repeated::of(&text), 50 << 20), Dialect::Mysql);
    let mut largest = 0;
    while let Ok(Some(_)) = splitter.next_statement() {
        largest = largest.max(splitter.window());
    }
    assert!(largest <= 256 << 10, "{largest}");

    let text = format!("SELECT '{}'; ", "a".repeat(1 << 20));
    let mut splitter = StreamSplitter::new(Read::take(Repeated::of(&text), 20 << 20), Dialect::Mysql);
    let mut largest = 0;
    while let Ok(Some(_)) = splitter.next_statement() {
        largest = largest.max(splitter.window());
    }
    assert!((1 << 20..5 << 20).contains(&largest), "{largest}");
}

/// A text without end.
struct Repeated<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Repeated<'a> {
    fn of(text: &'a str) -> Self {
        Repeated { text: text.as_bytes(), at: 0 }
    }
}

impl Read for Repeated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = &self.text[self.at..];
        let length = piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&piece[..length]);
        self.at = (self.at + length) % self.text.len();
        Ok(length)
    }
}

#[test]
fn what_cannot_be_read() {
    struct Broken<'a>(&'a [u8]);
    impl Read for Broken<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("the cable is cut")),
                length => Ok(length),
            }
        }
    }
    let first = "SELECT 1; -- and a comment behind it\n";
    let mut splitter = StreamSplitter::new(Broken(first.as_bytes()), Dialect::Sqlite);
    assert_eq!(splitter.next_statement().unwrap().unwrap().text, "SELECT 1");
    let error = splitter.next_statement().unwrap_err();
    assert_eq!(error.to_string(), "the text can't be read");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the cable is cut");
    assert!(matches!(splitter.next_statement(), Ok(None)));

    for (bad, offset) in [(&b"\xff, 2"[..], 37), (b"\xc3", 37), (b"'\xe2\x82'", 38)] {
        let text = [first.as_bytes(), bad].concat();
        for size in [1, 3, 100] {
            let pieces = Pieces { rest: &text, sizes: vec![size], turn: 0 };
            let mut splitter = StreamSplitter::new(pieces, Dialect::Sqlite);
            assert_eq!(splitter.next_statement().unwrap().unwrap().text, "SELECT 1");
            let error = splitter.next_statement().unwrap_err();
            assert_eq!(error.to_string(), format!("text that is not UTF-8, at offset {offset}"));
        }
    }
}
