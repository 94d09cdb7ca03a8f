//! What holds for every text: two bytes choose the options and the pieces, the rest is the text.
//!
//! The same rules as in the property tests, on inputs that coverage leads to.

#![no_main]

use std::io::{self, Read};

use libfuzzer_sys::fuzz_target;
use migration_syntax::{
    Dialect, SplitError, SplitErrorKind, SplitOptions, Splitter, Statement, StatementKind, StreamError,
    StreamSplitter, TokenKind, is_complete, tokens,
};

fuzz_target!(|data: &[u8]| {
    let [switches, size, text @ ..] = data else { return };
    let options = options(*switches);
    let Ok(text) = std::str::from_utf8(text) else {
        // What is not UTF-8 is refused by the stream, and has no other way in.
        let mut splitter = StreamSplitter::new(Pieces { rest: text, size: *size }, options);
        while let Ok(Some(_)) = splitter.next_statement() {}
        return;
    };
    let (statements, error) = whole(text, options);
    check_spans(text, &statements);
    if let Some(error) = &error {
        assert!(text.is_char_boundary(error.offset()));
        assert_eq!(error.line(), 1 + text[..error.offset()].matches('\n').count());
    }
    check_tokens(text, options, &statements, error.as_ref());
    check_stream(text, options, *size, &statements, error.as_ref());
    check_complete(text, options, error.as_ref());
});

fn options(switches: u8) -> SplitOptions {
    let mut options = SplitOptions::new(Dialect::ALL[usize::from(switches) % Dialect::ALL.len()]);
    options.backslash_escapes = switches & 0x20 == 0;
    options.ansi_quotes = switches & 0x40 != 0;
    options.standard_conforming_strings = switches & 0x80 == 0;
    options
}

fn whole(text: &str, options: SplitOptions) -> (Vec<Statement<'_>>, Option<SplitError>) {
    let mut statements = Vec::new();
    for statement in Splitter::new(text, options) {
        match statement {
            Ok(statement) => statements.push(statement),
            Err(error) => return (statements, Some(error)),
        }
    }
    (statements, None)
}

/// Spans are in bounds, ascending and on character boundaries.
fn check_spans(text: &str, statements: &[Statement<'_>]) {
    let mut at = 0;
    for statement in statements {
        assert!(at <= statement.start && statement.start < statement.end);
        assert_eq!(text.get(statement.start..statement.end), Some(statement.text));
        assert_eq!(statement.line, 1 + text[..statement.start].matches('\n').count());
        at = statement.end;
        if let Some(rows) = statement.copy_data {
            assert!(text[at..].contains(rows));
        }
    }
}

/// No byte is lost: tokens have no gap between them, and each is in a statement or is something that belongs to none.
fn check_tokens(text: &str, options: SplitOptions, statements: &[Statement<'_>], error: Option<&SplitError>) {
    if statements.iter().any(|statement| statement.copy_data.is_some()) {
        return;
    }
    let mut at = 0;
    let all = statements;
    let mut statements = all.iter().peekable();
    for token in tokens(text, options) {
        let token = match token {
            Ok(token) => token,
            Err(_) if error.is_some() => return,
            // The client sends a line `USE name` whatever is open in it; of that only the splitter knows.
            Err(found) => {
                assert_eq!(found.kind(), SplitErrorKind::UnterminatedComment);
                assert!(all.iter().any(|statement| statement.kind == StatementKind::Use));
                return;
            }
        };
        assert_eq!((token.start, token.text), (at, &text[token.start..token.end]));
        at = token.end;
        while statements.next_if(|statement| statement.end <= token.start).is_some() {}
        let Some(statement) = statements.peek() else {
            if error.is_some() {
                return;
            }
            assert!(belongs_to_none(token.kind), "{token:?}");
            continue;
        };
        let is_before = token.end <= statement.start && belongs_to_none(token.kind);
        assert!(is_before || (statement.start <= token.start && token.end <= statement.end), "{token:?}");
    }
    assert_eq!(at, text.len());
}

fn belongs_to_none(kind: TokenKind) -> bool {
    use TokenKind as T;
    matches!(kind, T::Blank | T::Comment | T::Semicolon | T::Delimiter | T::ClientCommand)
}

/// The stream finds the same, however the text comes in pieces.
fn check_stream(
    text: &str,
    options: SplitOptions,
    size: u8,
    statements: &[Statement<'_>],
    error: Option<&SplitError>,
) {
    let mut splitter = StreamSplitter::new(Pieces { rest: text.as_bytes(), size }, options);
    for statement in statements {
        assert_eq!(splitter.next_statement().ok().flatten(), Some(*statement));
    }
    match (splitter.next_statement(), error) {
        (Ok(None), None) => {}
        (Err(StreamError::Split(found)), Some(error)) => assert_eq!(found, *error),
        (found, error) => panic!("{found:?} is not {error:?}"),
    }
    assert!(matches!(splitter.next_statement(), Ok(None)));
}

/// What is complete can be split, and stays complete behind a comment and before another statement.
fn check_complete(text: &str, options: SplitOptions, error: Option<&SplitError>) {
    if !is_complete(text, options) {
        return;
    }
    // `sqlite3_complete` knows less than the parser, and doesn't look at what is no token.
    if options.dialect != Dialect::Sqlite {
        assert_eq!(error, None);
    }
    // A delimiter may be anything, such as what begins a comment or a string.
    if text.to_ascii_lowercase().contains("delimiter") {
        return;
    }
    assert!(is_complete(&format!("{text}\n-- more\n"), options));
    assert!(!is_complete(&format!("{text}\n'"), options));
}

/// Gives a text in pieces of one size.
struct Pieces<'a> {
    rest: &'a [u8],
    size: u8,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = usize::from(self.size).max(1).min(self.rest.len()).min(buffer.len());
        let (piece, rest) = self.rest.split_at(size);
        buffer[..size].copy_from_slice(piece);
        self.rest = rest;
        Ok(size)
    }
}
